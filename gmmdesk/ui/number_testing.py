"""Testing the answer's number of clusters against one less and one more, while the user goes on."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.run import Run
from gmmdesk.task import Task
from gmmdesk.ui.run_bridge import RunBridge, close_bridges

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis, Finding
    from gmmdesk.analysis.number_test import NumberTest

GAVE_WAY = "The test of the number was stopped: it was about the answer before."


class NumberTesting(QObject):
    """Tests one answer at a time; what came out is kept for when that answer is shown again.

    Signals: `changed` with everything new, and when a test begins or ends; `finished`; `gave_way`,
    when another answer has ended the test; `failed(error)`.
    """

    changed = Signal()
    finished = Signal()
    gave_way = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.has_given_way = False  # the last test, since when there was none
        self._bridge: RunBridge | None = None
        self._subject: tuple[Finding, Analysis] | None = None
        self._found: dict[Finding, Sequence[NumberTest]] = {}

    @property
    def is_running(self) -> bool:
        return self._bridge is not None

    @property
    def fraction(self) -> float | None:
        """How far the test is, 0..1, where that is known."""
        return None if self._bridge is None else self._bridge.run.task.fraction

    @property
    def found(self) -> Sequence[NumberTest]:
        """What came out so far about the answer that is shown; how it is merged does not matter."""
        return () if self._subject is None else self._found.get(self._subject[0], ())

    def show(self, finding: Finding | None, analysis: Analysis | None) -> None:
        """From now on be about another answer, or none.

        How its components are combined makes it no other, nor that its rows are not there yet.
        """
        if self._subject is not None and finding is self._subject[0]:
            return
        self._give_way()
        self._subject = None
        if finding is not None and analysis is not None:
            self._subject = finding, analysis.uncombined

    def start(self) -> None:
        if self._subject is None or self.is_running:
            return
        finding, analysis = self._subject

        def work(task: Task) -> Generator[Sequence[NumberTest], None, Sequence[NumberTest]]:
            from gmmdesk.analysis.number_test import compare_numbers

            return (yield from compare_numbers(analysis, task=task))

        def keep(tests: Sequence[NumberTest]) -> None:
            self._found[finding] = tests
            self.changed.emit()

        def end() -> None:
            self._bridge = None
            self.changed.emit()

        def leave() -> None:
            self._found.pop(finding, None)
            end()

        def fail(error: BaseException) -> None:
            leave()
            self.failed.emit(error)

        def finish(tests: Sequence[NumberTest]) -> None:
            keep(tests)
            end()
            self.finished.emit()

        self.has_given_way = False
        self._found.pop(finding, None)
        self._bridge = bridge = RunBridge(Run(work, "test"), self)
        bridge.progressed.connect(lambda new: keep(new[-1]))
        bridge.finished.connect(finish)
        bridge.failed.connect(fail)
        bridge.cancelled.connect(leave)
        bridge.start()
        self.changed.emit()

    def stop(self) -> None:
        """Leave it without an outcome."""
        if self._bridge is not None:
            self._bridge.run.cancel()

    def forget(self) -> None:
        """Let go of what was found about another table."""
        self.show(None, None)
        self._found.clear()
        self.has_given_way = False

    def close(self) -> None:
        """Stop, and wait for the thread to end."""
        self._bridge = None
        close_bridges(self)

    def _give_way(self) -> None:
        if self._bridge is None or self._subject is None:
            return
        self._bridge.abandon()
        self._bridge = None
        self._found.pop(self._subject[0], None)
        self.has_given_way = True
        self.changed.emit()
        self.gave_way.emit()
