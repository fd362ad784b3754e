"""The run that found the answer, exported: as an animated picture of the map, or as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QImage, QPainter, QPalette
from PySide6.QtWidgets import QProgressDialog, QWidget

from gmmdesk.errors import ExportError
from gmmdesk.export.trail import write_film, write_table
from gmmdesk.export.video import VIDEO, Frame, find_encoder
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.recent import last_folder
from gmmdesk.ui.text import number

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import AnalysisProgress
    from gmmdesk.ui.drawing.figure import FigureSource
    from gmmdesk.ui.views.map import MapView

_SIZE = QSize(800, 600)
_MOST_FRAMES = 80
_FRAME_MS = 180
_BEAT_MS = 15
_FILTERS = {
    "Animated picture of the map (*.gif)": ".gif",
    "Table of the iterations (*.csv)": ".csv",
}
_VIDEO_FILTER = {f"Video of the map (*{VIDEO})": VIDEO}  # where there is an encoder


def export_run(document: Document, view: MapView, parent: QWidget) -> None:
    """Ask where to, and write; the ending decides whether film or table."""
    analysis = document.analysis
    if analysis is None or document.timeline.last == 0:
        return
    path = _choose_path(document, parent)
    if path is None:
        return
    trail, names = analysis.trail, document.part_names
    if path.suffix.lower() == ".csv":

        def write(_task: Task) -> Path:
            write_table(trail, names, path)
            return path

        document.files.begin_writing(
            "A table", f"Exporting {path.name}", write, document.exported.emit
        )
        return
    source = view.figure()
    if source is None:
        said = "The map is still being drawn: there is nothing to film yet."
        document.problem_raised.emit(ExportError(said, "Export the run when it is there."))
        return
    Film(document, source, path, parent).start()


def _choose_path(document: Document, parent: QWidget) -> Path | None:
    dataset = document.dataset
    name = "run" if dataset is None else f"{Path(dataset.name).stem} run"
    folder = last_folder()
    title, name = "Export the run", f"{name}.gif"
    filters = _FILTERS | (_VIDEO_FILTER if find_encoder() is not None else {})
    dialog = SaveDialog(parent, title, folder, filters, name=name, help_page="timeline")
    return dialog.ask()


class Film(QObject):
    """Goes through the timeline and paints each iteration once the map has drawn it.

    The window shows the same meanwhile; afterwards the timeline is where it was.
    """

    def __init__(
        self, document: Document, source: FigureSource, path: Path, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._source = source
        self._path = path
        self._palette = parent.palette()
        self._font = QFont(QGuiApplication.font())
        self._analysis = document.analysis
        timeline = document.timeline
        self._before = timeline.position
        n = len(timeline.trail)
        places = np.unique(np.linspace(0, n - 1, min(n, _MOST_FRAMES)).round().astype(int))
        self._positions = [2 * int(place) for place in places]
        self._frames: list[Frame] = []
        self._is_settled = False
        self._clock = QTimer(self, interval=_BEAT_MS)
        self._clock.timeout.connect(self._on_clock_timeout)
        self._progress = QProgressDialog("Filming the run…", "Cancel", 0, len(places), parent)
        self._progress.setWindowTitle("Export the run")
        self._progress.setWindowModality(Qt.WindowModality.WindowModal)
        self._progress.canceled.connect(self._end)
        document.analysis_changed.connect(self._end)
        document.closed.connect(self._end)

    def start(self) -> None:
        """Paint the first picture, and go on from there."""
        self._document.timeline.pause()
        caption = QFontMetricsF(self._font).height() + 2 * theme.SPACE
        room = QSize(_SIZE.width(), _SIZE.height() - round(caption))
        self._source.lay_out(room, self._palette, self._font, 1.0)
        self._document.timeline.go_to(self._positions[0])
        self._progress.show()
        self._clock.start()

    def _on_clock_timeout(self) -> None:
        if self._source.is_busy():
            return
        if not self._is_settled:  # the rows have their colours; now they are drawn in them
            self._source.settle(1.0)
            self._is_settled = True
            return
        place = self._positions[len(self._frames)] // 2
        self._frames.append(self._painted(self._document.timeline.trail[place]))
        self._progress.setValue(len(self._frames))  # which lets the user cancel
        if not self._clock.isActive():
            return
        if len(self._frames) == len(self._positions):
            self._finish()
        else:
            self._is_settled = False
            self._document.timeline.go_to(self._positions[len(self._frames)])

    def _painted(self, moment: AnalysisProgress) -> Frame:
        image = QImage(_SIZE, QImage.Format.Format_RGB888)
        image.fill(self._palette.color(QPalette.ColorRole.Base))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        caption = QFontMetricsF(self._font).height() + 2 * theme.SPACE
        painter.setFont(self._font)
        painter.setPen(self._palette.color(QPalette.ColorRole.Text))
        painter.drawText(
            QRectF(theme.SPACE, 0.0, _SIZE.width() - 2 * theme.SPACE, caption),
            Qt.AlignmentFlag.AlignVCenter,
            f"Iteration {moment.scaled.iteration}"
            f" · log-likelihood {number(moment.log_likelihood, 7)}",
        )
        painter.translate(QPointF(0.0, caption))
        self._source.paint(painter)
        painter.end()
        return _pixels(image)

    def _finish(self) -> None:
        frames, path = self._frames, self._path
        self._end()

        def write(task: Task) -> Path:
            write_film(frames, _FRAME_MS, path, task)
            return path

        document = self._document
        document.files.begin_writing(
            "A film", f"Exporting {path.name}", write, document.exported.emit
        )

    def _end(self) -> None:
        """Leave everything as it was."""
        if not self._clock.isActive():
            return
        self._clock.stop()
        self._document.analysis_changed.disconnect(self._end)
        self._document.closed.disconnect(self._end)
        self._progress.canceled.disconnect(self._end)
        self._progress.close()
        self._progress.deleteLater()
        if self._document.analysis is self._analysis:
            self._document.timeline.go_to(self._before)
        self._source.close()
        self.deleteLater()


def _pixels(image: QImage) -> Frame:
    """The picture's red, green and blue, (height, width, 3): a copy, as its bits go with it."""
    lines: npt.NDArray[np.uint8] = np.frombuffer(image.constBits(), np.uint8)
    lines = lines.reshape(image.height(), image.bytesPerLine())
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
