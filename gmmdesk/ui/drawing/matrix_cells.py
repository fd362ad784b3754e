"""What the cells of the matrix are painted from: pictures of pairs of columns, and histograms."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.axes import axis_names, column_axis
from gmmdesk.analysis.selected import used_places
from gmmdesk.data.dataset import BoolArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.drawing.bars import count_bars
from gmmdesk.ui.drawing.clusters import Look
from gmmdesk.ui.drawing.column_selection import selected_counts
from gmmdesk.ui.drawing.histogram import Histogram
from gmmdesk.ui.drawing.miniature import MOST_DOTS, miniature, transposed
from gmmdesk.ui.drawing.shading import encode, inks

FloatArray = npt.NDArray[np.float64]

Place = tuple[int, int]  # line and column of a cell
_MARGIN = 0.05  # of the range, on every side


class Drawn(NamedTuple):
    """What the matrix is painted from: pictures beside the diagonal, histograms on it."""

    prepared: Prepared
    columns: tuple[int, ...]  # of the matrix of rows
    ranges: tuple[tuple[float, float], ...]
    pictures: dict[Place, QImage]
    histograms: tuple[Histogram, ...]
    selected: dict[Place, QImage] | None = None  # the selected rows alone, if some are


def draw_cells(
    prepared: Prepared,
    columns: tuple[int, ...],
    analysis: Analysis | None,
    size: QSize,
    ratio: float,
    *,
    look: Look,
    neutral: QColor,
    selected: RowSet | None,
) -> Drawn:
    """Everything that is painted of the rows, in cells of `size`."""
    names = axis_names(prepared)
    axes = [column_axis(prepared, names[column]) for column in columns]
    values = [axis.values(prepared) for axis in axes]
    ranges = tuple(_padded(x) for x in values)
    codes, n_clusters = None, 0
    if analysis is not None:
        n_clusters = analysis.n_clusters
        codes = encode(analysis.rows.label, analysis.rows.probability, n_clusters)
    colors = inks(
        n_clusters, QColor(look.paper), neutral, look.current, fades=True, given=look.colors
    )

    def pictures(chosen: BoolArray | slice) -> dict[Place, QImage]:
        """Every pair of columns, of the chosen rows."""
        columns_of = [x[chosen] for x in values]
        codes_of = None if codes is None else codes[chosen]

        def picture(line: int, column: int) -> QImage:
            (x0, x1), (y0, y1) = ranges[column], ranges[line]
            region = QRectF(x0, y0, x1 - x0, y1 - y0)
            x, y = columns_of[column], columns_of[line]
            return miniature(x, y, region, size, codes=codes_of, inks=colors, ratio=ratio)

        found: dict[Place, QImage] = {}
        for line, column in itertools.combinations(range(len(columns)), 2):
            found[line, column] = picture(line, column)
            # Counting many rows takes long: once for each pair.
            twice = len(columns_of[0]) <= MOST_DOTS
            found[column, line] = (
                picture(column, line) if twice else transposed(found[line, column], size)
            )
        return found

    has_some = selected is not None and selected.count > 0
    if has_some and selected is not None and selected.n_rows == len(prepared.left_out):
        marked = pictures(used_places(selected, prepared))
    else:
        marked = None
    histograms = tuple(
        Histogram(count_bars(x, codes, n_clusters), None, look, neutral) for x in values
    )
    for x, histogram in zip(values, histograms, strict=True):
        assert histogram.bars is not None
        histogram.selected = selected_counts(x, histogram.bars.edges, prepared, selected)
    return Drawn(prepared, columns, ranges, pictures(slice(None)), histograms, marked)


def _padded(values: FloatArray) -> tuple[float, float]:
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    room = _MARGIN * (high - low) or 1.0
    return low - room, high + room
