"""The window: menus, panels and views around one document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QWidget,
)

from gmmdesk.errors import GmmdeskError
from gmmdesk.ui import recent, warm_up
from gmmdesk.ui.actions import Actions
from gmmdesk.ui.applying import Applying
from gmmdesk.ui.color_dialog import choose_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.export_dialog import choose_target
from gmmdesk.ui.figures import Figures
from gmmdesk.ui.help.helping import Helping
from gmmdesk.ui.history import HistoryDialog
from gmmdesk.ui.icons import logo
from gmmdesk.ui.opening import Opening
from gmmdesk.ui.problems import show_problem
from gmmdesk.ui.session_dialogs import (
    RecoveryDialog,
    Wish,
    ask_about_export,
    ask_about_unsaved,
    ask_for_table,
    choose_session_path,
)
from gmmdesk.ui.sessions import Sessions
from gmmdesk.ui.status import SAID_MS, StatusBar
from gmmdesk.ui.welcome import WelcomePage
from gmmdesk.ui.widgets import secondary
from gmmdesk.ui.workspace import Workspace

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis
    from gmmdesk.session.recovery import Left
    from gmmdesk.session.view import ViewState

_WIDTH, _HEIGHT = 1680, 1050  # pixels at the first start, at most: wider, words are far apart
_POLL_MS = 10  # while the imports run, which the workspace waits for


class MainWindow(QMainWindow):
    """Opens with the welcome page; meanwhile the workspace is built for the first table."""

    document: Document
    workspace: Workspace

    def __init__(self, document: Document | None = None) -> None:
        super().__init__()
        self.document = document or Document(self)
        self._may_close = self._offers_recovery = False
        self.setWindowTitle("gmmdesk")
        self.setWindowIcon(logo(256))
        self.setAcceptDrops(True)
        room = self.screen().availableSize()
        # Until it is remembered: what the screen has, but for a frame and a title bar.
        self.resize(min(_WIDTH, room.width() - 16), min(_HEIGHT, room.height() - 48))
        self.actions_ = Actions(self.document, self)
        self.actions_.fill_menu_bar(self.menuBar(), self.open_source)
        bar = self.addToolBar("Main")
        bar.setObjectName("main_tool_bar")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.actions_.fill_tool_bar(bar, self.open_source)
        self.setStatusBar(StatusBar(self.document))

        self._welcome = WelcomePage()
        self._welcome.sample_requested.connect(lambda name: self.open_source(f"sample:{name}"))
        self._welcome.tour_requested.connect(self.actions_.tour.trigger)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._welcome)
        self._opening = secondary()  # in the place of samples, which nobody asked for then
        self._opening.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(self._opening)
        self._opened = QTimer(self, singleShot=True, interval=0)  # what was read is there by then
        self._opened.timeout.connect(self._on_opened)
        self.document.file_work.started.connect(self._on_file_work_started)
        self.document.file_work.ended.connect(self._opened.start)
        self.setCentralWidget(self._stack)
        self._welcome.setFocus()  # else a button of the tool bar would have it
        self.workspace = Workspace(self.document)
        self._building = self.workspace.build()
        self._workspace_is_built = False
        self._builder = QTimer(self)
        self._builder.timeout.connect(self._on_builder_timeout)
        self._builder.start(_POLL_MS)

        self.actions_.export.triggered.connect(self._on_export_triggered)
        self.applying = Applying(self.document, self)
        self.actions_.apply.triggered.connect(self.applying.begin)
        self.figures = Figures(self.document, self.workspace, self)
        self.actions_.export_figure.triggered.connect(self.figures.export)
        self.actions_.copy_figure.triggered.connect(self.figures.copy)
        self.actions_.export_run.triggered.connect(self._on_export_run_triggered)
        self.figures.copied.connect(
            lambda: self.statusBar().showMessage("The figure is on the clipboard.", SAID_MS)
        )
        self.actions_.copy_python.triggered.connect(self._on_copy_python_triggered)
        self.actions_.copy_command.triggered.connect(self._on_copy_command_triggered)
        self.actions_.quit.triggered.connect(self.close)
        self.helping = Helping(self)
        self._welcome.example_requested.connect(self.helping.show_example)
        self.actions_.save.triggered.connect(self._on_save_triggered)
        self.actions_.save_as.triggered.connect(self._on_save_as_triggered)
        self.actions_.history.triggered.connect(self._on_history_triggered)
        self.actions_.color.triggered.connect(self._on_color_triggered)
        self.actions_.restarts.triggered.connect(self._on_restarts_triggered)
        self.actions_.suggest_names.triggered.connect(self._on_suggest_names_triggered)
        self.sessions = Sessions(self.document, self._view_state, self)
        self.opening = Opening(self.document, self.sessions, self)
        self.actions_.open.triggered.connect(self.opening.ask)
        self.actions_.open_with.triggered.connect(self.opening.ask_with_options)
        self.actions_.paste.triggered.connect(self.opening.paste)
        self._welcome.open_requested.connect(self.opening.ask)
        self._welcome.paste_requested.connect(self.opening.paste)
        self.sessions.state_changed.connect(self._show_title)
        self.sessions.saved.connect(self._on_sessions_saved)
        self.sessions.opened.connect(self._show_view)
        self.sessions.table_wanted.connect(lambda what: ask_for_table(what, self.sessions, self))
        self.sessions.left_found.connect(self._offer)
        self.document.files.before_replacing = self._after_saving
        self.document.dataset_changed.connect(self._show_document)
        self.document.problem_raised.connect(lambda error: show_problem(error, self))
        self._restore()

    # -- opening -----------------------------------------------------------------------------

    def open_source(self, source: str) -> None:
        """Open a table, a session or "sample:NAME"."""
        self.opening.open_source(source)

    def sample_button(self, name: str) -> QWidget | None:
        """What opens a sample, where it can be seen."""
        return self._welcome.sample_buttons[name] if self._welcome.isVisible() else None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.opening.drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.opening.drop(event)

    def _show_document(self) -> None:
        dataset = self.document.dataset
        if dataset is None or not self._workspace_is_built:
            return
        if self._stack.currentWidget() is not self.workspace:
            # A turn later, once all is filled that it shows; what is due in 0 ms belongs to this.
            QTimer.singleShot(1, self, partial(self._show_workspace, self.focusWidget()))
        self._show_title()
        path = self.sessions.path or dataset.path
        if path is not None:
            recent.remember_file(path)

    def _show_workspace(self, focused: QWidget | None) -> None:
        """Show it; what has asked for the keys since something else was `focused` keeps them."""
        is_free = self.focusWidget() is focused
        self._stack.setCurrentWidget(self.workspace)
        if is_free:
            self.workspace.model_panel.find_button.setFocus()  # what most do next, by Return too

    def _on_file_work_started(self, what: str) -> None:
        if self._stack.currentWidget() is self._welcome:
            self.setFocus()  # else a button of the tool bar would get it
            self._opening.setText(f"{what}…")
            self._stack.setCurrentWidget(self._opening)

    def _on_opened(self) -> None:
        nothing = self.document.dataset is None and not self.document.file_work.is_running
        if nothing and self._stack.currentWidget() is self._opening:
            self._stack.setCurrentWidget(self._welcome)
            self._welcome.setFocus()

    def _name(self) -> str:
        """What is being worked on."""
        dataset = self.document.dataset
        path = self.sessions.path or (dataset.path if dataset is not None else None)
        if path is not None:
            return path.name
        return dataset.name if dataset is not None else ""

    def _show_title(self) -> None:
        name = self._name().replace("[*]", "[*][*]")  # the mark of changes stands for itself twice
        self.setWindowTitle(f"{name}[*] — gmmdesk" if name else "gmmdesk")
        self.setWindowModified(self.sessions.is_modified)

    # -- the workspace -----------------------------------------------------------------------

    def build_workspace(self) -> None:
        """Build the rest of the workspace at once."""
        while not self._workspace_is_built:
            self._build_next()

    def _build_next(self) -> None:
        try:
            next(self._building)
        except StopIteration:
            self._builder.stop()
            self._workspace_is_built = True
            self._stack.addWidget(self.workspace)
            self.actions_.add_views(self.workspace.menu_actions())
            self.workspace.views.help_requested.connect(self.helping.show_page)
            self._show_document()
            self._show_view()
            if self._offers_recovery:
                self.sessions.look_for_left()

    def _on_builder_timeout(self) -> None:
        if warm_up.is_done():
            self._builder.setInterval(0)
            self._build_next()

    # -- sessions ----------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Offer what crashed programs left, once the workspace is there."""
        self._offers_recovery = True
        if self._workspace_is_built:
            self.sessions.look_for_left()

    def _offer(self, left: list[Left]) -> None:
        dialog = RecoveryDialog(left, self)
        dialog.restore_requested.connect(self.sessions.restore)
        dialog.open()

    def _view_state(self) -> ViewState:
        if self._workspace_is_built:
            return self.workspace.view_state()
        from gmmdesk.session.view import ViewState

        return ViewState()

    def _show_view(self) -> None:
        if self._workspace_is_built:
            state = self.sessions.take_view()
            if state is not None:
                self.workspace.show_view(state)

    def _on_save_triggered(self) -> None:
        self._save()

    def _on_save_as_triggered(self) -> None:
        self._save_as()

    def _save(self, then: Callable[[], object] | None = None) -> None:
        """Save where it was saved before, else where the user says; afterwards call `then`."""
        if self.sessions.path is None:
            self._save_as(then)
        else:
            self.sessions.save(self.sessions.path, self.sessions.embeds, then)

    def _save_as(self, then: Callable[[], object] | None = None) -> None:
        if self.document.dataset is not None:
            chosen = choose_session_path(self.document.dataset, self.sessions, self)
            if chosen is not None:
                self.sessions.save(*chosen, then)

    def _on_sessions_saved(self, path: Path) -> None:
        recent.remember_file(path)
        status = self.statusBar()
        assert isinstance(status, StatusBar)
        status.show_saved(path)

    def _may_lose_work(self, once_saved: Callable[[], object]) -> bool:
        """Whether there is no unsaved work and no fit runs, or both are not wanted.

        If the user wants it saved `once_saved` is called after that; first it is asked about again
        where something was changed while it was being written.
        """
        is_modified, is_finding = self.sessions.is_modified, self.document.is_running
        if not is_modified and not is_finding:
            return True
        wish = ask_about_unsaved(self._name(), is_modified, is_finding, self)
        if wish is Wish.SAVE:
            self._save(lambda: self._after_saving(once_saved))
        return wish is Wish.LOSE

    def _after_saving(self, do: Callable[[], object]) -> None:
        """Do what would lose unsaved work, as soon as it may be lost."""
        if self._may_lose_work(do):
            do()

    def _on_history_triggered(self) -> None:
        dialog = self.findChild(HistoryDialog) or HistoryDialog(self.document, self)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _on_restarts_triggered(self) -> None:
        from gmmdesk.ui.restarts_dialog import RestartsDialog

        RestartsDialog(self.document, self).show()

    def _on_suggest_names_triggered(self) -> None:
        self.workspace.profile_panel.suggest_names()

    def _on_color_triggered(self) -> None:
        current = self.document.current_cluster
        if current is not None:
            choose_color(self.document, current, self)

    # -- leaving -----------------------------------------------------------------------------

    def _on_export_triggered(self) -> None:
        analysis = self.document.analysis
        if analysis is not None:
            target = choose_target(analysis, self)
            if target is not None:
                self.document.export(target.path, as_input=target.as_input)

    def _on_export_run_triggered(self) -> None:
        from gmmdesk.ui.film import export_run

        export_run(self.document, self.workspace.map, self)

    def _on_copy_python_triggered(self) -> None:
        from gmmdesk.export.recipes import python_script

        self._copy(python_script, "The Python script is on the clipboard.")

    def _on_copy_command_triggered(self) -> None:
        from gmmdesk.export.recipes import command

        self._copy(command, "The command line is on the clipboard.")

    def _copy(self, recipe: Callable[[Analysis], str], said: str) -> None:
        analysis = self.document.analysis
        if analysis is None:
            return
        try:
            QGuiApplication.clipboard().setText(recipe(analysis))
        except GmmdeskError as error:
            self.document.problem_raised.emit(error)
            return
        self.statusBar().showMessage(said, SAID_MS)

    def _restore(self) -> None:
        geometry = QSettings().value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def close_for_good(self) -> None:
        """Close without asking about unsaved work."""
        self._may_close = True
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, where nothing nearer has taken it, ends the guide, or what is chosen."""
        document = self.document
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            return
        if self.helping.stop_tour():
            return
        # At once: a click on a row makes both.
        if document.selection.count:
            document.selection.clear()
        document.set_current_cluster(None)

    def closeEvent(self, event: QCloseEvent) -> None:
        files = self.document.files
        if files.is_writing and not ask_about_export(files.writing, self):
            event.ignore()
            return
        if not self._may_close and not self._may_lose_work(self.close_for_good):
            event.ignore()
            return
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        if self._workspace_is_built:
            self.workspace.save(settings)
            self.workspace.close_workers()
        self._builder.stop()
        self.helping.close()
        self.actions_.select.close_worker()
        self.sessions.close()
        self.document.close()
        super().closeEvent(event)
