"""Fitting one mixture by variational Bayes: checks, starts, and the best run on all rows."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.bayes.ascent import VariationalAscent
from gmmdesk.engine.bayes.prior import BAYESIAN_MODELS, BayesianPrior, Hyperparameters
from gmmdesk.engine.bayes.result import BayesianProgress, BayesianResult, bound_shift
from gmmdesk.engine.em import memory
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.models.covariance import ONE_COLUMN, Moments, entry
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.result import StopReason
from gmmdesk.engine.rows.frame import make_frame, refuse_memory
from gmmdesk.engine.rows.source import Source
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.short_runs import SHORT_ITERATIONS, SHORT_TOL
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start
from gmmdesk.engine.starts.start_rows import StartRows
from gmmdesk.errors import Cancelled, FitError, UsageError

Fit = Generator[BayesianProgress, None, BayesianResult]
USUAL = BayesianPrior()
# Square matrices of all columns in a posterior for each component; every restart's is kept.
POSTERIOR_MATRICES = 5


def bayesian_steps(
    X: Source | npt.ArrayLike,
    spec: FitSpec,
    prior: BayesianPrior = USUAL,
    start: npt.ArrayLike | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    known: npt.ArrayLike | None = None,
    chunk_map: ChunkMap | None = None,
) -> Fit:
    """Fit a mixture to X (n, d) by variational Bayes, as a generator.

    Yields after each iteration, returns the result. `spec.n_components` is the most that there may
    be: those that the data do not need lose their rows. Its `model` is one of BAYESIAN_MODELS;
    `tol` is about the lower bound per row (nats), `regularization` adds to the variances that rows
    show, `prior` and `noise` are for EM only.

    `start` gives labels (n,) in 0..K-1 or responsibilities (n, K): then there is one run, from the
    posterior that they make, which follows that of scikit-learn. Without it, the best of
    `spec.restarts` short runs goes on; those run on a sample of the rows when there are
    more, each standing for several. `weights`, `known` and `chunk_map` are as in `em.steps`.

    When `chunk_map` raises Cancelled, the last complete iteration is returned as STOPPED; before
    there is one, Cancelled is let out. Raises UsageError when `spec` asks for what there is only
    with EM, FitError when the rows, the start or the prior cannot be used.
    """
    _check_spec(spec)
    data = WeightedRows(X, weights, known)
    with running(chunk_map) as run:
        try:
            frame = make_frame(data.source, run, 1, data.weights, data.memberships)
            kernels = Kernels(frame, spec.n_components, entry(spec.family, frame.shape[1]).moments)
            _check(kernels, spec, run)
            resolved = prior.resolved(frame, spec.family, spec.n_components, spec.regularization)
            prior.check(resolved)
            given = None
            if start is not None:
                given = Start(data.labelled(start), frame.shape[0], spec.n_components)
            result = yield from _Fit(kernels, spec, resolved, run).run(given)
        except FitError as error:
            raise data.renumbered(error) from None
    return result


def fit_bayesian(
    X: Source | npt.ArrayLike,
    spec: FitSpec,
    prior: BayesianPrior = USUAL,
    start: npt.ArrayLike | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    known: npt.ArrayLike | None = None,
    chunk_map: ChunkMap | None = None,
) -> BayesianResult:
    """Fit a mixture to X (n, d) by variational Bayes at once; see `bayesian_steps`."""
    progress = bayesian_steps(
        X, spec, prior, start, weights=weights, known=known, chunk_map=chunk_map
    )
    while True:
        try:
            next(progress)
        except StopIteration as finished:
            result: BayesianResult = finished.value
            return result


def _check_spec(spec: FitSpec) -> None:
    if spec.family not in BAYESIAN_MODELS:
        raise UsageError(
            f"Variational Bayes has no prior for the model {spec.model}.",
            f"Choose one of {', '.join(BAYESIAN_MODELS)}.",
        )
    if spec.missing == "em":
        raise UsageError(
            "Variational Bayes cannot use rows with missing cells.",
            'Leave those rows out, or fit by EM with missing="em".',
        )
    if spec.noise or spec.prior is not None:
        asked = "noise" if spec.noise else "the conjugate prior of a posterior mode"
        raise UsageError(f"Variational Bayes has no use for {asked}.", "Leave it out.")


def _check(kernels: Kernels, spec: FitSpec, chunk_map: ChunkMap) -> None:
    """Raise FitError when the rows cannot hold what `spec` asks for."""
    frame, K = kernels.frame, spec.n_components
    n, d = frame.shape
    if spec.model in ONE_COLUMN and d > 1:
        raise FitError(
            f"The model {spec.model} is for one column, but there are {d}.",
            f"Use {spec.family}, which is the same in more columns.",
        )
    if n < K:
        raise FitError(
            f"{K} components were asked for, but there are only {n} rows.",
            f"Ask for {n} components or fewer.",
        )
    along_axes = entry(spec.family, d).moments is Moments.DIAGONAL
    posteriors = 1 if along_axes else spec.restarts  # along the axes only the result is in full
    refuse_memory(
        memory(kernels, spec, chunk_map.n_threads) + POSTERIOR_MATRICES * posteriors * K * d * d,
        f"The model {spec.model} with {K} components, {d:,} columns,",
    )
    if frame.memberships is not None:
        frame.memberships.check(K, noise=False)


class _Fit:
    """One fit under way: its best run so far, and the one that is running."""

    def __init__(
        self, kernels: Kernels, spec: FitSpec, prior: Hyperparameters, chunk_map: ChunkMap
    ) -> None:
        self._kernels = kernels
        self._frame = kernels.frame
        self._spec = spec
        self._prior = prior
        self._chunk_map = chunk_map
        self._n_restarts = 1
        self._runs: list[VariationalAscent] = []

    def run(self, start: Start | None) -> Fit:
        try:
            if start is not None:
                ascent = self._ascent(self._kernels, self._spec)
                yield from self._follow(ascent, 0, ascent.from_start(start))
            else:
                ascent = yield from self._restarts()
            assert ascent.reason is not None
            return self._result(ascent, ascent.reason)
        except Cancelled:
            # All rows before a sample; a run without a complete iteration says nothing.
            complete = [ascent for ascent in self._runs if ascent.posterior is not None]
            if not complete:
                raise
            best = max(complete, key=lambda one: (one.frame is self._frame, one.lower_bound))
            return self._result(best, StopReason.STOPPED)

    def _restarts(self) -> Generator[BayesianProgress, None, VariationalAscent]:
        """The best of the runs from all starts."""
        spec = self._spec
        rows = StartRows(self._frame, spec.seed, self._chunk_map)
        kernels = self._short_kernels(rows)
        self._n_restarts = spec.restarts
        short = spec
        if spec.restarts > 1 or rows.sample is not None:
            short = replace(
                spec,
                tol=max(spec.tol, SHORT_TOL),
                max_iter=min(spec.max_iter, SHORT_ITERATIONS),
            )
        runs = []
        for restart in range(spec.restarts):
            labels = rows.labels(spec.n_components, restart)
            ascent = self._ascent(kernels, short)
            start = Start(labels, len(labels), spec.n_components)
            yield from self._follow(ascent, restart, ascent.from_start(start))
            runs.append(ascent)
        best = max(runs, key=lambda one: one.lower_bound)
        if short is spec:
            return best
        ascent = self._ascent(self._kernels, spec)
        yield from self._follow(ascent, runs.index(best), ascent.continuing(best))
        return ascent

    def _ascent(self, kernels: Kernels, spec: FitSpec) -> VariationalAscent:
        ascent = VariationalAscent(kernels, spec, self._prior, self._chunk_map)
        self._runs.append(ascent)
        return ascent

    def _short_kernels(self, start_rows: StartRows) -> Kernels:
        """Those for the short runs: of many rows a sample will do, weighed against the prior."""
        if start_rows.sample is None:
            return self._kernels
        rows, whole = start_rows.sample.rows, self._frame
        stands_for = np.ones(len(rows)) if whole.weights is None else whole.weights[rows]
        stands_for = stands_for * (whole.size / stands_for.sum())
        frame = whole.sampled(rows, self._chunk_map, stands_for)
        moments = entry(self._spec.family, frame.shape[1]).moments
        return Kernels(frame, self._spec.n_components, moments)

    def _follow(
        self, ascent: VariationalAscent, restart: int, run: Iterator[None]
    ) -> Generator[BayesianProgress, None, None]:
        shift = self._shift
        for _ in run:
            assert ascent.posterior is not None
            yield BayesianProgress(
                restart=restart,
                n_restarts=self._n_restarts,
                iteration=len(ascent.history),
                lower_bound=ascent.lower_bound + shift,
                gain=ascent.gain,
                compact=ascent.posterior.parameters.in_units(*self._units),
                n_rows=self._frame.shape[0],
                n_sampled=ascent.frame.shape[0],
                size=self._frame.size,
            )

    @property
    def _units(self) -> tuple[FloatArray, FloatArray]:
        """Center and scale of the data in the frame's coordinates."""
        frame = self._frame
        return frame.center, np.full(len(frame.center), frame.unit)

    @property
    def _shift(self) -> float:
        """From a lower bound in the frame's units to one in the data's."""
        K, size = self._spec.n_components, self._frame.size
        return bound_shift(self._prior, K, size, self._units[1])

    def _result(self, ascent: VariationalAscent, reason: StopReason) -> BayesianResult:
        assert ascent.posterior is not None
        shift = self._shift
        return BayesianResult(
            model=self._spec.family,
            posterior=ascent.posterior.in_full().in_units(*self._units),
            prior=self._prior.in_full().in_units(*self._units),
            lower_bound=ascent.lower_bound + shift,
            n_rows=self._frame.shape[0],
            history=np.array(ascent.history) + shift,
            ending=reason,
            n_sampled=ascent.frame.shape[0],
            size=self._frame.size,
        )
