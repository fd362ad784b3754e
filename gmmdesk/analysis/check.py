"""Whether the clusters of an answer are found again in halves of its rows."""

from __future__ import annotations

from collections.abc import Generator

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.engine import Resampled, ThreadedMap, resampled
from gmmdesk.errors import UsageError
from gmmdesk.task import Task

HALVES = 50  # fits to half of the rows: enough to tell always from mostly and seldom


def can_check(analysis: Analysis) -> bool:
    """Whether there are clusters to be found again: those that are known would always be."""
    return analysis.n_clusters > 1 and analysis.rows.known is None


def check(
    analysis: Analysis,
    n_halves: int = HALVES,
    *,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Generator[Resampled, None, Resampled]:
    """Fit halves of the rows anew; yields what there is after each.

    Raises UsageError where that says nothing, see `can_check`, Cancelled when the task is.
    """
    if not can_check(analysis):
        raise UsageError(
            "Halves of the rows cannot be compared where some are known to belong to a cluster.",
            "Find clusters without what is known first.",
        )
    task = task or Task()
    rows = analysis.prepared.fitted()
    spec = analysis.tried[analysis.best].spec
    found = Resampled(())
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        for found in resampled(analysis.scaled, rows, spec, n_halves, chunk_map):
            task.step(found.n / n_halves)
            yield found
    return found
