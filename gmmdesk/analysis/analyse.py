"""The one way from a table and settings to an answer."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.cells import NONE_KEPT, Kept
from gmmdesk.analysis.file_terms import candidate, column_means, held_out, in_file_terms
from gmmdesk.analysis.known import hold, known_labels, least_clusters, order_of, told_where
from gmmdesk.analysis.retracing import ENOUGH_TO_SEE
from gmmdesk.analysis.scored import summed
from gmmdesk.analysis.settings import Settings
from gmmdesk.analysis.watching import Watched
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
from gmmdesk.engine.models.covariance import MODELS, distinct
from gmmdesk.engine.rows.memberships import NOISE
from gmmdesk.errors import Cancelled, FitError, UsageError
from gmmdesk.task import Task
from gmmdesk.text import joined, number

# A search goes up to as many clusters as leave each so many rows on average: smaller ones describe
# any rows at all, whatever the criterion. Who asks for a number gets it.
ROWS_PER_CLUSTER = 3


def analyse(
    dataset: Dataset,
    settings: Settings,
    *,
    prepared: Prepared | None = None,
    kept: Kept = NONE_KEPT,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Generator[AnalysisProgress, None, Analysis]:
    """Fit every combination that `settings` asks for and return the best; yields progress.

    In the rows as they are `prepared`, where `prepared_as` has done so already. What is `kept` (see
    `Cells`) is not fitted again, and makes no difference to the answer.
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
    watched = Watched(dataset, prepared, known, specs)
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        if settings.start is not None:
            start = _start_of(settings, specs, prepared)
            searching = _from_start(X, specs[0], start, known, chunk_map)
        else:
            searching = search(
                X, specs, settings.criterion, known=known, kept=kept.found, chunk_map=chunk_map
            )
        while True:
            try:
                progress = next(searching)
            except StopIteration as end:
                found = end.value
                break
            except FitError as error:
                numbers = dataset.numbers_of(prepared.fitted_rows)
                raise error.naming(prepared.columns, numbers, *_begun(error, settings)) from None
            yield watched.seen(progress)
        tried, stopped = list(found.tried), found.stopped
        best = next(i for i, one in enumerate(tried) if one.result is found.best)
        as_found = tried[best]
        is_quick = found.best.n_iterations < ENOUGH_TO_SEE
        if is_quick and len(tried) > 1 and not stopped:
            before = next((one for one in kept.retraced if one.spec == as_found.spec), None)
            tried[best] = before or (yield from watched.retracing(X, as_found, chunk_map))
            stopped = task.cancelled and tried[best] is as_found
    trails = {one.spec: led for one in tried if (led := watched.leading_to(one))}

    answer = _answer(
        tried,
        best,
        dataset,
        settings,
        prepared,
        trails=trails,
        stopped_early=stopped,
        task=task,
        n_threads=n_threads,
    )
    return answer.changed(searched=found.tried)


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
        trails=analysis.trails,
        stopped_early=analysis.stopped_early,
        task=task or Task(),
        n_threads=n_threads,
    ).changed(after=analysis.after)


def found_so_far(
    dataset: Dataset,
    settings: Settings,
    progress: AnalysisProgress,
    history: Sequence[float],
    *,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Analysis:
    """The answer of a search that goes on, as if it had been stopped: the best fit that is done.

    As long as there is none, the fit under way as it stands. `progress` is the last one that
    `analyse` has yielded for `dataset` and `settings`, `history` the log-likelihoods (nats, in the
    file's units) of the iterations from its start to it. Raises UsageError where it tells nothing.
    """
    search, prepared = progress.search, progress.prepared
    if search is None:
        raise UsageError("Nothing has been found so far.", "Find clusters first.")
    labels = known_labels(settings, dataset)
    known = None if labels is None else labels[prepared.fitted_rows]
    places = {spec: i for i, spec in enumerate(_specs(settings, prepared.fitted().shape, known))}
    done = (
        search.tried if search.best else (*search.tried, _as_it_stands(progress, search, history))
    )
    tried = sorted(done, key=lambda one: places[one.spec])
    chosen = search.best or search.spec
    return _answer(
        tried,
        next(i for i, one in enumerate(tried) if one.spec == chosen),
        dataset,
        settings,
        prepared,
        trails={},
        stopped_early=True,
        task=task or Task(),
        n_threads=n_threads,
    )


def _as_it_stands(
    progress: AnalysisProgress, search: SearchProgress, history: Sequence[float]
) -> Tried:
    """The fit under way; how sure rows are is not known before somebody looks at them."""
    spec, fit = search.spec, search.fit
    parameters = fit.parameters
    model = MODELS[spec.family]
    shift = progress.log_likelihood - progress.scaled.log_likelihood
    result = FitResult(
        model=spec.family,
        parameters=parameters,
        log_likelihood=fit.log_likelihood,
        log_certainty=math.nan,
        n_parameters=model.total_parameters(*parameters.means.shape) + 2 * spec.noise,
        n_rows=fit.n_rows,
        history=np.array(history) - shift,
        ending=StopReason.STOPPED,
        n_sampled=fit.n_sampled,
        size=fit.size,
        regularization=spec.regularization,
        missing=spec.missing == "em",
        cells=fit.cells,
    )
    return Tried(spec, result, provisional=True)


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
    trails: Mapping[FitSpec, tuple[AnalysisProgress, ...]],
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

    def wanted() -> None:
        # Stopping is how this began, if it was stopped; only who does not want the answer ends it.
        if task.abandoned:
            raise Cancelled

    with ThreadedMap(n_threads, lambda: task.abandoned) as chunk_map:
        scores = scaled.score(prepared.X, chunk_map)
        judged = trust(scaled, prepared.fitted(), chunk_map)
    if scaled.n_sampled < scaled.n_rows or math.isnan(scaled.log_certainty):
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
    return (
        Analysis(
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
            trail=(),
            stopped_early=stopped_early,
            held_out=held_out(about.rows, prepared),
            known=known,
        )
        .led_by(trails)
        .judged(wanted)
    )


def _begun(error: FitError, settings: Settings) -> tuple[str, str]:
    """Where the component at fault was put by the start that was chosen, and what to do about it;
    both empty where the program chose the starts.
    """
    start = settings.start
    if start is None or error.component is None:
        return "", ""
    at = zip(start.columns, start.means[error.component], strict=True)
    where = joined([f"{name} = {number(value)}" for name, value in at])
    return (
        f"the cluster that was put at {where}",
        "Put it where rows are that no other describes.",
    )


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
