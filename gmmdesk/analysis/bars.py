"""One column in numbers: its bars, and the densities of the mixture and its components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gmmdesk.analysis.axes import MapAxis, marginal
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import added

_FEWEST, _MOST = 5, 200  # bars
_CHUNK = 1 << 17
_JUDGED = 5_000  # values that show whether they come in steps
_FINE = 20  # steps in a bar: with so many, one more or less is not seen


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Bars between `edges` (b + 1,); `counts` (2 + K, b): unknown, no and each cluster."""

    edges: FloatArray
    counts: IntArray

    def densities(self) -> FloatArray:
        """Heights (2 + K, b) such that the areas of all bars add up to 1."""
        return np.asarray(self.counts / (max(1, self.counts.sum()) * np.diff(self.edges)))

    @property
    def highest(self) -> float:
        return float(self.densities().sum(axis=0).max())


class Mixture(NamedTuple):
    """A mixture along one `axis`: weights, means and variances (K,), and the density of noise.

    Where a `grouping` combines components, densities are those of the C clusters. Means, variances
    and noise are of straight values, densities of places on the axis.
    """

    axis: MapAxis
    weights: FloatArray
    means: FloatArray
    variances: FloatArray
    noise: float = 0.0
    grouping: Grouping | None = None

    @classmethod
    def along(
        cls, parameters: Parameters, axis: MapAxis, grouping: Grouping | None = None
    ) -> Mixture:
        """The mixture along `axis`; noise is spread evenly over the width of its box."""
        means, covariances = marginal(parameters, (axis,))
        noise, density = parameters.noise, 0.0
        if noise is not None:
            density = noise.weight / float(np.abs(axis.direction @ noise.region.edges).sum())
        variances = covariances[:, 0, 0]
        return cls(axis, parameters.weights, means[:, 0], variances, density, grouping)

    def densities(self, x: FloatArray) -> FloatArray:
        """At x (m,) on the axis: that of each cluster, then of the noise, (C + 1, m)."""
        straight = self.axis.forward(x)
        components = component_densities(straight, self.weights, self.means, self.variances)
        if self.grouping is not None:
            components = added(components, self.grouping.of)
        densities = np.vstack([components, np.full(len(x), self.noise)])
        return np.asarray(np.nan_to_num(densities * np.exp(self.axis.log_slope(x))))

    @property
    def centers(self) -> FloatArray:
        """Where on the axis the components' means are or, where it bends, medians, (K,)."""
        return self.axis.back(self.means)

    @property
    def peaks(self) -> FloatArray:
        """Where on the axis components are dense: their centres, as far as they are on it."""
        return self.centers[np.isfinite(self.centers)]


def count_bars(
    values: FloatArray,
    groups: Callable[[slice], IntArray] | None,
    n_clusters: int,
    fineness: float = 1.0,
) -> Bars:
    """Bars of equal width, as many as Freedman and Diaconis (1981) ask for, at most 200.

    Their rule suits a single hump; several far apart make its bars too wide, hence at least the
    square root of the number of rows. There are `fineness` times as many. Where values come in
    steps, as whole numbers do, bars hold as many steps each. Values that are nan are left out.
    `groups` says of a run of the values in which line of `Bars.counts` each belongs.
    """
    there = np.isfinite(values)
    finite = values if there.all() else values[there]
    if not len(finite):
        return Bars(np.linspace(0.0, 1.0, _FEWEST + 1), np.zeros((2 + n_clusters, _FEWEST), int))
    low, high = float(finite.min()), float(finite.max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    quarter, three_quarters = np.quantile(finite, (0.25, 0.75))
    width = 2.0 * float(three_quarters - quarter) / len(finite) ** (1 / 3)
    wanted = (high - low) / width if width > 0 else _MOST
    automatic = np.clip(max(wanted, np.sqrt(len(finite))), _FEWEST, _MOST)
    n_bars = max(1, round(fineness * float(automatic)))
    low, high, n_bars = _fitted_to_steps(finite, low, high, n_bars)
    counts = np.zeros((2 + n_clusters) * n_bars, np.int64)
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        bar = ((values[part][there[part]] - low) * (n_bars / (high - low))).astype(np.int64)
        bar = np.minimum(bar, n_bars - 1)  # the last bar includes its far edge
        if groups is not None:
            bar += groups(part)[there[part]] * n_bars
        counts += np.bincount(bar, minlength=counts.size)
    return Bars(np.linspace(low, high, n_bars + 1), counts.reshape(2 + n_clusters, n_bars))


def _fitted_to_steps(
    values: FloatArray, low: float, high: float, n_bars: int
) -> tuple[float, float, int]:
    """Edges and number of bars that each hold as many of the steps in which values come.

    Whole numbers in bars of one and a half would make every second bar twice as high.
    """
    seen = np.unique(values[:_JUDGED])
    step = float(np.diff(seen).min()) if len(seen) > 1 else 0.0
    steps = (high - low) / step if step > 1e-9 * (high - low) else np.inf
    places = (seen - seen[0]) / step if np.isfinite(steps) else seen
    if steps > _FINE * n_bars or np.abs(places - np.rint(places)).max() > 1e-3:
        return low, high, n_bars
    width = step * max(1, round(steps / n_bars))
    low -= step / 2.0
    n_bars = max(1, int(np.ceil((high - low) / width - 1e-6)))
    return low, low + n_bars * width, n_bars


def component_densities(
    x: FloatArray, weights: FloatArray, means: FloatArray, variances: FloatArray
) -> FloatArray:
    """Weighted densities (K, m) of K Gaussians (K,) at x (m,)."""
    squared = np.square(x - means[:, None]) / variances[:, None]
    scale: FloatArray = weights / np.sqrt(2.0 * np.pi * variances)
    return scale[:, None] * np.exp(-0.5 * squared)
