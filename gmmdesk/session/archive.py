"""What is in a session file, part by part; nothing is believed before it has been checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from gmmdesk.data.dataset import Dataset
from gmmdesk.engine import Resampled
from gmmdesk.errors import GmmdeskError, ReadError
from gmmdesk.session import answers, embedded, halves, pasts
from gmmdesk.session.answer import Answer
from gmmdesk.session.arrays import ArrayShelf, UnsoundError, decoded
from gmmdesk.session.container import MAX_JSON_BYTES, Parts, damaged, open_parts
from gmmdesk.session.migrations import migrated
from gmmdesk.session.past import MAX_SELECTED, Past, State
from gmmdesk.session.records import FORMAT, VERSION, SessionRecord

SUFFIX: Final = ".gmmdesk"
JSON: Final = "session.json"
TABLE: Final = "table.arrow"
ARRAYS: Final = "arrays/"
PAST: Final = "past/"
SELECTED: Final = "selected.bits"
PAST_SELECTED: Final = f"{PAST}{SELECTED}"
NPY: Final = ".npy"
_MOST_ROWS = 1 << 29  # of a table: one column of so many takes 4 GB


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def read_record(parts: Parts, path: Path) -> SessionRecord:
    """The JSON of a session, of an earlier version too; raises ReadError."""
    content = parts.read(JSON, MAX_JSON_BYTES)
    try:
        head = msgspec.json.decode(content, type=_Head)
        if head.format != FORMAT:
            raise damaged(path, f'"format" is not "{FORMAT}"')
        if head.version > VERSION:
            raise ReadError(
                f"{path.name} was saved by a newer gmmdesk (session version {head.version}).",
                "Update gmmdesk to open it.",
            )
        if head.version == VERSION:
            return msgspec.json.decode(content, type=SessionRecord)
        older: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
        return msgspec.convert(migrated(older), SessionRecord)
    except ReadError:
        raise
    except RecursionError as error:
        raise damaged(path, "it is nested too deeply") from error
    # GmmdeskError comes from settings that are out of range, KeyError from migrations.
    except (msgspec.MsgspecError, GmmdeskError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, str(error)) from error


def read_answer(parts: Parts, record: SessionRecord, path: Path) -> Answer | None:
    """The answer in a session, if there is one; raises ReadError."""
    if record.answer is None:
        return None
    try:
        return answers.from_record(record.answer, _shelf(parts, ARRAYS, path))
    except UnsoundError as error:
        raise damaged(path, str(error)) from error


def read_past(
    parts: Parts, record: SessionRecord, answer: Answer | None, path: Path
) -> tuple[Past | None, Answer | None]:
    """The history in a session, if there is one, and `answer` as one in it; raises ReadError."""
    past = record.past
    if past is None:
        return None, answer
    bits = parts.read(PAST_SELECTED, MAX_SELECTED) if PAST_SELECTED in parts else b""
    shelves = [_shelf(parts, past_folder(i), path) for i in range(len(past.answers))]
    try:
        present = State(record.settings, answer, record.data.options)
        return pasts.from_record(past, shelves, bits, present)
    except UnsoundError as error:
        raise damaged(path, str(error)) from error


def read_resampled(record: SessionRecord, answer: Answer | None, path: Path) -> Resampled | None:
    """What halves of the rows said of the answer, if there is one; raises ReadError."""
    if answer is None:
        return None
    try:
        return halves.from_record(record.agreements, record.shared, answer.finding)
    except UnsoundError as error:
        raise damaged(path, str(error)) from error


def read_selected(parts: Parts, record: SessionRecord) -> bytes:
    """The bits of the selected rows, empty where none are; raises ReadError."""
    if SELECTED not in parts:
        return b""
    n_rows = record.data.options.most_rows if record.table is None else record.table.n_rows
    if n_rows is None:  # a table that is not here may have as many as any
        n_rows = _MOST_ROWS
    return parts.read(SELECTED, -(-min(n_rows, _MOST_ROWS) // 8))


def past_folder(number: int) -> str:
    """Where the arrays of an answer in the history are."""
    return f"{PAST}{number}/"


def _shelf(parts: Parts, folder: str, path: Path) -> ArrayShelf:
    arrays = {}
    for file_name in parts.names(folder):
        name = file_name.removesuffix(NPY)
        try:
            arrays[name] = decoded(parts.read(folder + file_name))
        except UnsoundError as error:
            raise damaged(path, f"in the array {name}, {error}") from error
    return ArrayShelf(arrays)


def read_embedded(parts: Parts, record: SessionRecord, path: Path) -> Dataset | None:
    """The table inside a session, if there is one; raises ReadError."""
    if record.table is None:
        return None
    content = parts.read(TABLE)
    data_path = None if record.data.path is None else Path(record.data.path)
    try:
        return embedded.from_record(record.table, content, data_path, record.data.options)
    except GmmdeskError:
        raise
    # What Arrow raises, and Python where a number is none or a kind unknown.
    except (UnsoundError, pa.ArrowException, ValueError, TypeError, KeyError, OSError) as error:
        raise damaged(path, str(error) or type(error).__name__) from error


def embedded_table(path: Path) -> Dataset:
    """The table inside the session file at `path`; raises ReadError where there is none."""
    with open_parts(path) as parts:
        dataset = read_embedded(parts, read_record(parts, path), path)
    if dataset is None:
        raise ReadError(f"{path.name} holds no table.", "Choose the file with the table.")
    return dataset
