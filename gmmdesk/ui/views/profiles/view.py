"""What the clusters are like: their centres in every column, as pictures and as numbers."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.describe import middle_of_all
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.tables.means_model import STRIP, MeansModel, SelectedRole, StripRole
from gmmdesk.ui.tables.names_header import NamesHeader
from gmmdesk.ui.text import count
from gmmdesk.ui.views.profiles.figure import profiles_figure
from gmmdesk.ui.views.profiles.selected import SelectedProfile
from gmmdesk.ui.views.profiles.strip import LANE, MOST_LANE, paint_strip
from gmmdesk.ui.widgets import Pages, once_found, secondary

_STRIP_WIDTH, _LEAST_STRIP = 180, 80
_LEAST_WIDTH, _GOOD_WIDTH = 42, 86  # of a cluster's numbers
_MOST_MEASURED = 50  # lines that say how wide its numbers are
_MOST_OF_NAMES = 0.26  # of the width, for the names of columns
_MOST_OF_STRIPS = 0.35


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
        self._pages = Pages(once_found("it is shown here what they are like."), content)
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

    @property
    def is_busy(self) -> bool:
        """Whether the selected rows are being looked at."""
        return self.table.facts.is_busy

    def figure(self) -> FigureSource | None:
        """What the table shows, to be painted elsewhere."""
        if self._document.analysis is None:
            return None
        return profiles_figure(self._document)

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self.table.facts.close()

    def _say_hint(self) -> None:
        analysis, found = self._document.analysis, self.table.facts.found
        if analysis is None:
            return
        said = ""
        if found is not None and found.n_rows:
            said = f" The grey band and the last column are {count(found.n_rows, 'selected row')}."
        elif found is not None:
            said = " The selected rows are left out."
        self.hint.setText(
            "Columns that tell the clusters apart best come first. Red is high beside the rest of"
            " the rows, blue low; full colour is very high or very low. The line in the middle of"
            f" the strips is {middle_of_all(analysis.profiles)}.{said}"
        )

    def _on_document_analysis_changed(self) -> None:
        self._pages.show_content(self._document.analysis is not None)
        self._say_hint()

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
    """The table itself."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.means = MeansModel(document, self)
        self.facts = SelectedProfile(document, self.means, self)
        self.setHorizontalHeader(NamesHeader(self))
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
        across.setSectionsClickable(True)
        down.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names differ at their ends
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._document = document
        for signal in (
            self.means.modelReset,
            self.means.columnsInserted,
            self.means.columnsRemoved,
            self.means.dataChanged,  # other rows are selected
        ):
            signal.connect(self._measure)
        document.current_cluster_changed.connect(self.viewport().update)
        self._measure()

    def sizeHint(self) -> QSize:
        return QSize(_STRIP_WIDTH + 3 * _LEAST_WIDTH, 200)

    def _measure(self) -> None:
        """Numbers are never cut: where they do not have room side by side, all can be scrolled."""
        means = self.means
        lines = range(min(means.rowCount(), _MOST_MEASURED))
        cells = (means.index(i, k) for i in lines for k in range(STRIP + 1, means.columnCount()))
        measured = self.fontMetrics().horizontalAdvance
        widest = max((measured(means.data(cell) or "") for cell in cells), default=0)
        self.horizontalHeader().setMinimumSectionSize(max(_LEAST_WIDTH, widest + theme.SPACE))
        self._fit()

    def _fit(self) -> None:
        """Room for a lane of every cluster, and for the names."""
        n = max(0, self.means.columnCount() - 1)
        line = self.fontMetrics().height() + theme.SPACE
        height = max(line, LANE * n + theme.SPACE)
        names = max(80, round(_MOST_OF_NAMES * self.width()))
        self.verticalHeader().setMaximumWidth(names)
        across = self.horizontalHeader()
        names = min(names, self.verticalHeader().sizeHint().width())
        bar, n_lines = 0, self.means.rowCount()
        if n_lines:
            room = self.height() - across.height()
            if names + _LEAST_STRIP + n * across.minimumSectionSize() > self.width():
                room -= self.horizontalScrollBar().sizeHint().height()
            share = room // n_lines
            if share > height:  # a large window is used
                height = min(share, max(line, MOST_LANE * n + theme.SPACE))
            else:
                bar = self.verticalScrollBar().sizeHint().width()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        left = self.width() - names - bar - n * _GOOD_WIDTH
        most = max(_STRIP_WIDTH, round(_MOST_OF_STRIPS * self.width()))
        if across.count():
            across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            across.setSectionResizeMode(STRIP, QHeaderView.ResizeMode.Fixed)
            across.resizeSection(STRIP, min(max(left, _LEAST_STRIP), most))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.facts.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _StripDelegate(QStyledItemDelegate):
    """Paints the strips."""

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
        paint_strip(
            painter,
            QRectF(option.rect).adjusted(theme.SPACE, 0, -theme.SPACE, 0),
            index.data(StripRole),
            index.data(SelectedRole),
            reach=self._table.means.reach,
            palette=option.palette,
            colors=self._document.colors,
            chosen=self._document.chosen_clusters,
        )
