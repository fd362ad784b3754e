"""Rows of a table with what a mixture says about each: found by a fit, or by applying a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gmmdesk.analysis.fitted_model import FittedModel, farthest_distances
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.profiles import Profile
from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import Parameters, RowScores

# What stands for a cluster where a row is noise, and where there is no second choice at all.
NO_CLUSTER = -1
NO_SECOND = -2


@dataclass(frozen=True, slots=True, eq=False)
class RowResults:
    """What the mixture says about each row of `Prepared.X`, in file order: arrays of length n.

    `label` and `second` are 0-based clusters, NO_CLUSTER for noise; with one choice only, `second`
    is NO_SECOND. `probability` is that of `label`, `log_density` in nats in the file's units,
    `squared_distance` the squared Mahalanobis distance from the row's cluster, or as noise from the
    nearest. All of them are about the `n_values` values that a row has. `known` marks rows whose
    cluster was known beforehand, None where no row's was.
    """

    label: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64]
    second: npt.NDArray[np.int32]
    log_density: npt.NDArray[np.float64]
    squared_distance: npt.NDArray[np.float64]
    n_values: npt.NDArray[np.int32]
    known: npt.NDArray[np.bool_] | None = None

    def outliers(self, level: float, used: slice = slice(None)) -> npt.NDArray[np.bool_]:
        """Which of the rows `used` lie so far out that less than `level` of their cluster should.

        Of chi-square with a degree of freedom for each value that a row has.
        """
        n_values = self.n_values[used]
        farthest = farthest_distances(int(n_values.max(initial=1)), level)
        return np.asarray(self.squared_distance[used] > farthest[n_values - 1])


@dataclass(frozen=True, slots=True)
class NoiseRows:
    """The rows that belong to no cluster, where some may.

    `n_rows` are noise rather than anything else; `weight` is the share of all rows, unsure ones
    counted in part; `certainty` is the mean of their probabilities (nan where there are none).
    """

    n_rows: int
    weight: float
    certainty: float


class ScoredRows(Protocol):
    """What the writers of rows ask for: an `Analysis`, or an `Application` of a model.

    `prepared` says which rows were used, `rows` what each belongs to. `sizes` (K,) counts the rows
    of each cluster, `certainty` (K,) is the mean of their probabilities (nan where there are none);
    `noise` is about the rows of no cluster, None where each has to have one. `parameters` are those
    of the mixture in the file's units, `profiles` the clusters in each column as the user knows it.
    Where a `grouping` combines components of the mixture, these C clusters are meant; `clusters`
    are their weights, means and covariances in the units of `parameters`. Rows are outliers at
    `outlier_level`, see `RowResults.outliers`.
    """

    @property
    def dataset(self) -> Dataset: ...
    @property
    def prepared(self) -> Prepared: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def grouping(self) -> Grouping | None: ...
    @property
    def clusters(self) -> Parameters: ...
    @property
    def n_clusters(self) -> int: ...
    @property
    def rows(self) -> RowResults: ...
    @property
    def outlier_level(self) -> float: ...
    @property
    def sizes(self) -> npt.NDArray[np.int64]: ...
    @property
    def certainty(self) -> npt.NDArray[np.float64]: ...
    @property
    def noise(self) -> NoiseRows | None: ...
    @property
    def profiles(self) -> tuple[Profile, ...]: ...

    def color(self, cluster: int) -> str:
        """The colour of a cluster (0-based), "#RRGGBB"."""
        ...

    def fitted_model(self, names: Sequence[str]) -> FittedModel:
        """The mixture without the rows, its clusters called `names`."""
        ...

    def responsibilities(self, used: slice) -> FloatArray:
        """Probabilities (m, K) of a run of the used rows; with noise (m, K + 1), its own last."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """The results of all rows, and of each cluster: fields as in `ScoredRows`."""

    rows: RowResults
    sizes: npt.NDArray[np.int64]
    certainty: npt.NDArray[np.float64]
    noise: NoiseRows | None


def summed(scores: RowScores, prepared: Prepared, mixture: Parameters) -> Summed:
    """The `scores` of the rows of `prepared.X` by `mixture`, in the units of the file."""
    K = len(mixture.weights)  # the label of noise
    sizes = np.bincount(scores.label, minlength=K + 1)
    with np.errstate(invalid="ignore"):  # a cluster may be nobody's first choice
        certainty = np.bincount(scores.label, scores.probability, minlength=K + 1) / sizes
    noise = mixture.noise
    return Summed(
        rows=row_results(scores, prepared, K),
        sizes=sizes[:K],
        certainty=certainty[:K],
        noise=None
        if noise is None
        else NoiseRows(int(sizes[K]), float(noise.weight), float(certainty[K])),
    )


def row_results(scores: RowScores, prepared: Prepared, n_clusters: int) -> RowResults:
    """The scores of the rows in the units of `prepared.X`, in those of the file."""
    slope = 0.0 if prepared.log_slope is None else prepared.log_slope
    label, second = scores.label, scores.second
    second[second < 0] = NO_SECOND
    for choice in (label, second):
        choice[choice == n_clusters] = NO_CLUSTER
    return RowResults(
        label=label,
        probability=scores.probability,
        second=second,
        log_density=scores.log_density - log_units(prepared) + slope,
        squared_distance=scores.squared_distance,
        n_values=scores.n_observed,
    )


def log_units(prepared: Prepared) -> FloatArray | float:
    """What scaling adds to the log density of each row, of the values that it has: (n,) or one."""
    logs = np.log(prepared.scale)
    if not prepared.n_incomplete:
        return float(logs.sum())
    added = np.zeros(len(prepared.rows))
    for x, log in zip(prepared.X.T, logs, strict=True):  # no copy of all columns at once
        added[~np.isnan(x)] += log
    return added
