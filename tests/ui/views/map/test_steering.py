"""Clusters that are steered with the mouse, and the fit that goes on from there."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gmmdesk.ui.drawing.handles import Handle, Kind
from gmmdesk.ui.views.map.selecting import Tool
from tests.ui.views.map.conftest import fit_two, give, in_window, scattered, settle, shown, table
from tests.ui.views.map.test_selecting import stroke

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot, document):
    """Two far clusters, and the tool in the hand."""
    give(qtbot, document, scattered())
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    take(qtbot, view)
    return view


def take(qtbot, view):
    qtbot.mouseClick(view.tools.buttons[Tool.STEER], LEFT)
    settle(qtbot, view)


def shapes(view):
    """Means and covariances as the map shows them."""
    found = view.clusters.clusters
    return found.means.copy(), found.covariances.copy()


def drag(qtbot, view, handle, dx, dy):
    """Drag a handle so many units of the map."""
    start = view.plot.box.mapToView(view.steering.handles.position(handle))
    at = start.x(), start.y()
    stroke(qtbot, view, [at, (at[0] + dx, at[1] + dy)])


def at_handle(view, handle):
    box = view.plot.box
    return view.plot.mapFromScene(box.mapToScene(view.steering.handles.position(handle)))


def double_click(qtbot, view, x, y):
    """Both clicks, as a mouse does them."""
    port, at = view.plot.viewport(), in_window(view, x, y)
    qtbot.mouseClick(port, LEFT, pos=at)
    qtbot.mouseDClick(port, LEFT, pos=at)
    qtbot.mouseRelease(port, LEFT, pos=at)


def pixel(view):
    """One pixel in the units of the map, as drags are whole pixels."""
    return max(view.plot.box.viewPixelSize())


def test_a_centre_is_dragged(qtbot, view):
    means, covariances = shapes(view)
    drag(qtbot, view, Handle(Kind.MOVE, 1), 3.0, -2.0)
    moved, same = shapes(view)
    np.testing.assert_allclose(moved[1], means[1] + (3.0, -2.0), atol=2 * pixel(view))
    np.testing.assert_array_equal(moved[0], means[0])
    np.testing.assert_allclose(same, covariances, rtol=1e-9)
    assert view.steering.handles.chosen == 1
    view.steering.bar.undo_button.click()
    np.testing.assert_allclose(shapes(view)[0], means)


def test_an_ellipse_is_stretched_along_one_axis_only(qtbot, view):
    means, covariances = shapes(view)
    handles = view.steering.handles
    center, end = (
        view.plot.box.mapToView(handles.position(Handle(kind, 0)))
        for kind in (Kind.MOVE, Kind.STRETCH)
    )
    drag(qtbot, view, Handle(Kind.STRETCH, 0), end.x() - center.x(), end.y() - center.y())
    stretched = shapes(view)
    np.testing.assert_allclose(stretched[0], means)
    assert np.linalg.det(stretched[1][0]) == pytest.approx(
        4.0 * np.linalg.det(covariances[0]), rel=0.1
    )
    np.testing.assert_array_equal(stretched[1][1], covariances[1])


def test_an_ellipse_is_turned_and_keeps_its_size(qtbot, view):
    _, covariances = shapes(view)
    handles = view.steering.handles
    k = handles.chosen
    center, turner = (
        view.plot.box.mapToView(handles.position(Handle(kind, k)))
        for kind in (Kind.MOVE, Kind.TURN)
    )
    x, y = turner.x() - center.x(), turner.y() - center.y()
    (wx, wy) = view.plot.box.viewPixelSize()
    quarter = -y * wx / wy, x * wy / wx  # a quarter of a turn on the screen
    drag(qtbot, view, Handle(Kind.TURN, k), quarter[0] - x, quarter[1] - y)
    _, turned = shapes(view)
    assert np.linalg.det(turned[k]) == pytest.approx(np.linalg.det(covariances[k]))
    expected = covariances[k][0, 0] * wy**2 / wx**2, covariances[k][1, 1] * wx**2 / wy**2
    np.testing.assert_allclose(np.diag(turned[k]), expected[::-1], rtol=0.1)


def test_clusters_are_added_and_removed_with_the_mouse_and_the_fit_goes_on(qtbot, view, document):
    before = document.analysis
    double_click(qtbot, view, -10.0, 15.0)
    assert len(view.clusters.clusters.weights) == 3
    np.testing.assert_allclose(shapes(view)[0][2], (-10.0, 15.0), atol=2 * pixel(view))
    qtbot.keyClick(view.plot, Qt.Key.Key_Delete)
    assert len(view.clusters.clusters.weights) == 2
    qtbot.mouseClick(
        view.plot.viewport(), Qt.MouseButton.RightButton, pos=at_handle(view, Handle(Kind.MOVE, 0))
    )
    assert len(view.clusters.clusters.weights) == 1
    assert not view.steering.bar.remove_button.isEnabled()  # one is left
    view.steering.bar.undo_button.click()
    drag(qtbot, view, Handle(Kind.MOVE, 1), 1.0, 1.0)
    steered = view.steering.mixture
    prepared = document.prepared
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        view.steering.bar.go_button.click()
    settle(qtbot, view)
    assert not view.steering.is_on
    assert view.steering.bar.isHidden()
    start = document.settings.start
    assert start.said.startswith("these clusters, steered by hand (a cluster added")
    assert "moved" in start.said
    expected = steered.in_units(prepared.center, prepared.scale)
    np.testing.assert_allclose(start.mixture().means, expected.means)
    np.testing.assert_allclose(start.mixture().covariances, expected.covariances)
    assert document.analysis is not before
    document.undo()
    document.undo()
    qtbot.waitUntil(lambda: document.analysis is not None)
    assert document.analysis.settings.start is None


def test_escape_leaves_all_as_it_was(qtbot, view):
    means, _ = shapes(view)
    drag(qtbot, view, Handle(Kind.MOVE, 0), 2.0, 2.0)
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    assert view.tools.tool is Tool.PAN
    assert view.steering.handles.isVisible() is False
    np.testing.assert_array_equal(shapes(view)[0], means)


def test_the_keyboard_moves_and_chooses(qtbot, view):
    means, _ = shapes(view)
    first = view.steering.handles.chosen
    qtbot.keyClick(view.plot, Qt.Key.Key_PageDown)
    k = view.steering.handles.chosen
    assert k != first
    qtbot.keyClick(view.plot, Qt.Key.Key_Right)
    assert shapes(view)[0][k][0] > means[k][0]
    qtbot.keyClick(view.plot, Qt.Key.Key_Insert)
    assert len(view.clusters.clusters.weights) == 3


def test_an_earlier_iteration_is_steered(qtbot, view, document):
    document.timeline.go_to_iteration(0)
    settle(qtbot, view)
    early = document.timeline.clusters.scaled
    np.testing.assert_allclose(
        np.sort(view.steering.mixture.means, axis=0), np.sort(early.parameters.means, axis=0)
    )
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        view.steering.bar.go_button.click()
    assert document.settings.start.said == f"iteration {early.iteration}"


def test_before_there_are_clusters_some_are_placed(qtbot, document):
    give(qtbot, document, scattered())
    view = shown(qtbot, document)
    take(qtbot, view)
    assert len(view.clusters.clusters.weights) == 1
    double_click(qtbot, view, 8.0, 5.0)
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        view.steering.bar.go_button.click()
    assert document.analysis.n_clusters == 2
    assert document.analysis.result.model == "VVV"
    assert document.settings.start.said.startswith("one cluster of all rows, steered by hand")


def test_a_running_fit_is_stopped_and_steered(qtbot, document):
    give(qtbot, document, scattered(3000))
    view = shown(qtbot, document)
    document.change_settings("long", k_min=1, k_max=9, restarts=20)
    with qtbot.waitSignal(document.progressed, timeout=20_000):
        document.start_fit()
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        qtbot.mouseClick(view.tools.buttons[Tool.STEER], LEFT)
    settle(qtbot, view)
    assert document.analysis.stopped_early
    assert view.steering.is_on


def test_a_single_column_says_why_not(qtbot, document):
    rows = np.random.default_rng(0).normal(size=60)
    give(qtbot, document, table(a=rows))
    view = shown(qtbot, document)
    take(qtbot, view)
    assert not view.steering.is_on
    assert "single column" in view.steering.bar.said.text()
    assert view.steering.bar.go_button.isHidden()
    qtbot.mouseClick(view.plot.viewport(), LEFT, pos=QPoint(300, 200))
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    assert view.tools.tool is Tool.PAN
