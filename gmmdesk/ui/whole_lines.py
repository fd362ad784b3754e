"""Words that scroll, of which no line is seen in part."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QTableView, QToolButton, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.widgets import ScrolledForm, tool_button

_Part = TypeVar("_Part", bound=QWidget)

_LEFT_OUT = 4  # lines of a label, at most, that are left out so that it is not cut


class WholeLines(ScrolledForm):
    """Covers the lines, of words and of tables, and the buttons that its edges would cut.

    Where not all has room a button below the words tells how many labels follow, and lines of
    tables, and goes there.
    """

    def __init__(self, form: QWidget, most_lines: int) -> None:
        super().__init__(form, most_lines)
        self._covers = [QWidget(self.viewport()) for _edge in range(2)]
        for cover in self._covers:
            cover.setAutoFillBackground(True)
        self._more = tool_button("", "Go on reading")
        self._more.setParent(self)
        self._more.clicked.connect(self._read_on)
        self._end = 0  # of what is in sight, in the form
        # Not at once: within a change of size another one would leave the layout as it was before.
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.timeout.connect(self._fit)
        self.verticalScrollBar().rangeChanged.connect(self._fitting.start)
        self.verticalScrollBar().valueChanged.connect(self._cover)

    def minimumSizeHint(self) -> QSize:
        size = super().minimumSizeHint()
        return QSize(size.width(), size.height() + self._more_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fitting.start()

    def eventFilter(self, child: QObject, event: QEvent) -> bool:
        if child is self._form and event.type() is QEvent.Type.LayoutRequest:
            self._fitting.start()  # there may be other words in as much room
        return super().eventFilter(child, event)

    def _fit(self) -> None:
        """Make room for the button where not all of the words have room."""
        height = self._more_height()
        is_cut = ScrolledForm.sizeHint(self).height() > self.height()
        self.setViewportMargins(0, 0, 0, height if is_cut else 0)
        self._more.move(0, self.height() - height)
        self._more.setFixedHeight(height)
        self._more.setVisible(is_cut)
        self._cover()

    def _more_height(self) -> int:
        return self.fontMetrics().height() + theme.SPACE // 2

    def _cover(self) -> None:
        """Fit the covers and what the button says to what is in sight."""
        start = self.verticalScrollBar().value()
        end = start + self.viewport().height()
        low = end - _LEFT_OUT * self.fontMetrics().lineSpacing()
        labels = [self._extent(label) for label in self._shown(QLabel)]
        rows = list(self._table_lines())
        lines = list(self._unbroken())
        first = max((bottom for top, bottom in lines if top < start < bottom), default=start)
        late = [extent for extent in labels if extent[0] > low]  # rather whole than in part
        cut = [*lines, *late]  # but for the first, or nothing would be seen in little room
        last = min((top for top, bottom in cut if first < top < end < bottom), default=end)
        width = self.viewport().width()
        for cover, top, bottom in zip(self._covers, (start, last), (first, end), strict=True):
            cover.setGeometry(0, top - start, width, bottom - top)
            cover.setVisible(bottom > top)
            cover.raise_()
        self._end = last
        n_below = sum(bottom > last for _top, bottom in (*labels, *rows))
        self._more.setText(f"{n_below} more below" if n_below else "Back to the beginning")
        self._more.adjustSize()

    def _read_on(self) -> None:
        """Scroll to the first line that is not in sight, from the end to the beginning."""
        later = [top for top, bottom in self._unbroken() if bottom > self._end]
        self.verticalScrollBar().setValue(min(later, default=0))

    def _unbroken(self) -> Iterator[tuple[int, int]]:
        """Where each begins and ends in the form; a button is one."""
        yield from map(self._extent, self._shown(QToolButton))
        yield from self._table_lines()
        for label in self._shown(QLabel):
            top, bottom = self._extent(label)
            n = max(1, round((bottom - top) / label.fontMetrics().lineSpacing()))
            ends = [top + (bottom - top) * i // n for i in range(n + 1)]
            yield from pairwise(ends)

    def _table_lines(self) -> Iterator[tuple[int, int]]:
        for table in self._shown(QTableView):
            top = table.viewport().mapTo(self._form, QPoint()).y()
            lines = table.verticalHeader()
            for row in range(lines.count()):
                begin = top + lines.sectionViewportPosition(row)
                yield begin, begin + lines.sectionSize(row)

    def _shown(self, kind: type[_Part]) -> list[_Part]:
        return [one for one in self._form.findChildren(kind) if one.isVisibleTo(self._form)]

    def _extent(self, part: QWidget) -> tuple[int, int]:
        top = part.mapTo(self._form, QPoint()).y()
        return top, top + part.height()
