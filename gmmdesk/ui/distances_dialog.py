"""How far selected rows are from each cluster, and in which columns."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from gmmdesk.analysis.away import Away
from gmmdesk.analysis.palette import character
from gmmdesk.text import count, number, shortened
from gmmdesk.ui import theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.widgets import scrolled, secondary

_MOST_CLUSTERS = 8  # the nearest ones
_LONGEST = 18  # characters of a name
_FAR = 2.0  # standard deviations from where on a column speaks against a cluster


class DistancesDialog(QDialog):
    """A table of distances by cluster and column."""

    def __init__(self, found: Away, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Distances of {count(found.n_rows, 'row')}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = QLabel(self._table(found, document))
        self.table.setTextFormat(Qt.TextFormat.RichText)
        self.table.setAccessibleName("Distances by cluster and column")
        self.table.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.table.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(
            secondary(
                "How far the rows are from each cluster, in the cluster's own spreads (Mahalanobis"
                " distance; the median of several rows), and their mean in each column: above (+)"
                f" or below (−) that of the cluster, in standard deviations. From {_FAR:g} on a"
                " column speaks against the cluster."
            )
        )
        layout.addWidget(scrolled(self.table), 1)
        layout.addWidget(buttons)
        self.resize(620, 440)

    def _table(self, found: Away, document: Document) -> str:
        palette, names = self.palette(), document.names
        colors, signs = document.colors, document.signs
        paper = palette.color(QPalette.ColorRole.Window)
        order = np.argsort(np.nan_to_num(found.distances, nan=np.inf), kind="stable")
        order = order[:_MOST_CLUSTERS]
        head = [
            f"<th align='right'><span style='color:{cluster_color(k, paper, colors).name()}'>"
            f"{character(signs[k])}</span> {html.escape(shortened(names[k], _LONGEST))}</th>"
            for k in order.tolist()
        ]
        lines = [
            _line("", head),
            _line(
                "<b>Distance</b>", [_cell(f"<b>{number(found.distances[k], 3)}</b>") for k in order]
            ),
            _line("Rows there", [_cell(f"{found.sizes[k]:,}") for k in order]),
        ]
        for name, row in zip(found.columns, found.by_column, strict=True):
            cells = [_cell(_signed(float(row[k]))) for k in order]
            lines.append(_line(html.escape(shortened(name, 30)), cells))
        return f"<table cellpadding='4'>{''.join(lines)}</table>"


def _line(name: str, cells: Sequence[str]) -> str:
    return f"<tr><td>{name}</td>{''.join(cells)}</tr>"


def _cell(words: str) -> str:
    return f"<td align='right'>{words}</td>"


def _signed(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    words = f"{value:+.1f}".replace("-", "−")
    return f"<b>{words}</b>" if abs(value) >= _FAR else words
