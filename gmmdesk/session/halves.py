"""What halves of the rows said of an answer, for its record and back; see `Resampled`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmmdesk.analysis import Finding
from gmmdesk.engine import Resampled
from gmmdesk.session.arrays import UnsoundError

Table = tuple[tuple[int, ...], ...]


def to_record(found: Resampled | None) -> tuple[tuple[float, ...], tuple[Table, ...]]:
    """The agreements and the tables; empty where nobody has looked."""
    if found is None:
        return (), ()
    return found.agreements, tuple(tuple(map(tuple, table.tolist())) for table in found.tables)


def from_record(
    agreements: Sequence[float] | None, shared: Sequence[Table] | None, finding: Finding
) -> Resampled | None:
    """The same of an answer; None where nobody has looked.

    Sessions before version 12 have no tables. Raises UnsoundError for some that do not fit.
    """
    if not agreements:
        return None
    tables = shared or ()
    n_components = len(finding.scaled.weights)
    if len(tables) not in (0, len(agreements)) or any(
        len(table) != n_components or len({len(row) for row in table}) > 1 for table in tables
    ):
        raise UnsoundError("what halves of the rows said is not about the clusters")
    return Resampled(tuple(agreements), tuple(np.array(table, np.int64) for table in tables))
