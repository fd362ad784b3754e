"""Fitting one mixture: checks, starts, restarts, and the best of them polished on all rows."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import IntArray
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.models.covariance import MODELS, ONE_COLUMN, Moments, entry
from gmmdesk.engine.models.fixed import Fixed
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.engine.models.whitening import CollapsedComponent, dependent_column, whiten
from gmmdesk.engine.noise import region_of
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.restarts import Restarts, movable
from gmmdesk.engine.result import FitProgress, FitResult, StopReason
from gmmdesk.engine.rows.frame import Frame, make_frame, refuse_memory
from gmmdesk.engine.rows.source import Source
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.rows_seen import SAMPLE_ROWS, kernels_for
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start
from gmmdesk.engine.starts.start_rows import ENOUGH_ROWS, StartRows
from gmmdesk.engine.tried_again import TriedAgain
from gmmdesk.errors import Cancelled, FitError

# Rows so many typical deviations from the median hide, in a covariance of all rows, how the
# columns of the others depend on each other.
DOMINATING = 1e4
# Square matrices of all columns that a fit holds at once for each component, at most, beside those
# of its passes and of each restart's parameters: statistics, covariances, their factors and
# inverses, progress and result. Along the axes only the latter.
FULL_MATRICES = 12
AXES_MATRICES = 3
# And more where moves are tried: statistics, halves of components, and the mixture without a pair.
MOVES_MATRICES = 6

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
    Parameters, of whatever model, stand for their responsibilities. Without a start the best of
    `spec.restarts` starts is searched for: see `restarts`.

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
            frame = measured(data, (spec,), run)
            if fixed is not None:
                fixed.check(spec.n_components, len(frame.center))
                along_axes = MODELS[spec.family].axis_aligned
                frame = replace(frame, fixed=fixed.in_frame(frame.center, frame.unit, along_axes))
            result = yield from fit_frame(frame, spec, data.start(start), run)
        except FitError as error:
            raise data.renumbered(error) from None
    return data.renumbered(result)


def measured(data: WeightedRows, specs: Sequence[FitSpec], chunk_map: ChunkMap) -> Frame:
    """The frame of the rows for fits of all `specs`."""
    most = max(spec.n_components for spec in specs)
    frame = make_frame(
        data.source,
        chunk_map,
        most,
        data.weights,
        data.memberships,
        missing=all(spec.missing == "em" for spec in specs),
    )
    if any(spec.noise for spec in specs):
        frame = replace(frame, region=region_of(frame, chunk_map))
    return frame


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
    frame: Frame,
    spec: FitSpec,
    start: npt.ArrayLike | Parameters | None,
    chunk_map: ChunkMap,
    *,
    warm: Sequence[Parameters] = (),
    start_rows: StartRows | None = None,
) -> Fit:
    """`steps` for rows that were measured already, up to K distinct ones at least.

    Without a start, the mixtures `warm` are starts too, in place of some of its own; what those are
    made of, `start_rows`, may have been made before.
    """
    kernels = kernels_for(frame, spec)
    check(kernels, spec, chunk_map)
    if start is None and spec.n_components == 1 and not spec.noise and frame.gaps is None:
        start = np.zeros(frame.shape[0], np.int8)
    given: Start | Parameters | None = None
    if isinstance(start, Parameters):
        _check_mixture(start, spec.n_components, frame.shape[1])
        given = start
    elif start is not None:
        given = Start(start, frame.shape[0], spec.n_components, spec.noise)
    return (
        yield from _followed(Restarts(kernels, spec, chunk_map, warm, start_rows), given, chunk_map)
    )


def fit_again(
    frame: Frame,
    spec: FitSpec,
    found: FitResult,
    chunk_map: ChunkMap,
    *,
    others: Sequence[Parameters],
    start_rows: StartRows,
) -> Generator[FitProgress, None, FitResult | None]:
    """A fit that ends higher than what was `found`, from mixtures that other models led to.

    None where there is none; see `TriedAgain`. Raises Cancelled when `chunk_map` does.
    """
    if not others:
        return None
    if found.guarded is not None:
        spec = replace(spec, prior=spec.prior or ConjugatePrior())
    runs = TriedAgain(kernels_for(frame, spec), spec, chunk_map, others, start_rows)
    ascent = yield from runs.higher_than(found)
    if ascent is None:
        return None
    assert ascent.reason is not None
    return _result(runs, ascent, ascent.reason, chunk_map)


def _check_mixture(given: Parameters, n_components: int, n_columns: int) -> None:
    """Raise FitError when a mixture is no start for so many components and columns."""
    expected = (n_components,), (n_components, n_columns)
    if (given.weights.shape, given.means.shape) != expected:
        K, d = given.means.shape
        raise FitError(
            f"The start is a mixture of {K} components in {d} columns.",
            f"Give one of {n_components} components in {n_columns} columns.",
        )
    if not (np.isfinite(given.means).all() and given.weights.min() > 0.0):
        raise FitError(
            "The start has a mean that is not finite, or a component without weight.",
            "Give finite means and positive weights.",
        )
    try:
        whiten(given.in_full().covariances)
    except CollapsedComponent as collapsed:
        raise FitError(
            f"The covariance of component {collapsed.component + 1} of the start is not positive "
            "definite.",
            "Give covariances that are.",
        ) from None


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
    frames = 1 + int(n > ENOUGH_ROWS) + int(n > SAMPLE_ROWS)
    if movable(kernels.frame, spec):
        frames += 2  # with a component less, and of one component
        matrices += 0 if along_axes else MOVES_MATRICES
    passes = kernels.numbers(n_threads) * frames
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
    rows: IntArray | None = None
    if frame.gaps is not None:
        rows = frame.complete_rows()
        if len(rows) <= frame.shape[1]:
            return  # nothing says so
        frame = frame.sampled(rows, chunk_map)
        total = frame.without_outlying(math.inf, chunk_map)[1]  # about their own mean
    else:
        total = frame.total
    if dependent_column(total / frame.shape[0]) is None:
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
            rows=outlying if rows is None else rows[outlying],
        )


def _followed(runs: Restarts, start: Start | Parameters | None, chunk_map: ChunkMap) -> Fit:
    """Let `runs` go from `start`, or from their own, and say where they ended or were stopped."""
    try:
        ascent = yield from runs.from_own_starts() if start is None else runs.from_given(start)
        assert ascent.reason is not None
        return _result(runs, ascent, ascent.reason, chunk_map)
    except Cancelled:
        leading = runs.leading()
        if leading is None or leading.parameters is None:
            raise
        with running(None) as run:  # the caller's map carries out no further pass
            return _result(runs, leading, StopReason.STOPPED, run)


def _result(runs: Restarts, ascent: Ascent, reason: StopReason, chunk_map: ChunkMap) -> FitResult:
    """Where `ascent` stands; raises FitError where it never began."""
    collapse = runs.seen.collapse(ascent, chunk_map)
    if ascent.parameters is None:
        assert collapse is not None  # nothing else ends an ascent before it begins
        on = "collapsed onto {rows}" if len(collapse.rows) else "lost all its rows"
        raise FitError(
            f"{{component}} {on}.",
            "Try another start, fewer components or a simpler model.",
            rows=collapse.rows,
            component=collapse.component,
        )
    frame = runs.frame
    return FitResult(
        model=runs.spec.family,
        parameters=ascent.mixture().in_full(),
        log_likelihood=runs.seen.in_data_units(ascent, ascent.log_likelihood),
        log_certainty=ascent.log_certainty(chunk_map) * frame.size / ascent.frame.size,
        n_parameters=n_parameters(frame, runs.spec),
        n_rows=frame.shape[0],
        history=runs.seen.in_data_units(ascent, np.array(ascent.history)),
        ending=reason,
        n_sampled=runs.seen.number(ascent),
        size=frame.size,
        regularization=ascent.spec.regularization,
        mended=ascent.mended,
        collapse=collapse,
        guarded=runs.guarded,
        starts=runs.starts,
        missing=runs.spec.missing == "em",
        cells=frame.cells,
    )
