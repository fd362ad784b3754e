import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from gmmdesk.analysis.palette import NO_COLOR, color
from gmmdesk.export import write


@pytest.fixture
def written(tmp_path):
    """Writes an analysis: the workbook opened, and its charts as XML."""

    def write_and_open(analysis):
        path = tmp_path / "out.xlsx"
        write(analysis, path)
        with zipfile.ZipFile(path) as archive:
            charts = [
                archive.read(name).decode()
                for name in sorted(archive.namelist())
                if name.startswith("xl/charts/chart")
            ]
        return openpyxl.load_workbook(path), charts

    return write_and_open


def fills(chart):
    return re.findall(r'<c:dPt>.*?<a:srgbClr val="(\w{6})"/>', chart)


def test_bars_have_the_clusters_colours(analysis, noisy, written):
    _book, (chart,) = written(analysis)
    assert fills(chart) == [color(k)[1:] for k in range(2)]
    assert "Clusters!$D$2:$D$3" in chart
    _book, (chart,) = written(noisy)
    assert fills(chart) == [color(0)[1:], color(1)[1:], NO_COLOR[1:]]


def test_the_criterion_by_clusters_is_a_table_and_a_line_for_each_model(analysis, written):
    sound, other, hopeless = analysis.candidates
    tried = (sound, other, replace(other, n_components=3, bic=290.0), hopeless)
    book, (_sizes, chart) = written(replace(analysis, candidates=tried))
    sheet = book["Model comparison"]
    block = [[cell.value for cell in row[12:15]] for row in sheet.iter_rows(max_row=4)]
    assert block == [
        ["BIC by clusters", "EEE", "VVV"],
        [2, 301.5, 300.1],
        [3, None, 290.0],
        [None, None, None],
    ]
    assert chart.count("<c:ser>") == 2
    assert sheet.auto_filter.ref == "A1:K5"


def test_one_number_of_clusters_makes_no_line(analysis, written):
    sheet = written(analysis)[0]["Model comparison"]
    assert sheet.max_column == 11
