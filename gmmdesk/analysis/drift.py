"""Whether the rows of a file are like those that a model was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.data.dataset import FloatArray
from gmmdesk.engine import Parameters
from gmmdesk.text import number

# Rows farther from the model's mean than so many of its standard deviations are outside of what it
# has seen: of any distribution less than one in 25 rows (Chebyshev, 1867), of most next to none.
OUTSIDE = 5.0
# A column differs when its mean lies so many standard deviations off, its spread so many times as
# large or small, or such a share of the rows outside.
MOST_SHIFT = 1.0
MOST_RATIO = 2.0
MOST_OUTSIDE = 0.02
# Fewer rows say nothing about means and spreads.
LEAST_ROWS = 10
POWERS = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of a column."""

    mean: float
    spread: float

    def __str__(self) -> str:
        return f"{number(self.mean)} ± {number(self.spread, 3)}"


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column of a file beside the model's idea of it, both in its units.

    `outside` is the share of rows more than OUTSIDE standard deviations of the model from its mean.
    `factor` is the power of ten by which the values seem to be
    larger (10, 100, ...) or smaller (0.1, ...), 1 where none explains the difference. `differs`
    says whether it is worth a word.
    """

    column: str
    file: Moments
    model: Moments
    outside: float
    factor: float
    differs: bool

    @property
    def message(self) -> str:
        """In words, empty where there is nothing to say."""
        if not self.differs:
            return ""
        said = f"{self.column}: {self.file} in this file, {self.model} in the model"
        if self.factor != 1.0:
            times = f"{self.factor:,.0f}" if self.factor > 1 else f"1/{1 / self.factor:,.0f}"
            return f"{said}; values about {times} times as large, probably in another unit."
        if self.outside > MOST_OUTSIDE:
            said += f"; {self.outside:.1%} of the rows far outside what the model has seen"
        return f"{said}."


def drifts(
    columns: tuple[str, ...],
    X: FloatArray,
    center: FloatArray,
    scale: FloatArray,
    model: Parameters,
) -> tuple[ColumnDrift, ...]:
    """Compare the rows of X (n, d), on the scale of `model`, with its moments, column by column.

    `center` and `scale` (d,) lead to the units that are reported: x = center + scale * z. Columns
    without any value are left out.
    """
    means, spreads = moments(model)
    found = []
    for j, column in enumerate(columns):
        z = X[:, j]
        z = z[~np.isnan(z)]
        if not len(z):
            continue
        mean, spread = float(z.mean()), float(z.std())
        outside = float((np.abs(z - means[j]) > OUTSIDE * spreads[j]).mean())
        alike = (
            abs(mean - means[j]) <= MOST_SHIFT * spreads[j]
            and 1.0 / MOST_RATIO < spread / spreads[j] < MOST_RATIO
        )
        few = len(z) < LEAST_ROWS
        differs = outside > MOST_OUTSIDE or not (few or alike)
        there = Moments(float(center[j] + scale[j] * mean), float(scale[j] * spread))
        here = Moments(float(center[j] + scale[j] * means[j]), float(scale[j] * spreads[j]))
        factor = _factor(there, here, few=few) if differs else 1.0
        found.append(ColumnDrift(column, there, here, outside, factor, differs))
    return tuple(found)


def moments(model: Parameters) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each column of a mixture, noise included: (d,) each."""
    weights, means = model.weights, model.means
    variances = np.diagonal(model.covariances, axis1=1, axis2=2)
    if model.noise is not None:
        region = model.noise.region
        weights = np.append(weights, model.noise.weight)
        means = np.vstack([means, region.origin + region.edges.sum(axis=1) / 2.0])
        variances = np.vstack([variances, (region.edges**2).sum(axis=1) / 12.0])
    mean = weights @ means
    return mean, np.sqrt(weights @ (variances + (means - mean) ** 2))


def _factor(there: Moments, here: Moments, *, few: bool) -> float:
    """The power of ten that makes the moments `there` those `here`, 1 where none does."""
    for power in POWERS:
        for factor in (10.0**power, 10.0**-power):
            is_near = abs(there.mean / factor - here.mean) < MOST_SHIFT * here.spread
            ratio = there.spread / factor / here.spread
            if is_near and (few or 1.0 / MOST_RATIO < ratio < MOST_RATIO):
                return factor
    return 1.0
