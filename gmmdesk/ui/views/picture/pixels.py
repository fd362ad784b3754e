"""The pixels of the clustered picture: which cluster each is of, and how it is painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from gmmdesk.analysis import NO_CLUSTER, Analysis
from gmmdesk.analysis.palette import NO_COLOR
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import ThreadedMap, score
from gmmdesk.errors import FitError
from gmmdesk.export.picture import Codes, Pixels, cluster_places
from gmmdesk.ui.drawing.known import Known, grouping_of, parameters_of
from gmmdesk.ui.theme import Opacity

_SHOWN = 1_400  # pixels of a side, at most: more are made fewer once, not at every painting
_ASKED = 200_000  # pixels that are asked anew for a moment of the fit


class Placed(NamedTuple):
    """The cluster of each pixel, (height, width), see `cluster_places`; and how many there are."""

    codes: Codes
    n_clusters: int


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the clustered picture is painted with: a table of colours, or None for mean ones."""

    colors: Pixels | None
    chosen: frozenset[int]  # clusters
    paper: tuple[int, int, int]


def place(dataset: Dataset, prepared: Prepared, known: Known) -> Placed | None:
    """The cluster of each pixel, or of every second in both directions, and so on, of a moment."""
    parameters = parameters_of(known)
    if parameters is None:
        return None
    grouping = grouping_of(known)
    K = len(parameters.weights) if grouping is None else grouping.n_clusters
    if isinstance(known, Analysis):
        return Placed(cluster_places(dataset, prepared.rows, known.rows.label, K), K)
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
    return Placed(codes[::step, ::step], K)


def painted(placed: Placed, original: Pixels, look: Look) -> Pixels:
    """The clustered picture, pixels that are not of chosen clusters faded into the paper."""
    codes, K = placed
    table = np.zeros((K + 2, 4), np.uint8)
    own = look.colors
    table[:K] = own if own is not None and len(own) == K else _means(placed, original)
    table[K] = bytes_of(QColor(NO_COLOR))
    if look.chosen:
        others = ~np.isin(np.arange(K + 2), list(look.chosen))
        faded = Opacity.FAINT * table[others, :3] + (1.0 - Opacity.FAINT) * np.array(look.paper)
        table[others, :3] = np.rint(faded)
    return table[codes]


def _means(placed: Placed, original: Pixels) -> Pixels:
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


def veil_over(
    dataset: Dataset, selected: RowSet | None, paper: tuple[int, int, int], shape: tuple[int, ...]
) -> QImage | None:
    """Paper over the pixels of a picture of `shape` that are not selected; None where none are."""
    if selected is None or not selected.count or selected.n_rows != dataset.n_rows:
        return None
    veil = np.empty((*shape, 4), np.uint8)
    veil[..., :3], veil[..., 3] = paper, round(255 * Opacity.VEIL)
    x, y = (dataset.column(name).cells.to_numpy()[selected.mask] for name in ("x", "y"))
    veil[y, x, 3] = 0
    return shown_of(veil)


def image_of(pixels: Pixels) -> QImage:
    """A picture of a copy of the pixels."""
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def shown_of(pixels: Pixels) -> QImage:
    """A picture of the pixels to be looked at, of fewer where there are very many."""
    image = image_of(pixels)
    if max(image.width(), image.height()) <= _SHOWN:
        return image
    return image.scaled(
        QSize(_SHOWN, _SHOWN),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def bytes_of(color: QColor) -> tuple[int, int, int, int]:
    return color.red(), color.green(), color.blue(), color.alpha()
