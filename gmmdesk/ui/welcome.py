"""What a fresh start shows: open a file, drop one, or try a sample."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QCommandLinkButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.data.sample_table import SAMPLES
from gmmdesk.ui import theme
from gmmdesk.ui.icons import icon
from gmmdesk.ui.text import plain_action
from gmmdesk.ui.theme import Line, TypeSize
from gmmdesk.ui.widgets import heading, primary_button, secondary, tool_button

_FORMATS = (
    "CSV, TSV and text · Excel and OpenDocument sheets · Parquet, Arrow and Feather · JSON\n"
    "SPSS, Stata and SAS · SQLite · NumPy · ARFF · FCS · Pictures · all of them compressed too"
)


class WelcomePage(QScrollArea):
    """Signals: `open_requested`, `paste_requested`, `sample_requested(str)` and
    `example_requested(str)` with its name, `tour_requested`."""

    open_requested = Signal()
    paste_requested = Signal()
    sample_requested = Signal(str)
    example_requested = Signal(str)
    tour_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sample_buttons: dict[str, QCommandLinkButton] = {}
        self.example_buttons: dict[str, QToolButton] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        column = QVBoxLayout()
        column.setSpacing(2 * theme.SPACE)
        column.addStretch(1)
        column.addLayout(self._make_title())
        column.addWidget(self._make_drop_target())
        column.addLayout(self._make_samples_heading())
        column.addLayout(self._make_samples())
        column.addStretch(2)
        outer = QHBoxLayout(page)
        outer.setContentsMargins(3 * theme.SPACE, theme.SPACE, 3 * theme.SPACE, theme.SPACE)
        outer.addStretch(1)
        outer.addLayout(column, 6)
        outer.addStretch(1)
        self.setWidget(page)

    def _make_title(self) -> QHBoxLayout:
        title = QLabel("Find clusters in a spreadsheet")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * TypeSize.TITLE)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        words = QVBoxLayout()
        words.setSpacing(theme.SPACE // 2)
        words.addWidget(title)
        words.addWidget(
            secondary(
                "Are there groups in these rows, how many, who belongs where, and how sure is it?"
            )
        )
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(Logo())
        row.addLayout(words, 1)
        return row

    def _make_drop_target(self) -> QWidget:
        target = _DropTarget()
        button = primary_button("Open a file…", "open")
        button.setToolTip("Choose a file on this computer (Ctrl+O)")
        button.clicked.connect(self.open_requested)
        self.setFocusProxy(button)  # what most do first, by Return too
        paste = QPushButton(icon("paste"), "Paste a table")
        paste.setToolTip("Use the cells copied from a spreadsheet (Ctrl+V)")
        paste.setMinimumHeight(button.sizeHint().height())
        paste.clicked.connect(self.paste_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        buttons.addStretch()
        buttons.addWidget(button)
        buttons.addWidget(paste)
        buttons.addStretch()
        formats = secondary(_FORMATS)
        formats.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = QLabel("Drop a file anywhere in this window")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(target)
        layout.setContentsMargins(*[3 * theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(text)
        layout.addLayout(buttons)
        layout.addWidget(formats)
        return target

    def _make_samples_heading(self) -> QHBoxLayout:
        tour = tool_button("Guided first analysis", "Four steps on a sample, one at a time", "help")
        tour.clicked.connect(self.tour_requested)
        row = QHBoxLayout()
        row.addWidget(heading("Or try a sample"))
        row.addStretch()
        row.addWidget(tour)
        return row

    def _make_samples(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.SPACE)
        for i, (name, sample) in enumerate(SAMPLES.items()):
            title, words = map(plain_action, (sample.title, sample.description))
            button = QCommandLinkButton(title, words)
            button.setIcon(icon("samples"))
            button.setToolTip(f"Open this sample: {sample.description}")
            button.clicked.connect(partial(self.sample_requested.emit, name))
            example = tool_button("", f"{sample.title}: what to do, to see and to doubt", "help")
            example.setAccessibleName(f"Worked example: {sample.title}")
            example.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            example.clicked.connect(partial(self.example_requested.emit, name))
            row = QHBoxLayout()
            row.setSpacing(0)
            row.addWidget(button, 1)
            row.addWidget(example, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addLayout(row, i // 2, i % 2)
            self.sample_buttons[name], self.example_buttons[name] = button, example
        return grid


class Logo(QWidget):
    """The program's picture, sharp on every screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(56, 56)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        icon("gmmdesk").paint(painter, self.rect())
        painter.end()


class _DropTarget(QWidget):
    """A dashed frame in the colours of the theme."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(
            self.palette().color(QPalette.ColorRole.PlaceholderText),
            Line.FINE,
            Qt.PenStyle.DashLine,
        )
        painter.setPen(pen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.end()
