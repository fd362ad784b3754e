"""Axes of the map that are no columns, chosen as a user does."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gmmdesk.errors import Cancelled
from gmmdesk.ui.drawing import embedding
from gmmdesk.ui.drawing.discriminant import discriminants
from gmmdesk.ui.drawing.embedding import EmbeddedAxis
from gmmdesk.ui.views.map import placing, toolbar
from tests.ui.conftest import find_clusters
from tests.ui.views.map.conftest import settle, shown


def choose(view, box, beginning):
    """Choose the entry of a box that begins so, as with the mouse."""
    index = box.findText(beginning, Qt.MatchFlag.MatchStartsWith)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def is_enabled(box, beginning):
    return box.model().item(box.findText(beginning, Qt.MatchFlag.MatchStartsWith)).isEnabled()


def test_discriminant_directions_need_clusters_and_follow_the_answer(qtbot, iris):
    view = shown(qtbot, iris)
    bar = view.toolbar
    assert not is_enabled(bar.x_box, "Discriminant direction 1 (needs clusters)")
    find_clusters(qtbot, iris, 3)
    settle(qtbot, view)
    assert is_enabled(bar.x_box, "Discriminant direction 1")
    place = bar.x_box.findText("Discriminant direction 1")  # whose number nothing longer cuts
    assert "of the separation" in bar.x_box.itemData(place, Qt.ItemDataRole.ToolTipRole)
    choose(view, bar.x_box, "Discriminant direction 1")
    choose(view, bar.y_box, "Discriminant direction 2")
    settle(qtbot, view)
    first, second = discriminants(iris.analysis.scaled.parameters)
    np.testing.assert_allclose(view.rows.scene.x, first.values(iris.prepared))
    np.testing.assert_allclose(view.rows.scene.y, second.values(iris.prepared))
    assert view.clusters.clusters is not None
    find_clusters(qtbot, iris, 4)
    settle(qtbot, view)
    again = discriminants(iris.analysis.scaled.parameters)[0].values(iris.prepared)
    np.testing.assert_allclose(view.rows.scene.x, again)
    find_clusters(qtbot, iris, 1)
    settle(qtbot, view)
    assert view.toolbar.axes == iris.prepared.columns[:2]  # one cluster has no such directions


@pytest.fixture
def embedded(monkeypatch):
    """t-SNE that is quick, and waits until it may end."""
    free = threading.Event()

    def quick(prepared, seed, task):
        task.step(0.5, "Placing rows")
        while not free.wait(0.01):
            if task.cancelled:
                raise Cancelled
        rows = np.arange(0, len(prepared.rows), 2)
        places = np.random.default_rng(seed).normal(size=(2, len(rows)))
        nothing = np.zeros(prepared.X.shape[1])
        return tuple(
            EmbeddedAxis(f"t-SNE {i + 1}", nothing, 0.0, rows=rows, positions=places[i])
            for i in range(2)
        )

    monkeypatch.setattr(placing, "embed", quick)
    monkeypatch.setattr(toolbar, "is_installed", lambda: True)
    return free


def test_an_embedding_shows_its_progress_then_the_rows_with_a_warning(
    qtbot, clustered_iris, embedded
):
    view = shown(qtbot, clustered_iris)
    choose(view, view.toolbar.y_box, "t-SNE 1")  # one axis of it alone says nothing
    assert view.toolbar.axes == (21, 22)
    qtbot.waitUntil(view.embedding_bar.isVisible)
    assert view.clusters.clusters is not None  # the map is as it was
    embedded.set()
    settle(qtbot, view)
    assert not view.embedding_bar.isVisible()
    assert np.isfinite(view.rows.scene.x).sum() == 75
    assert view.clusters.clusters is None
    assert "distances" in view._notes.text()
    assert "75 rows are left out" in view._notes.text()
    assert view.rows.shading.n_clusters == 3
    source = view.figure()  # knows the embedding, and does not compute it again
    embedded.clear()
    qtbot.waitUntil(lambda: not source.is_busy(), timeout=5_000)
    source.close()
    choose(view, view.toolbar.x_box, clustered_iris.prepared.columns[0])
    settle(qtbot, view)
    assert all(isinstance(axis, str) for axis in view.toolbar.axes)
    choose(view, view.toolbar.x_box, "t-SNE 1")  # kept
    settle(qtbot, view)
    assert not view.rows.scene.is_linear


def test_an_embedding_can_be_cancelled(qtbot, clustered_iris, embedded):
    view = shown(qtbot, clustered_iris)
    before = view.toolbar.axes
    choose(view, view.toolbar.x_box, "t-SNE 2")
    qtbot.waitUntil(view.embedding_bar.isVisible)
    qtbot.mouseClick(view.embedding_bar.cancel, Qt.MouseButton.LeftButton)
    assert view.toolbar.axes == before
    settle(qtbot, view)
    assert not view.embedding_bar.isVisible()
    assert view.rows.scene.is_linear
    assert not embedded.is_set()


def test_without_the_package_the_entry_says_how_to_get_it(qtbot, iris, monkeypatch):
    monkeypatch.setattr(toolbar, "is_installed", lambda: False)
    view = shown(qtbot, iris)
    assert not is_enabled(view.toolbar.x_box, f"t-SNE 1 (needs {embedding.HOW_TO_GET})")
