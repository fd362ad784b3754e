"""Doing what a verdict offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gmmdesk.text import joined
from gmmdesk.ui.document import Document

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.offers import Act
    from gmmdesk.analysis.remedies import Remedy
    from gmmdesk.analysis.unusual import Unusual

_STALE = "Your choices have changed since these clusters were found: find clusters again first"


def follow(document: Document, act: Act) -> None:
    """Do what is offered about the answer that is shown, undoably.

    Nothing that goes on from it while there is a reason `why_not`.
    """
    if not (act.goes_on and why_not(document)):
        _ACTS[act](document)


def try_out(document: Document, remedy: Remedy) -> None:
    """Change the settings as a remedy says, undoably, and find clusters with them."""
    settings = document.settings
    if settings is None or document.is_running:
        return
    text = remedy.text[0].lower() + remedy.text[1:]
    is_begun = document.change_settings(text, **{"start": None, **remedy.changes(settings)})
    if is_begun is not None:
        document.start_fit(remedy=remedy, is_begun=is_begun)


def take_back(document: Document, choices: Sequence[Unusual]) -> None:
    """Make choices the usual ones again, undoably, and find clusters with them."""
    if document.settings is None or document.is_running:
        return
    text = f"taking back {joined([f'“{one.said}”' for one in choices])}"
    changes = {name: value for one in choices for name, value in one.changes.items()}
    is_begun = document.change_settings(text, start=None, **changes)
    if is_begun is not None:
        document.start_fit(is_begun=is_begun)


def why_not(document: Document) -> str:
    """Why nothing that goes on from the answer can be done now; empty where it can."""
    return _STALE if document.is_stale else ""


def _take_groups(document: Document) -> None:
    document.edits.take_groups()


def _go_on(document: Document) -> None:
    from gmmdesk.analysis.offers import MORE_ITERATIONS, is_for_all
    from gmmdesk.analysis.settings import MOST_REPEATED

    analysis = document.analysis
    if analysis is None:
        return
    most = min(analysis.settings.max_iter * MORE_ITERATIONS, MOST_REPEATED)
    if is_for_all(analysis.verdict):
        is_begun = document.change_settings("allowing more iterations", max_iter=most)
        if is_begun is not None:
            document.start_fit(is_begun=is_begun)
    else:
        said = "the clusters before, which were not settled yet"
        document.start_fit_from(
            analysis.result.parameters,
            said,
            goes_on=not analysis.settings.chose_start,
            max_iter=most,
        )


def _go_back(document: Document) -> None:
    """To the answer before this fit, as it was last, with the choices that it was found with.

    Where components are merged, to these clusters as they were before.
    """
    if document.analysis is not None and document.analysis.grouping is not None:
        _unmerge(document)
        return
    here = document.commands.here
    now = None if here is None else here.state.answer
    for index in range(document.undo_stack.index() - 1, -1, -1):
        moment = document.commands.moment(index)
        before = None if moment is None else moment.state.answer
        if now is None or moment is None or before is None or before.finding is now.finding:
            continue
        if moment.state.settings == before.finding.settings:
            document.go_to_step(index)
            return


def _unmerge(document: Document) -> None:
    """To the same fit as it was before components were merged last, or with all of them apart."""
    here = document.commands.here
    now = None if here is None else here.state.answer
    for index in range(document.undo_stack.index() - 1, -1, -1):
        moment = document.commands.moment(index)
        before = None if moment is None else moment.state.answer
        if now is None or before is None or before.finding is not now.finding:
            break
        if before.grouping != now.grouping:
            document.go_to_step(index)
            return
    document.edits.combine(None, "splitting clusters")


_ACTS = {"take groups": _take_groups, "go on": _go_on, "go back": _go_back}
