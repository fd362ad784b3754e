"""Going back and forth in the fit, by button, by mouse and by clock."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scipy.stats import multivariate_normal

from gmmdesk.ui.drawing.shading import clusters_of
from gmmdesk.ui.timeline import E_STEP, M_STEP
from gmmdesk.ui.views.convergence import ConvergenceView
from tests.ui.conftest import Driver


@pytest.fixture
def fitted(driver: Driver) -> Driver:
    """Four overlapping clusters, whose fit takes many iterations."""
    driver.open("sample:blobs?n=400&k=4&overlap=0.4&seed=1")
    driver.document.change_settings("four", k_min=4, k_max=4, models=("VVV",), restarts=1)
    driver.find()
    assert len(driver.document.timeline.trail) > 8
    return driver


def convergence(driver: Driver) -> ConvergenceView:
    view = driver.window.findChild(ConvergenceView)
    assert view is not None
    return view


def settle(driver: Driver) -> None:
    view = driver.window.workspace.map
    driver.qtbot.waitUntil(lambda: not view.is_busy)


def test_the_answer_stands_at_the_end(fitted: Driver) -> None:
    timeline, bar = fitted.document.timeline, convergence(fitted).timeline_bar
    assert timeline.is_at_end
    assert fitted.document.moment is None
    assert bar.isVisible()
    assert bar.back.isEnabled()
    assert not bar.on.isEnabled()


def test_a_step_back_shows_the_clusters_of_that_iteration_everywhere(fitted: Driver) -> None:
    document, bar = fitted.document, convergence(fitted).timeline_bar
    analysis = document.analysis
    assert analysis is not None
    for _ in range(3):
        QTest.mouseClick(bar.back, Qt.MouseButton.LeftButton)
    settle(fitted)
    then = analysis.trail[-4]
    assert document.moment is then
    map_view = fitted.window.workspace.map
    assert map_view.clusters.clusters is not None
    np.testing.assert_allclose(map_view.clusters.clusters.weights, then.fit.parameters.weights)
    shading = map_view.rows.shading
    assert shading is not None
    parameters, X = then.scaled.parameters, analysis.prepared.X
    densities = [
        w * multivariate_normal(m, S).pdf(X)
        for w, m, S in zip(
            parameters.weights[then.order],
            parameters.means[then.order],
            parameters.covariances[then.order],
            strict=True,
        )
    ]
    np.testing.assert_array_equal(clusters_of(shading.codes), np.argmax(densities, axis=0))
    assert f"Step {len(analysis.trail) - 3} of" in convergence(fitted).status.text()
    QTest.mouseClick(bar.end, Qt.MouseButton.LeftButton)
    settle(fitted)
    assert document.moment is None
    np.testing.assert_array_equal(clusters_of(map_view.rows.shading.codes), analysis.rows.label)


def test_slow_motion_first_colours_the_rows_then_moves_the_clusters(fitted: Driver) -> None:
    view, timeline = convergence(fitted), fitted.document.timeline
    bar = view.timeline_bar
    QTest.mouseClick(bar.start, Qt.MouseButton.LeftButton)
    assert not view.explanation.isVisible()
    QTest.mouseClick(bar.slow, Qt.MouseButton.LeftButton)
    assert timeline.is_playing
    assert bar.play.accessibleName() == "Pause"
    assert view.explanation.text() == E_STEP
    assert timeline.clusters is timeline.colors is timeline.trail[0]
    QTest.mouseClick(bar.on, Qt.MouseButton.LeftButton)
    assert view.explanation.text() == M_STEP
    assert timeline.colors is timeline.trail[0]
    assert timeline.clusters is timeline.trail[1]
    settle(fitted)
    shown = fitted.window.workspace.map.clusters.clusters
    assert shown is not None
    np.testing.assert_allclose(shown.weights, timeline.trail[1].fit.parameters.weights)
    QTest.mouseClick(bar.on, Qt.MouseButton.LeftButton)
    assert timeline.colors is timeline.clusters is timeline.trail[1]
    QTest.mouseClick(bar.on, Qt.MouseButton.LeftButton)
    QTest.mouseClick(bar.slow, Qt.MouseButton.LeftButton)  # no half of a step is left over
    assert timeline.position % 2 == 0


def test_a_click_on_the_curve_goes_there(fitted: Driver) -> None:
    view, timeline = convergence(fitted), fitted.document.timeline
    x, y = view.curve()
    place = 2
    box = view.plot.box
    at = view.plot.mapFromScene(box.mapToScene(box.mapFromView(QPointF(x[place], y[-1]))))
    QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    assert timeline.clusters is timeline.trail[place]


def test_the_line_is_dragged_along_the_curve(fitted: Driver) -> None:
    view, timeline = convergence(fitted), fitted.document.timeline
    x, y = view.curve()
    box, viewport = view.plot.box, view.plot.viewport()

    def pixel(iteration: float) -> QPoint:
        middle = float(np.mean(box.viewRange()[1]))
        scene = box.mapToScene(box.mapFromView(QPointF(iteration, middle)))
        return QPoint(view.plot.mapFromScene(scene))

    QTest.mouseMove(viewport, pixel(x[-1]))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=pixel(x[-1]))
    seen = set()
    for iteration in np.linspace(x[-1], x[1], 12):
        QTest.mouseMove(viewport, pixel(float(iteration)))
        QApplication.processEvents()
        seen.add(timeline.position)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=pixel(x[1]))
    assert len(seen) > 3
    assert timeline.clusters is timeline.trail[1]
    assert len(y) == len(timeline.trail)


def test_played_it_runs_from_the_start_to_the_answer(fitted: Driver) -> None:
    timeline, bar = fitted.document.timeline, convergence(fitted).timeline_bar
    positions = []
    timeline.moved.connect(lambda: positions.append(timeline.position))
    QTest.mouseClick(bar.play, Qt.MouseButton.LeftButton)
    assert timeline.is_playing
    assert bar.play.accessibleName() == "Pause"
    fitted.qtbot.waitUntil(lambda: not timeline.is_playing, timeout=15_000)
    assert positions == list(range(0, timeline.last + 1, 2))
    assert timeline.is_at_end


def test_a_new_fit_ends_what_is_played(fitted: Driver) -> None:
    timeline = fitted.document.timeline
    timeline.play()
    fitted.document.change_settings("three", k_min=3, k_max=3)
    fitted.find()
    assert not timeline.is_playing
    assert timeline.is_at_end
    assert fitted.document.analysis is not None
    assert timeline.trail == fitted.document.analysis.trail


def test_fits_that_did_not_win_can_be_gone_back_in_too(driver: Driver) -> None:
    """Chosen among those that were tried, also from an answer brought back, and as kept ones."""
    document, timeline = driver.document, driver.document.timeline
    driver.open("sample:blobs?n=400&k=4&overlap=0.4&seed=1")
    document.change_settings("more", k_min=3, k_max=4, models=("VVV", "EEE"), restarts=1)
    driver.find()
    assert document.analysis is not None
    best = document.analysis.best

    def choose(index: int) -> None:
        driver.wait(document.analysis_changed, lambda: document.edits.choose(index))
        settle(driver)
        assert document.analysis is not None
        assert document.analysis.best == index
        assert timeline.last > 0
        assert convergence(driver).timeline_bar.isVisible()
        timeline.go_to(0)
        settle(driver)
        assert document.moment is timeline.trail[0]

    choose((best + 1) % 4)
    driver.wait(document.analysis_changed, document.undo)
    choose((best + 2) % 4)
    document.change_settings("less", k_min=3, k_max=3, models=("EEE",))
    driver.find()  # nothing is fitted
    assert timeline.last > 0


def test_without_a_fit_there_is_nothing_to_go_back_to(driver: Driver) -> None:
    driver.open("sample:iris")
    timeline = driver.document.timeline
    assert not convergence(driver).timeline_bar.isVisible()
    for move in (lambda: timeline.step(-1), lambda: timeline.go_to(5), timeline.play):
        move()
        assert timeline.position == 0
        assert not timeline.is_playing


def test_dragging_anywhere_on_the_curve_moves_in_time_and_not_the_axes(fitted: Driver) -> None:
    view, timeline = convergence(fitted), fitted.document.timeline
    x, _y = view.curve()
    box, viewport = view.plot.box, view.plot.viewport()
    shown = box.viewRange()

    def pixel(iteration: float) -> QPoint:
        height = shown[1][0] + 0.2 * (shown[1][1] - shown[1][0])
        scene = box.mapToScene(box.mapFromView(QPointF(iteration, height)))
        return QPoint(view.plot.mapFromScene(scene))

    middle = float(x[len(x) // 2])
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=pixel(middle))
    for iteration in np.linspace(middle, x[2], 10):
        QTest.mouseMove(viewport, pixel(float(iteration)))
        QApplication.processEvents()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=pixel(x[2]))
    assert timeline.clusters is timeline.trail[2]
    assert box.viewRange() == shown


def test_slow_motion_asked_for_at_the_end_begins_at_the_start(fitted: Driver) -> None:
    view, timeline = convergence(fitted), fitted.document.timeline
    QTest.mouseClick(view.timeline_bar.slow, Qt.MouseButton.LeftButton)
    assert timeline.position == 0
    assert timeline.is_playing
    assert view.explanation.text() == E_STEP
