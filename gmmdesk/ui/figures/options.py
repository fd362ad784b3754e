"""How large a figure is, and what is on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta
from PySide6.QtCore import QSettings, QSize, QSizeF

from gmmdesk.errors import ExportError

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0
FONT_PIXELS = 12  # as on the screen: lines and dots are drawn to go with letters of this size
MOST_PIXELS = 64_000_000  # of a picture: a quarter of a gigabyte while it is drawn
LEAST_MM, MOST_MM = 20.0, 2_000.0
LEAST_DPI, MOST_DPI = 36, 2_400
LEAST_TEXT, MOST_TEXT = 4.0, 72.0  # points


_Length = Annotated[float, Meta(ge=LEAST_MM, le=MOST_MM)]


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """Width and height in mm, resolution of what consists of pixels, size of the text in points.

    Everything is drawn in proportion to the text. Without a `title` there is none.
    """

    width: _Length = 85.0
    height: _Length = 64.0
    dpi: Annotated[int, Meta(ge=LEAST_DPI, le=MOST_DPI)] = 300
    text_size: Annotated[float, Meta(ge=LEAST_TEXT, le=MOST_TEXT)] = 8.0
    title: str = ""
    legend: bool = True
    dark: bool = False

    @classmethod
    def of_pixels(cls, size: QSize, *, dark: bool = False) -> FigureOptions:
        """A picture of so many pixels, with letters as on the screen and no legend."""
        per_mm = 96 / MM_PER_INCH
        text = FONT_PIXELS * POINTS_PER_INCH / 96
        return cls(
            size.width() / per_mm,
            size.height() / per_mm,
            96,
            text,
            legend=False,
            dark=dark,
        )

    @property
    def pixels(self) -> QSize:
        """How large it is in pixels."""
        per_mm = self.dpi / MM_PER_INCH
        return QSize(round(self.width * per_mm), round(self.height * per_mm))

    @property
    def units_per_inch(self) -> float:
        """A unit is what a pixel of the screen is to its text."""
        return FONT_PIXELS * POINTS_PER_INCH / self.text_size

    @property
    def size(self) -> QSizeF:
        """How large it is in units."""
        per_mm = self.units_per_inch / MM_PER_INCH
        return QSizeF(self.width * per_mm, self.height * per_mm)

    @property
    def pixel_ratio(self) -> float:
        """Pixels for one unit."""
        return self.dpi / self.units_per_inch

    def check_pixels(self) -> None:
        """Raise ExportError where a picture would need too many pixels."""
        pixels = self.pixels
        n_pixels = pixels.width() * pixels.height()
        if n_pixels > MOST_PIXELS:
            raise ExportError(
                f"The picture would have {pixels.width():,} × {pixels.height():,} pixels, which is"
                f" more than {MOST_PIXELS // 1_000_000} million.",
                "Choose a lower resolution or a smaller size, or a name that ends in .pdf or .svg.",
            )


class Preset(NamedTuple):
    """A size that is often asked for, in mm, with the text in points that goes with it."""

    name: str
    width: float
    height: float
    text_size: float

    def applied_to(self, options: FigureOptions) -> FigureOptions:
        return replace(options, width=self.width, height=self.height, text_size=self.text_size)


PRESETS = (
    Preset("One column (85 mm)", 85.0, 64.0, 8.0),
    Preset("Two columns (170 mm)", 170.0, 110.0, 8.0),
    Preset("Slide (16:9)", 338.7, 190.5, 18.0),
)

# Millimetres in a unit of length; pixels are of the chosen resolution.
UNITS = {"mm": 1.0, "inch": MM_PER_INCH}


def last_options() -> FigureOptions:
    """What was chosen last, without the title; the defaults where that is not known."""
    try:
        return msgspec.json.decode(str(QSettings().value("figure", "")), type=FigureOptions)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return FigureOptions()


def remember_options(options: FigureOptions) -> None:
    """Propose them the next time."""
    QSettings().setValue("figure", msgspec.json.encode(replace(options, title="")).decode())
