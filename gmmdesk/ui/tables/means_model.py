"""What is typical of every cluster in every column: centres, in the units of the file."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.describe import ahead_of_rest, dominance, middle_of_all, separation, strength
from gmmdesk.analysis.profiles import Profile, Typical
from gmmdesk.data.dataset import FloatArray
from gmmdesk.ui.colors import cluster_color, diverging
from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.clusters_model import swatch
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import number, percent, plain_tip, rough

Role = Qt.ItemDataRole
StripRole = Role.UserRole
SelectedRole = Role.UserRole + 1  # of a strip: the `Place` of the selected rows, or None

STRIP = 0  # the section with the picture of a line; the clusters follow


class Strip(NamedTuple):
    """The clusters along one column, in standard deviations of all rows from their middle.

    `centers`, `lows` and `highs` are (K,), on the scale of the fit: the middle is the mean of all
    rows or, of a column that a step has bent, their median.
    """

    centers: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


class Place(NamedTuple):
    """The selected rows along one column, as a cluster lies in a `Strip`."""

    center: float
    low: float
    high: float


class _Line(NamedTuple):
    """A column: the place of its profile in the analysis, and how values become those of strips."""

    at: int
    profile: Profile
    share: float
    strip: Strip
    straight: Profile  # on the scale of the fit
    scale: float

    def forward(self, value: float) -> float:
        """A value in the file's units, on the scale of the fit."""
        return float(self.profile.original.forward(np.array([value]))[0])

    def place(self, value: float) -> float:
        """A value in the file's units, as strips have it."""
        return (self.forward(value) - self.straight.center) / self.scale

    def ahead(self, selected: _Entry, weights: FloatArray) -> float:
        """How far selected rows are ahead of the clusters, whose `weights` (K,) these are."""
        low, center, high = map(self.forward, (selected.low, selected.center, selected.high))
        own = dominance(self.straight, center, 0.5 * (high - low))
        return float(weights @ own / weights.sum())


class _Entry(NamedTuple):
    """What is typical of a cluster or of the selected rows in a column, in the file's units."""

    name: str
    center: float
    low: float
    high: float
    spread: float


