"""A map on the screen, and how a test looks at it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from PySide6.QtCore import QPoint, QPointF, Qt

from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.ui.drawing.pictures import MOST_DOTS
from gmmdesk.ui.views.map import MapView


def shown(qtbot, document):
    view = MapView(document)
    qtbot.addWidget(view)
    view.resize(700, 500)
    with qtbot.waitExposed(view):
        view.show()
    settle(qtbot, view)
    return view


def settle(qtbot, view):
    qtbot.waitUntil(lambda: not view.is_busy, timeout=10_000)


def in_window(view, x, y):
    """Where a point of the map is, in pixels of the plot's viewport."""
    scene = view.plot.box.mapViewToScene(QPointF(x, y))
    return view.plot.mapFromScene(scene)


def center_of(view, cluster):
    return in_window(view, *view.clusters.clusters.means[cluster])


def click(qtbot, view, position):
    """A single click; the pause of a double click must not turn two of them into one."""
    qtbot.mouseMove(view.plot.viewport(), position)
    qtbot.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=position)


def hover(qtbot, view, position):
    qtbot.mouseMove(view.plot.viewport(), QPoint(0, 0))  # so that the next one is a movement
    qtbot.mouseMove(view.plot.viewport(), position)
    qtbot.waitUntil(view.inspector.card.isVisible)
    return view.inspector.card.text()


def table(**columns):
    made = tuple(
        Column(name, ColumnKind.NUMBER, pa.chunked_array([np.asarray(values, float)]), 0)
        for name, values in columns.items()
    )
    return Dataset("table", made, Receipt("test", "CSV", 0, ""))


def many_rows(n=2 * MOST_DOTS):
    rng = np.random.default_rng(0)
    group = rng.integers(2, size=n)
    return table(a=rng.normal(8.0 * group), b=rng.normal(5.0 * group), c=rng.normal(size=n) + group)


def scattered(n=150):
    """Two far blobs, and a fifth as many rows anywhere."""
    rng = np.random.default_rng(2)
    centers = np.repeat([[0.0, 0.0], [8.0, 5.0]], n // 2, axis=0)
    rows = np.concatenate([rng.normal(centers, 0.5), rng.uniform(-20.0, 25.0, (n // 5, 2))])
    return table(a=rows[:, 0], b=rows[:, 1])


def give(qtbot, document, dataset):
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.set_dataset(dataset)


def fit_two(qtbot, document):
    document.change_settings("Choose", k_min=2, k_max=2, restarts=1, models=("VVV",))
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()
