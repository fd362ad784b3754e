"""How far components overlap: whose rows could be another's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.density import added
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, evenly_spaced

JUDGED_ROWS = 200_000  # evenly spaced: shares are then known to a thousandth


def overlap(
    result: FitResult, X: Source | npt.ArrayLike, groups: Sequence[int] | None = None
) -> FloatArray:
    """The mean responsibilities of the rows assigned to each component, (K, K).

    Entry (a, b) is the share of the rows labelled a that is expected to belong to b: the diagonal
    is what is right, the rest the expected misclassification (McLachlan and Peel, 2000, section
    1.15.2). Rows add up to 1; nan where no row has the label. With noise (K + 1, K + 1), its own
    last. X (n, d) are the rows `result` was fitted to. With `groups`, the group of each component
    (K,) in 0..C-1, it is the groups that overlap: (C, C), or (C + 1, C + 1).
    """
    rows = evenly_spaced(X, JUDGED_ROWS)
    shares = result.responsibilities(rows)
    if groups is not None:
        shares = added(shares.T, groups).T
    labels = shares.argmax(axis=1)
    sums = np.stack([shares[labels == a].sum(axis=0) for a in range(shares.shape[1])])
    counts = np.bincount(labels, minlength=shares.shape[1])
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / counts[:, None])
