"""The variational posterior of a Gaussian mixture, and its update from sufficient statistics.

Bishop (2006), Pattern Recognition and Machine Learning, section 10.2; Blei and Jordan (2006),
Bayesian Analysis 1, 121-144, for the Dirichlet process. Where covariances are common, diagonal or
spherical the updates are scikit-learn's: those of Bishop with the mean of the scatter matrices,
their diagonals or the mean of these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy  # its modules load where they are used: that takes as long as many fits

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.bayes.prior import Hyperparameters
from gmmdesk.engine.bayes.weights import WEIGHTS, WeightPosterior
from gmmdesk.engine.kernels import Components
from gmmdesk.engine.models.covariance import CovarianceModel
from gmmdesk.engine.models.whitening import Whitening, whiten
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.statistics import Statistics

LN_2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Independent posteriors of the weights, and of mean and precision of each component.

    Given its precision Lambda_k, the mean of component k is normal about `means` m (K, d), with
    the precision `mean_precisions` beta (K,) times Lambda_k. Lambda_k has a Wishart distribution
    with `degrees_of_freedom` nu (K,); the inverse of its expectation is `covariances` (K, d, d),
    or while a fit along the axes runs (K, d), with the factors `whitening`.
    """

    weights: WeightPosterior
    mean_precisions: FloatArray
    means: FloatArray
    degrees_of_freedom: FloatArray
    covariances: FloatArray
    whitening: Whitening

    @property
    def parameters(self) -> Parameters:
        """A point estimate: expected weights and means, and the inverse expected precisions."""
        return Parameters(self.weights.means, self.means, self.covariances)

    @property
    def components(self) -> Components:
        """What makes the responsibilities: E[ln pi_k] + E[ln N(x | mu_k, Lambda_k^-1)]."""
        d = self.means.shape[1]
        logarithms = self.weights.expected_logarithms + uncertainty(
            self.mean_precisions, self.degrees_of_freedom, d
        )
        return Components(logarithms, self.means, self.whitening)

    def lower_bound(self, entropy: float) -> float:
        """The lower bound of the log-likelihood, nats, up to a constant.

        Right after the update it is the `entropy` of the responsibilities less the logarithms of
        the normalising constants of the posteriors (equations 10.70 to 10.77, B.79). scikit-learn
        leaves the same terms out: those of the prior and those in pi.
        """
        d = self.means.shape[1]
        nu = self.degrees_of_freedom
        log_determinants = self.whitening.log_determinants + d * np.log(nu)
        halves = (nu - np.arange(d)[:, None]) / 2.0
        wisharts = 0.5 * nu * (d * LN_2 - log_determinants)
        wisharts += scipy.special.gammaln(halves).sum(axis=0)
        normals = -0.5 * d * np.log(self.mean_precisions).sum()
        return entropy + float(wisharts.sum() + normals) - self.weights.log_normalizer

    def in_units(self, center: FloatArray, scale: FloatArray) -> Posterior:
        """The posterior for x = center + scale * z, where this is for z; both (d,)."""
        parameters = self.parameters.in_units(center, scale)
        return replace(
            self,
            means=parameters.means,
            covariances=parameters.covariances,
            whitening=self.whitening.scaled(scale),
        )

    def in_full(self) -> Posterior:
        """With covariances (K, d, d)."""
        if self.covariances.ndim == 3:
            return self
        covariances = self.parameters.in_full().covariances
        return replace(self, covariances=covariances, whitening=whiten(covariances))


def uncertainty(beta: FloatArray, nu: FloatArray, d: int) -> FloatArray:
    """E[ln N(x | mu_k, Lambda_k^-1)] - ln N(x | m_k, E[Lambda_k]^-1), (K,), nats.

    For `beta` and `nu` (K,) in d columns (equations 10.64 and 10.65). It is not above 0 and the
    same for all x.
    """
    halves = (nu - np.arange(d)[:, None]) / 2.0
    log_determinants = scipy.special.digamma(halves).sum(axis=0) + d * (LN_2 - np.log(nu))
    return np.asarray(0.5 * (log_determinants - d / beta))


def updated(prior: Hyperparameters, statistics: Statistics, model: CovarianceModel) -> Posterior:
    """The posterior from `prior` and what the responsibilities make of the rows.

    `model` is the entry to compute with, of one of BAYESIAN_MODELS.

    Raises CollapsedComponent where a covariance is not positive definite.
    """
    sizes, K = statistics.sizes, len(statistics.sizes)
    beta = prior.mean_precision + sizes  # 10.60
    means = prior.mean_precision * prior.mean + sizes[:, None] * statistics.means
    means /= beta[:, None]  # 10.61
    scatter = _scatter(prior, statistics, beta)
    if model.common:
        scatter = np.broadcast_to(scatter.sum(axis=0) / K, (K, *scatter.shape[1:]))
        degrees = np.full(K, prior.degrees_of_freedom + sizes.sum() / K)
    else:
        degrees = prior.degrees_of_freedom + sizes  # 10.63
    if model.spherical and scatter.ndim == 2:
        scatter = np.repeat(scatter.mean(axis=1, keepdims=True), scatter.shape[1], axis=1)
    covariances = prior.covariance + scatter  # 10.62
    covariances /= degrees.reshape(K, *([1] * (covariances.ndim - 1)))
    weights = WEIGHTS[prior.weight_type].updated(prior.weight_concentration, sizes)
    return Posterior(weights, beta, means, degrees, covariances, whiten(covariances))


def _scatter(prior: Hyperparameters, statistics: Statistics, beta: FloatArray) -> FloatArray:
    """What rows add to the scale matrices (10.62), in the form of the statistics' scatter."""
    regular = statistics.plus(statistics.ridge(1.0, prior.added_variances))
    away = statistics.means - prior.mean
    shares = (prior.mean_precision * statistics.sizes / beta)[:, None]
    if regular.scatter.ndim == 2:
        return regular.scatter + shares * away**2
    if len(regular.scatter) < len(away):
        return np.asarray(regular.scatter + ((shares * away).T @ away))
    return regular.scatter + (shares * away)[:, :, None] * away[:, None, :]
