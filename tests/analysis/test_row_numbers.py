"""Rows are called by their number in the file, also where only a sample of them was read."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.known import known_labels
from gmmdesk.analysis.settings import KnownRows
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.analysis.why import why
from gmmdesk.analysis.why_words import why_in_words
from gmmdesk.cli import main
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.prepare import prepare
from gmmdesk.data.readers import read_text
from gmmdesk.data.receipt import unreadable_cells
from gmmdesk.data.steps import LeaveOutRows
from gmmdesk.engine.result import Collapse
from gmmdesk.engine.rows.memberships import UNKNOWN
from gmmdesk.errors import DataError
from gmmdesk.export import write
from gmmdesk.export.report import report
from tests.running import finish

N = 400
SAMPLE = ReadOptions(sample_rows=300, sample_seed=2)


def text() -> str:
    """Two clusters, and every hundredth row together far from both."""
    random = np.random.default_rng(0)
    X = random.normal(size=(N, 2)) + np.repeat([[0.0, 0.0], [9.0, 9.0]], N // 2, axis=0)
    X[99::100] = [40.0, -40.0] + random.normal(size=(N // 100, 2)) / 10
    lines = [f"{x:.4f},{y:.4f}" for x, y in X]
    lines[6] = "oops,1"
    return "\n".join(["x,y", *lines]) + "\n"


@pytest.fixture(scope="module")
def sample():
    return read_text(text(), SAMPLE)


@pytest.fixture(scope="module")
def found(sample):
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2, prior="always")
    return finish(analyse(sample, settings))


def test_numbers_lead_to_rows_and_back(sample):
    values = read_text(text()).column("y").numbers()
    rows = np.arange(sample.n_rows)
    numbers = sample.numbers_of(rows)
    np.testing.assert_array_equal(values[numbers - 1], sample.column("y").numbers())
    assert [sample.number_of(row) for row in (0, 7)] == numbers[[0, 7]].tolist()
    np.testing.assert_array_equal(sample.rows_numbered(numbers), rows)
    absent = np.setdiff1d(np.arange(1, N + 1), numbers)
    assert len(sample.rows_numbered(absent)) == 0
    assert sample.rows_numbered(np.array([absent[0], numbers[5], N + 1, 0])).tolist() == [5]
    assert sample.last_number == N


@pytest.mark.parametrize("options", [ReadOptions(), ReadOptions(row_limit=50)], ids=str)
def test_without_a_sample_they_count_the_rows(options):
    table = read_text(text(), options)
    assert table.numbers_of(np.array([0, 7])).tolist() == [1, 8]
    assert table.rows_numbered(np.array([0, 1, 8, table.n_rows + 1])).tolist() == [0, 7]
    assert table.last_number == table.n_rows


def test_the_file_the_answer_and_the_findings_speak_of_the_same_rows(sample, found):
    values = sample.column("x").numbers()
    far = np.flatnonzero(values > 30)
    numbers = sample.numbers_of(far)
    assert len(far) > 1
    assert (numbers % 100 == 0).all()
    listed = f"rows {', '.join(map(str, numbers.tolist()))}"
    names = [f"Cluster {k + 1}" for k in range(3)]
    assert any(listed in ground.text for ground in verdict_in_words(found.verdict).grounds)
    told = remarks(diagnose(found), names)
    assert any(listed in remark.text for remark in told)
    for remark in told:  # leaving them out leaves out these and no others
        for remedy in remark.remedies:
            for step in remedy.changes(found.settings).get("steps", ()):
                if isinstance(step, LeaveOutRows):
                    assert set(step.rows) == set(numbers.tolist())
                    left = prepare(sample, steps=(step,))
                    assert not set(far.tolist()) & set(left.rows.tolist())
                    assert "Left out" in left.outcomes[0].text
    assert f"Row {numbers[0]:,} " in why_in_words(why(found, int(far[0])), names)[0]
    collapsed = replace(found, result=replace(found.result, collapse=Collapse(1, far)))
    assert f"({', '.join(map(str, numbers.tolist()))})" in collapsed.as_told.message


def test_report_and_workbook_say_how_many_there_are_in_the_file(found, tmp_path):
    facts = dict(report(found, ["a", "b", "c"]).facts)
    assert facts["Rows"] == f"299 used of 300 read, of {N} in the file"
    write(found, tmp_path / "sample.xlsx")
    about = openpyxl.load_workbook(tmp_path / "sample.xlsx")["About"]
    told = {row[0]: row[1] for row in about.iter_rows(values_only=True)}
    assert (told["Rows in the file"], told["Rows read"], told["Rows used"]) == (N, 300, 299)


def test_rows_are_left_out_and_known_by_their_numbers(sample):
    numbers = sample.numbers_of(np.array([3, 4]))
    absent = int(np.setdiff1d(np.arange(1, N + 1), sample.row_numbers)[0])
    rows = tuple(sorted([*numbers.tolist(), absent]))
    prepared = prepare(sample, steps=(LeaveOutRows(rows=rows),))
    assert np.flatnonzero(prepared.left_out)[:2].tolist() == [3, 4]
    assert prepared.outcomes[0].text.endswith(
        "1 of those chosen are not in the sample that was read."
    )
    labels = known_labels(Settings(known=(KnownRows(cluster=2, rows=rows),)), sample)
    assert np.flatnonzero(labels != UNKNOWN).tolist() == [3, 4]
    with pytest.raises(DataError, match=f"no row 401; the last is {N}"):
        prepare(sample, steps=(LeaveOutRows(rows=(N + 1,)),))
    with pytest.raises(DataError, match=f"there are {N} rows"):
        known_labels(Settings(known=(KnownRows(cluster=1, rows=(N + 1,)),)), sample)


def test_cells_that_could_not_be_read_are_in_rows_of_the_file(sample):
    (cell,) = unreadable_cells(sample)
    assert (cell.row, cell.raw) == (7, "oops")
    shown = [one.row for one in sample.receipt.cells if one.column == "x"]
    assert set(shown) <= set(sample.row_numbers.tolist())
    assert max(shown) > N * 0.6


def test_the_command_line_takes_and_prints_them(tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_text(text())
    assert main(["inspect", str(path), "--sample=300", "--sample-seed=2"]) == 0
    assert "row 7: 'oops' (line 8)" in capsys.readouterr().out
    options = ["--k=2", "--model=VVV", "--restarts=1", "--sample=300", "--sample-seed=2", "--json"]
    far = ",".join(str(row) for row in range(100, N + 1, 100))
    assert main(["fit", str(path), *options, f"--step=leave-out-rows {far}"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert max(mean[0] for mean in summary["means"]) < 12.0
