"""The one way from a table and settings to an answer."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace

import numpy as np

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress, Candidate
from gmmdesk.analysis.scored import summed
from gmmdesk.analysis.settings import Settings
from gmmdesk.analysis.trail import Trail
from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared, prepare
from gmmdesk.engine import (
    ConjugatePrior,
    FitResult,
    FitSpec,
    SearchResult,
    ThreadedMap,
    Tried,
    candidates,
    search,
    trust,
)
from gmmdesk.errors import FitError
from gmmdesk.task import Task

# A search goes up to as many clusters as leave each so many rows on average: smaller ones describe
# any rows at all, whatever the criterion. Who asks for a number gets it.
ROWS_PER_CLUSTER = 3


def analyse(
    dataset: Dataset,
    settings: Settings,
    *,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Generator[AnalysisProgress, None, Analysis]:
    """Fit every combination that `settings` asks for and return the best; yields progress.

    Cancelling `task` ends the search with what has been found, marked `stopped_early`, or with
    Cancelled where there is nothing yet. Raises DataError and FitError, naming columns and rows of
    the file, when the table cannot be clustered as asked.
    """
    task = task or Task()
    prepared = prepare(
        dataset, settings.columns, settings.scaling, task=task, missing=settings.missing
    )
    specs = _specs(settings, len(prepared.rows))
    trails: dict[int, Trail] = {}  # of the candidate under way and of the best before it
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        searching = search(prepared.X, specs, settings.criterion, chunk_map=chunk_map)
        order: IntArray | None = None
        done: tuple[Candidate, ...] = ()
        while True:
            try:
                progress = next(searching)
            except StopIteration as end:
                found = end.value
                break
            except FitError as error:
                raise error.naming(prepared.columns, prepared.rows) from None
            if order is None or progress.fit.iteration == 1:
                order = _by_weight(progress.fit.compact.weights)
            done += tuple(_candidate(one, prepared) for one in progress.tried[len(done) :])
            shown = AnalysisProgress(
                prepared=prepared,
                candidate=len(progress.tried),
                model=progress.spec.model,
                n_components=progress.spec.n_components,
                scaled=progress.fit,
                order=order,
                candidates=done,
                n_candidates=len(specs),
            )
            if shown.candidate not in trails:
                trails = {i: trail for i, trail in trails.items() if i == progress.best}
                trails[shown.candidate] = Trail()
            trails[shown.candidate].add(shown)
            yield shown

    return _answer(
        found, dataset, settings, prepared, trails=trails, task=task, n_threads=n_threads
    )


def _answer(
    found: SearchResult,
    dataset: Dataset,
    settings: Settings,
    prepared: Prepared,
    *,
    trails: Mapping[int, Trail],
    task: Task,
    n_threads: int | None,
) -> Analysis:
    """The best fit in the units of the file, and what it says about every row."""
    best = next(i for i, one in enumerate(found.tried) if one.result is found.best)
    order = _by_weight(found.best.weights)
    scaled = found.best.reordered(order)
    # Stopping is how this began, if it was stopped; only who does not want the answer ends it.
    with ThreadedMap(n_threads, lambda: task.abandoned) as chunk_map:
        scores = scaled.score(prepared.X, chunk_map)
        judged = trust(scaled, prepared.X, chunk_map)
    if scaled.n_sampled < scaled.n_rows:
        # Stopped among its starts, it had seen a sample; now every row has been scored.
        log_likelihood = float(scores.log_density.sum())
        scaled = replace(
            scaled,
            log_likelihood=log_likelihood,
            history=np.append(scaled.history[:-1], log_likelihood),
            log_certainty=float(np.log(scores.probability).sum()),
            n_sampled=scaled.n_rows,
        )
    tried = list(found.tried)
    tried[best] = replace(tried[best], result=scaled)
    about = summed(scores, prepared, scaled.parameters)
    return Analysis(
        dataset=dataset,
        settings=settings,
        prepared=prepared,
        result=_in_file_terms(scaled, prepared),
        scaled=scaled,
        candidates=tuple(_candidate(one, prepared) for one in tried),
        best=best,
        rows=about.rows,
        sizes=about.sizes,
        certainty=about.certainty,
        noise=about.noise,
        trust=judged,
        column_means=prepared.center + prepared.scale * _means(prepared),
        trail=tuple(replace(one, order=order) for one in trails[best].best),
        stopped_early=found.stopped,
    )


def _specs(settings: Settings, n_rows: int) -> tuple[FitSpec, ...]:
    """Every combination to try; a range ends where clusters would be of single rows."""
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
    most = max(settings.k_min, min(settings.k_max, n_rows // ROWS_PER_CLUSTER))
    return candidates(settings.models, range(settings.k_min, most + 1), base)


def _by_weight(weights: FloatArray) -> IntArray:
    return np.argsort(-weights, kind="stable")


def _in_file_terms(scaled: FitResult, prepared: Prepared) -> FitResult:
    """In the units of the file, and with the rows numbered as in the file."""
    return scaled.in_units(prepared.center, prepared.scale).with_rows(prepared.rows)


def _candidate(one: Tried, prepared: Prepared) -> Candidate:
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
            status=str(one.error and one.error.naming(prepared.columns, prepared.rows)),
            sound=one.sound,
        )
    result = _in_file_terms(one.result.reordered(_by_weight(one.result.weights)), prepared)
    return Candidate(
        model=result.model,
        n_components=result.n_components,
        log_likelihood=result.log_likelihood,
        n_parameters=result.n_parameters,
        bic=result.bic,
        icl=result.icl,
        aic=result.aic,
        status=result.stop_reason,
        sound=one.sound,
    )


def _means(prepared: Prepared) -> FloatArray:
    """The means of the values in each column of `prepared.X`, (d,)."""
    if not prepared.n_incomplete:
        return np.asarray(prepared.X.mean(axis=0))
    return np.asarray([np.nanmean(x) for x in prepared.X.T])
