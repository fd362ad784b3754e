"""The one way from a table and settings to an answer."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress, HeldOutRows, as_called
from gmmdesk.analysis.candidates import Candidate
from gmmdesk.analysis.known import hold, known_labels, least_clusters, order_of, told_where
from gmmdesk.analysis.scored import RowResults, log_units, summed
from gmmdesk.analysis.settings import Settings
from gmmdesk.analysis.trail import Trail
from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared, prepare
from gmmdesk.engine import (
    ConjugatePrior,
    FitResult,
    FitSpec,
    Parameters,
    SearchProgress,
    SearchResult,
    StopReason,
    ThreadedMap,
    Tried,
    candidates,
    search,
    steps,
    trust,
)
from gmmdesk.engine.models.covariance import distinct
from gmmdesk.engine.rows.memberships import NOISE
from gmmdesk.errors import FitError, UsageError
from gmmdesk.task import Task

# A search goes up to as many clusters as leave each so many rows on average: smaller ones describe
# any rows at all, whatever the criterion. Who asks for a number gets it.
ROWS_PER_CLUSTER = 3


def analyse(
    dataset: Dataset,
    settings: Settings,
    *,
    prepared: Prepared | None = None,
    kept: Sequence[Tried] = (),
    task: Task | None = None,
    n_threads: int | None = None,
) -> Generator[AnalysisProgress, None, Analysis]:
    """Fit every combination that `settings` asks for and return the best; yields progress.

    In the rows as they are `prepared`, where `prepared_as` has done so already. Combinations that
    are among the `kept` ones (see `Cells`) are not fitted again.
    Cancelling `task` ends the search with what has been found, marked `stopped_early`, or with
    Cancelled where there is nothing yet. Raises DataError and FitError, naming columns and rows of
    the file, when the table cannot be clustered as asked.
    """
    task = task or Task()
    prepared = prepared or prepared_as(settings, dataset, task)
    X = prepared.fitted()
    labels = known_labels(settings, dataset)
    known = None if labels is None else labels[prepared.fitted_rows]
    specs = _specs(settings, X.shape, known)
    places = {spec: i for i, spec in enumerate(specs)}
    trails: dict[FitSpec, Trail] = {}  # of candidates that are not done, and of the best that is
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        if settings.start is not None:
            start = _start_of(settings, specs, prepared)
            searching = _from_start(X, specs[0], start, known, chunk_map)
        else:
            searching = search(
                X, specs, settings.criterion, known=known, kept=kept, chunk_map=chunk_map
            )
        order: IntArray | None = None
        done: tuple[Candidate, ...] = ()
        while True:
            try:
                progress = next(searching)
            except StopIteration as end:
                found = end.value
                break
            except FitError as error:
                numbers = dataset.numbers_of(prepared.fitted_rows)
                raise error.naming(prepared.columns, numbers) from None
            begins = progress.fit.iteration == 1 or progress.fit.event == "again"
            if order is None or begins:
                order = order_of(progress.fit.compact.weights, known)
            done += tuple(candidate(one, prepared, dataset) for one in progress.tried[len(done) :])
            shown = AnalysisProgress(
                prepared=prepared,
                candidate=places[progress.spec],
                model=progress.spec.model,
                n_components=progress.spec.n_components,
                scaled=progress.fit,
                order=order,
                candidates=done,
                n_candidates=len(specs),
                share=progress.share,
            )
            if progress.spec not in trails:
                ended = {one.spec for one in progress.tried} - {progress.best}
                trails = {spec: trail for spec, trail in trails.items() if spec not in ended}
                for resting in trails.values():
                    resting.rest()
                trails[progress.spec] = Trail()
            trails[progress.spec].add(shown)
            yield shown

    best = next(i for i, one in enumerate(found.tried) if one.result is found.best)
    trail = trails.get(found.tried[best].spec)
    return _answer(
        found.tried,
        best,
        dataset,
        settings,
        prepared,
        trail=trail.leading_to(found.best) if trail else (),
        stopped_early=found.stopped,
        task=task,
        n_threads=n_threads,
    )


def choose(
    analysis: Analysis, index: int, *, task: Task | None = None, n_threads: int | None = None
) -> Analysis:
    """The answer with another of its `candidates`: every row is looked at, nothing fitted again.

    Raises UsageError for one that could not be fitted.
    """
    chosen = analysis.candidates[index]
    if analysis.tried[index].result is None:
        raise UsageError(
            f"{chosen.model} with {chosen.n_components} clusters could not be fitted:"
            f" {chosen.status}",
            "Choose another combination.",
        )
    return _answer(
        analysis.tried,
        index,
        analysis.dataset,
        analysis.settings,
        analysis.prepared,
        trail=(),
        stopped_early=analysis.stopped_early,
        task=task or Task(),
        n_threads=n_threads,
    )


def prepared_as(settings: Settings, dataset: Dataset, task: Task | None = None) -> Prepared:
    """The rows and columns of `dataset` that `settings` ask for; raises DataError."""
    return prepare(
        dataset,
        settings.columns,
        settings.scaling,
        task=task,
        missing=settings.missing,
        steps=settings.steps,
    )


def is_prepared_alike(one: Settings, other: Settings) -> bool:
    """Whether `prepared_as` makes the same of a table by both."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("columns", "scaling", "missing", "steps")
    )


