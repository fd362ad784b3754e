"""The views of the rows as tabs; all but the map are made when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from gmmdesk.ui.document import Document
from gmmdesk.ui.views.map import MapView

_PICTURE = "Picture"  # only where there is one


class _View(Protocol):
    def close_workers(self) -> None: ...


def _table(document: Document, _tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.table import TableView

    return TableView(document)


def _matrix(document: Document, tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.matrix import MatrixView

    view = MatrixView(document)
    view.pair_chosen.connect(tabs.show_pair)
    return view


def _densities(document: Document, _tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.densities import DensitiesView

    return DensitiesView(document)


def _certainty(document: Document, tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.certainty import CertaintyView

    view = CertaintyView(document)
    view.unsure_requested.connect(tabs.show_unsure_rows)
    return view


def _comparison(document: Document, _tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.comparison import ComparisonView

    return ComparisonView(document)


def _picture(document: Document, _tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.picture import PictureView

    return PictureView(document)


def _diagnosis(document: Document, _tabs: ViewTabs) -> QWidget:
    from gmmdesk.ui.views.diagnosis import DiagnosisView

    return DiagnosisView(document)


# Title, what it is for, and what makes it.
_LATER: tuple[tuple[str, str, Callable[[Document, ViewTabs], QWidget]], ...] = (
    ("Matrix", "All ticked columns against each other", _matrix),
    ("Densities", "Every column for itself: its rows, and the clusters as curves", _densities),
    ("Certainty", "How sure it is where rows belong, and which clusters overlap", _certainty),
    ("Choose K", "What every number of clusters and shape that was tried is worth", _comparison),
    ("Trust", "Whether to believe the answer, what speaks against it, what may help", _diagnosis),
    ("Table", "Every row with its values and results", _table),
    (_PICTURE, "The picture, and beside it which cluster each pixel is of", _picture),
)


class ViewTabs(QTabWidget):
    """Map, table and what else shows the rows."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.setDocumentMode(True)
        self.setAccessibleName("Views")
        self.map = MapView(document)
        self.addTab(self.map, "Map")
        self.setTabToolTip(0, "The rows and their clusters along two axes")
        for title, tip, _make in _LATER:
            place = QWidget()
            layout = QVBoxLayout(place)
            layout.setContentsMargins(0, 0, 0, 0)
            self.setTabToolTip(self.addTab(place, title), tip)
        document.dataset_changed.connect(self._show_what_fits)
        self._show_what_fits()
        self._made: list[_View] = [self.map]
        self.currentChanged.connect(self._on_current_changed)

    def close_workers(self) -> None:
        """Wait for what the views compute; no thread outlives this."""
        for view in self._made:
            view.close_workers()

    def front(self) -> QWidget | None:
        """The view that is in front."""
        place = self.currentWidget()
        layout = place.layout()
        item = None if place is self.map or layout is None else layout.itemAt(0)
        return place if item is None else item.widget()

    def show_pair(self, x: str, y: str) -> None:
        """Show two columns on the map."""
        self.map.toolbar.set_axes((x, y))
        self.setCurrentWidget(self.map)

    def show_unsure_rows(self) -> None:
        """Show the rows that could belong elsewhere in the table, the least sure first."""
        from gmmdesk.ui.views.table import TableView

        titles = [self.tabText(index) for index in range(self.count())]
        self.setCurrentIndex(titles.index("Table"))
        table = self.findChild(TableView)
        if table is not None:
            table.show_rows("unsure", sorted_by="How sure")

    def _show_what_fits(self) -> None:
        dataset = self._document.dataset
        is_picture = dataset is not None and dataset.receipt.picture is not None
        for index in range(self.count()):
            if self.tabText(index) == _PICTURE:
                self.setTabVisible(index, is_picture)

    def _on_current_changed(self, index: int) -> None:
        place = self.widget(index)
        layout = None if place is None else place.layout()
        if index and layout is not None and not layout.count():
            _title, _tip, make = _LATER[index - 1]
            view = make(self._document, self)
            layout.addWidget(view)
            self._made.append(cast(_View, view))
