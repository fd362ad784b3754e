"""Step 3: how many clusters, of which shape, and the button that finds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.settings import PLAIN_MODELS, Settings
from gmmdesk.analysis.shapes_named import shape_of
from gmmdesk.engine import MODEL_ALIASES, MODELS
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.icons import ON_ACCENT, icon
from gmmdesk.ui.panels.advanced_settings import AdvancedSettings
from gmmdesk.ui.panels.shape_box import ShapeBox
from gmmdesk.ui.text import count
from gmmdesk.ui.time_left import TimeLeft
from gmmdesk.ui.widgets import (
    ScrolledForm,
    combo_box,
    heading,
    primary_button,
    secondary,
    spin_box,
    tool_button,
)


class Shape(NamedTuple):
    """A choice of shape: its name, an entry of the glossary; its drawing; what it stands for."""

    name: str
    icon: str
    models: tuple[str, ...]


SHAPES = (
    Shape("Choose for me", "shape-auto", tuple(MODELS)),
    Shape("Choose for me, quickly", "shape-auto", PLAIN_MODELS),
    Shape("Any shape", "shape-any", ("VVV",)),
    Shape("Same shape", "shape-same", ("EEE",)),
    Shape("Stretched along the columns", "shape-aligned", ("VVI",)),
    Shape("Round", "shape-round", ("VII",)),
)
MAX_K = 100


class ModelPanel(QWidget):
    """Shows and changes the document's settings; its button starts and stops the fit."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._showing = False

        self._auto_k = QRadioButton("Choose for &me, from")
        self._auto_k.setToolTip(tip("Search over numbers"))
        self._exact_k = QRadioButton("Ex&actly")
        self._exact_k.setToolTip(tip("Number of clusters"))
        group = QButtonGroup(self)
        group.addButton(self._auto_k)
        group.addButton(self._exact_k)
        self._k_min = spin_box(
            1, MAX_K - 1, "Fewest clusters", "Smallest number of clusters to try"
        )
        self._k_max = spin_box(2, MAX_K, "Most clusters", "Largest number of clusters to try")
        self._k_max.setValue(Settings().k_max)  # shown where an exact number was asked for
        self._k = spin_box(1, MAX_K, "Number of clusters", tip("Number of clusters"))
        self._k.setValue(3)
        self._shape = combo_box("Shape of the clusters", "", box=ShapeBox)
        self._shape.setIconSize(QSize(20, 20))
        for i, shape in enumerate(SHAPES):
            self._shape.addItem(icon(shape.icon), shape.name)
            self._shape.setItemData(i, tip(shape.name), Qt.ItemDataRole.ToolTipRole)

        numbers = QGridLayout()
        numbers.setSpacing(theme.SPACE // 2)
        numbers.addWidget(self._auto_k, 0, 0)
        numbers.addWidget(self._k_min, 0, 1)
        numbers.addWidget(QLabel("to"), 0, 2)
        numbers.addWidget(self._k_max, 0, 3)
        numbers.addWidget(self._exact_k, 1, 0)
        numbers.addWidget(self._k, 1, 1)
        numbers.setColumnStretch(4, 1)

        shape_label = QLabel("&Shape")
        shape_label.setBuddy(self._shape)
        shape_row = QHBoxLayout()
        shape_row.addWidget(shape_label)
        shape_row.addWidget(self._shape, 1)

        self._more = tool_button("More settings", "Settings that rarely need to change")
        self._more.setCheckable(True)
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more.setArrowType(Qt.ArrowType.RightArrow)
        self._more.toggled.connect(self._on_more_toggled)
        self._advanced = ScrolledForm(AdvancedSettings(document))
        self._advanced.hide()

        self.find_button = primary_button("Find clusters", "find")
        self.find_button.clicked.connect(self._on_find_clicked)
        self._hint, self._left = secondary(), secondary()  # what is done, and what is left of it
        for label in (self._hint, self._left):  # a line each, always: nothing moves above
            label.setWordWrap(False)
            label.setMinimumHeight(label.fontMetrics().height())
        self._time = TimeLeft()
        self._progress = QProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._progress.setAccessibleName("How much has been tried")
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._progress.hide()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(heading("3  How many clusters?"))
        layout.addLayout(numbers)
        layout.addLayout(shape_row)
        layout.addWidget(self._more)
        layout.addWidget(self._advanced)
        layout.addWidget(self.find_button)
        layout.addWidget(self._progress)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self._hint)
        said.addWidget(self._left)
        layout.addLayout(said)

        self._auto_k.toggled.connect(self._on_k_edited)
        for spin in (self._k, self._k_min, self._k_max):
            spin.valueChanged.connect(self._on_k_edited)
        self._shape.activated.connect(self._on_shape_activated)
        document.settings_changed.connect(self._show_settings)
        document.analysis_changed.connect(self._show_analysis)
        document.run_started.connect(self._time.begin)
        for signal in (document.run_started, document.run_ended, document.progressed):
            signal.connect(self._show_state)
        self._show_settings()
        self._show_analysis()

    # -- from the user -----------------------------------------------------------------------

    def _on_k_edited(self) -> None:
        if self._showing:
            return
        if self._auto_k.isChecked():
            low, high = self._k_min.value(), self._k_max.value()
            if low >= high:  # a range of one would be an exact number
                low, high = (high - 1, high) if self.sender() is self._k_max else (low, low + 1)
        else:
            low = high = self._k.value()
        self._document.change_settings("changing the number of clusters", k_min=low, k_max=high)

    def _on_shape_activated(self, index: int) -> None:
        if index == len(SHAPES):  # what is set already
            return
        self._document.change_settings("changing the shape", models=SHAPES[index].models)

    def _on_more_toggled(self, on: bool) -> None:
        self._more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._advanced.setVisible(on)

    def _on_find_clicked(self) -> None:
        if self._document.is_running:
            self._document.stop_fit()
        else:
            self._complete_number()
            self._document.start_fit()

    def event(self, event: QEvent) -> bool:
        """Complete the number that is being typed at every Return: Ctrl+Return finds clusters."""
        if event.type() is QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._complete_number()
        return super().event(event)

    def _complete_number(self) -> None:
        """Take a number that is being typed for what it is so far."""
        spin = QApplication.focusWidget()
        if isinstance(spin, QAbstractSpinBox) and self.isAncestorOf(spin):
            spin.interpretText()
            spin.editingFinished.emit()

    # -- from the document -------------------------------------------------------------------

    @contextmanager
    def _while_showing(self) -> Iterator[None]:
        """Fill the widgets without taking it for the user's wish."""
        self._showing = True
        try:
            yield
        finally:
            self._showing = False

    def _show_settings(self) -> None:
        settings = self._document.settings
        if settings is None:
            return
        with self._while_showing():
            auto = settings.k_min < settings.k_max
            self._auto_k.setChecked(auto)
            self._exact_k.setChecked(not auto)
            if auto:
                self._k_min.setValue(settings.k_min)
                self._k_max.setValue(settings.k_max)
            else:
                self._k.setValue(settings.k_min)
            for spin, enabled in ((self._k_min, auto), (self._k_max, auto), (self._k, not auto)):
                spin.setEnabled(enabled)
            self._show_models(settings)
        self._show_state()

    def _show_models(self, settings: Settings) -> None:
        """Show the choice that these are; others, which a remedy may have set, as one below all."""
        while self._shape.count() > len(SHAPES):
            self._shape.removeItem(len(SHAPES))
        models = tuple(MODEL_ALIASES.get(model, model) for model in settings.models)
        at = next((i for i, shape in enumerate(SHAPES) if shape.models == models), len(SHAPES))
        if at == len(SHAPES):
            names = [shape_of(model, len(settings.columns)) or model for model in models]
            only = names[0] if len(names) == 1 else ""
            self._shape.addItem(icon("shape-auto"), only or f"Best of {len(names)} shapes")
            told = tip(only) if only else "Search these: " + "; ".join(names)
            self._shape.setItemData(at, told, Qt.ItemDataRole.ToolTipRole)
        self._shape.setCurrentIndex(at)
        self._shape.setToolTip(self._shape.itemData(at, Qt.ItemDataRole.ToolTipRole))

    def _show_analysis(self) -> None:
        """Let "exactly" begin at the number that was found."""
        analysis = self._document.analysis
        if analysis is not None and self._auto_k.isChecked():
            with self._while_showing():
                self._k.setValue(analysis.result.n_components)
        self._show_state()

    def _show_state(self) -> None:
        running = self._document.is_running
        self.find_button.setText("Stop" if running else "Find clusters")
        self.find_button.setIcon(icon("stop" if running else "find", ON_ACCENT))
        self.find_button.setToolTip(
            "Stop and keep what was found so far (Esc)"
            if running
            else "Find clusters with these choices (Ctrl+Return)"
        )
        progress = self._document.progress
        hint, left = "", []
        share = 0.0
        if self._document.is_replaying:
            hint, share = "Showing again how the answer was found.", 1.0
        elif running and progress is not None:
            shape = shape_of(progress.model, len(progress.prepared.columns)) or progress.model
            hint = f"Trying {count(progress.n_components, 'cluster')}, {shape.lower()}"
            share = progress.share
            if progress.n_candidates > 1:
                left.append(f"Fit {progress.number} of {progress.n_candidates}")
                left.append(self._time.told(self._document.elapsed(), share))
        elif running:
            hint = "Preparing…"
        elif self._document.is_stale:
            hint = "Choices changed: find clusters again."
        self._progress.setVisible(running)
        self._progress.setValue(round(1000 * share))
        self._hint.setText(hint)
        self._left.setText(" · ".join(filter(None, left)))
