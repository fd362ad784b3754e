"""The curve of the log-likelihood and the line above it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from gmmdesk.analysis.trail import Trail
from gmmdesk.data.readers import read
from gmmdesk.engine import Parameters, StopReason
from gmmdesk.session.answer import HistoryPoint
from gmmdesk.ui import text
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.views.convergence import ConvergenceView
from gmmdesk.ui.views.convergence.curves import worth_seeing


@pytest.fixture
def view(qtbot, document):
    view = ConvergenceView(document)
    qtbot.addWidget(view)
    view.resize(600, 200)
    with qtbot.waitExposed(view):
        view.show()
    return view


def find(qtbot, document, **changes):
    document.change_settings("Choose", **({"k_min": 3, "k_max": 3, "restarts": 1} | changes))
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()


def test_before_any_fit_it_says_what_will_be_here(view, iris):
    assert not view.plot.isVisible()
    assert not view.status.isVisible()


def test_the_curve_is_the_history_of_the_answer(qtbot, view, iris):
    find(qtbot, iris)
    iterations, values = view.curve()
    history = iris.analysis.result.history
    np.testing.assert_array_equal(values, history)
    np.testing.assert_array_equal(iterations, np.arange(1, len(history) + 1))
    assert view.plot.isVisible()


def test_it_grows_while_the_fit_runs(qtbot, view, iris):
    iris.fitting.replays = True
    lengths, lines = [], []
    iris.progressed.connect(lambda: lengths.append(len(view.curve()[0])))
    iris.progressed.connect(lambda: lines.append(view.status.text()))
    find(qtbot, iris, models=("VVV",))
    assert len(set(lengths)) > 2
    assert all(line.count("·") >= 2 and "Iteration" in line for line in lines)
    assert any("gain" in line for line in lines)


def test_the_end_is_told_in_words(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",))
    n = iris.analysis.result.n_iterations
    assert view.status.text().startswith(f"Converged after {n} iterations · log-likelihood −")
    find(qtbot, iris, models=("VVV",), max_iter=2)
    assert view.status.text().startswith("Not converged: stopped at the limit of 2 iterations")


def test_line_and_curve_are_of_the_same_fit_while_a_search_runs(qtbot, view, iris):
    told = []

    def note():
        shown = re.search(r"Iteration (\d+) · log-likelihood (\S+)", view.status.text())
        iterations, values = view.curve()
        if shown is not None and len(values):
            told.append((int(shown[1]), shown[2]) == (iterations[-1], text.fixed(values[-1], 2)))

    iris.progressed.connect(note)
    find(qtbot, iris, k_min=1, k_max=9, restarts=30)
    assert len(told) > 1
    assert all(told)


def test_the_line_is_of_the_fit_whose_clusters_are_shown(qtbot, view, iris):
    told = []

    def note():
        progress = iris.progress
        fit = f"{progress.model}, {text.count(progress.n_components, 'cluster')} ·"
        told.append(view.status.text().startswith(fit))

    iris.progressed.connect(note)
    find(qtbot, iris, k_min=1, k_max=9, restarts=30)
    assert len(told) > 1
    assert all(told)


def names(view):
    return [entry.name for entry in view.plot.legend(view.palette())]


def test_the_faint_curves_have_a_name_where_they_are_in_sight(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",), restarts=1)
    assert names(view) == ["This fit"]
    find(qtbot, iris, restarts=6)
    assert names(view)[0] == "This fit"
    view.plot.box.setRange(yRange=(-1e9, 0.0))
    assert names(view)[:2] == ["This fit", "Other restarts"]
    view.plot.box.setRange(yRange=(1.0, 2.0))
    assert names(view)[:2] != ["This fit", "Other restarts"]


def test_starts_that_led_higher_were_refused_which_is_told(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",), restarts=1)
    best = iris.history[-1]
    for restart, more, name in ((7, 0.01, "Other restarts"), (8, 20.0, "Refused as spurious")):
        likely = best.log_likelihood + more
        run = [(1, likely - 1.0), (2, likely)]
        iris.history.extend(HistoryPoint(best.candidate, restart, *at, best.n_rows) for at in run)
        iris.analysis_changed.emit()
        is_in_sight = view.plot.visible_rect().bottom() > likely
        assert is_in_sight == (more < 1.0)  # it would squash the curve
        view.plot.box.setRange(yRange=(best.log_likelihood - 30.0, likely + 1.0))
        assert name in names(view)
        assert ("Refused as spurious" in names(view)) == (more > 1.0)


def test_with_a_prior_a_start_that_led_higher_need_not_have_been_refused(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",), restarts=1, prior="always")
    best = iris.history[-1]
    iris.history.append(best._replace(restart=7, log_likelihood=best.log_likelihood + 20.0))
    iris.analysis_changed.emit()
    assert names(view) == ["This fit", "Other restarts"]


def test_iterations_on_a_sample_of_the_rows_are_counted_and_named(qtbot, view, document):
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.open("sample:cells")
    find(qtbot, document, models=("VVV",), restarts=3)
    result = document.analysis.result
    iterations, _ = view.curve()
    last = int(iterations[-1])
    assert last > result.n_iterations
    said = f"Converged after {last} iterations ({result.n_iterations} on all rows)"
    assert view.status.text().startswith(said)
    shown = view.plot.visible_rect()
    assert shown.top() < document.analysis.trail[5].log_likelihood < shown.bottom()
    view.plot.box.setRange(yRange=(-1e9, 0.0))
    assert names(view)[:2] == ["All rows", "Before, 2,000 rows"]


def test_the_whole_curve_is_in_sight(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",), tol=1e-12)
    _, values = view.curve()
    shown = view.plot.visible_rect()
    assert shown.top() < values[0] < values[-1] < shown.bottom()


def test_only_a_first_iteration_that_squashes_the_curve_is_left_out():
    rest = [*np.linspace(-10.0, 0.0, 9)]
    assert worth_seeing(np.array([-50.0, *rest])) == (-50.0, 0.0)
    low, high = worth_seeing(np.array([-500.0, *rest]))
    assert -10.0 <= low < -8.0
    assert high == 0.0
    low, high = worth_seeing(np.array([-500.0, *rest]), np.array([-900.0, *rest]) + 1.0)
    assert -10.0 <= low < -5.0
    assert high == 1.0


def drag(qtbot, view, first, last):
    """Along the curve, as the mouse does it."""
    port = view.plot.viewport()
    at = [view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(*p))) for p in (first, last)]
    QTest.mouseMove(port, at[0])
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at[0])
    for share in (0.2, 0.6, 1.0):
        where = QPointF(at[0] + (at[1] - at[0]) * share)
        event = QMouseEvent(
            *(QEvent.Type.MouseMove, where, QPointF(port.mapToGlobal(where.toPoint()))),
            *(Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
        )
        QCoreApplication.sendEvent(port, event)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at[1])


def test_dragging_goes_back_or_says_why_it_cannot(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",), tol=1e-9)
    iterations, values = view.curve()
    first, last = (iterations[-1], values[-1]), (iterations[2], values[-1])
    shown = view.plot.visible_rect()
    drag(qtbot, view, first, last)
    assert iris.timeline.clusters is not None
    assert view.plot.visible_rect() == shown
    assert not QToolTip.isVisible()
    find(qtbot, iris, models=("VVV",), max_iter=1)  # of which nothing is left to go back to
    _, values = view.curve()
    shown = view.plot.visible_rect()
    drag(qtbot, view, (1.0, values[0]), (0.5, values[0]))
    assert view.plot.visible_rect() == shown
    assert QToolTip.text() == view.why_not_back
    assert "no earlier iterations" in view.why_not_back
    QToolTip.hideText()


def test_where_the_timeline_goes_back_to_comes_in_sight(qtbot, view, iris):
    find(qtbot, iris, models=("VVV",))
    _, values = view.curve()
    whole = view.plot.visible_rect()
    view.plot.box.setRange(yRange=(values[1], values[-1]), padding=0.0)
    iris.timeline.go_to_iteration(0)
    assert view.plot.visible_rect().top() < values[0]
    assert view.plot.visible_rect().bottom() > values[-1]
    iris.timeline.go_to_iteration(len(values) - 1)
    assert view.plot.visible_rect() == whole


def test_another_table_empties_it(qtbot, view, iris):
    find(qtbot, iris)
    with qtbot.waitSignal(iris.prepared_changed, timeout=10_000):
        iris.open("sample:faithful")
    assert not view.plot.isVisible()
    assert view.status.text() == ""


def test_marks_say_what_led_on_beside_iterations(qtbot, view, iris):
    find(qtbot, iris, restarts=4)
    trail = iris.analysis.trail
    [place] = [i for i, one in enumerate(trail) if one.scaled.event]
    assert view.marks.y == [trail[place].log_likelihood]
    at = view.plot.box.mapFromView(QPointF(view.marks.x[0], view.marks.y[0]))
    said = view.marks.at(at)
    led = trail[place].scaled
    assert said.startswith(f"Restart {led.restart + 1} of {led.n_restarts} was among")
    assert view.marks.at(at + QPointF(60.0, 0.0)) == ""
    port = view.plot.viewport()
    position = view.plot.mapFromScene(view.plot.box.mapToScene(at))
    QCoreApplication.sendEvent(
        port, QHelpEvent(QEvent.Type.ToolTip, position, port.mapToGlobal(position))
    )
    assert QToolTip.text() == plain_tip(said)
    QToolTip.hideText()
    find(qtbot, iris, restarts=1, models=("VVV",))  # no neighbours either
    assert not len(view.marks.x)


def test_a_thinned_trail_keeps_what_led_on(iris, qtbot):
    find(qtbot, iris, restarts=1)
    one = iris.analysis.trail[-1]
    kept = Trail()
    for i in range(1, 600):
        event = "moved" if i == 335 else ""
        kept.add(replace(one, scaled=replace(one.scaled, iteration=i, event=event)))
    kept.add(replace(one, scaled=replace(one.scaled, iteration=599, event="chosen")))
    led = kept.leading_to(iris.analysis.scaled)
    events = [(p.scaled.iteration, p.scaled.event) for p in led if p.scaled.event]
    assert events == [(335, "moved"), (599, "chosen")]
    assert len(led) < 200


def test_in_little_room_a_collapse_is_told_without_what_follows(qtbot, view, document, tmp_path):
    rows = [*np.random.default_rng(0).normal(size=(300, 2)), *[(30.0, 30.0)] * 20]
    path = tmp_path / "pile.csv"
    path.write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows))
    document.set_dataset(read(path))
    qtbot.waitUntil(lambda: document.prepared is not None)
    document.change_settings("Choose", models=("VVV",), prior="never")
    means, wide = np.array([[0.0, 0.0], [25.0, 25.0]]), np.array([np.eye(2), 100.0 * np.eye(2)])
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit_from(Parameters(np.full(2, 0.5), means, wide), "wide ones")
    assert document.analysis.result.ending is StopReason.COLLAPSED
    said = "  A cluster collapsed after 10 iterations  "
    view.status.setMaximumWidth(view.status.fontMetrics().horizontalAdvance(said))
    QCoreApplication.processEvents()
    assert "the last sound state is shown" in view.status.text()
    assert re.fullmatch(r"A cluster collapsed after \d+ iterations?", view.status.shown_text())
