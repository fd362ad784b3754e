"""Zip archives: the table in one of the files in it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO, cast

import msgspec

from gmmdesk.data.apart import damaged
from gmmdesk.data.compressed import ReadUnpacked, unpacked
from gmmdesk.data.limits import MAX_MEMBERS
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, seemly
from gmmdesk.data.signs import ZIP_DAMAGES, BoundedReads
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_BLOCK = 1 << 20
_WITHIN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "  # between a file and a sheet in it
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def read_archive(
    file: BinaryIO, name: str, options: ReadOptions, task: Task, read_unpacked: ReadUnpacked
) -> RawTable:
    """The table in the file of the archive that `options` name, or in the first one.

    A sheet of that file is named after it, "book.xlsx \u203a Sheet2"; where the archive holds one
    file only, its sheets are named as if it lay open.
    Raises ReadError for a damaged or protected archive, for a file that is not there, expands
    beyond measure or is an archive itself.
    """
    with _refusing_damage(name):
        archive = zipfile.ZipFile(cast(BinaryIO, BoundedReads(file)))
        members = _members(archive, name)
    titles = list(members)
    if len(titles) == 1:
        member, inner = titles[0], options.sheet
    else:
        member, inner = _chosen(titles, name, options.sheet)
    info = members[member]
    blocks = _blocks(archive, info, name, task)
    inner_name = PurePosixPath(info.filename).name
    with unpacked(blocks, file, inner_name, name, info.compress_size) as path:
        raw = read_unpacked(path, "zip", msgspec.structs.replace(options, sheet=inner), task)
    raw.notes.insert(0, f"The table is that of {member} in {name}.")
    if len(titles) > 1:
        within = [f"{member}{_WITHIN}{sheet}" for sheet in raw.sheets]
        opened = raw.interpretation.get("sheet", "")
        raw.interpretation["sheet"] = f"{member}{_WITHIN}{opened}" if within else member
        place = titles.index(member)
        raw.sheets = (*titles[:place], *(within or [member]), *titles[place + 1 :])
    return raw


@contextmanager
def _refusing_damage(name: str) -> Iterator[None]:
    try:
        yield
    except ZIP_DAMAGES as error:
        raise damaged(name, error) from None


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """The files in the archive by their names, without what systems put beside them."""
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_beside(info)]
    if not infos:
        raise ReadError(f"{name} holds no files.", "Open an archive that holds a table.")
    if len(infos) > MAX_MEMBERS:
        raise ReadError(
            f"{name} holds {len(infos):,} files; at most {MAX_MEMBERS:,} can be chosen from.",
            "Unpack it, and open the table inside.",
        )
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        members.setdefault(seemly(info.filename), info)
    return members


def _is_beside(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts
    return (
        "__MACOSX" in parts or not parts or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")
    )


def _chosen(titles: list[str], name: str, wanted: str | None) -> tuple[str, str | None]:
    """The file to read and the sheet in it."""
    if wanted is None:
        return titles[0], None
    if wanted in titles:
        return wanted, None
    member, _, sheet = wanted.partition(_WITHIN)
    if member not in titles:
        raise ReadError(f"{name} holds no file '{wanted}'.", f"It holds {joined(titles, 12)}.")
    return member, sheet


def _blocks(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, task: Task
) -> Iterator[bytes]:
    if info.flag_bits & 1:
        raise ReadError(
            f"{name} is protected with a password.", "Unpack it, and open the table inside."
        )
    if info.compress_type not in _PACKINGS:
        raise ReadError(
            f"{info.filename} in {name} is packed in a way that is not known here.",
            "Unpack it, and open the table inside.",
        )
    size, done = max(1, info.file_size), 0
    with _refusing_damage(name):
        stream = archive.open(info)
    with stream:
        while True:
            with _refusing_damage(name):
                block = stream.read(_BLOCK)
            if not block:
                return
            done += len(block)
            task.step(done / size, "Unpacking")
            yield block
