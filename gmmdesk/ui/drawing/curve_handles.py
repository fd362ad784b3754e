"""Handles on the clusters' curves, where there is one column only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF

from gmmdesk.analysis.axes import MapAxis
from gmmdesk.analysis.bars import Mixture
from gmmdesk.engine import Parameters
from gmmdesk.ui.drawing.handles import NARROWEST, Handle, Handles, Kind

FloatArray = npt.NDArray[np.float64]

_MARGIN = 8.0  # pixels from the edge of the plot, where a curve goes beyond it
_SIDES = (1.0, -1.0)  # of the centre, on which a curve has a handle


class CurveHandles(Handles):
    """Of every cluster the top of its curve; of the chosen one also a standard deviation beside it.

    They are dragged sideways; means (K, 1) and covariances (K, 1, 1) are of the values before the
    axis bends them back.
    """

    how = (
        "Drag a centre to move a cluster, a square, one standard deviation beside it, to make it"
        " wider or narrower. A double click adds a cluster, Delete removes one."
    )
    form = "The first step of the fit makes all of them equally wide, as the model ({model}) says."

    def show_clusters(
        self, parameters: Parameters, axes: Sequence[MapAxis], chosen: int | None
    ) -> None:
        (self._axis,) = axes
        self._mixture = Mixture.along(parameters, self._axis)
        super().show_clusters(parameters, axes, chosen)

    def place(self, position: QPointF) -> FloatArray:
        return self._axis.forward(super().place(position)[:1])

    def handles(self) -> list[tuple[Handle, FloatArray]]:
        found: list[tuple[Handle, FloatArray]] = []
        if self.chosen is not None:
            k = self.chosen
            found += [
                (
                    Handle(Kind.STRETCH, k, i),
                    self._on_curve(k, self._mean(k) + side * self._spread(k)),
                )
                for i, side in enumerate(_SIDES)
            ]
        order = sorted(range(len(self.means)), key=lambda k: k != self.chosen)
        found += [(Handle(Kind.MOVE, k), self._on_curve(k, self._mean(k))) for k in order]
        return found

    def dragged(
        self, handle: Handle, start: QPointF, end: QPointF
    ) -> tuple[FloatArray, FloatArray]:
        k = handle.cluster
        mean, variance = self.means[k], self.covariances[k]
        x = self.position(handle).x() + end.x() - start.x()
        if handle.kind is Kind.STRETCH:  # never past the centre
            side, center = _SIDES[handle.place], self.position(Handle(Kind.MOVE, k)).x()
            x = center + side * max(side * (x - center), NARROWEST)
        value = self.place(QPointF(x, 0.0))
        if not np.isfinite(value).all():  # beyond where the axis ends, as below 0 of a logarithm
            return mean, variance
        if handle.kind is Kind.MOVE:
            return value, variance
        return mean, np.square(value - mean)[None]

    def _mean(self, k: int) -> float:
        return float(self.means[k, 0])

    def _spread(self, k: int) -> float:
        return float(np.sqrt(self.covariances[k, 0, 0]))

    def _on_curve(self, k: int, value: float) -> FloatArray:
        """The point of a cluster's curve above a value, in pixels, kept in sight."""
        x = self._axis.back(np.array([value]))
        height = self._mixture.densities(x)[k]
        at = self.pixels(np.array([x[0], height[0]]))
        at[1] = np.clip(at[1], _MARGIN, self.boundingRect().height() - _MARGIN)
        return at
