"""Fits that exist are not done again: another criterion or range of numbers costs nothing."""

from __future__ import annotations

import msgspec

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.dataset import Dataset
from gmmdesk.engine import FitSpec, StopReason, Tried


class Cells:
    """The fits of one table as it was prepared last, by model and number of clusters.

    A kept fit began where the simpler ones of its search ended: in another search it might have
    begun elsewhere, and come to another optimum.
    """

    def __init__(self) -> None:
        self._dataset: Dataset | None = None
        self._alike: Settings | None = None
        self._last: Settings | None = None
        self._fits: dict[FitSpec, Tried] = {}
        self._trails: dict[FitSpec, tuple[AnalysisProgress, ...]] = {}

    def of(self, dataset: Dataset, settings: Settings) -> tuple[Tried, ...]:
        """The fits that a search with `settings` need not do.

        There are none where it would be the last one again: who asks for that wants to see it.
        One that was stopped goes on where it was.
        """
        if dataset is not self._dataset or _alike(settings) != self._alike:
            return ()
        return () if settings == self._last else tuple(self._fits.values())

    def keep(self, analysis: Analysis) -> Analysis:
        """Keep what was tried for `analysis`; of other choices nothing is kept.

        Returns it with the iterations that led to it, also where its fit was a kept one.
        """
        dataset, settings = analysis.dataset, analysis.settings
        alike = _alike(settings)
        if dataset is not self._dataset or alike != self._alike:
            self._dataset, self._alike = dataset, alike
            self._fits, self._trails = {}, {}
        self._last = None if analysis.stopped_early else settings
        self._fits |= {one.spec: one for one in analysis.tried if _is_complete(one)}
        self._trails |= analysis.trails
        return self.led(analysis)

    def led(self, analysis: Analysis) -> Analysis:
        """An analysis with the iterations that led to it, where they are known."""
        is_known = analysis.dataset is self._dataset and _alike(analysis.settings) == self._alike
        return analysis.led_by(dict(self._trails)) if is_known else analysis


def _alike(settings: Settings) -> Settings:
    """What decides about each fit: all but which fits there are, and which of them is best."""
    plain = Settings()
    return msgspec.structs.replace(
        settings,
        k_min=plain.k_min,
        k_max=plain.k_max,
        models=plain.models,
        criterion=plain.criterion,
    )


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
