"""Fits that exist are not done again: another criterion or range of numbers costs nothing."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.dataset import Dataset
from gmmdesk.engine import FitSpec, StopReason, Tried
from gmmdesk.engine.models.covariance import distinct


class Kept(NamedTuple):
    """Fits as a search has `found` them, and those answers among them that were `retraced`."""

    found: tuple[Tried, ...] = ()
    retraced: tuple[Tried, ...] = ()


NONE_KEPT = Kept()


class Cells:
    """The fits of one table as it was prepared last, by model and number of clusters.

    A fit begins where those with fewer clusters ended, and those of other models, so that it is
    another one in another search. Kept are those that are the same to the last bit: what was
    searched up to a number does not depend on how far the search went on, nor on the criterion.
    """

    def __init__(self) -> None:
        self._dataset: Dataset | None = None
        self._alike: Settings | None = None
        self._last: Settings | None = None
        self._fits: dict[FitSpec, Tried] = {}
        self._retraced: dict[FitSpec, Tried] = {}
        self._trails: dict[FitSpec, tuple[AnalysisProgress, ...]] = {}

    def of(self, dataset: Dataset, settings: Settings) -> Kept:
        """The fits that a search with `settings` need not do.

        There are none where it would be the last one again: who asks for that wants to see it.
        One that was stopped goes on with the number of clusters that it was at.
        """
        is_known = dataset is self._dataset and _alike(settings) == self._alike
        if not is_known or settings == self._last:
            return NONE_KEPT
        return Kept(tuple(self._fits.values()), tuple(self._retraced.values()))

    def keep(self, analysis: Analysis) -> Analysis:
        """Keep what was tried for `analysis`; of other choices nothing is kept.

        Returns it with the iterations that led to it, also where its fit was a kept one.
        """
        dataset, settings = analysis.dataset, analysis.settings
        alike = _alike(settings)
        if dataset is not self._dataset or alike != self._alike:
            self._dataset, self._alike = dataset, alike
            self._fits, self._retraced, self._trails = {}, {}, {}
        self._last = None if analysis.stopped_early else settings
        self._fits |= {one.spec: one for one in _complete(analysis)}
        self._trails |= analysis.trails
        if not analysis.stopped_early:
            answer = analysis.tried[analysis.best]
            self._retraced[answer.spec] = answer
        return self.led(analysis)

    def led(self, analysis: Analysis) -> Analysis:
        """An analysis with the iterations that led to it, where they are known."""
        is_known = analysis.dataset is self._dataset and _alike(analysis.settings) == self._alike
        return analysis.led_by(dict(self._trails)) if is_known else analysis


def _alike(settings: Settings) -> Settings:
    """What decides about each fit: all but how far the search goes, and which fit is best."""
    return msgspec.structs.replace(settings, k_max=settings.k_min, criterion=Settings().criterion)


def _complete(analysis: Analysis) -> list[Tried]:
    """The fits of each number of clusters of which the fits of all models came to their end."""
    n_models = len(distinct(analysis.settings.models, analysis.prepared.X.shape[1]))
    ended = [one for one in analysis.searched if _is_complete(one)]
    n_ended = Counter(one.spec.n_components for one in ended)
    return [one for one in ended if n_ended[one.spec.n_components] == n_models]


def _is_complete(one: Tried) -> bool:
    """Whether the fit came to its end, and says where it began: by that it is judged."""
    result = one.result
    if one.provisional:
        return False
    if result is None:
        return True
    return result.ending is not StopReason.STOPPED and (
        bool(result.starts) or result.n_components == 1
    )
