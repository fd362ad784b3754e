"""Cholesky factors of component covariances, and the test whether a component has collapsed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.parallel import lapack
from gmmdesk.errors import FitError

# A component has collapsed when the variance of some column given the others falls below this
# share of the column's typical one, i.e. a ten-millionth of its spread. Sums of rounding errors
# reach 1e-15; measured clusters stay far above. mclust draws its line at 1.5e-8 of the spread,
# but on the scale of the file.
COLLAPSED = 1e-14
# So it has when the others leave less than this share of the column's variance in the component:
# no covariance matrix of double precision can say then how much they leave. Below the larger
# share the matrix still can, but its factors need a second step to say the same.
DEPENDENT = 1e-12
DELICATE = 1e-3
# Up to so many columns, inverses of all factors in one call take no longer than one by one.
FEW_COLUMNS = 8
# Adding and subtracting it rounds numbers of the size of 1 to multiples of 2^-24, whose products
# add up without rounding.
COARSE = 1.5 * 2.0**28


class CollapsedComponent(Exception):  # noqa: N818 - becomes a StopReason or a FitError
    """Component `component` (0-based) has no volume or no rows left."""

    def __init__(self, component: int) -> None:
        super().__init__(component)
        self.component = component


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """Factors of covariances: Sigma_k = C_k C_k^T.

    `factors` C_k and `inverses` C_k^-1 are lower triangular, (K, d, d), `precisions` are
    Sigma_k^-1, and `log_determinants` (K,) are those of Sigma_k. Where all Sigma_k are diagonal,
    each of the three holds diagonals only, (K, d).
    """

    factors: FloatArray
    inverses: FloatArray
    log_determinants: FloatArray
    precisions: FloatArray

    def lost_magnitudes(self, means: FloatArray) -> FloatArray:
        """How much larger than their sum the terms of quadratic forms in the moments grow, (K,).

        The bounds m^T |Sigma^-1| m with m_j = |mean_j| + sd_j; times the machine epsilon they are
        the rounding errors of log densities in nats, and the relative errors of the smallest
        variances estimated from raw moments.
        """
        if self.factors.ndim == 2:
            return np.asarray(((np.abs(means) * self.inverses + 1.0) ** 2).sum(axis=1))
        m = np.abs(means) + np.sqrt((self.factors**2).sum(axis=2))
        return np.asarray((self._product(np.abs(self.precisions), m) * m).sum(axis=1))

    def whiten(self, means: FloatArray) -> FloatArray:
        """C_k^-1 m_k of `means` (K, d)."""
        return self._product(self.inverses, means)

    def linear(self, means: FloatArray) -> FloatArray:
        """Sigma_k^-1 m_k of `means` (K, d)."""
        return self._product(self.precisions, means)

    def scaled(self, scale: FloatArray) -> Whitening:
        """The factors where column j is in units of 1 / scale[j], (d,)."""
        full = self.factors.ndim == 3
        down = scale[:, None] if full else scale
        return Whitening(
            self.factors * down,
            self.inverses / scale,
            self.log_determinants + 2.0 * np.log(np.abs(scale)).sum(),
            self.precisions / (np.multiply.outer(scale, scale) if full else scale**2),
        )

    def only(self, components: slice) -> Whitening:
        """Those of some of the components."""
        return Whitening(
            self.factors[components],
            self.inverses[components],
            self.log_determinants[components],
            self.precisions[components],
        )

    @staticmethod
    def _product(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
        if matrices.ndim == 2:
            return matrices * vectors
        return np.asarray((matrices @ vectors[:, :, None])[:, :, 0])


def whiten(covariances: FloatArray, variances: FloatArray | None = None) -> Whitening:
    """Factor `covariances` (K, d, d), or (K, d) where they are diagonal.

    Raises CollapsedComponent for the first that is not positive definite or, measured by the
    typical `variances` (d,) where those are given, has no volume.
    """
    diagonal = covariances.ndim == 2
    own = covariances if diagonal else covariances.diagonal(axis1=1, axis2=2)
    least = 0.0 if variances is None else COLLAPSED * variances
    _refuse_all_but(own > least)
    if diagonal:
        sd = np.sqrt(own)
        return Whitening(sd, 1.0 / sd, np.log(own).sum(axis=1), 1.0 / own)
    factors = cholesky(covariances)
    inverses = _inverses(factors)
    precisions = inverses.transpose(0, 2, 1) @ inverses
    # Of the variances, what the other columns leave, and the share of them that it is.
    left = 1.0 / precisions.diagonal(axis1=1, axis2=2)
    shares = left / own
    least_share = shares.min()
    if variances is not None and not (least_share >= DEPENDENT and (left >= least).all()):
        _refuse_all_but((left >= least) & (shares >= DEPENDENT))
    diagonals = factors.diagonal(axis1=1, axis2=2)
    if least_share < DELICATE:
        factors, inverses, corrections = _refined(covariances, factors, inverses)
        precisions = inverses.transpose(0, 2, 1) @ inverses
        diagonals = np.asarray(diagonals * corrections)
    log_determinants = 2.0 * np.log(diagonals).sum(axis=1)
    return Whitening(factors, inverses, log_determinants, precisions)


def factored(covariances: FloatArray) -> Whitening:
    """Factors of the covariances (K, d, d) of a mixture that somebody has given.

    Raises FitError for the first that is not positive definite.
    """
    try:
        return whiten(covariances)
    except CollapsedComponent as collapsed:
        raise FitError(
            f"The covariance of component {collapsed.component + 1} is not positive definite.",
            "Give one that is.",
        ) from None


def _inverses(factors: FloatArray) -> FloatArray:
    """Of lower triangular matrices (K, d, d)."""
    if factors.shape[1] <= FEW_COLUMNS:  # of upper ones a general inverse comes out as exact
        return np.asarray(np.linalg.inv(factors.transpose(0, 2, 1)).transpose(0, 2, 1))
    inverses = np.empty_like(factors)
    for factor, inverse in zip(factors, inverses, strict=True):
        inverse[...] = lapack().dtrtri(factor, lower=1)[0]
    return inverses


def _refined(
    matrices: FloatArray, factors: FloatArray, inverses: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cholesky factors F T of `matrices`, their inverses, and the diagonals of the T (K, d).

    F are the factors that rounding has made inexact, (K, d, d). What F F^T lacks is found in twice
    the digits, and T is the factor of F^-1 M F^-T: so the inverse errs by the condition of F, the
    root of that of M. Where columns differ in spread, they are made alike meanwhile: by powers of
    two, which cost no digits.
    """
    sd = np.sqrt(matrices.diagonal(axis1=1, axis2=2))
    units = np.ldexp(1.0, np.frexp(sd)[1])
    down, across = units[:, :, None], units[:, None, :]
    matrices = matrices / (down * across)
    factors = factors / down
    inverses = inverses * across
    coarse = (factors + COARSE) - COARSE
    fine = factors - coarse
    lacking = matrices - coarse @ coarse.transpose(0, 2, 1)
    mixed = coarse @ fine.transpose(0, 2, 1)
    lacking -= mixed + mixed.transpose(0, 2, 1) + fine @ fine.transpose(0, 2, 1)
    whitened = np.eye(factors.shape[1]) + inverses @ lacking @ inverses.transpose(0, 2, 1)
    corrections = cholesky(whitened)
    diagonals = corrections.diagonal(axis1=1, axis2=2)
    factors = (factors @ corrections) * down
    return factors, (_inverses(corrections) @ inverses) / across, diagonals


