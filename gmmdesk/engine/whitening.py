"""Cholesky factors of component covariances, and the test whether a component has collapsed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dpotrf, dtrtri

from gmmdesk.engine.arrays import FloatArray

# A component has collapsed when the variance of some column given the others falls below this
# share of the column's typical one, i.e. a millionth of its spread. Sums of rounding errors
# reach 1e-15; measured clusters stay far above. mclust draws its line at 1.5e-8 of the spread,
# but on the scale of the file.
COLLAPSED = 1e-12


class CollapsedComponent(Exception):  # noqa: N818 - becomes a StopReason or a FitError
    """Component `component` (0-based) has no volume or no rows left."""

    def __init__(self, component: int) -> None:
        super().__init__(component)
        self.component = component


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """Factors of covariances: Sigma_k = C_k C_k^T.

    `factors` C_k and `inverses` C_k^-1 are lower triangular, (K, d, d); `log_determinants` (K,)
    are those of Sigma_k.
    """

    factors: FloatArray
    inverses: FloatArray
    log_determinants: FloatArray

    @property
    def precisions(self) -> FloatArray:
        """Sigma_k^-1, (K, d, d)."""
        return np.asarray(self.inverses.transpose(0, 2, 1) @ self.inverses)

    def lost_magnitude(self, means: FloatArray) -> float:
        """How much larger than their sum the terms of a quadratic form in the moments grow.

        The bound m^T |Sigma^-1| m with m_j = |mean_j| + sd_j, the largest over the components;
        times the machine epsilon it is the rounding error of a log density in nats, and the
        relative error of the smallest variance estimated from raw moments.
        """
        sd = np.sqrt((self.factors**2).sum(axis=2))
        m = np.abs(means) + sd
        return float(np.einsum("kd,kde,ke->k", m, np.abs(self.precisions), m).max())


def whiten(covariances: FloatArray, variances: FloatArray | None = None) -> Whitening:
    """Factor `covariances` (K, d, d).

    Raises CollapsedComponent for the first that is not positive definite or, measured by the
    typical `variances` (d,) where those are given, has no volume.
    """
    sd = np.sqrt(np.maximum(covariances.diagonal(axis1=1, axis2=2), 0.0))
    if not (sd > 0).all():
        raise CollapsedComponent(int(np.argmax((sd <= 0).any(axis=1))))
    # Factoring correlations keeps columns of very different spread from disturbing each other.
    correlations = covariances / (sd[:, :, None] * sd[:, None, :])
    try:
        factors = np.linalg.cholesky(correlations)
    except np.linalg.LinAlgError:
        raise CollapsedComponent(_first_indefinite(correlations)) from None
    inverses = np.stack([dtrtri(factor, lower=1)[0] for factor in factors])
    if variances is not None:
        given_others = sd**2 / (inverses**2).sum(axis=1)
        collapsed = (given_others < COLLAPSED * variances).any(axis=1)
        if collapsed.any():
            raise CollapsedComponent(int(np.argmax(collapsed)))
    factors = sd[:, :, None] * factors
    log_determinants = 2.0 * np.log(factors.diagonal(axis1=1, axis2=2)).sum(axis=1)
    return Whitening(factors, inverses / sd[:, None, :], log_determinants)


def _first_indefinite(matrices: FloatArray) -> int:
    for k, matrix in enumerate(matrices):
        try:
            np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            return k
    raise AssertionError("every matrix is positive definite")


def dependent_column(covariance: FloatArray) -> int | None:
    """The first column (0-based) that is a linear combination of those before it, if any.

    By the `covariance` (d, d) of the rows; a column that is constant there is independent.
    """
    variances = covariance.diagonal()
    constant = variances <= 0.0
    sd = np.sqrt(np.where(constant, 1.0, variances))
    covariance = covariance + np.diag(constant.astype(np.float64))
    factor, failed = dpotrf(covariance / np.multiply.outer(sd, sd), lower=1)
    if failed:
        return int(failed) - 1
    dependent = factor.diagonal() ** 2 < COLLAPSED
    return int(np.argmax(dependent)) if dependent.any() else None
