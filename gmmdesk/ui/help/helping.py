"""What the menu Help and the links of its pages lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QWidget

from gmmdesk import __version__
from gmmdesk.errors import GmmdeskError
from gmmdesk.ui.help.pages import FIRST

if TYPE_CHECKING:
    from gmmdesk.ui.help.tour import Tour
    from gmmdesk.ui.help.window import HelpWindow
    from gmmdesk.ui.main_window import MainWindow


_SHORTCUT = "help"  # the name of the one that a dialog has


class Helping(QObject):
    """Opens the help of one main window, and does there what a page offers to do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._help: HelpWindow | None = None
        self._tour: Tour | None = None
        self.actions: Mapping[str, Callable[[], None]] = {
            "slow-motion": self._play_in_slow_motion,
            "first-analysis": self.start_tour,
        }
        actions = window.actions_
        actions.help.triggered.connect(lambda: self.show_page(FIRST))
        actions.help_here.triggered.connect(lambda: self.show_page(self._page_here()))
        actions.tour.triggered.connect(self.start_tour)
        actions.glossary.triggered.connect(lambda: self.show_page("glossary"))
        actions.about.triggered.connect(self._show_about)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    @property
    def help_window(self) -> HelpWindow | None:
        """Once it was wanted."""
        return self._help

    def show_page(self, name: str) -> None:
        """Show a page of the help."""
        from gmmdesk.ui.help.window import HelpWindow

        if self._help is None:
            self._help = HelpWindow()
            self._help.sample_requested.connect(self._open_sample)
            self._help.action_requested.connect(self._on_help_action_requested)
            self._help.place_beside(self._window)
        self._help.show_page(name)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def close(self) -> None:
        """Close the help for good, which has a window of its own."""
        if self._help is not None:
            self._help.close()
            self._help.deleteLater()
            self._help = None

    def _page_here(self) -> str:
        """About the part of the window that has the keyboard, else about the view in front."""
        window = self._window
        if window.document.dataset is None:
            return FIRST
        window.build_workspace()
        workspace, part = window.workspace, window.focusWidget()
        for panel, name in (
            (workspace.preparation_panel, "preparing"),
            (workspace.selection_panel, "selecting"),
            (workspace.convergence, "timeline"),
        ):
            if part is not None and panel.isAncestorOf(part):
                return name
        return workspace.views.help_page

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Let F1 help in a dialog: the keys that are typed there do not reach the main window.

        With the page that the dialog names as its `help_page`.
        """
        dialog = None if now is None else now.window()
        if not isinstance(dialog, QDialog) or not self._is_of_window(dialog):
            return
        # While such a one is open the window of the help could not be used.
        is_alone = dialog.windowModality() is Qt.WindowModality.ApplicationModal
        if is_alone or dialog.findChild(QShortcut, _SHORTCUT):
            return
        page = getattr(dialog, "help_page", "")
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), dialog)
        shortcut.setObjectName(_SHORTCUT)
        shortcut.activated.connect(lambda: self.show_page(page or self._page_here()))

    def _is_of_window(self, dialog: QWidget) -> bool:
        parent = dialog.parentWidget()
        while parent is not None and parent is not self._window:
            parent = parent.parentWidget()
        return parent is self._window

    def show_example(self, name: str) -> None:
        """Show the worked example of the sample called `name`."""
        self.show_page(f"example-{name}")

    def start_tour(self) -> None:
        """Begin the guided first analysis, anew where it was begun before."""
        from gmmdesk.ui.help.tour import Tour

        self._window.build_workspace()
        self._bring_forward()
        if self._tour is None:
            self._tour = Tour(self._window)
        self._tour.start()

    def stop_tour(self) -> bool:
        """End the guided first analysis; whether there was one."""
        was_running = self._tour is not None and self._tour.is_running
        if self._tour is not None:
            self._tour.stop()
        return was_running

    def _bring_forward(self) -> None:
        """Put the window before the help, which may lie over what is to be seen."""
        self._window.raise_()
        self._window.activateWindow()

    def _on_help_action_requested(self, what: str) -> None:
        if not self._is_asking():
            self.actions[what]()

    def _open_sample(self, name: str) -> None:
        if not self._is_asking():
            self._window.open_source(f"sample:{name}")

    def _is_asking(self) -> bool:
        """Whether a dialog has to be answered first, which then comes to the front."""
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.raise_()
            dialog.activateWindow()
        return dialog is not None

    def _play_in_slow_motion(self) -> None:
        document = self._window.document
        if document.is_running or not document.timeline.last:
            document.problem_raised.emit(
                GmmdeskError(
                    "There is no fit yet that could be shown in slow motion.",
                    "Open a table and find clusters first.",
                )
            )
            return
        self._bring_forward()
        document.timeline.set_slow(True)
        document.timeline.go_to(0)
        document.timeline.play()

    def _show_about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle("About gmmdesk")
        box.setIconPixmap(self._window.windowIcon().pixmap(64))
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(
            f"<h3>gmmdesk {__version__}</h3>"
            "<p>Finds clusters in a spreadsheet with Gaussian mixture models.</p>"
            "<p><b>F1</b> help on what you look at · <b>Ctrl+O</b> open · <b>Ctrl+V</b> paste ·"
            " <b>Ctrl+Return</b> find clusters · <b>Esc</b> stop · <b>Ctrl+S</b> save ·"
            " <b>Ctrl+E</b> export · <b>Ctrl+Z</b> undo</p>"
            "<p>Your data stay on this computer.</p>"
        )
        box.open()
