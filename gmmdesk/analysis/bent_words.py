"""That clusters lie along bent bands or rings, which no bells are: one wording for every place."""

from __future__ import annotations

from collections.abc import Sequence

from gmmdesk.analysis.doubts import named
from gmmdesk.analysis.grouping import Grouping, part_names
from gmmdesk.engine.judging.bent import Bent
from gmmdesk.text import sentence_case

MEAN_LITTLE = "Number and borders of these clusters mean little"
_MOST_NAMED = 4


def chains(bent: Bent, grouping: Grouping | None) -> tuple[tuple[int, ...], ...]:
    """The groups of components (0-based) along a band that are not one cluster."""
    if not bent.is_bent:
        return ()
    return tuple(group for group in bent.groups if not _is_one(group, grouping))


def bent_in_words(bent: Bent, grouping: Grouping | None, names: Sequence[str]) -> str:
    """Which clusters, called `names` (C,), lie along a band; empty where none do.

    Also of those that are merged, where all of each band are.
    """
    if not bent.is_bent:
        return ""
    along = chains(bent, grouping)
    if not along:
        assert grouping is not None
        clusters = sorted({grouping.of[group[0]] for group in bent.groups})
        return (
            f"{sentence_case(named(clusters, names, _MOST_NAMED))}: rows that look like a bent band"
            " or ring, described by several components that are merged."
        )
    parts = part_names(names, grouping)
    which = "; ".join(named(group, parts, _MOST_NAMED) for group in along)
    is_one = len(along) == 1
    band, them = ("a bent band or ring", "it") if is_one else ("bent bands or rings", "them")
    return f"These rows look like {band}, not like bell-shaped groups: {which} lie along {them}."


def _is_one(components: Sequence[int], grouping: Grouping | None) -> bool:
    """Whether all of these components are one cluster."""
    return grouping is not None and len({grouping.of[k] for k in components}) == 1
