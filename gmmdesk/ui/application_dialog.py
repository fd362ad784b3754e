"""What came of applying a model to another file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.ui import theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.tables.clusters_model import alignment, swatch
from gmmdesk.ui.tables.text_model import TextModel, text_table
from gmmdesk.ui.text import count, exact, percent, plain_tip
from gmmdesk.ui.widgets import heading, secondary

if TYPE_CHECKING:
    from gmmdesk.analysis.application import Application

_HEADINGS = {
    "Cluster": "",
    "Rows": tip("Rows"),
    "Of all": "The part of the scored rows that this is, each counted once",
    "Before": "The share that the cluster had of the rows in which it was found; unsure rows count"
    " in part (mixing weight)",
    "How sure": tip("How sure"),
    "Outliers": tip("Outlier"),
}
_MOST_LINES = 6
_MOST_OUTLIERS = 1_000  # that are listed


class ApplicationDialog(QDialog):
    """How many rows belong to which cluster, and what to doubt.

    Signal: `export_requested`, when the rows are to be saved.
    """

    help_page = "applying"

    export_requested = Signal()

    def __init__(self, application: Application, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Clusters of “{application.dataset.name}”")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(620, 520)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        n_used = len(application.prepared.rows)
        layout.addWidget(heading(f"{count(n_used, 'row')} scored with the clusters found before"))
        usual = f"up to {100 * application.outlier_level:g} % would be usual"
        fit = f"{application.outliers_said}; {usual}."
        if application.n_outliers:
            fit += " They are listed below; what is exported marks them in its column Outlier."
        outliers = secondary(fit)
        outliers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(outliers)
        layout.addWidget(_tables(application), 1)
        for title, lines in (
            ("What to check", application.warnings),
            ("Left out", _left_out(application)),
        ):
            if lines:
                layout.addWidget(heading(title))
                told = secondary("\n".join(f"• {line}" for line in _first(lines)))
                told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                layout.addWidget(told)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        export = buttons.addButton("&Export…", QDialogButtonBox.ButtonRole.ActionRole)
        export.setToolTip("Save every row of the file with its cluster and its probabilities")
        export.setFocus()  # what most do next, by Return too
        export.clicked.connect(self.export_requested)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)


def _tables(application: Application) -> QWidget:
    """The clusters, and the rows that fit none, if some do."""
    clusters = _table(application)
    if not application.n_outliers:
        return clusters
    pages = QTabWidget()
    pages.setDocumentMode(True)
    pages.setAccessibleName("Clusters and outliers")
    pages.addTab(clusters, "Clusters")
    title = f"Rows that fit no cluster ({application.n_outliers:,})"
    pages.addTab(_outliers(application, pages), title)
    return pages


def _outliers(application: Application, parent: QWidget) -> QTableView:
    """The rows that fit no cluster, the farthest out first, in the columns that the model uses."""
    dataset, prepared = application.dataset, application.prepared
    rows = application.outlier_rows[:_MOST_OUTLIERS]
    labels = application.rows.label[np.searchsorted(prepared.rows, rows)].tolist()
    columns = [dataset.column(name) for name in application.columns.values()]
    names = application.model.names
    lines = [
        (
            f"{number:,}",
            NO_NAME if label == NO_CLUSTER else names[label],
            *(exact(one.number(row)) if one.is_numeric else f"{one.cells[row]}" for one in columns),
        )
        for row, number, label in zip(
            rows.tolist(), dataset.numbers_of(rows).tolist(), labels, strict=True
        )
    ]
    model = TextModel(parent)
    view = text_table(model, "Rows that fit no cluster", selectable=True)
    numeric = [j for j, one in enumerate(columns, start=2) if one.is_numeric]
    headings = ("Row", "Nearest cluster", *(one.title for one in columns))
    model.show_lines(headings, lines, right=(0, *numeric))
    return view


def _table(application: Application) -> QTableWidget:
    n_used = len(application.prepared.rows)
    names = [*application.model.names, *[NO_NAME] * (application.noise is not None)]
    sizes, sure = application.sizes.tolist(), application.certainty.tolist()
    if application.noise is not None:
        sizes.append(application.noise.n_rows)
        sure.append(application.noise.certainty)
    outliers = application.outliers.tolist()
    table = QTableWidget(len(names), len(_HEADINGS))
    for j, (title, about) in enumerate(_HEADINGS.items()):
        head = QTableWidgetItem(title)
        head.setTextAlignment(alignment(j))
        head.setToolTip(about)
        table.setHorizontalHeaderItem(j, head)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.setAccessibleName("Rows in each cluster")
    paper = table.palette().color(QPalette.ColorRole.Base)
    grey = table.palette().color(QPalette.ColorRole.PlaceholderText)
    for i, name in enumerate(names):
        share = percent(sizes[i] / n_used)
        before = percent(application.shares_before[i])
        cells = (name, f"{sizes[i]:,}", share, before, percent(sure[i]), f"{outliers[i]:,}")
        for j, text in enumerate(cells):
            item = QTableWidgetItem(text)
            if j == 0:
                item.setToolTip(plain_tip(text))
                is_noise = i == application.n_clusters
                color = grey if is_noise else cluster_color(i, paper, application.model.colors)
                item.setIcon(
                    swatch(color, sign=NO_CLUSTER if is_noise else application.model.sign(i))
                )
            item.setTextAlignment(alignment(j))
            table.setItem(i, j, item)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return table


def _left_out(application: Application) -> list[str]:
    prepared = application.prepared
    counted = zip(prepared.n_by_reason.tolist(), prepared.reasons, strict=True)
    frequent = sorted(counted, key=lambda pair: -pair[0])
    return [f"{count(n, 'row')}: {reason}" for n, reason in frequent]


def _first(lines: Sequence[str]) -> list[str]:
    """As many lines as there is room for, and how many others there are."""
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *[f"and {more:,} more"] * (more > 0)]
