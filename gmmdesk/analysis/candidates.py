"""The combinations of model and number of clusters that were tried, and which is best."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from gmmdesk.engine import StopReason

# What a difference of BIC says about two models (Kass and Raftery, 1995, section 3.2): up to the
# first "not worth more than a bare mention", then positive, then strong, else very strong.
BIC_EVIDENCE = (2.0, 6.0, 10.0)


def bic_evidence(difference: float) -> int:
    """How strong the evidence of a difference of BIC is, 0 to 3: of the difference as it is told,
    to one decimal.
    """
    return bisect_left(BIC_EVIDENCE, round(difference, 1))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One combination of model and number of clusters that was tried.

    The numbers are nan and `status` says why where the fit could not be done; otherwise
    `status` is the fit's stop reason. Only `sound` ones are compared by their numbers.
    `certainty` is the geometric mean of the probabilities of the rows' clusters, by which ICL
    differs from BIC: exp(-(icl - bic) / 2n) (Biernacki, Celeux and Govaert, 2000). `held_out` is
    the mean log density of rows that the fit has not seen, nan where none were held out.
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
    certainty: float = math.nan
    held_out: float = math.nan

    @property
    def unfinished(self) -> bool:
        """Whether the fit ended before it converged, at the most iterations."""
        return self.status.startswith(StopReason.MAX_ITERATIONS)

    def value(self, measure: str) -> float:
        """One of its `MEASURES`."""
        return float(getattr(self, measure))


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that candidates are compared by, in plain words.

    `rise` is 1 where higher is better, -1 where lower is. Where it `ranks` none, it is told, but
    no candidate is the best by it. Differences are told with so many `decimals`.
    """

    name: str
    rise: int = -1
    ranks: bool = True
    decimals: int = 1


MEASURES = {
    "bic": Measure("BIC"),
    "icl": Measure("ICL"),
    "aic": Measure("AIC"),
    "held_out": Measure(
        "Rows held out",
        rise=1,
        decimals=3,
    ),
    "certainty": Measure(
        "How sure",
        rise=1,
        ranks=False,
    ),
}


def best_by(candidates: Sequence[Candidate], measure: str) -> int | None:
    """The index of the best of the sound ones by one of `MEASURES`, None where there is none."""
    chosen = MEASURES[measure]
    if not chosen.ranks:
        return None
    sound = (
        i for i, one in enumerate(candidates) if one.sound and math.isfinite(one.value(measure))
    )
    return max(sound, key=lambda i: chosen.rise * candidates[i].value(measure), default=None)


def lowest(candidates: Sequence[Candidate], criterion: str) -> int | None:
    """The index of the best of the sound ones, None where none is."""
    sound = (i for i, one in enumerate(candidates) if one.sound)
    return min(sound, key=lambda i: candidates[i].value(criterion), default=None)
