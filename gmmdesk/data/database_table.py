"""One table of a SQLite database. Runs in a process of its own."""

from __future__ import annotations

import sqlite3
from typing import BinaryIO

from gmmdesk.data.apart import damaged
from gmmdesk.data.foreign_text import FOREIGN, ForeignText, decoded
from gmmdesk.data.limits import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_LARGE_VIEW_CELLS,
    MAX_MEMBERS,
    MAX_VIEW_CELLS,
    MAX_VIEW_STEPS,
    check_columns,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, seemly, unique_names
from gmmdesk.data.values import ColumnBuilder
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_MOST_BYTES = 4 * MAX_CELL_CHARS  # of a cell
_BATCH = 20_000  # rows turned into columns at once
_BEAT = 1_000_000  # instructions between two looks at how many there were
_WAL = slice(18, 20)  # of the header: how the file is written, 2 for a log beside it
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}
_UNSAFE = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob"}


def parse_database(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """As `read_database`, in the process that it starts.

    Statements may only select: no recursion, no extensions, no virtual tables, and a view may not
    compute for ever.
    """
    content = bytearray(file.read())
    if content[_WAL] == b"\2\2":
        content[_WAL] = b"\1\1"  # or it could not be opened without its log
    most_cells = min(max(MAX_VIEW_CELLS, len(content)), MAX_LARGE_VIEW_CELLS)
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(bytes(content))
        del content
        _restrict(connection)
        return _read(connection, name, options, task, most_cells)
    except UnicodeDecodeError:  # in what SQLite calls a column, or has to complain of
        raise damaged(name, "names or statements in it are not in UTF-8") from None
    except sqlite3.Error as error:
        if "memory" in str(error):
            raise MemoryError from None
        if "prohibited" in str(error) or "authorized" in str(error):
            raise ReadError(
                f"A table or view of {name} does more than select rows: {error}.",
                "Choose a table, or save what the view shows as one.",
            ) from None
        if "too big" in str(error):
            raise ReadError(
                f"A cell of {name} holds more than {_MOST_BYTES:,} bytes.",
                "Choose a table without such a column, or save one as a table of its own.",
            ) from None
        if str(error) == "interrupted":
            raise ReadError(
                f"A view of {name} computes without end.", "Save what it shows as a table."
            ) from None
        raise damaged(name, error) from None
    finally:
        connection.close()


def _restrict(connection: sqlite3.Connection) -> None:
    """Let statements do nothing but select, within bounds."""
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)

    def authorize(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
        if action not in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second in _UNSAFE):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)
    connection.text_factory = decoded


def _read(
    connection: sqlite3.Connection, name: str, options: ReadOptions, task: Task, most_cells: int
) -> RawTable:
    """The table or view asked for, or the first with rows; of a view at most so many cells."""
    titles, virtual = _titles(connection)
    wanted = options.sheet
    if wanted is not None and wanted not in titles:
        raise ReadError(
            f"{name} has no table '{wanted}'.", f"Its tables are: {joined(list(titles), 12)}."
        )
    notes = []
    if virtual:
        notes.append(f"Virtual tables, which run code, were not looked at: {joined(virtual)}.")
    if len(titles) + len(virtual) >= MAX_MEMBERS:
        notes.append(f"Of more tables than {MAX_MEMBERS:,} only these can be chosen from.")
    for title in [wanted] if wanted is not None else titles:
        raw = _table(connection, titles[title], options.row_limit, task, most_cells)
        if raw is not None:
            raw.notes += notes
            raw.sheets = tuple(titles)
            return raw
    if wanted is not None:
        raise ReadError(f"Table '{wanted}' of {name} is empty.", "Choose another.")
    raise ReadError(f"{name} has no table with rows.", "Open a database that holds a table.")


def _titles(connection: sqlite3.Connection) -> tuple[dict[str, str], list[str]]:
    """Tables, then views, each by its name as shown; and the names of virtual tables."""
    found = connection.execute(
        "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, rowid LIMIT ?",
        (MAX_MEMBERS,),
    ).fetchall()
    virtual = [name for name, _, sql in found if (sql or "").upper().startswith("CREATE VIRTUAL")]
    shadows = tuple(f"{name}_" for name in virtual)
    titles = [
        n for n, _, _ in found if n not in virtual and not (shadows and n.startswith(shadows))
    ]
    return {seemly(title): title for title in titles}, list(map(seemly, virtual))


def _table(
    connection: sqlite3.Connection,
    title: str,
    row_limit: int | None,
    task: Task,
    most_cells: int,
) -> RawTable | None:
    """The rows of a table or view, the first `row_limit` of them; None when there are none.

    Raises ReadError for a view that shows more than `most_cells`.
    """
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += _BEAT
        return int(steps > MAX_VIEW_STEPS)

    connection.set_progress_handler(count, _BEAT)
    most = -1 if row_limit is None else row_limit  # a negative LIMIT is none
    cursor = connection.execute(f"SELECT * FROM {_quoted(title)} LIMIT ?", (most,))
    names, notes = unique_names([column[0] for column in cursor.description])
    check_columns(len(names), f"Table '{seemly(title)}'")
    builders = [ColumnBuilder(name) for name in names]
    is_view = _is_view(connection, title)
    n_rows = 0
    foreign: dict[str, None] = {}
    while rows := cursor.fetchmany(max(1, min(_BATCH, 2_000_000 // len(names)))):
        steps = 0
        n_rows += len(rows)
        if is_view and n_rows * len(names) > most_cells:
            raise ReadError(
                f"View '{seemly(title)}' shows more than"
                f" {most_cells // len(names):,} rows of {len(names):,} columns.",
                "Open its first rows only, or save what it shows as a table.",
            )
        for name, builder, values in zip(names, builders, zip(*rows, strict=True), strict=True):
            builder.add(values)
            if ForeignText in map(type, values):
                foreign[name] = None
        task.step(None, f"Reading: {n_rows:,} rows")
    if not n_rows:
        return None
    steps = 0
    n_all: int | None = n_rows
    if n_rows == row_limit:  # how many there are is known without computing them, but of a view
        query = f"SELECT count(*) FROM {_quoted(title)}"
        n_all = None if is_view else connection.execute(query).fetchone()[0]
    columns = [builder.finish() for builder in builders]
    if foreign:
        shown = joined([f"'{name}'" for name in foreign])
        notes.append(f"{FOREIGN}: {shown}.")
    return RawTable(
        names,
        columns,
        notes,
        {"sheet": seemly(title)},
        is_chosen=row_limit is not None,
        rows_in_file=n_all,
    )


def _quoted(title: str) -> str:
    doubled = title.replace('"', '""')
    return f'"{doubled}"'


def _is_view(connection: sqlite3.Connection, title: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ?"
    return connection.execute(query, (title,)).fetchone() is not None
