"""What is typical of one cluster beside all rows, in the file's units."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.tables.clusters_model import alignment
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import beside, number, plain_tip

Role = Qt.ItemDataRole

_HEADINGS = (
    ("Column", ""),
    ("Mean", "The centre of the cluster, in the units of the file"),
    ("Spread", tip("Spread")),
    ("All used", "The mean over all used rows, to compare"),
)
# Where a step has bent some of the columns.
_BENT_HEADINGS = (
    ("Column", ""),
    ("Centre", "The mean, or the median of a column that a step has bent"),
    ("Spread", "The standard deviation, or the range of the middle 68 % of the cluster's rows"),
    ("All used", "The mean or median of all used rows, to compare"),
)


class ProfileModel(QAbstractTableModel):
    """A line per used column for the current cluster; empty while none is chosen."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        for signal in (document.analysis_changed, document.current_cluster_changed):
            signal.connect(self._reset)
        document.timeline.moved.connect(self._refresh)

    def rowCount(self, parent: Index = ROOT) -> int:
        analysis = self._document.analysis
        if parent.isValid() or analysis is None or self._document.current_cluster is None:
            return 0
        return len(analysis.profiles)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            analysis = self._document.analysis
            straight = analysis is None or all(one.is_mean for one in analysis.profiles)
            headings = _HEADINGS if straight else _BENT_HEADINGS
            if role == Role.DisplayRole:
                return headings[section][0]
            if role == Role.ToolTipRole:
                return headings[section][1]
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
        one = analysis.profiles[row]
        if column == 0:
            return one.title if role == Role.DisplayRole else plain_tip(one.title)
        moment = self._document.moment
        if moment is not None:
            one = one.in_mixture(moment.fit.parameters, moment.grouping)
        spread = float(one.spreads[cluster])
        if column == 2 and not one.is_mean:
            ends = [float(one.lows[cluster]), float(one.highs[cluster])]
            if role == Role.ToolTipRole:
                return f"The middle 68 % of the rows lie from {ends[0]!r} to {ends[1]!r}"
            return " to ".join(number(end, 3) for end in ends)
        value = (float(one.centers[cluster]), spread, one.center)[column - 1]
        if role == Role.DisplayRole:
            return beside(value, spread)
        return repr(value) if one.is_mean or column == 2 else f"Median {value!r}"

    def _refresh(self) -> None:
        if self.rowCount():
            last = self.index(self.rowCount() - 1, len(_HEADINGS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()