def _answer(
    tried: Sequence[Tried],
    best: int,
    dataset: Dataset,
    settings: Settings,
    prepared: Prepared,
    *,
    trail: Sequence[AnalysisProgress],
    stopped_early: bool,
    task: Task,
    n_threads: int | None,
) -> Analysis:
    """The fit of the candidate `best` in the prepared columns, and what it says about rows."""
    chosen = tried[best].result
    assert chosen is not None
    labels = known_labels(settings, dataset)
    known = None if labels is None else labels[prepared.rows]
    fitted_known = None if labels is None else labels[prepared.fitted_rows]
    order = order_of(chosen.weights, fitted_known)
    scaled = chosen.reordered(order)
    # Stopping is how this began, if it was stopped; only who does not want the answer ends it.
    with ThreadedMap(n_threads, lambda: task.abandoned) as chunk_map:
        scores = scaled.score(prepared.X, chunk_map)
        judged = trust(scaled, prepared.fitted(), chunk_map)
    if scaled.n_sampled < scaled.n_rows:
        # Stopped among its starts, it had seen a sample; now every row has been scored.
        seen = slice(None) if prepared.held_out is None else ~prepared.held_out
        log_likelihood = float(scores.log_density[seen].sum())
        scaled = replace(
            scaled,
            log_likelihood=log_likelihood,
            history=np.append(scaled.history[:-1], log_likelihood),
            log_certainty=float(np.log(scores.probability[seen]).sum()),
            n_sampled=scaled.n_rows,
        )
    tried = [*tried[:best], replace(tried[best], result=scaled), *tried[best + 1 :]]
    if known is not None:
        scores = hold(scores, known, prepared.X, scaled.parameters)
    about = summed(scores, prepared, scaled.parameters)
    rows = replace(about.rows, known=told_where(known))
    result = in_file_terms(scaled, prepared)
    candidates = tuple(candidate(one, prepared, dataset) for one in tried)
    # Which of the others were done by then is a matter of chance.
    trail = [replace(one, order=order, candidates=candidates[:best]) for one in trail]
    analysis = Analysis(
        dataset=dataset,
        settings=settings,
        prepared=prepared,
        result=result,
        scaled=scaled,
        candidates=candidates,
        tried=tuple(tried),
        best=best,
        rows=rows,
        sizes=about.sizes,
        certainty=about.certainty,
        noise=about.noise,
        trust=judged,
        column_means=column_means(prepared),
        trail=tuple(trail),
        stopped_early=stopped_early,
        held_out=held_out(about.rows, prepared),
        known=known,
    )
    _ = analysis.profiles, analysis.verdict  # made here, where nobody waits
    return analysis


def _start_of(settings: Settings, specs: Sequence[FitSpec], prepared: Prepared) -> Parameters:
    """The start in the units of `prepared.X`; raises UsageError where it does not fit."""
    start = settings.start
    assert start is not None
    if start.columns != prepared.columns or len(specs) != 1:
        raise UsageError(
            f"The fit cannot start from {start.said}: other columns or models are asked for.",
            "Choose these again, or let the rows that are kept out belong to any cluster: select"
            " them, then Cannot belong to, Any is possible."
            if settings.forbidden
            else "Start without it.",
        )
    if specs[0].n_components != len(start.weights):
        raise UsageError(
            f"The fit cannot start from {start.said}: it has {len(start.weights)} clusters.",
            f"Ask for exactly {len(start.weights)} clusters.",
        )
    return start.mixture().in_units(-prepared.center / prepared.scale, 1.0 / prepared.scale)


def _from_start(
    X: FloatArray,
    spec: FitSpec,
    start: Parameters,
    known: IntArray | None,
    chunk_map: ThreadedMap,
) -> Generator[SearchProgress, None, SearchResult]:
    """A search of one fit, from a given mixture."""
    fitting = steps(X, spec, start, known=known, chunk_map=chunk_map)
    while True:
        try:
            fit = next(fitting)
        except StopIteration as end:
            result: FitResult = end.value
            stopped = result.ending is StopReason.STOPPED
            return SearchResult(result, (Tried(spec, result),), stopped)
        yield SearchProgress(spec, fit, (), None, 0.0)


