"""Selecting rows on the map with the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.views.map.selecting import Tool
from tests.ui.views.map.conftest import (
    center_of,
    click,
    fit_two,
    give,
    in_window,
    many_rows,
    scattered,
    settle,
    shown,
    table,
)

LEFT = Qt.MouseButton.LeftButton
NOTHING = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(qtbot, document):
    """Rows on a grid: x 0..9, y 0..9, row 10 x + y."""
    x, y = np.divmod(np.arange(100.0), 10.0)
    give(qtbot, document, table(x=x, y=y))
    return shown(qtbot, document)


def use(qtbot, view, tool):
    qtbot.mouseClick(view.tools.buttons[tool], LEFT)
    assert view.tools.tool is tool


def stroke(qtbot, view, points, modifiers=NOTHING):
    """Drag along points of the map, and wait for what is selected by it."""
    port = view.plot.viewport()
    before = None
    while view.plot.box.rect() != before:  # painting finds out how much room the axes need
        before = view.plot.box.rect()
        view.plot.grab()
        view.plot.lay_out()
    at = [in_window(view, *point) for point in points]
    # The first movement is a few pixels: only then pyqtgraph takes it for a drag.
    path = [at[0] + QPoint(6, 0), *at[1:]]
    qtbot.mouseMove(port, at[0])
    qtbot.mousePress(port, LEFT, modifiers, at[0])
    for position in path:
        _move(view, position, modifiers)
    qtbot.mouseRelease(port, LEFT, modifiers, at[-1])
    qtbot.waitUntil(lambda: not view._document.selection.is_busy)
    settle(qtbot, view)


def _move(view, position, modifiers):
    """QTest sends movements without the buttons that are down."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtGui import QMouseEvent

    port = view.plot.viewport()
    where = QPointF(position)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        where,
        QPointF(port.mapToGlobal(position)),
        Qt.MouseButton.NoButton,
        LEFT,
        modifiers,
    )
    QCoreApplication.sendEvent(port, event)


def selected(document):
    return document.selection.rows.rows().tolist()


def box(x0, y0, x1, y1):
    return [10 * x + y for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]


def test_a_rectangle_selects_the_rows_inside(qtbot, view, document):
    use(qtbot, view, Tool.RECTANGLE)
    region = view.plot.visible_rect()
    stroke(qtbot, view, [(1.5, 1.5), (3.0, 3.0), (4.5, 3.5)])
    assert selected(document) == box(2, 2, 4, 3)
    assert view.plot.visible_rect() == region, "the map must not have moved"
    assert sorted(view.selected.dots.rows.tolist()) == box(2, 2, 4, 3)
    assert view.selected.veil.isVisible()


def test_keys_add_take_away_and_intersect(qtbot, view, document):
    use(qtbot, view, Tool.RECTANGLE)
    stroke(qtbot, view, [(-0.4, -0.4), (1.5, 1.5)])
    stroke(qtbot, view, [(4.5, 4.5), (5.5, 5.5)], SHIFT)
    assert selected(document) == [0, 1, 10, 11, 55]
    stroke(qtbot, view, [(-0.4, -0.4), (0.5, 1.5)], CTRL)
    assert selected(document) == [10, 11, 55]
    stroke(qtbot, view, [(0.5, 0.5), (6.5, 6.5)], SHIFT | CTRL)
    assert selected(document) == [11, 55]
    document.undo()
    assert selected(document) == [10, 11, 55]


def test_a_lasso_selects_what_it_surrounds(qtbot, view, document):
    use(qtbot, view, Tool.LASSO)
    stroke(
        qtbot, view, [(-0.4, -0.4), (3.6, -0.4), (3.6, 0.4), (0.4, 0.4), (0.4, 3.6), (-0.4, 3.6)]
    )
    assert selected(document) == [0, 1, 2, 3, 10, 20, 30]


def test_without_a_tool_dragging_moves_the_map(qtbot, view, document):
    region = view.plot.visible_rect()
    stroke(qtbot, view, [(1.5, 1.5), (3.0, 3.0), (4.5, 3.5)])
    assert document.selection.count == 0
    assert view.plot.visible_rect() != region


def test_escape_gives_up_a_stroke_and_leaves_what_is_selected(qtbot, view, document):
    use(qtbot, view, Tool.RECTANGLE)
    stroke(qtbot, view, [(1.5, 1.5), (4.5, 3.5)])
    port, at = view.plot.viewport(), in_window(view, 5.5, 5.5)
    qtbot.mousePress(port, LEFT, NOTHING, at)
    _move(view, at + QPoint(30, 30), NOTHING)
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    _move(view, at + QPoint(40, 40), NOTHING)
    qtbot.mouseRelease(port, LEFT, NOTHING, at + QPoint(40, 40))
    assert selected(document) == box(2, 2, 4, 3)
    document.selection.clear()
    assert not view.selected.veil.isVisible()


