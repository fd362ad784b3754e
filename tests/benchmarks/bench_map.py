"""How fluid is the map, beside pyqtgraph's ScatterPlotItem in the same run?

    python tests/benchmarks/bench_map.py [--rows 10000000] [--columns 4] [--k 8]

Printed are: the first picture, from the moment that the map is given the rows to the moment that
their picture is on the screen; frames, each one a paint of the whole plot after a pan or zoom; a
change of colours, until the first picture that has them, and until the last; hovering, until the
card is there; selecting a cluster; memory that the view takes beside that of the columns; and what
a fit takes with the map beside it and without; up to 1,000,000 rows also the matrix of 8 columns.
Where other programs run, take the least of several runs.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import threading
import time
from types import SimpleNamespace

import numpy as np
from event_loop import Loop, resident

MOST_SCATTERED = 1_000_000  # rows that ScatterPlotItem is given: more take minutes
MOST_IN_MATRIX = 1_000_000
MATRIX_COLUMNS = 8


def make_prepared(n: int, d: int, k: int):
    from gmmdesk.data.prepare import Prepared
    from gmmdesk.data.steps import Preparation

    rng = np.random.default_rng(0)
    group = rng.integers(k, size=n)
    centers = rng.normal(scale=4.0, size=(k, d))
    X = np.empty((n, d), order="F")
    for j in range(d):
        X[:, j] = rng.normal(size=n) + centers[group, j]
    names = tuple(f"x{j + 1}" for j in range(d))
    center, scale, left_out = np.zeros(d), np.ones(d), np.zeros(n, np.uint16)
    preparation = Preparation(inputs=names, columns=names, center=tuple(center), scale=tuple(scale))
    prepared = Prepared(names, X, np.arange(n), center, scale, left_out, (), preparation)
    return prepared, group.astype(np.int32), centers


def bench_scatter(loop: Loop, prepared, group) -> None:
    """The same rows in pyqtgraph's own item."""
    import pyqtgraph as pg

    n = min(len(prepared.rows), MOST_SCATTERED)
    plot = pg.PlotWidget()
    plot.resize(1280, 760)
    plot.show()
    loop.idle(100)
    brushes = [pg.mkBrush(pg.intColor(k)) for k in range(int(group.max()) + 1)]
    item = pg.ScatterPlotItem(size=3, pen=None)
    began = time.perf_counter()
    colors = [brushes[k] for k in group[:n]]
    item.setData(x=prepared.X[:n, 0], y=prepared.X[:n, 1], brush=colors)
    plot.addItem(item)
    loop.application.processEvents()
    took = time.perf_counter() - began
    print(f"{f'ScatterPlotItem, {n:,} rows':34s} {1000 * took:7.0f} ms to the first picture")
    box = plot.getViewBox()
    span = box.viewRange()[0][1] - box.viewRange()[0][0]
    loop.frames("ScatterPlotItem, pan", [lambda: box.translateBy(x=0.01 * span)] * 8)
    plot.close()


def dataset_of(prepared):
    """The table that rows were prepared from."""
    import pyarrow as pa

    from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt

    columns = tuple(
        Column(name, ColumnKind.NUMBER, pa.chunked_array([prepared.X[:, j]]), 0)
        for j, name in enumerate(prepared.columns)
    )
    return Dataset("table", columns, Receipt("table", "CSV", 0, ""))


def analysis_of(prepared, group, centers):
    """An answer as far as the map looks at it."""
    from gmmdesk.analysis import Analysis
    from gmmdesk.engine import Parameters

    K, d = centers.shape
    parameters = Parameters(np.full(K, 1 / K), centers, np.tile(np.eye(d), (K, 1, 1)))
    probability = np.random.default_rng(2).uniform(0.5, 1.0, len(group))
    outlier = probability > 0.9999
    result = SimpleNamespace(weights=parameters.weights, parameters=parameters)
    return Analysis(**dict.fromkeys(field.name for field in dataclasses.fields(Analysis)) | {
        "prepared": prepared,
        "rows": SimpleNamespace(
            label=group, probability=probability, outliers=lambda _level: outlier
        ),
        "result": result,
        "scaled": result,
        "trail": (),
        "sizes": np.bincount(group, minlength=K),
    })  # fmt: skip


