"""What the user is asked about sessions: where to save, what to keep, where the table is."""

from __future__ import annotations

import enum
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.ui import theme
from gmmdesk.ui.file_dialog import OpenDialog, SaveDialog
from gmmdesk.ui.recent import last_folder
from gmmdesk.ui.sessions import CLIPBOARD, SUFFIX, Opened, Sessions
from gmmdesk.ui.widgets import Label

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.session.recovery import Left

_BY_REFERENCE = f"Session; the table stays in its file (*{SUFFIX})"
_EMBEDDED = f"Session with the table inside (*{SUFFIX})"


class Wish(enum.Enum):
    """What is to become of unsaved work."""

    SAVE = enum.auto()
    LOSE = enum.auto()
    STAY = enum.auto()


class _Box(QMessageBox):
    """About a session; it blocks its window and not the help, which F1 opens."""

    help_page = "sessions"

    def __init__(self, kind: QMessageBox.Icon, parent: QWidget) -> None:
        super().__init__(kind, "gmmdesk", "", parent=parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowModality(Qt.WindowModality.WindowModal)

    def answer(self) -> int:
        """Ask; the box is gone afterwards."""
        try:
            return self.exec()
        finally:
            self.deleteLater()


def ask_about_unsaved(name: str, is_modified: bool, is_finding: bool, parent: QWidget) -> Wish:
    """Ask what is to become of the changes to what is called `name`, and of a fit that runs."""
    buttons = QMessageBox.StandardButton
    box = _Box(QMessageBox.Icon.Question, parent)
    lost = ["Otherwise what you did since it was last saved is lost."] * is_modified
    if is_finding:
        lost.append(
            "Clusters are still being found, and what was found so far is in no file yet: to keep"
            " it, cancel this and press Stop (Esc)."
        )
    box.setInformativeText("\n\n".join(lost))
    if is_modified:
        box.setText(f"Save your work on {name}?")
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.button(buttons.Discard).setText("&Don't save")
        box.setDefaultButton(buttons.Save)
    else:
        box.setText(f"Stop finding clusters in {name}?")
        box.setStandardButtons(buttons.Discard | buttons.Cancel)
        box.button(buttons.Discard).setText("&Stop finding")
        box.setDefaultButton(buttons.Cancel)
    wishes = {int(buttons.Save): Wish.SAVE, int(buttons.Discard): Wish.LOSE}
    return wishes.get(box.answer(), Wish.STAY)


def ask_about_export(what: str, parent: QWidget) -> bool:
    """Ask whether to close, and to lose `what` is being written."""
    buttons = QMessageBox.StandardButton
    box = _Box(QMessageBox.Icon.Question, parent)
    box.setText(f"{what} is still being written. Close, and lose it?")
    box.setStandardButtons(buttons.Close | buttons.Cancel)
    box.setDefaultButton(buttons.Cancel)
    return box.answer() == buttons.Close


def choose_session_path(
    dataset: Dataset, sessions: Sessions, parent: QWidget
) -> tuple[Path, bool] | None:
    """Ask where to save, and whether with the table inside; None if the user thinks better."""
    folder = last_folder()
    name = dataset.name + SUFFIX
    if sessions.path is not None:
        folder, name = sessions.path.parent, sessions.path.name
    elif dataset.path is not None:
        folder, name = dataset.path.parent, dataset.path.stem + SUFFIX
    filters = [_BY_REFERENCE, _EMBEDDED]
    if sessions.must_embed:
        filters = [_EMBEDDED]
    elif not sessions.may_embed:
        filters = [f"Session (*{SUFFIX})"]
    endings = dict.fromkeys(filters, SUFFIX)
    dialog = SaveDialog(parent, "Save session", folder, endings, name=name, help_page="sessions")
    dialog.selectNameFilter(filters[-1] if sessions.embeds else filters[0])
    path = dialog.ask()
    return None if path is None else (path, dialog.selectedNameFilter() == _EMBEDDED)


def ask_for_table(opened: Opened, sessions: Sessions, parent: QWidget) -> None:
    """Say what is wrong with the table of a session, and do what the user wants about it."""
    data, changed = opened.session.data, opened.found.changed
    unasked = opened.found.unasked
    box = _Box(QMessageBox.Icon.Warning, parent)
    if changed:
        box.setText(f"{changed} since the session was saved.")
        hint = "Its clusters hold no more: opened as it is now, they have to be found again."
    elif unasked:
        box.setText(f"The session reads its table {data.name} from another place.")
        hint = "Agree only if you know the file, or trust whoever made the session."
    else:
        box.setText(f"The table {data.name} is not where it was.")
        hint = opened.found.problem.message if opened.found.problem is not None else ""
    places = "\n".join(unasked) if unasked else f"It was read from {data.path or data.source}."
    box.setInformativeText(f"{hint}\n\n{places}")
    there = box.addButton("&Read it there", QMessageBox.ButtonRole.AcceptRole) if unasked else None
    anyway = box.addButton("Open &anyway", QMessageBox.ButtonRole.AcceptRole) if changed else None
    other = box.addButton("Choose a &file…", QMessageBox.ButtonRole.ActionRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def finish() -> None:
        clicked = box.clickedButton()
        if clicked is other:
            path = choose_table(data.path, parent)
            if path is not None:
                sessions.relocate(opened, path)
        elif there is not None and clicked is there:
            sessions.read_elsewhere(opened)
        elif anyway is not None and clicked is anyway:
            sessions.open_changed(opened)

    box.finished.connect(finish)
    box.open()


def choose_table(before: str | None, parent: QWidget) -> Path | None:
    """Ask for the file that holds the table which was at `before`."""
    from gmmdesk.data.readers import FILE_FILTERS
    from gmmdesk.session.tables import is_remote

    # The dialog would look at the folder, which may be on another's computer.
    is_near = before is not None and not is_remote(before)
    start = str(Path(before).parent) if before is not None and is_near else str(Path.home())
    title = "Where is the table?"
    return OpenDialog(parent, title, start, FILE_FILTERS, help_page="sessions").ask()


class RecoveryDialog(QDialog):
    """Offers what crashed programs left. What is neither restored nor discarded is kept.

    Signal: `restore_requested(Left)`, after which the dialog is closed.
    """

    help_page = "sessions"

    restore_requested = Signal(object)

    def __init__(self, left: list[Left], parent: QWidget) -> None:
        super().__init__(parent)
        self._left = list(left)
        self.setWindowTitle("Unsaved work")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = Label(
            "gmmdesk ended before this work was saved. Restore it, discard it for good,"
            " or decide at the next start."
        )
        text.setWordWrap(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Unsaved work")
        for one in self._left:
            self._list.addItem(_described(one))
        self._list.setCurrentRow(0)
        self._list.itemDoubleClicked.connect(lambda _: self._on_restore_clicked())
        buttons = QDialogButtonBox()
        restore = QPushButton("&Restore")
        discard = QPushButton("&Discard")
        later = QPushButton("&Later")
        buttons.addButton(restore, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(discard, QDialogButtonBox.ButtonRole.DestructiveRole)
        buttons.addButton(later, QDialogButtonBox.ButtonRole.RejectRole)
        restore.setDefault(True)
        restore.clicked.connect(self._on_restore_clicked)
        discard.clicked.connect(self._on_discard_clicked)
        later.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(text)
        layout.addWidget(self._list)
        layout.addWidget(buttons)
        self.resize(560, 260)
        self.finished.connect(self._release)

    def _on_restore_clicked(self) -> None:
        chosen = self._left.pop(self._list.currentRow())
        self.accept()
        self.restore_requested.emit(chosen)

    def _on_discard_clicked(self) -> None:
        row = self._list.currentRow()
        self._left.pop(row).discard()
        self._list.takeItem(row)
        if not self._left:
            self.reject()

    def _release(self) -> None:
        for one in self._left:
            one.release()
        self._left.clear()


def _described(left: Left) -> str:
    """Which file, where, and when it was kept: one line."""
    session = left.session
    table = session.data.path if session.data.source != CLIPBOARD else None
    place = session.kept_for or table
    name = Path(place).name if place else session.data.name
    when = session.saved
    try:
        moment = QDateTime.fromSecsSinceEpoch(int(datetime.fromisoformat(when).timestamp()))
        when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
    except (ValueError, OverflowError, OSError):
        pass
    where = f"  ·  {Path(place).parent}" if place else ""
    return f"{name}  ·  {when}{where}"
