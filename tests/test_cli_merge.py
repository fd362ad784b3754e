"""Merging on the command line, of a fit and of a session."""

from __future__ import annotations

import csv
import json
import shlex
from dataclasses import replace

import pytest

from gmmdesk.analysis.combining import asked_grouping, combined
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.cli import main
from gmmdesk.cli.arguments import parser
from gmmdesk.data.readers import read
from gmmdesk.export.recipes import command
from gmmdesk.session.files import write_session
from tests.session.conftest import session_about

FIT = ("--columns=a,b", "--k=3", "--model=EEE", "--restarts=2")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i % 3 * 4 + i / 50},{i * 7 % 11 + i % 3}" for i in range(90)]
    path.write_text("\n".join(["a,b", *rows]) + "\n")
    return path


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_merged_clusters_are_written_and_printed(table, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert main(["fit", str(table), *FIT, "--merge", "2", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["k"], told["merged"]["k"], len(told["weights"])) == (3, 2, 3)
    assert "gmm_p2" in rows_of(out)[0]
    assert "gmm_p3" not in rows_of(out)[0]
    assert main(["fit", str(table), *FIT, "--merge=1+3", "--diagnose"]) == 0
    printed = capsys.readouterr().out
    assert "2 clusters merged from 3 components" in printed
    assert "Components 1 and 3 are cluster 1; component 2 is cluster 2." in printed


def test_what_cannot_be_merged_is_refused(table, capsys):
    assert main(["fit", str(table), *FIT, "--merge", "4"]) == 2
    assert "3 components cannot be merged into 4 clusters" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["nonsense", "1+1", "", "0", "9" * 5000])
def test_what_does_not_say_what_to_merge_is_refused_before_reading(text, tmp_path, capsys):
    assert main(["fit", str(tmp_path / "not there.csv"), f"--merge={text}"]) == 2
    refused = capsys.readouterr().err
    assert "merge" in refused or "component 1 twice" in refused
    assert "not there" not in refused


def test_clusters_that_lie_apart_stay_so_and_it_is_said(tmp_path, capsys):
    path = tmp_path / "t.csv"
    rows = [f"{i % 3 * 40 + i % 7 / 3},{i % 3 % 2 * 30 + i % 5 / 3}" for i in range(105)]
    path.write_text("\n".join(["a,b", *rows]) + "\n")
    fit = ["fit", str(path), "--columns=a,b", "--k=3", "--model=EII", "--restarts=5"]
    assert main([*fit, "--merge=auto"]) == 0
    assert "No clusters were merged: nothing overlaps enough, or" in capsys.readouterr().out
    assert main([*fit, "--merge=3"]) == 0
    assert "No clusters were merged" not in capsys.readouterr().out


def test_a_session_keeps_what_was_merged(table, tmp_path, capsys):
    made = session_about(read(table), k_min=3, k_max=3, models=("EEE",))
    weights = made.analysis.scaled.weights
    grouping = Grouping.combining([0, 1, 0], weights)
    answer = made.session.answer._replace(
        grouping=grouping, given_names={0: "Ends", 1: "Middle", 2: "Ends"}
    )
    path = tmp_path / "s.gmmdesk"
    write_session(replace(made.session, answer=answer), path)
    out = tmp_path / "out.csv"
    assert main(["fit", str(path), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["merged"]["components"] == [
        cluster + 1 for cluster in grouping.of
    ]
    assert {row["gmm_cluster_name"] for row in rows_of(out)} == {"Ends", "Middle"}
    assert main(["fit", str(path), "--out", str(out), "--merge=2+3", "--quiet"]) == 0
    assert {row["gmm_cluster_name"] for row in rows_of(out)} == {"Ends", "Middle + 1 more"}
    assert main(["fit", str(path), "--out", str(out), "--merge=3", "--json"]) == 0
    assert "merged" not in json.loads(capsys.readouterr().out)


def test_the_copied_command_merges_the_same(table):
    analysis = session_about(read(table), k_min=3, k_max=3, models=("EEE",)).analysis
    analysis = combined(analysis, Grouping.combining([0, 1, 1], analysis.scaled.weights))
    asked = parser().parse_args(shlex.split(command(analysis))[1:]).merge
    assert asked_grouping(analysis, asked) == analysis.grouping