def bench(loop: Loop, n: int, d: int, k: int) -> None:
    from PySide6.QtCore import QPointF

    from gmmdesk.data.row_set import RowSet
    from gmmdesk.ui.document import Document
    from gmmdesk.ui.views.map import MapView

    prepared, group, centers = make_prepared(n, d, k)
    analysis, dataset = analysis_of(prepared, group, centers), dataset_of(prepared)
    document = Document()
    view = MapView(document)
    view.resize(1280, 800)
    view.show()

    def give() -> None:
        document.dataset = dataset
        document.selection.start(n)
        document._preview.prepared = prepared
        document.prepared_changed.emit()

    def settled() -> bool:
        return not view.is_busy

    def finish() -> None:
        document._shown.analysis = analysis
        document.analysis_changed.emit()

    loop.idle()
    print(f"\n{n:,} x {d}, K = {k}")
    before = resident()
    loop.phase("first picture", give, lambda: view.rows.cells.picture is not None, settled)
    loop.idle()
    print(f"{'':34s} at {view.plot.width()} x {view.plot.height()} pixels")

    def recoloured(name: str, begin) -> None:
        """Until another picture is shown."""
        shown = [None]

        def start() -> None:
            shown[0] = view.rows.cells.picture
            begin()

        loop.phase(name, start, lambda: view.rows.cells.picture is not shown[0], settled)

    recoloured("colours of the answer", finish)
    recoloured("highlighting a cluster", lambda: document.set_current_cluster(1))
    recoloured("highlighting another", lambda: document.set_current_cluster(2))
    document.set_current_cluster(None)
    loop.until(settled)
    recoloured("hiding a cluster", lambda: view.key.hide(frozenset({0})))
    view.key.hide(frozenset())
    loop.until(settled)
    recoloured("colours by how sure", lambda: view.toolbar.color_box.setCurrentIndex(1))
    recoloured("colours by clusters again", lambda: view.toolbar.color_box.setCurrentIndex(0))
    chosen = RowSet.of_mask(group == 1)
    loop.phase(
        "selecting a cluster",
        lambda: document.selection.set(chosen, "cluster 2"),
        view.selected.veil.isVisible,
        settled,
    )
    document.selection.clear()
    loop.until(settled)
    used, data = resident() - before, prepared.X.nbytes / 1e6
    print(f"{'memory of the view':34s} {used:7.0f} MB, {used / data:.2f} times the columns")

    box = view.plot.box
    span = view.plot.visible_rect().width()
    loop.frames("pan", [lambda: box.translateBy(x=0.005 * span)] * 40, settled)
    loop.frames("zoom in", [lambda: box.scaleBy((0.95, 0.95))] * 40, settled)
    loop.frames("zoom out", [lambda: box.scaleBy((1 / 0.95, 1 / 0.95))] * 60, settled)
    view.reset_range()
    loop.until(settled)

    hovers = []
    card = view.inspector.card
    view.toolbar.layers.switch("labels").setChecked(False)  # no centres, only rows
    x, y = view.rows.scene.places(np.arange(0, n, n // 15))
    for at in zip(x.tolist(), y.tolist(), strict=True):
        view.inspector.hide()
        began = time.perf_counter()
        view.plot.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(*at)))
        loop.until(lambda began=began: card.isVisible() or time.perf_counter() > began + 2.0)
        hovers.append(1000 * (time.perf_counter() - began))
    print(
        f"{'hover':34s} {statistics.median(hovers):7.1f} ms"
        f" (best {min(hovers):.1f}, worst {max(hovers):.1f})"
    )
    if d > 1:
        recoloured("principal components", lambda: view.toolbar.set_axes((1, 2)))
    for name in ("regions", "contours", "heat"):
        layer = view.overlays.layers[name]
        loop.phase(
            f"layer: {name}",
            lambda name=name: view.toolbar.layers.switch(name).setChecked(True),
            lambda layer=layer: layer.content is not None,
            settled,
        )
        view.toolbar.layers.switch(name).setChecked(False)
    view.close()
    view.close_workers()
    document.close()
    bench_scatter(loop, prepared, group)


