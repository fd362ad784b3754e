"""Log densities of rows under a fitted estimator, tile by tile: no n x K array is made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray
from gmmdesk.engine.parallel import running
from gmmdesk.engine.tiles import Tiling

# Gets rows and their weighted log densities (K, m), which it may write to, and a pair of rows
# (2, m) to work with; from any thread.
Put = Callable[[slice, FloatArray, FloatArray], None]


def evaluate(X: AnyArray, constants: AnyArray, means: AnyArray, roots: AnyArray, put: Put) -> None:
    """Hand c_k - |U_k^T (x - m_k)|^2 / 2 of all rows x of X (n, d) to `put`, in parts.

    With `constants` c (K,), `means` m (K, d) and `roots` U of the precisions, P_k = U_k U_k^T:
    (K, d, d), (1, d, d) where they are equal, or (K, d) where they are diagonal.
    """
    (n, d), K = X.shape, len(means)
    along_axes = roots.ndim == 2
    # About the middle, so that an offset common to all rows costs no digits.
    center = means.mean(axis=0, dtype=np.float64)
    shifts = np.subtract(means, center, dtype=np.float64)
    transposed = np.empty((0, d))
    if not along_axes:
        inverses = roots.transpose(0, 2, 1).astype(np.float64)
        shifts = (inverses @ shifts[:, :, None])[:, :, 0]
        transposed = inverses.reshape(-1, d)
    constants = constants.astype(np.float64)[:, None]
    tiling = Tiling(n, (d, len(transposed), K * d, K, 2), K * (d * (d + 4) + 16))

    @np.errstate(over="ignore", invalid="ignore")  # rows out of all bounds have the density 0
    def evaluate_chunk(chunk: slice) -> None:
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
            log_densities += constants
            put(part, log_densities, pair)

    with running(None) as run:
        for _ in tiling.map(evaluate_chunk, run):
            pass
