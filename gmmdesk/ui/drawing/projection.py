"""From d columns to the two that are seen: the rows along two axes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from gmmdesk.analysis.axes import MapAxis, RowIndices
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine.parallel import serial_blas
from gmmdesk.ui import text
from gmmdesk.ui.drawing.tiles import Bounds, Loose, Points, Tiles, parts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SAMPLE = 8_000  # rows that stand for all of them while a fit runs
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalComponents:
    """The directions of largest variance of the scaled columns; `shares` are of all variance."""

    axes: tuple[MapAxis, MapAxis]
    shares: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The rows as they lie on the map, and a fixed sample of rows (m,), sorted.

    x or y is nan where a row lacks a value it follows from: `n_unplaced` rows are on no map.
    `bounds` are the least and greatest x, the least and greatest y. There are `points` to draw from
    where there are two columns and more than a few rows: the rows as they are, until they are
    `tiled`. The values themselves are not kept: of very many rows they would take as much memory
    as the columns.
    """

    prepared: Prepared
    axes: tuple[MapAxis, MapAxis]
    sample: IntArray
    bounds: Bounds
    n_unplaced: int = 0
    points: Points | None = None

    @property
    def n_rows(self) -> int:
        return len(self.prepared.rows)

    @property
    def is_linear(self) -> bool:
        """Whether clusters have a shape along the axes."""
        return all(axis.is_linear for axis in self.axes)

    @property
    def x(self) -> FloatArray:
        """All rows along the first axis, (n,)."""
        return self.axes[0].values(self.prepared)

    @property
    def y(self) -> FloatArray:
        """All rows along the second axis, (n,)."""
        return self.axes[1].values(self.prepared)

    def places(self, rows: RowIndices) -> tuple[FloatArray, FloatArray]:
        """Some rows along both axes, (m,) each."""
        return _along(self.prepared, self.axes, rows)

    @property
    def is_single(self) -> bool:
        """Whether there is one column only, seen as a histogram."""
        return len(self.prepared.columns) == 1

    @property
    def distinct_axes(self) -> tuple[MapAxis, ...]:
        """The axes that say something of their own: one of them where there is one column only."""
        return self.axes[:1] if self.is_single else self.axes

    def within(self, region: QRectF) -> IntArray:
        """The rows (m,) inside a region, in file order."""
        if self.points is not None:
            found = self.points.within(region, self.n_rows)
            assert found is not None
            return found
        x, y = self.x, self.y
        inside = (x >= region.left()) & (x <= region.right())
        return np.flatnonzero(inside & (y >= region.top()) & (y <= region.bottom()))

    def tiled(self) -> Scene:
        """The same with its points in tiles, which takes a while, and each look at them less."""
        if not isinstance(self.points, Loose):
            return self
        return replace(self, points=Tiles.of(self.points, self.bounds, self.sample))

    def lies_like(self, other: Scene | None) -> bool:
        """Whether the other scene has the same axes and bounds, so that a zoom still fits."""
        return (
            other is not None
            and self.bounds == other.bounds
            and [axis.title for axis in self.axes] == [axis.title for axis in other.axes]
        )


def principal_components(prepared: Prepared) -> PrincipalComponents:
    """The first two principal components of the scaled columns (Jolliffe, 2002, section 2.3).

    Signs are chosen so that the largest loading of each is positive. Values that rows lack are
    taken to be the column's mean. Needs d >= 2.
    """
    X = prepared.X
    n, d = X.shape
    mean = np.nanmean(X, axis=0) if prepared.n_incomplete else X.mean(axis=0)
    covariance = np.zeros((d, d))
    with serial_blas():  # one core is left to the window
        for start in range(0, n, _CHUNK):
            centered = X[start : start + _CHUNK] - mean
            if prepared.n_incomplete:
                centered[np.isnan(centered)] = 0.0
            covariance += centered.T @ centered
    variances, vectors = np.linalg.eigh(covariance / n)
    total = float(np.maximum(variances, 0.0).sum())

    def axis(rank: int, share: float) -> MapAxis:
        direction = vectors[:, -rank]
        direction = direction * np.sign(direction[np.abs(direction).argmax()])
        title = f"Principal component {rank} ({text.percent(share)} of the variance)"
        return MapAxis(title, direction, -float(mean @ direction))

    first, second = (max(0.0, float(variances[-rank])) / total for rank in (1, 2))
    return PrincipalComponents((axis(1, first), axis(2, second)), (first, second))


def project(prepared: Prepared, axes: tuple[MapAxis, MapAxis]) -> Scene:
    """Lay the rows out along two axes."""
    n = len(prepared.rows)
    if n <= SAMPLE:
        sample = np.arange(n)
    else:
        sample = np.sort(np.random.default_rng(0).choice(n, SAMPLE, replace=False, shuffle=False))
    rows = Loose(n, lambda some: _along(prepared, axes, some))
    n_unplaced = 0
    if prepared.n_incomplete or not all(axis.is_linear for axis in axes):
        placed = (np.isnan(x) | np.isnan(y) for x, y in map(rows.exact, parts([slice(0, n)])))
        n_unplaced = sum(int(gone.sum()) for gone in placed)
    scene = Scene(prepared, axes, sample, rows.bounds, n_unplaced)
    return scene if n <= SAMPLE or scene.is_single else replace(scene, points=rows)


def _along(
    prepared: Prepared, axes: tuple[MapAxis, MapAxis], rows: RowIndices
) -> tuple[FloatArray, FloatArray]:
    x, y = (axis.values(prepared, rows) for axis in axes)
    return x, y
