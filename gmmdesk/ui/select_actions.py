"""The menu that says which rows are selected, and what is done with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gmmdesk.ui.document import Document
from gmmdesk.ui.selection import how
from gmmdesk.ui.text import plain_action, shortened

if TYPE_CHECKING:
    from gmmdesk.ui.condition_dialog import ConditionDialog


_MOST_COLUMNS = 40


class SelectActions(QObject):
    """Everything about the selection that needs no mouse on a view."""

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._window = document, window
        self._dialog: ConditionDialog | None = None
        selection = document.selection
        self.all = self._action("Select &all", "Ctrl+A", selection.all)
        self.none = self._action("Select &nothing", "Ctrl+D", selection.clear)
        self.invert = self._action("&Invert", "Ctrl+I", selection.invert)
        self.condition = self._action("By &condition…", "Ctrl+F", self._ask_for_condition)
        self.copy = self._action("&Copy", "Ctrl+C", self._copy)
        window.addAction(self.copy)  # where a widget does not copy something of its own
        self.menu = QMenu("Selec&t", window)
        self.clusters = QMenu("&Cluster", self.menu)
        self.columns = QMenu("Clusters &known from a column", self.menu)
        self.columns.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.columns.aboutToShow.connect(self._fill_columns)
        self.clusters.aboutToShow.connect(self._fill_clusters)
        self._fill_fixed()
        for signal in (document.dataset_changed, selection.changed, document.analysis_changed):
            signal.connect(self._update)
        self._update()

    def close_worker(self) -> None:
        """Wait for what is being looked for; no thread outlives this."""
        if self._dialog is not None:
            self._dialog.close_worker()

    def _action(self, text: str, keys: str, run: object) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(run)
        return action

    def _update(self) -> None:
        has_rows = self._document.dataset is not None
        for action in (self.all, self.invert, self.condition):
            action.setEnabled(has_rows)
        for action in (self.none, self.copy):
            action.setEnabled(self._document.selection.count > 0)
        self.clusters.setEnabled(self._document.analysis is not None)

    def _fill_fixed(self) -> None:
        self.menu.addActions([self.all, self.none, self.invert, self.condition])
        self.menu.addMenu(self.clusters)
        self.menu.addSeparator()

    def _fill(self) -> None:
        from gmmdesk.ui.row_actions import add_row_actions

        self.menu.clear()
        self._fill_fixed()
        add_row_actions(self.menu, self._document, self._window)
        self.menu.addSeparator()
        self.menu.addMenu(self.columns)

    def _fill_columns(self) -> None:
        """Columns with labels, of which an empty cell says that nothing is known."""
        document = self._document
        settings, dataset = document.settings, document.dataset
        self.columns.clear()
        if settings is None or dataset is None:
            return
        offered = [one.name for one in dataset.columns if one.name not in settings.columns]
        for name in ("", *offered[:_MOST_COLUMNS]):
            action = self.columns.addAction(plain_action(shortened(name or "None")))
            action.setCheckable(True)
            action.setChecked(name == settings.known_column)
            action.setEnabled(not document.is_running)
            said = f"taking known clusters from {name}" if name else "taking no known clusters"
            action.triggered.connect(partial(self._take_known_from, name, said))

    def _take_known_from(self, column: str, said: str) -> None:
        self._document.change_settings(said, known_column=column)

    def _fill_clusters(self) -> None:
        from gmmdesk.analysis.scored import NO_CLUSTER

        document = self._document
        self.clusters.clear()
        names = [(k, shortened(name)) for k, name in enumerate(document.names)]
        if document.analysis is not None and document.analysis.noise is not None:
            names.append((NO_CLUSTER, "Rows of no cluster"))
        for cluster, name in names:
            words = plain_action(name)
            self.clusters.addAction(words, partial(self._select_cluster, cluster, name))

    def _select_cluster(self, cluster: int, name: str) -> None:
        """The rows of a cluster, or of none."""
        from gmmdesk.analysis.selected import rows_of_cluster

        analysis = self._document.analysis
        if analysis is not None:
            meant = how(QGuiApplication.keyboardModifiers())
            self._document.selection.find(lambda: rows_of_cluster(analysis, cluster), meant, name)

    def _copy(self) -> None:
        from gmmdesk.ui.row_actions import copy

        copy(self._document, self._window)

    def _ask_for_condition(self) -> None:
        if self._dialog is None:
            from gmmdesk.ui.condition_dialog import ConditionDialog

            self._dialog = ConditionDialog(self._document, self._window)
        self._dialog.show_again()