def cholesky(matrices: FloatArray, components_each: int = 1) -> FloatArray:
    """Factors of `matrices` (..., d, d).

    Raises CollapsedComponent for the first component of the first that has none, of
    `components_each`.
    """
    try:
        return np.asarray(np.linalg.cholesky(matrices), dtype=np.float64)
    except np.linalg.LinAlgError:
        first = _first_indefinite(matrices.reshape(-1, *matrices.shape[-2:]))
        raise CollapsedComponent(first * components_each) from None


def equalized(
    covariances: FloatArray, whitening: Whitening, sizes: FloatArray
) -> tuple[FloatArray, Whitening]:
    """Covariances of equal determinant, and their factors, from those of varying volume.

    With volumes v_k = |Sigma_k|^(1/d) the common one is sum_k n_k v_k / n (Celeux and Govaert,
    1995, equations 10 and 14: the M-step of the models E** whose shapes vary). It is common to
    each row of `sizes` (K,) or, of several mixtures, (S, K), whose components follow each other.
    """
    d = whitening.factors.shape[1]
    logs = (whitening.log_determinants / d).reshape(sizes.shape)
    largest = logs.max(axis=-1, keepdims=True)
    shares = sizes / sizes.sum(axis=-1, keepdims=True)
    volumes = (np.exp(logs - largest) * shares).sum(axis=-1, keepdims=True)
    common = np.broadcast_to(np.log(volumes) + largest, logs.shape).ravel()
    factors = np.exp(common - logs.ravel()).reshape(-1, *([1] * (covariances.ndim - 1)))
    roots = np.sqrt(factors)
    return covariances * factors, Whitening(
        whitening.factors * roots,
        whitening.inverses / roots,
        d * common,
        whitening.precisions / factors,
    )


def _refuse_all_but(sound: npt.NDArray[np.bool_]) -> None:
    """Raise CollapsedComponent for the first component with False in any column of (K, d)."""
    if not sound.all():
        raise CollapsedComponent(int(np.argmin(sound.all(axis=1))))


def _first_indefinite(matrices: FloatArray) -> int:
    return next(k for k, matrix in enumerate(matrices) if not _is_definite(matrix))


def _is_definite(matrix: FloatArray) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def dependent_column(covariance: FloatArray) -> int | None:
    """The first column (0-based) that is a linear combination of those before it, if any.

    By the `covariance` (d, d) of the rows; a column that is constant there is independent.
    """
    variances = covariance.diagonal()
    constant = variances <= 0.0
    sd = np.sqrt(np.where(constant, 1.0, variances))
    covariance = covariance + np.diag(constant.astype(np.float64))
    correlations = covariance / np.multiply.outer(sd, sd)
    try:
        factor = np.linalg.cholesky(correlations)
    except np.linalg.LinAlgError:
        leading = (correlations[: j + 1, : j + 1] for j in range(len(sd)))
        return next(j for j, one in enumerate(leading) if not _is_definite(one))
    dependent = factor.diagonal() ** 2 < DEPENDENT
    return int(np.argmax(dependent)) if dependent.any() else None
