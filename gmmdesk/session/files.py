"""Session files (.gmmdesk): JSON, arrays and perhaps the table in one archive.

Written as a whole or not at all; read with suspicion, and nothing in them is executed.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from gmmdesk import __version__
from gmmdesk.data.dataset import Dataset
from gmmdesk.errors import GmmdeskError, ReadError
from gmmdesk.export.atomic import complete_or_absent
from gmmdesk.session import answers, tables
from gmmdesk.session.arrays import Array, ArrayShelf, UnsoundError, decoded, encoded
from gmmdesk.session.container import MAX_JSON_BYTES, Parts, damaged, open_parts
from gmmdesk.session.migrations import migrated
from gmmdesk.session.records import FORMAT, VERSION, Session, SessionRecord
from gmmdesk.session.tables import FoundTable, find_table
from gmmdesk.task import Task

SUFFIX = ".gmmdesk"

_JSON, _TABLE, _ARRAYS, _NPY = "session.json", "table.arrow", "arrays/", ".npy"
# What a table of untrusted bytes may raise, here and in Arrow.
_UNSOUND = (UnsoundError, pa.ArrowException, ValueError, TypeError, KeyError)


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def write_session(
    session: Session, path: Path, *, embed: Dataset | None = None, task: Task | None = None
) -> None:
    """Write a session file, with the table `embed` inside unless that is None.

    The file is complete or absent: one that is there is only replaced by a complete one. Raises
    ExportError, naming the path and what to try, and Cancelled when the task is cancelled.
    """
    task = task or Task()
    task.step(0.0, f"Saving {path.name}")
    with complete_or_absent(path) as file:
        _write(session, file, embed, task)
        task.step(1.0)


def _write(session: Session, file: BinaryIO, embed: Dataset | None, task: Task) -> None:
    record = None
    arrays: dict[str, Array] = {}
    if session.answer is not None:
        record, arrays = answers.to_record(session.answer)
    content = msgspec.json.encode(
        SessionRecord(
            format=FORMAT,
            version=VERSION,
            program_version=__version__,
            saved=datetime.now().astimezone().isoformat(timespec="seconds"),
            data=msgspec.structs.replace(session.data, embedded=embed is not None),
            table=None if embed is None else tables.to_record(embed),
            settings=session.settings,
            answer=record,
            view=session.view,
        )
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_JSON, content)
        for name, array in arrays.items():
            task.step()
            # Digits that no two numbers share do not pack.
            archive.writestr(f"{_ARRAYS}{name}{_NPY}", encoded(array), zipfile.ZIP_STORED)
        if embed is not None:
            with archive.open(_TABLE, "w", force_zip64=True) as part:
                tables.write_cells(embed, part, task)


def read_session(path: Path, task: Task | None = None) -> tuple[Session, FoundTable]:
    """Read a session file, and the table it is about.

    Raises ReadError, naming what is wrong, for a file that is no sound session; Cancelled. Where
    the table is not as it was the session comes all the same, for the user to say what to do.
    """
    task = task or Task()
    task.step(0.0, f"Opening {path.name}")
    with open_parts(path) as parts:
        record = _record(parts, path)
        try:
            answer = None
            if record.answer is not None:
                answer = answers.from_record(record.answer, _shelf(parts, path))
            task.step(0.1)
            found = None
            if record.table is not None:
                data_path = None if record.data.path is None else Path(record.data.path)
                content = parts.read(_TABLE)
                found = FoundTable(tables.from_record(record.table, content, data_path))
        except GmmdeskError:
            raise
        except _UNSOUND as error:
            raise damaged(path, str(error) or type(error).__name__) from error
    session = Session(record.data, record.settings, answer, record.view, record.saved)
    if found is None:
        found = find_table(record.data, path, task)
        if found.dataset is not None and not found.changed:
            # What it is called does not follow from its content.
            found = replace(found, dataset=replace(found.dataset, name=record.data.name))
    return session, found


def _record(parts: Parts, path: Path) -> SessionRecord:
    content = parts.read(_JSON, MAX_JSON_BYTES)
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
    # UsageError comes from settings that are out of range.
    except (msgspec.MsgspecError, GmmdeskError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, str(error)) from error
    except RecursionError as error:
        raise damaged(path, "it is nested too deeply") from error


def _shelf(parts: Parts, path: Path) -> ArrayShelf:
    arrays = {}
    for file_name in parts.names(_ARRAYS):
        name = file_name.removesuffix(_NPY)
        try:
            arrays[name] = decoded(parts.read(_ARRAYS + file_name))
        except UnsoundError as error:
            raise damaged(path, f"in the array {name}, {error}") from error
    return ArrayShelf(arrays)
