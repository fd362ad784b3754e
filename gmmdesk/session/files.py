"""Session files (.gmmdesk): JSON, arrays and perhaps the table in one archive.

Written as a whole or not at all; read with suspicion, and nothing in them is executed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from gmmdesk import __version__
from gmmdesk.data.dataset import Dataset
from gmmdesk.export.atomic import complete_or_absent
from gmmdesk.session import answers, embedded, halves, pasts
from gmmdesk.session.archive import (
    ARRAYS,
    JSON,
    NPY,
    PAST_SELECTED,
    SELECTED,
    SUFFIX,
    TABLE,
    past_folder,
    read_answer,
    read_embedded,
    read_past,
    read_record,
    read_resampled,
    read_selected,
)
from gmmdesk.session.arrays import Array, encoded
from gmmdesk.session.container import open_parts
from gmmdesk.session.records import FORMAT, VERSION, Session, SessionRecord
from gmmdesk.session.tables import FoundTable, find_table
from gmmdesk.task import Task

__all__ = ["SUFFIX", "read_head", "read_session", "write_session"]


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
    past = None
    past_arrays: list[dict[str, Array]] = []
    past_selected = b""
    if session.past is not None:
        past, past_arrays, past_selected = pasts.to_record(session.past)
    agreements, shared = halves.to_record(session.resampled)
    content = msgspec.json.encode(
        SessionRecord(
            format=FORMAT,
            version=VERSION,
            program_version=__version__,
            saved=datetime.now().astimezone().isoformat(timespec="seconds"),
            data=session.data,
            table=None if embed is None else embedded.to_record(embed),
            settings=session.settings,
            answer=record,
            past=past,
            view=session.view,
            kept_for=None if session.kept_for is None else str(session.kept_for),
            agreements=agreements,
            shared=shared,
        )
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(JSON, content)
        folders = [ARRAYS, *map(past_folder, range(len(past_arrays)))]
        for folder, inside in zip(folders, [arrays, *past_arrays], strict=True):
            for name, array in inside.items():
                task.step()
                # Digits that no two numbers share do not pack.
                archive.writestr(f"{folder}{name}{NPY}", encoded(array), zipfile.ZIP_STORED)
        for name, bits in ((SELECTED, session.selected), (PAST_SELECTED, past_selected)):
            if bits:
                archive.writestr(name, bits)
        if embed is not None:
            with archive.open(TABLE, "w", force_zip64=True) as part:
                embedded.write_cells(embed, part, task)


def read_head(path: Path) -> Session:
    """What a session file is about, without answer and table; raises ReadError."""
    with open_parts(path) as parts:
        return _session(read_record(parts, path))


def read_session(
    path: Path, task: Task | None = None, *, may_read: Callable[[str], bool] | None = None
) -> tuple[Session, FoundTable]:
    """Read a session file, and the table it is about.

    Raises ReadError, naming what is wrong, for a file that is no sound session; Cancelled. Where
    the table is not as it was, or where `may_read` allows no look at it (see `find_table`), the
    session comes all the same, for the user to say what to do.
    """
    task = task or Task()
    task.step(0.0, f"Opening {path.name}")
    with open_parts(path) as parts:
        record = read_record(parts, path)
        past, answer = read_past(parts, record, read_answer(parts, record, path), path)
        session = replace(
            _session(record),
            answer=answer,
            past=past,
            selected=read_selected(parts, record),
            resampled=read_resampled(record, answer, path),
        )
        task.step(0.1)
        dataset = read_embedded(parts, record, path)
    if dataset is not None:
        return session, FoundTable(dataset)
    return session, find_table(record.data, path, task, may_read=may_read)


def _session(record: SessionRecord) -> Session:
    kept_for = None if record.kept_for is None else Path(record.kept_for)
    return Session(
        record.data,
        record.settings,
        view=record.view,
        saved=record.saved,
        kept_for=kept_for,
    )
