"""A session on the command line: what was found is written, not fitted again."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gmmdesk import cli
from gmmdesk.analysis.palette import character, color
from gmmdesk.session.files import write_session


@pytest.fixture
def saved(pasted, tmp_path):
    path = tmp_path / "work.gmmdesk"
    write_session(pasted.session, path, embed=pasted.dataset)
    return path


def test_the_answer_is_written_with_its_names(saved, pasted, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gmmdesk.analysis.analyse", lambda *_, **__: pytest.fail("fitted again"))
    out = tmp_path / "out.csv"
    assert cli.main(["fit", str(saved), "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["log_likelihood"] == pasted.analysis.result.log_likelihood
    rows = pd.read_csv(out)
    assert set(rows["gmm_cluster_name"].dropna()) == set(pasted.session.answer.names())
    outliers = rows["gmm_outlier"].dropna().to_numpy(bool)
    chosen = pasted.session.answer.outlier_level
    np.testing.assert_array_equal(outliers, pasted.analysis.rows.outliers(chosen))


def test_the_answer_is_written_in_the_colours_and_shapes_of_its_clusters(pasted, tmp_path):
    answer = pasted.session.answer._replace(given_colors={}, signs=(2, 0))
    path, book, page = (tmp_path / name for name in ("a.gmmdesk", "a.xlsx", "a.html"))
    write_session(replace(pasted.session, answer=answer), path, embed=pasted.dataset)
    assert cli.main(["fit", str(path), "--out", str(book), "--out", str(page)]) == 0
    sheet = pd.read_excel(book, sheet_name="Clusters", engine="openpyxl")
    assert sheet["Colour"][:2].tolist() == [color(2), color(0)]
    swatches = re.findall(r'class="swatch"[^>]*>(.)<', page.read_text(encoding="utf-8"))
    assert swatches[:2] == [character(2), character(0)]


def test_other_choices_are_fitted_with_the_rest_of_the_session_s(saved, capsys):
    assert cli.main(["fit", str(saved), "--k", "3", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["k"] == 3
    assert printed["model"] == "VVV"


def test_a_changed_table_is_refused(tmp_path, capsys):
    from gmmdesk.data.readers import read
    from tests.session.conftest import PASTED, session_about

    table = tmp_path / "t.csv"
    table.write_text(PASTED.replace("\t", ","))
    made = session_about(read(table), k_min=2, k_max=2, models=("VVV",))
    write_session(made.session, tmp_path / "s.gmmdesk")
    assert cli.main(["fit", str(tmp_path / "s.gmmdesk")]) == 0
    assert f"was read from {table}." in capsys.readouterr().out
    table.write_text(table.read_text() + "x,1,2\n")
    assert cli.main(["fit", str(tmp_path / "s.gmmdesk")]) == 2
    assert "has changed" in capsys.readouterr().err
    table.unlink()
    assert cli.main(["fit", str(tmp_path / "s.gmmdesk")]) == 2
    assert "t.csv" in capsys.readouterr().err


def test_options_for_reading_are_refused_with_a_session(saved, capsys):
    assert cli.main(["fit", str(saved), "--sheet", "nonsense", "--decimal", "comma"]) == 2
    message = capsys.readouterr().err
    assert "--sheet, --decimal cannot be used" in message
    assert "was read when it was saved" in message


@pytest.mark.parametrize("command", [["apply", "model.json"], ["inspect"]])
def test_other_commands_say_that_they_want_a_table(saved, capsys, command):
    assert cli.main([*command, str(saved)]) == 2
    assert "is a session, no table" in capsys.readouterr().err
