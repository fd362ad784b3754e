"""Loading: CSV against pandas, with memory and pauses of the interpreter; Parquet against pyarrow.

    python tests/benchmarks/bench_load.py [ROWS]              1,000,000 x 10 as CSV
    python tests/benchmarks/bench_load.py parquet [ROWS]     10,000,000 x 10 as Parquet

Every figure comes from a process of its own. "Pause" is the longest time that a thread which
wakes every 5 ms had to wait while another thread reads: what a window would feel.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROUNDS = 3
TICK = 0.005  # seconds


def peak_bytes() -> int:
    """The most memory this process has held, from Linux's own account."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this benchmark needs Linux")


def measured(work: Callable[[], object]) -> str:
    """Seconds, seconds of processor and growth of the peak memory in bytes of `work`."""
    before = peak_bytes()
    start, cpu_start = time.perf_counter(), time.process_time()
    result = work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    growth = peak_bytes() - before
    del result
    return f"{seconds} {cpu} {growth}"


def with_pandas(path: str) -> str:
    import pandas as pd

    pd.DataFrame({"a": [1.0]}).describe()
    return measured(lambda: pd.read_csv(path))


def with_gmmdesk(path: str) -> str:
    from gmmdesk.data.readers import read, read_text

    read_text("a,b\n1,2\n3,4\n")  # imports are not what is measured
    return measured(lambda: read(path))


def with_pyarrow(path: str) -> str:
    import pyarrow.parquet as pq

    return measured(lambda: pq.read_table(path))


def pauses(path: str) -> str:
    from gmmdesk.data.prepare import prepare
    from gmmdesk.data.readers import read, read_text

    read_text("a,b\n1,2\n3,4\n")
    read_pause, dataset = longest_pause(lambda: read(path))
    prepare_pause, _ = longest_pause(lambda: prepare(dataset))
    return f"{read_pause} {prepare_pause}"


def longest_pause(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that a sleeping thread woke too late while `work` ran on another; its result."""
    results = []
    worker = threading.Thread(target=lambda: results.append(work()))
    worker.start()
    longest, last = 0.0, time.perf_counter()
    while worker.is_alive():
        time.sleep(TICK)
        now = time.perf_counter()
        longest, last = max(longest, now - last - TICK), now
    return longest, results[0]


def run(what: str, path: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, __file__, what, str(path)], check=True, capture_output=True, text=True
    )
    return [float(word) for word in done.stdout.split()]


def main(n_rows: int) -> None:
    import pyarrow as pa
    import pyarrow.csv

    values = np.random.default_rng(0).normal(0.0, 50.0, (n_rows, 10)).round(6)
    in_memory = values.nbytes
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table = pa.table({f"x{j}": values[:, j] for j in range(10)})
        pyarrow.csv.write_csv(table, path)
        print(f"{n_rows:,} x 10, {path.stat().st_size / 1e6:.0f} MB, {in_memory / 1e6:.0f} MB held")
        print(
            "round  pandas s  gmmdesk s  ratio  of cpu  pandas MB  gmmdesk MB  of table  pause ms"
        )
        for number in range(1, ROUNDS + 1):
            theirs, their_cpu, their_peak = run("pandas", path)
            ours, our_cpu, our_peak = run("gmmdesk", path)
            reading, preparing = run("pauses", path)
            print(
                f"{number:5d}  {theirs:8.2f}  {ours:9.2f}  {ours / theirs:5.2f}"
                f"  {our_cpu / their_cpu:6.2f}  {their_peak / 1e6:9.0f}  {our_peak / 1e6:10.0f}"
                f"  {our_peak / in_memory:7.2f}x"
                f"  {reading * 1e3:.0f} read, {preparing * 1e3:.0f} prepare"
            )


def main_parquet(n_rows: int) -> None:
    """The same table with pyarrow alone, which recognises and hashes nothing, and with gmmdesk.

    In a fresh process, and once more in one that has read it before.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    names = [f"x{j}" for j in range(10)]
    group = min(n_rows, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        with pq.ParquetWriter(path, pa.schema([(name, pa.float64()) for name in names])) as writer:
            for start in range(0, n_rows, group):
                n = min(group, n_rows - start)
                writer.write_table(
                    pa.table({name: rng.normal(0.0, 50.0, n).round(6) for name in names})
                )
        print(f"{n_rows:,} x 10, {path.stat().st_size / 1e6:.0f} MB")
        for state in ("fresh", "warm"):
            print(f"{state}  pyarrow s  gmmdesk s  ratio  of cpu")
            best = [float("inf"), float("inf")]
            for number in range(1, ROUNDS + 1):
                theirs, their_cpu, _ = run(f"pyarrow, {state}", path)
                ours, our_cpu, _ = run(f"gmmdesk, {state}", path)
                best = [min(best[0], theirs), min(best[1], ours)]
                print(
                    f"{number:5d}  {theirs:9.2f}  {ours:9.2f}  {ours / theirs:5.2f}"
                    f"  {our_cpu / their_cpu:6.2f}"
                )
            print(f" best  {best[0]:9.2f}  {best[1]:9.2f}  {best[1] / best[0]:5.2f}")


WORK = {
    "pandas": with_pandas,
    "gmmdesk": with_gmmdesk,
    "pyarrow, fresh": with_pyarrow,
    "gmmdesk, fresh": with_gmmdesk,
    "pyarrow, warm": lambda path: [with_pyarrow(path), with_pyarrow(path)][1],
    "gmmdesk, warm": lambda path: [with_gmmdesk(path), with_gmmdesk(path)][1],
    "pauses": pauses,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["parquet"]:
        main_parquet(int(sys.argv[2]) if len(sys.argv) == 3 else 10_000_000)
    elif len(sys.argv) == 3:
        print(WORK[sys.argv[1]](sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else 1_000_000)
