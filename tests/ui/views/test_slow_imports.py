"""What takes seconds to import is imported by whoever computes, never on the UI thread."""

from __future__ import annotations

import builtins
import sys
import threading
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from gmmdesk.ui.views.diagnosis.others_page import OthersPage
from gmmdesk.ui.views.map import toolbar
from tests.ui.conftest import find_clusters
from tests.ui.views.map.conftest import settle, shown


@pytest.fixture
def importers(monkeypatch):
    """The threads that have asked for each package, in memory already or not."""
    found: dict[str, set[threading.Thread]] = {}
    real = builtins.__import__

    def noted(name, *args, **options):
        found.setdefault(name.partition(".")[0], set()).add(threading.current_thread())
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", noted)
    return found


def test_the_embedding_is_imported_by_its_worker(qtbot, iris, monkeypatch, importers):
    package = ModuleType("openTSNE")
    places = np.random.default_rng(1).normal(size=(150, 2))
    package.TSNE = lambda **_: SimpleNamespace(fit=lambda _rows: places)
    monkeypatch.setitem(sys.modules, "openTSNE", package)
    monkeypatch.setattr(toolbar, "is_installed", lambda: True)
    view = shown(qtbot, iris)
    assert "openTSNE" not in importers
    box = view.toolbar.x_box
    box.setCurrentIndex(box.findText("t-SNE 1"))
    box.activated.emit(box.currentIndex())
    settle(qtbot, view)
    assert not view.rows.scene.is_linear
    assert importers["openTSNE"]
    assert threading.main_thread() not in importers["openTSNE"]


def test_density_based_clusters_are_imported_by_their_worker(qtbot, iris, monkeypatch, importers):
    package = ModuleType("sklearn.cluster")
    alike = SimpleNamespace(fit_predict=lambda rows: np.zeros(len(rows), np.int64))
    package.HDBSCAN = lambda **_: alike
    monkeypatch.setitem(sys.modules, "sklearn", ModuleType("sklearn"))
    monkeypatch.setitem(sys.modules, "sklearn.cluster", package)
    find_clusters(qtbot, iris, 2)
    page = OthersPage(iris)
    qtbot.addWidget(page, before_close_func=OthersPage.close_workers)
    page.show()
    page.show_answer(iris.analysis)
    qtbot.waitUntil(lambda: not page.is_busy)
    assert "sklearn" not in importers
    page.choose_density()
    qtbot.waitUntil(lambda: "sklearn" in importers)
    qtbot.waitUntil(lambda: not page.is_busy)
    assert threading.main_thread() not in importers["sklearn"]
    assert page.found.agreement.table.shape == (2, 1)
