"""The shapes of clusters beside their names, in every table that lists them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.palette import character
from gmmdesk.ui.tables.clusters_model import ClustersModel, swatch
from gmmdesk.ui.tables.means_model import MeansModel
from gmmdesk.ui.tables.overlap_model import OverlapModel
from tests.ui.conftest import find_clusters

DECORATION, ACROSS = Qt.ItemDataRole.DecorationRole, Qt.Orientation.Horizontal


def outline(icon):
    """Which pixels an icon covers, whatever its colour."""
    image = icon.pixmap(QSize(14, 14)).toImage()
    return tuple(
        image.pixelColor(x, y).alphaF() > 0.5
        for y in range(image.height())
        for x in range(image.width())
    )


def cluster_list(document):
    model = ClustersModel(document)
    return [model.index(k, 0).data(DECORATION) for k in range(3)]


def profiles(document):
    model = MeansModel(document)
    return [model.headerData(k + 1, ACROSS, DECORATION) for k in range(3)]


def certainty(document):
    model = OverlapModel(document)
    model.show_shares(np.eye(3))
    return [model.headerData(k, ACROSS, DECORATION) for k in range(3)]


@pytest.mark.parametrize("listed", [cluster_list, profiles, certainty])
def test_each_cluster_has_its_own_shape(qtbot, iris, listed):
    find_clusters(qtbot, iris, 3)
    shapes = [outline(icon) for icon in listed(iris)]
    assert len(set(shapes)) == 3
    for k, shape in enumerate(shapes):
        assert shape == outline(swatch(QColor("black"), sign=k))


@pytest.mark.parametrize("listed", [cluster_list, profiles, certainty])
def test_a_cluster_that_is_found_again_keeps_its_shape(qtbot, iris, listed, monkeypatch):
    find_clusters(qtbot, iris, 3)
    before = listed(iris)
    signs = (4, 0, 2)
    monkeypatch.setattr(type(iris), "signs", signs)
    after = [outline(icon) for icon in listed(iris)]
    assert after == [outline(swatch(QColor("black"), sign=k)) for k in signs]
    assert after != [outline(icon) for icon in before]


def test_characters_differ_and_begin_anew():
    assert len({character(k) for k in (NO_CLUSTER, *range(7))}) == 8
    assert character(7) == character(0)
