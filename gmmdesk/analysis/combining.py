"""Components combined into clusters by entropy, or by hand, and what that says about every row."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.known import hold
from gmmdesk.analysis.merge_request import MergeRequest
from gmmdesk.analysis.scored import summed
from gmmdesk.data.dataset import FloatArray
from gmmdesk.engine import MergePath, ThreadedMap, merge_path
from gmmdesk.errors import Cancelled, UsageError
from gmmdesk.task import Task


@dataclass(frozen=True, slots=True, eq=False)
class Merging:
    """How the components of an answer may be merged, two at a time, as entropy says.

    `groupings` are those into 1, ..., K clusters, the last of them None; `proposed` and `lines` as
    in `MergePath`, which finds them anew each time.
    """

    path: MergePath
    groupings: tuple[Grouping | None, ...]
    proposed: int
    lines: tuple[FloatArray, FloatArray]

    @property
    def bends(self) -> bool:
        """Whether the entropy bends, so that merging is proposed."""
        return self.proposed < len(self.groupings)

    def place_of(self, grouping: Grouping | None) -> int | None:
        """The number of clusters at which the path has these, None where it is not on the path."""
        wanted = None if grouping is None else _sets(grouping)
        for n, one in enumerate(self.groupings, start=1):
            if wanted == (None if one is None else _sets(one)):
                return n
        return None


def merging_of(analysis: Analysis, task: Task | None = None) -> Merging:
    """The path from the components of an answer to one cluster; looks at 50,000 rows at most.

    Raises Cancelled when the task is cancelled.
    """
    base = analysis.uncombined
    weights = base.scaled.weights
    path = merge_path(base.scaled, base.prepared.fitted(), (task or Task()).step)
    numbers = range(1, len(weights) + 1)
    groups = (path.groups(n).tolist() for n in numbers)
    groupings = tuple(Grouping.combining(one, weights) for one in groups)
    return Merging(path, groupings, path.proposed, path.lines)


def combined(
    analysis: Analysis,
    grouping: Grouping | None,
    *,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Analysis:
    """The answer with its components combined so, or each a cluster for None; nothing is fitted.

    What is said of rows and clusters is about the clusters: probabilities of their components add
    up. The mixture, its densities and its likelihood stay those of the components, and a row is an
    outlier as far as it is from its likeliest component. Raises Cancelled when the task is
    cancelled.
    """
    base, task = analysis.uncombined, task or Task()
    if grouping is None:
        return base
    prepared, scaled = base.prepared, base.scaled
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        scores = scaled.score(prepared.X, chunk_map, grouping.of)
    clusters = grouping.moments(scaled.parameters)  # as `scaled_clusters` will be
    if base.known is not None:
        scores = hold(scores, base.known, prepared.X, scaled.parameters, grouping)
    if task.cancelled:
        raise Cancelled
    about = summed(scores, prepared, clusters)
    rows = replace(
        about.rows,
        log_density=base.rows.log_density,
        squared_distance=base.rows.squared_distance,
        known=base.rows.known,
    )
    return replace(
        base,
        grouping=grouping,
        of_components=base,
        rows=rows,
        sizes=about.sizes,
        certainty=about.certainty,
        noise=about.noise,
        trail=tuple(replace(one, grouping=grouping) for one in base.trail),
        colors=(),
        signs=(),
    ).judged(task.step)


def asked_grouping(
    analysis: Analysis, asked: MergeRequest, task: Task | None = None
) -> Grouping | None:
    """The grouping that is asked for; None where each component stays a cluster.

    Raises UsageError where the answer has not so many components, Cancelled when the task is
    cancelled.
    """
    weights = analysis.uncombined.scaled.weights
    K = len(weights)
    if not asked.together:
        n = asked.n_clusters
        if n is not None and not 1 <= n <= K:
            raise UsageError(
                f"{K} components cannot be merged into {n} clusters.",
                f"Ask for 1 to {K}, or auto.",
            )
        merging = merging_of(analysis, task)
        return merging.groupings[(merging.proposed if n is None else n) - 1]
    groups = list(range(K))
    for own in asked.together:
        if max(own) > K:
            raise UsageError(
                f"There is no component {max(own)} to merge.",
                f"The components are numbered from 1 to {K}.",
            )
        for number in own:
            groups[number - 1] = min(own) - 1
    return Grouping.combining(groups, weights)


def _sets(grouping: Grouping) -> frozenset[tuple[int, ...]]:
    return frozenset(grouping.parts(cluster) for cluster in range(grouping.n_clusters))
