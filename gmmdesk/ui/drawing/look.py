"""What is shown of the clusters: one thing for everything that draws them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.theme import Line


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of the clusters, and how."""

    levels: tuple[float, ...] = (0.9,)  # of the ellipses, from the least
    ellipses: bool = True
    axes: bool = False  # of the ellipses
    labels: bool = True
    chosen: frozenset[int] = frozenset()  # clusters, which stand out before the others
    ink: QColor | Qt.GlobalColor = Qt.GlobalColor.black
    paper: QColor | Qt.GlobalColor = Qt.GlobalColor.white
    colors: tuple[str, ...] = ()  # those that clusters were given
    hidden: frozenset[int] = frozenset()  # clusters

    def dims(self, cluster: int) -> bool:
        """Whether a cluster stands back, as others are chosen."""
        return bool(self.chosen) and cluster not in self.chosen

    def color(self, cluster: int) -> QColor:
        """The colour of a cluster on the paper."""
        return cluster_color(cluster, QColor(self.paper), self.colors)

    def line(self, cluster: int, width: float, *, is_own: bool) -> QPen:
        """Of a cluster's ellipse: dashed and thin where it `is_own` of none of its rows."""
        style = Qt.PenStyle.SolidLine if is_own else Qt.PenStyle.DashLine
        return QPen(self.color(cluster), width if is_own else min(width, Line.FINE), style)
