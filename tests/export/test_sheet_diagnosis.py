"""The sheets Diagnosis and Outliers say what the window says of the same answer."""

from __future__ import annotations

import re

import numpy as np
import openpyxl
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.outliers import LEVELS
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.selected import only_rows
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.cli.diagnosing import describe_diagnosis
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read_text
from gmmdesk.data.row_set import RowSet
from gmmdesk.export import write
from gmmdesk.export.judgement import diagnosis_summary
from gmmdesk.export.report import page, report
from tests.running import finish

NAMES = ("Small", "Large")
ODD = 60  # the row that is far off, 0-based


@pytest.fixture(scope="module")
def found():
    """Two clusters that overlap a little, one of them skewed, and a row far from both."""
    random = np.random.default_rng(3)
    X = random.normal(size=(300, 2)) + np.repeat([[0.0, 0.0], [5.0, 0.0]], 150, axis=0)
    X[150:, 1] = 4.0 * random.exponential(size=150)
    X[ODD] = [-7.0, 0.5]
    rows = "\n".join(f"{a:.6f},{b:.6f}" for a, b in X)
    table = read_text(f"width,height\n{rows}\n")
    settings = Settings(k_min=2, k_max=2, models=("VVV",), restarts=2)
    return diagnose(finish(analyse(table, settings)))


@pytest.fixture(scope="module")
def book(found, tmp_path_factory):
    path = tmp_path_factory.mktemp("sheets") / "out.xlsx"
    write(found.analysis, path, names=NAMES)
    return openpyxl.load_workbook(path)


