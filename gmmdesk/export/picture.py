"""The clustered picture: each pixel in the colour of its cluster."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis import NO_CLUSTER, Analysis
from gmmdesk.analysis.palette import NO_COLOR
from gmmdesk.data.dataset import Column, Dataset, FloatArray, IntArray
from gmmdesk.errors import ExportError
from gmmdesk.task import Task

Pixels = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int16]

_COLORS = (("red", "green", "blue"), ("gray", "gray", "gray"))
_FULL = 255


def write_png(analysis: Analysis, file: BinaryIO, _names: Sequence[str], task: Task) -> None:
    """Write the picture that was clustered as PNG, each pixel in its cluster's mean colour."""
    from PIL import Image

    pixels = clustered_picture(analysis)
    task.step(0.5)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    file.write(content.getbuffer())


def clustered_picture(analysis: Analysis, colors: Literal["mean", "palette"] = "mean") -> Pixels:
    """The picture whose pixels were clustered, as (height, width, 4): red, green, blue, alpha.

    A pixel has the mean colour of its cluster\'s pixels or, with "palette", the colour that the
    cluster has in the window. Pixels of no cluster are grey with either, those left out
    transparent.
    Raises ExportError for a table that did not come from a picture.
    """
    K = analysis.n_clusters
    codes = cluster_places(analysis.dataset, analysis.prepared.rows, analysis.rows.label, K)
    table = np.zeros((K + 2, 4), np.uint8)
    table[:K] = _means(analysis) if colors == "mean" else _palette(analysis)
    table[K] = _rgba(NO_COLOR)
    return table[codes]


def cluster_places(
    dataset: Dataset, rows: IntArray, labels: npt.NDArray[np.integer], n_clusters: int
) -> Codes:
    """The cluster of each pixel, (height, width): K where it is of none, K + 1 where left out.

    `labels` (n,) are those of the `rows` (n,) of the picture; K is `n_clusters`.
    Raises ExportError for a table that did not come from a picture.
    """
    width, height = _size(dataset)
    codes = np.full((height, width), n_clusters + 1, np.int16)
    x, y = (dataset.column(name).cells.to_numpy()[rows] for name in ("x", "y"))
    codes[y, x] = np.where(labels == NO_CLUSTER, n_clusters, labels)
    return codes


def original_picture(dataset: Dataset) -> Pixels:
    """The picture whose pixels are the rows, as (height, width, 4): red, green, blue, alpha.

    Raises ExportError for a table that did not come from a picture.
    """
    width, height = _size(dataset)
    there = {column.name for column in dataset.columns}
    pixels = np.full((height, width, 4), _FULL, np.uint8)
    x, y = (dataset.column(name).cells.to_numpy() for name in ("x", "y"))
    names = next(n for n in _COLORS if n[0] in there)
    for channel, name in enumerate((*names, *["alpha"] * ("alpha" in there))):
        column = dataset.column(name)
        pixels[y, x, channel] = np.rint(_in_bytes(column.numbers(), column))
    return pixels


def _size(dataset: Dataset) -> tuple[int, int]:
    if dataset.receipt.picture is None:
        raise ExportError(
            f"There is no picture to write: {dataset.name} is a table, not a picture.",
            "Choose another ending, such as .xlsx or .csv.",
        )
    return dataset.receipt.picture


def _means(analysis: Analysis) -> Pixels:
    """(K, 4): the mean colour of the used rows of each cluster."""
    dataset, labels = analysis.dataset, analysis.rows.label
    names = next(n for n in _COLORS if n[0] in {column.name for column in dataset.columns})
    n_clusters = analysis.n_clusters
    means = np.full((n_clusters, 4), _FULL, np.uint8)
    clustered = labels != NO_CLUSTER
    counts = np.maximum(1, np.bincount(labels[clustered], minlength=n_clusters))
    for channel, name in enumerate(names):
        column = dataset.column(name)
        values = column.numbers()[analysis.prepared.rows][clustered]
        sums = np.bincount(labels[clustered], weights=values, minlength=n_clusters)
        means[:, channel] = np.rint(_in_bytes(sums / counts, column))
    return means


def _in_bytes(values: FloatArray, column: Column) -> FloatArray:
    """Values of a channel on the scale of one byte; that of the darkest to the brightest else."""
    if pa.types.is_uint8(column.cells.type):
        return values
    ends = pc.min_max(column.cells).as_py()
    low, high = float(ends["min"]), float(ends["max"])
    return np.clip(_FULL * (values - low) / max(high - low, np.finfo(float).tiny), 0, _FULL)


def _palette(analysis: Analysis) -> Pixels:
    return np.array([_rgba(analysis.color(k)) for k in range(analysis.n_clusters)], np.uint8)


def _rgba(name: str) -> tuple[int, int, int, int]:
    """The four bytes of "#RRGGBB"."""
    red, green, blue = bytes.fromhex(name.removeprefix("#"))
    return red, green, blue, _FULL
