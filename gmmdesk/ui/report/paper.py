"""A report on paper: as PDF, and on a printer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QLocale, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
)

from gmmdesk.errors import ExportError
from gmmdesk.export.atomic import complete_or_absent
from gmmdesk.export.report import Report
from gmmdesk.export.report.style import LIGHT
from gmmdesk.task import Task
from gmmdesk.ui.report.page_breaks import fit_to_pages
from gmmdesk.ui.report.text import ReportDocument, pages
from gmmdesk.ui.theme import TypeSize

_UNITS = 96.0  # to the inch, in which pages are laid out
_POINTS = 72.0  # to the inch
_MARGIN = 16.0  # mm
_FOOT = 26.0  # units at the end of a page for its number
_RESOLUTION = 1200


def page_size() -> QPageSize:
    """Letter where that is usual, A4 elsewhere."""
    imperial = QLocale.system().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
    return QPageSize(QPageSize.PageSizeId.Letter if imperial else QPageSize.PageSizeId.A4)


def pdf(content: Report, size: QPageSize, task: Task) -> bytes:
    """The report as PDF with real text; not for the UI thread."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setCreator("gmmdesk")
    writer.setTitle(content.title)
    writer.setResolution(_RESOLUTION)
    writer.setPageLayout(layout(size))
    paint(content, writer, task)
    return bytes(buffer.data().data())


def write_pdf(content: Report, path: Path, size: QPageSize, task: Task) -> None:
    """Write the report to `path`, complete or not at all; raises ExportError."""
    with complete_or_absent(path) as file:
        file.write(pdf(content, size, task))


def layout(size: QPageSize) -> QPageLayout:
    """A page of a size, upright, with margins."""
    margins = QMarginsF(*[_MARGIN] * 4)
    upright, mm = QPageLayout.Orientation.Portrait, QPageLayout.Unit.Millimeter
    return QPageLayout(size, upright, margins, mm)


def paint(content: Report, device: QPagedPaintDevice, task: Task) -> None:
    """Paint every page, black on white; not for the UI thread.

    Raises ExportError where the device does not take it, Cancelled when the task is.
    """
    # A text document waits for timers, which a thread of Python's own has only with a loop.
    loop = QEventLoop()
    painter = QPainter()
    if not painter.begin(device):
        raise ExportError("The pages cannot be painted.", "Choose another printer, or save as PDF.")
    try:
        scale = device.logicalDpiX() / _UNITS
        painter.scale(scale, scale)
        area = QRectF(0.0, 0.0, device.width() / scale, device.height() / scale)
        text_area = QSizeF(area.width(), area.height() - _FOOT)
        document = ReportDocument(pages(content, LIGHT, dark=False), QFont("sans-serif"))
        font = document.defaultFont()
        font.setPointSizeF(TypeSize.PAPER)
        document.setDefaultFont(font)
        document.setDocumentMargin(0.0)
        document.setUseDesignMetrics(True)
        fit_to_pages(document, text_area)
        number_font = QFont(font)  # in units: points would be those of the device, and scaled again
        number_font.setPixelSize(round(TypeSize.PAPER / _POINTS * _UNITS))
        n_pages = document.pageCount()
        for page in range(n_pages):
            if page:
                device.newPage()
            _paint_page(painter, document, page, text_area)
            painter.setPen(Qt.GlobalColor.darkGray)
            painter.setFont(number_font)
            foot = QRectF(0.0, area.height() - _FOOT / 2.0, area.width(), _FOOT / 2.0)
            middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(foot, middle, f"{page + 1} / {n_pages}")
            task.step((page + 1) / n_pages)
    finally:
        painter.end()
        del loop


def _paint_page(painter: QPainter, document: ReportDocument, page: int, size: QSizeF) -> None:
    """The part of the document that is on a page."""
    view = QRectF(0.0, page * size.height(), size.width(), size.height())
    painter.save()
    painter.translate(0.0, -view.top())
    painter.setClipRect(view)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = view
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, LIGHT.ink)
    context.palette = palette
    document.documentLayout().draw(painter, context)
    painter.restore()
