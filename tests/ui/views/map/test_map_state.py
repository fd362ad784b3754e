"""What is shown together belongs together, and what is missing is said."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.ui.drawing.known import shade
from gmmdesk.ui.drawing.shading import clusters_of
from gmmdesk.ui.hover import crowd_card
from gmmdesk.ui.views.map import coloring
from gmmdesk.ui.widgets import Pages
from tests.ui.conftest import find_clusters
from tests.ui.views.map.conftest import (
    click,
    fit_two,
    give,
    hover,
    in_window,
    many_rows,
    scattered,
    settle,
    shown,
    table,
)


def test_after_a_search_the_map_shows_the_answer(qtbot, document):
    give(qtbot, document, many_rows())
    view = shown(qtbot, document)
    view.toolbar.set_axes(("a", "b"))
    document.change_settings("Choose", k_min=1, k_max=5, restarts=2, models=("VVV",))
    with qtbot.waitSignal(document.run_ended, timeout=30_000):
        document.start_fit()
    settle(qtbot, view)
    assert document.analysis.n_clusters == 2  # and not 5, which was fitted last
    assert len(view.clusters.clusters.weights) == 2
    assert view.rows.shading.n_clusters == 2


def test_what_follows_from_progress_is_not_shown_after_the_answer(
    qtbot, clustered_iris, monkeypatch
):
    """The last state of a search reaches the map together with the answer of another candidate."""
    document = clustered_iris
    view = shown(qtbot, document)
    view.toolbar.set_axes(document.prepared.columns[:2])  # a proposal would draw all anew
    settle(qtbot, view)
    analysis = document.analysis
    started, arrived = threading.Event(), threading.Event()

    def slow_shade(scene, known):
        started.set()
        assert arrived.wait(10)
        return shade(scene, known)

    monkeypatch.setattr(coloring, "shade", slow_shade)
    document._shown.analysis = None
    document.fitting._replay = object()
    document.fitting.progress = analysis.trail[0]  # as during a fit
    view.coloring.shade()
    qtbot.waitUntil(started.is_set)
    document._shown.analysis = analysis
    document.fitting._replay = None
    document.analysis_changed.emit()
    arrived.set()
    settle(qtbot, view)
    np.testing.assert_array_equal(
        view.clusters.clusters.weights, document.analysis.scaled.parameters.weights
    )


def test_hovering_after_undo_of_other_columns_uses_the_columns_shown(qtbot, document):
    give(qtbot, document, many_rows(200))
    view = shown(qtbot, document)
    fit_two(qtbot, document)
    document.ticks.set("c", False)
    fit_two(qtbot, document)
    settle(qtbot, view)
    document.undo()  # three columns again, which the map will show in a moment
    at = view.plot.box.mapViewToScene(QPointF(view.rows.scene.x[0], view.rows.scene.y[0]))
    view.plot.scene().sigMouseMoved.emit(at)
    card = view.inspector.card.text()
    assert "Row 1" in card
    assert "Cluster" not in card
    settle(qtbot, view)


def test_the_card_follows_what_becomes_known_of_its_row(qtbot, iris):
    view = shown(qtbot, iris)
    card = hover(qtbot, view, in_window(view, view.rows.scene.x[0], view.rows.scene.y[0]))
    assert "Cluster" not in card
    find_clusters(qtbot, iris, 3)
    settle(qtbot, view)
    assert "Cluster" in view.inspector.card.text() or not view.inspector.card.isVisible()


def test_shares_are_of_the_rows_looked_at():
    card = crowd_card("here", np.array([90, 0, 8, 2]), ("Ann", "Bob"))
    assert "100 rows" in card
    assert "of 10 looked at so far" in card
    assert "80 %" in card
    assert "20 %" in card
    assert "looked at" not in crowd_card("here", np.array([0, 0, 8, 2]), ("Ann", "Bob"))


def test_a_row_far_from_zero_is_shown_with_all_its_digits(qtbot, document):
    give(qtbot, document, table(a=1e8 + np.arange(10) / 10 + 0.1, b=np.arange(10) * 1e-6))
    view = shown(qtbot, document)
    scene = view.rows.scene
    card = hover(qtbot, view, in_window(view, scene.x[6], scene.y[6]))
    assert "100,000,000.7" in card
    assert "6e−06" in card


@pytest.mark.parametrize("longer", [1.0, 1e4])
def test_a_locked_aspect_leaves_every_row_in_sight(qtbot, document, longer):
    rng = np.random.default_rng(0)
    give(qtbot, document, table(a=longer * rng.normal(size=60), b=rng.normal(size=60)))
    view = shown(qtbot, document)
    view.toolbar.lock.click()
    settle(qtbot, view)
    scene, sight = view.rows.scene, view.plot.visible_rect()
    assert sight.left() < scene.x.min() < scene.x.max() < sight.right()
    assert sight.top() < scene.y.min() < scene.y.max() < sight.bottom()


def test_why_there_is_no_map(qtbot, document):
    view = shown(qtbot, document)
    give(qtbot, document, table(a=[1.0, 2, 3, 4], b=[5.0, 5, 5, 5]))
    assert "Column 'b' is constant" in view.findChild(Pages).currentWidget().text()
    with qtbot.waitSignal(document.prepared_changed):
        document.ticks.clear()
    assert view.findChild(Pages).currentWidget().text().startswith("Tick at least one column")


def test_labels_tell_the_clusters_apart(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    clustered_iris.edits.rename(1, "A name " + "that is long " * 8)
    labels = [view.clusters._label(k) for k in range(3)]
    assert labels[0].startswith("1: ")
    assert labels[1].startswith("A name")
    assert labels[1].endswith("is long: 33 %")  # long names keep both their ends
    assert len(labels[1]) < 40


def test_a_table_without_numbers_says_so_at_once(qtbot, document):
    view = shown(qtbot, document)
    words = Column("word", ColumnKind.TEXT, pa.chunked_array([["a", "b", "a"]]), 0)
    document.set_dataset(Dataset("words", (words,), Receipt("test", "CSV", 0, "")))
    settle(qtbot, view)
    assert (
        view.findChild(Pages).currentWidget().text().startswith("words has no column with numbers")
    )


def test_the_next_answer_is_shown_along_the_same_axes(qtbot, iris):
    view = shown(qtbot, iris)
    find_clusters(qtbot, iris, 3)
    settle(qtbot, view)
    axes = view.toolbar.axes
    for models in (("VII",), ("EEE",)):
        find_clusters(qtbot, iris, 5, models=models)
        settle(qtbot, view)
        assert view.toolbar.axes == axes


def test_of_very_many_clusters_no_label_hides_another(qtbot, iris):
    view = shown(qtbot, iris)
    find_clusters(qtbot, iris, 30, models=("VII",), max_iter=3)
    settle(qtbot, view)
    drawn = []

    class Listening(QPainter):
        def drawPixmap(self, place, plate):
            drawn.append(QRectF(place, plate.deviceIndependentSize()))

    image = QImage(700, 500, QImage.Format.Format_ARGB32)
    painter = Listening(image)
    view.clusters._paint_labels(painter)
    painter.end()
    assert 3 < len(drawn) <= 30
    assert not any(a.intersects(b) for a, b in itertools.combinations(drawn, 2))


@pytest.mark.parametrize("columns", [("a", "b"), ("a",)])
def test_rows_of_no_cluster_are_called_so(qtbot, document, columns):
    give(qtbot, document, scattered())
    view = shown(qtbot, document)
    with qtbot.waitSignal(document.prepared_changed):
        document.change_settings("noise", columns=columns, noise=True)
    fit_two(qtbot, document)
    settle(qtbot, view)
    scene, label = view.rows.scene, document.analysis.rows.label
    shading = view.rows.shading
    np.testing.assert_array_equal(clusters_of(shading.codes), label)
    row = int(scene.x[:-30].size + np.argmax(np.abs(scene.x[-30:])))
    assert label[row] == NO_CLUSTER
    position = in_window(view, scene.x[row], 0.0 if len(columns) == 1 else scene.y[row])
    card = hover(qtbot, view, position)
    assert "No cluster" in card
    assert "Cluster 3" not in card
    click(qtbot, view, position)
    assert document.current_cluster is None


def test_while_a_fit_runs_rows_may_have_no_cluster_yet(qtbot, document):
    give(qtbot, document, scattered())
    view = shown(qtbot, document)
    document.change_settings("noise", noise=True)
    fit_two(qtbot, document)
    settle(qtbot, view)
    last = document.analysis.trail[-1]
    found = clusters_of(shade(view.rows.scene, last).codes)
    assert set(found.tolist()) == {NO_CLUSTER, 0, 1}
