"""What the sheets of workbooks hold, of every kind, and what of it is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter

from gmmdesk.data import workbook, workbook_sheet
from gmmdesk.data.dataset import ColumnKind
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.errors import ReadError
from tests.data.workbook_files import (
    ERROR,
    WRITERS,
    cells,
    repack,
    write_ods_body,
    write_xls,
    write_xlsx,
)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse here, which is faster; how the process is listened to is tested elsewhere."""

    monkeypatch.setattr(workbook, "read_workbook", workbook_sheet.parse_workbook)


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


def test_the_first_sheet_with_data_is_read(path):
    write(path, Cover=[], First=[["x", "y"], [1.5, 2], [2.5, 7]], Second=[["z"], [1]])
    dataset = read(path)
    assert dataset.receipt.sheet == "First"
    assert list(dataset.receipt.sheets) == ["Cover", "First", "Second"]
    assert [c.name for c in read(path, ReadOptions(sheet="Second")).columns] == ["z"]


def test_a_sheet_with_numbers_comes_before_one_of_remarks(path):
    remarks = [["Source"], ["Made by the finance department"], ["Version 3"]]
    write(path, Remarks=remarks, Data=[["x", "y"], [1.5, 2], [2.5, 7]])
    receipt = read(path).receipt
    assert receipt.sheet == "Data"
    assert "Sheet 'Data' was read: the first with numbers." in receipt.notes
    assert read(path, ReadOptions(sheet="Remarks")).receipt.sheet == "Remarks"


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


def test_empty_rows_stay_inside_and_go_at_the_end(path):
    rows = [["a", "b"], [1.5, 2], [None, None], [2.5, 5], ["", ""], ["", ""]]
    assert read(write(path, Data=rows)).n_rows == 3


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("Cover", "Sheet 'Cover' of book.xlsx is empty. Choose another: Data"),
        ("No", "Cover and Data"),
    ],
)
def test_a_sheet_that_cannot_be_read_names_the_others(path, sheet, message):
    write(path, Cover=[], Data=[["x"], [1]])
    with pytest.raises(ReadError, match=message):
        read(path, ReadOptions(sheet=sheet))


@pytest.mark.parametrize(
    ("rows", "message"), [([], "no sheet with data"), ([["a", "b"]], "but no rows")]
)
def test_a_workbook_without_rows(path, rows, message):
    with pytest.raises(ReadError, match=message):
        read(write(path, Data=rows))


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


@pytest.mark.parametrize("ending", WRITERS)
def test_every_kind_of_workbook(tmp_path, ending):
    path = tmp_path / f"book{ending}"
    WRITERS[ending](path, cells(["size", "who"], [1.5, "Ann"], [2.25, "Bob"], [4.0, "Ann"]))
    dataset = read(path)
    assert dataset.column("size").cells.to_pylist() == [1.5, 2.25, 4]
    assert dataset.column("who").cells.to_pylist() == ["Ann", "Bob", "Ann"]
    assert (dataset.receipt.sheet, dataset.receipt.notes) == ("S", ())


@pytest.mark.parametrize("ending", WRITERS)
def test_a_table_far_down(tmp_path, ending):
    path = tmp_path / f"book{ending}"
    table = cells(["size"], [1.5], [2.25], [4.0])
    WRITERS[ending](path, {(i + 60_000, j + 200): value for (i, j), value in table.items()})
    assert read(path).column("size").cells.to_pylist() == [1.5, 2.25, 4]


@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_cells_with_an_error_keep_their_text(tmp_path, ending):
    path = tmp_path / f"book{ending}"
    WRITERS[ending](path, cells(["size"], [1.5], [ERROR], [2.5], [4.0], [5.0], [6.0]))
    size = read(path).column("size")
    assert size.kind is ColumnKind.NUMBER
    assert (size.cells[1].as_py(), size.n_missing, size.unreadable.tolist()) == ("#DIV/0!", 0, [1])


