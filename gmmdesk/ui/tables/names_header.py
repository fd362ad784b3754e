"""Headings of names, which take two lines where there is no room for them in one."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyleOptionHeader, QWidget

from gmmdesk.text import is_default_name
from gmmdesk.ui import theme
from gmmdesk.ui.text import words_in_two

_Role = Qt.ItemDataRole


class NamesHeader(QHeaderView):
    """Headings of a table: the end of a name, in which it differs from others, is not cut.

    Across the table all are as high as the highest needs; down its side each line is as high as its
    own.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
    ) -> None:
        super().__init__(orientation, parent)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)  # it is cut here, each line for itself
        self._n_lines = 1
        # Not at once: sections are resized one by one, by a table that does not listen meanwhile.
        self._counting = QTimer(self, singleShot=True, interval=0)
        self._counting.timeout.connect(self._count_lines)
        self.sectionResized.connect(lambda *_: self._counting.start())

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            for signal in (model.headerDataChanged, model.modelReset, model.columnsInserted):
                signal.connect(self._count_lines)
            self._count_lines()

    def shown(self, section: int) -> str:
        """What is to be read in a section, in a line or two; of "Cluster 7" the number at least.

        Where one of these has no room for more, none of them is called more than its number.
        """
        name = str(self.model().headerData(section, self.orientation(), _Role.DisplayRole) or "")
        metrics, style = self.fontMetrics(), self.style()
        is_default = is_default_name(name)
        room = self._room(section, of_all=is_default)
        room -= 2 * style.pixelMetric(QStyle.PixelMetric.PM_HeaderMargin, None, self)
        if self.model().headerData(section, self.orientation(), _Role.DecorationRole) is not None:
            room -= style.pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
            room -= style.pixelMetric(QStyle.PixelMetric.PM_HeaderMargin, None, self)
        lines = words_in_two(name, metrics.horizontalAdvance, room)
        if is_default and metrics.horizontalAdvance(lines[0]) > room:
            lines = lines[-1:]
        middle = Qt.TextElideMode.ElideMiddle
        return "\n".join(metrics.elidedText(line, middle, max(0, room)) for line in lines)

    def _room(self, section: int, *, of_all: bool) -> int:
        """How wide a section is, or the narrowest of all."""
        if not self._is_across:
            return self.width()
        sections = range(self.count()) if of_all else (section,)
        return min(self.sectionSize(one) for one in sections)

    @property
    def _is_across(self) -> bool:
        return self.orientation() is Qt.Orientation.Horizontal

    def sizeHint(self) -> QSize:
        if not self._is_across:
            return super().sizeHint()
        return QSize(super().sizeHint().width(), self._height_of(self._n_lines))

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        size = super().sectionSizeFromContents(logicalIndex)
        if not self._is_across:
            size.setHeight(self._height_of(1 + self.shown(logicalIndex).count("\n")))
        return size

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_across and event.size().width() != event.oldSize().width():
            self.resizeSections(self.ResizeMode.ResizeToContents)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        super().initStyleOptionForIndex(option, logicalIndex)
        option.text = self.shown(logicalIndex)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._count_lines()

    def _count_lines(self, *_: object) -> None:
        # Names are measured for whom they are shown to.
        if not self.isVisible() or not self._is_across:
            return
        lines = (1 + self.shown(section).count("\n") for section in range(self.count()))
        n_lines = max(lines, default=1)
        if n_lines != self._n_lines:
            self._n_lines = n_lines
            self.geometriesChanged.emit()

    def _height_of(self, n_lines: int) -> int:
        return n_lines * self.fontMetrics().height() + theme.SPACE