def _specs(
    settings: Settings, shape: tuple[int, ...], known: IntArray | None
) -> tuple[FitSpec, ...]:
    """Every combination to try for rows of this shape (n, d); a range ends where clusters would be
    of single rows, and of models that are the same in one column there is one.

    It begins with as many clusters as are known. Raises UsageError where it would be over by then,
    or rows are known to belong to no cluster and each has to have one, or to clusters that are not
    there to begin with.
    """
    n_rows, n_columns = shape
    least = max(settings.k_min, least_clusters(known))
    if least > settings.k_max:
        raise UsageError(
            f"Rows are known to belong to {least:,} clusters, but at most {settings.k_max:,} are"
            " asked for.",
            "Ask for more clusters.",
        )
    if known is not None and not settings.noise and (known == NOISE).any():
        raise UsageError(
            "Rows are known to belong to no cluster, but each row has to have one.",
            "Allow that some rows may belong to no cluster (More settings, or --noise).",
        )
    if settings.forbidden and settings.start is None:
        raise UsageError(
            "Rows are not to belong to a cluster, but there are no clusters to begin with: their"
            " numbers mean nothing yet.",
            "Let these rows belong to any cluster, and find clusters first.",
        )
    base = FitSpec(
        seed=settings.seed,
        restarts=settings.restarts,
        tol=settings.tol,
        max_iter=settings.max_iter,
        regularization=settings.regularization,
        noise=settings.noise,
        prior=ConjugatePrior() if settings.prior == "always" else None,
        guard="floor" if settings.prior == "never" else "prior",
        missing="em" if settings.missing == "em" else "refuse",
    )
    most = max(least, min(settings.k_max, n_rows // ROWS_PER_CLUSTER))
    return candidates(distinct(settings.models, n_columns), range(least, most + 1), base)


def in_file_terms(scaled: FitResult, prepared: Prepared) -> FitResult:
    """In the prepared columns, with likelihoods and numbers of rows as in the file."""
    result = scaled.in_units(prepared.center, prepared.scale).with_rows(prepared.fitted_rows)
    added = prepared.total_log_slope
    if not added:
        return result
    return replace(
        result, log_likelihood=result.log_likelihood + added, history=result.history + added
    )


def candidate(one: Tried, prepared: Prepared, dataset: Dataset) -> Candidate:
    """What was tried, in the units of the file."""
    if one.result is None:
        nan = float("nan")
        return Candidate(
            model=one.spec.model,
            n_components=one.spec.n_components,
            log_likelihood=nan,
            n_parameters=0,
            bic=nan,
            icl=nan,
            aic=nan,
            status=str(
                one.error
                and one.error.naming(prepared.columns, dataset.numbers_of(prepared.fitted_rows))
            ),
            sound=one.sound,
        )
    result = in_file_terms(one.result.reordered(order_of(one.result.weights, None)), prepared)
    return Candidate(
        model=result.model,
        n_components=result.n_components,
        log_likelihood=result.log_likelihood,
        n_parameters=result.n_parameters,
        bic=result.bic,
        icl=result.icl,
        aic=result.aic,
        status=as_called(result, dataset).stop_reason,
        sound=one.sound,
        certainty=math.exp(result.log_certainty / result.size),
        held_out=_held_out_density(one.result, prepared),
    )


def _held_out_density(scaled: FitResult, prepared: Prepared) -> float:
    """The mean log density of the rows that were held out, in the file's units; nan without any."""
    held = prepared.held_out
    if held is None or not held.any():
        return math.nan
    slope = 0.0 if prepared.log_slope is None else prepared.log_slope[held]
    units = np.broadcast_to(log_units(prepared), len(held))[held]
    return float((scaled.log_density(prepared.X[held]) - units + slope).mean())


def column_means(prepared: Prepared) -> FloatArray:
    """The means of the values in each column, in the units of the file: (d,)."""
    if prepared.n_incomplete:
        means = np.asarray([np.nanmean(x) for x in prepared.X.T])
    else:
        means = np.asarray(prepared.X.mean(axis=0))
    return np.asarray(prepared.center + prepared.scale * means)


def held_out(rows: RowResults, prepared: Prepared) -> HeldOutRows | None:
    """How well the rows are described that were held out, if some were."""
    held = prepared.held_out
    if held is None or not held.any():
        return None
    return HeldOutRows(
        int(held.sum()),
        float(rows.log_density[held].mean()),
        float(rows.log_density[~held].mean()),
    )
