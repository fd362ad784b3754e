"""In the window, too, rows of a sample are called by their numbers in the file."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from gmmdesk.data.options import ReadOptions
from gmmdesk.data.steps import LeaveOutRows
from gmmdesk.ui.hover import row_card
from gmmdesk.ui.leave_out_dialog import leave_out
from gmmdesk.ui.panels.data_panel import DataPanel
from gmmdesk.ui.selection import How
from gmmdesk.ui.views.diagnosis.view import DiagnosisView
from gmmdesk.ui.views.table import TableView
from tests.ui.conftest import find_clusters

DOWN = Qt.Orientation.Vertical


@pytest.fixture
def sampled(qtbot, document, tmp_path):
    """Of 300 rows, in which y is ten times the row's number, 120; every 50th is far out."""
    path = tmp_path / "numbered.csv"
    x = np.random.default_rng(3).normal(size=300)
    x[49::50] = 60.0
    lines = [f"{x[row]:.4f},{10 * (row + 1)}.5" for row in range(300)]
    path.write_text("\n".join(["x,y", *lines]) + "\n")
    with qtbot.waitSignal(document.prepared_changed):
        document.open(str(path), ReadOptions(sample_rows=120, sample_seed=1))
    find_clusters(qtbot, document, 2, models=("VVV",))
    return document


def number_by_y(document, row):
    return round(document.dataset.column("y").number(row)) // 10


def test_the_table_the_map_and_steps_say_the_same(qtbot, sampled):
    view = TableView(sampled)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: not view.is_busy)
    for line in (0, 40, 119):
        called = number_by_y(sampled, view.model.row(line))
        assert view.model.headerData(line, DOWN) == str(called)
    assert called > 120
    panel = DataPanel(sampled)
    qtbot.addWidget(panel)
    assert any("120 of 300 rows × 2 columns" in one.text() for one in panel.findChildren(QLabel))
    card = row_card(sampled.dataset, sampled.prepared, 119, None, ())
    assert card.startswith(f"<b>Row {called}</b>")
    leave_out(sampled, [119])
    assert sampled.settings.steps == (LeaveOutRows(rows=(called,)),)
    find_clusters(qtbot, sampled, 2)
    assert np.setdiff1d(np.arange(120), sampled.analysis.prepared.rows).tolist() == [119]
    qtbot.waitUntil(lambda: not view.is_busy)
    view.close_workers()


def test_trust_and_why_say_the_same(qtbot, sampled):
    view = DiagnosisView(sampled)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: not view.is_busy)
    odd = [number_by_y(sampled, one.row) for one in view.found.odd_rows]
    shown = [view.outliers.model.index(i, 0).data() for i in range(len(odd))]
    assert shown == [str(number) for number in odd]
    box, panel = view.why.row, view.why.panel
    numbers = sampled.dataset.row_numbers.tolist()
    absent = next(number for number in range(100, 300) if number not in numbers)
    before = max(number for number in numbers if number < absent)
    after = min(number for number in numbers if number > absent)
    for key, reached in ((Qt.Key.Key_Down, before), (Qt.Key.Key_Up, after)):
        box.setValue(absent)
        qtbot.waitUntil(lambda: not view.is_busy)
        assert panel.said.text() == f"Row {absent} is not in the sample that was read."
        qtbot.keyClick(box, key)
        qtbot.waitUntil(lambda: not view.is_busy)
        assert box.value() == reached
        assert panel.said.text().startswith(f"Row {reached} is ")
        assert number_by_y(sampled, panel.found.row) == reached
    sampled.selection.change_rows(np.array([77]), How.REPLACE, "one")
    qtbot.mouseClick(view.why.take, Qt.MouseButton.LeftButton)
    assert box.value() == number_by_y(sampled, 77)
    qtbot.waitUntil(lambda: not view.is_busy)
    view.close_workers()
