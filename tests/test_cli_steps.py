"""Preparation steps on the command line."""

from __future__ import annotations

import json

import pytest
from pandas import read_csv

from gmmdesk import cli


def test_steps_on_the_command_line(capsys, tmp_path):
    file = tmp_path / "steps.json"
    file.write_text('[{"step": "log", "columns": ["average_order_usd"]}]')
    status = cli.main(
        [
            *("fit", "sample:customers", "--k", "2", "--model", "full", "--restarts", "1"),
            *("--steps", str(file), "--step", "yeo-johnson days_between_orders"),
            *("--step", "hold-out share=0.1", "--json"),
        ]
    )
    assert status == 0
    said = json.loads(capsys.readouterr().out)
    assert said["columns"][:2] == ["log(average_order_usd)", "Yeo-Johnson(days_between_orders)"]
    assert [entry["step"] for entry in said["preparation"]["steps"]] == [
        "log average_order_usd",
        "yeo-johnson days_between_orders",
        "hold-out share=0.1 seed=0",
    ]


def test_steps_are_told_in_words(capsys):
    status = cli.main(
        [
            *("fit", "sample:customers", "--k", "2", "--model", "full", "--restarts", "1"),
            *("--step", "log average_order_usd", "--step", "hold-out share=0.1"),
        ]
    )
    assert status == 0
    out = capsys.readouterr().out
    for words in ("1. Logarithm of", "median average_order_usd", "held out: mean log", "median of"):
        assert words in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--step", "sqrt a"], "no step 'sqrt'"),
        (["--step", "log days_since"], "'days_since' is not among"),
        (["--steps", "absent.json"], "absent.json cannot be read"),
    ],
)
def test_wrong_steps_are_refused(capsys, options, words):
    assert cli.main(["fit", "sample:customers", *options]) == 2
    assert words in capsys.readouterr().err


def test_a_file_of_steps_is_read_with_suspicion(capsys, tmp_path):
    file = tmp_path / "steps.json"
    for data in (b"[1]", b'{"step": "log"}', b"\xff", b"[" * 100_000):
        file.write_bytes(data)
        assert cli.main(["fit", "sample:customers", "--steps", str(file)]) == 2
        assert "cannot be read" in capsys.readouterr().err


def test_rows_are_written_with_the_marks_of_the_input(capsys, tmp_path):
    cells = [f"{i % 7},5{i % 3}0;{i * i % 11},{i % 9};x,{i}" for i in range(1, 61)]
    (tmp_path / "t.csv").write_text("\n".join(["a;b;c", *cells]) + "\n", "utf-8")
    fit = ["fit", str(tmp_path / "t.csv"), "--k", "2", "--model", "VVV", "--restarts", "1"]
    saved = ["--save", str(tmp_path / "m.json")]
    own, plain = tmp_path / "own.csv", tmp_path / "plain.csv"
    assert cli.main([*fit, *saved, "--quiet", "--out", str(plain)]) == 0
    as_input = ["--quiet", "--out", str(own), "--out-dialect", "as-input"]
    for words in (fit, ["apply", str(tmp_path / "m.json"), str(tmp_path / "t.csv")]):
        own.unlink(missing_ok=True)
        assert cli.main([*words, *as_input]) == 0
        lines = own.read_text("utf-8").splitlines()
        assert [";".join(line.split(";")[:3]) for line in lines[1:]] == cells
        usual = read_csv(plain)
        found = read_csv(own, sep=";", decimal=",", dtype={"c": str})
        assert found["gmm_p1"].tolist() == usual["gmm_p1"].tolist()
        assert list(found.columns) == list(usual.columns)
    assert plain.read_text("utf-8").splitlines()[1].split(",")[0] != "1,510"
    assert not capsys.readouterr().err
