"""What of the map is in sight: all of it, or what the user has zoomed to."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from gmmdesk.analysis.axes import MapAxis
from gmmdesk.ui.drawing.clusters import ClustersLayer
from gmmdesk.ui.drawing.histogram import HistogramLayer
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.plotting import Plot

_PADDING = 0.05  # of the range of the rows, on every side
_AHEAD = 0.1  # of the range, that is given to an ellipse which leaves it, as it may go on to grow
_NEAREST = 1e-6  # of the range of the rows: nobody needs to zoom in further
_FARTHEST = 50.0


class Sight:
    """The visible ranges of the plot's axes, for the rows and ellipses that there are."""

    def __init__(self, plot: Plot, clusters: ClustersLayer, histogram: HistogramLayer) -> None:
        self._plot, self._clusters, self._histogram = plot, clusters, histogram
        self._scene: Scene | None = None
        self._locked = False
        self._home = QRectF()  # what was visible after the last reset
        self._wanted: QRectF | None = None  # to be shown when the rows are there

    def follow(self, scene: Scene | None) -> None:
        """Limit the ranges to what can be of interest in `scene`."""
        self._scene = scene
        if scene is not None:
            self._set_limits(scene)
            # Densities always fill the height.
            self._plot.box.setMouseEnabled(x=True, y=not scene.is_single)

    def lock(self, locked: bool) -> None:
        """Have one scale on both axes, or not."""
        self._locked = locked
        if self._scene is not None:
            self._set_limits(self._scene)
        self._plot.box.setAspectLocked(locked)
        self.reset()

    def reset(self) -> None:
        """Show all rows, and the ellipses."""
        scene = self._scene
        if scene is None:
            return
        x, y = self._whole(scene)
        if scene.is_single:
            self._plot.box.setXRange(*x, padding=0.0)
            self.fit_densities()
        else:  # both at once: with a locked aspect the second would cut the first
            self._plot.box.setRange(xRange=x, yRange=y, padding=0.0)
        self._home = self._plot.visible_rect()

    def fit_densities(self) -> None:
        """Let bars and curves fill the height."""
        self._plot.box.setYRange(0.0, 1.05 * self._histogram.highest, padding=0.0)

    @property
    def is_home(self) -> bool:
        """Whether the user has left the choice of what to look at to the view."""
        if self._scene is None:
            return self._wanted is None
        return self._plot.visible_rect() == self._home

    @property
    def region(self) -> tuple[float, float, float, float] | None:
        """What the user has zoomed to (left, lower, width, height); None where that is all."""
        if self._scene is None or self.is_home or self._scene.is_single:
            return None
        shown = self._plot.visible_rect()
        return shown.left(), shown.top(), shown.width(), shown.height()

    def want(self, region: tuple[float, float, float, float] | None) -> None:
        """Show a region as soon as the rows lie along its axes."""
        self._wanted = None if region is None else QRectF(*region)

    def show_wanted(self, axes: tuple[MapAxis, MapAxis] | None) -> None:
        """Show the region that is waited for, where the rows lie along `axes` now."""
        if self._wanted is None or self._scene is None or axes is None:
            return
        if [axis.title for axis in self._scene.axes] == [axis.title for axis in axes]:
            self._plot.box.setRange(self._wanted, padding=0.0)
            self._wanted = None

    def make_room(self) -> None:
        """Widen the range for ellipses that have grown; never narrow it, which would jitter.

        Somewhat more than they need now: every range needs another picture of the rows. The curves
        of a single column always fill the height.
        """
        scene = self._scene
        if scene is not None and scene.is_single:
            self.fit_densities()
        if scene is None or scene.is_single or not self.is_home:
            return
        (x0, x1), (y0, y1) = self._whole(scene)
        home, dx, dy = self._home, _AHEAD * (x1 - x0), _AHEAD * (y1 - y0)
        if not home.contains(QRectF(x0, y0, x1 - x0, y1 - y0)):
            left = home.left() if x0 >= home.left() else x0 - dx
            right = home.right() if x1 <= home.right() else x1 + dx
            low = home.top() if y0 >= home.top() else y0 - dy
            high = home.bottom() if y1 <= home.bottom() else y1 + dy
            self._plot.box.setRange(QRectF(left, low, right - left, high - low), padding=0.0)
            self._home = self._plot.visible_rect()

    def _whole(self, scene: Scene) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges of x and y around all rows and the ellipses."""
        x0, x1, y0, y1 = scene.bounds
        low, high = self._clusters.extent(np.array([x0, y0]), np.array([x1, y1]))
        return _padded(low[0], high[0]), _padded(low[1], high[1])

    def _set_limits(self, scene: Scene) -> None:
        x0, x1, y0, y1 = scene.bounds
        limits: dict[str, float | None] = {"minYRange": None, "maxYRange": None}
        ranges = {"X": _padded(x0, x1)}
        if not scene.is_single:
            ranges["Y"] = _padded(y0, y1)
        for axis, (low, high) in ranges.items():
            # Below this, neighbouring pixels could not be told apart in floating point.
            finest = 1e-12 * max(abs(low), abs(high))
            limits[f"min{axis}Range"] = max(_NEAREST * (high - low), finest)
            # On one scale for both, the shorter range may need to be any number of times as long.
            limits[f"max{axis}Range"] = None if self._locked else _FARTHEST * (high - low)
        self._plot.box.setLimits(**limits)


def _padded(low: float, high: float) -> tuple[float, float]:
    """A range with some room on both sides, never empty."""
    room = _PADDING * (high - low) or max(abs(low), 1.0) * np.finfo(float).eps * 1e4
    return low - room, high + room
