"""Doing what a verdict offers."""

from __future__ import annotations

from gmmdesk.ui.document import Document


def follow(document: Document, act: str) -> None:
    """Do one of `gmmdesk.analysis.offers.Act` about the answer that is shown, undoably."""
    _ACTS[act](document)


def _take_groups(document: Document) -> None:
    document.edits.take_groups()


def _go_on(document: Document) -> None:
    if document.analysis is not None:
        document.start_fit_from(
            document.analysis.result.parameters, "the clusters before, which were not settled yet"
        )


_ACTS = {"take groups": _take_groups, "go on": _go_on}
