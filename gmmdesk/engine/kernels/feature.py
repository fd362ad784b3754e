"""The fast kernel: two matrix products with the features of each row."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.covariance import Moments
from gmmdesk.engine.frame import Frame
from gmmdesk.engine.kernels.expectation import (
    TINY,
    Components,
    Expectation,
    Sums,
    respond,
    total,
)
from gmmdesk.engine.kernels.features import FEATURES, SecondOrder
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.statistics import Statistics
from gmmdesk.engine.tiles import Tiling


class FeatureKernel:
    """L = Theta Phi and S = R Phi^T: two matrix products for each tile.

    Raw moments cancel where a component is tight or far out; see Whitening.lost_magnitude. With
    noise, one more row of Theta is constant: pooled moments, which leave out what all rows have in
    common, are not for that.
    """

    def __init__(
        self, frame: Frame, n_components: int, moments: Moments, noise: bool = False
    ) -> None:
        n, d = frame.shape
        self._frame = frame
        self._pooled = moments is Moments.POOLED
        assert not (noise and self._pooled)
        self._terms: SecondOrder = FEATURES[moments](frame)
        n_features = 1 + d + self._terms.width
        rows = n_components + noise
        self.tiling = Tiling(
            n, (n_features, rows, 1, 1), 2 * rows * (n_features + 16), rows * n_features
        )

    def expect(self, components: Components, chunk_map: ChunkMap) -> Expectation:
        K, d = components.means.shape
        precisions = components.whitening.precisions
        linear = components.whitening.linear(components.means)
        constant = components.constants - 0.5 * (linear * components.means).sum(axis=1)
        theta = np.concatenate(
            [constant[:, None], linear, self._terms.coefficients(precisions)], axis=1
        )
        if components.background is not None:
            theta = np.concatenate([theta, np.zeros((1, theta.shape[1]))])
            theta[K, 0] = components.background

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros_like(theta))
            for tile in self.tiling.tiles(chunk):
                phi, responsibilities = tile.work[:2]
                phi[0] = 1.0
                self._frame.read(tile.start, tile.stop, out=phi[1 : 1 + d])
                self._terms.expand(phi[1 : 1 + d], out=phi[1 + d :])
                np.matmul(theta, phi, out=responsibilities)
                respond(self._frame, tile, responsibilities, sums)
                sums.weighted += responsibilities @ phi.T
            return sums

        sums = total(self.tiling, chunk_sums, theta.shape, chunk_map)
        log_likelihood = sums.log_max + sums.log_sum
        if self._pooled:
            # The common quadratic form, left out above: sum_i z_i^T P z_i = tr(P total).
            log_likelihood -= 0.5 * float((precisions[0] * self._frame.total).sum())
        sizes, first = sums.weighted[:K, 0], sums.weighted[:K, 1 : 1 + d]
        means = first / np.maximum(sizes, TINY)[:, None]
        scatter = self._terms.scatter(sums.weighted[:K, 1 + d :], first, means)
        noise = float(sums.weighted[K:, 0].sum())
        return Expectation(Statistics(sizes, means, scatter, noise), log_likelihood, -sums.log_sum)
