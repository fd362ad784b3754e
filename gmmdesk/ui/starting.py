"""What a fit starts from: the program's own starts, or clusters that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gmmdesk.errors import UsageError

if TYPE_CHECKING:
    from gmmdesk.analysis.remedies import Remedy
    from gmmdesk.engine import Parameters
    from gmmdesk.ui.document import Document
    from gmmdesk.ui.fits import Fits


class Starting:
    """Starts the fits of a document, with its present choices."""

    def __init__(self, document: Document, fits: Fits) -> None:
        self._document = document
        self._fits = fits

    def anew(self, remedy: Remedy | None = None, *, is_begun: bool = False) -> None:
        """From starts of the program's own: one that was given holds for one fit.

        Where rows are kept out of clusters, it goes on from these: in others, their numbers would
        mean nothing.
        """
        document = self._document
        analysis, settings = document.analysis, document.settings
        if analysis is not None and settings is not None and settings.forbidden:
            n = analysis.result.n_components
            if settings.k_min <= n <= settings.k_max:
                said = "the clusters before, of which rows are kept out"
                mixture = analysis.result.parameters
                self.from_given(mixture, said, remedy=remedy, is_begun=is_begun)
            else:
                document.problem_raised.emit(_as_many(n))
            return
        if settings is not None and settings.start is not None and not document.is_running:
            begun = document.commands.here if is_begun else None
            is_changed = document.change_settings("starting anew", begun=begun, start=None)
            if is_changed is None:
                return
            is_begun = is_begun or is_changed
        self._start(remedy, is_begun=is_begun)

    def from_given(
        self,
        mixture: Parameters,
        said: str,
        *,
        remedy: Remedy | None = None,
        is_begun: bool = False,
        goes_on: bool = False,
        **changes: Any,
    ) -> None:
        """From the components of `mixture`, in the prepared columns.

        `said` tells what they are, as it goes on "started from ..."; the settings record it, and
        other `changes` of them in the same step. Whether that `goes_on` with a fit, see `Start`.
        """
        document = self._document
        analysis, prepared, settings = document.analysis, document.prepared, document.settings
        if prepared is None or settings is None or document.is_running:
            return
        from gmmdesk.analysis.settings import Start

        models = settings.models
        if len(models) > 1:  # one fit from one start: with the start's own, or the freest
            models = ("VVV",) if analysis is None else (analysis.result.model,)

        n = len(mixture.weights)
        is_changed = document.change_settings(
            f"starting from {said}",
            begun=document.commands.here if is_begun else None,
            start=Start.of(mixture, prepared.columns, said, goes_on=goes_on),
            k_min=n,
            k_max=n,
            models=models,
            **changes,
        )
        if is_changed is not None:
            self._start(remedy, is_begun=is_begun or is_changed)

    def _start(self, remedy: Remedy | None = None, *, is_begun: bool = False) -> None:
        document = self._document
        dataset, settings = document.dataset, document.settings
        if dataset is None or settings is None or document.is_running:
            return
        if not settings.columns:
            document.problem_raised.emit(document.ticks.none_ticked(dataset))
            return
        halves = document.checking.settled
        self._fits.start(dataset, settings, halves=halves, remedy=remedy, is_begun=is_begun)


def _as_many(n: int) -> UsageError:
    return UsageError(
        f"Rows are kept out of some of the {n:,} clusters that there are: the next fit goes on from"
        " these, and finds as many.",
        f"Ask for {n:,} clusters, or let these rows belong to any cluster: select them, then Cannot"
        " belong to, Any is possible.",
    )
