"""What a value of JSON says as a table: its columns, by name."""

from __future__ import annotations

from typing import Any

from gmmdesk.data.limits import MAX_JSON_DEPTH, check_columns, check_filled, check_memory
from gmmdesk.data.raw import unique_names
from gmmdesk.errors import ReadError
from gmmdesk.text import joined

_POINTER = 8  # bytes that a cell takes at least


def columns_of(
    value: Any, name: str, notes: list[str], row_limit: int | None, *, is_lines: bool
) -> dict[str, list[Any]]:
    """The cells of each column, of whichever shape the table is; of records the first ones.

    What was taken for granted goes to `notes`. Raises ReadError where `value` is no table.
    """
    if isinstance(value, dict):
        if is_split(value):
            return _of_rows(value["data"], [_named(v) for v in value["columns"]], name)
        inner = list(value.values())
        if inner and all(isinstance(v, list) for v in inner):
            return _of_lists(value, name)
        if inner and all(isinstance(v, dict) for v in inner):
            return _of_records_by_key(value, name, notes)
        return _of_records([value], name)
    if not isinstance(value, list):
        raise _no_table(name, "a single value")
    present = [row for row in value if row is not None]
    if holds_records(value):
        return _of_records(value, name, row_limit)
    if present and all(isinstance(row, list) for row in present):
        rows = [row or [] for row in value]
        head = rows[0]
        if len(rows) > 1 and head and all(isinstance(cell, str) for cell in head):
            return _of_rows(rows[1:], head, name)
        notes.append("The first row holds values, so the columns were numbered.")
        return _of_rows(rows, [], name)
    if any(isinstance(row, dict | list) for row in present):
        raise _no_table(name, "records and other values side by side")
    if is_lines:
        raise _no_table(name, "single values on its lines")
    return {"": value}


def holds_records(value: Any) -> bool:
    """Whether the table is a list of records; some of them may be null."""
    if not isinstance(value, list) or not any(isinstance(row, dict) for row in value):
        return False
    return all(row is None or isinstance(row, dict) for row in value)


def is_split(value: dict[str, Any]) -> bool:
    """Whether names of columns and rows of cells stand apart, as pandas writes "split"."""
    return isinstance(value.get("columns"), list) and isinstance(value.get("data"), list)


def flattened(columns: dict[str, list[Any]], name: str, notes: list[str]) -> dict[str, list[Any]]:
    """The columns, those of records taken apart: `size` with `width` becomes `size.width`."""
    apart: list[str] = []
    for _ in range(MAX_JSON_DEPTH):
        flat: dict[str, list[Any]] = {}
        before = len(apart)
        for key, values in columns.items():
            present = [value for value in values if value is not None]
            if present and all(isinstance(value, dict) and value for value in present):
                apart.append(key)
                inner = _of_records(values, name)
                flat |= {_free(f"{key}.{part}", flat, columns): c for part, c in inner.items()}
            else:
                flat[key] = values
        check_columns(len(flat), name)
        columns = flat
        if len(apart) == before:
            break
    else:
        raise too_deep(name)
    if apart:
        notes.append(f"Records within cells became columns of their own: {joined(apart)}.")
    as_text = []
    for key, values in columns.items():
        depth = max((_depth(v) for v in values if isinstance(v, list | dict)), default=0)
        if depth > MAX_JSON_DEPTH:
            raise too_deep(name)
        if depth:
            as_text.append(key)
    if as_text:
        notes.append(f"Columns of lists or records were turned into text: {joined(as_text)}.")
    return columns


def _of_records(
    records: list[Any], name: str, row_limit: int | None = None
) -> dict[str, list[Any]]:
    """A column for each name in any of the records, or of the first `row_limit` of them."""
    records = records[:row_limit]
    keys: dict[str, None] = {}
    for record in records:
        if record is not None:
            keys.update(dict.fromkeys(record))
            check_columns(len(keys), name)
    n_given = sum(len(record) for record in records if record is not None)
    check_filled(len(records), len(keys), n_given, name)
    _check(len(records), len(keys), name)
    return {key: [None if r is None else r.get(key) for r in records] for key in keys}


def _of_rows(rows: list[Any], titles: list[str], name: str) -> dict[str, list[Any]]:
    if not all(isinstance(row, list) for row in rows):
        raise _no_table(name, "rows and other values side by side")
    width = max((len(row) for row in rows), default=0)
    if titles and width > len(titles):
        number = next(i for i, row in enumerate(rows, 1) if len(row) > len(titles))
        raise ReadError(
            f"Row {number:,} of {name} has {width} cells, but there are {len(titles)} columns.",
            "Give every column a name.",
        )
    width = max(width, len(titles))
    check_filled(len(rows), width, sum(map(len, rows)), name)
    _check(len(rows), width, name)
    titles, _ = unique_names([*titles, *[""] * (width - len(titles))])
    return {
        title: [row[j] if j < len(row) else None for row in rows] for j, title in enumerate(titles)
    }


def _of_lists(lists: dict[str, list[Any]], name: str) -> dict[str, list[Any]]:
    lengths = {len(values) for values in lists.values()}
    if len(lengths) > 1:
        short, long = min(lengths), max(lengths)
        raise ReadError(
            f"The columns of {name} have from {short:,} to {long:,} values.",
            "Write as many values for every column; null where there is none.",
        )
    check_columns(len(lists), name)
    return lists


def _of_records_by_key(
    records: dict[str, dict[str, Any]], name: str, notes: list[str]
) -> dict[str, list[Any]]:
    """Columns by name whose cells are named by their rows (pandas' own way); or rows by name."""
    if all(key.isdecimal() for key in records):
        notes.append("The names of the records were taken for row numbers.")
        return _of_records(list(records.values()), name)
    rows: dict[str, None] = {}
    for cells in records.values():
        rows.update(dict.fromkeys(cells))
    if not all(key.isdecimal() for key in rows):
        notes.append("Records with a name were read as rows; the name is the first column.")
        return {"": list(records), **_of_records(list(records.values()), name)}
    check_filled(len(rows), len(records), sum(map(len, records.values())), name)
    _check(len(rows), len(records), name)
    return {key: [cells.get(row) for row in rows] for key, cells in records.items()}


def _named(title: Any) -> str:
    if isinstance(title, list):
        return ", ".join(map(str, title))
    return "" if title is None else str(title)


def _check(n_rows: int, n_columns: int, name: str) -> None:
    check_columns(n_columns, name)
    check_memory(n_rows * n_columns * _POINTER, name)


def _free(name: str, *taken: dict[str, Any]) -> str:
    unique, count = name, 2
    while any(unique in names for names in taken):
        unique, count = f"{name} ({count})", count + 1
    return unique


def _depth(value: Any) -> int:
    """How many lists and records stand within each other; the parser has bounded it."""
    layer, depth = [value], 0
    while layer := [inner for inner in layer if isinstance(inner, list | dict)]:
        depth += 1
        layer = [
            v for inner in layer for v in (inner.values() if isinstance(inner, dict) else inner)
        ]
    return depth


def _no_table(name: str, what: str) -> ReadError:
    return ReadError(
        f"{name} holds no table: it has {what}.",
        "Write the table as a list of records, or as one record on each line.",
    )


def too_deep(name: str) -> ReadError:
    return ReadError(
        f"{name} holds lists and records nested deeper than {MAX_JSON_DEPTH} levels.",
        "Write the table as a list of records.",
    )
