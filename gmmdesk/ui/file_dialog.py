"""Asking for a file, in one way everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


class FileDialog(QFileDialog):
    """Blocks its window and not the help, which F1 opens at `help_page`.

    Of the dialogs of operating systems, which Qt shows where it can, F1 is their own.
    """

    _mode = QFileDialog.FileMode.AnyFile

    def __init__(
        self,
        parent: QWidget,
        title: str,
        folder: str | Path,
        filters: Sequence[str],
        *,
        help_page: str,
    ) -> None:
        super().__init__(parent, title, str(folder))
        self.help_page = help_page
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFileMode(self._mode)
        self.setNameFilters(filters)

    def ask(self) -> Path | None:
        """What the user chooses; None who thinks better of it. The dialog is gone afterwards."""
        try:
            accepted = self.exec() == QFileDialog.DialogCode.Accepted
            return Path(self.selectedFiles()[0]) if accepted else None
        finally:
            self.deleteLater()


class OpenDialog(FileDialog):
    """Asks for a file that is there."""

    _mode = QFileDialog.FileMode.ExistingFile


class SaveDialog(FileDialog):
    """Asks where to save; `endings` are those of the formats, by what each is called.

    The ending of the proposed `name` follows the chosen format.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        folder: str | Path,
        endings: Mapping[str, str],
        *,
        name: str,
        help_page: str,
    ) -> None:
        super().__init__(parent, title, folder, list(endings), help_page=help_page)
        self._endings = endings
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._follow_filter(self.selectedNameFilter())
        self.filterSelected.connect(self._follow_filter)
        self.selectFile(name.replace("/", "-"))

    @property
    def ending(self) -> str:
        """Of the chosen format, which a name without one gets."""
        return self._ending_of(self.selectedNameFilter())

    def ask(self) -> Path | None:
        """As of any file; a name without one of the `endings`, in capitals or not, gets one.

        Where that is the name of a file that is there, which the dialog has not asked about, this
        does.
        """
        path = super().ask()
        if path is None or path.suffix.lower() in self._endings.values():
            return path
        path = path.with_name(path.name + self.ending)
        return path if not path.exists() or self._may_replace(path) else None

    def _may_replace(self, path: Path) -> bool:
        buttons = QMessageBox.StandardButton
        asked = QMessageBox(
            QMessageBox.Icon.Warning,
            self.windowTitle(),
            f"{path.name} is there already. Replace it?",
            buttons.Yes | buttons.No,
            self.parentWidget(),
        )
        asked.setTextFormat(Qt.TextFormat.PlainText)
        asked.setDefaultButton(buttons.No)
        try:
            return asked.exec() == buttons.Yes
        finally:
            asked.deleteLater()

    def _ending_of(self, text: str) -> str:
        # Before a dialog of the operating system is shown, no format is chosen: "".
        return self._endings.get(text, next(iter(self._endings.values())))

    def _follow_filter(self, text: str) -> None:
        ending = self._ending_of(text)
        self.setDefaultSuffix(ending.removeprefix("."))
        for chosen in map(Path, self.selectedFiles()):
            if chosen.suffix.lower() in self._endings.values():
                self.selectFile(chosen.stem + ending)
            elif not chosen.is_dir():
                self.selectFile(chosen.name + ending)