def bench_matrix(loop: Loop, n: int, k: int) -> None:
    """All columns against each other: the first time, in other colours, with rows selected."""
    from gmmdesk.data.row_set import RowSet
    from gmmdesk.ui.document import Document
    from gmmdesk.ui.views.matrix import MatrixView

    prepared, group, centers = make_prepared(n, MATRIX_COLUMNS, k)
    analysis = analysis_of(prepared, group, centers)
    document = Document()
    view = MatrixView(document)
    view.resize(1280, 800)
    view.show()
    matrix = view.matrix

    def settled() -> bool:
        return not matrix.is_busy

    def give() -> None:
        document.selection.start(n)
        document._preview.prepared = prepared
        document.prepared_changed.emit()

    def finish() -> None:
        document._shown.analysis = analysis
        document.analysis_changed.emit()

    def redrawn(name: str, begin) -> None:
        shown = [None]

        def start() -> None:
            shown[0] = matrix.drawn
            begin()

        loop.phase(f"matrix: {name}", start, lambda: matrix.drawn is not shown[0], settled)

    loop.idle()
    print(f"\n{n:,} x {MATRIX_COLUMNS}, K = {k}")
    redrawn("first pictures", give)
    redrawn("colours of the answer", finish)
    redrawn("highlighting a cluster", lambda: document.set_current_cluster(1))
    chosen = RowSet.of_mask(group == 1)
    redrawn("selecting a cluster", lambda: document.selection.set(chosen, "cluster 2"))
    view.close()
    view.close_workers()
    document.close()


def bench_fit(loop: Loop, n: int, d: int, k: int) -> None:
    """A whole fit: without a window, and in the document, with a map that follows it."""
    from gmmdesk.analysis import analyse
    from gmmdesk.ui.document import Document
    from gmmdesk.ui.views.map import MapView

    prepared, _group, _centers = make_prepared(n, d, k)
    document = Document()
    document.checking.automatic = document.fitting.replays = False
    view = MapView(document)
    view.resize(1280, 800)
    view.show()
    dataset = dataset_of(prepared)
    document.set_dataset(dataset)
    restarts = max(10, 4_000_000 // n)  # seconds, not an instant
    document.change_settings(
        "one fit", k_min=k, k_max=k, models=("VVV",), restarts=restarts, tol=1e-9
    )
    loop.until(lambda: document.prepared is not None and not view.is_busy)

    def alone() -> float:
        took: list[float] = []

        def work() -> None:
            began = time.perf_counter()
            for _progress in analyse(dataset, document.settings):
                pass
            took.append(time.perf_counter() - began)

        thread = threading.Thread(target=work)
        thread.start()
        loop.until(lambda: bool(took))
        thread.join()
        return took[0]

    def beside() -> float:
        frames = [0]
        connection = document.progressed.connect(lambda: frames.__setitem__(0, frames[0] + 1))
        began = time.perf_counter()
        document.start_fit()
        run = document.fitting._bridge.run
        loop.until(lambda: run.ended)
        took = time.perf_counter() - began
        loop.until(lambda: not document.is_running)
        document.disconnect(connection)
        loop.until(lambda: not view.is_busy)
        rates.append(frames[0] / took)
        return took

    rates: list[float] = []
    without, with_map = [], []
    for _ in range(5):  # in turn, as other programs come and go
        without.append(alone())
        with_map.append(beside())
    print(
        f"{'a fit with the map beside it':34s} {min(with_map):7.2f} s,"
        f" without {min(without):.2f} s: {100 * (min(with_map) / min(without) - 1):+.0f} %,"
        f" at {statistics.median(rates):.0f} frames a second"
    )
    view.close()
    view.close_workers()
    document.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--k", type=int, default=8)
    parser.add_argument("--parts", nargs="+", default=["map", "matrix", "fit"])
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gmmdesk.ui.app import make_application
    from gmmdesk.ui.garbage import GarbageCollector

    event_loop = Loop(make_application([]))
    garbage = GarbageCollector(event_loop.application)
    garbage.start()  # as in the program: on another thread, timers would be destroyed
    for rows in options.rows:
        if "map" in options.parts:
            bench(event_loop, rows, options.columns, options.k)
        if "matrix" in options.parts and rows <= MOST_IN_MATRIX:
            bench_matrix(event_loop, rows, options.k)
        if "fit" in options.parts:
            bench_fit(event_loop, rows, options.columns, options.k)