class MeansModel(QAbstractTableModel):
    """A line for each column, what separates most first; a section for each cluster.

    One more for the selected rows, as long as it is known what is typical of them.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._lines: list[_Line] = []
        self._weights: FloatArray = np.empty(0)  # (K,) of the clusters
        self._ahead: dict[tuple[int, int], float] = {}  # by line and cluster, as far as asked for
        self.reach = 1.0  # how far the strips go to both sides
        self._selected: Typical | None = None
        document.analysis_changed.connect(self._reset)
        document.names_changed.connect(self._show_again)
        document.colors_changed.connect(self._show_again)
        self._reset()

    @property
    def n_clusters(self) -> int:
        """How many sections are about a cluster."""
        return len(self._lines[0].strip.centers) if self._lines else 0

    def show_selected(self, selected: Typical | None) -> None:
        """Show what is typical of the selected rows too, or no more."""
        if selected is not None and len(selected.centers) != len(self._lines):
            selected = None
        at = 1 + self.n_clusters
        if self._selected is None and selected is not None:
            self.beginInsertColumns(ROOT, at, at)
            self._selected = selected
            self.endInsertColumns()
        elif self._selected is not None and selected is None:
            self.beginRemoveColumns(ROOT, at, at)
            self._selected = None
            self.endRemoveColumns()
        self._selected = selected
        self._ahead.clear()
        self._show_again()

    def column_name(self, row: int) -> str:
        """Which column a line is about."""
        return self._lines[row].profile.name

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        if parent.isValid() or not self._lines:
            return 0
        return 1 + self.n_clusters + (self._selected is not None)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return self._line_header(section, role)
        if section == STRIP:
            if role == Role.DisplayRole:
                return "Where the clusters lie"
            if role == Role.ToolTipRole:
                return plain_tip(
                    "Each cluster's centre, and how far its rows typically lie from it, in standard"
                    " deviations of all rows; the line in the middle is"
                    f" {middle_of_all(line.profile for line in self._lines)}."
                )
            return None
        selected = section > self.n_clusters
        name = "Selected" if selected else self._document.names[section - 1]
        if role == Role.DisplayRole:
            return name
        if role == Role.ToolTipRole:
            return plain_tip("The selected rows, where they take part" if selected else name)
        if role == Role.DecorationRole:
            colors = QApplication.palette()
            if selected:
                return None  # it is no cluster, and the word has little room
            paper = colors.color(QPalette.ColorRole.Base)
            color = cluster_color(section - 1, paper, self._document.colors)
            return swatch(color, sign=self._document.signs[section - 1])
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        line, k = self._lines[index.row()], index.column() - 1
        if index.column() == STRIP:
            if role == SelectedRole:
                return self._place(line)
            return line.strip if role == StripRole else None
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        entry = self._entry(line, k)
        if not math.isfinite(entry.center):
            return None
        if role == Role.DisplayRole:
            return rough(entry.center, entry.spread)
        if role in (Role.BackgroundRole, Role.ForegroundRole):
            paper = QApplication.palette().color(QPalette.ColorRole.Base)
            return self.inks(index, paper)[role == Role.ForegroundRole]
        if role == Role.ToolTipRole:
            return plain_tip(_in_words(entry, line.profile))
        return None

    def inks(self, index: Index, paper: QColor) -> tuple[QColor, QColor]:
        """The ground of a number on `paper`, and the colour in which it can be read there."""
        at = index.row(), index.column() - 1
        if at not in self._ahead:  # asked for twice at each painting
            self._ahead[at] = self.ahead(*at)
        ground = diverging(strength(self._ahead[at]), paper)
        return ground, QColor("black" if ground.lightnessF() > _MIDDLE_GREY else "white")

    def ahead(self, row: int, k: int) -> float:
        """How far a cluster is ahead of the rest of the rows, or the selected ones of all."""
        line = self._lines[row]
        if k < self.n_clusters:
            return ahead_of_rest(line.straight, k, self._weights)
        return line.ahead(self._entry(line, k), self._weights)

    def _entry(self, line: _Line, k: int) -> _Entry:
        """What is typical of a cluster, or after the last of the selected rows."""
        profile, selected = line.profile, self._selected
        if k < self.n_clusters:
            own = (profile.centers, profile.lows, profile.highs, profile.spreads)
            return _Entry(self._document.names[k], *(float(each[k]) for each in own))
        assert selected is not None
        ends = (selected.centers, selected.lows, selected.highs)
        center, low, high = (float(each[line.at]) for each in ends)
        # A value that all rows have is told as exactly as those of the clusters.
        spread = 0.5 * (high - low) or profile.least_spread
        return _Entry("Selected rows", center, low, high, spread)

    def _place(self, line: _Line) -> Place | None:
        entry = None if self._selected is None else self._entry(line, self.n_clusters)
        if entry is None or not math.isfinite(entry.center):
            return None
        return Place(*map(line.place, (entry.center, entry.low, entry.high)))

    def _line_header(self, row: int, role: int) -> Any:
        line = self._lines[row]
        if role == Role.DisplayRole:
            return line.profile.title
        if role == Role.ToolTipRole:
            share = percent((1.0 + line.share) / 2.0)
            apart = (
                f": of {share} of all pairs of rows of two clusters it can be told, by these, which"
                " row is higher; of half it would be by chance"
            ) * (self.n_clusters > 1)
            return plain_tip(f"{line.profile.title}{apart}. Double-click to see it on the map.")
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        analysis = self._document.analysis
        self._lines = [] if analysis is None else _lines(analysis)
        self._weights = np.empty(0) if analysis is None else analysis.clusters.weights
        ends = [abs(end) for line in self._lines for end in (*line.strip.lows, *line.strip.highs)]
        self.reach = max(ends, default=1.0)
        self._selected = None
        self._ahead.clear()
        self.endResetModel()

    def _show_again(self) -> None:
        if self._lines:
            last = self.columnCount() - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, last))


_MIDDLE_GREY = 0.5  # lightness from which black letters read better than white ones


def _lines(analysis: Analysis) -> list[_Line]:
    shares = separation(analysis)
    weights = analysis.clusters.weights / analysis.clusters.weights.sum()
    found = []
    for i in np.argsort(-shares, kind="stable").tolist():
        profile = analysis.profiles[i]
        straight = profile.straight
        within = float(weights @ np.square(straight.spreads))
        between = float(weights @ np.square(straight.centers - weights @ straight.centers))
        scale = math.sqrt(within + between) or 1.0
        strip = Strip(
            *(
                tuple(((each - straight.center) / scale).tolist())
                for each in (straight.centers, straight.lows, straight.highs)
            )
        )
        found.append(_Line(i, profile, float(shares[i]), strip, straight, scale))
    return found


def _in_words(entry: _Entry, profile: Profile) -> str:
    what = "mean" if profile.is_mean else "median"
    center, low, high = (rough(value, entry.spread) for value in entry[1:4])
    return (
        f"{entry.name}, {profile.title}: {what} {center}, most rows between {low} and {high}"
        f" ({what} of all used rows: {number(profile.center)})."
    )
