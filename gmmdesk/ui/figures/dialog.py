"""Choosing what a figure is like, with a preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.ui import theme
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.figures.composing import Figure
from gmmdesk.ui.figures.formats import FORMATS
from gmmdesk.ui.figures.options import (
    LEAST_DPI,
    LEAST_MM,
    LEAST_TEXT,
    MM_PER_INCH,
    MOST_DPI,
    MOST_MM,
    MOST_TEXT,
    PRESETS,
    UNITS,
    FigureOptions,
    last_options,
    remember_options,
)
from gmmdesk.ui.figures.preview import FigurePreview
from gmmdesk.ui.figures.settling import when_settled
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.recent import last_folder
from gmmdesk.ui.widgets import combo_box, secondary, spin_box

_SETTLE_MS = 100  # after a key or a step, before the figure is laid out anew
_PIXELS = "px"
_DECIMALS = {"mm": 1, "inch": 2, _PIXELS: 0}


class FigureDialog(QDialog):
    """Which view, how large, in which resolution, and with what around it.

    Signals: `write_requested(Figure, Path)` and `copy_requested(Figure)`, with a figure that can be
    painted at once.
    """

    help_page = "exporting"

    write_requested = Signal(object, object)
    copy_requested = Signal(object)

    def __init__(
        self, sources: Sequence[FigureSource], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export figure")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sources = sources
        self._name = name
        self._unit = "mm"
        self._waiting: QTimer | None = None
        self._settling = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settling.timeout.connect(self._lay_out)
        options = last_options()

        self.view = combo_box("View", "Which view the figure shows")
        for source in sources:
            self.view.addItem(source.title)
        self.preset = combo_box("Preset", "Sizes that journals and slides ask for")
        self.preset.addItems(["Own size", *(preset.name for preset in PRESETS)])
        self.width_box = self._length("Width", "How wide the figure is")
        self.height_box = self._length("Height", "How high the figure is")
        self.unit = combo_box("Unit", "What width and height are given in")
        self.unit.addItems(list(_DECIMALS))
        self.unit.setMinimumContentsLength(4)
        self.text_size = _spin("Text size", "Size of the text; lines and dots are in proportion")
        self.text_size.setRange(LEAST_TEXT, MOST_TEXT)
        self.text_size.setSuffix(" pt")
        self.dpi = spin_box(
            LEAST_DPI,
            MOST_DPI,
            "Resolution",
            "Pixels for each inch, of PNG files and of the rows inside SVG and PDF (dpi)",
        )
        self.dpi.setSuffix(" dpi")
        self.has_title = QCheckBox("&Title")
        self.has_title.setToolTip("Write a title above the plot")
        self.title_line = QLineEdit(sources[0].title)
        self.title_line.setAccessibleName("Text of the title")
        self.title_line.setToolTip("What the title says")
        self.legend = QCheckBox("&Legend")
        self.legend.setToolTip("List the colours and names below the plot")
        self.dark = QCheckBox("&Dark background")
        self.dark.setToolTip("For dark slides; on paper figures are light")
        self.hint = secondary()
        self.preview = FigurePreview()

        size = QHBoxLayout()
        size.setSpacing(theme.SPACE // 2)
        for widget in (self.width_box, self.height_box, self.unit):
            size.addWidget(widget)
        form = QFormLayout()
        form.addRow("&View", self.view)
        form.addRow("&Preset", self.preset)
        size_label = QLabel("Si&ze")
        size_label.setBuddy(self.width_box)
        form.addRow(size_label, size)
        form.addRow("Te&xt size", self.text_size)
        form.addRow("&Resolution", self.dpi)
        form.addRow(self.has_title, self.title_line)
        form.addRow("", self.legend)
        form.addRow("", self.dark)
        form.addRow("", self.hint)
        sides = QHBoxLayout()
        sides.setSpacing(2 * theme.SPACE)
        sides.addLayout(form)
        sides.addWidget(self.preview, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save = buttons.addButton("&Save…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setToolTip("Save it; the ending says whether as PNG, SVG or PDF")
        self.copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setToolTip("Copy it, to paste it into a document or a slide")
        layout = QVBoxLayout(self)
        layout.addLayout(sides, 1)
        layout.addWidget(buttons)
        for button in buttons.findChildren(QPushButton):
            button.setAutoDefault(button is self.save)
        self.save.setDefault(True)

        self._show_options(options)
        self._figure = Figure(sources[0], self.options())
        self.view.currentIndexChanged.connect(self._on_view_changed)
        self.preset.activated.connect(self._on_preset_activated)
        self.unit.currentTextChanged.connect(self._on_unit_changed)
        for box in (self.width_box, self.height_box):
            box.valueChanged.connect(self._on_size_changed)
        for changed in (
            self.text_size.valueChanged,
            self.dpi.valueChanged,
            self.has_title.toggled,
            self.title_line.textChanged,
            self.legend.toggled,
            self.dark.toggled,
        ):
            changed.connect(self._changed)
        self.has_title.toggled.connect(self.title_line.setEnabled)
        self.title_line.setEnabled(False)
        self.save.clicked.connect(self._on_save_clicked)
        self.copy.clicked.connect(
            lambda: self._when_settled(lambda: self.copy_requested.emit(self._figure))
        )
        buttons.rejected.connect(self.reject)
        self.finished.connect(self._on_finished)
        self._changed()
        self._lay_out()

    @property
    def is_busy(self) -> bool:
        """Whether the preview is about to change."""
        return self._settling.isActive() or self._waiting is not None

    def options(self) -> FigureOptions:
        """What is chosen."""
        per_unit = self._millimeters()
        title = self.title_line.text().strip() if self.has_title.isChecked() else ""
        return FigureOptions(
            width=min(max(self.width_box.value() * per_unit, LEAST_MM), MOST_MM),
            height=min(max(self.height_box.value() * per_unit, LEAST_MM), MOST_MM),
            dpi=self.dpi.value(),
            text_size=self.text_size.value(),
            title=title,
            legend=self.legend.isChecked(),
            dark=self.dark.isChecked(),
        )

    # -- the controls ------------------------------------------------------------------------

    def _millimeters(self) -> float:
        """In one of the unit that is chosen."""
        return UNITS.get(self._unit, MM_PER_INCH / self.dpi.value())

    def _length(self, name: str, tip: str) -> QDoubleSpinBox:
        box = _spin(name, tip)
        box.setDecimals(1)
        return box

    def _show_options(self, options: FigureOptions) -> None:
        self.dpi.setValue(options.dpi)
        self.text_size.setValue(options.text_size)
        self.legend.setChecked(options.legend)
        self.dark.setChecked(options.dark)
        self._show_size(options)

    def _show_size(self, options: FigureOptions) -> None:
        per_unit = self._millimeters()
        for box, length in ((self.width_box, options.width), (self.height_box, options.height)):
            box.blockSignals(True)
            box.setDecimals(_DECIMALS[self._unit])
            box.setRange(LEAST_MM / per_unit, MOST_MM / per_unit)
            box.setValue(length / per_unit)
            box.blockSignals(False)
        chosen = [
            place
            for place, preset in enumerate(PRESETS, 1)
            if preset.applied_to(options) == options
        ]
        self.preset.setCurrentIndex(chosen[0] if chosen else 0)

    def _on_view_changed(self, index: int) -> None:
        if not self.has_title.isChecked():
            self.title_line.setText(self._sources[index].title)
        self._stop_waiting()
        self._figure = Figure(self._sources[index], self.options())
        self._changed()

    def _on_preset_activated(self, index: int) -> None:
        if index:
            options = PRESETS[index - 1].applied_to(self.options())
            self.text_size.setValue(options.text_size)
            self._show_size(options)
            self._changed()

    def _on_unit_changed(self, unit: str) -> None:
        options = self.options()
        self._unit = unit
        self._show_size(options)

    def _on_size_changed(self) -> None:
        self.preset.setCurrentIndex(0)
        self._changed()

    def _changed(self) -> None:
        pixels = self.options().pixels
        self.hint.setText(f"{pixels.width():,} × {pixels.height():,} pixels as PNG")
        self._settling.start()

    # -- the figure --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._settling.stop()
        self._figure.lay_out(self.options())
        self._wait(lambda: self.preview.refresh(self._figure))

    def _when_settled(self, do: Callable[[], object]) -> None:
        """Lay it out as it is chosen now; `do` once it can be painted."""
        self._settling.stop()
        self._figure.lay_out(self.options())

        def both() -> None:
            self.preview.refresh(self._figure)
            do()

        self._wait(both)

    def _wait(self, do: Callable[[], object]) -> None:
        self._stop_waiting()

        def finish() -> None:
            self._waiting = None
            do()

        self._waiting = when_settled(self._figure, finish, self)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None

    # -- the end -----------------------------------------------------------------------------

    def _on_save_clicked(self) -> None:
        path = choose_figure_path(f"{self._name} {self.view.currentText().lower()}", self)
        if path is not None:
            self._when_settled(lambda: self._write(path))

    def _write(self, path: Path) -> None:
        QSettings().setValue("figure_folder", str(path.parent))
        self.write_requested.emit(self._figure, path)
        self.accept()

    def _on_finished(self) -> None:
        self._settling.stop()
        self._stop_waiting()
        remember_options(self.options())
        for source in self._sources:
            source.close()


def _spin(name: str, tip: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setKeyboardTracking(False)
    box.setDecimals(1)
    return box


def choose_figure_path(name: str, parent: QWidget) -> Path | None:
    """Ask for a path; None when the user thinks better."""
    folder = str(QSettings().value("figure_folder", str(last_folder())))
    endings = {form.description: ending for ending, form in FORMATS.items()}
    title, name = "Save figure", f"{name}.png"
    dialog = SaveDialog(parent, title, folder, endings, name=name, help_page="exporting")
    return dialog.ask()
