"""A picture whose pixels are the rows: as it is, and beside it which cluster each pixel is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QMargins, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QVBoxLayout, QWidget

from gmmdesk.analysis import NO_CLUSTER, Analysis
from gmmdesk.analysis.palette import NO_COLOR, NO_NAME
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import ThreadedMap, score
from gmmdesk.errors import FitError
from gmmdesk.export.picture import Codes, Pixels, cluster_places, original_picture
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend
from gmmdesk.ui.drawing.known import Known, grouping_of, known_colors, parameters_of
from gmmdesk.ui.theme import Opacity
from gmmdesk.ui.widgets import Pages, combo_box, secondary

_SHOWN = 1_400  # pixels of a side, at most: more are made fewer once, not at every painting
_ASKED = 200_000  # pixels that are asked anew for a moment of the fit
_COLORS = (("own", "Cluster colours"), ("mean", "Mean colours"))


class _Placed(NamedTuple):
    """The cluster of each pixel, (height, width), see `cluster_places`; and how many there are."""

    codes: Codes
    n_clusters: int


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What the clustered picture is painted with: a table of colours, or None for mean ones."""

    colors: Pixels | None
    current: int | None
    paper: tuple[int, int, int]


class _Made(NamedTuple):
    """What the thread has made; `original_image` is None where the one that is shown stays."""

    original: Pixels
    original_image: QImage | None
    placed: _Placed | None
    clustered: QImage | None
    veil: QImage | None


