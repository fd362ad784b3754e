"""Directions in the space of the columns, along which rows and mixtures are seen."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.fitted import Rotation
from gmmdesk.data.steps.maps import Log, Map
from gmmdesk.engine import Parameters
from gmmdesk.engine.parallel import serial_blas

RowIndices = IntArray | npt.NDArray[np.int32] | slice

_ALL = slice(None)
_MOST_PAIRED = 30  # columns of which every pair is looked at
# Of a column's spread, how far apart points on a map are seen to be apart.
_SEEN = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class MapAxis:
    """A direction in the space of the columns, and the scale on which it is drawn.

    Along it a scaled row z (d,), as in `Prepared.X`, lies straight at offset + direction . z: there
    clusters are Gaussian. `maps` lead from values in the file's units to these, where a step has
    bent the column; along a principal component values are in units of the scaled columns. `scale`
    leads from the same values to places on the axis: none draws them as they are, that of the
    `maps` draws the axis straight, and another one bends it.
    """

    title: str
    direction: FloatArray
    offset: float
    maps: tuple[Map, ...] = ()
    scale: tuple[Map, ...] = ()

    @property
    def is_linear(self) -> bool:
        """Whether it is a direction, bent or not."""
        return True

    @property
    def is_bent(self) -> bool:
        """Whether clusters are not Gaussian along it as it is drawn."""
        return self.scale != self.maps

    def as_fitted(self) -> MapAxis:
        """The same, drawn straight: on the scale on which clusters were found."""
        return self.drawn_on(self.maps)

    def logarithmic(self) -> MapAxis:
        """The same on a logarithmic scale, on which only values above 0 have a place."""
        return self.drawn_on((Log(shift=0.0),))

    def drawn_on(self, scale: tuple[Map, ...]) -> MapAxis:
        """The same on another `scale`, which its title names."""
        said = "".join(f" ({one.scale_name})" for one in scale)
        return replace(self, title=f"{self.title}{said}", scale=scale) if scale else self

    def values(self, prepared: Prepared, rows: RowIndices = _ALL) -> FloatArray:
        """The places of rows on this axis, (n,); nan for those that lack a value it needs."""
        used = np.flatnonzero(self.direction)
        if len(used) == 1:
            j = used[0]
            return self.back(self.offset + self.direction[j] * prepared.X[rows, j])
        with serial_blas():
            return self.back(self.offset + prepared.X[rows] @ self.direction)

    def back(self, straight: FloatArray) -> FloatArray:
        """Places on the axis, of straight values in which clusters are Gaussian."""
        if not self.is_bent:
            return straight
        return maps.forward(self.scale, maps.back(self.maps, straight))

    def forward(self, places: FloatArray) -> FloatArray:
        """Straight values at places on the axis; nan where there are none."""
        return maps.forward(self.maps, self.told(places)) if self.is_bent else places

    def log_slope(self, places: FloatArray) -> FloatArray:
        """ln of how much `forward` stretches at places on the axis."""
        if not self.is_bent:
            return np.zeros_like(places)
        values = self.told(places)
        return maps.log_slope(self.maps, values) - maps.log_slope(self.scale, values)

    def told(self, places: FloatArray) -> FloatArray:
        """What is to be told of places on the axis: values in the units of the file."""
        return maps.back(self.scale, places)


def bent_back(axes: Sequence[MapAxis], points: FloatArray) -> FloatArray:
    """Straight points (..., p) along p axes, as places on these."""
    if not any(axis.is_bent for axis in axes):
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


def has_bent_columns(prepared: Prepared) -> bool:
    """Whether a step has bent a column, which then can be drawn as clusters were found in it."""
    return not all(one.is_linear for one in prepared.originals)


def column_axis(prepared: Prepared, name: str, *, as_fitted: bool = False) -> MapAxis:
    """The axis of one of `axis_names`, in the file's units or drawn `as_fitted`."""
    axis = _column_axis(prepared, name)
    return axis.as_fitted() if as_fitted else axis


def _column_axis(prepared: Prepared, name: str) -> MapAxis:
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
    `_MOST_PAIRED` columns the best two for themselves. Every point is taken to be `_SEEN` wide, as
    two columns that say nearly the same show all in one streak, however thin clusters are across
    it. Needs d >= 2.
    """
    weights, means = parameters.weights, parameters.means
    within = np.einsum("k,kij->ij", weights, parameters.covariances)
    variances = within.diagonal() + weights @ (means - weights @ means) ** 2
    within += np.diag(_SEEN**2 * variances)
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
