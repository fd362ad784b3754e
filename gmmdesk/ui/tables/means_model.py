"""What is typical of every cluster in every column: centres, in the units of the file."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.describe import separation
from gmmdesk.analysis.profiles import Profile
from gmmdesk.ui.colors import cluster_color, diverging
from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.clusters_model import swatch
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import number, percent, plain_tip, rough

Role = Qt.ItemDataRole
StripRole = Role.UserRole

STRIP = 0  # the section with the picture of a line; the clusters follow
_STRONG = 2.0  # standard deviations from the middle at which the colour is full


class Strip(NamedTuple):
    """The clusters along one column, in standard deviations of all rows from their middle.

    `centers`, `lows` and `highs` are (K,).
    """

    centers: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


class _Line(NamedTuple):
    profile: Profile
    share: float
    strip: Strip


class MeansModel(QAbstractTableModel):
    """A line for each column, what separates most first; a section for each cluster."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self._lines: list[_Line] = []
        document.analysis_changed.connect(self._reset)
        document.names_changed.connect(self._show_again)
        document.colors_changed.connect(self._show_again)
        self._reset()

    @property
    def reach(self) -> float:
        """How far the strips go to both sides."""
        ends = [abs(end) for line in self._lines for end in (*line.strip.lows, *line.strip.highs)]
        return max(ends, default=1.0)

    def column_name(self, row: int) -> str:
        """Which column a line is about."""
        return self._lines[row].profile.name

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        analysis = self._document.analysis
        return 0 if parent.isValid() or analysis is None else 1 + analysis.n_clusters

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return self._line_header(section, role)
        if section == STRIP:
            if role == Role.DisplayRole:
                return "Where the clusters lie"
            if role == Role.ToolTipRole:
                return plain_tip(
                    "Each cluster's centre, and how far its rows typically lie from it, in standard"
                    " deviations of all rows; the line in the middle is the mean of all."
                )
            return None
        name = self._document.names[section - 1]
        if role == Role.DisplayRole:
            return name
        if role == Role.ToolTipRole:
            return plain_tip(name)
        if role == Role.DecorationRole:
            paper = QApplication.palette().color(QPalette.ColorRole.Base)
            return swatch(cluster_color(section - 1, paper, self._document.colors), 12)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        line = self._lines[index.row()]
        if index.column() == STRIP:
            return line.strip if role == StripRole else None
        k = index.column() - 1
        profile = line.profile
        if role == Role.DisplayRole:
            return rough(float(profile.centers[k]), float(profile.spreads[k]))
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        paper = QApplication.palette().color(QPalette.ColorRole.Base)
        if role == Role.BackgroundRole:
            return diverging(line.strip.centers[k] / _STRONG, paper)
        if role == Role.ForegroundRole:
            ground = diverging(line.strip.centers[k] / _STRONG, paper)
            return QColor("black" if ground.lightnessF() > _MIDDLE_GREY else "white")
        if role == Role.ToolTipRole:
            return plain_tip(_in_words(self._document.names[k], profile, k))
        return None

    def _line_header(self, row: int, role: int) -> Any:
        line = self._lines[row]
        if role == Role.DisplayRole:
            return line.profile.name
        if role == Role.ToolTipRole:
            share = percent(line.share)
            return plain_tip(
                f"{line.profile.name}: {share} of its variance lies between the clusters."
                " Double-click to see it on the map."
            )
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        analysis = self._document.analysis
        self._lines = [] if analysis is None else _lines(analysis)
        self.endResetModel()

    def _show_again(self) -> None:
        if self._lines:
            last = self.columnCount() - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, last))


_MIDDLE_GREY = 0.5  # lightness from which black letters read better than white ones


def _lines(analysis: Analysis) -> list[_Line]:
    shares = separation(analysis)
    weights = analysis.result.weights / analysis.result.weights.sum()
    found = []
    for i in np.argsort(-shares, kind="stable").tolist():
        profile = analysis.profiles[i]
        middle = float(weights @ profile.centers)
        within = float(weights @ np.square(profile.spreads))
        between = float(weights @ np.square(profile.centers - middle))
        scale = math.sqrt(within + between) or 1.0
        centers, lows, highs = (
            tuple(((each - middle) / scale).tolist())
            for each in (profile.centers, profile.lows, profile.highs)
        )
        found.append(_Line(profile, float(shares[i]), Strip(centers, lows, highs)))
    return found


def _in_words(name: str, profile: Profile, k: int) -> str:
    what = "mean" if profile.is_mean else "median"
    center, spread = float(profile.centers[k]), float(profile.spreads[k])
    low, high = float(profile.lows[k]), float(profile.highs[k])
    return (
        f"{name}, {profile.name}: {what} {rough(center, spread)}, most rows between"
        f" {rough(low, spread)} and {rough(high, spread)} (all rows: {number(profile.center)})."
    )
