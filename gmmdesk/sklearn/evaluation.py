"""What a fitted estimator says about rows, tile by tile: no n x K array but the one asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.kernels.expectation import LOG_2_PI, normalize
from gmmdesk.engine.parallel import running
from gmmdesk.engine.rows.tiles import Tiling
from gmmdesk.sklearn.layouts import diagonals

# Gets rows and their weighted log densities (K, m), which it may write to, and a pair of rows
# (2, m) to work with; from any thread.
Put = Callable[[slice, FloatArray, FloatArray], None]


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """A mixture by its `log_weights` (K,), `means` (K, d) and `roots` U: precisions are U U^T.

    The roots are (K, d, d), (1, d, d) where they are equal, or (K, d) where they are diagonal.
    Log weights may hold whatever else is added to the log densities of a component.
    """

    log_weights: AnyArray
    means: AnyArray
    roots: AnyArray

    def labels(self, X: AnyArray) -> IntArray:
        """The likeliest component of each row of X (n, d): (n,)."""
        labels = np.empty(len(X), np.int64)

        def put(part: slice, log_densities: FloatArray, _pair: FloatArray) -> None:
            log_densities.argmax(axis=0, out=labels[part])

        self._evaluate(X, put)
        return labels

    def responsibilities(self, X: AnyArray) -> AnyArray:
        """The probability of each component for each row of X (n, d): (n, K), as precise as X."""
        result = np.empty((len(X), len(self.means)), X.dtype)

        def put(part: slice, log_densities: FloatArray, pair: FloatArray) -> None:
            normalize(log_densities, *pair)
            result[part] = log_densities.T

        self._evaluate(X, put)
        return result

    def log_density(self, X: AnyArray) -> AnyArray:
        """The log density of each row of X (n, d), nats: (n,), as precise as X."""
        result = np.empty(len(X), X.dtype)

        def put(part: slice, log_densities: FloatArray, pair: FloatArray) -> None:
            normalize(log_densities, *pair)
            # Rows out of all bounds, where every density is 0, have no responsibilities.
            result[part] = np.where(np.isneginf(pair[0]), -np.inf, pair.sum(axis=0))

        self._evaluate(X, put)
        return result

    def _evaluate(self, X: AnyArray, put: Put) -> None:
        """Hand the weighted log densities of all rows of X to `put`, in parts."""
        (n, d), K = X.shape, len(self.means)
        roots = self.roots.astype(np.float64)
        along_axes = roots.ndim == 2
        # About the middle, so that an offset common to all rows costs no digits.
        center = self.means.mean(axis=0, dtype=np.float64)
        shifts = self.means - center
        transposed = np.empty((0, d))
        if not along_axes:
            inverses = roots.transpose(0, 2, 1)
            shifts = (inverses @ shifts[:, :, None])[:, :, 0]
            transposed = inverses.reshape(-1, d)
        constants = self.log_weights + np.log(diagonals(roots)).sum(axis=1) - 0.5 * d * LOG_2_PI
        tiling = Tiling(n, (d, len(transposed), K * d, K, 2), K * (d * (d + 4) + 16))

        @np.errstate(over="ignore", invalid="ignore")
        def evaluate(chunk: slice) -> None:
            for tile in tiling.tiles(chunk):
                z, product, flat, log_densities, pair = tile.work
                part = slice(tile.start, tile.stop)
                np.subtract(X[part].T, center[:, None], out=z)
                y = flat.reshape(K, d, -1)
                if along_axes:
                    np.subtract(z, shifts[:, :, None], out=y)
                    y *= roots[:, :, None]
                else:
                    np.matmul(transposed, z, out=product)
                    np.subtract(product.reshape(-1, d, z.shape[1]), shifts[:, :, None], out=y)
                np.einsum("kdm,kdm->km", y, y, out=log_densities)
                log_densities *= -0.5
                log_densities += constants[:, None]
                put(part, log_densities, pair)

        with running(None) as run:
            for _ in tiling.map(evaluate, run):
                pass
