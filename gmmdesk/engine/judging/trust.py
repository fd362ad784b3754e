"""Whether an optimum can be trusted: how many starts led to it, and components made of nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.density import labels
from gmmdesk.engine.judging.agreement import rand_index
from gmmdesk.engine.models.covariance import MODELS
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, evenly_spaced

# Starts lead to the same clusters where the adjusted Rand index of both is at least this.
SAME = 0.9
# Judged on so many rows, evenly spaced.
JUDGED_ROWS = 5_000
# Of the largest variance of a component, what its smallest may be before it counts as flat: a
# thousandth of the spread. With as few rows as a flat component of noise has, that is no finding
# (McLachlan and Peel, 2000, section 3.10, on spurious local maximizers).
FLAT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """`n_agreeing` of `n_starts` led to the same clusters; components (0-based) that are doubtful.

    `few_rows` have fewer rows than twice what their own covariance needs, `flat` are a thousand
    times wider in one direction than in another.
    """

    n_starts: int
    n_agreeing: int
    few_rows: tuple[int, ...]
    flat: tuple[int, ...]


def trust(result: FitResult, X: Source | npt.ArrayLike, chunk_map: ChunkMap | None = None) -> Trust:
    """Judge `result` by the rows X (n, d) it was fitted to and the starts it came from."""
    rows = evenly_spaced(X, JUDGED_ROWS)
    with running(chunk_map) as run:
        found, *others = (
            labels(mixture.in_full(), rows, run, missing=result.missing)
            for mixture in (result.parameters, *result.starts)
        )
    n_agreeing = sum(adjusted_rand_index(found, other) >= SAME for other in others)
    model = MODELS[result.model]
    d = result.means.shape[1]
    shared = "V" not in result.model
    needed = 0 if shared else 2 * (1 if model.axis_aligned else d + 1)
    variances = np.linalg.eigvalsh(result.covariances)
    return Trust(
        n_starts=max(1, len(others)),
        n_agreeing=max(1, n_agreeing),
        few_rows=_numbers(result.weights * result.size < needed),
        flat=_numbers(variances[:, 0] < FLAT * variances[:, -1]),
    )


def _numbers(found: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(component) for component in np.flatnonzero(found))


def adjusted_rand_index(first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]) -> float:
    """How far two partitions of the same rows agree beyond chance (Hubert and Arabie, 1985).

    1 for the same clusters, about 0 for unrelated ones; both (n,), labels from 0.
    """
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1.0)
    return rand_index(table)
