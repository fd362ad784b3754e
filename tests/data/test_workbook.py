"""Workbooks: sheets, kinds of cells, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from gmmdesk.data import extent, limits, workbook
from gmmdesk.data.dataset import ColumnKind
from gmmdesk.data.extent import check_extent
from gmmdesk.data.readers import read
from gmmdesk.errors import Cancelled, ReadError
from gmmdesk.task import Task

_PLURAL = {"row": "rows", "cell": "columns"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def write(path: Path, **sheets: list[list[object]]) -> Path:
    """A workbook with the given rows on its sheets."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    sheet.write(i, j, cell)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def test_numbers_text_dates_and_truths(path):
    day = dt.datetime(2020, 5, 17, 10, 30)
    rows = [
        ["size", "count", "day", "ok", "who"],
        [0.1, 3, day, True, "Ann"],
        [1 / 3, 5, day + dt.timedelta(1), False, "Bob"],
        [None, 9, None, True, "Ann"],
    ]
    dataset = read(write(path, Data=rows))
    size = dataset.column("size")
    assert size.cells.to_pylist() == [0.1, 1 / 3, None]
    assert (size.kind, size.n_missing) == (ColumnKind.NUMBER, 1)
    assert dataset.column("count").cells.to_pylist() == [3, 5, 9]
    assert dataset.column("day").cells.to_pylist() == [day, day + dt.timedelta(1), None]
    assert dataset.column("day").kind is ColumnKind.DATE
    assert dataset.column("ok").cells.to_pylist() == ["true", "false", "true"]
    assert dataset.column("who").kind is ColumnKind.TEXT
    assert (dataset.receipt.format, dataset.receipt.sheet) == ("Excel", "Data")
    assert len(dataset.receipt.sha256) == 64


def test_a_number_typed_as_text_and_a_remark_leave_a_column_numeric(path):
    values = [["size"], [0.1], ["0.25"], ["5.1cm"], [3], [4.5], ["n/a"], [7]]
    found = read(write(path, Data=values)).column("size")
    assert found.kind is ColumnKind.NUMBER
    assert found.cells.to_pylist() == ["0.1", "0.25", "5.1cm", "3", "4.5", "n/a", "7"]
    assert found.unreadable.tolist() == [2, 5]
    assert found.numbers()[:2].tolist() == [0.1, 0.25]


def test_text_that_appears_after_many_numbers(path):
    rows = [["size", "n"], *([i + 0.5, i % 7] for i in range(2_500)), ["oops", 3]]
    found = read(write(path, Data=rows)).column("size")
    assert found.unreadable.tolist() == [2_500]
    assert found.cells[0].as_py() == "0.5"
    assert found.numbers()[2_499] == 2_499.5


def test_errors_are_missing_and_formulas_have_their_value(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["size", "double"])
        for i in range(1, 5):
            sheet.write(i, 0, i * 1.5)
            sheet.write_formula(i, 1, f"=2*A{i + 1}", None, i * 3.0 if i < 4 else "#DIV/0!")
    double = read(path).column("double")
    assert double.cells.to_pylist() == [3, 6, 9, None]
    assert double.n_missing == 1


def test_the_first_sheet_with_data_is_read(path):
    write(path, Cover=[], First=[["x", "y"], [1.5, 2], [2.5, 7]], Second=[["z"], [1]])
    dataset = read(path)
    assert dataset.receipt.sheet == "First"
    assert dataset.receipt.sheets == ("Cover", "First", "Second")
    assert [c.name for c in read(path, sheet="Second").columns] == ["z"]


def test_a_table_that_starts_below_a_title_and_right_of_the_edge(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("C2:E2", "Results of 2020")
        for i, row in enumerate([["a", "b", "c"], [1.5, 2, 3], [2.5, 5, 3]]):
            sheet.write_row(3 + i, 2, row)
    dataset = read(path)
    assert [column.name for column in dataset.columns] == ["a", "b", "c"]
    assert dataset.n_rows == 2
    assert "Results of 2020" in " ".join(dataset.receipt.notes)


def test_an_opendocument_sheet(tmp_path):
    def cell(value: object) -> str:
        kind = "float" if isinstance(value, float) else "string"
        given = f' office:value="{value}"' if kind == "float" else ""
        return (
            f'<table:table-cell office:value-type="{kind}"{given}>'
            f"<text:p>{value}</text:p></table:table-cell>"
        )

    rows = [["size", "who"], [1.5, "Ann"], [2.25, "Bob"], [4.0, "Ann"]]
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    path = tmp_path / "book.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="Data">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    dataset = read(path)
    assert dataset.column("size").numbers().tolist() == [1.5, 2.25, 4.0]
    assert dataset.column("who").kind is ColumnKind.TEXT
    assert dataset.receipt.sheet == "Data"


def test_empty_rows_stay_inside_and_go_at_the_end(path):
    rows = [["a", "b"], [1.5, 2], [None, None], [2.5, 5], ["", ""], ["", ""]]
    assert read(write(path, Data=rows)).n_rows == 3


@pytest.mark.parametrize(
    ("sheet", "message"),
    [("Cover", "Sheet 'Cover' of book.xlsx is empty. Choose another: Data"), ("No", "Cover, Data")],
)
def test_a_sheet_that_cannot_be_read_names_the_others(path, sheet, message):
    write(path, Cover=[], Data=[["x"], [1]])
    with pytest.raises(ReadError, match=message):
        read(path, sheet=sheet)


@pytest.mark.parametrize(
    ("rows", "message"), [([], "no sheet with data"), ([["a", "b"]], "but no rows")]
)
def test_a_workbook_without_rows(path, rows, message):
    with pytest.raises(ReadError, match=message):
        read(write(path, Data=rows))


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_workbook_cut_short(path, kept):
    content = write(path, Data=[["x"], [1], [2]]).read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(ReadError, match="damaged or cut short"):
        read(path)


def test_a_damaged_part_inside_an_intact_archive(path):
    write(path, Data=[["x"], [1], [2]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row><c"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ReadError, match=r"damaged|no sheet with data"):
        read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 900, "password"),
        (OLE + b"\0" * 2_000, "damaged"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
    ],
)
def test_protected_and_broken_containers(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ReadError, match=message):
        read(path)


def test_an_archive_that_explodes_is_refused_before_it_is_unpacked(path, monkeypatch):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 3_000_000)
    monkeypatch.setattr(workbook, "_SMALL", 1_000_000)
    with pytest.raises(ReadError, match="unpacks to 3 MB"):
        read(path)


