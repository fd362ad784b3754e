"""What the selected rows are, and what can be done with them; there while some are selected."""

from __future__ import annotations

import html

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.palette import character
from gmmdesk.analysis.selected import Summary, summary
from gmmdesk.text import count, percent, rough, shortened
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.icons import icon
from gmmdesk.ui.row_actions import add_row_actions
from gmmdesk.ui.widgets import heading, secondary, tool_button

_MOST_COLUMNS = 5  # of which the means are told, those that differ most
_MOST_CLUSTERS = 6
_MOST_REASONS = 3
_LONGEST_REASON = 60
_LONGEST = 24  # characters of a name


class SelectionPanel(QWidget):
    """How many rows are selected, of which clusters, and their centres beside those of all."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._summary: Summary | None = None
        self._worker = LatestWorker(self)
        self._worker.failed.connect(document.problem_raised)
        self._count = heading("")
        self._count.setAccessibleName("Selected rows")
        clear = tool_button("", "Select nothing (Esc)")
        clear.setIcon(icon("cancel"))
        clear.setAccessibleName("Select nothing")
        clear.clicked.connect(document.selection.clear)
        self.actions_button = tool_button("&Do with them", "What can be done with these rows", "")
        self.actions_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.actions_button)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.actions_button.setMenu(self._menu)
        self._share = secondary()
        self._share.setWordWrap(True)
        self._clusters, self._centers = _rich(), _rich()
        self._centers.setWordWrap(False)  # a table: high as its lines, wide as there is room
        self._centers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE // 2)
        line.addWidget(self._count, 1)
        line.addWidget(self.actions_button)
        line.addWidget(clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(line)
        layout.addWidget(self._share)
        layout.addWidget(self._clusters)
        layout.addWidget(self._centers)
        self.hide()
        document.selection.changed.connect(self._update)
        document.prepared_changed.connect(self._update)
        document.settings_changed.connect(self._update)
        document.analysis_changed.connect(self._update)
        for signal in (document.names_changed, document.colors_changed):
            signal.connect(self._show)

    @property
    def is_busy(self) -> bool:
        """Whether the summary is being made."""
        return self._worker.is_busy

    @property
    def said(self) -> tuple[str, str, str, str]:
        """What is said: how many, their share, their clusters and their centres."""
        return self._count.text(), self._share.text(), self._clusters.text(), self._centers.text()

    def close_worker(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._show()

    def _fill_menu(self) -> None:
        self._menu.clear()
        add_row_actions(self._menu, self._document, self)

    def _update(self) -> None:
        document = self._document
        rows, dataset, prepared = document.selection.rows, document.dataset, document.prepared
        if rows is None or not rows.count or dataset is None:
            self._worker.cancel()
            self._summary = None
            self.hide()
            return
        self._count.setText(f"{count(rows.count, 'row')} selected")
        self.show()
        if prepared is None or len(prepared.left_out) != rows.n_rows:
            self._worker.cancel()
            self._summary = None
            self._show()
            return
        analysis = document.analysis

        def show(found: Summary) -> None:
            if rows is document.selection.rows:
                self._summary = found
                self._show()

        settings = document.settings
        self._worker.submit(lambda: summary(rows, dataset, prepared, analysis, settings), show)

    def _show(self) -> None:
        told = self._summary
        for label in (self._share, self._clusters, self._centers):
            label.setVisible(told is not None)
        if told is None:
            return
        self._share.setText("; ".join(_facts(told)))
        _say(self._clusters, "Their clusters", *self._cluster_words(told))
        self._clusters.setVisible(told.sizes is not None and told.n_used > 0)
        _say(self._centers, "Their centres", *_centers_table(told))
        self._centers.setVisible(told.n_used > 0 and bool(told.columns))

    def _cluster_words(self, told: Summary) -> tuple[str, str]:
        """How many are of which cluster, to be seen and to be read out."""
        document = self._document
        names, colors, signs = document.names, document.colors, document.signs
        if told.sizes is None or len(names) < len(told.sizes):
            return "", ""
        paper = self.palette().color(QPalette.ColorRole.Window)
        order = [k for k in np.argsort(-told.sizes, kind="stable").tolist() if told.sizes[k]]
        shown = [
            f'<span style="color:{cluster_color(k, paper, colors).name()}">'
            f"{character(signs[k])}</span>&nbsp;"
            + f"{html.escape(shortened(names[k], _LONGEST))}: {told.sizes[k]:,}".replace(
                " ",
                "&nbsp;",  # a line ends between clusters
            )
            for k in order[:_MOST_CLUSTERS]
        ]
        read = [f"{names[k]}: {told.sizes[k]:,}" for k in order[:_MOST_CLUSTERS]]
        more = [f"no cluster: {told.n_noise:,}"] * bool(told.n_noise)
        if len(order) > _MOST_CLUSTERS:
            more.append(f"and {count(len(order) - _MOST_CLUSTERS, 'more cluster')}")
        return " &nbsp; ".join([*shown, *more]), "; ".join([*read, *more])


def _facts(told: Summary) -> list[str]:
    """How large a part they are, and what was said of them or done to them before."""
    facts = [f"{percent(told.share)} of {count(told.n_all, 'row')}"]
    if left_out := told.n_rows - told.n_used:
        reasons = [f"{n:,} {shortened(why, _LONGEST_REASON)}" for why, n in told.reasons]
        more = ["…"] * (len(reasons) > _MOST_REASONS)
        because = ", ".join([*reasons[:_MOST_REASONS], *more])
        facts.append(f"{left_out:,} of them left out" + f" ({because})" * bool(because))
    if told.known.n_known:
        facts.append(f"{told.known.n_known:,} known to belong where they are")
    if told.known.n_kept_out:
        facts.append(f"{told.known.n_kept_out:,} kept out of clusters")
    if told.next_known is not None and told.next_known != told.known:
        known, kept_out = told.next_known
        coming = [f"puts {known:,} where they are known to belong"] * bool(known)
        coming += [f"keeps {kept_out:,} out of clusters"] * bool(kept_out)
        facts.append(f"the next fit {' and '.join(coming) or 'lets them be anywhere'}")
    return facts


def _centers_table(told: Summary) -> tuple[str, str]:
    """The columns in which the selected rows differ most from all, as a table and as sentences."""
    away = np.nan_to_num(np.abs([one.effect for one in told.centers]), nan=-1.0)
    order = np.argsort(-away, kind="stable").tolist()
    heading = "Mean" if all(one.is_mean for one in told.centers) else "Centre"
    head = f"<tr><th align='left'>{heading}</th><th align='right'>Selected</th>"
    lines, read = [f"{head}<th align='right'>All used</th></tr>"], []
    for j in order[:_MOST_COLUMNS]:
        name, centers = told.columns[j], told.centers[j]
        what = "" if centers.is_mean else " (median)"
        own, all_ = (rough(center, centers.spread) for center in centers[:2])
        values = [f"<td align='right'>&nbsp;&nbsp;{value}</td>" for value in (own, all_)]
        read.append(f"{name}{what} {own}, of all used rows {all_}")
        name = html.escape(shortened(name, _LONGEST))
        lines.append(f"<tr><td>{name}{what}</td>{''.join(values)}</tr>")
    table = f"<table width='100%'>{''.join(lines)}</table>"
    more = len(order) - _MOST_COLUMNS
    rest = f"and {count(more, 'more column')}" if more > 0 else ""
    return f"{table}{rest}", "; ".join([*read, *[rest] * bool(rest)])


def _rich() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    return label


def _say(label: QLabel, about: str, shown: str, read: str) -> None:
    """Show HTML, and have it read out in words."""
    label.setText(shown)
    label.setAccessibleName(f"{about}: {read}" if read else about)
