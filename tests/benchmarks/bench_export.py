"""Writing a workbook of 200,000 x 20 with its results: time and memory, against other writers.

    python tests/benchmarks/bench_export.py [ROWS]

Every figure comes from a process of its own. The others write the same cells, but only the sheet
Rows and without formats, and a tenth of the rows: they take too long otherwise.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from bench_load import peak_bytes

from gmmdesk.analysis import Analysis, Settings, analyse
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.export import write
from gmmdesk.export.cells import delimited_cells
from gmmdesk.export.rows import batches
from gmmdesk.task import Task

N_COLUMNS, N_CLUSTERS = 20, 5
ROUNDS = 3


def made(n_rows: int) -> Analysis:
    """Five clusters in 18 columns of numbers, beside an identifier and a text."""
    rng = np.random.default_rng(0)
    of_row = rng.integers(0, N_CLUSTERS, n_rows)
    d = N_COLUMNS - 2
    X = rng.normal(0.0, 8.0, (N_CLUSTERS, d))[of_row] + rng.normal(size=(n_rows, d))
    cells: dict[str, pa.Array] = {"id": pa.array([f"{i:07d}" for i in range(n_rows)])}
    cells["note"] = pa.array(np.array(["", "seen & known", "née <1990>"])[of_row % 3])
    cells |= {f"x{j}": pa.array(X[:, j].round(4)) for j in range(d)}
    columns = tuple(
        Column(
            name,
            ColumnKind.NUMBER if name.startswith("x") else ColumnKind.TEXT,
            pa.chunked_array([array]),
            0,
        )
        for name, array in cells.items()
    )
    dataset = Dataset("made", columns, Receipt("made.csv", "CSV", 0, ""))
    settings = Settings(k_min=N_CLUSTERS, k_max=N_CLUSTERS, models=("VII",), restarts=1)
    steps = analyse(dataset, settings)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def rows_of(analysis: Analysis) -> pa.Table:
    return pa.Table.from_batches(list(batches(analysis, Task(), delimited_cells)))


def with_gmmdesk(analysis: Analysis, path: Path) -> None:
    write(analysis, path)


def with_pandas(analysis: Analysis, path: Path) -> None:
    rows_of(analysis).to_pandas().to_excel(path, index=False, engine="xlsxwriter")


def with_openpyxl(analysis: Analysis, path: Path) -> None:
    import openpyxl

    table = rows_of(analysis)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Rows")
    sheet.append(table.column_names)
    for batch in table.to_batches(max_chunksize=1000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append(row)
    book.save(path)


WORK: dict[str, Callable[[Analysis, Path], None]] = {
    "gmmdesk": with_gmmdesk,
    "pandas": with_pandas,
    "openpyxl": with_openpyxl,
}


def run(what: str, n_rows: int) -> tuple[float, float, float]:
    """Seconds, growth of the peak memory and the peak itself, MB."""
    done = subprocess.run(
        [sys.executable, __file__, what, str(n_rows)], check=True, capture_output=True, text=True
    )
    seconds, growth, peak = map(float, done.stdout.split())
    return seconds, growth / 1e6, peak / 1e6


def main(n_rows: int) -> None:
    seconds, growth, peak = run("gmmdesk", n_rows)
    print(
        f"{n_rows:,} x {N_COLUMNS} with {N_CLUSTERS} clusters: {seconds:.1f} s,"
        f" {growth:.0f} MB more than before, {peak:.0f} MB in all"
    )
    few = n_rows // 10
    print(f"\n{few:,} rows  gmmdesk s  pandas s  ratio  openpyxl s  ratio")
    for number in range(1, ROUNDS + 1):
        ours, theirs, others = (run(what, few)[0] for what in WORK)
        print(
            f"{number:11d}  {ours:9.2f}  {theirs:8.2f}  {theirs / ours:5.1f}"
            f"  {others:10.2f}  {others / ours:5.1f}"
        )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        analysis = made(int(sys.argv[2]))
        with tempfile.TemporaryDirectory() as folder:
            before, start = peak_bytes(), time.perf_counter()
            WORK[sys.argv[1]](analysis, Path(folder) / "out.xlsx")
            print(time.perf_counter() - start, peak_bytes() - before, peak_bytes())
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else 200_000)
