"""What came of trying something else: whether an answer is steadier than the ones before it.

Remedies would lead on for ever: where one did not help, it is not offered again, nor still more of
it, such as still fewer clusters; once none is left it is said what there is to do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.found_again import ENOUGH
from gmmdesk.analysis.remark import Remark
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.engine import Resampled
from gmmdesk.text import sentence_case, spelt

# Of all halves, at least, in which clusters are found again more often, and more than chance alone
# makes of two samples of halves in one case of twenty, as a normal distribution has it.
_STEADIER = 0.1
_STANDARD_ERRORS = 1.96
MOST_ATTEMPTS = 8  # that are remembered

_IN_VAIN = (
    "What may help has been tried and did not: describe these rows with these clusters, but build"
    " no more on them until there are more rows, or other columns."
)

_APART_AGAIN = (
    "The clusters are apart again: merge them once more to compare them with those before."
)

_Offering = TypeVar("_Offering", Ground, Remark)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer, by what it is doubted for, and the `remedy` that was tried on it, if one was.

    Its clusters were found again by `n_agreeing` of `n_starts` and in `n_same` of `n_halves`, each
    0 where that is not known, as by starts of merged ones; `n_doubts` of its components may be
    none. The `series` of the remedy says what could be tried still more of, see `Remedy`. Where it
    `is_merged` clusters are made of several components: then these were found again more often.
    """

    n_components: int
    n_agreeing: int
    n_starts: int
    n_same: int
    n_halves: int
    n_doubts: int
    remedy: str = ""
    series: str = ""
    is_merged: bool = False

    @classmethod
    def of(
        cls, analysis: Analysis, halves: Resampled | None, remedy: Remedy | None = None
    ) -> Attempt:
        """The answer as far as it is known: `halves` of its rows need not be checked yet."""
        verdict = analysis.verdict.with_resamples(halves)
        trust, found = verdict.trust, verdict.resampled
        return cls(
            n_components=analysis.result.n_components,
            n_agreeing=0 if trust is None else trust.n_agreeing,
            n_starts=0 if trust is None else trust.n_starts,
            n_same=0 if found is None else found.n_same,
            n_halves=0 if found is None else found.n,
            n_doubts=len({one.cluster for one in analysis.doubts if one.is_grave}),
            remedy="" if remedy is None else remedy.text,
            series="" if remedy is None else remedy.series,
            is_merged=verdict.is_combined,
        )

    @property
    def steadiness(self) -> float | None:
        """The share of the halves that led to the same clusters; None where few were tried."""
        return self.n_same / self.n_halves if self.n_halves >= ENOUGH else None

    def helped(self, after: Attempt) -> bool:
        """Whether the answer `after` it is less to be doubted.

        With fewer clusters fewer are in doubt, though it is as large a share of them.
        """
        change = _change(self, after)
        share = self.n_doubts / self.n_components
        is_less = after.n_doubts < self.n_doubts and after.n_doubts < share * after.n_components
        return change > 0 or (change == 0 and is_less)


def with_others(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The same where columns or rows are others now: what was in vain before may help these."""
    return tuple(replace(one, remedy="", series="") for one in attempts)


def _gain(before: Attempt, after: Attempt) -> float | None:
    if before.steadiness is None or after.steadiness is None:
        return None
    if before.is_merged != after.is_merged:  # clusters beside components
        return None
    return after.steadiness - before.steadiness


def _change(before: Attempt, after: Attempt) -> int:
    """1 where an answer is steadier, -1 where it is less so, 0 where that cannot be told."""
    gain = _gain(before, after)
    if gain is None:
        return 0
    sizes = before.n_halves, after.n_halves
    share = (before.n_same + after.n_same) / sum(sizes)
    error = math.sqrt(share * (1.0 - share) * sum(1.0 / n for n in sizes))
    return 0 if abs(gain) < max(_STEADIER, _STANDARD_ERRORS * error) else 1 if gain > 0.0 else -1


def came_of_it(attempts: Sequence[Attempt], now: Attempt) -> str:
    """Whether the answer is steadier than those before it, of which the last led to it.

    By halves of the rows; where these were not looked at, by the starts of the fit. The doubts
    that are counted are those of single clusters: without any all may be unstable. Empty where
    there is nothing to tell.
    """
    if not attempts:
        return ""
    last = attempts[-1]
    if last.is_merged != now.is_merged:
        return _APART_AGAIN if last.is_merged else ""
    told = [_steadiness(last, now), _steadier_once(attempts, now)]
    if last.n_doubts or now.n_doubts:
        told.append(
            "clusters with a doubt of their own, such as too few rows:"
            f" {_spelt(last.n_doubts)} before, {_spelt(now.n_doubts)} now"
        )
    said = "; ".join(one for one in told if one)
    return said and f"{sentence_case(said)}."


def _steadiness(last: Attempt, now: Attempt) -> str:
    gain = _gain(last, now)
    if gain is not None:
        what = f"“{last.remedy}” made it" if last.remedy else "it is"
        unclear = "hardly steadier" if gain > 0 else "no steadier"
        how = {1: "steadier", 0: unclear, -1: "less steady"}[_change(last, now)]
        return (
            f"{what} {how}: the clusters were found again in {last.n_same} of {last.n_halves}"
            f" halves of the rows before, in {now.n_same} of {now.n_halves} now"
        )
    if min(last.n_starts, now.n_starts) > 1:
        return (
            f"the clusters were found again in {last.n_agreeing} of {last.n_starts} restarts"
            f" before, in {now.n_agreeing} of {now.n_starts} now"
        )
    return ""


def _spelt(n: int) -> str:
    return spelt(n) if n else "none"


def _steadier_once(attempts: Sequence[Attempt], now: Attempt) -> str:
    """That an answer further back was steadier than the last and the present one."""
    alike = (one for one in (*attempts, now) if one.is_merged == now.is_merged)
    known = [one for one in alike if one.steadiness is not None]
    best = max(known, key=lambda one: one.steadiness or 0.0, default=now)
    if best in (attempts[-1], now) or _change(best, now) >= 0:
        return ""
    return (
        f"an answer before that was steadier, {best.n_same} of {best.n_halves} (History goes back"
        " there)"
    )


def still_offered(
    remarks: Sequence[_Offering], attempts: Sequence[Attempt], now: Attempt
) -> tuple[_Offering, ...]:
    """The same without remedies that were tried, or of which less was, and did not help."""
    after = (*attempts[1:], now)
    in_vain = {
        tried
        for one, next_ in zip(attempts, after, strict=False)
        if not one.helped(next_)
        for tried in (one.remedy, one.series)
        if tried
    }

    def kept(one: _Offering) -> _Offering:
        left = tuple(each for each in one.remedies if in_vain.isdisjoint((each.text, each.series)))
        return one if len(left) == len(one.remedies) else replace(one, remedies=left)

    return tuple(map(kept, remarks))


def left_to_do(told: Sequence[Ground], offered: Sequence[Ground]) -> str:
    """What there is to do where nothing is `offered` any more of what was `told`; else empty."""
    were, are = (any(one.remedies for one in grounds) for grounds in (told, offered))
    return _IN_VAIN if were and not are else ""
