"""Preparation steps on the command line."""

from __future__ import annotations

import json

import pytest

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
