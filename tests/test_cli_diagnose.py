"""Whether the answer can be trusted, on the command line."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--labels", "specie"], "no column 'specie'"),
        (["--labels", "body_mass_g"], "different values"),
        (["--diagnose", "--json"], "does not go with --json"),
    ],
)
def test_what_cannot_be_diagnosed_is_said(capsys, extra, said):
    assert cli.main([*FIT, *extra]) == 2
    assert said in capsys.readouterr().err
