"""Figures as PNG, SVG and PDF: painted on the UI thread, written by any."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from gmmdesk import __version__
from gmmdesk.errors import ExportError
from gmmdesk.export.atomic import complete_or_absent
from gmmdesk.ui.figures.composing import Figure
from gmmdesk.ui.figures.options import MM_PER_INCH, POINTS_PER_INCH

_PDF_DPI = 1_200  # of places, not of pictures
_CREATOR = f"gmmdesk {__version__}"

# What QSvgGenerator writes at every change of a pen, and no shape follows.
_EMPTY = (
    re.compile(rb'<g clip-path="[^"]*"><g [^<>]*>\s*</g>\s*</g>\s*'),
    re.compile(rb"<g [^<>]*>\s*</g>\s*"),
)
_FAMILY = re.compile(rb'font-family="([^"]*)"')

# The content of a file, made off the UI thread.
Encode = Callable[[], bytes]


class Format(NamedTuple):
    """A kind of file; `paint` paints at once and returns what makes the file of it."""

    description: str
    paint: Callable[[Figure], Encode]


def picture(figure: Figure) -> QImage:
    """The figure in pixels; raises ExportError where it would have too many."""
    options = figure.options
    options.check_pixels()
    image = QImage(options.pixels, QImage.Format.Format_RGB32)
    per_meter = round(options.dpi / MM_PER_INCH * 1_000)
    image.setDotsPerMeterX(per_meter)
    image.setDotsPerMeterY(per_meter)
    painter = QPainter(image)
    # Not quite the same in both directions, where the size is no whole number of pixels.
    painter.scale(image.width() / options.size.width(), image.height() / options.size.height())
    figure.paint(painter)
    painter.end()
    return image


def _paint_png(figure: Figure) -> Encode:
    image = picture(figure)
    return lambda: png(image, figure.options.title)


def png(image: QImage, title: str = "") -> bytes:
    """The bytes of a PNG file; raises ExportError."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"png")
    writer.setText("Software", _CREATOR)
    if title:
        writer.setText("Title", title)
    if not writer.write(image):
        raise ExportError(
            f"The picture cannot be made: {writer.errorString()}.", "Choose a smaller size."
        )
    return bytes(content.data())


def _paint_svg(figure: Figure) -> Encode:
    options = figure.options
    content = QByteArray()
    buffer = QBuffer(content)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # which knows clipping
    generator.setOutputDevice(buffer)
    # In points, of which only whole numbers can be told: the exact size follows below.
    generator.setResolution(int(POINTS_PER_INCH))
    width, height = (
        length / MM_PER_INCH * POINTS_PER_INCH for length in (options.width, options.height)
    )
    generator.setSize(QSize(round(width), round(height)))
    generator.setViewBox(QRectF(0.0, 0.0, width, height))
    generator.setTitle(options.title)
    generator.setDescription(_CREATOR)
    painter = QPainter(generator)
    scale = POINTS_PER_INCH / options.units_per_inch
    painter.scale(scale, scale)
    figure.paint(painter)
    painter.end()
    return lambda: _finished(bytes(content.data()), options.width, options.height)


def _finished(svg: bytes, width: float, height: float) -> bytes:
    """The same with its size in mm, any other font where the named one is missing, and shorter."""
    for nothing in _EMPTY:
        svg = nothing.sub(b"", svg)
    svg = _FAMILY.sub(rb'font-family="\1, sans-serif"', svg)
    start = svg.index(b"<svg")
    end = svg.index(b"viewBox", start)
    size = f'<svg width="{width:.6g}mm" height="{height:.6g}mm"\n '.encode()
    return svg[:start] + size + svg[end:]


def _paint_pdf(figure: Figure) -> Encode:
    options = figure.options
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_PDF_DPI)
    page = QPageSize(
        QSizeF(options.width, options.height),
        QPageSize.Unit.Millimeter,
        "figure",
        QPageSize.SizeMatchPolicy.ExactMatch,
    )
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setTitle(options.title)
    writer.setCreator(_CREATOR)
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    # Pages have whole points.
    painter.scale(writer.width() / options.size.width(), writer.height() / options.size.height())
    figure.paint(painter)
    painter.end()
    return lambda: bytes(content.data())


FORMATS = {
    ".png": Format("Picture of pixels (*.png)", _paint_png),
    ".svg": Format("Drawing to edit, of lines and text (*.svg)", _paint_svg),
    ".pdf": Format("Page of lines and text (*.pdf)", _paint_pdf),
}


def painted(figure: Figure, path: Path) -> Encode:
    """The figure, painted in the format that the ending of `path` names.

    Raises ExportError for an ending that is none of `FORMATS`.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        endings = ", ".join(FORMATS)
        raise ExportError(
            f"There is no figure of the kind '{path.suffix}'.", f"Choose one of {endings}."
        )
    return form.paint(figure)


def write(encode: Encode, path: Path) -> None:
    """Write what was painted, complete or not at all; on any thread."""
    content = encode()
    with complete_or_absent(path) as file:
        file.write(content)
