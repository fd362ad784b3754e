"""Files made to exhaust what reads them: each limit is reached with a message."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shutil
import sqlite3
import sys
import zipfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter
from PIL import Image

from gmmdesk.data import (
    apart,
    archive,
    compressed,
    database_table,
    limits,
    numpy_file,
    picture,
    signs,
    values,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import seemly, unique_names
from gmmdesk.data.readers import read
from gmmdesk.errors import Cancelled, ReadError
from gmmdesk.task import Task
from tests.data.workbook_files import cells, repack, write_ods, write_ods_body, write_xlsx

ZEROS = b"0,1\n" * 500_000
here = pytest.mark.usefixtures("parsers_here")


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(f"{name}.csv", content)
    return sink.getvalue()


# --- what expands --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv.gz", gzip.compress(ZEROS)),
        ("t.csv.bz2", bz2.compress(ZEROS)),
        ("t.csv.xz", lzma.compress(ZEROS)),
        ("t.zip", zipped(t=ZEROS)),
    ],
)
def test_what_expands_beyond_measure(file, monkeypatch, name, content):
    monkeypatch.setattr(compressed, "SMALL_BYTES", 1 << 20)
    with pytest.raises(ReadError, match="unpacks to more than") as caught:
        read(file(content, name))
    assert "unpack it yourself" in caught.value.hint


@pytest.mark.parametrize(("pack", "ending"), [(gzip, "gz"), (bz2, "bz2"), (lzma, "xz")])
def test_many_short_streams_end_to_end(file, monkeypatch, pack, ending):
    """What is handed to a decompressor, all in all, does not go with the square of their number."""
    rows = [f"{i},{i * i % 7}\n".encode() for i in range(2_000)]
    nothing = pack.compress(b"")
    content = b"".join(nothing + pack.compress(row) + bytes(4) for row in [b"x,y\n", *rows])
    given = 0

    def count(machine):
        class Counting:
            def __getattr__(self, name):
                return getattr(machine, name)

            def decompress(self, data, max_length):
                nonlocal given
                given += len(data)
                return machine.decompress(data, max_length)

        return Counting()

    packings = [(*row[:3], lambda new=row[3]: count(new())) for row in compressed._PACKINGS]
    monkeypatch.setattr(compressed, "_PACKINGS", packings)
    dataset = read(file(content, f"t.csv.{ending}"))
    assert dataset.column("x").numbers().tolist() == list(range(2_000))
    assert given < 4_010 * 2 * compressed._SIP


@pytest.mark.parametrize("length", [0, 1, 4_095, 4_096, 4_097, 1_048_575, 1_048_576, 1_048_577])
def test_streams_that_end_where_a_piece_does(file, monkeypatch, length):
    first = b"x\n" + b"1\n" * (length // 2)
    monkeypatch.setattr(compressed, "_BLOCK", max(1, len(gzip.compress(first))))
    content = gzip.compress(first) + gzip.compress(b"2.5\n") + gzip.compress(b"3.5\n")
    assert read(file(content, "t.csv.gz")).column("x").numbers()[-2:].tolist() == [2.5, 3.5]


def test_what_needs_too_much_memory_to_unpack(file, monkeypatch):
    monkeypatch.setattr(compressed, "MAX_UNPACKER_BYTES", 1 << 20)
    with pytest.raises(ReadError, match="damaged or cut short: Memory usage limit"):
        read(file(lzma.compress(b"x\n1\n2\n"), "t.csv.xz"))


def test_a_disk_without_room_to_unpack(file, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 0))
    with pytest.raises(ReadError, match="no space left in"):
        read(file(gzip.compress(b"x\n1\n2\n"), "t.csv.gz"))


def test_unpacked_files_do_not_stay(file, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "unpacked"))
    (tmp_path / "unpacked").mkdir()
    assert read(file(gzip.compress(b"x\n1\n2\n"), "t.csv.gz")).n_rows == 2
    with pytest.raises(ReadError):
        read(file(gzip.compress(b"x\n"), "t.csv.gz"))
    assert list((tmp_path / "unpacked").iterdir()) == []


def test_unpacking_can_be_cancelled(file):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        read(file(gzip.compress(ZEROS), "t.csv.gz"), task=task)


def test_an_archive_of_many_files(file, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(ReadError, match="holds 4 files; at most 3"):
        read(file(zipped(a=b"1", b=b"1", c=b"1", d=b"1"), "t.zip"))


def test_an_archive_with_a_long_list_of_contents(file, monkeypatch):
    path = file(zipped(**{f"table{i}": b"x\n1\n" for i in range(200)}), "t.zip")
    assert len(read(path).receipt.sheets) == 200
    monkeypatch.setattr(signs.BoundedReads.__init__, "__defaults__", (8_000,))
    with pytest.raises(ReadError, match="list of contents is too long"):
        read(path)


def test_a_protected_archive(file):
    content = bytearray(zipped(t=b"x\n1\n2\n"))
    content[6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    with pytest.raises(ReadError, match="protected with a password"):
        read(file(bytes(content), "t.zip"))


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit memory")
def test_entities_that_expand_in_a_workbook(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "allowed_memory", lambda: 200 << 20)
    path = tmp_path / "book.xlsx"
    write_xlsx(path, cells(["x", "s"], [1.5, "a"], [2.5, "b"]))
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    sheet = (
        f'<!DOCTYPE worksheet [<!ENTITY e0 "0123456789">{entities}]><worksheet><sheetData><row>'
        '<c r="A1" t="str"><v>&e12;</v></c></row></sheetData></worksheet>'
    )
    repack(path, sheet1=sheet.encode())
    with pytest.raises(ReadError):
        read(path)


def test_formulas_and_links_are_what_they_show(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["x", "where", "text"])
        for i in range(1, 4):
            sheet.write_formula(i, 0, "=1+1", None, i + 0.5)
            sheet.write_url(i, 1, f"https://example.org/{i % 2}", string=f"place {i % 2}")
            sheet.write_string(i, 2, "=cmd|' /C calc'!A0" if i % 2 else "@x")
    found = {column.name: column.cells.to_pylist() for column in read(path).columns}
    assert found == {
        "x": [1.5, 2.5, 3.5],
        "where": ["place 1", "place 0", "place 1"],
        "text": ["=cmd|' /C calc'!A0", "@x", "=cmd|' /C calc'!A0"],
    }


# --- what is deep, wide or long ------------------------------------------------------------------


@here
def test_records_of_many_names(file):
    records = [{f"x{i}_{j}": 1 for j in range(100)} for i in range(200)]
    with pytest.raises(ReadError, match="columns; at most 16,384"):
        read(file(json.dumps(records), "t.json"))


KEYS = [{f"key {i}": i + 0.5} for i in range(300)]


@here
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.json", json.dumps(KEYS)),
        ("t.jsonl", "\n".join(map(json.dumps, KEYS))),
        ("t.json", json.dumps({f"row {i}": record for i, record in enumerate(KEYS)})),
        ("t.json", json.dumps({f"c{i}": {str(i): 1.5} for i in range(300)})),
        ("t.json", json.dumps([[1.5]] * 300 + [[1.5] * 300])),
        ("t.json", json.dumps([{"within": record} for record in KEYS])),
        (
            "t.arff",
            "@relation r\n"
            + "".join(f"@attribute x{i} numeric\n" for i in range(300))
            + "@data\n"
            + "".join(f"{{{i} {i}.5}}\n" for i in range(300)),
        ),
    ],
)
def test_tables_of_almost_only_omitted_cells(file, monkeypatch, name, content):
    path = file(content, name)
    assert read(path).n_rows in (300, 301)
    monkeypatch.setattr(limits, "MAX_FILLED_CELLS", 80_000)
    with pytest.raises(ReadError, match=r"30\d rows of 30\d columns, almost all") as caught:
        read(path)
    assert "first rows" in caught.value.hint


@here
@pytest.mark.parametrize("name", ["t.jsonl", "t.arff"])
def test_the_first_rows_of_such_a_table(file, monkeypatch, name):
    monkeypatch.setattr(limits, "MAX_FILLED_CELLS", 80_000)
    content = "\n".join(map(json.dumps, KEYS))
    if name == "t.arff":
        attributes = "".join(f"@attribute 'key {i}' numeric\n" for i in range(300))
        rows = "".join(f"{{{i} {i}.5}}\n" for i in range(300))
        content = f"@relation r\n{attributes}% text\n@data\n% text\n{rows}"
    dataset = read(file(content, name), ReadOptions(row_limit=2))
    is_known = name == "t.arff"  # what comes after them, which of JSON is not read
    assert (dataset.n_rows, len(dataset.columns)) == (2, 300 if is_known else 2)
    assert dataset.column("key 0").cells[0].as_py() == 0.5
    assert dataset.receipt.rows_in_file == (300 if is_known else None)
    of = " of 300" if is_known else ""
    assert any(f"Only the first 2 rows{of}" in note for note in dataset.receipt.notes)


def runs_of_one_value(n):
    return pa.RunEndEncodedArray.from_arrays(pa.array([n], pa.int32()), pa.array([1.5]))


@here
@pytest.mark.parametrize("made", [runs_of_one_value, pa.nulls])
def test_rows_without_end_in_no_bytes(tmp_path, made):
    path, n = tmp_path / "t.arrow", 2_000_000_000
    batch = pa.record_batch([made(n)], names=["x"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as target:
        target.write_batch(batch)
    assert path.stat().st_size < 2_000
    with pytest.raises(ReadError, match="2,000,000,000 rows of 1 columns, almost all"):
        read(path)
    assert read(path, ReadOptions(row_limit=5)).n_rows == 5


@here
def test_more_attributes_than_columns_may_be(file):
    """Said when it is known, not once each of them has been made sense of."""
    attributes = "".join(f"@attribute a{i} numeric\n" for i in range(limits.MAX_COLUMNS + 1))
    with pytest.raises(ReadError, match="16,385 columns; at most 16,384"):
        read(file(f"@relation r\n{attributes}@attribute", "t.arff"))


@here
@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("n_cells", [1, 10_000])
def test_blanks_of_which_there_is_a_number_only(tmp_path, quote, n_cells):
    path, n = tmp_path / "t.ods", 2_000_000 // n_cells
    blanks = f"<text:p>a<text:s text:c={quote}{n}{quote}/></text:p>" * n_cells
    cell = f'<table:table-cell office:value-type="string">{blanks}</table:table-cell>'
    write_ods_body(path, f"<table:table-row>{cell}</table:table-row>")
    with pytest.raises(ReadError, match="cells of more than 1,000,000 blanks"):
        read(path)
    write_ods(path, cells(["x", "s"], [1.5, "a"], [2.5, "<text:s text:c='3'/>"]))
    assert read(path).n_rows == 2


@here
def test_a_large_object_in_a_database(tmp_path):
    path = tmp_path / "t.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t AS SELECT 1.5 AS x, zeroblob(4000001) AS b")
    connection.commit()
    connection.close()
    with pytest.raises(ReadError, match=r"A cell of t\.db holds more than 4,000,000 bytes"):
        read(path)


@here
def test_a_cell_of_many_characters(file, monkeypatch):
    monkeypatch.setattr(values, "MAX_CELL_CHARS", 1_000)
    with pytest.raises(ReadError, match="cell of column 's' holds 1,001 characters"):
        read(file(json.dumps([{"s": "a" * 1_001}, {"s": "b"}]), "t.json"))


@here
def test_columns_that_would_not_fit_into_memory(file, monkeypatch):
    records = [{f"x{i}": 1} for i in range(5_000)]
    path = file(json.dumps(records), "t.json")
    monkeypatch.setattr(limits, "available_memory", lambda: 20 << 20)
    with pytest.raises(ReadError, match="GB of memory"):
        read(path)


def test_an_array_with_a_long_header(file, monkeypatch):
    monkeypatch.setattr(numpy_file, "MAX_HEADER_BYTES", 500)
    fields = [(f"field {i}", "f8") for i in range(100)]
    sink = io.BytesIO()
    np.save(sink, np.zeros(2, fields))
    with pytest.raises(ReadError, match="damaged"):
        read(file(sink.getvalue(), "t.npy"))


@here
def test_a_view_that_computes_on_and_on(tmp_path, monkeypatch):
    monkeypatch.setattr(database_table, "MAX_VIEW_STEPS", 1_000_000)
    path = tmp_path / "t.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (n)")
    connection.executemany("INSERT INTO t VALUES (?)", ((i,) for i in range(200)))
    connection.execute("CREATE VIEW v AS SELECT sum(a.n * b.n * c.n) FROM t a, t b, t c, t d")
    connection.commit()
    connection.close()
    with pytest.raises(ReadError, match="computes without end"):
        read(path, ReadOptions(sheet="v"))


@pytest.fixture
def cross(tmp_path):
    """A database with a table of 200 rows, and a view of every four of them side by side."""
    path = tmp_path / "cross.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (n)")
    connection.executemany("INSERT INTO t VALUES (?)", ((i + 0.5,) for i in range(200)))
    connection.execute("CREATE VIEW v AS SELECT a.n, b.n AS m FROM t a, t b, t c, t d")
    connection.commit()
    connection.close()
    return path


@here
def test_a_view_that_joins_everything(cross, monkeypatch):
    monkeypatch.setattr(database_table, "MAX_VIEW_CELLS", 100_000)
    with pytest.raises(ReadError, match="shows more than 50,000 rows of 2 columns"):
        read(cross, ReadOptions(sheet="v"))


@here
def test_a_view_of_a_large_database_may_show_more(cross, monkeypatch):
    monkeypatch.setattr(database_table, "MAX_VIEW_CELLS", 100)
    n = cross.stat().st_size // 2
    with pytest.raises(ReadError, match=f"shows more than {n:,} rows of 2 columns"):
        read(cross, ReadOptions(sheet="v"))
    monkeypatch.setattr(database_table, "MAX_LARGE_VIEW_CELLS", n)  # bytes are easily added
    with pytest.raises(ReadError, match=f"shows more than {n // 2:,} rows of 2 columns"):
        read(cross, ReadOptions(sheet="v"))


@here
@pytest.mark.parametrize(("sheet", "n_all"), [("v", None), ("t", 200)])
def test_the_first_rows_of_a_database_are_all_that_is_computed(cross, monkeypatch, sheet, n_all):
    monkeypatch.setattr(database_table, "MAX_VIEW_CELLS", 100_000)
    dataset = read(cross, ReadOptions(sheet=sheet, row_limit=10))
    assert dataset.column("n").numbers().tolist() == [i + 0.5 for i in range(10)] or sheet == "v"
    assert dataset.n_rows == 10
    assert dataset.receipt.rows_in_file == n_all
    assert any("Only the first 10 rows" in note for note in dataset.receipt.notes)


@here
@pytest.mark.parametrize("text", [b"column", b"CREATE"])
def test_a_database_with_words_that_are_not_in_utf_8(tmp_path, text):
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (column_1 REAL); INSERT INTO t VALUES (1.5);")
    connection.close()
    path.write_bytes(path.read_bytes().replace(text, text[:-1] + b"\x9f"))
    with pytest.raises(ReadError, match="not in UTF-8"):
        read(path)


@here
def test_a_database_of_many_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(database_table, "MAX_MEMBERS", 3)
    path = tmp_path / "t.db"
    connection = sqlite3.connect(path)
    for i in range(5):
        connection.execute(f"CREATE TABLE t{i} AS SELECT 1.5 AS x UNION SELECT 2.5")
    connection.commit()
    connection.close()
    receipt = read(path).receipt
    assert receipt.sheets == ("t0", "t1", "t2")
    assert any("more tables than 3" in note for note in receipt.notes)


# --- pictures ------------------------------------------------------------------------------------


@here
@pytest.mark.parametrize("most", [10, 30])  # the parser itself objects to twice as many
def test_a_picture_of_many_pixels(tmp_path, monkeypatch, most):
    monkeypatch.setattr(picture, "MAX_PIXELS", most)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # put back afterwards
    path = tmp_path / "p.png"
    Image.new("RGB", (6, 6)).save(path)
    with pytest.raises(ReadError, match=rf"more than {most} pixels|6 x 6 pixels; at most {most}"):
        read(path)


@here
def test_a_picture_of_many_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(picture, "MAX_FRAMES", 2)
    path = tmp_path / "p.tif"
    pages = [Image.fromarray(np.array([[0, i]], np.uint8)) for i in range(1, 4)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    receipt = read(path).receipt
    assert receipt.sheets == ("Page 1", "Page 2")
    assert any("more pictures than 2" in note for note in receipt.notes)


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\tb", "a b"),
        ("Height\r\n(cm)", "Height (cm)"),
        ("\x1b[31mred", "\u241b[31mred"),
        ("abc\u202etxt.exe", "abc\ufffdtxt.exe"),
        ("bell\x07", "bell\u2407"),
        ("\ud800", "\ufffd"),
        ("x" * 5_000, "x" * 999 + "\u2026"),
        ("naïve 名前 🙂 =1+1", "naïve 名前 🙂 =1+1"),
    ],
)
def test_names_can_be_seen(given, shown):
    assert seemly(given) == shown
    names, notes = unique_names([given, "other"])
    assert names == [shown, "other"]
    assert len(notes) == (given != shown)


@pytest.mark.parametrize(
    ("end", "shown"), [("b", " " * 998 + "\u2026"), ("\nb", " b")], ids=["one line", "two lines"]
)
def test_names_of_very_many_blanks(end, shown):
    """Which took days while blanks were sought from each of them."""
    assert seemly("a" + " " * 1_000_000 + end) == "a" + shown


def test_names_made_alike_are_told_apart():
    names, notes = unique_names(["a\nb", "a b", "a\tb"])
    assert names == ["a b", "a b (2)", "a b (3)"]
    assert len(notes) == 2


def test_names_in_a_text_table(file):
    dataset = read(file('"a\nb","c\x1b[1m"\n1,2\n3,5\n', "t.csv"))
    assert [column.name for column in dataset.columns] == ["a b", "c\u241b[1m"]


# --- in the process that it takes ----------------------------------------------------------------


def test_a_database_with_a_log_beside_it(tmp_path: Path):
    path = tmp_path / "t.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1.5), (2.5);")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("INSERT INTO t VALUES (9.5)")
    connection.commit()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    dataset = read(path)
    assert dataset.column("x").numbers().tolist() == [1.5, 2.5]
    assert any("t.db-wal are missing" in note for note in dataset.receipt.notes)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    connection.close()


def test_labels_places_and_the_size_of_a_picture_arrive(tmp_path: Path):
    path = tmp_path / "p.png"
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(path)
    dataset = read(path)
    assert dataset.receipt.picture == (4, 3)
    assert dataset.column("x").kind == "position"
    assert dataset.recommended == ("gray",)
    assert dataset.row_label is None


def test_text_that_holds_no_characters_is_refused(tmp_path):
    """NumPy keeps texts as numbers, of which some mean nothing."""
    for number in (sys.maxunicode + 1, 2**31 - 1):
        path = tmp_path / "texts.npy"
        np.save(path, np.array([number, 65, 66, 67], np.uint32).view("<U2"))
        with pytest.raises(ReadError, match="damaged"):
            read(path)
