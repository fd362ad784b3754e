"""What the cells of the matrix are painted from: pictures of pairs of columns, and histograms.

The rows are counted once for each pair; other colours are laid over the same counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.axes import MapAxis, axis_names, column_axis
from gmmdesk.analysis.bars import Bars
from gmmdesk.analysis.selected import used_places
from gmmdesk.data.dataset import BoolArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.drawing import density
from gmmdesk.ui.drawing.bars import count_bars
from gmmdesk.ui.drawing.density import Composition, Counted
from gmmdesk.ui.drawing.histogram import Histogram
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.miniature import MOST_DOTS, miniature, transposed
from gmmdesk.ui.drawing.shading import ByCluster, CodeArray, Shading, inks, n_codes
from gmmdesk.ui.drawing.tiles import RowArray

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Place = tuple[int, int]  # line and column of a cell

_MARGIN = 0.05  # of the range, on every side
_DRAFTED = 50_000  # rows of a draft, about


class Frame(NamedTuple):
    """Which rows and columns are seen, and how large: in cells of `size`, on a device with `ratio`
    pixels for one of them."""

    prepared: Prepared
    columns: tuple[int, ...]  # of the matrix of rows
    size: QSize
    ratio: float
    as_prepared: bool = True  # whether on the scale on which clusters were found
    every: int = 1  # how many rows there are for one that is seen

    def is_like(self, other: Frame) -> bool:
        """Whether what was counted for one holds for the other."""
        return self.prepared is other.prepared and self[1:] == other[1:]

    @property
    def draft(self) -> Frame:
        """The same with so few of the rows that they are soon counted."""
        return self._replace(every=max(1, len(self.prepared.rows) // _DRAFTED))

    @property
    def axes(self) -> tuple[MapAxis, ...]:
        """Those of the columns."""
        names = axis_names(self.prepared)
        return tuple(
            column_axis(self.prepared, names[column], as_fitted=self.as_prepared)
            for column in self.columns
        )

    @property
    def rows(self) -> slice:
        return slice(None, None, self.every)

    @property
    def device(self) -> tuple[int, int]:
        """Height and width of a cell in pixels of the device."""
        height, width = (self.ratio * side for side in (self.size.height(), self.size.width()))
        return max(1, round(height)), max(1, round(width))


class Drawn(NamedTuple):
    """What the matrix is painted from: pictures beside the diagonal, histograms on it."""

    frame: Frame
    axes: tuple[MapAxis, ...]
    ranges: tuple[tuple[float, float], ...]
    pictures: dict[Place, QImage]
    histograms: tuple[Histogram, ...]
    selected: dict[Place, QImage] | None  # the selected rows alone, if some are
    known: _Known

    @property
    def prepared(self) -> Prepared:
        return self.frame.prepared

    @property
    def columns(self) -> tuple[int, ...]:
        return self.frame.columns

    def points(self, place: Place) -> FloatArray | None:
        """The used rows along the two axes of a cell (n, 2); None where these are no dots."""
        values, (line, column) = self.known.rows.values, place
        if line == column or not values or self.frame.every > 1:
            return None
        return np.stack([values[column], values[line]], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Some rows along every pair of columns: a few as they are, many counted.

    Pairs are above the diagonal.
    """

    values: list[FloatArray] = field(default_factory=list)
    codes: CodeArray | None = None
    counted: dict[Place, Counted] = field(default_factory=dict)
    composed: dict[Place, Composition] = field(default_factory=dict)

    def pictures(
        self, frame: Frame, ranges: Sequence[tuple[float, float]], colors: FloatArray
    ) -> dict[Place, QImage]:
        """Every pair of columns, both ways."""
        found: dict[Place, QImage] = {}
        for line, column in itertools.combinations(range(len(frame.columns)), 2):
            for one, other in ((line, column), (column, line)):
                if self.values:
                    (x0, x1), (y0, y1) = ranges[other], ranges[one]
                    found[one, other] = miniature(
                        self.values[other],
                        self.values[one],
                        QRectF(x0, y0, x1 - x0, y1 - y0),
                        frame.size,
                        codes=self.codes,
                        inks=colors,
                        ratio=frame.ratio,
                    )
                elif one < other:
                    image = self._image((one, other), colors)
                    image.setDevicePixelRatio(frame.ratio)
                    found[one, other] = image
                else:
                    found[one, other] = transposed(found[other, one], frame.size)
        return found

    def _image(self, pair: Place, colors: FloatArray) -> QImage:
        if pair in self.composed:
            return self.composed[pair].paint(colors)
        return density.plain(self.counted[pair], colors[0])


class _Known(NamedTuple):
    """What the next pictures can be made from, as far as they show the same."""

    analysis: Analysis | None
    selection: RowSet | None
    rows: _Rows
    marked: _Rows | None  # the selected
    bars: tuple[Bars, ...]
    marked_bars: tuple[IntArray | None, ...]


class _Values(NamedTuple):
    """The rows along every column, (n,) each, and what is in sight of these."""

    columns: list[FloatArray]
    ranges: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, frame: Frame) -> _Values:
        columns = [axis.values(frame.prepared, frame.rows) for axis in frame.axes]
        return cls(columns, tuple(_padded(x) for x in columns))


