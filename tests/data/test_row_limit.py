"""The first rows, or a sample, are the same in every format as if all had been read and cut."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from PIL import Image

from gmmdesk.data import json_start, numpy_file
from gmmdesk.data.json_text import parse_json
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.picture import parse_picture
from gmmdesk.data.readers import read
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from tests.data.test_picture_depth import png

pytestmark = pytest.mark.usefixtures("parsers_here")
FRAME = pd.DataFrame({"x": np.arange(90) * 1.5, "y": np.arange(90) % 7, "t": list("abc") * 30})


def arrow(kind):
    def write(path):
        table = pa.Table.from_pandas(FRAME, preserve_index=False)
        with kind(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=20)

    return write


def fcs(kind, bits=32):
    """Events of two channels, as the standard (FCS 3.0) has them, and an analysis after them."""

    def write(path):
        events = (FRAME[["x", "y"]].to_numpy() * 2).astype(
            f">u{bits // 8}" if kind == "I" else ">f4"
        )
        data, analysis = events.tobytes(), b"/gate/1/"
        size = 400
        first, last = 58 + size, 58 + size + len(data) - 1
        text = (
            f"/$BEGINDATA/{first}/$ENDDATA/{last}/$BEGINANALYSIS/{last + 1}/$ENDANALYSIS/"
            f"{last + len(analysis)}/$NEXTDATA/0/$MODE/L/$DATATYPE/{kind}/$BYTEORD/4,3,2,1/$PAR/2/"
            f"$TOT/{len(events)}/$P1B/{bits}/$P1N/x/$P1R/1024/$P1E/0,0/$P2B/{bits}/$P2N/y/$P2R/64/"
            "$P2E/0,0/"
        ).ljust(size)
        places = (58, 57 + size, first, last, last + 1, last + len(analysis))
        header = "FCS3.0    " + "".join(f"{place:>8}" for place in places)
        path.write_bytes(header.encode() + text.encode() + data + analysis)

    return write


def picture(mode, *, is_deep=False, turn=1):
    """90 pixels, of which the last one only lets something through, turned as a camera does."""

    def write(path):
        n_channels = len(mode)
        pixels = np.arange(90 * n_channels).reshape(10, 9, n_channels) * (200 if is_deep else 1)
        pixels = (pixels % (65_536 if is_deep else 256)).astype(np.uint16 if is_deep else np.uint8)
        if mode == "RGBA":
            pixels[..., 3] = np.iinfo(pixels.dtype).max
            pixels[-1, -1, 3] -= 1
        if is_deep:
            path.write_bytes(png(pixels))
            return
        exif = Image.Exif()
        exif[0x0112] = turn
        Image.fromarray(pixels.squeeze(), mode).save(path, exif=exif)

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
    "t.npz": lambda path: np.savez(path, FRAME[["x", "y"]].to_numpy()),
    "columns.npz": lambda path: np.savez_compressed(path, x=FRAME["x"], y=FRAME["y"]),
    "t.json": lambda path: FRAME.to_json(path, orient="records"),
    "rows.json": lambda path: path.write_text(json.dumps([list(FRAME), *FRAME.values.tolist()])),
    "bare.json": lambda path: path.write_text(json.dumps(FRAME.values.tolist(), indent=1)),
    "within.json": lambda path: path.write_text(json.dumps({"a": FRAME.to_dict("records")})),
    "columns.json": lambda path: FRAME.to_json(path, orient="columns"),
    "t.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "rows.jsonl": lambda path: path.write_text("\n".join(map(json.dumps, FRAME.values.tolist()))),
    "t.fcs": fcs("F"),
    "whole.fcs": fcs("I", 16),
    "t.png": picture("RGBA"),
    "gray.png": picture("L"),
    "turned.png": picture("RGB", turn=6),
    "deep.png": picture("RGBA", is_deep=True),
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
    assert [column.name for column in part.columns] == [column.name for column in whole.columns]
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


def test_no_more_rows_are_made_of_a_picture_than_are_asked_for(tmp_path):
    WRITERS["t.png"](tmp_path / "t.png")
    with (tmp_path / "t.png").open("rb") as file:
        raw = parse_picture(file, "t.png", ReadOptions(row_limit=2), Task())
    assert [len(column) for column in raw.columns] == [2] * 6
    assert raw.rows_in_file == 90


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


@pytest.mark.parametrize("columns", [{"both": np.arange(1e5).reshape(-1, 2)}, {
    "x": np.arange(0, 1e5, 2), "y": np.arange(1, 1e5, 2)
}], ids=len)  # fmt: skip
def test_an_archive_of_arrays_is_read_no_further_than_to_the_last_row(
    tmp_path, monkeypatch, columns
):
    """What comes later is damaged, and nobody needs to know."""
    monkeypatch.setattr(numpy_file, "_BLOCK", 64)
    path = tmp_path / "t.npz"
    np.savez(path, **columns)
    content = path.read_bytes()
    late = np.array(99_998.0 if len(columns) == 2 else 99_999.0).tobytes()
    damaged = content.replace(late, b"\1" * 8, 1)
    assert damaged != content
    path.write_bytes(damaged)
    part = read(path, ReadOptions(row_limit=3))
    assert [column.numbers().tolist() for column in part.columns] == [[0, 2, 4], [1, 3, 5]]
    assert part.receipt.rows_in_file == 50_000
    with pytest.raises(ReadError, match="damaged"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3}, {"a": 4}, {"a": 5}, {"a": !',
        '[["a", "b"], [1, "x"], [2, "y"], [3, "z"], [!',
        '{"a": 1, "b": "x"}\n\n{"a": 2, "b": "y"}\n{"a": 3}\n{"a": 4}\n{"a": !',
        '[1, "x"]\r\n[2, "y"]\r\n[3, ""]\r\n[4, ""]\r\n!',
    ],
)
@pytest.mark.parametrize("chunk", [3, 1 << 16])
def test_json_is_read_no_further_than_to_the_last_row(file, monkeypatch, text, chunk):
    """What comes later is damaged, and nobody needs to know."""
    monkeypatch.setattr(json_start, "_CHUNK", chunk)
    part = read(file(text, "t.json"), ReadOptions(row_limit=2))
    rows = list(zip(*(column.cells.to_pylist() for column in part.columns), strict=True))
    assert rows == [(1, "x"), (2, "y")]
    assert part.receipt.rows_in_file is None
    assert "Only the first 2 rows were read." in part.receipt.notes
    with pytest.raises(ReadError, match="damaged"):
        read(file(text, "t.json"), ReadOptions(row_limit=20))


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"a": 2}, {"a": 3, "b": 4}, {"c": 5}]',
        '{"a": 1}\n{"a": 2}\n{"a": 3, "b": 4}\n{"c": 5}\n',
        '{"rows": [{"a": 1}, {"a": 2}, {"a": 3, "b": 4}, {"c": 5}]}',
    ],
)
def test_it_is_said_that_records_which_were_not_read_may_have_more_columns(file, text):
    note = "The columns are those of the rows read; further rows may have others."
    path = file(text, "t.json")
    part = read(path, ReadOptions(row_limit=2))
    assert [column.name for column in part.columns] == ["a"]
    assert note in part.receipt.notes
    for options in (ReadOptions(row_limit=4), ReadOptions(), ReadOptions(sample_rows=2)):
        whole = read(path, options)
        assert [column.name for column in whole.columns] == ["a", "b", "c"]
        assert note not in whole.receipt.notes


@pytest.mark.parametrize("text", ["[[1, 2], [3, 4]]\n[[5, 6], [7, 8]]\n", "[1, 2]", "[1]\n[2]"])
def test_what_begins_like_a_list_of_rows_may_be_another_thing(file, text):
    assert read(file(text, "t.json"), ReadOptions(row_limit=9)).n_rows == 2


def test_a_large_json_file_is_hardly_looked_at(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"a": 1.5}\n' * 300_000)
    with path.open("rb") as file:
        raw = parse_json(file, "t.jsonl", ReadOptions(row_limit=1_000), Task())
        assert len(raw.columns[0]) == 1_000
        assert file.tell() <= 1 << 16


def test_of_events_the_first_are_read_where_the_others_are_missing(tmp_path):
    path = tmp_path / "t.fcs"
    fcs("F")(path)
    whole = path.read_bytes()
    whole = whole.replace(b"$BEGINANALYSIS/", b"$BEGINOTHER   /").replace(
        b"$ENDANALYSIS", b"$ENDOTHER   "
    )
    path.write_bytes(whole[:42] + b" " * 16 + whole[58 : 458 + 8 * 40])
    part = read(path, ReadOptions(row_limit=40))
    assert part.column("x").numbers().tolist() == (np.arange(40) * 3.0).tolist()
    assert part.receipt.rows_in_file == 90
    for limit in (41, None):
        with pytest.raises(ReadError, match="damaged"):
            read(path, ReadOptions(row_limit=limit))
