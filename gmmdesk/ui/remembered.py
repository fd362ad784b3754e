"""How files were read by the user's choice, to be read so again. No Qt, no waiting."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from gmmdesk.data.options import ReadOptions

_KEPT = 200  # files
_MAX_BYTES = 1 << 22


class _Entry(msgspec.Struct, frozen=True):
    path: str
    options: msgspec.Raw


class _Store(msgspec.Struct, frozen=True):
    version: int
    files: list[_Entry]


def recall(path: Path) -> ReadOptions | None:
    """The choices made for the file at `path`, None where there are none."""
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.errors import UsageError

    name = _name(path)
    entry = next((entry for entry in _load() if entry.path == name), None)
    if entry is None:
        return None
    try:
        return msgspec.json.decode(entry.options, type=ReadOptions)
    except (msgspec.MsgspecError, UsageError):
        return None  # written by another version


def remember(path: Path, options: ReadOptions) -> None:
    """Keep the choices made for the file at `path`, or forget them where there are none.

    Only the newest are kept. What cannot be written is not remembered.
    """
    from gmmdesk.data.options import FOUND_OUT
    from gmmdesk.errors import GmmdeskError
    from gmmdesk.export.atomic import complete_or_absent

    name, before = _name(path), _load()
    files = [entry for entry in before if entry.path != name]
    if options != FOUND_OUT:
        files.insert(0, _Entry(name, msgspec.Raw(msgspec.json.encode(options))))
    elif len(files) == len(before):
        return
    store = _file()
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        with complete_or_absent(store) as file:
            file.write(msgspec.json.encode(_Store(1, files[:_KEPT])))
    except (OSError, GmmdeskError) as error:
        logging.getLogger("gmmdesk").warning("choices are not remembered: %s", error)


def _load() -> list[_Entry]:
    try:
        with _file().open("rb") as file:
            store = msgspec.json.decode(file.read(_MAX_BYTES), type=_Store)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return []
    return store.files if store.version == 1 else []


def _name(path: Path) -> str:
    return str(path.absolute()).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("gmmdesk", appauthor=False)) / "reading.json"
