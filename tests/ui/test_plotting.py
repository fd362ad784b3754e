"""The plot that all views share."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis.ticks import tick_texts
from gmmdesk.ui.plotting import Plot


@pytest.fixture
def plot(qtbot):
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.box.setRange(xRange=(0, 10), yRange=(0, 10), padding=0)
    return plot


@pytest.mark.parametrize(
    ("values", "spacing", "expected"),
    [
        ([1950.0, 2000.0], 50.0, ["1950", "2000"]),
        ([5000.0, 10000.0], 5000.0, ["5,000", "10,000"]),
        ([0.0, 0.5, 1.0], 0.5, ["0.0", "0.5", "1.0"]),
        ([-2.0, 0.0], 2.0, ["−2", "0"]),
        ([1e8, 1e8 + 20], 20.0, ["100,000,000", "100,000,020"]),
        ([2e12, 4e12], 2e12, ["2e+12", "4e+12"]),
        ([1e-9, 2e-9], 1e-9, ["1e−09", "2e−09"]),
        ([0.0], 1.0, ["0"]),
    ],
)
def test_ticks_have_the_digits_they_need(values, spacing, expected):
    assert tick_texts(values, spacing) == expected


def labelled(axis):
    """The values of an axis that have numbers."""
    low, high = axis.range
    return axis.tickValues(low, high, axis.size().height())[0][1]


def test_a_low_plot_has_more_numbers_than_one(qtbot, plot):
    plot.box.setRange(yRange=(-8.79, -8.71), padding=0)
    plot.resize(400, 110)
    qtbot.waitUntil(lambda: plot.y_axis.size().height() < 90)
    assert 3 <= len(labelled(plot.y_axis)) <= 6


def test_a_number_at_the_end_of_an_axis_is_written(plot):
    plot.box.setRange(xRange=(0, 101), padding=0)
    picture = plot.grab().toImage()
    ground = picture.pixelColor(0, 0)
    axis = plot.x_axis
    numbers = axis.mapRectToScene(axis.boundingRect()).toRect()
    at = round(axis.mapToScene(axis._place(100.0), 0.0).x())
    beside = range(at - 10, at + 11)
    rows = range(numbers.top() + 6, numbers.top() + 18)
    assert any(picture.pixelColor(x, y) != ground for x in beside for y in rows)


def test_titles_give_way_where_room_is_short(qtbot, plot):
    plot.y_axis.set_title("Log-likelihood of everything (nats)", "ln L")
    assert plot.y_axis.labelText.startswith("Log")
    plot.resize(400, 110)
    qtbot.waitUntil(lambda: plot.y_axis.labelText == "ln L")
    plot.x_axis.set_title("x" * 400)
    assert plot.x_axis.labelText.endswith("…")


def drag(plot, start, end, modifiers=Qt.KeyboardModifier.NoModifier):
    viewport = plot.viewport()
    button = Qt.MouseButton.LeftButton

    def send(kind, at, pressed):
        event = QMouseEvent(
            kind, QPointF(at), QPointF(viewport.mapToGlobal(at)), pressed[0], pressed[1], modifiers
        )
        QApplication.sendEvent(viewport, event)

    none = Qt.MouseButton.NoButton
    send(QEvent.Type.MouseMove, start, (none, none))
    send(QEvent.Type.MouseButtonPress, start, (button, button))
    for share in (0.3, 0.6, 1.0):
        at = (QPointF(start) + share * QPointF(end - start)).toPoint()
        send(QEvent.Type.MouseMove, at, (none, button))
        QApplication.processEvents()
    send(QEvent.Type.MouseButtonRelease, end, (button, none))


def test_dragging_pans(qtbot, plot):
    before = plot.visible_rect()
    drag(plot, QPoint(200, 150), QPoint(260, 150))
    after = plot.visible_rect()
    assert after.left() < before.left()
    assert after.width() == pytest.approx(before.width())


def test_dragging_with_shift_zooms_to_the_box(qtbot, plot):
    before = plot.visible_rect()
    drag(plot, QPoint(150, 80), QPoint(300, 200), Qt.KeyboardModifier.ShiftModifier)
    after = plot.visible_rect()
    assert after.width() < 0.7 * before.width()
    assert before.contains(after)


@pytest.mark.parametrize("key", [Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Minus])
def test_keys_leave_an_axis_that_the_mouse_may_not_move(qtbot, plot, key):
    plot.box.setMouseEnabled(x=True, y=False)
    before = plot.visible_rect()
    qtbot.keyClick(plot, key)
    after = plot.visible_rect()
    assert (after.top(), after.bottom()) == (before.top(), before.bottom())
    zooms = key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus)
    assert (after.width() != before.width()) == zooms
    plot.box.setMouseEnabled(x=True, y=True)
    qtbot.keyClick(plot, key)
    assert plot.visible_rect().bottom() != before.bottom()


def test_a_double_click_asks_for_a_reset(qtbot, plot):
    with qtbot.waitSignal(plot.reset_requested):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 150))


def test_nothing_of_the_library_shows_through(plot):
    assert not plot.box.menuEnabled()
    assert not plot.box.menu
