"""One sheet of a workbook as a table. Runs in a process of its own, and imports little."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine

from gmmdesk.data.dataset import Finding, Places
from gmmdesk.data.header import Header, find_header
from gmmdesk.data.limits import MAX_SHEET_CELLS, check_columns
from gmmdesk.data.options import CellRange, ReadOptions, parse_range
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.data.signs import is_opendocument
from gmmdesk.data.workbook_container import FAR_CELLS_HINT, open_container, protected
from gmmdesk.data.workbook_formats import column_formats
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_BATCH = 1_000  # rows turned into columns at once
_HEAD = 200  # rows looked at to find the header
_MIDNIGHT = dt.time()

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
Progress = Callable[[float], None]


def parse_workbook(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """As `read_workbook`, in the process that it starts."""
    table, said = read_sheet(
        file, name, options, lambda share: task.step(share, "Reading the sheet")
    )
    return RawTable(
        table.column_names,
        table.columns,
        said["notes"],
        {"sheet": said["sheet"]},
        tuple(said["sheets"]),
        findings=said["findings"],
        units=said["units"],
        formats=said["formats"],
        is_chosen=options.row_limit is not None,
        rows_in_file=said["n_rows"] if options.row_limit is not None else None,
        places=Places("row of the sheet", said["first_row"]),
        format=said["format"],
    )


def read_sheet(
    file: BinaryIO, name: str, options: ReadOptions, progress: Progress
) -> tuple[pa.Table, dict[str, Any]]:
    """The table on the sheet asked for, or the first that holds one; and what to say of it.

    Formulas have the value saved with them. Hidden sheets come last.
    Raises ReadError as `read_workbook` says.
    """
    content, has_errors = open_container(file, name)
    try:
        book = python_calamine.load_workbook(content)
        visible: list[str] = []
        hidden: list[str] = []
        for data in book.sheets_metadata:
            if data.typ is python_calamine.SheetTypeEnum.WorkSheet:
                shown = data.visible is python_calamine.SheetVisibleEnum.Visible
                (visible if shown else hidden).append(data.name)
        chosen, cells = _open_sheet(book, visible, hidden, name, options.sheet)
    except python_calamine.PasswordError:
        raise protected(name) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ReadError(
            f"{name} is damaged or no workbook: {error}.",
            # The parser does not always say so when cells are too far apart.
            "Open it in a spreadsheet program, delete what stands far from the table and save it"
            " again.",
        ) from None
    what = f"Sheet '{chosen}' of {name}"
    _check_size(cells, what)
    table, header, first_row, is_all = _table(cells, what, options, progress)
    asked = parse_range(options.cell_range) if options.cell_range else CellRange()
    first_column = max((cells.start or (0, 0))[1], asked.first_column)
    notes = header.notes
    if options.sheet is None and chosen != next(iter(visible), chosen) and chosen not in hidden:
        notes.append(f"Sheet '{chosen}' was read: the first with numbers.")
    if chosen in hidden:
        notes.append(f"Sheet '{chosen}' is hidden in the workbook.")
    if not has_errors and any(column.null_count for column in table.columns):
        notes.append("Cells with an error such as #N/A count as empty in this kind of workbook.")
    return table, {
        "format": "OpenDocument" if is_opendocument(content) else "",
        "sheet": chosen,
        "sheets": visible + hidden,
        "notes": notes,
        "findings": header.findings,
        "units": header.units,
        "first_row": first_row,
        "n_rows": table.num_rows if is_all else None,
        "formats": column_formats(content, chosen, first_row, first_column, table.num_columns),
    }


def _check_size(cells: python_calamine.CalamineSheet, what: str) -> None:
    """Refuse a sheet that is large because of a cell far from the others."""
    check_columns(cells.width, what)
    if cells.height * cells.width > MAX_SHEET_CELLS:
        raise ReadError(
            f"{what} reaches over {cells.height:,} rows and {cells.width:,} columns, more than"
            f" {MAX_SHEET_CELLS:,} cells.",
            FAR_CELLS_HINT,
        )


def _open_sheet(
    book: python_calamine.CalamineWorkbook,
    visible: list[str],
    hidden: list[str],
    name: str,
    wanted: str | None,
) -> tuple[str, python_calamine.CalamineSheet]:
    """The wanted sheet, or the first with numbers, or the first with any data; hidden ones last."""
    sheets = visible + hidden
    if wanted is not None and wanted not in sheets:
        raise ReadError(
            f"{name} has no sheet '{wanted}'.", f"Its sheets are: {joined(sheets, 12)}."
        )
    for group in ([wanted],) if wanted is not None else (visible, hidden):
        filled: tuple[str, python_calamine.CalamineSheet] | None = None
        for title in group:
            cells = book.get_sheet_by_name(title)
            if cells.height and (wanted is not None or _has_numbers(cells)):
                return title, cells
            if cells.height and filled is None:
                filled = title, cells
        if filled is not None:
            return filled
    if wanted is None:
        raise ReadError(f"{name} has no sheet with data.", "Open a workbook that holds a table.")
    others = [title for title in sheets if title != wanted]
    raise ReadError(
        f"Sheet '{wanted}' of {name} is empty.",
        f"Choose another: {joined(others, 12)}." if others else "Open another file.",
    )


def _has_numbers(cells: python_calamine.CalamineSheet) -> bool:
    """Whether a sheet may be what is looked for, and no page of remarks before it."""
    rows = itertools.islice(cells.iter_rows(), _HEAD)
    with_numbers = (row for row in rows if any(type(cell) in (int, float) for cell in row))
    return len(list(itertools.islice(with_numbers, 2))) == 2


def _table(
    cells: python_calamine.CalamineSheet, what: str, options: ReadOptions, progress: Progress
) -> tuple[pa.Table, Header, int, bool]:
    """The table on a sheet, its header, and the row of the sheet, from 1, of its first row.

    At last whether these are all rows that there are.
    Empty rows at its end are left away.
    """
    progress(0.0)
    rows, n_above = _rows(cells, what, options)
    head = list(itertools.islice(rows, _HEAD))
    header = find_header([[_text(cell) or "" for cell in row] for row in head], what, options)
    names, notes = unique_names(header.names)
    header.notes.extend(notes)
    if options.cell_range is not None:
        finding = Finding(
            "Range of cells", options.cell_range, "you chose it", "cell_range", chosen=True
        )
        header.findings.append(finding)
    pieces: list[list[pa.Array]] = [[] for _ in names]
    n_read = header.n_above
    rows = itertools.chain(head[header.n_above :], rows)
    wanted = itertools.islice(rows, options.row_limit)
    while batch := list(itertools.islice(wanted, _BATCH)):
        for column, values in zip(pieces, zip(*batch, strict=True), strict=True):
            array = _typed(values)  # in chunks when it holds more text than one array can
            column.extend(array.chunks if isinstance(array, pa.ChunkedArray) else [array])
        n_read += len(batch)
        progress(n_read / cells.height)
    columns = [_joined(column) for column in pieces]
    n_rows = max((_filled_length(column) for column in columns), default=0)
    if not n_rows:
        raise ReadError(
            f"{what} has a header ({joined(names)}) but no rows.", "Open a sheet with rows."
        )
    table = pa.table(columns, names).slice(0, n_rows)
    is_all = next(rows, None) is None
    return table, header, n_above + header.n_above + 1, is_all


def _rows(
    cells: python_calamine.CalamineSheet, what: str, options: ReadOptions
) -> tuple[Iterator[list[Cell]], int]:
    """The rows of the part of a sheet that is asked for, and how many rows stand above them."""
    part = parse_range(options.cell_range) if options.cell_range else CellRange()
    # The parser adds the empty rows above the first cell, but counts without them; of the columns
    # in front of it there are none.
    n_above, n_before = cells.start or (0, 0)
    n_above = max(n_above, part.first_row + (options.skip_rows or 0))
    stop = None if part.last_row is None else part.last_row + 1
    if stop is not None and stop <= n_above:
        rows: Iterator[list[Cell]] = iter(())
    else:
        rows = itertools.islice(cells.iter_rows(), n_above, stop)
    left = max(0, part.first_column - n_before)
    right = None if part.last_column is None else max(0, part.last_column + 1 - n_before)
    if left or right is not None:
        rows = (row[left:right] for row in rows)
    first = next(rows, [])
    if not first:
        raise ReadError(
            f"{what} has no cells {_asked_for(options)}.",
            "Choose a larger part of it.",
        )
    return itertools.chain([first], rows), n_above


def _asked_for(options: ReadOptions) -> str:
    parts = [f"in the range {options.cell_range}"] if options.cell_range else []
    parts += [f"below row {options.skip_rows:,}"] if options.skip_rows else []
    return " and ".join(parts) or "to read"


def _typed(values: tuple[Cell, ...]) -> pa.Array:
    """Cells of one column as float64, timestamps or text, whichever keeps them all."""
    kinds = {type(value) for value in values if value != ""}
    if kinds <= {int, float}:
        numbers = cast("tuple[float | Literal['']]", values)
        return pa.array([None if v == "" else float(v) for v in numbers], pa.float64())
    if kinds <= {dt.date, dt.datetime}:
        days = [None if v == "" else dt.datetime.fromisoformat(str(v)) for v in values]
        return pa.array(days, pa.timestamp("us"))
    return pa.array([_text(value) for value in values], pa.string())


def _text(cell: Cell) -> str | None:
    """The cell as it would be typed; None when it is empty."""
    if cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime) and cell.time() == _MIDNIGHT:
        return str(cell.date())
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _joined(pieces: list[pa.Array]) -> pa.ChunkedArray:
    """One column from pieces that may differ in type: text if they do."""
    kinds = {piece.type for piece in pieces if piece.null_count < len(piece)}
    kind = kinds.pop() if len(kinds) == 1 else pa.string()
    if not pa.types.is_string(kind):
        column = pa.chunked_array([_cast_empty(piece, kind) for piece in pieces], kind)
        return _whole(column) if pa.types.is_floating(kind) else column
    return pa.chunked_array(
        [
            piece
            if pa.types.is_string(piece.type)
            else pa.array([None if v is None else _text(v) for v in piece.to_pylist()], pa.string())
            for piece in pieces
        ],
        kind,
    )


def _cast_empty(piece: pa.Array, kind: pa.DataType) -> pa.Array:
    return piece if piece.type == kind else pa.nulls(len(piece), kind)


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of whole numbers, which a workbook keeps as floats, as int64."""
    try:
        return pc.cast(column, pa.int64())
    except pa.ArrowInvalid:
        return column


def _filled_length(column: pa.ChunkedArray) -> int:
    """Rows up to the last one that holds something."""
    end = len(column)
    for chunk in reversed(column.chunks):
        filled = pc.indices_nonzero(pc.is_valid(chunk))
        if len(filled):
            return end - len(chunk) + int(filled[-1].as_py()) + 1
        end -= len(chunk)
    return 0
