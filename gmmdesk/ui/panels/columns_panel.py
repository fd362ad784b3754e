"""Step 2: which columns to look at."""

from __future__ import annotations

from PySide6.QtCore import QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.columns_model import ColumnsModel
from gmmdesk.ui.tables.index import Index
from gmmdesk.ui.widgets import heading, tool_button

_GOOD_LINES = 5
_LEAST_NAMES = 90  # pixels
_CONTENTS = 0.5  # of the width, which what is in the columns gets at least if it needs it
FILTER_FROM = 13  # columns; fewer are seen at a glance


class ColumnsPanel(QWidget):
    """A tick list of the columns, the unsuitable ones with the reason."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(ColumnsModel(document, self))
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Search")
        self._filter.setToolTip("Show the columns whose names have these letters")
        self._filter.setClearButtonEnabled(True)
        self._filter.setAccessibleName("Search columns")
        self._filter.textChanged.connect(self._proxy.setFilterFixedString)

        self._view = QTreeView()
        self._view.setModel(self._proxy)
        self._view.setRootIsDecorated(False)
        self._view.setUniformRowHeights(True)
        self._view.setAllColumnsShowFocus(True)
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._view.setAccessibleName("Columns to use")
        self._view.header().setStretchLastSection(True)
        self._view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self._view.setMinimumHeight(56)
        self._view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._view.setAlternatingRowColors(True)
        self._view.setItemDelegate(_RoomyDelegate(self._view))

        header = QHBoxLayout()
        header.addWidget(heading("2  Columns"))
        header.addWidget(self._filter, 1)
        header.addStretch()
        for text, tip, slot in (
            (
                "Suggested",
                "Tick the columns that hold measurements",
                document.ticks.set_suggested,
            ),
            ("None", "Untick every column", document.ticks.clear),
        ):
            button = tool_button(text, tip)
            button.clicked.connect(slot)
            header.addWidget(button)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(header)
        layout.addWidget(self._view)
        document.dataset_changed.connect(self._show_dataset)
        self._show_dataset()

    def good_height(self) -> int:
        """Room for the heading and as many columns as are to be in sight, in pixels."""
        lines = _GOOD_LINES * self._view.sizeHintForRow(0) if self._proxy.rowCount() else 0
        others = self.sizeHint().height() - self._view.minimumHeight()
        return others + max(self._view.minimumHeight(), self._view.header().height() + lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._divide_width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._divide_width()  # which was not known before

    def _show_dataset(self) -> None:
        dataset = self._document.dataset
        self._filter.clear()
        self._filter.setVisible(dataset is not None and len(dataset.columns) >= FILTER_FROM)
        self._divide_width()

    def _divide_width(self) -> None:
        """Names get what the contents leave; of long ones each gets a good part."""
        if not self.isVisible():
            return  # what it measures would be measured again when it is seen
        room = self._view.viewport().width()
        names, contents = (self._view.sizeHintForColumn(column) for column in range(2))
        names = min(names, room - min(contents, round(_CONTENTS * room)))
        self._view.setColumnWidth(0, max(names, _LEAST_NAMES))


class _RoomyDelegate(QStyledItemDelegate):
    """Lines with as much air as those of the tables."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width(), option.fontMetrics.height() + theme.SPACE)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Long names differ at their ends; of what is in a column the first words tell most."""
        super().initStyleOption(option, index)
        mode = Qt.TextElideMode
        option.textElideMode = mode.ElideRight if index.column() else mode.ElideMiddle
