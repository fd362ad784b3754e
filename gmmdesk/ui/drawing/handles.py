"""Handles on the clusters' ellipses: where they are in pixels, and what dragging one does."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.analysis import ellipse
from gmmdesk.analysis.axes import MapAxis, marginal
from gmmdesk.engine import Parameters
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.plotting import ViewBox
from gmmdesk.ui.theme import Line

FloatArray = npt.NDArray[np.float64]

_LEVEL = 0.9  # of the ellipse that has handles
_REACH = 10.0  # pixels around a handle that still mean it
_HALF = 4.5  # of a handle's side, pixels
_STALK = 24.0  # pixels from the end of the longer axis to the handle that turns
NARROWEST = 2.0  # pixels, half an axis that is being stretched


class Kind(enum.Enum):
    """What a handle does."""

    MOVE = enum.auto()
    STRETCH = enum.auto()
    TURN = enum.auto()


class Handle(NamedTuple):
    """One of a cluster's handles; `place` counts those of its kind."""

    kind: Kind
    cluster: int
    place: int = 0


class Handles(Layer):
    """Of every cluster its centre; of the chosen one also the ends of its axes, and one to turn.

    Axes are those of the ellipse as it is seen, perpendicular on the screen whatever the units of
    the map's axes. Means (K, p) and covariances (K, p, p) are in these units; p = 2.
    """

    how = (
        "Drag a centre to move a cluster, a square to stretch it, the far circle to turn it. A"
        " double click adds a cluster, Delete removes one."
    )
    form = (  # where the model is not free
        "The first step of the fit brings the form of the model ({model}), whatever the ellipses"
        " are now."
    )

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, 6)
        self.ink, self.paper = QColor("black"), QColor("white")
        self.radius = ellipse.radius(_LEVEL)  # of the ellipse with handles, in standard deviations
        self.chosen: int | None = None
        self.means: FloatArray = np.empty((0, 2))
        self.covariances: FloatArray = np.empty((0, 2, 2))
        self.hide()

    def show_clusters(
        self, parameters: Parameters, axes: Sequence[MapAxis], chosen: int | None
    ) -> None:
        """Put the handles on the clusters as they lie along p axes."""
        self.means, self.covariances = marginal(parameters, axes)
        self.chosen = chosen
        self.update()

    def place(self, position: QPointF) -> FloatArray:
        """Where a cluster (p,) is that has its centre at a pixel."""
        return self.units(np.array([position.x(), position.y()]))

    def handles(self) -> list[tuple[Handle, FloatArray]]:
        """The handles there are and where, in pixels; those of the chosen cluster first."""
        found: list[tuple[Handle, FloatArray]] = []
        if self.chosen is not None:
            k = self.chosen
            center, ends = self._ends(k)
            found += [(Handle(Kind.STRETCH, k, i), end) for i, end in enumerate(ends)]
            found.append((Handle(Kind.TURN, k), self._turner(center, ends)))
            found.append((Handle(Kind.MOVE, k), center))
        others = (k for k in range(len(self.means)) if k != self.chosen)
        found += [(Handle(Kind.MOVE, k), self.pixels(self.means[k])) for k in others]
        return found

    def position(self, handle: Handle) -> QPointF:
        """Where a handle is, in pixels of the box."""
        return QPointF(*dict(self.handles())[handle].tolist())

    def at(self, position: QPointF) -> Handle | None:
        """The handle nearest to a pixel, if one is near."""
        near = [
            (float(np.hypot(*(at - (position.x(), position.y())))), i, handle)
            for i, (handle, at) in enumerate(self.handles())
        ]
        nearest = min(near, default=None)
        return nearest[2] if nearest is not None and nearest[0] <= _REACH else None

    def dragged(
        self, handle: Handle, start: QPointF, end: QPointF
    ) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance of the handle's cluster once it has been dragged so far, in pixels.

        As seen from those that are shown, with which the drag has to have begun.
        """
        k = handle.cluster
        mean, covariance = self.means[k], self.covariances[k]
        before, after = (np.array([point.x(), point.y()]) for point in (start, end))
        if handle.kind is Kind.MOVE:
            return mean + self.units(after) - self.units(before), covariance
        center, ends = self._ends(k)
        if handle.kind is Kind.TURN:
            turned = np.arctan2(*(after - center)[::-1]) - np.arctan2(*(before - center)[::-1])
            cos, sin = np.cos(turned), np.sin(turned)
            linear = np.array([[cos, -sin], [sin, cos]])
        else:
            half = ends[handle.place] - center
            length = float(np.hypot(*half))
            along = half / length
            wanted = max(NARROWEST, length + float((after - before) @ along))
            linear = np.eye(2) + (wanted / length - 1.0) * np.outer(along, along)
        return mean, self.transformed(covariance, linear)

    def transformed(self, covariance: FloatArray, linear: FloatArray) -> FloatArray:
        """A covariance (2, 2) after a linear map (2, 2) of the screen."""
        _, scale = self._origin_and_scale()
        back = linear * scale / scale[:, None]  # D^-1 L D
        return np.asarray(back @ covariance @ back.T)

    def _ends(self, k: int) -> tuple[FloatArray, FloatArray]:
        """Centre (2,) and the ends (4, 2) of both axes in pixels: the longer, the shorter, and
        across from them.
        """
        _, scale = self._origin_and_scale()
        seen = self.covariances[k] * np.multiply.outer(scale, scale)
        variances, vectors = np.linalg.eigh(seen)
        upward = np.where(vectors[1] > 0.0, -1.0, 1.0)  # so that the handles do not jump
        halves = (vectors * upward * np.sqrt(np.maximum(variances, 0.0)) * self.radius).T[::-1]
        center = self.pixels(self.means[k])
        return center, np.concatenate([center + halves, center - halves])

    def _turner(self, center: FloatArray, ends: FloatArray) -> FloatArray:
        half = ends[0] - center
        return np.asarray(ends[0] + _STALK * half / max(float(np.hypot(*half)), 1e-9))

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        handles = self.handles()
        places = dict(handles)
        if (
            self.chosen is not None
            and (turner := places.get(Handle(Kind.TURN, self.chosen))) is not None
        ):
            end = places[Handle(Kind.STRETCH, self.chosen)]
            painter.setPen(QPen(self.ink, Line.HAIR, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(*end.tolist()), QPointF(*turner.tolist()))
        for handle, at in reversed(handles):
            area = QRectF(at[0] - _HALF, at[1] - _HALF, 2 * _HALF, 2 * _HALF)
            chosen = handle.cluster == self.chosen
            painter.setPen(QPen(self.ink, Line.PLAIN if chosen else Line.HAIR))
            painter.setBrush(self.paper)
            if handle.kind is Kind.STRETCH:
                painter.drawRect(area)
            else:
                painter.drawEllipse(area)