@pytest.mark.parametrize("ending", [".xls", ".xlsb"])
def test_where_errors_are_lost_a_note_says_so(tmp_path, ending):
    path = tmp_path / f"book{ending}"
    WRITERS[ending](path, cells(["size"], [1.5], [ERROR], [2.5]))
    dataset = read(path)
    assert dataset.column("size").cells.to_pylist() == [1.5, None, 2.5]
    assert "#N/A count as empty" in " ".join(dataset.receipt.notes)


def test_hidden_sheets_come_last(path):
    with xlsxwriter.Workbook(path) as book:
        for name, hide in (("Lookup", "hide"), ("Secret", "very_hidden"), ("Data", "activate")):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, [name, 1.5, 2.5])
            getattr(sheet, hide)()
        book.worksheets()[2].set_first_sheet()
    receipt = read(path).receipt
    assert (receipt.sheet, list(receipt.sheets)) == ("Data", ["Data", "Lookup", "Secret"])
    assert not receipt.notes
    assert read(path, ReadOptions(sheet="Secret")).receipt.notes == (
        "Sheet 'Secret' is hidden in the workbook.",
    )


def test_a_hidden_sheet_is_read_when_no_other_has_data(path):
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Data").write_column(0, 0, ["x", 1.5, 2.5])
        book.add_worksheet("Cover").activate()
        book.worksheets()[0].hide()
        book.worksheets()[1].set_first_sheet()
    receipt = read(path).receipt
    assert (receipt.sheet, len(receipt.notes)) == ("Data", 1)


def test_dates_are_written_alike_wherever_a_word_stands_among_them(path):
    days = [dt.datetime(2020, 1, 1) + dt.timedelta(i % 50) for i in range(2_500)]
    values: list[object] = [*days]
    values[2_200] = "unknown"
    values[700] = dt.datetime(2020, 1, 1, 10, 30)
    found = read(write(path, Data=[["day"], *([value] for value in values)])).column("day")
    expected = [str(day.date()) for day in days]
    expected[2_200], expected[700] = "unknown", "2020-01-01 10:30:00"
    assert found.cells.to_pylist() == expected


def test_more_text_than_one_array_holds_comes_in_chunks(path, monkeypatch):
    typed = workbook_sheet._typed
    monkeypatch.setattr(workbook_sheet, "_typed", lambda values: pa.chunked_array([typed(values)]))
    assert read(write(path, Data=[["a"], ["x"], ["y"]])).column("a").cells.to_pylist() == ["x", "y"]


def test_a_sheet_with_too_many_cells(path, monkeypatch):
    monkeypatch.setattr(workbook_sheet, "MAX_SHEET_CELLS", 1_000)
    write_xlsx(path, {(0, 0): "x", (1, 0): 1.5, (99, 19): 2.5})
    with pytest.raises(ReadError, match=r"over 100 rows and 20 columns.*Delete what stands far"):
        read(path)


def test_more_cells_than_the_parser_takes(tmp_path):
    path = tmp_path / "book.ods"
    cell = '<table:table-cell office:value-type="float" office:value="1"{}/>'
    wide = cell.format(' table:number-columns-repeated="16000"')
    times = ' table:number-rows-repeated="1000000"'
    write_ods_body(path, f"<table:table-row{times}>{wide}</table:table-row>")
    with pytest.raises(ReadError, match="delete what stands far"):
        read(path)


def test_what_is_no_workbook_though_its_archive_is_whole(tmp_path):
    path = tmp_path / "book.xls"
    write_xls(path, cells(["x"], [1.5]))
    path.write_bytes(path.read_bytes().replace("Workbook".encode("utf-16-le"), b"\0" * 16))
    with pytest.raises(ReadError, match="damaged or no workbook"):
        read(path)


def test_a_damaged_part_inside_an_intact_archive(path):
    write_xlsx(path, cells(["x"], [1], [2]))
    repack(path, sheet1=b"<worksheet><sheetData><row><c")
    with pytest.raises(ReadError, match=r"damaged|no sheet with data"):
        read(path)