def test_a_click_selects_a_row_and_ctrl_toggles(qtbot, view, document):
    click(qtbot, view, in_window(view, 3.0, 4.0))
    assert selected(document) == [34]
    qtbot.mouseClick(view.plot.viewport(), LEFT, CTRL, in_window(view, 7.0, 1.0))
    assert selected(document) == [34, 71]
    qtbot.mouseClick(view.plot.viewport(), LEFT, CTRL, in_window(view, 3.0, 4.0))
    assert selected(document) == [71]
    click(qtbot, view, in_window(view, 3.5, 4.5))  # where there is nothing
    assert selected(document) == []


def test_ctrl_and_a_click_on_a_centre_select_its_cluster(qtbot, document):
    give(qtbot, document, scattered())
    view = shown(qtbot, document)
    fit_two(qtbot, document)
    settle(qtbot, view)
    label = document.analysis.rows.label
    center = center_of(view, 1)
    qtbot.mouseClick(view.plot.viewport(), LEFT, CTRL, center)
    assert selected(document) == np.flatnonzero(label == 1).tolist()
    qtbot.mouseClick(view.plot.viewport(), LEFT, CTRL, center)
    assert document.selection.count == 0


def test_selected_rows_stand_out_beside_a_chosen_cluster(qtbot, document):
    """Whatever cluster they are of, and however unsure: nothing is stronger than what they are."""
    rng = np.random.default_rng(2)
    rows = rng.normal(np.repeat([[0.0, 0.0], [3.0, 3.0]], 60, axis=0), 1.0)
    give(qtbot, document, table(a=rows[:, 0], b=rows[:, 1]))
    fit_two(qtbot, document)
    view, label = shown(qtbot, document), document.analysis.rows.label
    unsure = int(document.analysis.rows.probability.argmin())
    document.set_current_cluster(1 - int(label[unsure]))
    sure = int(np.flatnonzero(label == label[unsure])[0])
    document.selection.set(RowSet.of_rows(sorted({sure, unsure}), 120))
    settle(qtbot, view)
    for name in ("ellipses", "labels"):
        view.toolbar.layers.switch(name).setChecked(False)
    settle(qtbot, view)
    image = view.plot.viewport().grab().toImage()
    wanted = QColor(document.colors[int(label[unsure])])
    for row in (sure, unsure):
        found = image.pixelColor(in_window(view, *rows[row]))
        off = [abs(a - b) for a, b in zip(found.getRgb(), wanted.getRgb(), strict=True)]
        assert max(off) < 0.15 * 255  # dots let a little of what lies below through


def test_many_selected_rows_are_counted_and_few_are_dots(qtbot, document):
    give(qtbot, document, many_rows(30_000))
    view = shown(qtbot, document)
    document.selection.all()
    settle(qtbot, view)
    assert view.selected.cells.picture is not None
    assert view.selected.cells.picture.counts.sum() == 30_000
    stray = int(np.argmax(view.rows.scene.x))
    document.selection.set(RowSet.of_rows([stray], 30_000))
    settle(qtbot, view)
    assert view.selected.cells.picture is None
    assert view.selected.dots.rows.tolist() == [stray]


def test_rows_that_are_left_out_do_not_shift_the_others(qtbot, document):
    values = np.arange(10.0)
    holes = values.copy()
    holes[3] = np.nan
    give(qtbot, document, table(a=values, b=holes))
    view = shown(qtbot, document)
    use(qtbot, view, Tool.RECTANGLE)
    stroke(qtbot, view, [(1.5, 1.5), (5.5, 5.5)])
    assert selected(document) == [2, 4, 5]
    np.testing.assert_array_equal(
        view.rows.scene.x[view.selected.dots.rows].round(6), [2.0, 4.0, 5.0]
    )


def test_of_one_column_a_range_is_selected(qtbot, document):
    give(qtbot, document, table(a=np.arange(50.0)))
    view = shown(qtbot, document)
    use(qtbot, view, Tool.LASSO)
    stroke(qtbot, view, [(9.5, 0.001), (15.0, 0.002), (20.5, 0.003)])
    assert selected(document) == list(range(10, 21))
    histogram = view.histogram.histogram
    assert histogram.selected.sum() == 11
    assert (histogram.selected <= histogram.bars.counts.sum(axis=0)).all()
    document.selection.clear()
    settle(qtbot, view)
    assert histogram.selected is None
