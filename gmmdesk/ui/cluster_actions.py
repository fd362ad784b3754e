"""Selecting the rows of a cluster, merging and splitting it, wherever a menu offers it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from operator import or_

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from gmmdesk.analysis.selected import rows_of_cluster
from gmmdesk.ui.document import Document
from gmmdesk.ui.merge_actions import add_merge_actions
from gmmdesk.ui.selection import how_clicked
from gmmdesk.ui.text import count, plain_action, shortened

_Modifier = Qt.KeyboardModifier


def select_clusters(
    document: Document, clusters: Sequence[int], modifiers: Qt.KeyboardModifier
) -> None:
    """Select the rows of clusters (0-based), as a click on one with these keys does."""
    analysis, chosen = document.analysis, document.selection.rows
    if analysis is None or chosen is None:
        return
    rows = reduce(or_, (rows_of_cluster(analysis, cluster) for cluster in clusters))
    meant = how_clicked(modifiers, (rows - chosen).count == 0)
    document.selection.change(rows, meant, _called(document, clusters))


def add_cluster_actions(menu: QMenu, document: Document, clusters: Sequence[int]) -> None:
    """Offer in `menu` what can be done with the clusters (0-based) that it is asked for."""
    if document.analysis is None or not clusters:
        return
    select, called = partial(select_clusters, document, clusters), _called(document, clusters)
    text = plain_action(shortened(called))
    menu.addAction(f"S&elect {text}", partial(select, _Modifier.NoModifier))
    if document.selection.count:
        menu.addAction(f"&Add {text} to the selection", partial(select, _Modifier.ShiftModifier))
    menu.addSeparator()
    add_merge_actions(menu, document, clusters)
    menu.addSeparator()


def _called(document: Document, clusters: Sequence[int]) -> str:
    if len(clusters) == 1:
        return document.names[clusters[0]]
    return count(len(clusters), "cluster")
