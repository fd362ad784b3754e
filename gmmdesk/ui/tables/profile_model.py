"""One cluster's means and spreads beside those of all rows, in the file's units."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.clusters_model import alignment
from gmmdesk.ui.text import beside, plain_tip

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

_HEADINGS = (
    ("Column", ""),
    ("Mean", "The centre of the cluster, in the units of the file"),
    ("Spread", "How far rows of the cluster typically lie from its centre (standard deviation)"),
    ("All rows", "The mean over all used rows, to compare"),
)


class ProfileModel(QAbstractTableModel):
    """A line per used column for the current cluster; empty while none is chosen."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        for signal in (document.analysis_changed, document.current_cluster_changed):
            signal.connect(self._reset)
        document.timeline.moved.connect(self._refresh)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        analysis = self._document.analysis
        if parent.isValid() or analysis is None or self._document.current_cluster is None:
            return 0
        return len(analysis.prepared.columns)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            if role == Role.DisplayRole:
                return _HEADINGS[section][0]
            if role == Role.ToolTipRole:
                return _HEADINGS[section][1]
            if role == Role.TextAlignmentRole:
                return alignment(section)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        row, column = index.row(), index.column()
        if role == Role.TextAlignmentRole:
            return alignment(column)
        analysis, cluster = self._document.analysis, self._document.current_cluster
        if analysis is None or cluster is None:
            return None
        if role not in (Role.DisplayRole, Role.ToolTipRole):
            return None
        if column == 0:
            name = analysis.prepared.columns[row]
            return name if role == Role.DisplayRole else plain_tip(name)
        moment = self._document.moment
        mixture = analysis.result if moment is None else moment.fit.parameters
        spread = float(mixture.covariances[cluster, row, row] ** 0.5)
        value = float((mixture.means[cluster, row], spread, analysis.column_means[row])[column - 1])
        return beside(value, spread) if role == Role.DisplayRole else repr(value)

    def _refresh(self) -> None:
        if self.rowCount():
            last = self.index(self.rowCount() - 1, len(_HEADINGS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()
