"""Headings of names, which take two lines where there is no room for them in one."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyleOptionHeader, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.text import words_in_two

_Role = Qt.ItemDataRole


class NamesHeader(QHeaderView):
    """Headings across a table: the end of a name, in which it differs from others, is not cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)  # it is cut here, each line for itself
        self._n_lines = 1
        self.sectionResized.connect(self._count_lines)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            for signal in (model.headerDataChanged, model.modelReset, model.columnsInserted):
                signal.connect(self._count_lines)
            self._count_lines()

    def shown(self, section: int) -> str:
        """What is to be read in a section, in a line or two."""
        name = str(self.model().headerData(section, self.orientation(), _Role.DisplayRole) or "")
        metrics, style = self.fontMetrics(), self.style()
        room = self.sectionSize(section) - 2 * style.pixelMetric(
            QStyle.PixelMetric.PM_HeaderMargin, None, self
        )
        if self.model().headerData(section, self.orientation(), _Role.DecorationRole) is not None:
            room -= style.pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
            room -= style.pixelMetric(QStyle.PixelMetric.PM_HeaderMargin, None, self)
        lines = words_in_two(name, metrics.horizontalAdvance, room)
        middle = Qt.TextElideMode.ElideMiddle
        return "\n".join(metrics.elidedText(line, middle, max(0, room)) for line in lines)

    def sizeHint(self) -> QSize:
        height = self._n_lines * self.fontMetrics().height() + theme.SPACE
        return QSize(super().sizeHint().width(), height)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        super().initStyleOptionForIndex(option, logicalIndex)
        option.text = self.shown(logicalIndex)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._count_lines()

    def _count_lines(self, *_: object) -> None:
        if not self.isVisible():  # names are measured for whom they are shown to
            return
        lines = (1 + self.shown(section).count("\n") for section in range(self.count()))
        n_lines = max(lines, default=1)
        if n_lines != self._n_lines:
            self._n_lines = n_lines
            self.geometriesChanged.emit()
