"""One run of variational Bayes, from a start to a maximum of the lower bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.bayes.posterior import Posterior, updated
from gmmdesk.engine.bayes.prior import Hyperparameters
from gmmdesk.engine.kernels import Components, Expectation, Kernels
from gmmdesk.engine.models.covariance import entry
from gmmdesk.engine.models.whitening import CollapsedComponent
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.result import StopReason
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start
from gmmdesk.errors import FitError


class VariationalAscent:
    """The state of one run: its last complete iteration, and how it ended.

    In the frame's coordinates. `posterior` is the one whose lower bound ends `history`; None
    before the first iteration is complete.
    """

    def __init__(
        self, kernels: Kernels, spec: FitSpec, prior: Hyperparameters, chunk_map: ChunkMap
    ) -> None:
        self.frame = kernels.frame
        self.posterior: Posterior | None = None
        self.history: list[float] = []
        self.reason: StopReason | None = None
        self._kernels = kernels
        self._spec = spec
        self._prior = prior
        self._model = entry(spec.family, kernels.frame.shape[1])
        self._chunk_map = chunk_map

    @property
    def lower_bound(self) -> float:
        """Of the last complete iteration, total, nats."""
        return self.history[-1]

    @property
    def gain(self) -> float:
        """What the last iteration added to the bound per row; nan for the first."""
        if len(self.history) < 2:
            return np.nan
        return (self.history[-1] - self.history[-2]) / self.frame.size

    def from_start(self, start: Start) -> Iterator[None]:
        """Begins with the posterior that `start` makes; yields after each iteration."""

        def begin() -> Posterior:
            return self._updated(self._kernels.whitened.measure(start.read, self._chunk_map))

        yield from self._climb(begin)

    def continuing(self, other: VariationalAscent) -> Iterator[None]:
        """Begins where `other` stands; with the same rows, its iterations count here too."""
        posterior = other.posterior
        assert posterior is not None
        if other.frame is self.frame:
            self.history = other.history.copy()
            self.posterior = posterior
        yield from self._climb(lambda: posterior)

    def _climb(self, begin: Callable[[], Posterior]) -> Iterator[None]:
        posterior = begin()
        while True:
            components = posterior.components
            kernel = self._kernels.choose(components.means, components.whitening)
            expectation = kernel.expect(components, self._chunk_map, certainty=False)
            posterior = self._updated(expectation.statistics)
            self.posterior = posterior
            self.history.append(posterior.lower_bound(entropy(components, expectation)))
            yield
            if self.gain <= self._spec.tol:
                self.reason = StopReason.CONVERGED
                return
            if len(self.history) >= self._spec.max_iter:
                self.reason = StopReason.MAX_ITERATIONS
                return

    def _updated(self, statistics: Statistics) -> Posterior:
        try:
            return updated(self._prior, statistics, self._model)
        except CollapsedComponent as collapsed:
            raise FitError(
                f"The covariance of component {collapsed.component + 1} has no volume.",
                "Give the prior a larger covariance, or use fewer columns.",
            ) from None


def entropy(components: Components, expectation: Expectation) -> float:
    """-sum_ik r_ik ln r_ik of the responsibilities that `components` made, nats.

    As ln r_ik = l_ik - ln sum_k exp(l_ik) with the log densities l_ik, and those are linear in the
    statistics, no pass over the rows is needed.
    """
    statistics, whitening = expectation.statistics, components.whitening
    sizes = statistics.sizes
    away = whitening.whiten(statistics.means - components.means)
    linear = np.where(sizes > 0.0, components.constants - 0.5 * (away**2).sum(axis=1), 0.0)
    precisions: FloatArray = whitening.precisions[: len(statistics.scatter)]
    quadratic = 0.5 * float((precisions * statistics.scatter).sum())
    return expectation.log_likelihood - (float(sizes @ linear) - quadratic)
