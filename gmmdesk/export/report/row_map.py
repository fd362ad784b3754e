"""The map of a report: all rows along the two columns that separate the clusters most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.axes import bent_back, column_axis, marginal, most_separating, name_of
from gmmdesk.analysis.ellipse import GUESSED, outline, own_shapes
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.export.report.figures import Figure
from gmmdesk.export.report.style import LEVEL, SMALL, WIDE, WIDTH, Style
from gmmdesk.export.report.svg import Drawing, Scale, fitted, widened, width_of, x_axis, y_axis
from gmmdesk.text import count, percent

MOST_DOTS = 3_000  # rows that are drawn one by one
CELL = 3.0  # the side of the squares in which more are counted
_HEIGHT = 370.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 8.0, 8.0, 46.0
_STRENGTHS = (0.3, 0.5, 0.75, 1.0)  # of squares with one row, up to 3, up to 10, more
_STEPS = (1, 3, 10)
_ROOM = 0.35  # of the rows' extent, that ellipses may add on each side
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True, eq=False)
class _Marks:
    """Where to draw what: `places` (m, 2) are dots, or the top left corners of squares.

    `clusters` (m,) and `strengths` (m,) belong to them; with `size` 0 they are dots.
    """

    places: FloatArray
    clusters: IntArray
    strengths: IntArray
    size: float


def row_map(analysis: Analysis, names: Sequence[str]) -> Figure | None:
    """The rows and an ellipse for each cluster; None where there is only one column.

    Up to 3,000 rows are dots. More are counted in squares: each that holds a row is drawn, in the
    colour of the cluster that most of its rows belong to, so that no stray row is lost, and the
    size of the figure does not grow with the number of rows.
    """
    prepared = analysis.prepared
    if len(prepared.columns) < 2:
        return None
    mixture, grouping = analysis.scaled.parameters, analysis.grouping
    of = range(len(mixture.weights)) if grouping is None else grouping.of
    leads = of if grouping is None else grouping.leads
    titles = [name_of(prepared, column) for column in most_separating(mixture)]
    if titles[0] == titles[1]:
        return None
    first, second = (column_axis(prepared, title, as_fitted=True) for title in titles)
    axes = (first, second)
    x, y = (axis.values(prepared) for axis in axes)
    placed = np.isfinite(x) & np.isfinite(y)
    if not placed.any():
        return None
    means, covariances = marginal(mixture, axes)
    own = own_shapes(mixture, len(prepared.fitted_rows)).tolist()
    outlines = [
        bent_back(axes, outline(mean, covariance, LEVEL))
        for mean, covariance in zip(means, covariances, strict=True)
    ]
    centers = bent_back(axes, means)
    seen = [centers, *(one for one, is_own in zip(outlines, own, strict=True) if is_own)]
    x_range, y_range = (
        _range(values, placed, [one[:, side] for one in seen]) for side, values in enumerate((x, y))
    )
    x_scale = Scale(*x_range, _LEFT, WIDTH - _RIGHT, axes[0].scale)
    y_scale = Scale(*y_range, _HEIGHT - _BOTTOM, _TOP, axes[1].scale)
    at = np.stack([x_scale.at(x[placed]), y_scale.at(y[placed])], axis=1)
    labels = analysis.rows.label[placed].astype(np.int64)
    marks = _dots(at, labels) if len(at) <= MOST_DOTS else _squares(at, labels, len(names))
    label_at = np.stack([x_scale.at(centers[:, 0]), y_scale.at(centers[:, 1])], axis=1)
    traced = [np.stack([x_scale.at(o[:, 0]), y_scale.at(o[:, 1])], axis=1) for o in outlines]

    def draw(style: Style) -> str:
        title = f"The rows along {axes[0].title} and {axes[1].title}"
        drawing = Drawing(WIDTH, _HEIGHT, title)
        y_axis(drawing, y_scale, (_LEFT, WIDTH - _RIGHT), axes[1].title, style)
        _draw_marks(drawing, marks, style)
        for k, line in enumerate(traced):
            drawing.polyline(line, style.cluster(of[k]), WIDE, dashed=not own[k])
        if len(names) <= _MOST_LABELS:
            _draw_names(drawing, label_at[list(leads)], names, style)
        x_axis(drawing, x_scale, _HEIGHT - _BOTTOM, axes[0].title, style)
        return drawing.svg()

    caption = f"Each ellipse surrounds {percent(LEVEL)} of its cluster."
    if grouping is not None:
        caption = (
            f"Each ellipse surrounds {percent(LEVEL)} of a component; those of one colour are one"
            " cluster."
        )
    if not all(own):
        caption += f" {GUESSED}"
    if marks.size:
        caption += (
            f" The {count(len(at), 'row')} are counted in small squares, the fuller the stronger;"
            " a square with a single row is drawn too."
        )
    if not placed.all():
        missing = int((~placed).sum())
        caption += f" {count(missing, 'row')} without a value in one of the columns not drawn."
    if len(prepared.columns) > 2 and len(own) > 1:
        caption = f"The two columns that separate the clusters most. {caption}"
    return Figure("map", caption, draw)


def _range(
    values: FloatArray, placed: npt.NDArray[np.bool_], lines: Sequence[FloatArray]
) -> tuple[float, float]:
    """From the least to the greatest value, with the ellipses as far as they go a little beyond."""
    low, high = float(values[placed].min()), float(values[placed].max())
    room = _ROOM * (high - low)
    ends = np.concatenate(lines)
    ends = ends[np.isfinite(ends)]
    if len(ends):
        low = max(low - room, min(low, float(ends.min())))
        high = min(high + room, max(high, float(ends.max())))
    return widened(low, high, 0.03)


def _dots(at: FloatArray, labels: IntArray) -> _Marks:
    return _Marks(at, labels, np.full(len(at), 1), 0.0)


def _squares(at: FloatArray, labels: IntArray, n_clusters: int) -> _Marks:
    """The squares that hold rows, by the cluster that most of these belong to."""
    wide, high = int(WIDTH // CELL) + 1, int(_HEIGHT // CELL) + 1
    cell = (at[:, 1] // CELL).astype(np.int64) * wide + (at[:, 0] // CELL).astype(np.int64)
    most = np.zeros(wide * high, np.int64)
    total = np.zeros(wide * high, np.int64)
    owner = np.full(wide * high, -1, np.int64)
    for k in range(-1, n_clusters):
        counts = np.bincount(cell[labels == k], minlength=wide * high)
        owner[counts > most] = k
        most = np.maximum(most, counts)
        total += counts
    filled = np.flatnonzero(total)
    places = np.stack([filled % wide, filled // wide], axis=1) * CELL
    strengths = np.searchsorted(np.array(_STEPS), total[filled], side="left")
    return _Marks(places.astype(float), owner[filled], strengths, CELL)


def _draw_marks(drawing: Drawing, marks: _Marks, style: Style) -> None:
    for k in np.unique(marks.clusters).tolist():
        for strength in np.unique(marks.strengths).tolist():
            own = marks.places[(marks.clusters == k) & (marks.strengths == strength)]
            if marks.size:
                drawing.squares(own, marks.size, style.cluster(k), _STRENGTHS[strength])
            else:
                size = 4.0 if len(marks.places) < 500 else 3.0
                drawing.dots(own, size, style.cluster(k), 0.6)


def _draw_names(drawing: Drawing, centers: FloatArray, names: Sequence[str], style: Style) -> None:
    """The clusters' names at their centres, moved down where they would lie on another."""
    taken: list[tuple[float, float, float]] = []  # left, right, base line
    for k in np.argsort(centers[:, 1]).tolist():
        x, y = centers[k].tolist()
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        words = fitted(names[k], 170.0)
        half = width_of(words) / 2.0
        x = min(max(x, _LEFT + half), WIDTH - _RIGHT - half)
        y = min(max(y + 4.0, _TOP + SMALL), _HEIGHT - _BOTTOM - 4.0)
        while any(a < x + half and x - half < b and abs(y - base) < 14.0 for a, b, base in taken):
            y += 3.0
        taken.append((x - half, x + half, y))
        drawing.text(x, y, words, style.ink, anchor="middle", bold=True, halo=style.paper)
