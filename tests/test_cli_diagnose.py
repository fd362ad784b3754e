"""Whether the answer can be trusted, on the command line."""

from __future__ import annotations

import json

import pytest

from gmmdesk import cli

FIT = ["fit", "sample:penguins", "--k", "3", "--model", "EEE", "--restarts", "2", "--quiet"]


def test_the_diagnosis_is_printed(capsys):
    assert cli.main([*FIT, "--diagnose", "--labels", "species"]) == 0
    out = capsys.readouterr().out
    assert "Can it be trusted?" in out
    assert "bell" in out
    assert "k-means" in out
    assert "species agrees" in out
    (gentoo,) = [line for line in out.splitlines() if line.split()[:1] == ["Gentoo"]]
    assert "123" in gentoo.split()


def test_the_diagnosis_as_plain_values_says_what_is_printed(capsys):
    assert cli.main([*FIT, "--diagnose", "--labels", "species", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["diagnosis"]
    assert cli.main([*FIT, "--diagnose", "--labels", "species"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for finding in found["findings"]:
        assert finding["text"] in printed
    assert [one["cluster"] for one in found["clusters"]] == [1, 2, 3]
    for one in found["clusters"]:
        assert sum(one["overlap"]) == pytest.approx(1.0)
        assert one["bell"] in (True, False)
    gentoo = found["labels"]["groups"].index("Gentoo")
    assert sum(row[gentoo] for row in found["labels"]["table"]) == 123
    assert len(found["outliers"]["rows"]) == found["outliers"]["n"]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--labels", "specie"], "no column 'specie'"),
        (["--labels", "body_mass_g"], "different values"),
        (["--labels", "specie", "--json"], "no column 'specie'"),
        (["--diagnose", "--print-python"], "do not go with --print-python"),
    ],
)
def test_what_cannot_be_diagnosed_is_said(capsys, extra, said):
    assert cli.main([*FIT, *extra]) == 2
    assert said in capsys.readouterr().err
