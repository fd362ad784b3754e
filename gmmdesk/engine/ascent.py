"""One run of the EM algorithm, from parameters to a maximum (Dempster, Laird and Rubin, 1977)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.covariance import Hint, entry
from gmmdesk.engine.density import score
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import Collapse, StopReason
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts import Start
from gmmdesk.engine.statistics import Statistics
from gmmdesk.engine.whitening import CollapsedComponent, Whitening, equalized, whiten

# Of a typical variance, what is added to a component that is kept from collapsing: a thousandth of
# the spread, and six digits above what counts as collapsed.
FLOOR = 1e-6
# Expected rows below which a component is empty: its mean is made of rounding errors.
EMPTY = 1e-8


class Ascent:
    """The state of one EM run: its last complete iteration, and how it ended.

    In the frame's coordinates. `parameters` are those whose log-likelihood ends `history`;
    None before the first iteration is complete. With `mend` a component that collapses is kept
    from it by a floor under its covariance alone; `mended` lists those of `parameters`.
    """

    def __init__(
        self,
        kernels: Kernels,
        spec: FitSpec,
        chunk_map: ChunkMap,
        mend: bool = False,
        exact: bool = True,
    ) -> None:
        self.frame = kernels.frame
        self.parameters: Parameters | None = None
        self.history: list[float] = []
        self.log_certainty = 0.0
        self.reason: StopReason | None = None
        self.spec = spec
        self.mended: tuple[int, ...] = ()
        self._kernels = kernels
        self._mend = mend
        self._exact = exact
        self._model = entry(spec.family, self.frame.shape[1])
        self._chunk_map = chunk_map
        self._start: Start | None = None
        self._floored: tuple[int, ...] = ()
        self._collapsed: int | None = None
        self._eased = 0.0  # what the last M-step took off the penalty for added scatter

    @property
    def log_likelihood(self) -> float:
        """Of the last complete iteration, total, nats."""
        return self.history[-1]

    @property
    def gain(self) -> float:
        """What the last iteration added to the log-likelihood per row; nan for the first."""
        if len(self.history) < 2:
            return np.nan
        return (self.history[-1] - self.history[-2]) / self.frame.shape[0]

    @property
    def _rise(self) -> float:
        """What the last iteration added per row to what its M-step makes a maximum.

        Where scatter A_k is added, that is the log-likelihood less sum_k tr(Sigma_k^-1 A_k) / 2. It
        never falls, and settles only at a fixed point; the log-likelihood itself may fall then.
        """
        return self.gain + self._eased / self.frame.shape[0]

    def from_start(self, start: Start, pseudo_rows: float = 0.0) -> Iterator[None]:
        """EM beginning with the M-step from `start`; yields after each iteration.

        `pseudo_rows` shrink each component's first covariance toward the pooled one.
        """
        self._start = start
        statistics = self._kernels.whitened.measure(start.read, self._chunk_map)
        if pseudo_rows:
            statistics = statistics.shrunk(pseudo_rows)
        yield from self._climb(lambda: self._maximize(statistics))

    def continuing(self, other: Ascent) -> Iterator[None]:
        """EM from where `other` stands; with the same rows, its iterations count here too."""
        assert other.parameters is not None
        if other.frame is self.frame:
            self.history = other.history[:-1]  # the last one is done again
            self._eased = other._eased
        self._floored = other.mended
        parameters = other.parameters
        yield from self._climb(
            lambda: (parameters, whiten(parameters.covariances, self.frame.typical))
        )

    def _climb(self, begin: Callable[[], tuple[Parameters, Whitening]]) -> Iterator[None]:
        """EM from the parameters that `begin` gives; yields after each iteration."""
        try:
            parameters, whitening = begin()
            while True:
                statistics = self._expect(parameters, whitening)
                yield
                # One component is done at once: its responsibilities never change.
                if self.spec.n_components == 1 or self._rise <= self.spec.tol:
                    self.reason = StopReason.CONVERGED
                    return
                if len(self.history) == self.spec.max_iter:
                    self.reason = StopReason.MAX_ITERATIONS
                    return
                before = _own_precisions(whitening)
                statistics, parameters, whitening = self._improve(statistics, parameters, whitening)
                added = self._added(statistics)
                if added is not None:
                    eased = (before - _own_precisions(whitening))[: len(added)] * added
                    self._eased = 0.5 * float(eased.sum())
        except CollapsedComponent as collapsed:
            self.reason = StopReason.COLLAPSED
            self._collapsed = collapsed.component

    def mixture(self) -> Parameters:
        """The last complete iteration's parameters in the data's units."""
        assert self.parameters is not None
        parameters, frame = self.parameters, self.frame
        return Parameters(
            parameters.weights,
            frame.center + frame.unit * parameters.means,
            frame.unit**2 * parameters.covariances,
        )

    def collapse(self, chunk_map: ChunkMap) -> Collapse | None:
        """Which component collapsed or was kept from it, if one was, and the rows it is on."""
        if self._collapsed is None and not self.mended:
            return None
        kept = self._collapsed is None
        component = self.mended[0] if self._collapsed is None else self._collapsed
        if self.parameters is not None:
            labels = score(self.mixture().in_full(), self.frame.source, chunk_map).label
            rows = np.flatnonzero(labels == component)
        else:
            assert self._start is not None  # another's parameters have volume
            rows = self._start.rows_of(component)
        return Collapse(component, rows, kept)

    def _improve(
        self, statistics: Statistics, parameters: Parameters, whitening: Whitening
    ) -> tuple[Statistics, Parameters, Whitening]:
        """The M-step after the E-step with `parameters`, and the statistics it is made from.

        Where the fast kernel made them and a component then turns out too tight for it, or to have
        collapsed, the E-step is done again by the exact one.
        """
        choose, exact = self._kernels.choose, self._kernels.whitened
        trusted = choose(parameters.means, whitening) is exact
        floored = self._floored
        try:
            improved = self._maximize(statistics)
            if trusted or choose(improved[0].means, improved[1]) is not exact:
                return statistics, *improved
        except CollapsedComponent:
            if trusted:
                raise
        self._floored = floored
        statistics = exact.expect(parameters, whitening, self._chunk_map).statistics
        return statistics, *self._maximize(statistics)

    def _expect(self, parameters: Parameters, whitening: Whitening) -> Statistics:
        kernel = self._kernels.choose(parameters.means, whitening)
        expectation = kernel.expect(parameters, whitening, self._chunk_map)
        self.parameters, self.mended = parameters, self._floored
        self.log_certainty = expectation.log_certainty
        self.history.append(expectation.log_likelihood)
        return expectation.statistics

    def _maximize(self, statistics: Statistics) -> tuple[Parameters, Whitening]:
        """The M-step, with the factors of its covariances; mended where that is asked for."""
        while True:
            try:
                return self._estimate(statistics)
            except CollapsedComponent as collapsed:
                component = collapsed.component
                emptied = statistics.sizes[component] <= EMPTY
                if not self._mend or emptied or len(self._floored) == len(statistics.sizes):
                    raise
                if component in self._floored:  # what they share has collapsed
                    others = range(len(statistics.sizes))
                    self._floored += tuple(k for k in others if k not in self._floored)
                else:
                    self._floored += (component,)

    def _estimate(self, statistics: Statistics) -> tuple[Parameters, Whitening]:
        if not statistics.sizes.min() > EMPTY:
            raise CollapsedComponent(int(np.argmin(statistics.sizes)))
        added = self._added(statistics)
        regular = statistics if added is None else statistics.plus(added)
        previous = None if self.parameters is None else self.parameters.covariances
        covariances = self._model.covariances(regular, Hint(previous, self._exact, self._look_up))
        whitening = whiten(covariances, self.frame.typical)
        if self._model.equal_volumes:
            covariances, whitening = equalized(covariances, whitening, regular.sizes)
        weights = statistics.sizes / statistics.sizes.sum()
        return Parameters(weights, statistics.means, covariances), whitening

    def _look_up(self) -> None:
        """Raise Cancelled if the chunk map says so."""
        for _ in self._chunk_map(bool, (0,)):
            pass

    def _added(self, statistics: Statistics) -> FloatArray | None:
        """Scatter that keeps covariances regular, (K, d) or (1, d), where that is asked for."""
        if not (self.spec.regularization or self._floored):
            return None
        added = statistics.ridge(self.spec.regularization, self.frame.variances)
        if self._floored:
            added += statistics.floor(self._floored, FLOOR, self.frame.typical)
        return added


def _own_precisions(whitening: Whitening) -> FloatArray:
    """The diagonals of Sigma_k^-1, (K, d): a copy, for the matrices are large."""
    precisions = whitening.precisions
    return precisions if precisions.ndim == 2 else precisions.diagonal(axis1=1, axis2=2).copy()
