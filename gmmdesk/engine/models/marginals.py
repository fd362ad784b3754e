"""Gaussian densities of the cells that are there, and what they say about those that are not.

In the coordinates y = C^-1 (x - m) in which a component is standard normal, with the observed
columns before the missing ones in its Cholesky factor C, the first y are those of the observed
cells alone, and the others are independent of them and standard normal still. So the density of
the observed cells needs the first y only, and the expectations of the E-step (Ghahramani and
Jordan, 1994, "Supervised learning from incomplete data via an EM approach"; Little and Rubin,
2019, Statistical Analysis with Missing Data, section 11.2) are 0 for the others and 1 for their
squares.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.whitening import DELICATE, Whitening
from gmmdesk.engine.rows.gaps import BoolArray


class Marginals(Protocol):
    """K components as B patterns of observed columns see them.

    `log_determinants` (B, K) are those of the covariances of the observed columns.
    """

    log_determinants: FloatArray

    def whiten(self, z: FloatArray, means: FloatArray) -> FloatArray:
        """y of rows z (B, d, m), 0 in missing cells, (B, K, d, m): 0 for what is missing."""

    def second(self, y: FloatArray) -> FloatArray:
        """The sum over the rows of the products of y (B, K, d, m), as `lifted` needs them."""

    def lifted(
        self, sizes: FloatArray, first: FloatArray, second: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Expected deviations from the means, (K, d), and their products, summed over patterns.

        From the sums of weights (B, K), of weighted y, (B, K, d), and of their products, `second`.
        """


def marginals(observed: BoolArray, whitening: Whitening) -> Marginals:
    """Those of covariances that have the factors `whitening`, for patterns `observed` (B, d)."""
    if whitening.factors.ndim == 2:
        return _AlongAxes(observed, whitening.factors)
    return _Full(observed, whitening)


class _Full:
    """With correlations: `factors` C and `inverses` C^-1, (B, K, d, d).

    The rows of C and the columns of C^-1 are in the order of the data's columns; the others have
    the observed ones first. The rows of C^-1 that are of missing cells are 0.
    """

    def __init__(self, observed: BoolArray, whitening: Whitening) -> None:
        d = observed.shape[1]
        # Permutations as matrices: several times as fast as indexing, and exact.
        order = np.eye(d)[np.argsort(~observed, axis=1, kind="stable")][:, None]
        back = np.ascontiguousarray(order.swapaxes(2, 3))
        sd = np.sqrt((whitening.factors**2).sum(axis=2))
        # As in `whiten`: columns of very different spread do not disturb each other.
        roots = whitening.factors / sd[:, :, None]
        precisions = whitening.precisions.diagonal(axis1=1, axis2=2)
        if (precisions * sd**2).max() * DELICATE < 1.0:
            factors = np.linalg.cholesky(order @ (roots @ roots.swapaxes(1, 2)) @ back)
        else:  # slower, but errs by the condition of the factors only, the root of that of the rest
            upper = np.asarray(np.linalg.qr((order @ roots).swapaxes(2, 3), mode="r"))
            signs = np.where(upper.diagonal(axis1=2, axis2=3) < 0.0, -1.0, 1.0)
            factors = upper.swapaxes(2, 3) * signs[:, :, None]
        self._observed = (np.arange(d) < observed.sum(axis=1)[:, None])[:, None]
        inverses = np.where(self._observed[..., None], _inverted(factors), 0.0)
        logs = np.log(factors.diagonal(axis1=2, axis2=3))
        self.log_determinants = 2.0 * (
            np.where(self._observed, logs, 0.0).sum(axis=2) + observed @ np.log(sd).T
        )
        self._factors = (back * sd[:, :, None]) @ factors
        self._inverses = inverses @ (order / sd[:, None, :])

    def whiten(self, z: FloatArray, means: FloatArray) -> FloatArray:
        # The mean first: of a tight component C^-1 z and C^-1 m would all but cancel.
        return np.asarray(self._inverses @ (z[:, None] - means[:, :, None]))

    def second(self, y: FloatArray) -> FloatArray:
        return np.asarray(y @ y.swapaxes(2, 3))

    def lifted(
        self, sizes: FloatArray, first: FloatArray, second: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        d = first.shape[2]
        middle = second.copy()
        diagonal = middle.reshape(*first.shape[:2], d * d)[:, :, :: d + 1]
        diagonal += np.where(self._observed, 0.0, sizes[:, :, None])
        factors = self._factors
        deviations = (factors @ first[..., None])[..., 0].sum(axis=0)
        return deviations, (factors @ middle @ factors.swapaxes(2, 3)).sum(axis=0)


class _AlongAxes:
    """Without correlations nothing is learnt about a missing cell."""

    def __init__(self, observed: BoolArray, sd: FloatArray) -> None:
        self._missing = ~observed[:, None]
        self._sd = sd
        self._inverses = observed[:, None] / sd
        self.log_determinants = np.asarray(2.0 * (observed @ np.log(sd).T), np.float64)

    def whiten(self, z: FloatArray, means: FloatArray) -> FloatArray:
        y = z[:, None] - means[:, :, None]
        y *= self._inverses[..., None]
        return y

    def second(self, y: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("bkdm,bkdm->bkd", y, y))

    def lifted(
        self, sizes: FloatArray, first: FloatArray, second: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        squares = (second + self._missing * sizes[:, :, None]).sum(axis=0)
        return self._sd * first.sum(axis=0), self._sd**2 * squares


def _inverted(factors: FloatArray) -> FloatArray:
    """The inverses of lower triangular matrices (..., d, d), all at once, row after row."""
    inverses = np.zeros_like(factors)
    for i in range(factors.shape[-1]):
        pivot = factors[..., i, i, None]
        above = factors[..., i : i + 1, :i] @ inverses[..., :i, :i]
        inverses[..., i, :i] = -above[..., 0, :] / pivot
        inverses[..., i, i] = 1.0 / pivot[..., 0]
    return inverses
