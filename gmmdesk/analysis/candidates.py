"""The combinations of model and number of clusters that were tried, and which is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# What a difference of BIC says about two models (Kass and Raftery, 1995, section 3.2): up to the
# first "not worth more than a bare mention", then positive, then strong, else very strong.
BIC_EVIDENCE = (2.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One combination of model and number of clusters that was tried.

    The numbers are nan and `status` says why where the fit could not be done; otherwise
    `status` is the fit's stop reason. Only `sound` ones are compared by their numbers.
    """

    model: str
    n_components: int
    log_likelihood: float
    n_parameters: int
    bic: float
    icl: float
    aic: float
    status: str
    sound: bool

    def value(self, criterion: str) -> float:
        """Its "bic", "icl" or "aic"."""
        return float(getattr(self, criterion))


def lowest(candidates: Sequence[Candidate], criterion: str) -> int | None:
    """The index of the best of the sound ones, None where none is."""
    sound = (i for i, one in enumerate(candidates) if one.sound)
    return min(sound, key=lambda i: candidates[i].value(criterion), default=None)
