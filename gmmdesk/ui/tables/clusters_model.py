"""The clusters as a table: colour and name, rows, share, how sure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.found_again import sure_in_words
from gmmdesk.analysis.headline import marks
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.engine import Noise
from gmmdesk.engine.density import added
from gmmdesk.text import sentence_case
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.symbols import REACH, paint_symbol
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import percent, plain_tip
from gmmdesk.ui.theme import Line

Role = Qt.ItemDataRole

_HEADINGS = (
    (
        "Cluster",
        "Double-click a name to change it; right-click for its colour, and to merge it with others",
    ),
    ("Rows", tip("Rows")),
    (
        "Share",
        tip("Share"),
    ),
    ("How sure", tip("How sure")),
)
_NOISE_TIP = tip("No cluster")


class ClustersModel(QAbstractTableModel):
    """One line per cluster, of the answer or of the running fit; names can be edited.

    Below a name stands what the cluster may be instead, where the verdict says so. The last line
    is about the rows of no cluster, where there may be some; it cannot be chosen.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._n = self._n_lines()
        self._marks: tuple[str, ...] = ()  # of the answer's clusters
        self._in_brackets = False
        self._saying = QTimer(self, singleShot=True, interval=0)  # several things change at once
        self._saying.timeout.connect(self._say_changed)
        for signal in (
            document.analysis_changed,
            document.progressed,
            document.names_changed,
            document.colors_changed,
            document.timeline.moved,
            document.checking.changed,
        ):
            signal.connect(self._refresh)
        self._judge()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._n

    def columnCount(self, parent: Index = ROOT) -> int:
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

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index) | Qt.ItemFlag.ItemNeverHasChildren
        if index.row() >= self._document.n_clusters:
            return flags & ~Qt.ItemFlag.ItemIsSelectable
        if index.column() == 0 and self._document.analysis is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = 0) -> Any:
        row, column = index.row(), index.column()
        if row >= self._n_lines():
            return None
        is_noise = row == self._document.n_clusters
        if role == Role.TextAlignmentRole:
            return alignment(column)
        if role == Role.DecorationRole and column == 0:
            colors = QApplication.palette()
            if is_noise:
                grey = colors.color(QPalette.ColorRole.PlaceholderText)
                return swatch(grey, sign=NO_CLUSTER)
            paper = colors.color(QPalette.ColorRole.Base)
            color = cluster_color(row, paper, self._document.colors)
            return swatch(color, sign=self._document.signs[row])
        if role in (Role.DisplayRole, Role.EditRole):
            text = self._noise_text(column) if is_noise else self._text(row, column)
            mark = self.mark(row) if column == 0 and role == Role.DisplayRole else ""
            return f"{text}\n{mark}" if mark else text
        if role == Role.ToolTipRole:
            if is_noise and column == 0:
                return _NOISE_TIP
            return plain_tip(self._tip(row)) if column == 0 else _HEADINGS[column][1]
        return None

    def setData(self, index: Index, value: Any, role: int = 0) -> bool:
        if role != Role.EditRole:
            return False
        self._document.edits.rename(index.row(), str(value))
        return True

    def mark(self, row: int) -> str:
        """What a cluster may be instead, as it is shown below its name; mostly empty."""
        is_told = row < len(self._marks) and self._document.moment is None
        return self._marks[row] if is_told else ""

    def _tip(self, row: int) -> str:
        """The whole name of a cluster, and what it is made of where that is not one component."""
        told, analysis = [self._document.names[row]], self._document.analysis
        if mark := self.mark(row):
            told.append(f"{sentence_case(mark)}: see the verdict")
        n_parts = 1
        if analysis is not None and analysis.grouping is not None:
            n_parts = len(analysis.grouping.parts(row))
        return "\n".join([*told, *[f"Made of {n_parts} components"] * (n_parts > 1)])

    def _text(self, row: int, column: int) -> str:
        if column == 0:
            return self._document.names[row]
        analysis, progress = self._document.analysis, self._document.moment
        if analysis is not None and progress is None:
            weight = analysis.clusters.weights[row]
            sure = self._sure(float(analysis.certainty[row]))
            return (f"{analysis.sizes[row]:,}", percent(weight), sure)[column - 1]
        assert progress is not None
        weights, grouping = progress.parameters.weights, progress.grouping
        if grouping is not None:
            weights = added(weights, grouping.of)
        return percent(weights[row]) if column == 2 else ""

    def _noise_text(self, column: int) -> str:
        if column == 0:
            return NO_NAME
        analysis = self._document.analysis
        if analysis is None or analysis.noise is None or self._document.moment is not None:
            noise = self._noise_of_progress()
            return percent(noise.weight) if noise is not None and column == 2 else ""
        found = analysis.noise
        return (f"{found.n_rows:,}", percent(found.weight), self._sure(found.certainty))[column - 1]

    def _sure(self, certainty: float) -> str:
        return sure_in_words(certainty, in_brackets=self._in_brackets)

    def _noise_of_progress(self) -> Noise | None:
        progress = self._document.moment
        return None if progress is None else progress.scaled.compact.noise

    def _n_lines(self) -> int:
        analysis = self._document.analysis
        noise = self._noise_of_progress() if analysis is None else analysis.noise
        return self._document.n_clusters + (noise is not None)

    def _judge(self) -> None:
        """Once for all cells."""
        analysis = self._document.analysis
        self._marks = () if analysis is None else marks(analysis.verdict)
        self._in_brackets = bool(self._document.checking.against_sureness)

    def _refresh(self) -> None:
        self._judge()
        n = self._n_lines()
        if n > self._n:
            self.beginInsertRows(ROOT, self._n, n - 1)
            self._n = n
            self.endInsertRows()
        elif n < self._n:
            self.beginRemoveRows(ROOT, n, self._n - 1)
            self._n = n
            self.endRemoveRows()
        self._saying.start()

    def _say_changed(self) -> None:
        """Every view of the lines asks for all of their sizes."""
        if n := self._n:
            self.dataChanged.emit(self.index(0, 0), self.index(n - 1, len(_HEADINGS) - 1))


def alignment(column: int) -> Qt.AlignmentFlag:
    """Names to the left, numbers to the right."""
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def swatch(color: QColor, size: int = 14, *, sign: int | None = None) -> QIcon:
    """A disc, or one of the shapes of the palette, or that of NO_CLUSTER."""
    return _swatch(color.rgba(), size, sign)


@lru_cache(maxsize=512)
def _swatch(rgba: int, size: int, sign: int | None) -> QIcon:
    color = QColor.fromRgba(rgba)
    icon = QIcon(_shape(color, size, sign, None))
    # With a ring, to tell it from the background of a selected line, whose colour Qt would mix in.
    icon.addPixmap(_shape(color, size, sign, QColor("white")), QIcon.Mode.Selected)
    return icon


def _shape(color: QColor, size: int, sign: int | None, ring: QColor | None) -> QPixmap:
    pixmap = QPixmap(size * 2, size * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ring, Line.FINE) if ring else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(color)
    diameter = size - 2.0 if sign is None else size / REACH
    paint_symbol(painter, sign, QPointF(size / 2, size / 2), diameter)
    painter.end()
    return pixmap
