"""A picture whose pixels are the rows: as it is, and beside it which cluster each pixel is of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.export.picture import Codes, Pixels, original_picture
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend
from gmmdesk.ui.drawing.known import Known, known_colors
from gmmdesk.ui.figures.formats import png, write
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.views.picture.canvas import PictureCanvas
from gmmdesk.ui.views.picture.pixels import (
    Look,
    Placed,
    bytes_of,
    image_of,
    painted,
    place,
    shown_of,
    veil_over,
)
from gmmdesk.ui.widgets import Pages, combo_box, secondary

_COLORS = (("own", "Cluster colours"), ("mean", "Mean colours"))


class _Made(NamedTuple):
    """What the thread has made; `original_image` is None where the one that is shown stays."""

    original: Pixels
    original_image: QImage | None
    placed: Placed | None
    clustered: QImage | None
    veil: QImage | None


class PictureView(LateView):
    """Two pictures side by side; a click on a pixel chooses its cluster.

    The clustered one follows the answer, the running fit and the timeline, the colours of the
    clusters and the one that is chosen.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._original: Pixels | None = None
        self._placed: Placed | None = None
        self._known: Known = None  # what that follows from
        self._worker = worker(self)
        self._copier = worker(self)
        for one in (self._worker, self._copier):
            one.failed.connect(document.problem_raised)

        self.colors = combo_box("Colours of the clustered picture", "", _COLORS)
        self.colors.setToolTip(
            "Colours tell clusters apart; mean colours are those of the exported picture (.png)"
        )
        self.colors.setMinimumContentsLength(max(len(text) for _, text in _COLORS))
        self.hint = secondary()
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.addWidget(self.hint, 1)
        bar.addWidget(self.colors)
        self.canvas = PictureCanvas()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.canvas, 1)
        self._pages = Pages("Open a picture to see its pixels by cluster.", content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

        self.colors.currentIndexChanged.connect(self._outdate)
        self.canvas.pixel_clicked.connect(self._on_canvas_pixel_clicked)
        self.canvas.menu_wanted.connect(self._on_canvas_menu_wanted)
        document.dataset_changed.connect(self._on_document_dataset_changed)
        for signal in (
            *(document.analysis_changed, document.progressed, document.timeline.moved),
            *(document.colors_changed, document.current_cluster_changed),
            document.selection.changed,
        ):
            signal.connect(self._outdate)
        for signal in (document.analysis_changed, document.names_changed):
            signal.connect(self._show_names)
        self._on_document_dataset_changed()

    @property
    def is_busy(self) -> bool:
        """Whether pictures are being made, or are going to be."""
        return self._worker.is_busy or self.is_awaited

    @property
    def codes(self) -> Codes | None:
        """The cluster of each pixel that is shown, (height, width); see `cluster_places`."""
        return None if self._placed is None else self._placed.codes

    def figure(self) -> FigureSource | None:
        """Both pictures, to be painted elsewhere."""
        if self._original is None:
            return None
        twin = self.canvas.twin()
        return FigureSource("Picture", twin, twin.paint_on, cluster_legend(self._document))

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()
        self._copier.close()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._outdate()

    # -- what is shown -----------------------------------------------------------------------

    def _on_document_dataset_changed(self) -> None:
        dataset = self._document.dataset
        self._original = self._placed = self._known = None
        self._worker.cancel()
        self.canvas.show_original(None)
        self.canvas.show_clustered(None, None)
        self.canvas.show_veil(None)
        self._pages.show_content(dataset is not None and dataset.receipt.picture is not None)
        self._outdate()

    def _renew(self) -> None:
        """Make the pictures anew, as far as they are others."""
        dataset = self._document.dataset
        if dataset is None or dataset.receipt.picture is None:
            return
        prepared = self._document.prepared
        known = known_colors(self._document, prepared)
        look, before = self._look(), (self._original, self._placed, self._known)
        selected = self._document.selection.rows

        def compute() -> _Made:
            original, placed, followed = before
            is_new = original is None
            if original is None:
                original = original_picture(dataset)
            if followed is not known:
                placed = None
                if prepared is not None and known is not None:
                    placed = place(dataset, prepared, known)
            shown = None if placed is None else shown_of(painted(placed, original, look))
            paper = veil_over(dataset, selected, look.paper, original.shape[:2])
            return _Made(original, shown_of(original) if is_new else None, placed, shown, paper)

        def show(made: _Made) -> None:
            if dataset is not self._document.dataset:
                return
            self._original, self._placed, self._known = made.original, made.placed, known
            if made.original_image is not None:
                self.canvas.show_original(made.original_image)
            self.canvas.show_clustered(made.clustered, self.codes)
            self.canvas.show_veil(made.veil)
            self._show_names()

        self._worker.submit(compute, show)

    def _look(self) -> Look:
        paper = self.palette().color(QPalette.ColorRole.Base)
        colors = None
        if self.colors.currentData() == "own":
            n = self._document.n_clusters
            own = [cluster_color(k, paper, self._document.colors) for k in range(n)]
            colors = np.array([bytes_of(color) for color in own], np.uint8).reshape(-1, 4)
        return Look(colors, self._document.chosen_clusters, bytes_of(paper)[:3])

    def _show_names(self) -> None:
        known = self._placed is not None
        self.hint.setText(
            "Click on a pixel to choose its cluster."
            if known
            else "Once clusters are sought, the pixels of each are shown beside the picture."
        )
        self.canvas.names = (*self._document.names, NO_NAME, "Left out")

    def _on_canvas_pixel_clicked(self, cluster: int) -> None:
        is_there = cluster < self._document.n_clusters
        chosen = cluster if is_there and cluster != self._document.current_cluster else None
        self._document.set_current_cluster(chosen)

    def _on_canvas_menu_wanted(self, is_clustered: bool, place: QPoint) -> None:
        make = self._whole(is_clustered)
        if make is None:
            return
        copy = partial(self._copier.submit, make, QGuiApplication.clipboard().setImage)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("&Copy picture", copy)
        menu.addAction("&Save picture…", partial(self._save, make))
        menu.popup(place)

    def _whole(self, is_clustered: bool) -> Callable[[], QImage] | None:
        """What makes the picture, or the clustered one, as it is now, of all its pixels."""
        original, placed, look = self._original, self._placed, self._look()
        if original is None:
            return None
        if not is_clustered:
            return partial(image_of, original)
        return None if placed is None else lambda: image_of(painted(placed, original, look))

    def _save(self, make: Callable[[], QImage]) -> None:
        """Save what `make` makes, which may take a while, where the user says."""
        dataset = self._document.dataset
        if dataset is None:
            return
        folder = dataset.path.parent if dataset.path is not None else Path.home()
        endings, name = {"Picture (*.png)": ".png"}, f"{Path(dataset.name).stem} shown.png"
        dialog = SaveDialog(
            self, "Save picture", folder, endings, name=name, help_page="view-picture"
        )
        path = dialog.ask()
        if path is None:
            return

        def save(_task: Task) -> Path:
            write(lambda: png(make()), path)
            return path

        self._document.files.begin_writing(
            "A picture", f"Exporting {path.name}", save, self._document.exported.emit
        )
