"""Whose rows could be another cluster's, as a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.clusters_model import swatch
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import percent, plain_tip
from gmmdesk.ui.theme import Opacity

Role = Qt.ItemDataRole
FloatArray = npt.NDArray[np.float64]

_SLIGHT = 5e-4  # a smaller share is not worth a number


class OverlapModel(QAbstractTableModel):
    """A line for the rows of each cluster, with the share of them that belongs to each.

    The last is for the selected rows, if there are any.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.shares: FloatArray = np.empty((0, 0))
        self._selected: FloatArray | None = None

    def show_shares(self, shares: FloatArray, selected: FloatArray | None = None) -> None:
        """Show these (K, K), or one more with noise; those of the selected rows are (K,) too."""
        self.beginResetModel()
        self.shares, self._selected = shares, selected
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.shares) + (self._selected is not None)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.shares)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        selected = orientation is Qt.Orientation.Vertical and section == len(self.shares)
        name = "Selected rows" if selected else self._name(section)
        if role == Role.DisplayRole:
            return name
        if role == Role.DecorationRole:
            colors = QApplication.palette()
            if selected:
                return swatch(colors.color(QPalette.ColorRole.Text), 12)
            if section >= self._document.n_clusters:
                grey = colors.color(QPalette.ColorRole.PlaceholderText)
                return swatch(grey, sign=NO_CLUSTER)
            paper = colors.color(QPalette.ColorRole.Base)
            color = cluster_color(section, paper, self._document.colors)
            return swatch(color, sign=self._document.signs[section])
        if role == Role.ToolTipRole:
            return plain_tip(name)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        of, to = index.row(), index.column()
        chosen = self._selected if of == len(self.shares) else None
        share = float(self.shares[of, to] if chosen is None else chosen[to])
        if role == Role.DisplayRole:
            return "" if not share >= _SLIGHT else percent(share)
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Role.BackgroundRole and share >= _SLIGHT:
            tint = QColor(QApplication.palette().color(QPalette.ColorRole.Accent))
            tint.setAlphaF(Opacity.BAR * share)
            return tint
        if role == Role.ToolTipRole and np.isfinite(share):
            if chosen is not None:
                return plain_tip(
                    f"{percent(share)} of the selected rows belong to {self._name(to)}."
                )
            if of == to:
                return plain_tip(f"{percent(share)} of the rows of {self._name(of)} belong there.")
            return plain_tip(f"{percent(share)} of {self._name(of)} could be {self._name(to)}.")
        return None

    def _name(self, section: int) -> str:
        names = self._document.names
        return names[section] if section < len(names) else NO_NAME
