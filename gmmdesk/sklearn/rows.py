"""The rows of one fit in the engine's hands: the one place that calls its kernels.

Inside, coordinates are those of the engine's frame, z = (x - center) / unit; outside, the data's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.bayes import BayesianPrior, Hyperparameters
from gmmdesk.engine.kernels import Components, Expectation, Kernels
from gmmdesk.engine.models.covariance import CovarianceModel, Moments
from gmmdesk.engine.models.whitening import Whitening
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import ArraySource
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.starts.given import Reader
from gmmdesk.sklearn.layouts import diagonals, matrices

LEAST = float(np.nextafter(0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Weights (K,), means (K, d), covariances (K, d, d) or (K, d), and the latter's factors.

    The weights of a start need not add up to 1.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    whitening: Whitening


def rooted(weights: FloatArray, means: FloatArray, roots: AnyArray, along_axes: bool) -> Mixture:
    """The mixture whose precisions are U_k U_k^T.

    With `roots` U (K, d, d), triangular, or (1, d, d) where they are equal, or (K, d) where they
    are diagonal; `along_axes`, only their diagonals are used and the mixture's covariances are
    diagonals too.
    """
    roots = np.asarray(roots, dtype=np.float64)
    log_determinants = -2.0 * np.log(diagonals(roots)).sum(axis=1)
    if along_axes:
        own = diagonals(roots)
        whitening = Whitening(1.0 / own, own, log_determinants, own**2)
        return Mixture(weights, means, whitening.factors**2, whitening)
    K, d = means.shape
    roots = np.broadcast_to(matrices(roots), (K, d, d))
    inverses = roots.transpose(0, 2, 1)
    factors = np.linalg.inv(inverses)
    log_determinants = np.broadcast_to(log_determinants, K)
    whitening = Whitening(factors, inverses, log_determinants, roots @ inverses)
    return Mixture(weights, means, factors @ factors.transpose(0, 2, 1), whitening)


class Rows:
    """X (n, d), float32 or float64, measured, with the kernels for K components of a model."""

    def __init__(
        self, X: AnyArray, n_components: int, model: CovarianceModel, chunk_map: ChunkMap
    ) -> None:
        self._frame = make_frame(ArraySource(X), chunk_map)
        self._kernels = Kernels(self._frame, n_components, model.moments)
        self._diagonal = model.moments is Moments.DIAGONAL
        self._chunk_map = chunk_map
        self.shape = self._frame.shape
        self.unit = self._frame.unit

    def measured(self, read: Reader) -> Statistics:
        """Statistics under responsibilities that `read(rows, out)` puts into `out` (K, m)."""
        return self._kernels.whitened.measure(read, self._chunk_map)

    def single(self, rows: IntArray) -> Statistics:
        """Statistics where component k has row rows[k] and nothing else; `rows` is (K,)."""
        means = self.inward(np.stack([self._frame.source.rows(i, i + 1)[0] for i in rows]))
        K, d = means.shape
        return Statistics(np.ones(K), means, np.zeros((K, d) if self._diagonal else (K, d, d)))

    def expect(self, mixture: Mixture) -> tuple[Statistics, float]:
        """The E-step: statistics, and the mean log-likelihood of a row in the data's units."""
        # A weight of 0 is allowed, but its logarithm in a matrix product is not.
        logarithms = np.log(np.maximum(mixture.weights, LEAST))
        expectation = self.expected(Components(logarithms, mixture.means, mixture.whitening))
        total = expectation.log_likelihood + self._frame.jacobian()
        return expectation.statistics, total / self.shape[0]

    def expected(self, components: Components) -> Expectation:
        """The E-step with `components`, all in the frame's coordinates."""
        kernel = self._kernels.choose(components.means, components.whitening)
        return kernel.expect(components, self._chunk_map, certainty=False)

    def hyperparameters(self, prior: BayesianPrior, family: str, K: int) -> Hyperparameters:
        """`prior` with the defaults for these rows, in the frame's coordinates."""
        return prior.resolved(self._frame, family, K)

    @property
    def units(self) -> tuple[FloatArray, FloatArray]:
        """Center and scale, both (d,), of x = center + scale * z for z in the frame."""
        return self._frame.center, np.full(self.shape[1], self.unit)

    def inward(self, means: AnyArray) -> FloatArray:
        """`means` (K, d), in the data's coordinates, in the frame's."""
        return np.asarray((means - self._frame.center) / self._frame.unit)

    def leave(self, mixture: Mixture) -> Mixture:
        """A mixture in the frame's coordinates, in the data's."""
        inner, unit = mixture.whitening, self.unit
        return Mixture(
            mixture.weights,
            self._frame.center + unit * mixture.means,
            mixture.covariances * unit**2,
            Whitening(
                inner.factors * unit,
                inner.inverses / unit,
                inner.log_determinants + 2.0 * self.shape[1] * math.log(unit),
                inner.precisions / unit**2,
            ),
        )

    def against_all(self, statistics: Statistics) -> Statistics:
        """With a scatter that makes up for rows without a component, (1, d, d).

        sum_i x_i x_i^T - sum_k n_k m_k m_k^T over all rows i, about the origin of the data: the
        scatter within the components where all rows belong to some.
        """
        n, frame = self.shape[0], self._frame
        offset = frame.center / frame.unit
        means = statistics.means + offset
        scatter = frame.total + n * np.multiply.outer(offset, offset)
        scatter -= (statistics.sizes * means.T) @ means
        return Statistics(statistics.sizes, statistics.means, scatter[None])
