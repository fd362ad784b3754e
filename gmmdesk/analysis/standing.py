"""How an answer stands, in a few numbers, and what has become of them in another one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from gmmdesk.analysis.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Standing:
    """Small enough to keep: clusters and BIC. What is doubted is told where it is known: shapes and
    halves of the rows are looked at later.

    BIC can be compared where it is `about` the same: rows and columns of the file.
    """

    n_clusters: int
    bic: float
    about: tuple[object, ...]

    @classmethod
    def of(cls, analysis: Analysis) -> Standing:
        """The numbers of an answer."""
        prepared = analysis.prepared
        inputs = tuple(sorted(prepared.preparation.inputs)) if prepared.keeps_density else ()
        # Without a density in the file's units it is like no other.
        about = (zlib.crc32(prepared.fitted_rows.data), inputs or object())
        return cls(analysis.n_clusters, float(analysis.result.bic), about)


def change_in_words(before: Standing, after: Standing) -> str:
    """The numbers of `after`, each beside what it was `before`."""
    told = f"Clusters: {after.n_clusters:,} (before: {before.n_clusters:,})."
    if after.about != before.about:
        return f"{told} BIC cannot be compared: the rows or columns are others."
    return f"{told} BIC: {after.bic:,.1f} (before: {before.bic:,.1f}; lower is better)."