def test_more_memory_than_there_is(path, monkeypatch):
    write(path, Data=[["x"], [1], [2]])
    monkeypatch.setattr(limits, "available_memory", lambda: 1_000)
    with pytest.raises(ReadError, match="memory"):
        read(path)


def test_cancelling_does_not_wait_for_the_parser(path, monkeypatch):
    write(path, Data=[["x"], [1], [2]])
    task = Task()
    load = workbook.python_calamine.load_workbook

    def slow(content: object) -> object:
        task.cancel()
        return load(content)

    monkeypatch.setattr(workbook.python_calamine, "load_workbook", slow)
    with pytest.raises(Cancelled):
        read(path, task=task)


def test_a_cell_in_the_furthest_corner_is_refused_before_the_sheet_is_laid_out(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["x", "y"])
        sheet.write_row(1, 0, [1.5, 2])
        sheet.write(1_048_575, 16_383, "stray")
    with pytest.raises(ReadError, match="as far as cell XFD1048576"):
        read(path)


@pytest.mark.parametrize("block", [7, 11, 13, 4_000])
def test_a_far_cell_is_found_wherever_the_blocks_end(path, monkeypatch, block):
    monkeypatch.setattr(extent, "_BLOCK", block)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, 1.5)
        sheet.write(1_048_575, 16_383, 2.5)
    with zipfile.ZipFile(path) as archive, pytest.raises(ReadError, match="XFD1048576"):
        check_extent(archive, "book.xlsx", Task())


@pytest.mark.parametrize("stray", ["formatted", "far down"])
def test_a_stray_cell_that_fits_does_no_harm(path, stray):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["x", "y"])
        sheet.write_row(1, 0, [1.5, 2])
        sheet.write_row(2, 0, [2.5, 7])
        if stray == "formatted":
            sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
        else:
            sheet.write(400_000, 0, 4.5)
    dataset = read(path)
    assert [column.name for column in dataset.columns] == ["x", "y"]
    assert dataset.n_rows == (2 if stray == "formatted" else 400_000)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFC1"/><c><v>1</v></c></row>',
        "<x:row xmlns:x='x'><x:c t='/>' r = 'xfd1048576'><x:v>1</x:v></x:c></x:row>",
    ],
)
def test_no_spelling_of_a_far_cell_gets_through(path, cells):
    write(path, Data=[["x"], [1], [2]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        '<worksheet><sheetData><row r="1"><c r="A1"><v>5</v></c></row>'
        f"{cells}</sheetData></worksheet>"
    ).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ReadError, match=r"as far as cell XFD1048576"):
        read(path)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ('{row}<r n="1048000"><c n="16000" v="1"/></r>', True),
        ('{row}<r n="1048000"/>{row}<r><c n="16000"/><c v="1"/></r>', True),
        ('{row}<r><c n="900000000"/><c/></r>', True),
        ('{row}<r><c v="1"/><c n="16000"/></r><r n="1048000"><c n="16384"/></r>', False),
    ],
)
def test_repeated_cells_of_an_opendocument_sheet(body, refused):
    body = body.replace("{row}", '<r><c v="1"/><c v="2"/></r>')
    for short, full in (
        (" n=", " {}="),
        ("<r", "<table:table-row"),
        ("</r>", "</table:table-row>"),
        ("<c", "<table:table-cell"),
        (' v="', ' office:value-type="float" office:value="'),
    ):
        body = body.replace(short, full)
    body = re.sub(
        r"(row|cell) \{\}", lambda m: f"{m[1]} table:number-{_PLURAL[m[1]]}-repeated", body
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("content.xml", f"<o><table:table>{body}</table:table></o>")
    with zipfile.ZipFile(content) as archive:
        if refused:
            with pytest.raises(ReadError, match="at most"):
                check_extent(archive, "book.ods", Task())
        else:
            check_extent(archive, "book.ods", Task())


def test_cells_of_a_binary_sheet():
    def record(kind: int, content: bytes) -> bytes:
        high = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 0x7F else bytes([kind])
        return high + bytes([len(content)]) + content

    def cell(kind: int, row: int, column: int) -> bytes:
        return record(0, row.to_bytes(4, "little")) + record(kind, column.to_bytes(4, "little"))

    def check(*cells: bytes) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("xl/worksheets/sheet1.bin", record(0x91, b"") + b"".join(cells))
        with zipfile.ZipFile(content) as archive:
            check_extent(archive, "book.xlsb", Task())

    check(cell(5, 0, 0), cell(1, 1_048_575, 16_383))  # the far one is blank
    with pytest.raises(ReadError, match="as far as cell XFD1048576"):
        check(cell(5, 0, 0), cell(5, 1_048_575, 16_383))
