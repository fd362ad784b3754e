"""The files that a session may read unasked, besides those in its own folder.

A session from somebody else could name any file: one on a share of theirs, to which Windows would
send the user's name and password, or one that is none of their business. Those of sessions that
this user has saved, or agreed to, are kept, and those that were opened last.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings

from gmmdesk.ui.recent import recent_files

_KEY = "session_tables"
_KEPT = 500


def know_table(path: Path | None) -> None:
    """Let sessions read the file at `path` unasked from now on."""
    if path is not None:
        name = _name(path)
        kept = [name, *(other for other in _stored() if other != name)][:_KEPT]
        QSettings().setValue(_KEY, kept)


def may_read_unasked() -> Callable[[str], bool]:
    """Whether a place is one that the user knows, as things stand now; for use on any thread."""
    from gmmdesk.session.tables import is_remote

    known = {_name(Path(path)) for path in (*recent_files(), *_stored())}
    return lambda place: not is_remote(place) and _name(Path(place)) in known


def _stored() -> list[str]:
    stored = QSettings().value(_KEY)  # a single path comes back as itself
    paths = stored if isinstance(stored, list) else [stored] if isinstance(stored, str) else []
    return [str(path) for path in paths]


def _name(path: Path) -> str:
    return os.path.normcase(os.path.normpath(path.absolute()))
