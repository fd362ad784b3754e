"""Whether the clusters of an answer are found again in halves of its rows."""

from __future__ import annotations

from collections.abc import Generator

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.found_again import ONE_CLUSTER
from gmmdesk.engine import Resampled, ThreadedMap, resampled
from gmmdesk.errors import UsageError
from gmmdesk.task import Task

HALVES = 50  # fits to half of the rows: enough to tell always from mostly and seldom


def why_not_checked(analysis: Analysis) -> str:
    """Why halves of the rows would tell nothing about an answer; empty where they would."""
    if analysis.n_clusters == 1:
        return ONE_CLUSTER
    if analysis.known is not None:
        return "Clusters of which rows are known are found again in any case: it tells nothing."
    return ""


def check(
    analysis: Analysis,
    n_halves: int = HALVES,
    *,
    done: Resampled | None = None,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Generator[Resampled, None, Resampled]:
    """Fit halves of the rows anew; yields what there is after each, beside what is `done`.

    From starts of their own, also where that of the answer was chosen: a start at the clusters
    would lead to them whether the rows do or not.
    Raises UsageError where that says nothing, see `why_not_checked`, Cancelled when the task is.
    """
    if problem := why_not_checked(analysis.uncombined):
        raise UsageError(problem, "Find clusters without that first.")
    task = task or Task()
    rows = analysis.prepared.fitted()
    spec = analysis.tried[analysis.best].spec
    found = done = done or Resampled(())
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        for found in resampled(analysis.scaled, rows, spec, n_halves, chunk_map, done=done):
            task.step(found.n / n_halves)
            yield found
    return found
