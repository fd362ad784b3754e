"""Everything the window can be told to do, with names, keys and icons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QSizePolicy, QToolBar, QToolButton, QWidget

from gmmdesk.ui import recent, theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.icons import icon
from gmmdesk.ui.merge_actions import fill_merge_menu
from gmmdesk.ui.select_actions import SelectActions
from gmmdesk.ui.text import plain_action, shortened
from gmmdesk.ui.widgets import tool_button

if TYPE_CHECKING:  # imports numpy: not before the window is up
    from gmmdesk.analysis import Analysis

Key = QKeySequence.StandardKey

_RESTARTS = "See which other answers the restarts of this fit led to, and take one"
_NO_RESTARTS = (
    "There are no others to see: the fit had one start or a chosen one, some of its rows may belong"
    " to no cluster or were known to belong to one, or it is from a session, which does not keep"
    " them"
)


class Actions(QObject):
    """The actions, in menus and in the tool bar; enabled as the document allows."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.open = _action(parent, "&Open…", "open", Key.Open, "Open a file with a table")
        self.open_with = _action(
            parent,
            "Open &with options…",
            "open",
            "Ctrl+Shift+O",
            "Open a file, choosing how it is read",
        )
        self.paste = _action(
            parent, "&Paste table", "paste", Key.Paste, "Use the cells copied from a spreadsheet"
        )
        self.save = _action(
            parent,
            "&Save session",
            "save",
            Key.Save,
            "Save everything here, to go on with it later",
        )
        self.save.setIconText("Save")
        self.save_as = _action(
            parent, "Save session &as…", "", "Ctrl+Shift+S", "Save everything here in another file"
        )
        self.export = _action(
            parent, "&Export…", "export", "Ctrl+E", "Write rows with clusters, and the parameters"
        )
        self.export_figure = _action(
            parent,
            "Export &figure…",
            "",
            "Ctrl+Shift+E",
            "Save the view in front as a picture for a paper or a slide",
        )
        self.export_run = _action(
            parent,
            "Export the &run…",
            "",
            "",
            "Save how the clusters formed, as an animated picture or as a table",
        )
        self.copy_figure = _action(
            parent,
            "&Copy figure",
            "copy",
            "Ctrl+Shift+C",
            "Copy the view in front as a picture, as large as the last figure",
        )
        self.apply = _action(
            parent,
            "&Apply to another file…",
            "apply",
            "Ctrl+Shift+A",
            "Say which of these clusters the rows of another file belong to",
        )
        self.quit = _action(parent, "&Quit", "quit", Key.Quit, "Close the program")
        self.find = _action(
            parent, "&Find clusters", "find", "Ctrl+Return", "Find clusters with these choices"
        )
        self.stop = _action(parent, "&Stop", "stop", "Esc", "Stop and keep what was found so far")
        self.help_here = _action(
            parent,
            "Help on &this view",
            "help",
            Key.HelpContents,
            "What the view in front shows, and how to read it",
        )
        self.help_here.setIconText("Help")
        self.help = _action(
            parent, "&Contents", "", "", "What all this means, and what to watch for"
        )
        self.tour = _action(
            parent, "Guided &first analysis", "", "", "Four steps on a sample, beside the window"
        )
        self.glossary = _action(parent, "&Glossary", "", "", "The words of the program, explained")
        self.about = _action(parent, "&About", "", "", "About this program")
        self.undo = _action(parent, "&Undo", "undo", Key.Undo, "Take back the last change")
        self.redo = _action(parent, "&Redo", "redo", Key.Redo, "Make that change again")
        self.copy_python = _action(
            parent,
            "Copy as &Python",
            "copy",
            "",
            "Copy a script that scores the rows with these clusters, with scikit-learn if it can",
        )
        self.copy_command = _action(
            parent,
            "Copy as &command",
            "copy",
            "",
            "Copy the command line that finds these clusters",
        )
        self.redo.setShortcuts([QKeySequence(Key.Redo), QKeySequence("Ctrl+Y")])
        self.history = _action(
            parent, "&History…", "history", "Ctrl+Shift+H", "Everything you did, to go back to it"
        )
        self.color = _action(
            parent, "Cluster &colour…", "", "", "Choose the colour of the chosen cluster"
        )
        self.suggest_names = _action(
            parent,
            "Suggest &names",
            "",
            "",
            "Call every cluster what sets it apart; names that you gave stay",
        )
        self.merge = QMenu("&Merge and split", parent)
        self.merge.aboutToShow.connect(lambda: fill_merge_menu(self.merge, document))
        self.select = SelectActions(document, parent)
        self.restarts = _action(
            parent,
            "&Restarts…",
            "",
            "",
            _RESTARTS,
        )
        self.undo.triggered.connect(document.undo)
        self.redo.triggered.connect(document.redo)
        self.find.triggered.connect(document.start_fit)
        self.stop.triggered.connect(self._on_stop_triggered)
        for signal in (
            document.dataset_changed,
            document.analysis_changed,
            document.run_started,
            document.run_ended,
            document.file_work.started,
            document.file_work.ended,
            document.undo_changed,
            document.current_cluster_changed,
        ):
            signal.connect(self._update)
        self._update()

    def _update(self) -> None:
        document = self._document
        for action in (self.export, self.apply):
            action.setEnabled(document.analysis is not None and not document.file_work.is_running)
        for action in (self.copy_python, self.copy_command, self.suggest_names):
            action.setEnabled(document.analysis is not None)
        for action in (self.save, self.save_as):
            action.setEnabled(document.dataset is not None and not document.file_work.is_running)
        self.export_figure.setEnabled(
            document.dataset is not None and not document.file_work.is_running
        )
        self.copy_figure.setEnabled(document.dataset is not None)
        self.history.setEnabled(document.dataset is not None)
        analysis = document.analysis
        self.merge.setEnabled(analysis is not None and analysis.result.n_components > 1)
        self.color.setEnabled(
            document.analysis is not None and document.current_cluster is not None
        )
        self.export_run.setEnabled(
            document.analysis is not None
            and document.timeline.last > 0
            and not document.file_work.is_running
        )
        has_alternatives = _has_alternatives(analysis)
        self.restarts.setEnabled(not document.is_running and has_alternatives)
        self.restarts.setToolTip(
            _RESTARTS if has_alternatives or analysis is None else _NO_RESTARTS
        )
        self.find.setEnabled(document.dataset is not None and not document.is_running)
        self.stop.setEnabled(document.is_running or document.file_work.is_running)
        stack, idle = document.undo_stack, not document.is_running
        for action, word, can, what in (
            (self.undo, "&Undo", stack.canUndo(), stack.undoText()),
            (self.redo, "&Redo", stack.canRedo(), stack.redoText()),
        ):
            action.setEnabled(can and idle)
            action.setText(f"{word} {plain_action(shortened(what))}" if can else word)
            action.setIconText(word.replace("&", ""))  # on the tool bar, whose width is to stay

    def _on_stop_triggered(self) -> None:
        if self._document.file_work.is_running:
            self._document.file_work.cancel()
        else:
            self._document.stop_fit()

    def fill_menu_bar(self, bar: QMenuBar, open_source: Callable[[str], None]) -> None:
        file = bar.addMenu("&File")
        file.addActions([self.open, self.open_with])
        self._recent_menu = file.addMenu("Open &recent")
        file.addMenu(self.make_sample_menu(bar, open_source))
        file.addAction(self.paste)
        file.addSeparator()
        file.addActions([self.save, self.save_as])
        file.addSeparator()
        file.addActions([self.export, self.export_figure, self.copy_figure, self.export_run])
        file.addSeparator()
        file.addAction(self.apply)
        file.addSeparator()
        file.addAction(self.quit)
        file.aboutToShow.connect(lambda: self._fill_recent(open_source))
        self._fill_recent(open_source)
        edit = bar.addMenu("&Edit")
        edit.addActions([self.undo, self.redo, self.history])
        edit.addSeparator()
        edit.addActions([self.copy_python, self.copy_command])
        bar.addMenu(self.select.menu)
        clusters = bar.addMenu("&Clusters")
        clusters.setToolTipsVisible(True)
        clusters.addActions([self.find, self.stop])
        clusters.addSeparator()
        clusters.addActions([self.suggest_names, self.color])
        clusters.addMenu(self.merge)
        clusters.addAction(self.restarts)
        self._view_menu = bar.addMenu("&View")
        self._view_menu.setToolTipsVisible(True)
        self._theme_menu = self._view_menu.addMenu(self.make_theme_menu(bar))
        help_menu = bar.addMenu("&Help")
        help_menu.addActions([self.help, self.help_here, self.tour, self.glossary])
        help_menu.addSeparator()
        help_menu.addAction(self.about)

    def fill_tool_bar(self, bar: QToolBar, open_source: Callable[[str], None]) -> None:
        for action in (self.open, self.paste, self.save, self.export):
            bar.addAction(action)
        open_button = bar.widgetForAction(self.open)
        assert isinstance(open_button, QToolButton)
        open_button.setMenu(self.make_open_menu(bar, open_source))
        open_button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        bar.addSeparator()
        for action in (self.undo, self.redo, self.history):
            bar.addAction(action)
        history_button = bar.widgetForAction(self.history)
        assert isinstance(history_button, QToolButton)
        history_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spacer)
        button = tool_button("Theme", "Light, dark, or as the system", "theme")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.make_theme_menu(bar))
        bar.addWidget(button)
        bar.addAction(self.help_here)

    def add_views(self, actions: Sequence[QAction]) -> None:
        """Put what can be done with the views into their menu, once they are there."""
        self._view_menu.insertActions(self._theme_menu, actions)
        self._view_menu.insertSeparator(self._theme_menu)

    def make_open_menu(self, parent: QWidget, open_source: Callable[[str], None]) -> QMenu:
        """Recent files and samples, below the Open button."""
        menu = QMenu(parent)

        def fill() -> None:
            menu.clear()
            for path in recent.recent_files():
                menu.addAction(plain_action(path), partial(open_source, path))
            menu.addSeparator()
            menu.addMenu(self.make_sample_menu(menu, open_source))

        menu.aboutToShow.connect(fill)
        return menu

    @staticmethod
    def make_sample_menu(parent: QWidget, open_source: Callable[[str], None]) -> QMenu:
        from gmmdesk.data.sample_table import SAMPLES

        menu = QMenu("&Samples", parent)
        menu.setToolTipsVisible(True)
        for name, sample in SAMPLES.items():
            action = menu.addAction(sample.title, partial(open_source, f"sample:{name}"))
            action.setToolTip(sample.description)
        return menu

    @staticmethod
    def make_theme_menu(parent: QWidget) -> QMenu:
        menu = QMenu("&Theme", parent)
        group = QActionGroup(menu)
        for name, text in (
            ("system", "&As the system"),
            ("light", "&Light"),
            ("dark", "&Dark"),
        ):
            action = menu.addAction(text, partial(theme.set_scheme, name))
            action.setCheckable(True)
            action.setData(name)
            group.addAction(action)

        def show_choice() -> None:
            for action in group.actions():
                action.setChecked(action.data() == theme.chosen_scheme())

        menu.aboutToShow.connect(show_choice)
        return menu

    def _fill_recent(self, open_source: Callable[[str], None]) -> None:
        menu = self._recent_menu
        menu.clear()
        paths = recent.recent_files()
        for path in paths:
            menu.addAction(plain_action(path), partial(open_source, path))
        menu.addSeparator()
        menu.addAction("&Clear this list", recent.forget_files)
        menu.setEnabled(bool(paths))


def _action(
    parent: QWidget, text: str, icon_name: str, keys: QKeySequence.StandardKey | str, tip: str
) -> QAction:
    action = QAction(text, parent)
    if icon_name:
        action.setIcon(icon(icon_name))
    action.setShortcut(QKeySequence(keys))
    shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{tip} ({shortcut})" if shortcut else tip)
    return action


def _has_alternatives(analysis: Analysis | None) -> bool:
    if analysis is None:
        return False
    from gmmdesk.analysis.alternatives import can_have_alternatives

    return can_have_alternatives(analysis)
