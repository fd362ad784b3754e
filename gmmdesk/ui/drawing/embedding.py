"""t-SNE: rows that are alike side by side, at the price of all distances (optional package)."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from gmmdesk.analysis.axes import MapAxis, RowIndices
from gmmdesk.data.prepare import Prepared
from gmmdesk.errors import Cancelled
from gmmdesk.task import Task

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

HOW_TO_GET = 'pip install "gmmdesk[tsne]"'
MOST_ROWS = 5_000  # that are embedded: it takes about a minute on a slow machine
_PERPLEXITY = 30.0
_ITERATIONS = 750  # 250 of them with early exaggeration
_EVERY = 5  # of them, it is asked whether to go on


@cache
def is_installed() -> bool:
    """Whether openTSNE is there, without importing it, which takes seconds."""
    return importlib.util.find_spec("openTSNE") is not None


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedAxis(MapAxis):
    """An axis that is no direction: `rows` (m,) are at `positions` (m,), others nowhere."""

    rows: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    positions: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def is_linear(self) -> bool:
        return False

    def values(self, prepared: Prepared, rows: RowIndices = slice(None)) -> FloatArray:
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(prepared.rows)))
        place = np.searchsorted(self.rows, rows)
        found = np.append(self.rows, -1)[place] == rows
        return np.where(found, np.append(self.positions, np.nan)[place], np.nan)


def embed(prepared: Prepared, seed: int, task: Task) -> tuple[EmbeddedAxis, EmbeddedAxis]:
    """Both axes of a t-SNE map of the scaled columns (van der Maaten and Hinton, 2008).

    By openTSNE (Policar et al., 2024, Journal of Statistical Software 109(3)), perplexity 30, from
    the principal components, so that the same seed gives the same map. Of more than MOST_ROWS rows
    an even choice is placed; rows that lack a value are not. Raises Cancelled.
    """
    from openTSNE import TSNE

    task.step(what="Looking for neighbours")
    whole = np.arange(len(prepared.rows))
    if prepared.n_incomplete:
        whole = np.flatnonzero(~np.isnan(prepared.X).any(axis=1))
    rows = whole
    if len(whole) > MOST_ROWS:
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(whole, MOST_ROWS, replace=False, shuffle=False))
    stages = [0]

    def go_on(iteration: int, _error: float, _embedding: object) -> bool:
        if iteration < stages[-1]:
            stages.append(0)
        stages[-1] = iteration
        if task.checkpoint():
            return True  # stops; iterations themselves cannot raise
        task.step(sum(stages) / _ITERATIONS, "Placing rows")
        return False

    perplexity = max(1.0, min(_PERPLEXITY, (len(rows) - 1) / 3.0))
    tsne = TSNE(
        perplexity=perplexity,
        initialization="pca",
        random_state=seed % 2**32,  # those of scikit-learn end there
        n_jobs=1,  # the other core is the window's
        callbacks=go_on,
        callbacks_every_iters=_EVERY,
    )
    positions = np.asarray(tsne.fit(np.ascontiguousarray(prepared.X[rows])), np.float64)
    if task.cancelled:
        raise Cancelled
    nothing = np.zeros(prepared.X.shape[1])
    first, second = (
        EmbeddedAxis(f"t-SNE {rank}", nothing, 0.0, rows=rows, positions=positions[:, rank - 1])
        for rank in (1, 2)
    )
    return first, second
