"""How the rows in a region are shown: a few as dots, many as a picture of dots or of counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from gmmdesk.ui.drawing import density, stamps
from gmmdesk.ui.drawing.density import Composition, Counted, Picture
from gmmdesk.ui.drawing.layers import diameter_of
from gmmdesk.ui.drawing.shading import CodeArray, Shading
from gmmdesk.ui.drawing.tiles import Points, RowArray, parts, placed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_DOTS = 8_000  # painting so many takes about 10 ms on a slow machine
MOST_STAMPED = 150_000  # in a picture; more cannot be told apart
_MOST_STRAYS = 5_000
_DRAFTED = 100_000  # rows that tell the colours of a draft, about
# Side of a cell in device pixels, up to a number of rows: a few single pixels are hard to see.
_CELLS = ((4_000_000, 2), (1 << 62, 1))


class Kept(NamedTuple):
    """What was found out for one picture and holds for the next, as far as it shows the same."""

    counted: Counted | None = None  # for the same region
    composition: Composition | None = None  # for the same region and codes
    ordered: CodeArray | None = None  # the codes in the order of the points


class Wanted(NamedTuple):
    """What is to be drawn: the rows in `region`, on so many `pixels` (height, width), of a device
    with `ratio` pixels for one of the window. `kept` is what is known of it already."""

    points: Points
    region: QRectF
    pixels: tuple[int, int]
    ratio: float
    shading: Shading | None
    inks: FloatArray
    kept: Kept = Kept()
    drafts: bool = True

    @property
    def is_partial(self) -> bool:
        """Whether only some rows have a colour: they are laid over what is drawn."""
        return self.shading is not None and not self.shading.is_complete


class Drawn(NamedTuple):
    """`rows` (m,) are to be dots: all in sight where there is no picture or one of dots."""

    wanted: Wanted
    rows: IntArray
    picture: Picture | None = None
    is_draft: bool = False


class _Ordered:
    """Codes of rows, looked up by the places of their points."""

    def __init__(self, shading: Shading, points: Points) -> None:
        self._shading, self._points = shading, points

    def __getitem__(self, places: slice | IntArray | RowArray) -> CodeArray:
        return self._shading.at(self._points.rows_at(places))


def drawn(wanted: Wanted) -> Drawn:
    """Draw what is wanted; a draft where that takes long."""
    points, region = wanted.points, wanted.region
    near = sum(run.stop - run.start for run in points.runs(region))
    if near <= 4 * MOST_STAMPED:
        rows = points.within(region, MOST_STAMPED)
        if rows is not None and len(rows) <= MOST_DOTS:
            return Drawn(wanted, rows)
        if rows is not None:
            return Drawn(wanted, rows, _stamped(wanted, rows))
    wanted, counted = _counted(wanted)
    strays = points.rows_at(counted.strays[:_MOST_STRAYS]).astype(np.int64)
    strays.sort()
    if wanted.shading is None or wanted.is_partial:
        image = density.plain(counted, wanted.inks[0])
        return Drawn(wanted, strays, Picture(region, counted.counts, image))
    is_draft = wanted.drafts and wanted.kept.composition is None and near > 2 * _DRAFTED
    if is_draft:
        codes, thinned = _Ordered(wanted.shading, points), near // _DRAFTED
        composition = density.compose(points, counted, codes, len(wanted.inks), thinned=thinned)
    else:
        wanted, composition = _composed(wanted, wanted.shading, counted)
    picture = Picture(region, counted.counts, composition.paint(wanted.inks))
    return Drawn(wanted, strays, picture, is_draft)


def _counted(wanted: Wanted) -> tuple[Wanted, Counted]:
    side = next(side for most, side in _CELLS if wanted.points.n_rows <= most)
    height, width = (max(1, round(length / side)) for length in wanted.pixels)
    counted = wanted.kept.counted
    if counted is None or counted.counts.shape != (height, width):
        counted = density.count(wanted.points, wanted.region, (height, width))
        kept = wanted.kept._replace(counted=counted, composition=None)
        wanted = wanted._replace(kept=kept)
    return wanted, counted


def _composed(wanted: Wanted, shading: Shading, counted: Counted) -> tuple[Wanted, Composition]:
    points, kept = wanted.points, wanted.kept
    if kept.composition is not None:
        return wanted, kept.composition
    ordered = kept.ordered
    if ordered is None:
        codes = shading.codes  # in the order of the file they are found sooner
        ordered = np.empty(points.n_rows, np.uint16)
        for part in parts([slice(0, len(ordered))]):
            ordered[part] = codes[points.rows_at(part)]
    composition = density.compose(points, counted, ordered, len(wanted.inks))
    kept = kept._replace(composition=composition, ordered=ordered)
    return wanted._replace(kept=kept), composition


def _stamped(wanted: Wanted, rows: IntArray) -> Picture:
    """A picture of dots, to the pixel of the device."""
    shading = wanted.shading
    if shading is None or wanted.is_partial:
        codes = np.zeros(len(rows), np.uint16)
    else:
        codes = shading.at(rows)
    x, y = placed(*wanted.points.exact(rows), wanted.region, wanted.pixels)
    diameter = wanted.ratio * diameter_of(len(rows))
    image = stamps.stamp(x, y, wanted.pixels, diameter=diameter, codes=codes, inks=wanted.inks)
    return Picture(wanted.region, None, image)
