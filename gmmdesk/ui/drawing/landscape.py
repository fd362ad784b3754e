"""The mixture along one or two axes, as a landscape of densities over what is in sight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from gmmdesk.analysis.axes import MapAxis, bent_back, marginal
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.engine import Parameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SHARES = (0.25, 0.5, 0.75, 0.9, 0.99)  # of the rows, that contours surround
_DRAWN = 8_000  # points that tell how dense the rows of a share are


class Marginal(NamedTuple):
    """A mixture along p = 1 or 2 axes: weights (K,), means (K, p), covariances (K, p, p).

    These are of straight values; densities are of places on the axes, per unit of each. `noise` is
    the density of the noise, taken to be even over the box around its region among straight values,
    and everywhere else. A `grouping` tells which components are one cluster.
    """

    axes: tuple[MapAxis, ...]
    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    noise: float = 0.0
    grouping: Grouping | None = None

    @classmethod
    def of(
        cls, parameters: Parameters, axes: Sequence[MapAxis], grouping: Grouping | None = None
    ) -> Marginal:
        """The marginal along `axes` of a mixture in the units of `Prepared.X`."""
        means, covariances = marginal(parameters, axes)
        noise, density = parameters.noise, 0.0
        if noise is not None:
            turned = np.stack([axis.direction for axis in axes]) @ noise.region.edges
            density = noise.weight / float(np.abs(turned).sum(axis=1).prod())
        return cls(tuple(axes), parameters.weights, means, covariances, density, grouping)

    def log_densities(self, *places: FloatArray) -> FloatArray:
        """At places on each axis, which may broadcast: of components, then noise, (K + 1, ...).

        -inf where an axis has no such place.
        """
        straight = [axis.forward(place) for axis, place in zip(self.axes, places, strict=True)]
        K, p = self.means.shape
        shape = np.broadcast_shapes(*(part.shape for part in straight))
        logs = np.empty((K + 1, *shape))
        for k, (mean, covariance) in enumerate(zip(self.means, self.covariances, strict=True)):
            try:
                factor = np.linalg.cholesky(covariance)
            except np.linalg.LinAlgError:  # flat along these axes: it has no density
                logs[k] = -np.inf
                continue
            first = (straight[0] - mean[0]) / factor[0, 0]
            squared = np.square(first)
            if p == 2:
                second = (straight[1] - mean[1] - factor[1, 0] * first) / factor[1, 1]
                squared = squared + np.square(second)
            scale = 0.5 * p * math.log(2.0 * math.pi) + np.log(np.diag(factor)).sum()
            logs[k] = np.log(self.weights[k]) - scale - 0.5 * squared
        logs[K] = math.log(self.noise) if self.noise > 0.0 else -np.inf
        for axis, place in zip(self.axes, places, strict=True):
            logs += axis.log_slope(place)
        return np.asarray(np.nan_to_num(logs, nan=-np.inf, posinf=np.inf, neginf=-np.inf))

    def levels(self, component: int | None = None) -> FloatArray:
        """Log densities, of all or of one component, above which SHARES of its rows lie.

        Those of the highest density regions: quantiles of the density at points drawn from it
        (Hyndman, 1996, The American Statistician 50, 120-126, section 3). From the greatest share.
        """
        rng = np.random.default_rng(0)
        K, p = self.means.shape
        chosen = np.full(_DRAWN, component or 0)
        if component is None:
            chosen = rng.choice(K, _DRAWN, p=self.weights / self.weights.sum())
        normal = rng.standard_normal((_DRAWN, p))
        points = np.empty((_DRAWN, p))
        for k in np.unique(chosen):
            turned = _root(self.covariances[k])
            points[chosen == k] = self.means[k] + normal[chosen == k] @ turned.T
        points = bent_back(self.axes, points)
        if component is None:
            density = _total(self.log_densities(*points.T))
        else:
            own = slice(component, component + 1)
            alone = self._replace(
                weights=self.weights[own],
                means=self.means[own],
                covariances=self.covariances[own],
                grouping=None,
            )
            density = alone.log_densities(*points.T)[0]
        density = density[np.isfinite(density)]
        if not len(density):
            return np.empty(0)
        return np.asarray(np.quantile(density, [1.0 - share for share in SHARES[::-1]]))


@dataclass(frozen=True, eq=False)
class Landscape:
    """Log densities (K + 1, height, width) at the middles of cells of a region, y upward.

    Of one column the height is 1, and the region's says nothing.
    """

    region: QRectF
    mixture: Marginal
    logs: FloatArray

    @property
    def n_components(self) -> int:
        return len(self.logs) - 1

    @property
    def n_clusters(self) -> int:
        return len(self.of_clusters) - 1

    @cached_property
    def of_clusters(self) -> FloatArray:
        """The log densities of the clusters, then of noise, (C + 1, height, width)."""
        grouping = self.mixture.grouping
        if grouping is None:
            return self.logs
        parts = [_total(self.logs[list(grouping.parts(c))]) for c in range(grouping.n_clusters)]
        return np.stack([*parts, self.logs[-1]])

    @cached_property
    def total(self) -> FloatArray:
        """Log density of the mixture, (height, width)."""
        return _total(self.logs)

    @cached_property
    def label(self) -> IntArray:
        """The likeliest cluster of each cell, C for noise and where there is no density."""
        label = self.of_clusters.argmax(axis=0)
        label[np.isneginf(self.total)] = self.n_clusters
        return label

    @cached_property
    def uncertainty(self) -> FloatArray:
        """One minus the probability of the likeliest; 0 where there is no density."""
        there = np.isfinite(self.total)
        base = np.where(there, self.total, 0.0)
        return np.asarray(np.where(there, 1.0 - np.exp(self.of_clusters.max(axis=0) - base), 0.0))


def survey(mixture: Marginal, region: QRectF, shape: tuple[int, int]) -> Landscape:
    """The landscape of a mixture in `shape` (height, width) cells of a region."""
    height, width = shape
    x = _middles(region.left(), region.width(), width)
    if len(mixture.axes) == 1:
        return Landscape(region, mixture, mixture.log_densities(x)[:, None, :])
    y = _middles(region.top(), region.height(), height)
    return Landscape(region, mixture, mixture.log_densities(x[None, :], y[:, None]))


def _middles(low: float, length: float, n_cells: int) -> FloatArray:
    return np.asarray(low + (np.arange(n_cells) + 0.5) * (length / n_cells))


def _total(logs: FloatArray) -> FloatArray:
    """Log of the sum over the first axis."""
    highest = logs.max(axis=0)
    base = np.where(np.isfinite(highest), highest, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(base + np.log(np.exp(logs - base).sum(axis=0)))


def _root(covariance: FloatArray) -> FloatArray:
    """R with R R' = covariance, also of one that is flat."""
    variances, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(variances, 0.0)))
