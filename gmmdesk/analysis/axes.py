"""Directions in the space of the columns, along which rows and mixtures are seen."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.fitted import Rotation
from gmmdesk.data.steps.maps import Map
from gmmdesk.engine import Parameters
from gmmdesk.engine.parallel import serial_blas

RowIndices = IntArray | npt.NDArray[np.int32] | slice

_ALL = slice(None)
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

    @property
    def is_linear(self) -> bool:
        """Whether it is a direction, bent or not."""
        return True

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


def title_of(prepared: Prepared, name: str) -> str:
    """What to call one of `axis_names`: with the unit, where the file states one."""
    return next((one.title for one in prepared.originals if one.name == name), name)


def column_axis(prepared: Prepared, name: str) -> MapAxis:
    """The axis of one of `axis_names`."""
    if name in _components(prepared):
        column = prepared.columns.index(name)
        direction = np.zeros(len(prepared.columns))
        direction[column] = prepared.scale[column]
        return MapAxis(name, direction, float(prepared.center[column]))
    one = next(one for one in prepared.originals if one.name == name)
    title = one.title if one.exact else f"{one.title} (as far as the components hold it)"
    direction = np.zeros(len(prepared.columns))
    direction[one.at] = one.weights * prepared.scale[one.at]
    offset = one.offset + float(one.weights @ prepared.center[one.at])
    return MapAxis(title, direction, offset, one.maps)


def marginal(parameters: Parameters, axes: Sequence[MapAxis]) -> tuple[FloatArray, FloatArray]:
    """Means (K, p) and covariances (K, p, p) of the mixture along p axes.

    A linear map of a Gaussian is Gaussian with mean W m and covariance W S W'; `parameters` are in
    the units of `Prepared.X`, as the axes' directions. Before the axes bend it back.
    """
    W = np.stack([axis.direction for axis in axes])
    offsets = np.array([axis.offset for axis in axes])
    return parameters.means @ W.T + offsets, W @ parameters.covariances @ W.T


def most_separating(parameters: Parameters) -> tuple[int, int]:
    """The two columns in which rows of different clusters overlap least, in order.

    Two clusters overlap by exp(-D^2/8), the coefficient of Bhattacharyya (1943) for their
    Mahalanobis distance D by the mean covariance within clusters; pairs of clusters count by their
    weights. So one that lies far off does not hide that others lie on top of each other. Above
    `_MOST_PAIRED` columns the best two for themselves. Needs d >= 2.
    """
    weights, means = parameters.weights, parameters.means
    within = np.einsum("k,kij->ij", weights, parameters.covariances)
    one, other = np.triu_indices(len(weights), 1)
    both = weights[one] * weights[other]
    away = means[one] - means[other]

    d = means.shape[1]
    if d > _MOST_PAIRED:
        apart = both @ -np.expm1(-(away**2) / np.diag(within) / 8.0)
        first, second = sorted(np.argsort(-apart, kind="stable")[:2].tolist())
        return first, second

    pairs = np.array(list(itertools.combinations(range(d), 2)))
    inverses = np.linalg.pinv(within[pairs[:, :, None], pairs[:, None, :]], hermitian=True)
    x, y = away[:, pairs[:, 0]], away[:, pairs[:, 1]]
    squares = inverses[:, 0, 0] * x**2 + 2.0 * inverses[:, 0, 1] * x * y + inverses[:, 1, 1] * y**2
    separations = both @ -np.expm1(-squares / 8.0)
    first, second = pairs[separations.argmax()].tolist()
    return first, second
