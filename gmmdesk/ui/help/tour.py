"""The guided first analysis: four steps on a sample, beside the window and not in its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gmmdesk.ui.help.callout import Callout, Follower, Frame
from gmmdesk.ui.view_list import MAP

if TYPE_CHECKING:
    from gmmdesk.ui.main_window import MainWindow

SAMPLE = "penguins"


class Step(NamedTuple):
    """What to do, in which part of the window, and what Next does for who has not done it."""

    title: str
    text: str
    place: Callable[[MainWindow], QWidget | None]
    do: Callable[[MainWindow], None] | None = None


STEPS = (
    Step(
        "Open a table",
        "Rows are things, columns are what was measured of them. Press Next to open the sample of"
        " penguins; it takes the place of a table that is open.",
        lambda window: window.sample_button(SAMPLE),
        lambda window: window.open_source(f"sample:{SAMPLE}"),
    ),
    Step(
        "Look at the ticked columns",
        "Only these decide about the clusters. Four measurements are ticked; species, island and"
        " sex are text and are not. Untick what should not count.",
        lambda window: window.workspace.columns_panel,
    ),
    Step(
        "Find clusters",
        "How many clusters there are, and of which shape, is tried out for you. Press the button"
        " and watch them form on the map; it takes some seconds.",
        lambda window: window.workspace.model_panel.find_button,
        lambda window: window.document.start_fit(),
    ),
    Step(
        "Read the answer",
        "The first sentence says how many clusters there are, the next ones what speaks for them"
        " and against them. Click a cluster below to read what it is like; pale points on the map"
        " could belong elsewhere. Trust, above the map, tells whether to believe it; Export writes"
        " it to a workbook.",
        lambda window: window.workspace.clusters_panel,
    ),
)
_OPEN, _LOOK, _FIND, _READ = range(len(STEPS))


class Tour(QObject):
    """Goes along with one main window until it is stopped, or another table is opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._step = _OPEN
        self._frame, self._callout = Frame(window), Callout(window)
        self._follower = Follower(window)
        self._follower.moved.connect(self._frame.lay_around)
        self._follower.moved.connect(self._callout.lay_beside)
        self._callout.back_requested.connect(lambda: self._show(self._step - 1))
        self._callout.next_requested.connect(self._on_next_requested)
        self._callout.stop_requested.connect(self.stop)
        document = window.document
        document.dataset_changed.connect(self._on_dataset_changed)
        document.run_started.connect(self._on_run_started)
        document.run_ended.connect(self._let_go_on)
        document.analysis_changed.connect(self._on_analysis_changed)

    @property
    def is_running(self) -> bool:
        return self._callout.isVisibleTo(self._window)

    def start(self) -> None:
        """Begin at the first step, or at the second where the sample is open already."""
        self._window.activateWindow()
        self._show(_LOOK if self._has_sample() else _OPEN)
        self._callout.take_focus()

    def stop(self) -> None:
        self._follower.follow(None)
        self._callout.hide()

    def _has_sample(self) -> bool:
        dataset = self._window.document.dataset
        return dataset is not None and dataset.receipt.source == f"sample:{SAMPLE}"

    def _is_done(self, step: int) -> bool:
        return self._has_sample() if step == _OPEN else self._window.document.analysis is not None

    def _show(self, step: int) -> None:
        self._step = step
        if step >= _FIND:
            self._window.workspace.views.show_view(MAP)  # of which the words speak
        self._callout.spare(self._window.workspace.map.plot if step >= _FIND else None)
        place = STEPS[step].place(self._window)
        self._callout.say(step, len(STEPS), STEPS[step].title, STEPS[step].text)
        self._follower.follow(place)
        self._let_go_on()

    def _let_go_on(self) -> None:
        """Or wait, while clusters form."""
        waits = self._step == _FIND and self._window.document.is_running
        self._callout.let_go_on("Looking…" if waits else "")

    # -- what leads on -----------------------------------------------------------------------

    def _on_next_requested(self) -> None:
        step = STEPS[self._step]
        if step.do is not None and not self._is_done(self._step):
            step.do(self._window)  # what comes of it leads on
        elif self._step + 1 < len(STEPS):
            self._show(self._step + 1)
        else:
            self.stop()

    def _on_dataset_changed(self) -> None:
        if not self.is_running:
            return
        if not self._has_sample():
            self.stop()
        elif self._step == _OPEN:
            self._show(_LOOK)
            self._callout.take_focus()  # Return is to go on, not to find clusters already

    def _on_run_started(self) -> None:
        if self.is_running and self._step == _LOOK:
            self._show(_FIND)
        self._let_go_on()

    def _on_analysis_changed(self) -> None:
        if self.is_running and self._step == _FIND and self._window.document.analysis is not None:
            self._show(_READ)
