"""Fits that exist are not done again: another criterion, range or shape of them costs nothing."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.settings import Searched, Settings
from gmmdesk.data.dataset import Dataset
from gmmdesk.engine import FitSpec, StopReason, Tried
from gmmdesk.engine.models.covariance import distinct


class Kept(NamedTuple):
    """Fits as searches have `found` them, and those answers among them that were `retraced`."""

    found: tuple[Tried, ...] = ()
    retraced: tuple[Tried, ...] = ()


NONE_KEPT = Kept()


class Cells:
    """The fits of one table as it was prepared last, by model and number of clusters.

    A search takes those that are there as they are, and fits what is missing. As a fit begins where
    those with fewer clusters ended, and those of other models, it might end elsewhere in a search
    that begins afresh: an answer names the searches it comes `after`, which in their turn lead
    to it again, to the last bit. It comes after none where it would be the same without them: what
    was searched up to a number depends neither on how far the search went on nor on the criterion.

    Where more models are asked for than before all are fitted: what is there has not begun from
    where these end, and seldom saves much of the time.
    """

    def __init__(self) -> None:
        self._dataset: Dataset | None = None
        self._alike: Settings | None = None
        self._last: Settings | None = None
        self._forget()

    def _forget(self) -> None:
        self._searches: list[Searched] = []
        self._fits: dict[FitSpec, Tried] = {}
        self._fitted_in: dict[FitSpec, int] = {}  # of the searches
        self._retraced: dict[FitSpec, Tried] = {}
        self._trails: dict[FitSpec, tuple[AnalysisProgress, ...]] = {}

    def of(self, dataset: Dataset, settings: Settings) -> Kept:
        """The fits that a search with `settings` need not do.

        There are none where it would be the last one again: who asks for that wants to see it.
        One that was stopped goes on with the number of clusters that it was at.
        """
        if not self._serve(dataset, settings) or settings == self._last:
            return NONE_KEPT
        return Kept(tuple(self._fits.values()), tuple(self._retraced.values()))

    def keep(self, analysis: Analysis) -> Analysis:
        """Keep what was tried for `analysis`; of other choices nothing is kept.

        Returns it with the searches that it comes after, and the iterations that led to it, also
        where its fit was a kept one.
        """
        dataset, settings = analysis.dataset, analysis.settings
        ended = _complete(analysis)
        is_anew = any(self._fits.get(one.spec, one) is not one for one in ended)
        if is_anew or not self._serve(dataset, settings):
            self._dataset, self._alike = dataset, _alike(settings)
            self._forget()
        self._last = None if analysis.stopped_early else settings
        self._note(Searched.by(settings), [one for one in ended if one.spec not in self._fits])
        self._trails |= analysis.trails
        if not analysis.stopped_early:
            answer = analysis.tried[analysis.best]
            self._retraced[answer.spec] = answer
        return self.led(analysis.changed(after=self._before(analysis)))

    def _note(self, search: Searched, fitted: list[Tried]) -> None:
        """These were fitted in a search, as far as that went."""
        if not fitted:
            return
        k_max = max(one.spec.n_components for one in fitted)
        if self._searches and self._searches[-1].has_begun(search):
            k_max = max(k_max, self._searches.pop().k_max)
        self._searches.append(msgspec.structs.replace(search, k_max=k_max))
        self._fits |= {one.spec: one for one in fitted}
        self._fitted_in |= {one.spec: len(self._searches) - 1 for one in fitted}

    def _before(self, analysis: Analysis) -> tuple[Searched, ...]:
        """The searches without which a fit of this one might be another."""
        places = [self._fitted_in.get(one.spec, -1) for one in analysis.tried]
        searches = self._searches[: max(places) + 1]
        if searches and searches[-1].has_begun(Searched.by(analysis.settings)):
            searches = searches[:-1]
        return tuple(searches)

    def led(self, analysis: Analysis) -> Analysis:
        """An analysis with the iterations that led to it, where they are known."""
        is_of = self._is_of(analysis.dataset, analysis.settings)
        return analysis.led_by(dict(self._trails)) if is_of else analysis

    def _serve(self, dataset: Dataset, settings: Settings) -> bool:
        """Whether a search with these settings takes fits that are here."""
        models = {model for one in self._searches[:1] for model in one.models}
        return self._is_of(dataset, settings) and models >= {*Searched.by(settings).models}

    def _is_of(self, dataset: Dataset, settings: Settings) -> bool:
        """Whether the fits are those of this table, prepared and fitted as `settings` say."""
        return dataset is self._dataset and _alike(settings) == self._alike


def _alike(settings: Settings) -> Settings:
    """What decides about each fit: all but which are searched, and which of them is best."""
    usual = Settings()
    return msgspec.structs.replace(Searched.by(usual).within(settings), criterion=usual.criterion)


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
