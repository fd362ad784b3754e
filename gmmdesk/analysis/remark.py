"""What a finding about an answer is."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np

from gmmdesk.analysis.offers import Offer
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.data.dataset import IntArray


class Grade(enum.StrEnum):
    """How much a remark speaks against the answer: each place says it in these words."""

    IN_ORDER = "in order"
    TO_NOTE = "to note"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True, eq=False)
class Remark:
    """One thing about the answer: the question it answers, the answer, and what may help.

    `offer` is what can be done about it at once, beside the remedies.
    `rows` (0-based, of the table) are those it is about, if some are. Where density-based clusters
    should be looked at, `density` says so; where components (0-based) should be combined, `chains`
    has those that are to be one cluster. `components` (0-based) are those it speaks against.
    """

    about: str
    grade: Grade
    text: str
    remedies: tuple[Remedy, ...] = ()
    rows: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    density: bool = False
    chains: tuple[tuple[int, ...], ...] = ()
    components: tuple[int, ...] = ()
    offer: Offer | None = None

    @property
    def may_help(self) -> tuple[str, ...]:
        """What is on the buttons below it: the offer, then the remedies."""
        offered = () if self.offer is None else (self.offer,)
        return tuple(one.text for one in (*offered, *self.remedies))
