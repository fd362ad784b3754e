"""The menu that says which rows are selected, and what is done with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gmmdesk.text import shortened
from gmmdesk.ui.document import Document
from gmmdesk.ui.selection import how

if TYPE_CHECKING:
    from gmmdesk.ui.condition_dialog import ConditionDialog


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
        self.menu = QMenu("Selec&t", window)
        self.clusters = QMenu("&Cluster", self.menu)
        self.menu.aboutToShow.connect(self._fill)
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
        self.none.setEnabled(self._document.selection.count > 0)
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

    def _fill_clusters(self) -> None:
        from gmmdesk.analysis.scored import NO_CLUSTER

        document = self._document
        self.clusters.clear()
        names = [(k, shortened(name)) for k, name in enumerate(document.names)]
        if document.analysis is not None and document.analysis.noise is not None:
            names.append((NO_CLUSTER, "Rows of no cluster"))
        for cluster, name in names:
            words = name.replace("&", "&&")
            self.clusters.addAction(words, partial(self._select_cluster, cluster, name))

    def _select_cluster(self, cluster: int, name: str) -> None:
        """The rows of a cluster, or of none."""
        from gmmdesk.analysis.selected import rows_of_cluster

        analysis = self._document.analysis
        if analysis is not None:
            meant = how(QGuiApplication.keyboardModifiers())
            self._document.selection.find(lambda: rows_of_cluster(analysis, cluster), meant, name)

    def _ask_for_condition(self) -> None:
        if self._dialog is None:
            from gmmdesk.ui.condition_dialog import ConditionDialog

            self._dialog = ConditionDialog(self._document, self._window)
        self._dialog.show_again()
