"""Fitting one mixture: checks, starts, restarts, and the best of them polished on all rows."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.covariance import MODELS, ONE_COLUMN, Moments, entry
from gmmdesk.engine.fixed import Fixed
from gmmdesk.engine.frame import Frame, make_frame, refuse_memory
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.noise import region_of
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import Collapse, FitProgress, FitResult, StopReason
from gmmdesk.engine.seeding import start_labels, stream
from gmmdesk.engine.source import Source
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts import Start
from gmmdesk.engine.weighted_rows import WeightedRows
from gmmdesk.engine.whitening import dependent_column
from gmmdesk.errors import Cancelled, FitError

# Restarts run on a sample of at most this many rows; a cluster of 0.5 % keeps about 200 of them.
SAMPLE_ROWS = 40_000
# Restarts are cut short where they gain less than this for a row, in nats, or after so many
# iterations: by then the likelier ones lead (Biernacki, Celeux and Govaert, 2003, "small EM").
SHORT_TOL = 1e-3
SHORT_ITERATIONS = 25
# Rows so many typical deviations from the median hide, in a covariance of all rows, how the
# columns of the others depend on each other.
DOMINATING = 1e4
# Square matrices of all columns that a fit holds at once for each component, at most, beside those
# of its passes and of each restart's parameters: statistics, covariances, their factors and
# inverses, progress and result. Along the axes only the latter.
FULL_MATRICES = 12
AXES_MATRICES = 3
# So many of them, the likeliest first, go on to the end.
FINALISTS = 2

T = TypeVar("T", float, FloatArray)
Fit = Generator[FitProgress, None, FitResult]


def steps(
    X: Source | npt.ArrayLike,
    spec: FitSpec,
    start: npt.ArrayLike | Parameters | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    known: npt.ArrayLike | None = None,
    fixed: Fixed | None = None,
    chunk_map: ChunkMap | None = None,
) -> Fit:
    """Fit a mixture to X (n, d) as a generator: yields after each iteration, returns the result.

    `start` gives labels (n,) in 0..K-1 or responsibilities (n, K): then there is one run, which
    begins with the M-step from them and, with `regularization=0`, follows mclust's `me()`.
    Parameters begin with the E-step. Without a start, `spec.restarts` starts are tried and the
    likeliest wins; those run on a sample of SAMPLE_ROWS rows when there are more, and the winner
    goes on with all rows.

    `weights` (n,) say how many rows each row stands for; one of weight 0 is as good as absent.
    `known` tells where rows belong: labels (n,), -1 where it is unknown, or booleans (n, K), True
    where a row may belong. `fixed` are parameters to be left as they are.

    `chunk_map` carries out the passes (default: on all cores; results do not depend on it).
    When it raises Cancelled, the last complete iteration is returned as STOPPED; before there is
    one, Cancelled is let out. Raises FitError when the rows or the start cannot be fitted.
    """
    data = WeightedRows(X, weights, known)
    with running(chunk_map) as run:
        try:
            frame = make_frame(data.source, run, spec.n_components, data.weights, data.memberships)
            if fixed is not None:
                fixed.check(spec.n_components, len(frame.center))
                along_axes = MODELS[spec.family].axis_aligned
                frame = replace(frame, fixed=fixed.in_frame(frame.center, frame.unit, along_axes))
            result = yield from fit_frame(frame, spec, data.start(start), run)
        except FitError as error:
            raise data.renumbered(error) from None
    return data.renumbered(result)


def fit(
    X: Source | npt.ArrayLike,
    spec: FitSpec,
    start: npt.ArrayLike | Parameters | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    known: npt.ArrayLike | None = None,
    fixed: Fixed | None = None,
    chunk_map: ChunkMap | None = None,
) -> FitResult:
    """Fit a mixture to X (n, d) at once; see `steps`."""
    progress = steps(X, spec, start, weights=weights, known=known, fixed=fixed, chunk_map=chunk_map)
    while True:
        try:
            next(progress)
        except StopIteration as finished:
            result: FitResult = finished.value
            return result


def fit_frame(
    frame: Frame, spec: FitSpec, start: npt.ArrayLike | Parameters | None, chunk_map: ChunkMap
) -> Fit:
    """`steps` for rows that were measured already, up to K distinct ones at least."""
    kernels = kernels_for(frame, spec)
    check(kernels, spec, chunk_map)
    if spec.noise and frame.region is None:
        frame = replace(frame, region=region_of(frame, chunk_map))
        kernels = kernels_for(frame, spec)
    if start is None and spec.n_components == 1:
        start = np.zeros(frame.shape[0], np.int8)
    given: Start | Parameters | None = None
    if isinstance(start, Parameters):
        given = start
    elif start is not None:
        given = Start(start, frame.shape[0], spec.n_components, spec.noise)
    return (yield from _Fit(kernels, spec, chunk_map).run(given))


def kernels_for(frame: Frame, spec: FitSpec) -> Kernels:
    """The kernels that all runs of a fit to `frame` share."""
    moments = entry(spec.family, frame.shape[1]).moments
    if moments is Moments.POOLED and (spec.noise or frame.fixed is not None):
        moments = Moments.FULL  # the components are not all that there is, or not all alike
    return Kernels(frame, spec.n_components, moments, spec.noise)


def n_parameters(frame: Frame, spec: FitSpec) -> int:
    """Free parameters: as in mclust, noise has two, its weight and its volume."""
    d, K = frame.shape[1], spec.n_components
    number = MODELS[spec.family].total_parameters(K, d) + 2 * spec.noise
    if frame.fixed is not None:
        covariances = MODELS[spec.family].n_parameters
        free = len(frame.fixed.free_covariances)
        number -= frame.fixed.n_fixed_means * d + covariances(K, d)
        number += covariances(free, d) if free else 0
    return number


def memory(kernels: Kernels, spec: FitSpec, n_threads: int) -> int:
    """Numbers that a fit holds at once beside rows, at most."""
    n, d = kernels.frame.shape
    along_axes = entry(spec.family, d).moments is Moments.DIAGONAL
    matrices = AXES_MATRICES if along_axes else FULL_MATRICES + spec.restarts
    passes = kernels.numbers(n_threads) * (2 if n > SAMPLE_ROWS else 1)
    return matrices * spec.n_components * d * d + passes


def check(kernels: Kernels, spec: FitSpec, chunk_map: ChunkMap) -> None:
    """Raise FitError when the rows cannot hold the model that `spec` asks for."""
    frame = kernels.frame
    n, d = frame.shape
    model, K = MODELS[spec.family], spec.n_components
    if spec.model in ONE_COLUMN and d > 1:
        raise FitError(
            f"The model {spec.model} is for one column, but there are {d}.",
            f"Use {spec.family}, which is the same in more columns.",
        )
    if not model.axis_aligned and n <= d and not spec.regularization:
        raise FitError(
            f"{n} rows are too few for the model {spec.model} in {d} columns: it needs {d + 1}.",
            "Use fewer columns, or a model without correlations such as VVI.",
        )
    refuse_memory(
        memory(kernels, spec, chunk_map.n_threads),
        f"The model {spec.model} with {K} components, {d:,} columns,",
    )
    if frame.memberships is not None:
        frame.memberships.check(K, spec.noise)
    constant = frame.variances == 0.0
    if constant.all() or (constant.any() and not model.spherical):
        column = int(np.argmax(constant))
        raise FitError(
            "{column} holds the same value in every row.",
            "Leave the column out.",
            column,
        )
    n_distinct = len(frame.distinct)
    if n_distinct < K:
        raise FitError(
            f"{K} components were asked for, but there are only {n_distinct} distinct rows.",
            f"Ask for {n_distinct} components or fewer.",
        )
    if not model.axis_aligned and not spec.regularization:
        _check_dependence(frame, K, chunk_map)


def _check_dependence(frame: Frame, n_components: int, chunk_map: ChunkMap) -> None:
    """Raise FitError when the columns cannot be told apart, and say whether rows are the cause."""
    if dependent_column(frame.total / frame.shape[0]) is None:
        return
    outlying, total = frame.without_outlying(DOMINATING, chunk_map)
    dependent = dependent_column(total / frame.shape[0])
    if dependent is not None:
        raise FitError(
            "{column} is a linear combination of the columns before it.",
            "Leave it out, or use a model without correlations such as VVI.",
            dependent,
        )
    if n_components == 1:  # more components may take the far rows apart
        one = len(outlying) == 1
        them = "it" if one else "them"
        raise FitError(
            f"{{rows}} {'lies' if one else 'lie'} so far out that beside {them} the other rows "
            "look like one point.",
            f"Correct {them} or leave {them} out, use more components, or a model without "
            "correlations such as VVI.",
            rows=outlying,
        )


class _Fit:
    """One fit under way: its best ascent so far, the running one, and what collapsed."""

    def __init__(self, kernels: Kernels, spec: FitSpec, chunk_map: ChunkMap) -> None:
        self._kernels = kernels
        self._frame = kernels.frame
        self._spec = spec
        self._chunk_map = chunk_map
        self._n_restarts = 1
        self._sample: IntArray | None = None
        self._sampled_kernels: Kernels | None = None
        self._best: Ascent | None = None
        self._current: Ascent | None = None

    def run(self, start: Start | Parameters | None) -> Fit:
        try:
            if start is not None:
                ascent = Ascent(self._kernels, self._spec, self._chunk_map, like_mclust=True)
                if isinstance(start, Parameters):
                    run = ascent.from_parameters(start)
                else:
                    run = ascent.from_start(start)
                yield from self._follow(ascent, 0, run)
            else:
                ascent = yield from self._restarts(mend=False)
                if ascent.reason is StopReason.COLLAPSED:
                    # Every start led there: once more, keeping up what collapses.
                    ascent = yield from self._restarts(mend=True)
            assert ascent.reason is not None
            return self._result(ascent, ascent.reason, self._chunk_map)
        except Cancelled:
            return self._stopped()

    def _restarts(self, mend: bool) -> Generator[FitProgress, None, Ascent]:
        """The best ascent from all starts; a collapsed one only if all collapsed."""
        spec, kernels = self._spec, self._short_kernels()
        frame = kernels.frame
        Z = frame.standardized()
        self._n_restarts = spec.restarts
        short = spec
        if spec.restarts > 1 or frame is not self._frame:
            short = replace(
                spec,
                tol=max(spec.tol, SHORT_TOL),
                max_iter=min(spec.max_iter, SHORT_ITERATIONS),
            )
        ascents = []
        for restart in range(spec.restarts):
            labels = start_labels(Z, spec.n_components, restart, spec.seed, self._chunk_map)
            if frame.memberships is not None:
                labels = frame.memberships.settle(labels, spec.n_components)
            start = Start(labels, len(labels), spec.n_components, spec.noise)
            ascent = Ascent(kernels, short, self._chunk_map, mend, exact=short is spec)
            ascents.append((restart, ascent))
            # As many pseudo-rows as make a covariance regular.
            yield from self._follow(ascent, restart, ascent.from_start(start, frame.shape[1] + 1))
            self._keep_better(ascent)
        if short is spec:
            return max((ascent for _, ascent in ascents), key=self._rank)
        return (yield from self._finish(ascents, mend))

    def _finish(
        self, ascents: list[tuple[int, Ascent]], mend: bool
    ) -> Generator[FitProgress, None, Ascent]:
        """Let the likeliest ascents go on, on all rows; further ones only where those collapse."""
        ascents = sorted(ascents, key=lambda one: self._rank(one[1]), reverse=True)
        finished: list[Ascent] = []
        n_sound = 0
        for restart, short in ascents:
            if n_sound == FINALISTS or short.reason is StopReason.COLLAPSED:
                break
            ascent = Ascent(self._kernels, self._spec, self._chunk_map, mend)
            yield from self._follow(ascent, restart, ascent.continuing(short))
            self._keep_better(ascent)
            finished.append(ascent)
            n_sound += ascent.reason is not StopReason.COLLAPSED
        return max(finished or [ascents[0][1]], key=self._rank)

    def _keep_better(self, ascent: Ascent) -> None:
        if self._best is None or self._rank(ascent) > self._rank(self._best):
            self._best = ascent

    def _follow(
        self, ascent: Ascent, restart: int, run: Iterator[None]
    ) -> Generator[FitProgress, None, None]:
        self._current = ascent
        for _ in run:
            yield FitProgress(
                restart=restart,
                n_restarts=self._n_restarts,
                iteration=len(ascent.history),
                log_likelihood=self._in_data_units(ascent, ascent.log_likelihood),
                gain=ascent.gain,
                compact=ascent.mixture(),
                n_rows=self._frame.shape[0],
                n_sampled=ascent.frame.shape[0],
                size=self._frame.size,
            )

    def _short_kernels(self) -> Kernels:
        """Those for the short starts: of many rows a sample will do."""
        n, K = self._frame.shape[0], self._spec.n_components
        if n <= SAMPLE_ROWS:
            return self._kernels
        if self._sampled_kernels is None:
            rows = np.sort(stream(self._spec.seed, 0).choice(n, SAMPLE_ROWS, replace=False))
            frame = self._frame.sampled(rows, self._chunk_map)
            if len(frame.distinct) < K:  # nearly all rows are copies: the start needs the others
                rows = np.union1d(rows, self._frame.distinct[:K])
                frame = self._frame.sampled(rows, self._chunk_map)
            self._sample, self._sampled_kernels = rows, kernels_for(frame, self._spec)
        return self._sampled_kernels

    def _rank(self, ascent: Ascent) -> tuple[bool, bool, int, float]:
        """Sound before collapsed, all rows before a sample, the least mended, then the likelier.

        One without a complete iteration comes last.
        """
        if ascent.parameters is None:
            return False, False, 0, -np.inf
        sound = ascent.reason is not StopReason.COLLAPSED
        per_row = ascent.objective / ascent.frame.size
        return sound, ascent.frame is self._frame, -len(ascent.mended), per_row

    def _in_data_units(self, ascent: Ascent, log_likelihood: T) -> T:
        """From the frame's units to the data's, and from a sample to all rows."""
        share = self._frame.size / ascent.frame.size
        return log_likelihood * share + self._frame.jacobian()

    def _collapse(self, ascent: Ascent, chunk_map: ChunkMap) -> Collapse | None:
        """What `ascent` says of a collapse, with rows of X."""
        collapse = ascent.collapse(chunk_map)
        if collapse is not None and self._sample is not None and ascent.frame is not self._frame:
            collapse = replace(collapse, rows=self._sample[collapse.rows])
        return collapse

    def _stopped(self) -> FitResult:
        """What there is when the user stops; raises Cancelled when there is nothing."""
        started = [ascent for ascent in (self._best, self._current) if ascent is not None]
        # Where one had to be mended, one that is not yet is on its way to collapse.
        ascent = max(started, key=lambda one: (bool(one.mended), self._rank(one)), default=None)
        if ascent is None or ascent.parameters is None:
            raise Cancelled
        with running(None) as run:  # the caller's map carries out no further pass
            return self._result(ascent, StopReason.STOPPED, run)

    def _result(self, ascent: Ascent, reason: StopReason, chunk_map: ChunkMap) -> FitResult:
        collapse = self._collapse(ascent, chunk_map)
        if ascent.parameters is None:
            assert collapse is not None  # nothing else ends an ascent before it begins
            on = "collapsed onto {rows}" if len(collapse.rows) else "lost all its rows"
            raise FitError(
                f"Component {collapse.component + 1} {on}.",
                "Try another start, fewer components or a simpler model.",
                rows=collapse.rows,
            )
        n = self._frame.shape[0]
        log_certainty = ascent.log_certainty(chunk_map)
        return FitResult(
            model=self._spec.family,
            parameters=ascent.mixture().in_full(),
            log_likelihood=self._in_data_units(ascent, ascent.log_likelihood),
            log_certainty=log_certainty * self._frame.size / ascent.frame.size,
            n_parameters=n_parameters(self._frame, self._spec),
            n_rows=n,
            history=self._in_data_units(ascent, np.array(ascent.history)),
            ending=reason,
            n_sampled=ascent.frame.shape[0],
            size=self._frame.size,
            regularization=ascent.spec.regularization,
            mended=ascent.mended,
            collapse=collapse,
        )
