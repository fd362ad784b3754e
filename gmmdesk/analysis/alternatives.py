"""The other optima that restarts led to, to be looked at and taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.axes import most_separating
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.engine import Parameters, ThreadedMap, optima
from gmmdesk.engine.density import labels
from gmmdesk.engine.judging.agreement import agreement
from gmmdesk.errors import Cancelled
from gmmdesk.task import Task

PICTURED = 2_000  # rows that stand for all in a picture


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """An optimum, and how it sorts some rows.

    `deficit` says how much less likely than the best it makes the rows, in nats; where there are
    many, as estimated from some. `parameters` are in the prepared columns. `n_reached` starts led
    there; none where it was found by moving on from another. `x`, `y` and `clusters` (m,) are of
    rows that stand for all, along the two columns that separate the answer's clusters best. Each
    cluster has the number of the answer's that stands for it, with which it shares most rows.
    """

    parameters: Parameters
    deficit: float
    n_reached: int
    is_answer: bool
    columns: tuple[str, str]
    x: FloatArray
    y: FloatArray
    clusters: IntArray


def can_have_alternatives(analysis: Analysis) -> bool:
    """Whether starts are known; a session does not keep them, and a fit from a start has none.

    Nor where rows may belong to no cluster, as a start has no noise; and where it is known of some
    to which cluster they belong, starts agree about these.
    """
    is_plain = analysis.noise is None and analysis.known is None
    return len(analysis.scaled.starts) > 1 and is_plain


def alternatives(analysis: Analysis, *, task: Task | None = None) -> tuple[Alternative, ...]:
    """The distinct optima, the likeliest first; raises Cancelled."""
    task = task or Task()
    prepared = analysis.prepared
    X = prepared.fitted()
    axes = most_separating(analysis.scaled.parameters) if X.shape[1] > 1 else (0, 0)
    spec = analysis.tried[analysis.best].spec
    with ThreadedMap(None, task.checkpoint) as chunk_map:
        found = optima(analysis.scaled, X, spec, chunk_map)
        if task.cancelled:
            raise Cancelled
        rows = np.arange(0, len(X), -(-len(X) // PICTURED))
        shown, along = X[rows], list(axes)
        x, y = (prepared.center[along] + prepared.scale[along] * shown[:, along]).T
        sorted_by = [
            labels(one.parameters.in_full(), shown, chunk_map, missing=analysis.scaled.missing)
            for one in found
        ]
        of_answer = next(k for one, k in zip(found, sorted_by, strict=True) if one.is_answer)
        sizes = (len(analysis.scaled.parameters.weights),) * 2
        return tuple(
            Alternative(
                parameters=one.parameters.in_units(prepared.center, prepared.scale).in_full(),
                deficit=len(X) * (found[0].log_likelihood - one.log_likelihood),
                n_reached=one.n_reached,
                is_answer=one.is_answer,
                columns=(prepared.columns[axes[0]], prepared.columns[axes[1]]),
                x=x,
                y=y,
                clusters=agreement(clusters, of_answer, sizes).match[clusters],
            )
            for one, clusters in zip(found, sorted_by, strict=True)
        )