def records(sheet, first=1):
    header, *rows = sheet.iter_rows(min_row=first, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_each_cluster_has_its_shape_and_overlap(found, book):
    lines = records(book["Trust"])[:2]
    assert [line["Name"] for line in lines] == list(NAMES)
    assert [line["Rows"] for line in lines] == found.analysis.sizes.tolist()
    for k, line in enumerate(lines):
        assert (line["Shape"] == "bell-shaped") == found.shapes[k].is_bell
        assert line["p-value"] == pytest.approx(found.shapes[k].p_value)
        assert line["Elsewhere"] == pytest.approx(1.0 - found.overlap[k, k])
        assert line["Most to"] == NAMES[1 - k]
        assert line["Share there"] == pytest.approx(found.overlap[k, 1 - k])
    assert "not bell-shaped" in {line["Shape"] for line in lines}


def test_doubts_of_a_cluster_are_the_findings_against_it(found, book):
    findings = {one.text for one in remarks(found, NAMES) if one.grade is Grade.IN_DOUBT}
    for line in records(book["Trust"])[:2]:
        doubts = line["Doubts"] or ""
        assert ("not bell-shaped" in doubts) == (line["Shape"] == "not bell-shaped")
        assert all((text in doubts) == (line["Name"] in text) for text in findings)


def test_findings_stand_below_the_clusters(found, book):
    findings = records(book["Trust"], 5)
    said = remarks(found, NAMES)
    assert [one["Question"] for one in findings] == [one.about for one in said]
    assert [one["In words"] for one in findings] == [one.text for one in said]
    helps = [one["What may help"] or "" for one in findings]
    assert helps == ["; ".join(one.may_help) for one in said]
    assert [one["Finding"] for one in findings] == [one.grade.capitalize() for one in said]


def test_report_command_line_and_programs_say_the_grades_in_the_same_words(found):
    said = [one.grade for one in remarks(found, NAMES)]
    assert {Grade.IN_ORDER, Grade.IN_DOUBT} <= set(said)
    written = page(report(found.analysis, NAMES))
    assert re.findall(r'<th class="grade \w+">(.*?)</th>', written) == [
        g.capitalize() for g in said
    ]
    printed = describe_diagnosis(found.analysis, NAMES)
    assert [line[:8] for line in printed if line[:8] in {f"{g:8}" for g in Grade}] == [
        f"{g:8}" for g in said
    ]
    assert [one["grade"] for one in diagnosis_summary(found, NAMES)["findings"]] == said


def test_outliers_come_with_the_columns_that_make_them_odd(found, book):
    lines = records(book["Outliers"])
    assert list(dict.fromkeys(line["Row"] for line in lines)) == (
        (found.outliers.rows + 1).tolist()
    )
    odd = next(line for line in lines if line["Row"] == ODD + 1)
    assert (odd["Column"], odd["Value"], odd["Is"]) == ("width", -7.0, "low")
    assert odd["Value"] < odd["Mostly from"] < odd["to"]
    assert odd["Due to it"] > 0.5
    assert book["Outliers"].auto_filter.ref


def test_components_of_one_cluster_are_judged_one_by_one(found, tmp_path):
    whole = combined(found.analysis, Grouping((0, 0), (0,)))
    facts = diagnosis_summary(diagnose(whole), ("Both",))
    assert [one["name"] for one in facts["clusters"]] == ["Both (part 1)", "Both (part 2)"]
    assert [one["cluster"] for one in facts["clusters"]] == [1, 1]
    assert {one["cluster"] for one in facts["outliers"]["odd"]} == {1}
    path = tmp_path / "out.xlsx"
    write(whole, path, names=("Both",))
    lines = records(openpyxl.load_workbook(path)["Trust"])[:2]
    assert [line["Name"] for line in lines] == ["Both (part 1)", "Both (part 2)"]
    assert sum(line["Rows"] for line in lines) == whole.sizes.sum()
    assert [line["Most to"] for line in lines] == [None, None]


def written(analysis, path, **options):
    write(analysis, path, names=NAMES, **options)
    return openpyxl.load_workbook(path)


def cells(sheet):
    return list(sheet.iter_rows(values_only=True))


def test_selected_rows_come_with_the_diagnosis_of_all(found, book, tmp_path):
    """The least sure rows alone would have half of them in the wrong cluster."""
    analysis = found.analysis
    unsure = np.argsort(analysis.rows.probability)[:40]
    rows = np.union1d(unsure, [ODD])
    part = only_rows(analysis, RowSet.of_rows(rows, 300))
    assert part.verdict == analysis.verdict
    assert remarks(diagnose(part), NAMES)[-2].text == remarks(found, NAMES)[-2].text
    some = written(part, tmp_path / "some.xlsx")
    assert cells(some["Trust"]) == cells(book["Trust"])
    listed = {line["Row in the file"] for line in records(some["Outliers"])}
    assert listed == {row + 1 for row in found.outliers.rows.tolist() if row in rows}
    assert ODD + 1 in listed
    odd = [line for line in records(book["Outliers"]) if line["Row"] == ODD + 1]
    own = [one for one in records(some["Outliers"]) if one["Row in the file"] == ODD + 1]
    assert [list(line.values()) for line in own] == [list(line.values()) for line in odd]


def test_rows_that_were_all_left_out_are_written(tmp_path):
    text = "a,b\n" + "\n".join(f"{i % 7},{(i * i) % 11 + 20 * (i % 2)}" for i in range(60))
    settings = Settings(k_min=2, k_max=2, models=("EII",), restarts=1, missing="leave-out")
    analysis = finish(analyse(read_text(f"{text}\n,1\n2,\n"), settings))
    part = only_rows(analysis, RowSet.of_rows([60, 61], 62))
    some = written(part, tmp_path / "left_out.xlsx")
    assert len(cells(some["Rows"])) == 3
    assert cells(some["Outliers"])[1:] == []
    about = dict(cells(some["About"]))
    assert about["Verdict"] == verdict_in_words(analysis.verdict).headline


def test_outliers_of_a_sample_have_their_numbers_in_the_file(tmp_path):
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 2)) + np.repeat([[0.0, 0.0], [9.0, 9.0]], 200, axis=0)
    X[::40] = [40.0, -40.0]
    text = "x,y\n" + "\n".join(f"{a:.3f},{b:.3f}" for a, b in X)
    table = read_text(text, ReadOptions(sample_rows=150, sample_seed=1))
    analysis = finish(analyse(table, Settings(k_min=2, k_max=2, models=("VVV",), restarts=1)))
    book = written(analysis, tmp_path / "sample.xlsx")
    listed = {line["Row in the file"] for line in records(book["Outliers"]) if line["Value"]}
    far = {line["Row in the file"] for line in records(book["Rows"]) if line["x"] == 40.0}
    assert far
    assert all((row - 1) % 40 == 0 for row in far)
    summary = diagnosis_summary(diagnose(analysis), NAMES)["outliers"]
    assert set(summary["rows"]) == {line["Row in the file"] for line in records(book["Outliers"])}
    assert [one["row"] for one in summary["odd"]] == summary["rows"][: len(summary["odd"])]
    assert listed <= set(summary["rows"])
    said = "\n".join(describe_diagnosis(analysis, NAMES))
    assert all(f"Row {row:,}: " in said for row in far)
    values = {line["Row in the file"]: line["x"] for line in records(book["Rows"])}
    told = [line for line in records(book["Outliers"]) if line["Column"] == "x"]
    assert told
    assert all(values[line["Row in the file"]] == line["Value"] for line in told)


def test_what_was_found_already_is_what_is_written(found, tmp_path):
    """At the level that the user chose to look at outliers with."""
    wide = diagnose(found.analysis, LEVELS[-1])
    book = written(found.analysis, tmp_path / "found.xlsx", found=wide)
    listed = {line["Row"] for line in records(book["Outliers"])}
    assert listed == set((wide.outliers.rows + 1).tolist())
    assert len(listed) > found.outliers.n
