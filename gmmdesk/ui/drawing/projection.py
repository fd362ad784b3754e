"""From d columns to the two that are seen: axes, and mixtures and rows along them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.fitted import Rotation
from gmmdesk.data.steps.maps import Map
from gmmdesk.engine import Parameters
from gmmdesk.engine.parallel import serial_blas
from gmmdesk.ui import text
from gmmdesk.ui.drawing.tiles import Tiles

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
RowIndices = IntArray | npt.NDArray[np.int32] | slice

_ALL = slice(None)
SAMPLE = 8_000  # rows that stand for all of them while a fit runs
_CHUNK = 1 << 16
_MOST_PAIRED = 30  # columns of which every pair is looked at


@dataclass(frozen=True, slots=True, eq=False)
class MapAxis:
    """A direction in the space of the columns: value = offset + direction . z, bent back.

    z is a scaled row (d,), as in `Prepared.X`. Values along a column are in the file's units: where
    a step has bent it by `maps`, the axis bends it back. Those along a principal component are in
    units of the scaled columns.
    """

    title: str
    direction: FloatArray
    offset: float
    maps: tuple[Map, ...] = ()

    def values(self, prepared: Prepared, rows: RowIndices = _ALL) -> FloatArray:
        """The rows along this axis, (n,); nan for those that lack a value it needs."""
        used = np.flatnonzero(self.direction)
        if len(used) == 1:
            j = used[0]
            return self.back(self.offset + self.direction[j] * prepared.X[rows, j])
        with serial_blas():
            return self.back(self.offset + prepared.X[rows] @ self.direction)

    def back(self, straight: FloatArray) -> FloatArray:
        """Values in the units of the axis, of straight ones in which clusters are Gaussian."""
        return maps.back(self.maps, straight) if self.maps else straight

    def forward(self, values: FloatArray) -> FloatArray:
        """Straight values; nan where there are none."""
        return maps.forward(self.maps, values) if self.maps else values


def bent_back(axes: Sequence[MapAxis], points: FloatArray) -> FloatArray:
    """Straight points (..., p) along p axes in the units of these."""
    if not any(axis.maps for axis in axes):
        return points
    return np.stack([axis.back(points[..., i]) for i, axis in enumerate(axes)], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalComponents:
    """The directions of largest variance of the scaled columns; `shares` are of all variance."""

    axes: tuple[MapAxis, MapAxis]
    shares: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The rows as they lie on the map, and a fixed sample of rows (m,), sorted.

    x or y is nan where a row lacks a value it follows from: `n_unplaced` rows are on no map.
    `bounds` are the least and greatest x, the least and greatest y. `tiles` are there to draw from
    where there are two columns and more than a few rows. The values themselves are not kept:
    of very many rows they would take as much memory as the columns.
    """

    prepared: Prepared
    axes: tuple[MapAxis, MapAxis]
    sample: IntArray
    bounds: tuple[float, float, float, float]
    n_unplaced: int = 0
    tiles: Tiles | None = None

    @property
    def n_rows(self) -> int:
        return len(self.prepared.rows)

    @property
    def is_linear(self) -> bool:
        """Whether clusters have a shape along the axes."""
        return True

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
        x, y = (axis.values(self.prepared, rows) for axis in self.axes)
        return x, y

    @property
    def is_single(self) -> bool:
        """Whether there is one column only, seen as a histogram."""
        return len(self.prepared.columns) == 1

    def within(self, region: QRectF) -> IntArray:
        """The rows (m,) inside a region, in file order."""
        if self.tiles is not None:
            found = self.tiles.within(region, self.n_rows)
            assert found is not None
            return found
        x, y = self.x, self.y
        inside = (x >= region.left()) & (x <= region.right())
        return np.flatnonzero(inside & (y >= region.top()) & (y <= region.bottom()))

    def lies_like(self, other: Scene | None) -> bool:
        """Whether the other scene has the same axes and bounds, so that a zoom still fits."""
        return (
            other is not None
            and self.bounds == other.bounds
            and [axis.title for axis in self.axes] == [axis.title for axis in other.axes]
        )


