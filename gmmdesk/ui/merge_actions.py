"""Merging and splitting clusters, wherever a menu offers it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QMenu

from gmmdesk.ui.document import Document
from gmmdesk.ui.text import count, plain_action, shortened

_MERGE_TIP = "Merge them into one cluster: probabilities are added up, nothing is fitted again"
_SPLIT_TIP = "Make every component a cluster of its own again"


def add_merge_actions(menu: QMenu, document: Document, chosen: Sequence[int]) -> None:
    """Offer to merge the `chosen` clusters (0-based), or one with another, and to split it."""
    shown = _shown_names(document)
    if not chosen or max(chosen) >= len(shown):
        return
    menu.setToolTipsVisible(True)
    merge, first = document.edits.merge, chosen[0]
    if len(chosen) > 1:
        pair = len(chosen) == 2
        which = " and ".join(shown[k] for k in chosen) if pair else f"{len(chosen)} clusters"
        menu.addAction(f"&Merge {which}", partial(merge, chosen)).setToolTip(_MERGE_TIP)
    elif len(shown) > 1:
        _add_partners(menu, document, shown, first, f"&Merge {shown[first]} with")
    for k in chosen:
        _add_split(menu, document, k, f"S&plit {shown[k]}")


def fill_merge_menu(menu: QMenu, document: Document) -> None:
    """Offer what can be merged and split: of the chosen clusters, else of each."""
    for action in menu.actions():
        if (inner := QMenu.menuInAction(action)) is not None:
            inner.deleteLater()  # `clear` would leave it behind
    menu.clear()
    menu.setToolTipsVisible(True)
    if document.chosen_clusters:
        add_merge_actions(menu, document, sorted(document.chosen_clusters))
    else:
        shown = _shown_names(document)
        for k, name in enumerate(shown):  # without a letter to press, which all would share
            if len(shown) > 1:
                _add_partners(menu, document, shown, k, f"Merge {name} with")
            _add_split(menu, document, k, f"Split {name}")
    analysis = document.analysis
    if analysis is not None and analysis.grouping is not None:
        menu.addSeparator()
        everything = menu.addAction(
            "Split &all", partial(document.edits.combine, None, "splitting clusters")
        )
        everything.setToolTip(_SPLIT_TIP)


def _shown_names(document: Document) -> list[str]:
    """The names as menus have them; none where there is no answer."""
    names = () if document.analysis is None else document.names
    return [plain_action(shortened(name)) for name in names]


def _add_partners(
    menu: QMenu, document: Document, shown: Sequence[str], first: int, text: str
) -> None:
    """A menu in the menu with the clusters that `first` can be merged with, once it is opened."""
    others = menu.addMenu(text)
    others.menuAction().setToolTip(_MERGE_TIP)

    def fill() -> None:
        if others.isEmpty():
            for k, name in enumerate(shown):
                if k != first:
                    others.addAction(name, partial(document.edits.merge, (first, k)))

    others.aboutToShow.connect(fill)


def _add_split(menu: QMenu, document: Document, cluster: int, text: str) -> None:
    """Offer to split a cluster, if components are merged in it."""
    analysis = document.analysis
    grouping = None if analysis is None else analysis.grouping
    parts = () if grouping is None else grouping.parts(cluster)
    if len(parts) > 1:
        action = menu.addAction(
            f"{text} into its {count(len(parts), 'component')}",
            partial(document.edits.split, cluster),
        )
        action.setToolTip(_SPLIT_TIP)
