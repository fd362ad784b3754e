"""What a Bayesian fit yields while it runs and returns when it ends: frozen values only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.bayes.posterior import Posterior
from gmmdesk.engine.bayes.prior import Hyperparameters
from gmmdesk.engine.density import RowScores, labels, log_density, responsibilities, score
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import StopReason, log_jacobian
from gmmdesk.engine.rows.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class BayesianProgress:
    """The state after one iteration.

    `compact` is the point estimate, along the axes with variances (K, d) only. `lower_bound` is
    the total over the rows, in nats up to a constant, `gain` what the iteration added per row (nan
    for the first). While starts are tried on a sample of `n_sampled` of the `n_rows` rows, each
    stands for as many as make up the `size` of all.
    """

    restart: int
    n_restarts: int
    iteration: int
    lower_bound: float
    gain: float
    compact: Parameters
    n_rows: int
    n_sampled: int
    size: float

    @property
    def parameters(self) -> Parameters:
        """With covariances (K, d, d)."""
        return self.compact.in_full()


@dataclass(frozen=True, slots=True, eq=False)
class BayesianResult:
    """A mixture of K components in d columns, as variational Bayes knows it.

    `posterior` and `prior` are in the data's units, with matrices (d, d). `lower_bound` is that of
    the log-likelihood of all rows, nats, up to a constant that depends on the prior, K and the
    model: it ranks runs of one fit, not models. `history[-1]` is the final one, `history[0]` that
    after the first iteration. `size` is the sum of the row weights, without weights `n_rows`. A fit
    that was stopped among its starts knows `n_sampled` of the rows only.
    """

    model: str
    posterior: Posterior
    prior: Hyperparameters
    lower_bound: float
    n_rows: int
    history: FloatArray
    ending: StopReason
    n_sampled: int
    size: float

    @property
    def parameters(self) -> Parameters:
        """The point estimate: expected weights and means, and the inverse expected precisions."""
        return self.posterior.parameters

    @property
    def weights(self) -> FloatArray:
        """Expected mixing weights, (K,)."""
        return self.posterior.weights.means

    @property
    def means(self) -> FloatArray:
        """Expected means, (K, d)."""
        return self.posterior.means

    @property
    def covariances(self) -> FloatArray:
        """Inverses of the expected precisions, (K, d, d)."""
        return self.posterior.covariances

    @property
    def sizes(self) -> FloatArray:
        """Expected rows of each component, (K,); about 0 for those that the data do not need."""
        return self.posterior.mean_precisions - self.prior.mean_precision

    @property
    def n_components(self) -> int:
        return len(self.posterior.means)

    @property
    def n_iterations(self) -> int:
        return len(self.history)

    @property
    def converged(self) -> bool:
        return self.ending is StopReason.CONVERGED

    def responsibilities(self, X: Source | npt.ArrayLike) -> FloatArray:
        """Probability of each component for each row of X (n, d): (n, K)."""
        return responsibilities(self.posterior.components, X)

    def labels(self, X: Source | npt.ArrayLike) -> npt.NDArray[np.int32]:
        """The likeliest component of each row, (n,)."""
        return labels(self.posterior.components, X)

    def log_density(self, X: Source | npt.ArrayLike) -> FloatArray:
        """Logarithm of sum_k exp(E[ln pi_k N(x | k)]) at each row, (n,), nats.

        It is below that of the predictive density, which is a mixture of Student's t (Bishop, 2006,
        equation 10.81); scikit-learn's `score_samples` is the same.
        """
        return log_density(self.posterior.components, X)

    def score(self, X: Source | npt.ArrayLike, chunk_map: ChunkMap | None = None) -> RowScores:
        """Label, probability, second choice, log density and distance of each row."""
        return score(self.posterior.components, X, chunk_map)

    def in_units(self, center: FloatArray, scale: FloatArray) -> BayesianResult:
        """The same for x = center + scale * z, where z (n, d) was fitted; both (d,).

        Bounds gain what the scaled prior makes of them, and so compare across scalings.
        """
        shift = bound_shift(self.prior, self.n_components, self.size, scale)
        return replace(
            self,
            posterior=self.posterior.in_units(center, scale),
            prior=self.prior.in_units(center, scale),
            lower_bound=self.lower_bound + shift,
            history=self.history + shift,
        )


def bound_shift(prior: Hyperparameters, n_components: int, size: float, scale: FloatArray) -> float:
    """What scaling the columns by `scale` (d,) adds to a lower bound, nats.

    Besides the Jacobian of the rows that is of the prior's normalising constants, which the bound
    leaves out: together -sum_k nu_k sum_j ln scale_j.
    """
    return log_jacobian(n_components * prior.degrees_of_freedom + size, scale)
