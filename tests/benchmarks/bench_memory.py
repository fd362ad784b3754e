"""Memory that a fit takes beside the data, and its time, for rows in memory and in files.

python tests/benchmarks/bench_memory.py [--rows 10000000] [--columns 10] [--components 8]

Writes the rows as .npy and Parquet to a temporary folder (about 26 bytes for each number) and fits
them in a process for each source: starts on a sample, then a few iterations on all rows, then the
label of every row. "peak" is what the process holds in anonymous memory beyond what it held with
the data open (Linux only): pages of a mapped file do not count, as the system takes them back when
it needs them. "arrays" is the part of it in numpy's arrays. Both include the answer, labels (n,).
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmmdesk.data import ParquetSource
from gmmdesk.engine import ArraySource, FitSpec, Source, ThreadedMap, fit, steps

GOAL = 200.0  # MB
ITERATIONS = 5  # on all rows
WRITTEN_TOGETHER = 100_000  # rows
USUAL_GROUP = 2**20  # rows of a row group by pyarrow's default

SOURCES: dict[str, tuple[str, Callable[[Path], Source]]] = {
    "array": ("rows.npy", lambda path: ArraySource(np.load(path))),
    "array, column-major": ("rows.npy", lambda path: ArraySource(np.asfortranarray(np.load(path)))),
    "memory-mapped": ("rows.npy", lambda path: ArraySource(np.load(path, mmap_mode="r"))),
    "Parquet": ("groups.parquet", ParquetSource),
    "Parquet, one row group": ("one.parquet", ParquetSource),
}


@dataclass(frozen=True)
class Measured:
    """MB beyond the data, seconds of an iteration, and the log-likelihoods."""

    peak: float
    arrays: float
    seconds: float
    history: tuple[float, ...]


def write(folder: Path, n: int, d: int, K: int) -> None:
    """The same rows, drawn from K overlapping ellipsoids, in every kind of file."""
    random = np.random.default_rng(0)
    centers = random.normal(scale=2.5 / np.sqrt(d), size=(K, d))
    mixing = random.normal(size=(K, d, d)) / np.sqrt(d) + np.eye(d)
    array = np.lib.format.open_memmap(folder / "rows.npy", "w+", np.float64, (n, d))
    schema = pa.schema([(f"x{j}", pa.float64()) for j in range(d)])
    with (
        pq.ParquetWriter(folder / "groups.parquet", schema, use_dictionary=False) as groups,
        pq.ParquetWriter(folder / "one.parquet", schema, use_dictionary=False) as one,
    ):
        for start in range(0, n, WRITTEN_TOGETHER):
            m = min(WRITTEN_TOGETHER, n - start)
            labels = random.integers(K, size=m)
            z = random.normal(size=(m, d))
            X = np.einsum("md,mde->me", z, mixing[labels]) + centers[labels]
            array[start : start + m] = X
            batch = pa.record_batch(list(X.T), schema=schema)
            groups.write_batch(batch, USUAL_GROUP)
            one.write_batch(batch, n)
    array.flush()


def anonymous() -> float:
    """MB of this process that no file stands behind; nan where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return np.nan
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("RssAnon"))
    return int(kilobytes) / 1024


@contextmanager
def watching(found: list[float]) -> Iterator[None]:
    """Append to `found` how much anonymous memory was held at most, beyond that at the start."""
    before = anonymous()
    held = [before]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            held.append(anonymous())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        found.append(max(*held, anonymous()) - before)


def measure(kind: str, folder: Path, K: int) -> Measured:
    name, opened = SOURCES[kind]
    source = opened(folder / name)
    spec = FitSpec(n_components=K, tol=0.0, max_iter=ITERATIONS)
    times, peaks = [], []
    with watching(peaks):
        progress = steps(source, spec)
        while True:
            begin = time.perf_counter()
            try:
                one = next(progress)
            except StopIteration as finished:
                result = finished.value
                break
            if one.n_sampled == one.n_rows:
                times.append(time.perf_counter() - begin)
        result.labels(source)
    tracemalloc.start()
    fit(source, FitSpec(n_components=K, tol=0.0, max_iter=1)).labels(source)
    arrays = tracemalloc.get_traced_memory()[1] / 2**20
    # The first iteration on all rows also makes ready for them.
    return Measured(peaks[0], arrays, min(times[1:]), tuple(result.history))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--components", type=int, default=8)
    options = parser.parse_args()
    n, d, K = options.rows, options.columns, options.components
    print(f"model VVV, {ThreadedMap().n_threads} cores, data of {8 * n * d / 2**20:,.0f} MB")
    print(
        f"{'rows x columns':>16} {'K':>3}  {'source':<22} {'peak':>9} {'arrays':>9} {'goal':>9} "
        f"{'s/pass':>8} {'to array':>8} {'same bits':>9}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(folder, n, d, K)
        first: Measured | None = None
        for kind in SOURCES:
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                found = process.submit(measure, kind, folder, K).result()
            first = first or found
            same = "yes" if found.history == first.history else "no"
            print(
                f"{n:>11,} x {d:<2} {K:>3}  {kind:<22} {found.peak:>6.0f} MB "
                f"{found.arrays:>6.0f} MB {GOAL:>6.0f} MB {found.seconds:>8.3f} "
                f"{found.seconds / first.seconds:>7.2f}x {same:>9}",
                flush=True,
            )


if __name__ == "__main__":
    main()
