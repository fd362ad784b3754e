"""The buttons that go back and forth in the fit."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.icons import icon
from gmmdesk.ui.widgets import tool_button


class TimelineBar(QWidget):
    """Start, back, play, on, end, and slow motion; hidden where there is nothing to go back to."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._timeline = timeline = document.timeline
        self.start = _button("First iteration", "Show the clusters as they began", "to-start")
        self.back = _button("One step back", "Show the iteration before", "step-back")
        self.play = _button("Play", "Watch the clusters form", "play")
        self.on = _button("One step on", "Show the next iteration", "step-on")
        self.end = _button("Answer", "Show the answer again", "to-end")
        self.slow = tool_button(
            "Slow motion",
            tip("Slow motion"),
        )
        self.slow.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for button in (self.start, self.back, self.play, self.on, self.end, self.slow):
            layout.addWidget(button)

        self.start.clicked.connect(lambda: self._go_to(0))
        self.back.clicked.connect(lambda: timeline.step(-1))
        self.play.clicked.connect(self._on_play_clicked)
        self.on.clicked.connect(lambda: timeline.step(1))
        self.end.clicked.connect(lambda: self._go_to(timeline.last))
        self.slow.clicked.connect(self._on_slow_clicked)
        for signal in (
            timeline.moved,
            timeline.playing_changed,
            document.analysis_changed,
            document.run_started,
        ):
            signal.connect(self._update)
        timeline.slow_changed.connect(lambda: self.slow.setChecked(timeline.is_slow))
        self._update()

    def _go_to(self, position: int) -> None:
        self._timeline.pause()
        self._timeline.go_to(position)

    def _on_play_clicked(self) -> None:
        if self._timeline.is_playing:
            self._timeline.pause()
        else:
            self._timeline.play()

    def _on_slow_clicked(self, on: bool) -> None:
        self._timeline.set_slow(on)
        if on:
            self._timeline.play()

    def _update(self) -> None:
        timeline = self._timeline
        self.setVisible(timeline.last > 0 and not self._document.is_running)
        playing = timeline.is_playing
        self.play.setIcon(icon("pause" if playing else "play"))
        self.play.setAccessibleName("Pause" if playing else "Play")
        self.play.setToolTip("Stop here" if playing else "Watch the clusters form")
        for button in (self.start, self.back):
            button.setEnabled(timeline.position > 0)
        for button in (self.on, self.end):
            button.setEnabled(not timeline.is_at_end)


def _button(name: str, tip: str, icon_name: str) -> QToolButton:
    button = tool_button("", tip)
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    return button
