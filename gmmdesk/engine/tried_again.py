"""A fit that has ended, tried again from where other models have: one may lead higher."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

import numpy as np

from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.climbs import Bar
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.restarts import LEFT, SAME_OPTIMUM, Restarts, Runs
from gmmdesk.engine.result import FitProgress, FitResult, StopReason
from gmmdesk.engine.short_runs import Numbered, short_runs
from gmmdesk.engine.starts.warm_starts import MOST_WARM

# A short run is worth finishing if it ends no further behind than this, in nats for a row.
PROMISING = 0.01

R = TypeVar("R")


class TriedAgain(Restarts):
    """The runs of a fit from warm mixtures alone, which are where other models have ended."""

    def higher_than(self, found: FitResult) -> Generator[FitProgress, None, Ascent | None]:
        """The best ascent from the warm mixtures, where other models have ended.

        None where none of them leads higher than what was `found` before, by more than what fits
        leave to gain. What led there is told when that is known for a sample.
        """
        kernels, starts = self.seen.few, [Numbered(*one) for one in enumerate(self._warm)]
        before = self._standing(kernels, found)
        size = kernels.frame.size
        least = before - PROMISING * size
        best = None
        for run in short_runs(kernels, self.spec, starts, self._chunk_map, Bar(least)):
            iterations, ascent = [*run.iterations], run.ascent
            if ascent.reason is StopReason.COLLAPSED or ascent.objective < least:
                continue
            is_other = abs(ascent.objective - before) > SAME_OPTIMUM * size
            if is_other and (best is None or ascent.objective > best.ascent.objective):
                best = run._replace(iterations=iterations)
        if best is None:
            return None
        many = next(self.seen.telling_apart(found.parameters, best.ascent.mixture()))
        least = self._standing(many, found) + LEFT * many.frame.size / self.frame.size
        told, finished = _collected(
            self._finish([(best.restart, best.ascent)], many, mend=False, enough=1, least=least)
        )
        ascent = finished[0][1]
        if ascent.reason is StopReason.COLLAPSED or ascent.objective <= least:
            return None
        told = [*self._follow(best.ascent, best.restart, best.iterations), *told]
        number = self.spec.restarts + MOST_WARM + best.restart  # none of those of the fit before
        for place, one in enumerate(told):
            yield replace(one, restart=number, event="again" if place == 0 else one.event)
        ascent = yield from _renumbered(self._on_all_rows(finished, mend=False), number)
        reached = self.seen.in_data_units(ascent, ascent.log_likelihood)
        if ascent.reason is StopReason.COLLAPSED or reached <= found.log_likelihood + LEFT:
            return None
        self.starts = (best.ascent.mixture(),)
        return ascent

    def _standing(self, kernels: Kernels, found: FitResult) -> float:
        """The objective of what was `found`, for the rows of `kernels`; -inf where it collapses."""
        ascent = Ascent(kernels, self.spec, self._chunk_map, exact=False)
        for _ in ascent.from_start(found.parameters):
            return ascent.objective
        return -np.inf


def _renumbered(steps: Runs, restart: int) -> Runs:
    """The same as progress of another start."""
    while True:
        try:
            yield replace(next(steps), restart=restart)
        except StopIteration as end:
            ascent: Ascent = end.value
            return ascent


def _collected(steps: Generator[FitProgress, None, R]) -> tuple[list[FitProgress], R]:
    """What a generator yields, and what it returns."""
    yielded = []
    while True:
        try:
            yielded.append(next(steps))
        except StopIteration as end:
            returned: R = end.value
            return yielded, returned
