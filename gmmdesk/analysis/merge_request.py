"""What somebody asks to merge, as the command line has it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gmmdesk.analysis.grouping import Grouping
from gmmdesk.errors import UsageError
from gmmdesk.text import shortened

_NUMBER = r"[0-9]{1,6}"
_ONE, _TOGETHER = re.compile(_NUMBER), re.compile(rf"{_NUMBER}(?:\+{_NUMBER})+")
_AUTO = "auto"


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """So many clusters `n_clusters`, or the components (from 1) of each cluster in `together`.

    Where it is neither, as many clusters as are proposed.
    """

    n_clusters: int | None = None
    together: tuple[tuple[int, ...], ...] = ()

    @property
    def is_automatic(self) -> bool:
        """Whether as many clusters are wanted as are proposed."""
        return self.n_clusters is None and not self.together


def parse_merge(text: str) -> MergeRequest:
    """A request from a text: "auto", a number of clusters, "1+3" or "1+3,2+5".

    Raises UsageError, also where a component is named twice.
    """
    if text == _AUTO:
        return MergeRequest()
    if _ONE.fullmatch(text) and int(text):
        return MergeRequest(n_clusters=int(text))
    parts = [part.strip() for part in text.split(",")]
    if not all(_TOGETHER.fullmatch(part) for part in parts):
        raise UsageError(
            f"'{shortened(text)}' does not say what to merge.",
            "Write auto, a number of clusters, or components such as 1+3,2+5.",
        )
    together = tuple(tuple(int(number) for number in part.split("+")) for part in parts)
    named = [number for part in together for number in part]
    if 0 in named:
        raise UsageError("There is no component 0 to merge.", "They are numbered from 1.")
    twice = next((number for number in named if named.count(number) > 1), None)
    if twice is not None:
        raise UsageError(
            f"'{shortened(text)}' names component {twice} twice.", "Name each of them once."
        )
    return MergeRequest(together=together)


def merge_command(grouping: Grouping) -> str:
    """A grouping as a text that `parse_merge` takes."""
    parts = [grouping.parts(cluster) for cluster in range(grouping.n_clusters)]
    return ",".join("+".join(str(k + 1) for k in own) for own in parts if len(own) > 1)
