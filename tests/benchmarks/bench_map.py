"""How fluid is the map, beside pyqtgraph's ScatterPlotItem in the same run?

    python tests/benchmarks/bench_map.py [--rows 10000000] [--columns 4] [--k 8]

Printed are: the first picture, from the moment that the map is given the rows to the moment that
their picture is on the screen; frames, each one a paint of the whole plot after a pan or zoom; a
change of colours, until the first picture that has them, and until the last; hovering, until the
card is there; memory that the view takes beside that of the columns; and what a fit takes with the
map beside it and without. Where other programs run, take the least of several runs.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import resource
import statistics
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

MOST_SCATTERED = 1_000_000  # rows that ScatterPlotItem is given: more take minutes


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


class Loop:
    """The event loop, with a timer that should beat every 5 ms."""

    def __init__(self, application) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.application = application
        self.beats: list[float] = []
        self._beat = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(lambda: self.beats.append(time.perf_counter()))
        self._beat.start()

    def until(self, reached) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        poll = QTimer(interval=1)
        poll.timeout.connect(lambda: loop.quit() if reached() else None)
        poll.start()
        loop.exec()

    def idle(self, milliseconds: int = 300) -> None:
        end = time.perf_counter() + milliseconds / 1000.0
        self.until(lambda: time.perf_counter() >= end)

    def gap(self) -> float:
        return max((b - a for a, b in itertools.pairwise(self.beats)), default=0.0)

    def phase(self, name: str, begin, first, last) -> None:
        """What `begin` takes until `first`, and until `last`, are so."""
        self.idle()
        self.beats.clear()
        began = time.perf_counter()
        begin()
        self.until(first)
        self.application.processEvents()
        took = time.perf_counter() - began
        self.until(last)
        whole = time.perf_counter() - began
        print(
            f"{name:34s} {1000 * took:7.0f} ms, settled after {1000 * whole:5.0f} ms,"
            f" largest gap {1000 * self.gap():3.0f} ms"
        )

    def frames(self, name: str, moves, settled=lambda: True) -> None:
        self.until(settled)
        self.idle()
        paints, processor = [], []
        for move in moves:
            began, thread_began = time.perf_counter(), time.thread_time()
            move()
            self.application.processEvents()
            paints.append(1000 * (time.perf_counter() - began))
            processor.append(1000 * (time.thread_time() - thread_began))
            self.idle(12)
        self.until(settled)
        print(
            f"{name:34s} {statistics.median(paints):7.1f} ms a frame"
            f" (best {min(paints):.1f}, worst {max(paints):.1f};"
            f" processor {statistics.median(processor):.1f})"
        )


def resident() -> float:
    """Megabytes of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


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
        "rows": SimpleNamespace(label=group, probability=probability, outlier=outlier),
        "result": result,
        "scaled": result,
        "trail": (),
    })  # fmt: skip


