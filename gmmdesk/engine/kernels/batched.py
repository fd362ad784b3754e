"""E-steps of a batch of mixtures over the same few rows, in the calls that one would take."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.kernels.expectation import TINY, Components, normalize
from gmmdesk.engine.kernels.feature import fill_coefficients
from gmmdesk.engine.kernels.features import FEATURES, SecondOrder
from gmmdesk.engine.models.covariance import Moments
from gmmdesk.engine.models.whitening import Whitening
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics

# Densities, or features, that are held at once: as many numbers as a cache holds.
MOST_NUMBERS = 2**18


def components_at_once(frame: Frame, moments: Moments) -> int:
    """Of all mixtures of a batch together; 0 where the rows are too many."""
    n, d = frame.shape
    n_features = 1 + 2 * d if moments is Moments.DIAGONAL else (d + 1) * (d + 2) // 2
    return MOST_NUMBERS // n if n * n_features <= MOST_NUMBERS else 0


class BatchedKernel:
    """The products of the feature kernel, and its limits, with the features of all rows kept."""

    def __init__(self, frame: Frame, moments: Moments) -> None:
        n, d = frame.shape
        self._is_pooled = moments is Moments.POOLED
        if self._is_pooled:
            moments = Moments.FULL  # what the components have in common differs between mixtures
        self._frame = frame
        self._terms: SecondOrder = FEATURES[moments](frame)
        margin = self._terms.margin
        features = np.zeros((margin + d + 1 + self._terms.width, n))
        self._phi = phi = features[margin:]
        frame.read(0, n, out=phi[:d])
        phi[d] = 1.0
        self._terms.expand(self._terms.views(features))

    def expect(self, mixtures: Parameters, whitening: Whitening) -> tuple[FloatArray, Statistics]:
        """The E-steps of mixtures (S, K, ...): their log-likelihoods (S,) and statistics.

        `whitening` has the factors of all covariances, which follow each other.
        """
        phi = self._phi
        n, d = self._frame.shape
        weights = self._frame.weights
        log_weights = np.log(np.maximum(mixtures.weights, TINY)).ravel()
        components = Components(log_weights, mixtures.means.reshape(-1, d), whitening)
        theta = np.empty((len(components.means), len(phi)))
        fill_coefficients(theta, self._terms, components, 0.0)
        densities = (theta @ phi).reshape(*mixtures.weights.shape, n)
        logs = np.empty((2, len(densities), n))
        normalize(densities, *logs, lifted=True)
        if weights is not None:
            densities *= weights
            logs *= weights
        weighted = densities.reshape(-1, n) @ phi.T
        first, sizes = weighted[:, :d], weighted[:, d]
        means = first / np.maximum(sizes, TINY)[:, None]
        scatter = self._terms.scatter(weighted[:, d + 1 :], first, means)
        shape = mixtures.weights.shape
        scatter = scatter.reshape(*shape, *scatter.shape[1:])
        if self._is_pooled:
            scatter = scatter.sum(axis=1, keepdims=True)
        statistics = Statistics(sizes.reshape(shape), means.reshape(*shape, d), scatter)
        return logs.sum(axis=(0, 2)), statistics
