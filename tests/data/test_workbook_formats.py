"""How numbers look in a workbook is known, and they look so in the one that is exported."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data import workbook_formats, xls_formats
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.workbook_formats import column_formats
from gmmdesk.export import write
from tests.data.workbook_files import WRITERS, cells, compound_file, repack, write_xlsb
from tests.running import finish

LOOKS = {
    "name": "@",
    "share": "0.0%",
    "price": '#,##0.00 "€"',
    "day": "dd.mm.yyyy",
    "short": 14,
    "loss": "#,##0;[Red]-#,##0",
    "plain": "General",
}
WANTED = {**LOOKS, "name": "", "plain": "", "short": "mm-dd-yy"}


@pytest.fixture
def book(tmp_path):
    """A workbook whose table begins in C4, with a title above it."""
    path = tmp_path / "looks.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet("Other")
    sheet.write(0, 0, 1, made.add_format({"num_format": "0.000"}))
    sheet = made.add_worksheet("Looks & more")
    sheet.write(0, 2, "Report")
    rng = np.random.default_rng(0)
    for j, (name, look) in enumerate(LOOKS.items(), start=2):
        sheet.write(3, j, name)
        style = made.add_format({"num_format": look})
        for i in range(40):
            if name == "name":
                sheet.write(4 + i, j, f"n{i}", style)
            elif name in ("day", "short"):
                sheet.write(4 + i, j, dt.datetime(2024, 1, 1) + dt.timedelta(days=i), style)
            else:
                sheet.write(4 + i, j, float(rng.normal() + 5 * (i % 2)), style)
    made.close()
    return path


@pytest.mark.usefixtures("parsers_here")
def test_columns_look_as_they_did(book, tmp_path):
    dataset = read(book, ReadOptions(sheet="Looks & more"))
    assert {c.name: c.number_format for c in dataset.columns} == WANTED
    analysis = finish(analyse(dataset, Settings(columns=("share", "price"), k_max=2, restarts=1)))
    write(analysis, tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Rows"]
    shown = {cell.value: sheet.cell(3, cell.column).number_format for cell in sheet[1]}
    assert {name: shown[name] for name in WANTED} == {
        name: look or "General" for name, look in WANTED.items()
    }


@pytest.mark.usefixtures("parsers_here")
def test_a_range_of_cells_has_the_looks_of_its_columns(book):
    options = ReadOptions(sheet="Looks & more", cell_range="E4:F20")
    columns = read(book, options).columns
    assert [c.number_format for c in columns] == [WANTED["price"], WANTED["day"]]


@pytest.mark.parametrize(
    "code", ['0"', "0[", "0;0;0;0;0", "0" * 121, "0\\", "0\x01", "<a>", "[[0]]"]
)
def test_what_is_no_format_is_none(book, code):
    content = io.BytesIO()
    with zipfile.ZipFile(book) as archive, zipfile.ZipFile(content, "w") as copy:
        for part in archive.namelist():
            text = archive.read(part)
            if part == "xl/styles.xml":
                escaped = code.replace("<", "&lt;").replace('"', "&quot;").replace("\x01", "&#9;")
                text = text.replace(b'"0.0%"', f'"{escaped}"'.encode())
            copy.writestr(part, text)
    formats = column_formats(content, "Looks & more", 5, 2, 3)
    assert formats == ["", "", WANTED["price"]]


@pytest.mark.parametrize("limit", ["_MOST_ELEMENTS", "_MOST_IN_ROW"])
def test_no_more_of_a_row_is_looked_at_than_was_meant_to(monkeypatch, book, limit):
    """Where it goes on without end, which here is its damage."""
    monkeypatch.setattr(workbook_formats, limit, 12)
    content = io.BytesIO()
    with zipfile.ZipFile(book) as archive, zipfile.ZipFile(content, "w") as copy:
        for part in archive.namelist():
            text = archive.read(part)
            copy.writestr(part, text[: len(text) // 2] if part.endswith("sheet2.xml") else text)
    assert column_formats(content, "Looks & more", 5, 2, 3) == ["", "", ""]


@pytest.mark.usefixtures("parsers_here")
@pytest.mark.parametrize("kind", [".xlsb", ".xls"])
def test_binary_and_old_workbooks_tell_them_too(tmp_path, kind):
    path = tmp_path / f"looks{kind}"
    rows = [[f"n{i}", 0.05 * i, 7.5 * i, 45_000.0 + i, float(i)] for i in range(1, 30)]
    table = cells(["Report"], ["name", "share", "price", "day", "plain"], *rows)
    looks = ["@", 10, '#,##0.00 "€"', "dd.mm.yyyy", "General"]
    WRITERS[kind](path, table, looks=looks)
    columns = read(path).columns
    assert [c.name for c in columns] == ["name", "share", "price", "day", "plain"]
    assert [c.number_format for c in columns] == ["", "0.00%", looks[2], "dd.mm.yyyy", ""]
    assert columns[3].cells[0].as_py() == dt.datetime(2023, 3, 16)


def test_damaged_styles_of_a_binary_workbook_tell_nothing(tmp_path):
    path = tmp_path / "looks.xlsb"
    write_xlsb(path, cells(["a", "b"], [1, 2.5]), looks=["0.00", "0%"])
    for damage in (b"", b"\x2c\x02", b"\x2c\xff\xff\xff\xff\xff", b"\xff" * 9):
        repack(path, styles=damage)
        with path.open("rb") as file:
            assert not any(column_formats(file, "S", 2, 0, 2))


OLD = (
    struct.pack("<HHHH12x", 0x0809, 16, 0x0600, 0x0005),  # the workbook
    struct.pack("<HHHHB4s", 0x041E, 9, 164, 4, 0, b"0.0%"),
    struct.pack("<HHHH16x", 0x00E0, 20, 0, 164),
    struct.pack("<HHIHBBs", 0x0085, 9, 74, 0, 1, 0, b"S"),
    struct.pack("<HH", 0x000A, 0),
    struct.pack("<HHHH12x", 0x0809, 16, 0x0600, 0x0010),  # the sheet, at 74
    struct.pack("<HHHH12x", 0x0809, 16, 0x0600, 0x0020),  # a chart in it, whose cells are none
    struct.pack("<HHHHHd", 0x0203, 14, 2, 1, 0, 1.0),
    struct.pack("<HH", 0x000A, 0),
    struct.pack("<HHHHHIHIH", 0x00BD, 18, 2, 0, 0, 0, 9, 0, 1),  # a run of two cells
    struct.pack("<HH", 0x000A, 0),
)


@pytest.mark.parametrize(
    ("damaged", "expected"),
    [
        (b"".join(OLD), ["0.0%", "", ""]),  # the second cell's style is not there
        (b"".join(OLD[:-1]), []),
        (b"".join(OLD[:4]), []),
        (b"".join(OLD).replace(b"\x00\x06", b"\x00\x05"), []),  # of 1995
        (b"".join(OLD).replace(b"\x00S", b"\x00T"), []),
        (b"".join(OLD).replace(struct.pack("<I", 74), struct.pack("<I", 2**31)), []),
        (b"".join(OLD).replace(b"0.0%", b"0[[%"), ["", "", ""]),
    ],
)
def test_an_old_workbook_may_be_damaged(tmp_path, damaged, expected):
    path = tmp_path / "looks.xls"
    path.write_bytes(compound_file("Workbook", damaged))
    with path.open("rb") as file:
        assert column_formats(file, "S", 2, 0, 3) == expected


@pytest.mark.parametrize(("most", "expected"), [(10, "0.0%"), (9, "")])
def test_so_many_records_of_an_old_workbook_are_looked_at_in_all(monkeypatch, most, expected):
    """Five of the workbook, and five of the sheet up to its cells."""
    monkeypatch.setattr(xls_formats, "_MOST_RECORDS", most)
    content = io.BytesIO(compound_file("Workbook", b"".join(OLD)))
    assert column_formats(content, "S", 2, 0, 1) == [expected]


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"])
def test_other_files_tell_nothing(content):
    assert column_formats(io.BytesIO(content), "Sheet", 1, 0, 3) == []
