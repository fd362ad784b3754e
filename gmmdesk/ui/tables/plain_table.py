"""A table that is read as a list, a line at a time."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from gmmdesk.ui import theme


def plain_table(model: QAbstractTableModel, name: str) -> QTableView:
    """Its first column takes the room that the others leave."""
    view = lined_table(model, name)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names differ at their ends
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setMinimumSectionSize(44)
    return view


def lined_table(model: QAbstractItemModel, name: str) -> QTableView:
    """Whole lines are selected, every other one has a ground of its own, and none a number."""
    view = QTableView()
    view.setModel(model)
    view.setAccessibleName(name)
    view.setShowGrid(False)
    view.setAlternatingRowColors(True)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + theme.SPACE)
    return view