def bench(loop: Loop, n: int, d: int, k: int) -> None:
    from PySide6.QtCore import QPointF

    from gmmdesk.ui.document import Document
    from gmmdesk.ui.views.map import MapView

    prepared, group, centers = make_prepared(n, d, k)
    document = Document()
    view = MapView(document)
    view.resize(1280, 800)
    view.show()

    def give(new) -> None:
        document._preview.prepared = new
        document.prepared_changed.emit()

    def settled() -> bool:
        return not view.is_busy

    def finish(analysis) -> None:
        document._shown.analysis = analysis
        document.analysis_changed.emit()

    loop.idle()
    print(f"\n{n:,} x {d}, K = {k}")
    before = resident()
    loop.phase(
        "first picture",
        lambda: give(prepared),
        lambda: view.rows.cells.picture is not None,
        settled,
    )
    loop.idle()
    print(f"{'':34s} at {view.plot.width()} x {view.plot.height()} pixels")

    def recoloured(begin):
        """Until another picture is shown."""
        shown = [None]

        def start() -> None:
            shown[0] = view.rows.cells.picture
            begin()

        return start, lambda: view.rows.cells.picture is not shown[0]

    loop.phase(
        "colours of the answer",
        *recoloured(lambda: finish(analysis_of(prepared, group, centers))),
        settled,
    )
    loop.phase(
        "highlighting a cluster", *recoloured(lambda: document.set_current_cluster(1)), settled
    )
    document.set_current_cluster(None)
    loop.until(settled)
    loop.phase("hiding a cluster", *recoloured(lambda: view.key.hide(frozenset({0}))), settled)
    view.key.hide(frozenset())
    loop.until(settled)
    loop.phase(
        "colours by how sure",
        *recoloured(lambda: view.toolbar.color_box.setCurrentIndex(1)),
        settled,
    )
    view.toolbar.color_box.setCurrentIndex(0)
    loop.until(settled)
    used = resident() - before - (group.nbytes + 9 * n) / 1e6  # the answer is not the view's
    data = prepared.X.nbytes / 1e6
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
        card.hide()
        began = time.perf_counter()
        view.plot.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(*at)))
        loop.until(lambda began=began: card.isVisible() or time.perf_counter() > began + 2.0)
        hovers.append(1000 * (time.perf_counter() - began))
    print(
        f"{'hover':34s} {statistics.median(hovers):7.1f} ms"
        f" (best {min(hovers):.1f}, worst {max(hovers):.1f})"
    )
    if d > 1:
        loop.phase(
            "principal components",
            *recoloured(lambda: view.toolbar.set_axes((1, 2))),
            settled,
        )
    for name in ("regions", "contours", "heat"):
        layer = view.overlays.layers[name]
        loop.phase(
            f"layer: {name}",
            lambda name=name: view.toolbar.layers.switch(name).setChecked(True),
            lambda layer=layer: layer.content is not None,
            settled,
        )
        view.toolbar.layers.switch(name).setChecked(False)
    bench_scatter(loop, prepared, group)
    bench_fit(loop, document, view, prepared, centers)
    view.close()
    view.close_workers()
    document.close()


def bench_fit(loop: Loop, document, view, prepared, centers) -> None:
    """Iterations of the engine, alone and beside a map that follows them 25 times a second."""
    from gmmdesk.analysis import AnalysisProgress
    from gmmdesk.engine import FitProgress, FitSpec, Parameters, steps

    n, d = prepared.X.shape
    k = len(centers)
    start = np.random.default_rng(3).integers(k, size=n)

    def fit(done: list[float], latest: list) -> None:
        spec = FitSpec(n_components=k, model="VVV", tol=0.0, max_iter=max(3, 30_000_000 // (n * d)))
        began = time.perf_counter()
        for progress in steps(prepared.X, spec, start):
            latest[0] = progress.parameters
        done.append(time.perf_counter() - began)

    def run(*, shows: bool) -> float:
        done: list[float] = []
        latest: list[Parameters | None] = [None]
        thread = threading.Thread(target=fit, args=(done, latest))
        document._shown.analysis = None
        document.fitting._bridge = SimpleNamespace(run=None, release=lambda: None)  # is_running
        thread.start()
        while not done:
            loop.idle(40)
            if shows and latest[0] is not None:
                state = FitProgress(0, 1, 1, -1.0, 0.1, latest[0], n, n, n)
                document.fitting.progress = AnalysisProgress(
                    prepared, 0, "VVV", k, scaled=state, order=np.arange(k), candidates=(),
                    n_candidates=1,
                )  # fmt: skip
                document.progressed.emit()
        thread.join()
        document.fitting._bridge = None
        return done[0]

    alone, beside = [], []
    for _ in range(3):  # in turn, as other programs come and go
        alone.append(run(shows=False))
        beside.append(run(shows=True))
    print(
        f"{'a fit with the map beside it':34s} {min(beside):7.2f} s, without {min(alone):.2f} s:"
        f" {100 * (min(beside) / min(alone) - 1):+.0f} %"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--k", type=int, default=8)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gmmdesk.ui.app import make_application

    event_loop = Loop(make_application([]))
    for rows in options.rows:
        bench(event_loop, rows, options.columns, options.k)
