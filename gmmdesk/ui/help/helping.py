"""What the menu Help and the links of its pages lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from gmmdesk import __version__
from gmmdesk.errors import GmmdeskError

if TYPE_CHECKING:
    from gmmdesk.ui.help.tour import Tour
    from gmmdesk.ui.help.window import HelpWindow
    from gmmdesk.ui.main_window import MainWindow


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
        actions.help.triggered.connect(lambda: self.show_page(None))
        actions.tour.triggered.connect(self.start_tour)
        actions.glossary.triggered.connect(lambda: self.show_page("glossary"))
        actions.about.triggered.connect(self._show_about)

    def show_page(self, name: str | None) -> None:
        """Show a page of the help, or the one that was read last."""
        from gmmdesk.ui.help.window import HelpWindow

        if self._help is None:
            self._help = HelpWindow(self._window)
            self._help.sample_requested.connect(self._open_sample)
            self._help.action_requested.connect(lambda what: self.actions[what]())
        if name is not None:
            self._help.show_page(name)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def show_example(self, name: str) -> None:
        """Show the worked example of the sample called `name`."""
        self.show_page(f"example-{name}")

    def start_tour(self) -> None:
        """Begin the guided first analysis, anew where it was begun before."""
        from gmmdesk.ui.help.tour import Tour

        self._window.build_workspace()
        self._make_way()
        if self._tour is None:
            self._tour = Tour(self._window)
        self._tour.start()

    def _make_way(self) -> None:
        """Close the help, which lies over what is to be seen; F1 opens it on the same page."""
        if self._help is not None:
            self._help.close()

    def _open_sample(self, name: str) -> None:
        self._window.open_source(f"sample:{name}")

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
        self._make_way()
        self._window.activateWindow()
        document.timeline.go_to(0)
        document.timeline.set_slow(True)
        document.timeline.play()

    def _show_about(self) -> None:
        QMessageBox.about(
            self._window,
            "About gmmdesk",
            f"<h3>gmmdesk {__version__}</h3>"
            "<p>Finds clusters in a spreadsheet with Gaussian mixture models.</p>"
            "<p><b>F1</b> help · <b>Ctrl+O</b> open · <b>Ctrl+V</b> paste · <b>Ctrl+Return</b> find"
            " clusters · <b>Esc</b> stop · <b>Ctrl+S</b> save · <b>Ctrl+E</b> export ·"
            " <b>Ctrl+Z</b> undo</p>"
            "<p>Your data stay on this computer.</p>",
        )
