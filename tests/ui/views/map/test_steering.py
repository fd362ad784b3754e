"""Clusters that are steered with the mouse, and the fit that goes on from there."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gmmdesk.data.steps import parse_step
from gmmdesk.ui.drawing.handles import Handle, Kind
from gmmdesk.ui.views.map.selecting import Tool
from tests.ui.views.map.conftest import (
    center_of,
    fit_two,
    give,
    hover,
    in_window,
    scattered,
    settle,
    shown,
    table,
)
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
    document.undo()  # the start and what came of it
    qtbot.waitUntil(lambda: document.analysis is not None)
    assert document.analysis.settings.start is None


@pytest.mark.parametrize("is_first", [False, True])
def test_what_was_steered_is_there_again_where_a_cluster_lost_all_its_rows(
    qtbot, document, is_first
):
    rng = np.random.default_rng(0)
    rows = rng.normal(np.repeat([[0.0, 0.0], [8.0, 5.0]], 40, axis=0), 0.5)
    give(qtbot, document, table(a=rows[:, 0], b=rows[:, 1]))
    if not is_first:
        fit_two(qtbot, document)
    document.change_settings("Choose", k_min=1, k_max=4, models=("VVV", "EEE"))
    view = shown(qtbot, document)
    take(qtbot, view)
    before, settings = document.analysis, document.settings
    if is_first:
        double_click(qtbot, view, 8.0, 5.0)
    drag(qtbot, view, Handle(Kind.MOVE, 1), 0.0, -15.0)
    steered = shapes(view)
    document.problem_raised.disconnect()  # elsewhere there are to be none
    with qtbot.waitSignals([document.problem_raised, document.run_ended], timeout=20_000):
        qtbot.mouseClick(view.steering.bar.go_button, LEFT)
    settle(qtbot, view)
    assert view.tools.tool is Tool.STEER
    for now, then in zip(shapes(view), steered, strict=True):
        np.testing.assert_array_equal(now, then)
    assert document.settings == settings
    assert document.analysis is before
    qtbot.mouseClick(view.steering.bar.undo_button, LEFT)  # back to its rows
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        qtbot.mouseClick(view.steering.bar.go_button, LEFT)
    assert document.analysis.n_clusters == 2
    assert document.analysis is not before


def test_no_card_lies_over_the_handles(qtbot, view):
    qtbot.mouseMove(view.plot.viewport(), center_of(view, 0))
    settle(qtbot, view)
    assert not view.inspector.card.isVisible()
    height = view.plot.height()
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: view.plot.height() > height)  # the bar has gone
    settle(qtbot, view)
    assert "Cluster 1" in hover(qtbot, view, center_of(view, 0))


def test_escape_leaves_all_as_it_was(qtbot, view):
    means, _ = shapes(view)
    before = view.plot.visible_rect()
    drag(qtbot, view, Handle(Kind.MOVE, 0), -30.0, 2.0)  # out of sight, which widens
    assert view.plot.visible_rect().width() > before.width()
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    settle(qtbot, view)
    assert view.plot.visible_rect().toRect() == before.toRect()
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


def two_humps():
    """One column with two humps, of positive numbers."""
    rng = np.random.default_rng(0)
    return table(a=np.concatenate([rng.normal(20.0, 1.0, 60), rng.normal(40.0, 1.0, 60)]))


@pytest.fixture
def curves(qtbot, document):
    """A map of a single column with two clusters, and the tool in the hand."""
    give(qtbot, document, two_humps())
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    take(qtbot, view)
    return view


def along(view):
    """Weights, means and standard deviations as the curves show them."""
    mixture = view.histogram.mixture
    return mixture.weights, mixture.means, np.sqrt(mixture.variances)


def width_of_pixel(view):
    return view.plot.box.viewPixelSize()[0]


def test_a_curve_is_moved_along_the_single_column(qtbot, curves):
    _, means, spreads = along(curves)
    drag(qtbot, curves, Handle(Kind.MOVE, 1), 5.0, -0.01)
    _, moved, same = along(curves)
    pixel = width_of_pixel(curves)
    np.testing.assert_allclose(moved, means + np.array([0.0, 5.0]), atol=2 * pixel)
    np.testing.assert_allclose(same, spreads)
    assert curves.steering.handles.chosen == 1
    curves.steering.bar.undo_button.click()
    np.testing.assert_allclose(along(curves)[1], means)


@pytest.mark.parametrize(("side", "sign"), [(0, 1.0), (1, -1.0)])
def test_a_curve_is_made_wider_and_never_turned_inside_out(qtbot, curves, side, sign):
    _, means, spreads = along(curves)
    handle = Handle(Kind.STRETCH, curves.steering.handles.chosen, side)
    k, pixel = handle.cluster, width_of_pixel(curves)
    drag(qtbot, curves, handle, 2.0 * sign, 0.0)
    _, same, wider = along(curves)
    np.testing.assert_allclose(same, means)
    assert wider[k] == pytest.approx(spreads[k] + 2.0, abs=2 * pixel)
    drag(qtbot, curves, handle, -9.0 * sign, 0.0)  # past the centre
    assert 0.0 < along(curves)[2][k] < 4 * pixel
    middle, top = curves.steering.handles.position(Handle(Kind.MOVE, k)).toTuple()
    assert curves.plot.box.rect().contains(middle, top)  # though the curve towers


def test_clusters_of_a_single_column_are_added_and_removed_and_the_fit_goes_on(
    qtbot, curves, document
):
    double_click(qtbot, curves, 30.0, curves.plot.visible_rect().center().y())
    weights, means, _ = along(curves)
    np.testing.assert_allclose(means[2], 30.0, atol=2 * width_of_pixel(curves))
    assert weights[2] == pytest.approx(1 / 3)
    qtbot.keyClick(curves.plot, Qt.Key.Key_Up)  # where there is no other way than sideways
    assert len(curves.steering._states) == 2
    qtbot.mouseClick(
        curves.plot.viewport(),
        Qt.MouseButton.RightButton,
        pos=at_handle(curves, Handle(Kind.MOVE, 0)),
    )
    assert len(along(curves)[0]) == 2
    steered, prepared = curves.steering.mixture, document.prepared
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        curves.steering.bar.go_button.click()
    settle(qtbot, curves)
    start = document.settings.start
    assert start.said.startswith("these clusters, steered by hand (a cluster added, ")
    expected = steered.in_units(prepared.center, prepared.scale)
    np.testing.assert_allclose(start.mixture().means, expected.means)
    np.testing.assert_allclose(
        np.sort(document.analysis.result.means[:, 0]), (20.0, 40.0), atol=0.5
    )


def test_bars_keep_their_colours_while_clusters_of_the_column_are_removed(qtbot, curves):
    def colour(x):
        at = in_window(curves, x, 0.1 * curves.plot.visible_rect().height())
        return curves.plot.grab().toImage().pixelColor(at).name()

    bars = curves.histogram.bars
    places = [(bars.edges[i] + bars.edges[i + 1]) / 2 for i in bars.counts[2:].argmax(axis=1)]
    before = [colour(x) for x in places]
    assert before[0] != before[1]
    qtbot.keyClick(curves.plot, Qt.Key.Key_Delete)
    assert len(along(curves)[0]) == 1
    assert [colour(x) for x in places] == before


def test_a_single_column_with_a_logarithm_is_steered_in_its_own_units(qtbot, document):
    give(qtbot, document, two_humps())
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.change_settings("log", steps=(parse_step("log a"),))
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    view.toolbar.as_prepared.click()
    settle(qtbot, view)
    take(qtbot, view)
    centers = view.histogram.mixture.centers
    k = int(centers.argmax())
    drag(qtbot, view, Handle(Kind.MOVE, k), -10.0, 0.0)
    pixel = width_of_pixel(view)
    np.testing.assert_allclose(view.histogram.mixture.centers[k], centers[k] - 10.0, atol=2 * pixel)
    spread = np.sqrt(view.histogram.mixture.variances[k])
    drag(qtbot, view, Handle(Kind.STRETCH, k, 0), 3.0, 0.0)
    mixture = view.histogram.mixture
    mean, wider = mixture.means[k], np.sqrt(mixture.variances[k])
    assert np.exp(mean + wider) == pytest.approx(np.exp(mean + spread) + 3.0, abs=3 * pixel)
