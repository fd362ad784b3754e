"""Which views of the rows there are; each is made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from PySide6.QtWidgets import QWidget

from gmmdesk.ui.document import Document

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset


class View(Protocol):
    """What every view can do."""

    def close_workers(self) -> None:
        """Compute no more; no thread outlives this."""


class OtherViews(Protocol):
    """What a view may ask for."""

    def show_pair(self, x: str, y: str) -> None:
        """Show two columns on the map."""

    def show_column(self, name: str) -> None:
        """Show a column on the map, against what is there."""

    def show_unsure_rows(self) -> None:
        """Show the rows that could belong elsewhere in the table, the least sure first."""


class ViewKind(NamedTuple):
    """A view's title, what it is for, its page of the help, what makes it, and for which tables.

    One that `has_moments` shows any of the timeline's.
    """

    title: str
    tip: str
    page: str
    make: Callable[[Document, OtherViews], QWidget]
    fits: Callable[[Dataset], bool] = lambda _dataset: True
    has_moments: bool = False


def _map(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.map import MapView

    return MapView(document)


def _table(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.table import TableView

    return TableView(document)


def _matrix(document: Document, others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.matrix import MatrixView

    view = MatrixView(document)
    view.pair_chosen.connect(others.show_pair)
    return view


def _densities(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.densities import DensitiesView

    return DensitiesView(document)


def _profiles(document: Document, others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.profiles import ProfilesView

    view = ProfilesView(document)
    view.column_chosen.connect(others.show_column)
    return view


def _certainty(document: Document, others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.certainty import CertaintyView

    view = CertaintyView(document)
    view.unsure_requested.connect(others.show_unsure_rows)
    return view


def _comparison(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.comparison import ComparisonView

    return ComparisonView(document)


def _diagnosis(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.diagnosis import DiagnosisView

    return DiagnosisView(document)


def _report(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.report import ReportView

    return ReportView(document)


def _picture(document: Document, _others: OtherViews) -> QWidget:
    from gmmdesk.ui.views.picture import PictureView

    return PictureView(document)


def _is_picture(dataset: Dataset) -> bool:
    return dataset.receipt.picture is not None


MAP, TABLE = "Map", "Table"

# In the order of their tabs. The map is there from the beginning.
VIEWS = (
    ViewKind(
        MAP,
        "The rows and their clusters along two axes",
        "view-map",
        _map,
        has_moments=True,
    ),
    ViewKind(
        "Matrix",
        "All ticked columns against each other",
        "view-matrix",
        _matrix,
        has_moments=True,
    ),
    ViewKind(
        "Densities",
        "Every column for itself: its rows, and the clusters as curves",
        "view-densities",
        _densities,
        has_moments=True,
    ),
    ViewKind(
        "Profiles",
        "What each cluster is like: its centres, what separates most first",
        "view-profiles",
        _profiles,
    ),
    ViewKind(
        "Certainty",
        "How sure it is where rows belong, and which clusters overlap",
        "view-certainty",
        _certainty,
    ),
    ViewKind(
        "Choose K",
        "What every number of clusters and shape that was tried is worth",
        "view-choose-k",
        _comparison,
    ),
    ViewKind(
        "Trust",
        "Whether to believe the answer, what speaks against it, what may help",
        "view-trust",
        _diagnosis,
    ),
    ViewKind(TABLE, "Every row with its values and results", "view-table", _table),
    ViewKind(
        "Report",
        "What was found, to read, to save, to print and to pass on",
        "view-report",
        _report,
    ),
    ViewKind(
        "Picture",
        "The picture, and beside it which cluster each pixel is of",
        "view-picture",
        _picture,
        _is_picture,
        has_moments=True,
    ),
)
