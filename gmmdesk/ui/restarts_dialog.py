"""The gallery of what restarts led to: other optima of the same fit."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPalette, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.alternatives import Alternative, alternatives
from gmmdesk.analysis.found_again import followed_in_words
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.colors import cluster_color, rgb
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.miniature import miniature
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.text import count, number, plain_tip
from gmmdesk.ui.widgets import primary_button, secondary

_PICTURE = QSize(200, 150)
_ROOM = 0.04  # around the rows, of their range


class RestartsDialog(QDialog):
    """A picture for each distinct optimum, the likeliest first; one of them can be taken.

    What is taken becomes the answer by fitting from there, which the settings record.
    """

    def __init__(
        self, document: Document, parent: QWidget, worker: type[LatestWorker] = LatestWorker
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Restarts")
        self._document = document
        self._found: tuple[Alternative, ...] = ()
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)
        self.said = secondary("Following every restart to its end…")
        self.said.setToolTip(tip("Optimum"))
        self.gallery = QListWidget()
        self.gallery.setAccessibleName("What the restarts led to")
        self.gallery.setViewMode(QListView.ViewMode.IconMode)
        self.gallery.setMovement(QListView.Movement.Static)
        self.gallery.setResizeMode(QListView.ResizeMode.Adjust)
        self.gallery.setIconSize(_PICTURE)
        self.gallery.setSpacing(theme.SPACE)
        self.gallery.setWordWrap(True)
        self.take = primary_button("Take it", "find")
        self.take.setToolTip("Make the chosen picture the answer, by fitting on from there")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.take, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.said)
        layout.addWidget(self.gallery, 1)
        layout.addWidget(buttons)
        self.resize(3 * (_PICTURE.width() + 4 * theme.SPACE), 520)

        buttons.rejected.connect(self.reject)
        self.finished.connect(self._worker.close)
        self.take.clicked.connect(self._on_take_clicked)
        self.gallery.itemDoubleClicked.connect(self._on_take_clicked)
        self.gallery.itemSelectionChanged.connect(self._update)
        document.analysis_changed.connect(self.reject)  # these are no alternatives to another
        self._update()
        analysis = document.analysis
        if analysis is not None:
            self._look(analysis)

    @property
    def is_busy(self) -> bool:
        """Whether starts are still being followed."""
        return self._worker.is_busy

    def _look(self, analysis: Analysis) -> None:
        task = Task()
        self._worker.submit(lambda: alternatives(analysis.uncombined, task=task), self._show, task)

    def _show(self, found: tuple[Alternative, ...]) -> None:
        self._found = found
        analysis = self._document.analysis
        if analysis is not None:
            self.said.setText(
                followed_in_words(found, analysis.trust, has_prior=analysis.has_prior)
            )
        for one in found:
            picture = self._picture(one)
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)  # in the same colours
            item = QListWidgetItem(icon, _caption(one, found[0]))
            item.setToolTip(plain_tip(f"{one.columns[0]} across, {one.columns[1]} upward"))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.gallery.addItem(item)
        self.gallery.setCurrentRow(next(i for i, one in enumerate(found) if one.is_answer))

    def _picture(self, one: Alternative) -> QPixmap:
        paper = self.palette().color(QPalette.ColorRole.Base)
        K = len(one.parameters.weights)
        colors = self._document.part_colors
        inks = np.array([rgb(cluster_color(k, paper, colors)) for k in range(K)])
        ratio = self.devicePixelRatioF()
        image = miniature(
            one.x,
            one.y,
            _around(one),
            _PICTURE,
            codes=one.clusters.astype(np.uint16),
            inks=inks,
            ratio=ratio,
        )
        return QPixmap.fromImage(image)

    def _update(self) -> None:
        row = self.gallery.currentRow()
        self.take.setEnabled(0 <= row < len(self._found) and not self._found[row].is_answer)

    def _on_take_clicked(self) -> None:
        row = self.gallery.currentRow()
        if self.take.isEnabled():
            one = self._found[row]
            self.accept()
            self._document.start_fit_from(one.parameters, f"optimum {row + 1} of its restarts")


def _caption(one: Alternative, best: Alternative) -> str:
    starts = count(one.n_reached, "restart") if one.n_reached else "found by moving on from others"
    likely = "the likeliest" if one is best else f"log-likelihood {number(one.deficit, 3)} lower"
    return f"{'The answer: ' if one.is_answer else ''}{starts},\n{likely}"


def _around(one: Alternative) -> QRectF:
    """The region of the rows."""
    (x0, x1), (y0, y1) = ((np.nanmin(v), np.nanmax(v)) for v in (one.x, one.y))
    wide, high = (x1 - x0) or 1.0, (y1 - y0) or 1.0
    room_x, room_y = _ROOM * wide, _ROOM * high
    return QRectF(x0 - room_x, y0 - room_y, wide + 2 * room_x, high + 2 * room_y)
