"""The first rows, or a sample, are the same in every format as if all had been read and cut."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest

from gmmdesk.data import numpy_file
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read

pytestmark = pytest.mark.usefixtures("parsers_here")
FRAME = pd.DataFrame({"x": np.arange(90) * 1.5, "y": np.arange(90) % 7, "t": list("abc") * 30})


def arrow(kind):
    def write(path):
        table = pa.Table.from_pandas(FRAME, preserve_index=False)
        with kind(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=20)

    return write


WRITERS = {
    "t.xlsx": lambda path: FRAME.to_excel(path, index=False),
    "t.sav": lambda path: pyreadstat.write_sav(FRAME, path),
    "t.dta": lambda path: pyreadstat.write_dta(FRAME, path),
    "t.xpt": lambda path: pyreadstat.write_xport(FRAME, path),
    "t.arrow": arrow(pa.ipc.new_file),
    "t.arrows": arrow(pa.ipc.new_stream),
    "t.npy": lambda path: np.save(path, FRAME[["x", "y"]].to_numpy()),
    "records.npy": lambda path: np.save(path, FRAME[["x", "y"]].to_records(index=False)),
    "columns.npy": lambda path: np.save(path, np.asfortranarray(FRAME[["x", "y"]].to_numpy())),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "options",
    [
        {"row_limit": 1},
        {"row_limit": 50},
        {"row_limit": 90},
        {"row_limit": 500},
        {"sample_rows": 30, "sample_seed": 5},
    ],
    ids=str,
)
def test_the_rows_are_those(tmp_path, name, options):
    path = tmp_path / name
    WRITERS[name](path)
    whole, part = read(path), read(path, ReadOptions(**options))
    n = min(90, options.get("row_limit", 30))
    assert part.n_rows == n
    every = list(zip(*(column.cells.to_pylist() for column in whole.columns), strict=True))
    some = list(zip(*(column.cells.to_pylist() for column in part.columns), strict=True))
    if "row_limit" in options:
        assert some == every[:n]
    else:
        rng = np.random.default_rng(5)
        assert some == [every[i] for i in sorted(rng.choice(90, 30, replace=False))]
    said = [note for note in part.receipt.notes if note.endswith("read.")]
    assert len(said) == (n < 90)
    if part.receipt.rows_in_file is not None:
        assert part.receipt.rows_in_file == 90


def test_an_array_is_read_no_further_than_to_the_last_row(tmp_path, monkeypatch):
    monkeypatch.setattr(numpy_file, "_BLOCK", 64)
    content = io.BytesIO()
    np.save(content, np.arange(1000.0).reshape(500, 2))
    path = tmp_path / "cut.npy"
    np.save(path, np.arange(1000.0).reshape(500, 2))
    whole = read(path, ReadOptions(sample_rows=100, sample_seed=1))
    assert whole.columns[0].numbers().tolist() == sorted(whole.columns[0].numbers())
    assert (whole.columns[1].numbers() == whole.columns[0].numbers() + 1).all()
    assert read(path, ReadOptions(row_limit=7)).columns[1].numbers().tolist() == [*range(1, 14, 2)]
