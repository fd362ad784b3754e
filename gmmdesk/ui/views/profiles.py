"""What the clusters are like: their centres in every column, as pictures and as numbers."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.profiles import typical
from gmmdesk.analysis.selected import used_places
from gmmdesk.ui import theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.selected_facts import SelectedFacts
from gmmdesk.ui.tables.means_model import STRIP, MeansModel, SelectedRole, StripRole
from gmmdesk.ui.text import count
from gmmdesk.ui.theme import Line, Opacity
from gmmdesk.ui.widgets import Pages, secondary

_LANE, _MOST_LANE = 6, 16  # the height of a cluster in a strip, in pixels
_DOT, _MOST_DOT = 3.5, 5.0
_STRIP_WIDTH, _LEAST_STRIP = 180, 100
_LEAST_WIDTH, _GOOD_WIDTH = 62, 86  # of a cluster's numbers
_MOST_OF_NAMES = 0.26  # of the width, for the names of columns
_MOST_OF_STRIPS = 0.35
_HINT = (
    "Columns that separate the clusters most come first. Red is above the mean of all rows, blue"
    " below."
)


class ProfilesView(QWidget):
    """A line for each column, what separates the clusters most first.

    Signal: `column_chosen(name)`, to be seen on the map.
    """

    column_chosen = Signal(str)

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.table = ProfilesTable(document)
        self.hint = secondary()
        self.hint.setContentsMargins(*[theme.SPACE] * 4)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.hint)
        column.addWidget(self.table, 1)
        self._pages = Pages(
            "Once clusters are found, it is shown here what they are like.", content
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

        self.table.selectionModel().currentChanged.connect(self._on_table_current_changed)
        self.table.horizontalHeader().sectionClicked.connect(self._choose)
        self.table.activated.connect(self._on_table_activated)
        self.table.verticalHeader().sectionDoubleClicked.connect(self._choose_column)
        self.table.facts.changed.connect(self._say_hint)
        document.analysis_changed.connect(self._on_document_analysis_changed)
        self._on_document_analysis_changed()
        self._say_hint()

    @property
    def is_busy(self) -> bool:
        """Whether the selected rows are being looked at."""
        return self.table.facts.is_busy

    def figure(self) -> FigureSource | None:
        """The table, to be painted elsewhere; its headings are the legend."""
        if self._document.analysis is None:
            return None
        twin = ProfilesTable(self._document, shows_all=True)
        twin.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        twin.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return FigureSource(
            "Profiles",
            twin,
            twin.paint_on,
            lambda _palette: (),
            lambda _ratio: twin.facts.refresh(),
            lambda: twin.facts.is_busy,
            twin.facts.close,
        )

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self.table.facts.close()

    def _say_hint(self) -> None:
        found = self.table.facts.found
        said = ""
        if found is not None and found.n_rows:
            said = f" The grey band and the last column are {count(found.n_rows, 'selected row')}."
        elif found is not None:
            said = " The selected rows are left out."
        self.hint.setText(f"{_HINT}{said}")

    def _on_document_analysis_changed(self) -> None:
        self._pages.show_content(self._document.analysis is not None)

    def _on_table_current_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self._choose(index.column())

    def _choose(self, section: int) -> None:
        if STRIP < section <= self._document.n_clusters:
            self._document.set_current_cluster(section - 1)

    def _on_table_activated(self, index: QModelIndex) -> None:
        if index.column() == STRIP:
            self._choose_column(index.row())

    def _choose_column(self, row: int) -> None:
        self.column_chosen.emit(self.table.means.column_name(row))


class ProfilesTable(QTableView):
    """The table itself; a copy for a figure `shows_all` of it, be its lines ever so low."""

    def __init__(self, document: Document, *, shows_all: bool = False) -> None:
        super().__init__()
        self._shows_all = shows_all
        self.means = MeansModel(document, self)
        self.facts = SelectedFacts(
            document,
            lambda rows, of, task: typical(of.prepared, used_places(rows, of.prepared), task),
            self,
        )
        self.facts.changed.connect(self._on_facts_changed)
        self.setModel(self.means)
        self.setItemDelegateForColumn(STRIP, _StripDelegate(document, self))
        self.setAccessibleName("What is typical of each cluster in each column")
        self.setFrameShape(self.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setShowGrid(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setMinimumSectionSize(_LEAST_WIDTH)
        across.setSectionsClickable(True)
        for header in (across, down):
            header.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names differ at their ends
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._document = document
        for signal in (
            self.means.modelReset,
            self.means.columnsInserted,
            self.means.columnsRemoved,
        ):
            signal.connect(self._fit)
        document.current_cluster_changed.connect(self.viewport().update)
        self._fit()

    def paint_on(self, painter: QPainter) -> None:
        """Paint it as it lies on the screen."""
        self.render(painter, QPoint())

    def sizeHint(self) -> QSize:
        return QSize(_STRIP_WIDTH + 3 * _LEAST_WIDTH, 200)

    def _fit(self) -> None:
        """Room for a lane of every cluster, and for the names."""
        n = max(0, self.means.columnCount() - 1)
        line = self.fontMetrics().height() + theme.SPACE
        height = max(line, _LANE * n + theme.SPACE)
        bar, n_lines = 0, self.means.rowCount()
        if n_lines:
            room = self.height() - self.horizontalHeader().height()
            share = room // n_lines
            if share > height:  # a large window is used
                height = min(share, max(line, _MOST_LANE * n + theme.SPACE))
            elif self._shows_all:
                height = max(1, share)
            else:
                bar = self.verticalScrollBar().sizeHint().width()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        names = max(80, round(_MOST_OF_NAMES * self.width()))
        self.verticalHeader().setMaximumWidth(names)
        across = self.horizontalHeader()
        names = min(names, self.verticalHeader().sizeHint().width())
        left = self.width() - names - bar - n * _GOOD_WIDTH
        most = max(_STRIP_WIDTH, round(_MOST_OF_STRIPS * self.width()))
        if across.count():
            across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            across.setSectionResizeMode(STRIP, QHeaderView.ResizeMode.Fixed)
            across.resizeSection(STRIP, min(max(left, _LEAST_STRIP), most))

    def _on_facts_changed(self) -> None:
        found = self.facts.found
        self.means.show_selected(found if found is not None and found.n_rows else None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.facts.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _StripDelegate(QStyledItemDelegate):
    """Paints a cluster as a dot on a line, each on a lane of its own."""

    def __init__(self, document: Document, table: ProfilesTable) -> None:
        super().__init__(table)
        self._document = document
        self._table = table

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        strip = index.data(StripRole)
        box = QRectF(option.rect).adjusted(theme.SPACE, 0, -theme.SPACE, 0)
        colors: QPalette = option.palette
        half, reach = box.width() / 2, self._table.means.reach
        current = self._document.current_cluster

        def x(value: float) -> float:
            return float(box.center().x() + value / reach * half)

        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = index.data(SelectedRole)
        ink = colors.color(QPalette.ColorRole.Text)
        if selected is not None:
            band = QColor(ink)
            band.setAlphaF(Opacity.WASH)
            left, right = (min(max(x(end), box.left()), box.right()) for end in selected[1:])
            painter.fillRect(QRectF(left, box.top(), right - left, box.height()), band)
        painter.setPen(QPen(colors.color(QPalette.ColorRole.Mid), Line.HAIR))
        painter.drawLine(QPointF(x(0.0), box.top()), QPointF(x(0.0), box.bottom()))
        lane = (box.height() - theme.SPACE) / max(1, len(strip.centers))
        lane = min(_MOST_LANE, max(lane, 1.0))
        dot = min(max(_DOT, 0.4 * lane), _MOST_DOT)
        top = box.center().y() - 0.5 * lane * (len(strip.centers) - 1)
        paper = colors.color(QPalette.ColorRole.Base)
        for k, (center, low, high) in enumerate(zip(*strip, strict=True)):
            y = top + lane * k
            color = cluster_color(k, paper, self._document.colors)
            color.setAlphaF(1.0 if current in (None, k) else Opacity.DIMMED)
            painter.setPen(QPen(color, Line.PLAIN))
            painter.drawLine(QPointF(x(low), y), QPointF(x(high), y))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x(center), y), dot, dot)
        if selected is not None:
            middle = min(max(x(selected.center), box.left()), box.right())
            painter.setPen(QPen(ink, Line.FINE))
            painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
        painter.restore()
