"""Merging and splitting clusters, wherever a menu offers it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QMenu

from gmmdesk.text import count, shortened
from gmmdesk.ui.document import Document

_MERGE_TIP = "Make them one cluster: probabilities are added up, nothing is fitted again"
_SPLIT_TIP = "Make every component a cluster of its own again"


def add_merge_actions(menu: QMenu, document: Document, chosen: Sequence[int]) -> None:
    """Offer to merge the `chosen` clusters (0-based), or one with another, and to split it."""
    analysis, names = document.analysis, document.names
    if analysis is None or not chosen or max(chosen) >= len(names):
        return
    menu.setToolTipsVisible(True)
    shown = [shortened(name).replace("&", "&&") for name in names]
    merge, first = document.edits.merge, chosen[0]
    if len(chosen) > 1:
        pair = len(chosen) == 2
        which = " and ".join(shown[k] for k in chosen) if pair else f"{len(chosen)} clusters"
        menu.addAction(f"&Merge {which}", partial(merge, chosen)).setToolTip(_MERGE_TIP)
    elif len(names) > 1:
        others = menu.addMenu(f"&Merge {shown[first]} with")
        others.menuAction().setToolTip(_MERGE_TIP)
        for k, name in enumerate(shown):
            if k != first:
                others.addAction(name, partial(merge, (first, k)))
    for k in chosen:
        parts = () if analysis.grouping is None else analysis.grouping.parts(k)
        if len(parts) > 1:
            text = f"S&plit {shown[k]} into its {count(len(parts), 'component')}"
            menu.addAction(text, partial(document.edits.split, k)).setToolTip(_SPLIT_TIP)


def fill_merge_menu(menu: QMenu, document: Document) -> None:
    """Offer what can be merged and split: of the current cluster, else of each."""
    menu.clear()
    menu.setToolTipsVisible(True)
    current = document.current_cluster
    for k in range(document.n_clusters) if current is None else (current,):
        add_merge_actions(menu, document, (k,))
    analysis = document.analysis
    if analysis is not None and analysis.grouping is not None:
        menu.addSeparator()
        everything = menu.addAction(
            "Split &all", partial(document.edits.combine, None, "splitting clusters")
        )
        everything.setToolTip(_SPLIT_TIP)
