"""How the rows in a region are shown: a few as dots, many as a picture of dots or of counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from gmmdesk.ui.drawing import density, stamps
from gmmdesk.ui.drawing.density import Counted, Picture
from gmmdesk.ui.drawing.layers import diameter_of
from gmmdesk.ui.drawing.shading import CodeArray, Shading
from gmmdesk.ui.drawing.tiles import RowArray, Tiles, placed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_DOTS = 8_000  # painting so many takes about 10 ms on a slow machine
MOST_STAMPED = 150_000  # in a picture; more cannot be told apart
_MOST_STRAYS = 5_000
_THINNED = 8  # one row in so many tells the colours of a draft
_LEAST_THINNED = 500_000  # rows in sight, from which on a draft comes first
# Side of a cell in device pixels, up to a number of rows: a few single pixels are hard to see.
_CELLS = ((4_000_000, 2), (1 << 62, 1))


class Wanted(NamedTuple):
    """What is to be drawn: the rows in `region`, on so many `pixels` (height, width), of a device
    with `ratio` pixels for one of the window. `counted` is what is known of it already."""

    tiles: Tiles
    region: QRectF
    pixels: tuple[int, int]
    ratio: float
    shading: Shading | None
    inks: FloatArray
    counted: Counted | None = None
    ordered: CodeArray | None = None  # the codes in the order of the tiles
    drafts: bool = True

    @property
    def is_partial(self) -> bool:
        """Whether only some rows have a colour: they are laid over what is drawn."""
        return self.shading is not None and self.shading.rows is not None


class Drawn(NamedTuple):
    """`rows` (m,) are to be dots: all in sight where there is no picture or one of dots."""

    wanted: Wanted
    rows: IntArray
    picture: Picture | None = None
    is_draft: bool = False


class _Ordered:
    """Codes of rows, looked up in the order of the tiles."""

    def __init__(self, codes: CodeArray, rows: RowArray) -> None:
        self._codes, self._rows = codes, rows

    def __getitem__(self, places: slice | IntArray | RowArray) -> CodeArray:
        return self._codes[self._rows[places]]


def drawn(wanted: Wanted) -> Drawn:
    """Draw what is wanted; a draft where that takes long."""
    tiles, region = wanted.tiles, wanted.region
    near = sum(run.stop - run.start for run in tiles.runs(region))
    if near <= 4 * MOST_STAMPED:
        rows = tiles.within(region, MOST_STAMPED)
        if rows is not None and len(rows) <= MOST_DOTS:
            return Drawn(wanted, rows)
        if rows is not None:
            return Drawn(wanted, rows, _stamped(wanted, rows))
    counted = wanted.counted
    if counted is None:
        side = next(side for most, side in _CELLS if tiles.n_rows <= most)
        height, width = (max(1, round(length / side)) for length in wanted.pixels)
        counted = density.count(tiles, region, (height, width))
        wanted = wanted._replace(counted=counted)
    strays = tiles.rows[counted.strays[:_MOST_STRAYS]].astype(np.int64)
    strays.sort()
    is_draft = wanted.drafts and near > _LEAST_THINNED and _codes(wanted) is not None
    thinned = _THINNED if is_draft else 1
    if not is_draft and wanted.ordered is None and (codes := _codes(wanted)) is not None:
        wanted = wanted._replace(ordered=codes[tiles.rows])
    picture = Picture(region, counted.counts, _painted(wanted, counted, thinned))
    return Drawn(wanted, strays, picture, is_draft)


def _codes(wanted: Wanted) -> CodeArray | None:
    """The codes of all rows, in the order of the file."""
    return None if wanted.shading is None or wanted.is_partial else wanted.shading.codes


def _painted(wanted: Wanted, counted: Counted, thinned: int) -> QImage:
    codes = _codes(wanted)
    if codes is None or wanted.ordered is not None:
        ordered: density.Codes | None = wanted.ordered
    else:
        ordered = _Ordered(codes, wanted.tiles.rows)
    return density.paint(wanted.tiles, counted, ordered, wanted.inks, thinned=thinned)


def _stamped(wanted: Wanted, rows: IntArray) -> Picture:
    """A picture of dots, to the pixel of the device."""
    shading = wanted.shading
    if shading is None or wanted.is_partial:
        codes = np.zeros(len(rows), np.uint16)
    else:
        codes = shading.at(rows)
    x, y = placed(*wanted.tiles.exact(rows), wanted.region, wanted.pixels)
    diameter = wanted.ratio * diameter_of(len(rows))
    image = stamps.stamp(x, y, wanted.pixels, diameter=diameter, codes=codes, inks=wanted.inks)
    return Picture(wanted.region, None, image)
