"""Where the table of a session is: how it is referred to, and found again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gmmdesk.data.dataset import Dataset, Receipt
from gmmdesk.data.sample_table import PREFIX
from gmmdesk.data.samples import open_table
from gmmdesk.errors import GmmdeskError, ReadError, UsageError
from gmmdesk.session.archive import SUFFIX, embedded_table
from gmmdesk.session.records import DataReference
from gmmdesk.task import Task


def reference_to(dataset: Dataset, session: Path | None) -> DataReference:
    """Where the table of `dataset` is to be found by a session saved at `session`."""
    path = None if dataset.path is None else dataset.path.absolute()
    receipt = dataset.receipt
    return DataReference(
        name=dataset.name,
        source=receipt.source,
        path=None if path is None else str(path),
        relative=_relative(path, session),
        sha256=receipt.sha256,
        catalog=receipt.catalog,
        catalog_sha256=receipt.catalog_sha256,
        n_bytes=receipt.n_bytes,
        options=dataset.options,
    )


def is_lost(reference: DataReference) -> bool:
    """Whether the table was pasted: it is nowhere to be read from in another way."""
    return reference.path is None and not reference.source.startswith(PREFIX)


def _relative(path: Path | None, session: Path | None) -> str | None:
    if path is None or session is None:
        return None
    try:
        relative = os.path.relpath(path, session.parent.absolute())
    except ValueError:  # on another drive
        return None
    return Path(relative).as_posix()


@dataclass(frozen=True, slots=True)
class FoundTable:
    """The table a session is about, or why it is not there.

    `dataset` is None where it cannot be read, and `problem` says why. `changed` tells what is not
    as when the session was saved, as a sentence begins: empty if nothing is. `unasked` are files
    elsewhere that were not looked at, as nobody has said that they may be.
    """

    dataset: Dataset | None
    changed: str = ""
    problem: GmmdeskError | None = None
    unasked: tuple[str, ...] = ()


def is_remote(place: str) -> bool:
    """Whether a path names another computer: looking at it sends this user's name there."""
    return place.replace("\\", "/").startswith("//")


def find_table(
    reference: DataReference,
    session: Path | None,
    task: Task,
    *,
    may_read: Callable[[str], bool] | None = None,
) -> FoundTable:
    """Read the table that `reference` is about, where it was or beside the session as it was.

    A table with the content it had is preferred to a changed one. Outside the session's folder only
    files that `may_read` allows are looked at: unless stated those on this computer. Raises
    Cancelled.
    """
    may_read = may_read or (lambda place: not is_remote(place))
    if is_lost(reference):
        flaw = ReadError(f"The table “{reference.name}” is not in the session.")
        return FoundTable(None, problem=flaw)
    if reference.path is None:
        return read_table(reference.source, reference, task)
    places = [reference.path]
    if session is not None and reference.relative is not None:
        places.append(os.path.normpath(session.parent.absolute() / reference.relative))
    first: FoundTable | None = None
    unasked = []
    for place in dict.fromkeys(places):
        if not _is_inside(place, session) and not may_read(place):
            unasked.append(place)
            continue
        found = read_table(place, reference, task)
        if found.dataset is not None and not found.changed:
            return found
        if first is None or first.dataset is None:
            first = found
    if unasked:
        flaw = ReadError(
            f"The table {reference.name} is elsewhere: {' or '.join(unasked)}.",
            "Open the table itself, or a copy of it beside the session.",
        )
        return FoundTable(None, problem=flaw, unasked=tuple(unasked))
    assert first is not None
    return first


def _is_inside(place: str, session: Path | None) -> bool:
    """Whether a file is in the folder of the session, or in one there."""
    if session is None:
        return False
    folder = Path(os.path.normpath(session.parent.absolute()))  # ".." leads out of it
    return Path(os.path.normpath(place)).is_relative_to(folder)


def read_table(source: str, reference: DataReference, task: Task) -> FoundTable:
    """Read the table at `source` in place of the one that `reference` is about.

    That may be another session file: the table inside it is meant.
    """
    try:
        if Path(source).suffix.lower() == SUFFIX:
            dataset = embedded_table(Path(source))
        else:
            dataset = open_table(source, reference.options, task=task)
    except (ReadError, UsageError) as error:
        return FoundTable(None, problem=error)
    if changed := _what_changed(reference, dataset.receipt):
        return FoundTable(dataset, changed=changed)
    # What it is called does not follow from its content.
    return FoundTable(replace(dataset, name=reference.name))


def _what_changed(reference: DataReference, receipt: Receipt) -> str:
    """What was not as it is when `reference` was made, as a sentence begins."""
    if receipt.sha256 != reference.sha256:
        return f"The table {reference.name} has changed"
    if receipt.catalog_sha256 == reference.catalog_sha256:
        return ""
    meaning = f"what values in the table {reference.name} mean"
    if not receipt.catalog:
        return f"The catalog {reference.catalog}, which says {meaning}, has gone"
    if not reference.catalog:
        return f"The catalog {receipt.catalog}, which says {meaning}, has been put beside it"
    return f"The catalog {receipt.catalog}, which says {meaning}, has changed"
