"""Whether the clusters of an answer are there: found again in halves of the rows, and apart."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.engine import Resampled, ThreadedMap, merge_path, resampled
from gmmdesk.task import Task

HALVES = 20  # fits to half of the rows: enough to tell always from mostly and seldom


@dataclass(frozen=True, slots=True)
class Checked:
    """`groups` are the clusters (0-based) that overlap so much that they may be one, in groups.

    `found_again` says in how many halves of the rows the same clusters came out, so far.
    """

    groups: tuple[tuple[int, ...], ...]
    found_again: Resampled


def check(
    analysis: Analysis, *, task: Task | None = None, n_threads: int | None = None
) -> Generator[Checked, None, Checked]:
    """Judge an answer by refitting halves of its rows; yields what there is after each.

    Raises Cancelled when the task is.
    """
    task = task or Task()
    rows = analysis.prepared.fitted()
    groups = _overlapping(analysis)
    spec = analysis.tried[analysis.best].spec
    checked = Checked(groups, Resampled(()))
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        for found in resampled(analysis.scaled, rows, spec, HALVES, chunk_map):
            task.step(found.n / HALVES)
            checked = Checked(groups, found)
            yield checked
    return checked


def _overlapping(analysis: Analysis) -> tuple[tuple[int, ...], ...]:
    """Clusters that are one where merging by entropy stops (Baudry et al., 2010)."""
    path = merge_path(analysis.scaled, analysis.prepared.X)
    of_cluster = path.groups(path.proposed)
    groups: dict[int, list[int]] = {}
    for cluster, group in enumerate(of_cluster.tolist()):
        groups.setdefault(group, []).append(cluster)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
