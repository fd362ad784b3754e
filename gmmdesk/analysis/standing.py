"""How an answer stands, in a few numbers, and what has become of them in another one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.verdict_words import verdict_in_words


@dataclass(frozen=True, slots=True)
class Standing:
    """Small enough to keep: clusters, what the verdict doubts, and BIC.

    BIC can be compared where it is `about` the same: rows and columns of the file.
    """

    n_clusters: int
    n_doubts: int
    bic: float
    about: tuple[object, ...]

    @classmethod
    def of(cls, analysis: Analysis) -> Standing:
        """The numbers of an answer, without what is looked for again in halves of the rows."""
        prepared = analysis.prepared
        inputs = tuple(sorted(prepared.preparation.inputs)) if prepared.keeps_density else ()
        # Without a density in the file's units it is like no other.
        about = (zlib.crc32(prepared.fitted_rows.data), inputs or object())
        grounds = verdict_in_words(analysis.verdict).grounds
        doubts = sum(one.is_doubt for one in grounds)
        return cls(analysis.n_clusters, doubts, float(analysis.result.bic), about)


def change_in_words(before: Standing, after: Standing) -> str:
    """The numbers of `after`, each beside what it was `before`."""
    told = (
        f"Clusters: {after.n_clusters:,} (before: {before.n_clusters:,})."
        f" Doubts: {after.n_doubts:,} (before: {before.n_doubts:,})."
    )
    if after.about != before.about:
        return f"{told} BIC cannot be compared: the rows or columns are others."
    return f"{told} BIC: {after.bic:,.1f} (before: {before.bic:,.1f}; lower is better)."
