"""The files opened last, and their folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

_KEY = "recent_files"
_FOLDER = "last_folder"
_KEPT = 10


def recent_files() -> list[str]:
    """Paths, newest first; not looked up, for one may lie on a network that does not answer."""
    stored = QSettings().value(_KEY)  # a single path comes back as itself
    paths = stored if isinstance(stored, list) else [stored] if isinstance(stored, str) else []
    return [str(path) for path in paths]


def remember_file(path: Path) -> None:
    """Put a file at the top of the list; dialogs begin in its folder."""
    name = str(path.resolve())
    kept = [name, *(other for other in recent_files() if other != name)][:_KEPT]
    settings = QSettings()  # one for both: each that goes with changes waits for the disk
    settings.setValue(_KEY, kept)
    settings.setValue(_FOLDER, str(path.parent.resolve()))


def last_folder() -> Path:
    """Where a dialog that asks for a file begins."""
    return Path(str(QSettings().value(_FOLDER, str(Path.home()))))


def forget_files() -> None:
    QSettings().remove(_KEY)
