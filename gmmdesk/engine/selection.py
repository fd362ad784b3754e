"""Choosing model and number of components: every candidate fitted, the best by a criterion."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy.typing as npt

from gmmdesk.engine.em import fit_frame, measured
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.result import FitProgress, FitResult, StopReason
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.source import Source
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.start_rows import StartRows
from gmmdesk.engine.starts.warm_starts import warm_starts
from gmmdesk.errors import Cancelled, FitError, UsageError

CRITERIA = ("bic", "icl", "aic")


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One candidate: its fit, or the error that says why there is none."""

    spec: FitSpec
    result: FitResult | None = None
    error: FitError | None = None

    @property
    def sound(self) -> bool:
        """Whether it was fitted as asked: one that collapsed or was mended does not compare."""
        return self.result is not None and self.result.collapse is None


@dataclass(frozen=True, slots=True, eq=False)
class SearchProgress:
    """An iteration of the candidate `spec`.

    `tried` are those done before it, `best` is the index of the best of them, if there is one.
    """

    spec: FitSpec
    fit: FitProgress
    tried: tuple[Tried, ...]
    best: int | None
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

    Candidates begin, besides with starts of their own, where simpler ones before them ended: so
    they come best in the order of `candidates`. Those among `kept`, from a search of the same
    rows, are not fitted again. For `weights` and `known` see `steps`.

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
    tried: list[Tried] = []
    done = {one.spec: one for one in kept}
    data = WeightedRows(X, weights, known)
    with running(chunk_map) as run:
        try:
            frames = _frames(data, specs, run)
            start_rows: dict[tuple[bool, str, int], StartRows] = {}
            for spec in specs:
                if spec in done:
                    tried.append(done[spec])
                    continue
                try:
                    frame = frames[spec.noise, spec.missing]
                    if isinstance(frame, FitError):
                        raise frame
                    key = spec.noise, spec.missing, spec.seed
                    if key not in start_rows:
                        start_rows[key] = StartRows(frame, spec.seed, run)
                    rows = start_rows[key]
                    fitted = (one.result for one in tried if one.result is not None)
                    warm = tuple(warm_starts(spec.family, spec.n_components, fitted))
                    fit = fit_frame(frame, spec, None, run, warm=warm, start_rows=rows)
                    best = _best_of(tried, criterion)
                    result = yield from _report(fit, spec, tuple(tried), best, len(specs))
                except FitError as error:
                    tried.append(Tried(spec, error=data.renumbered(error)))
                    continue
                tried.append(Tried(spec, data.renumbered(result)))
                if result.ending is StopReason.STOPPED:
                    return SearchResult(_best(tried, criterion), tuple(tried), stopped=True)
        except Cancelled:
            if not any(one.result for one in tried):
                raise
            return SearchResult(_best(tried, criterion), tuple(tried), stopped=True)
    return SearchResult(_best(tried, criterion), tuple(tried), stopped=False)


def _frames(
    data: WeightedRows, specs: Sequence[FitSpec], chunk_map: ChunkMap
) -> dict[tuple[bool, str], Frame | FitError]:
    """The rows as measured for candidates with and without noise and missing cells, or why not.

    Raises FitError when they cannot be measured for any.
    """
    frames: dict[tuple[bool, str], Frame | FitError] = {}
    for key in dict.fromkeys((spec.noise, spec.missing) for spec in specs):
        alike = [spec for spec in specs if (spec.noise, spec.missing) == key]
        try:
            frames[key] = measured(data, alike, chunk_map)
        except FitError as error:
            frames[key] = error
    first = next(iter(frames.values()))
    if isinstance(first, FitError) and all(isinstance(one, FitError) for one in frames.values()):
        raise data.renumbered(first)
    return frames


def _report(
    fit: Generator[FitProgress, None, FitResult],
    spec: FitSpec,
    tried: tuple[Tried, ...],
    best: int | None,
    n_candidates: int,
) -> Generator[SearchProgress, None, FitResult]:
    while True:
        try:
            progress = next(fit)
        except StopIteration as finished:
            result: FitResult = finished.value
            return result
        yield SearchProgress(spec, progress, tried, best, n_candidates)


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
