"""Does the window start fast and never freeze?

    python tests/benchmarks/bench_window.py [--rows 1000000] [--columns 10] [--k 4]

Start: from the start of the process to a painted window, beside an empty Qt window started the
same way. Heartbeat: a timer in the event loop that should beat every 5 ms while a CSV file is
loaded, fitted, looked at in every view, searched and exported; printed are the largest gaps in each
phase (the bound is 50 ms), beside the largest while nothing happens. After each gap stands what the
processor did for the window in it: the rest was waiting, for the interpreter or, where other
programs run too, for a processor.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EMPTY = """
import time, sys
from PySide6.QtWidgets import QApplication, QMainWindow
from PySide6.QtCore import QTimer
app = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, lambda: (print(time.time()), app.quit()))
app.exec()
"""
OURS = """
import time, sys
from gmmdesk.ui.app import make_application
from gmmdesk.ui.main_window import MainWindow
from PySide6.QtCore import QTimer
app = make_application([])
window = MainWindow()
window.show()
QTimer.singleShot(0, lambda: (print(time.time()), window.close()))
app.exec()
"""


def start_seconds(program: str) -> float:
    began = time.time()
    shown = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    return float(shown.split()[-1]) - began


def bench_start(runs: int = 5) -> None:
    empty, ours = [], []
    for _ in range(runs):
        empty.append(start_seconds(EMPTY))
        ours.append(start_seconds(OURS))
    print(
        f"start to painted window: {statistics.median(ours):.2f} s "
        f"(an empty Qt window: {statistics.median(empty):.2f} s)"
    )


def write_csv(path: Path, n: int, d: int, k: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    rng = np.random.default_rng(0)
    group = rng.integers(k, size=n)
    centers = rng.normal(scale=6.0, size=(k, d))
    columns = {f"x{j + 1}": np.round(rng.normal(centers[group, j]), 6) for j in range(d)}
    pa.csv.write_csv(pa.table(columns), path)


def bench_heartbeat(n: int, d: int, k: int) -> None:
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from gmmdesk.ui import warm_up
    from gmmdesk.ui.app import make_application
    from gmmdesk.ui.garbage import GarbageCollector
    from gmmdesk.ui.main_window import MainWindow

    garbage = GarbageCollector(make_application([]))
    garbage.start()
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    warm_up.begin()  # as the program does
    document = window.document
    document.problem_raised.disconnect()
    document.problem_raised.connect(lambda error: print("problem:", error))
    beats: list[tuple[float, float]] = []
    beat = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
    beat.timeout.connect(lambda: beats.append((time.perf_counter(), time.thread_time())))
    beat.start()

    def phase(name: str, begin, ended, settle_ms: int = 1500) -> None:
        beats.clear()
        loop = QEventLoop()
        done: list[float] = []

        def finish() -> None:
            done.append(time.perf_counter())
            QTimer.singleShot(settle_ms, loop.quit)

        connection = ended.connect(finish) if ended is not None else None
        began, work = time.perf_counter(), time.thread_time()
        QTimer.singleShot(0, begin)
        if ended is None:
            QTimer.singleShot(settle_ms, finish)
        loop.exec()
        if connection is not None:
            document.disconnect(connection)
        pairs = itertools.pairwise([(began, work), *beats])
        gaps = sorted(((b[0] - a[0], b[1] - a[1]) for a, b in pairs), reverse=True)
        busiest = max(worked for _gap, worked in gaps)
        print(
            f"{name:10s} {done[0] - began:7.2f} s, largest gaps "
            + ", ".join(f"{1000 * gap:.0f} ({1000 * worked:.0f})" for gap, worked in gaps[:5])
            + f" ms, most work at once {1000 * busiest:.0f} ms"
        )

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.csv"
        write_csv(path, n, d, k)
        print(f"{n:,} x {d}, {path.stat().st_size / 1e6:.0f} MB, K = {k}")
        phase("idle", lambda: None, None)
        phase("load", lambda: document.open(str(path)), document.file_work.ended)
        document.change_settings("K", k_min=k, k_max=k)
        phase("fit", document.start_fit, document.run_ended)
        views = window.workspace.views
        for title in views.titles:
            phase(title, lambda title=title: views.show_view(title), None, 3000)
        views.show_view("Map")
        document.change_settings("search", k_min=1, k_max=k, models=("VVV", "VII"), restarts=1)
        phase("search", document.start_fit, document.run_ended)
        for suffix in (".parquet", ".csv", ".xlsx"):
            out = Path(folder) / f"out{suffix}"
            phase(suffix, lambda out=out: document.export(out), document.file_work.ended)
    window.close_for_good()
    garbage.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--k", type=int, default=4)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    bench_start()
    bench_heartbeat(options.rows, options.columns, options.k)
