"""What clusters may be instead stands wherever they are listed, in the words of the headline."""

from __future__ import annotations

import io

import numpy as np
import openpyxl
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.headline import headline
from gmmdesk.cli.printing import describe_fit
from gmmdesk.data.readers import read_text
from gmmdesk.export import workbook
from gmmdesk.export.report.contents import report
from gmmdesk.export.report.pages import page
from gmmdesk.export.summary import summary
from gmmdesk.task import Task
from tests.running import finish

NAMES = ("Left", "Right", "Away")


@pytest.fixture(scope="module")
def analysis():
    """Two clusters, and three rows far away."""
    random = np.random.default_rng(3)
    centers = np.repeat([[0.0, 0.0], [9.0, 0.0], [4.0, 30.0]], (50, 40, 3), axis=0)
    rows = centers + random.normal(size=centers.shape)
    text = "x,y\n" + "\n".join(f"{x:.4f},{y:.4f}" for x, y in rows)
    found = finish(analyse(read_text(text), Settings(k_min=3, k_max=3, models=("EEI",))))
    assert headline(found.verdict).endswith("one of them perhaps outliers.")
    return found


def test_in_the_report(analysis):
    told = report(analysis, NAMES)
    assert [one.mark for one in told.clusters] == ["", "", "perhaps outliers"]
    assert 'Away<br><span class="quiet">perhaps outliers</span>' in page(told)


def test_in_the_workbook(analysis):
    file = io.BytesIO()
    workbook.write_workbook(analysis, file, NAMES, Task())
    header, *lines = openpyxl.load_workbook(file)["Clusters"].iter_rows(values_only=True)
    place = header.index("Remark")
    assert header[place - 1] == "How sure"
    assert header[place + 1] == "Mean of x"
    assert [line[place] for line in lines[:3]] == [None, None, "perhaps outliers"]
    assert lines[2][place + 1] == pytest.approx(analysis.result.means[2, 0])


def test_on_the_command_line(analysis):
    lines = describe_fit(analysis, ())
    at = next(i for i, line in enumerate(lines) if line.split()[:1] == ["cluster"])
    assert "remark" in lines[at]
    assert ["perhaps outliers" in line for line in lines[at + 1 : at + 4]] == [False, False, True]
    assert summary(analysis)["verdict"]["marks"] == ["", "", "perhaps outliers"]