class _Grid(NamedTuple):
    """Rows in the cells of a picture: their column and line (n,), -1 where they are in none."""

    column: RowArray
    line: RowArray

    def runs(self, _region: QRectF) -> list[slice]:
        return [slice(0, len(self.column))]

    def places(
        self, part: slice, _region: QRectF, _shape: tuple[int, int]
    ) -> tuple[RowArray, RowArray]:
        return self.column[part], self.line[part]


def is_counted(before: Drawn | None, frame: Frame, analysis: Analysis | None) -> bool:
    """Whether `draw_cells` finds all rows counted."""
    return before is not None and before.frame.is_like(frame) and before.known.analysis is analysis


def draw_cells(
    frame: Frame,
    analysis: Analysis | None,
    selection: RowSet | None,
    *,
    look: Look,
    neutral: QColor,
    before: Drawn | None = None,
) -> Drawn:
    """Everything that is painted of the rows; what `before` holds of it is not counted again."""
    prepared = frame.prepared
    if selection is not None and not (
        selection.count and selection.n_rows == len(prepared.left_out)
    ):
        selection = None
    known = before.known if before is not None and before.frame.is_like(frame) else None
    same = known is not None and known.analysis is analysis
    if before is None or known is None or not same or known.selection is not selection:
        values = _Values.of(frame)
        ranges = values.ranges
        known = _counted(frame, values, analysis, selection, known)
    else:
        ranges = before.ranges
    n_clusters = 0 if analysis is None else analysis.n_clusters
    looks = n_clusters, QColor(look.paper), neutral
    colors = inks(*looks, look.chosen, fades=True, given=look.colors)
    full = inks(*looks, (), fades=False, given=look.colors)
    histograms = tuple(
        Histogram(bars, None, look, neutral, selected=marked)
        for bars, marked in zip(known.bars, known.marked_bars, strict=True)
    )
    marked = known.marked.pictures(frame, ranges, full) if known.marked is not None else None
    pictures = known.rows.pictures(frame, ranges, colors)
    return Drawn(frame, frame.axes, ranges, pictures, histograms, marked, known)


def _counted(
    frame: Frame,
    values: _Values,
    analysis: Analysis | None,
    selection: RowSet | None,
    before: _Known | None,
) -> _Known:
    """What has to be counted, and the rest of what was known before."""
    prepared = frame.prepared
    shading, n_clusters = None, 0
    if analysis is not None:
        n_clusters = analysis.n_clusters
        rows = analysis.rows
        shading = Shading(ByCluster(rows.label, rows.probability, n_clusters), n_clusters)
    codes = None if shading is None else shading.codes[frame.rows]
    n = len(values.columns[0])
    grids = list(_grids(frame, values)) if n > MOST_DOTS else []

    def rows_of(chosen: BoolArray | None, counted: dict[Place, Counted]) -> _Rows:
        few = n if chosen is None else int(chosen.sum())
        some = slice(None) if chosen is None else chosen
        of_rows = None if codes is None else codes[some]
        if few <= MOST_DOTS:
            return _Rows([x[some] for x in values.columns], of_rows)
        picked = [grid[:, some] for grid in grids]
        return _pairs(picked, frame.device, of_rows, n_codes(n_clusters), counted)

    if before is not None and before.analysis is analysis:
        all_rows, bars = before.rows, before.bars
    else:
        all_rows = rows_of(None, {} if before is None else before.rows.counted)
        bars = tuple(count_bars(x, codes, n_clusters) for x in values.columns)
    marked, marked_bars = None, tuple[IntArray | None, ...]([None] * len(bars))
    if selection is not None:
        again = before is not None and before.selection is selection
        kept = before.marked if again and before is not None else None
        chosen = used_places(selection, prepared)[frame.rows]
        marked = rows_of(chosen, {} if kept is None else kept.counted)
        marked_bars = tuple(
            np.histogram(x[chosen & ~np.isnan(x)], one.edges)[0]
            for x, one in zip(values.columns, bars, strict=True)
        )
    return _Known(analysis, selection, all_rows, marked, bars, marked_bars)


def _grids(frame: Frame, values: _Values) -> Iterator[RowArray]:
    """Of every column, the rows' places across a cell and up one, (2, n)."""
    height, width = frame.device
    for x, (low, high) in zip(*values, strict=True):
        share = np.where(np.isnan(x), -1.0, (x - low) / (high - low))
        yield np.stack([np.floor(share * width), np.floor(share * height)]).astype(np.int32)


def _pairs(
    grids: Sequence[RowArray],
    shape: tuple[int, int],
    codes: CodeArray | None,
    n_different: int,
    counted: dict[Place, Counted],
) -> _Rows:
    """Rows counted along every pair of columns, as far as they are not `counted`."""
    found: dict[Place, Counted] = {}
    composed: dict[Place, Composition] = {}
    for pair in itertools.combinations(range(len(grids)), 2):
        line, column = pair
        points = _Grid(grids[column][0], grids[line][1])
        found[pair] = counted.get(pair) or density.count(points, QRectF(), shape)
        if codes is not None:
            composed[pair] = density.compose(points, found[pair], codes, n_different)
    return _Rows(counted=found, composed=composed)


def _padded(values: FloatArray) -> tuple[float, float]:
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    room = _MARGIN * (high - low) or 1.0
    return low - room, high + room