class PictureView(QWidget):
    """Two pictures side by side; a click on a pixel chooses its cluster.

    The clustered one follows the answer, the running fit and the timeline, the colours of the
    clusters and the one that is chosen.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._original: Pixels | None = None
        self._placed: _Placed | None = None
        self._known: Known = None  # what that follows from
        self._is_stale = True
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)

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

        self.colors.currentIndexChanged.connect(self._refresh)
        self.canvas.pixel_clicked.connect(self._on_canvas_pixel_clicked)
        document.dataset_changed.connect(self._on_document_dataset_changed)
        for signal in (
            *(document.analysis_changed, document.progressed, document.timeline.moved),
            *(document.colors_changed, document.current_cluster_changed),
            document.selection.changed,
        ):
            signal.connect(self._refresh)
        document.names_changed.connect(self._show_names)
        self._on_document_dataset_changed()

    @property
    def is_busy(self) -> bool:
        """Whether pictures are being made, or are going to be."""
        return self._worker.is_busy or (self._is_stale and self.isVisible())

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

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._refresh()

    # -- what is shown -----------------------------------------------------------------------

    def _on_document_dataset_changed(self) -> None:
        dataset = self._document.dataset
        self._original = self._placed = self._known = None
        self._worker.cancel()
        self.canvas.show_original(None)
        self.canvas.show_clustered(None, None)
        self.canvas.show_veil(None)
        self._pages.show_content(dataset is not None and dataset.receipt.picture is not None)
        self._refresh()

    def _refresh(self) -> None:
        """Make the pictures anew, as far as they are others, as soon as somebody looks."""
        dataset = self._document.dataset
        self._is_stale = not self.isVisible()
        if self._is_stale or dataset is None or dataset.receipt.picture is None:
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
                    placed = _place(dataset, prepared, known)
            shown = None if placed is None else _image(_painted(placed, original, look))
            veil = _veil(dataset, selected, look.paper, original.shape[:2])
            return _Made(original, _image(original) if is_new else None, placed, shown, veil)

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

    def _look(self) -> _Look:
        paper = self.palette().color(QPalette.ColorRole.Base)
        colors = None
        if self.colors.currentData() == "own":
            n = self._document.n_clusters
            own = [cluster_color(k, paper, self._document.colors) for k in range(n)]
            colors = np.array([_bytes(color) for color in own], np.uint8).reshape(-1, 4)
        return _Look(colors, self._document.current_cluster, _bytes(paper)[:3])

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


class PictureCanvas(QWidget):
    """A picture, and beside it the same by cluster. Signal: `pixel_clicked(cluster)`."""

    pixel_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._original: QImage | None = None
        self._clustered: QImage | None = None
        self._veil: QImage | None = None
        self._codes: Codes | None = None
        self.names: tuple[str, ...] = ()
        self.setMinimumSize(120, 80)
        self.setAccessibleName("The picture, and beside it the clusters of its pixels")

    def show_original(self, image: QImage | None) -> None:
        self._original = image
        self.update()

    def show_clustered(self, image: QImage | None, codes: Codes | None) -> None:
        """Show which clusters pixels are of; None where that is not known."""
        self._clustered, self._codes = image, codes
        self.setCursor(
            Qt.CursorShape.ArrowCursor if codes is None else Qt.CursorShape.PointingHandCursor
        )
        self.update()

    def show_veil(self, image: QImage | None) -> None:
        """Lay this over both pictures: paper over the pixels that are not selected."""
        self._veil = image
        self.update()

    def twin(self) -> PictureCanvas:
        """Another that shows the same."""
        twin = PictureCanvas()
        twin._original, twin._clustered, twin._codes = self._original, self._clustered, self._codes
        twin._veil = self._veil
        return twin

    def cluster_at(self, place: QPointF) -> int | None:
        """The cluster of the pixel there, of either picture; None where there is none."""
        if self._codes is None:
            return None
        for area in self._areas():
            if area.contains(place):
                height, width = self._codes.shape
                x = int((place.x() - area.left()) / area.width() * width)
                y = int((place.y() - area.top()) / area.height() * height)
                return int(self._codes[min(y, height - 1), min(x, width - 1)])
        return None

    def paint_on(self, painter: QPainter) -> None:
        """Paint both pictures, each as large as there is room for."""
        for image, area in zip((self._original, self._clustered), self._areas(), strict=False):
            if image is not None:
                smaller = area.width() < image.width()
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
                painter.drawImage(area, image)
                if self._veil is not None:
                    painter.drawImage(area, self._veil)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
            self.paint_on(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cluster = self.cluster_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and cluster is not None:
            self.pixel_clicked.emit(cluster)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cluster = self.cluster_at(QPointF(event.pos()))
            is_known = cluster is not None and cluster < len(self.names)
            text = self.names[cluster] if is_known and cluster is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _areas(self) -> list[QRectF]:
        """Where the pictures are: beside each other, or one above the other if they get larger."""
        if self._original is None:
            return []
        n = 1 if self._clustered is None else 2
        gap, room = theme.SPACE, self.rect().marginsRemoved(QMargins(*[theme.SPACE] * 4))
        fitted = []
        for across, down in ((n, 1), (1, n)):
            cell = QSize(
                (room.width() - (across - 1) * gap) // across,
                (room.height() - (down - 1) * gap) // down,
            )
            size = self._original.size().scaled(cell, Qt.AspectRatioMode.KeepAspectRatio)
            fitted.append((size, QPoint(across > 1, down > 1)))
        size, direction = max(fitted, key=lambda choice: choice[0].width())
        step = QPointF(direction.x() * (size.width() + gap), direction.y() * (size.height() + gap))
        first = QRectF(QPointF(), size.toSizeF())
        first.moveCenter(QRectF(room).center() - step / 2 * (n - 1))
        return [first.translated(step * i) for i in range(n)]


def _place(dataset: Dataset, prepared: Prepared, known: Known) -> _Placed | None:
    """The cluster of each pixel, or of every second in both directions, and so on, of a moment."""
    parameters = parameters_of(known)
    if parameters is None:
        return None
    grouping = grouping_of(known)
    K = len(parameters.weights) if grouping is None else grouping.n_clusters
    if isinstance(known, Analysis):
        return _Placed(cluster_places(dataset, prepared.rows, known.rows.label, K), K)
    step = max(1, int(np.ceil(np.sqrt(len(prepared.rows) / _ASKED))))
    x, y = (dataset.column(name).cells.to_numpy()[prepared.rows] for name in ("x", "y"))
    asked = np.flatnonzero((x % step == 0) & (y % step == 0))
    try:
        # One thread: the cores are the fit's.
        groups = None if grouping is None else grouping.of
        scores = score(parameters, prepared.X[asked], ThreadedMap(1), missing=True, groups=groups)
    except FitError:  # a component is collapsing; the fit itself deals with it
        return None
    labels = np.where(scores.label < K, scores.label, NO_CLUSTER)
    codes = cluster_places(dataset, prepared.rows[asked], labels, K)
    return _Placed(codes[::step, ::step], K)


def _painted(placed: _Placed, original: Pixels, look: _Look) -> Pixels:
    """The clustered picture, pixels that are not of the chosen cluster faded into the paper."""
    codes, K = placed
    table = np.zeros((K + 2, 4), np.uint8)
    own = look.colors
    table[:K] = own if own is not None and len(own) == K else _means(placed, original)
    table[K] = _bytes(QColor(NO_COLOR))
    if look.current is not None:
        others = np.arange(K + 2) != look.current
        faded = Opacity.FAINT * table[others, :3] + (1.0 - Opacity.FAINT) * np.array(look.paper)
        table[others, :3] = np.rint(faded)
    return table[codes]


def _means(placed: _Placed, original: Pixels) -> Pixels:
    """(K, 4): the mean colour of the pixels of each cluster."""
    codes, K = placed
    step = -(-len(original) // len(codes))
    flat, n = codes.reshape(-1), K + 2
    counts = np.maximum(1, np.bincount(flat, minlength=n))
    channels = original[::step, ::step].reshape(-1, 4)[:, :3].T
    sums = [np.bincount(flat, weights=channel, minlength=n) for channel in channels]
    means = np.full((n, 4), 255, np.uint8)
    means[:, :3] = np.rint(np.array(sums) / counts).T
    return means[:K]


def _veil(
    dataset: Dataset, selected: RowSet | None, paper: tuple[int, int, int], shape: tuple[int, ...]
) -> QImage | None:
    """Paper over the pixels of a picture of `shape` that are not selected; None where none are."""
    if selected is None or not selected.count or selected.n_rows != dataset.n_rows:
        return None
    veil = np.empty((*shape, 4), np.uint8)
    veil[..., :3], veil[..., 3] = paper, round(255 * Opacity.VEIL)
    x, y = (dataset.column(name).cells.to_numpy()[selected.mask] for name in ("x", "y"))
    veil[y, x, 3] = 0
    return _image(veil)


def _image(pixels: Pixels) -> QImage:
    """A picture of a copy of the pixels, of fewer where there are very many."""
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    image = QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    if max(width, height) <= _SHOWN:
        return image.copy()
    return image.scaled(
        QSize(_SHOWN, _SHOWN),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _bytes(color: QColor) -> tuple[int, int, int, int]:
    return color.red(), color.green(), color.blue(), color.alpha()
