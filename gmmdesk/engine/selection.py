"""Choosing model and number of components: every candidate fitted, the best by a criterion."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy.typing as npt

from gmmdesk.engine.candidate_fits import CandidateFits, Trial, Tried
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.processes import Fitted, Processes
from gmmdesk.engine.result import FitProgress, FitResult, StopReason
from gmmdesk.engine.rows.source import Source
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.schedule import Schedule
from gmmdesk.engine.spec import FitSpec
from gmmdesk.errors import Cancelled, FitError, UsageError

CRITERIA = ("bic", "icl", "aic")
_DECIMALS = 3  # of a criterion, in which no two are told apart that are the same


@dataclass(frozen=True, slots=True, eq=False)
class SearchProgress:
    """An iteration of the candidate `spec`.

    `tried` are those done before it, in the order in which they were, `best` is the best of them,
    if there is one. `share` is that of the work of the fits that have ended, see `Schedule`.
    """

    spec: FitSpec
    fit: FitProgress
    tried: tuple[Tried, ...]
    best: FitSpec | None
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """The chosen fit, all candidates that were tried, and whether the user stopped the search."""

    best: FitResult
    tried: tuple[Tried, ...]
    stopped: bool


def candidates(
    models: Iterable[str], n_components: Iterable[int], base: FitSpec
) -> tuple[FitSpec, ...]:
    """`base` with every number of components in every model, the small ones first."""
    names = list(models)
    return tuple(replace(base, model=m, n_components=K) for K in n_components for m in names)


def search(
    X: Source | npt.ArrayLike,
    specs: Sequence[FitSpec],
    criterion: str = "bic",
    *,
    weights: npt.ArrayLike | None = None,
    known: npt.ArrayLike | None = None,
    kept: Iterable[Tried] = (),
    chunk_map: ChunkMap | None = None,
) -> Generator[SearchProgress, None, SearchResult]:
    """Fit every candidate to X (n, d) as a generator; the lowest `criterion` is the best.

    Candidates begin, besides with starts of their own, where simpler ones ended, and so wait for
    these, and are tried again from where other models ended; of few rows several are fitted at the
    same time. Those among `kept`, from a search of the
    same rows, are not fitted again. For `weights` and `known` see `steps`.

    A candidate that cannot be fitted is kept with its error and stops nothing; one that
    collapsed or had to be mended wins only when no other is there. When `chunk_map` raises
    Cancelled, the best of what there is by then is the answer; the current candidate takes part
    as far as it got.
    Raises UsageError for an unknown criterion, FitError when no candidate can be fitted.
    """
    if criterion not in CRITERIA:
        raise UsageError(
            f"There is no criterion '{criterion}'.", f"Choose one of {', '.join(CRITERIA)}."
        )
    if not specs:
        raise UsageError("There are no candidates.", "Give at least one model and one number.")
    searching = _Search(specs, criterion, kept)
    data = WeightedRows(X, weights, known)
    with running(chunk_map) as run:
        try:
            stopped = yield from searching.steps(CandidateFits(data, specs, run), data, run)
        except Cancelled:
            if not any(one.result for one in searching.tried):
                raise
            stopped = True
    return SearchResult(_best(searching.tried, criterion), searching.tried, stopped)


class _Search:
    """A search under way: what is left to do, and who has been told what."""

    def __init__(self, specs: Sequence[FitSpec], criterion: str, kept: Iterable[Tried]) -> None:
        done = {one.spec: one for one in kept}
        self._specs = specs
        self._criterion = criterion
        known = {place: done[spec] for place, spec in enumerate(specs) if spec in done}
        self._schedule = Schedule(specs, known)
        self._own: Trial | None = None  # what this process goes on with
        self._told: tuple[Tried, ...] = ()
        self._best: FitSpec | None = None
        self._tell(*known.values())

    @property
    def tried(self) -> tuple[Tried, ...]:
        """Those that there is an answer for, in the order of the candidates."""
        return self._schedule.tried

    def steps(
        self, fits: CandidateFits, data: WeightedRows, chunk_map: ChunkMap
    ) -> Generator[SearchProgress, None, bool]:
        """Fit those that wait, some of them elsewhere meanwhile; returns whether it was stopped.

        The iterations of one fit follow each other, wherever it was made.
        """
        schedule = self._schedule
        n_left, n_threads = len(schedule), chunk_map.n_threads
        with Processes.as_many_as_help(data, self._specs, n_left, n_threads) as elsewhere:
            # Fitted elsewhere, and whether that is all for the candidate: nobody has been told.
            fitted: list[tuple[Fitted, bool]] = []
            while True:
                self._hand_out(elsewhere, fitted)
                for one, is_last in fitted:
                    for iteration in one.progress:
                        yield self._progress(one.trial, iteration)
                    if one.tried is not None and is_last:
                        self._tell(one.tried)
                fitted.clear()
                if (begun := self._next()) is not None:
                    fitting = fits.fit(begun)
                    while True:
                        try:
                            iteration = next(fitting)
                        except StopIteration as end:
                            tried = end.value
                            break
                        yield self._progress(begun, iteration)
                        self._hand_out(elsewhere, fitted)
                    if schedule.note(begun, tried):
                        self._tell(tried)
                    result = tried.result
                    if result is not None and result.ending is StopReason.STOPPED:
                        return True
                elif elsewhere.busy:
                    elsewhere.wait(chunk_map)
                else:
                    return False

    def _hand_out(self, elsewhere: Processes, fitted: list[tuple[Fitted, bool]]) -> None:
        """Take what was fitted elsewhere, and give more to do."""
        for one in elsewhere.take():
            if one.tried is None:
                self._schedule.give_back(one.trial)
            else:
                fitted.append((one, self._schedule.note(one.trial, one.tried)))
        while elsewhere.idle and (trial := self._next()) is not None:
            elsewhere.fit(trial)
        # None waits for another process that this one could begin with meanwhile.
        while elsewhere.eager and self._is_provided() and (trial := self._schedule.next()):
            elsewhere.fit(trial)

    def _next(self) -> Trial | None:
        """What is to be fitted next, wherever."""
        own, self._own = self._own, None
        return own or self._schedule.next()

    def _is_provided(self) -> bool:
        """Whether this process has something to go on with."""
        self._own = self._own or self._schedule.next()
        return self._own is not None

    def _tell(self, *tried: Tried) -> None:
        """These are done: so says all further progress."""
        self._told += tried
        best = _best_of(self._told, self._criterion)
        self._best = None if best is None else self._told[best].spec

    def _progress(self, trial: Trial, iteration: FitProgress) -> SearchProgress:
        return SearchProgress(trial.spec, iteration, self._told, self._best, self._schedule.share)


def _best(tried: Sequence[Tried], criterion: str) -> FitResult:
    index = _best_of(tried, criterion)
    if index is None:
        error = tried[0].error
        assert error is not None
        raise FitError(
            f"None of the {len(tried)} candidates can be fitted. The first: {error.text}"
            if len(tried) > 1
            else error.text,
            error.hint,
            error.column,
            error.rows,
        )
    best = tried[index].result
    assert best is not None
    return best


def _best_of(tried: Sequence[Tried], criterion: str) -> int | None:
    """The index of the first with the lowest `criterion`, sound ones before others."""

    def rank(i: int) -> tuple[bool, bool, float]:
        result = tried[i].result
        assert result is not None
        # Many models are the same where there is one component, but for their last digits.
        value = round(float(getattr(result, criterion)), _DECIMALS)
        # Stopped among its starts, it knows a sample only: too little to compare with the others.
        sampled = result.n_sampled < result.n_rows
        return not tried[i].sound, sampled, value if math.isfinite(value) else math.inf

    fitted = (i for i, one in enumerate(tried) if one.result is not None)
    return min(fitted, key=rank, default=None)
