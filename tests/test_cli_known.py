"""Known clusters on the command line."""

from __future__ import annotations

import csv
import json
import shlex

import pytest

from gmmdesk.analysis import analyse
from gmmdesk.cli import main
from gmmdesk.cli.arguments import asked_settings, parser
from gmmdesk.data.readers import read
from gmmdesk.export.recipes import command
from tests.running import finish


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i % 2 * 9 + i / 50},{i * 7 % 11},{'low' if i == 4 else ''}" for i in range(60)]
    path.write_text("\n".join(["a,b,segment", *rows]) + "\n")
    return path


def test_known_rows_are_in_the_export_and_the_summary(table, tmp_path, capsys):
    out = tmp_path / "out.csv"
    options = ["--columns=a,b", "--k=2", "--model=VVV", "--known-column=segment", "--known=2=6,8"]
    assert main(["fit", str(table), *options, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows_known"] == 3
    with out.open() as file:
        rows = list(csv.DictReader(file))
    known = {i: row["gmm_cluster"] for i, row in enumerate(rows) if row["gmm_known"] == "true"}
    assert known == {4: "1", 5: "2", 7: "2"}
    assert rows[4]["gmm_cluster_name"] == "low"
    assert float(rows[4]["gmm_probability"]) == 1.0


def test_the_copied_command_asks_for_the_same(table):
    options = ["fit", str(table), "--columns=a,b", "--k=2", "--known=2=6,8-9"]
    settings = asked_settings(parser().parse_args([*options, "--known-column=segment"]))
    analysis = finish(analyse(read(str(table)), settings))
    words = shlex.split(command(analysis))
    assert asked_settings(parser().parse_args(words[1:])) == settings


def test_too_few_clusters_are_refused_in_words(table, capsys):
    assert main(["fit", str(table), "--k=2", "--known=3=1"]) == 2
    assert "belong to 3 clusters" in capsys.readouterr().err