def axis_names(prepared: Prepared) -> tuple[str, ...]:
    """The axes that there are: the columns as the user knows them, then components of a step."""
    components = _components(prepared)
    if components and len(prepared.columns) == 1:
        return components
    return (*(one.name for one in prepared.originals), *components)


def has_components(prepared: Prepared) -> bool:
    """Whether a step has made principal components of the columns."""
    return bool(_components(prepared))


def _components(prepared: Prepared) -> tuple[str, ...]:
    steps = prepared.preparation.steps
    return next((step.names for step in steps if isinstance(step, Rotation)), ())


def name_of(prepared: Prepared, column: int) -> str:
    """The axis along which a prepared column is seen by itself."""
    name = prepared.columns[column]
    if name in _components(prepared):
        return name
    return next(one.name for one in prepared.originals if column in one.at)


def column_axis(prepared: Prepared, name: str) -> MapAxis:
    """The axis of one of `axis_names`."""
    if name in _components(prepared):
        column = prepared.columns.index(name)
        direction = np.zeros(len(prepared.columns))
        direction[column] = prepared.scale[column]
        return MapAxis(name, direction, float(prepared.center[column]))
    one = next(one for one in prepared.originals if one.name == name)
    title = name if one.exact else f"{name} (as far as the components hold it)"
    direction = np.zeros(len(prepared.columns))
    direction[one.at] = one.weights * prepared.scale[one.at]
    offset = one.offset + float(one.weights @ prepared.center[one.at])
    return MapAxis(title, direction, offset, one.maps)


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
    x, y = (axis.values(prepared) for axis in axes)
    n_unplaced = 0
    if prepared.n_incomplete:
        n_unplaced = int((np.isnan(x) | np.isnan(y)).sum())
    scene = Scene(prepared, axes, sample, (*_bounds(x), *_bounds(y)), n_unplaced)
    if n <= SAMPLE or scene.is_single:
        return scene
    return replace(scene, tiles=Tiles.of(x, y, scene.bounds, scene.places, sample))


def _bounds(values: FloatArray) -> tuple[float, float]:
    """The least and the greatest that is not nan; around 0 where all are."""
    least, greatest = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    return (-1.0, 1.0) if math.isnan(least) else (least, greatest)


def marginal(parameters: Parameters, axes: Sequence[MapAxis]) -> tuple[FloatArray, FloatArray]:
    """Means (K, p) and covariances (K, p, p) of the mixture along p axes.

    A linear map of a Gaussian is Gaussian with mean W m and covariance W S W'; `parameters` are in
    the units of `Prepared.X`, as the axes' directions. Before the axes bend it back.
    """
    W = np.stack([axis.direction for axis in axes])
    offsets = np.array([axis.offset for axis in axes])
    return parameters.means @ W.T + offsets, W @ parameters.covariances @ W.T


def most_separating(parameters: Parameters) -> tuple[int, int]:
    """The two columns along which the clusters lie farthest apart for their spreads, in order.

    By the trace of W^-1 B, within- and between-cluster covariance of the pair (the criterion of
    Hotelling and Lawley); above `_MOST_PAIRED` columns the best two for themselves. Needs d >= 2.
    """
    weights, means = parameters.weights, parameters.means
    within = np.einsum("k,kij->ij", weights, parameters.covariances)
    away = means - weights @ means
    between = (weights[:, None] * away).T @ away
    d = means.shape[1]
    if d > _MOST_PAIRED:
        best = np.argsort(-np.diag(between) / np.diag(within), kind="stable")[:2]
        first, second = sorted(best.tolist())
        return first, second

    def separation(pair: tuple[int, int]) -> float:
        square = np.ix_(pair, pair)
        return float(np.trace(np.linalg.pinv(within[square], hermitian=True) @ between[square]))

    return max(itertools.combinations(range(d), 2), key=separation)
