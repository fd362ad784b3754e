"""Doing what a verdict offers."""

from __future__ import annotations

from gmmdesk.ui.document import Document


def follow(document: Document, act: str) -> None:
    """Do one of `gmmdesk.analysis.offers.Act` about the answer that is shown, undoably."""
    _ACTS[act](document)


def _take_groups(document: Document) -> None:
    document.edits.take_groups()


def _go_on(document: Document) -> None:
    from gmmdesk.analysis.offers import MORE_ITERATIONS
    from gmmdesk.analysis.settings import MOST_REPEATED

    analysis = document.analysis
    if analysis is None:
        return
    if len(analysis.candidates) > 1:
        most = min(analysis.settings.max_iter * MORE_ITERATIONS, MOST_REPEATED)
        document.change_settings("allowing more iterations", max_iter=most)
        document.start_fit()
    else:
        document.start_fit_from(
            analysis.result.parameters, "the clusters before, which were not settled yet"
        )


_ACTS = {"take groups": _take_groups, "go on": _go_on}
