"""Drawing rows from a mixture."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.models.whitening import factored
from gmmdesk.engine.parameters import Parameters
from gmmdesk.errors import UsageError


def simulate(parameters: Parameters, n_rows: int, seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Independent rows of a mixture, (n, d), and the component of each, (n,); -1 for noise.

    The seed decides. Raises UsageError when fewer than one row is asked for, FitError when a
    covariance is not positive definite.
    """
    if n_rows < 1:
        raise UsageError(f"{n_rows} rows were asked for.", "Ask for at least one.")
    parameters = parameters.in_full()
    K, d = parameters.means.shape
    noise = parameters.noise
    shares = np.append(parameters.weights, 0.0 if noise is None else noise.weight)
    factors = factored(parameters.covariances).factors
    random = np.random.default_rng(seed)
    labels = random.choice(K + 1, n_rows, p=shares / shares.sum())
    rows = random.normal(size=(n_rows, d))
    for k in range(K):
        own = labels == k
        rows[own] = parameters.means[k] + rows[own] @ factors[k].T
    if noise is not None:
        own = labels == K
        rows[own] = noise.region.at(random.random((int(own.sum()), d)))
        labels[own] = -1
    return rows, labels
