"""Choosing model and number of components: every candidate fitted, the best by a criterion."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy.typing as npt

from gmmdesk.engine.candidate_fits import CandidateFits, Tried
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.processes import Fitted, Processes
from gmmdesk.engine.result import FitProgress, FitResult, StopReason
from gmmdesk.engine.rows.source import Source
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.warm_starts import neighbours, warm_starts
from gmmdesk.errors import Cancelled, FitError, UsageError

CRITERIA = ("bic", "icl", "aic")


@dataclass(frozen=True, slots=True, eq=False)
class SearchProgress:
    """An iteration of the candidate `spec`.

    `tried` are those done before it, in the order in which they were, `best` is the best of them,
    if there is one.
    """

    spec: FitSpec
    fit: FitProgress
    tried: tuple[Tried, ...]
    best: FitSpec | None
    n_candidates: int


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
    these; of few rows several are fitted at the same time. Those among `kept`, from a search of the
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
    """Which candidates are done, and which of the others may begin.

    One waits for those that its starts are made of. What they are made of does not depend on when
    that was done, or where.
    """

    def __init__(self, specs: Sequence[FitSpec], criterion: str, kept: Iterable[Tried]) -> None:
        done = {one.spec: one for one in kept}
        cells = [(spec.family, spec.n_components) for spec in specs]
        self._specs = specs
        self._criterion = criterion
        self._found = {i: done[spec] for i, spec in enumerate(specs) if spec in done}
        self._told: tuple[Tried, ...] = ()
        self._best: FitSpec | None = None
        self._note_done(*self._found)
        self._waiting = [i for i in range(len(specs)) if i not in self._found]
        places: dict[tuple[str, int], list[int]] = {}
        for i, cell in enumerate(cells):
            places.setdefault(cell, []).append(i)
        self._leading = [
            sorted(i for near in neighbours(*cell) for i in places.get(near, ())) for cell in cells
        ]

    @property
    def tried(self) -> tuple[Tried, ...]:
        """Those that are done, in the order of the candidates."""
        return tuple(self._found[i] for i in sorted(self._found))

    def steps(
        self, fits: CandidateFits, data: WeightedRows, chunk_map: ChunkMap
    ) -> Generator[SearchProgress, None, bool]:
        """Fit those that wait, some of them elsewhere meanwhile; returns whether it was stopped.

        The iterations of one candidate follow each other, wherever it was fitted.
        """
        n_left, n_threads = len(self._waiting), chunk_map.n_threads
        with Processes.as_many_as_help(data, self._specs, n_left, n_threads) as elsewhere:
            fitted: list[Fitted] = []  # elsewhere, which nobody has been told
            while True:
                self._hand_out(elsewhere, fitted)
                for place, _, iterations in fitted:
                    for iteration in iterations:
                        yield self._progress(place, iteration)
                    self._note_done(place)
                fitted.clear()
                if (begun := self._next()) is not None:
                    fitting = fits.fit(self._specs[begun], self._warm(begun))
                    while True:
                        try:
                            iteration = next(fitting)
                        except StopIteration as end:
                            self._found[begun] = end.value
                            break
                        yield self._progress(begun, iteration)
                        self._hand_out(elsewhere, fitted)
                    self._note_done(begun)
                    result = self._found[begun].result
                    if result is not None and result.ending is StopReason.STOPPED:
                        return True
                elif elsewhere.busy:
                    elsewhere.wait(chunk_map)
                else:
                    return False

    def _hand_out(self, elsewhere: Processes, fitted: list[Fitted]) -> None:
        """Take what was fitted elsewhere, and give more to do."""
        for one in elsewhere.take():
            if one.tried is None:
                self._waiting.insert(0, one.place)
            else:
                self._found[one.place] = one.tried
                fitted.append(one)
        while elsewhere.idle and (place := self._next()) is not None:
            elsewhere.fit(place, self._specs[place], self._warm(place))

    def _next(self) -> int | None:
        """The first that waits for none, which then begins; None where all do."""
        for i, place in enumerate(self._waiting):
            if all(before in self._found for before in self._leading[place]):
                return self._waiting.pop(i)
        return None

    def _warm(self, place: int) -> tuple[Parameters, ...]:
        spec = self._specs[place]
        before = (self._found[i].result for i in self._leading[place])
        fitted = (one for one in before if one is not None)
        return tuple(warm_starts(spec.family, spec.n_components, fitted))

    def _note_done(self, *places: int) -> None:
        """Those at `places` are done: so says all further progress."""
        self._told += tuple(self._found[place] for place in places)
        best = _best_of(self._told, self._criterion)
        self._best = None if best is None else self._told[best].spec

    def _progress(self, place: int, iteration: FitProgress) -> SearchProgress:
        return SearchProgress(
            self._specs[place], iteration, self._told, self._best, len(self._specs)
        )


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
        value = float(getattr(result, criterion))
        # Stopped among its starts, it knows a sample only: too little to compare with the others.
        sampled = result.n_sampled < result.n_rows
        return not tried[i].sound, sampled, value if math.isfinite(value) else math.inf

    fitted = (i for i, one in enumerate(tried) if one.result is not None)
    return min(fitted, key=rank, default=None)
