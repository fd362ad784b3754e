"""A colour that the user gave a cluster is the same in every view, at once."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage

from gmmdesk.ui.panels.clusters_panel import ClustersPanel
from gmmdesk.ui.views.certainty import CertaintyView
from gmmdesk.ui.views.densities import DensitiesView
from gmmdesk.ui.views.map import MapView
from gmmdesk.ui.views.matrix import MatrixView
from gmmdesk.ui.views.table import TableView
from tests.ui.conftest import Driver

MAGENTA = (255, 0, 255)
# What shows clusters in their colours: the view, its tab, and the parts to be looked at.
PLACES = {
    "map": (MapView, "Map", lambda view: [view]),
    "matrix": (MatrixView, "Matrix", lambda view: [view]),
    "densities": (DensitiesView, "Densities", lambda view: [view]),
    "certainty": (CertaintyView, "Certainty", lambda view: [view.plot, view.table]),
    "table": (TableView, "Table", lambda view: [view]),
    "clusters": (ClustersPanel, "Map", lambda panel: [panel]),
}


def has_magenta(widget):
    """Whether some pixels are nearly so; lines are smoothed."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    red, green, blue = (pixels[..., channel].astype(int) for channel in (2, 1, 0))
    away = np.abs(np.stack((red, green, blue), axis=-1) - MAGENTA).max(axis=-1)
    return bool((away < 40).sum() > 3)


@pytest.mark.parametrize("place", PLACES)
def test_a_chosen_colour_is_shown(driver: Driver, place: str) -> None:
    kind, title, parts = PLACES[place]
    driver.window.resize(1500, 800)
    driver.open("sample:iris")
    driver.document.change_settings("two", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    driver.click_tab(title)
    view = driver.window.findChild(kind)

    def settled() -> bool:
        busy = getattr(view, "matrix", view)
        return not getattr(busy, "is_busy", False)

    driver.qtbot.waitUntil(view.isVisible)
    driver.qtbot.waitUntil(settled)
    assert not any(map(has_magenta, parts(view)))
    for cluster in range(2):
        driver.document.edits.recolor(cluster, "#FF00FF")
    driver.qtbot.waitUntil(settled)
    assert all(map(has_magenta, parts(view)))
    driver.document.undo()
    driver.document.undo()
    driver.qtbot.waitUntil(settled)
    assert not any(map(has_magenta, parts(view)))
