"""Looking for the clusters of the answer again in halves of its rows, while the user goes on."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gmmdesk.run import Run
from gmmdesk.task import Task
from gmmdesk.ui.run_bridge import RunBridge, close_bridges

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis, Finding
    from gmmdesk.engine import Resampled


# An answer is looked at first: views are filled and painted, for which a check would take a core.
LATER_MS = 500


class Checking(QObject):
    """Checks one answer at a time; `found` is what came out so far, None before the first half.

    What was found of an answer is kept for when it is shown again, and goes on from there.
    Signals: `changed` with everything new, and when a check begins or ends; `failed(error)`.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.automatic = True  # whether answers are checked without being asked
        self.found: Resampled | None = None
        self._bridge: RunBridge | None = None
        self._subject: tuple[Finding, Analysis] | None = None
        self._shown: Analysis | None = None  # the same, its components combined as they are seen
        self._kept: dict[Finding, Resampled] = {}
        self._begun: dict[Finding, Resampled] = {}  # of those that something else came between
        self._beginning = QTimer(self, singleShot=True, interval=LATER_MS)
        self._beginning.timeout.connect(self.start)

    @property
    def is_running(self) -> bool:
        """Whether halves are being looked at, or are going to be."""
        return self._bridge is not None or self._beginning.isActive()

    @property
    def settled(self) -> Resampled | None:
        """What came out; None while it is being looked at: what is read of it stays as it is."""
        return None if self.is_running else self.found

    @property
    def against_sureness(self) -> str:
        """What speaks against the clusters, see `Verdict`; empty while that is being looked at."""
        if self.is_running or self._shown is None:
            return ""
        return self._shown.verdict.with_resamples(self.settled).against_sureness

    @property
    def can_start(self) -> bool:
        """Whether there are clusters to look for."""
        return self._subject is not None and not self.why_not

    @property
    def why_not(self) -> str:
        """Why halves of the rows would tell nothing about the answer; empty where they would."""
        if self._subject is None:
            return ""
        from gmmdesk.analysis.check import why_not_checked

        return why_not_checked(self._subject[1])

    def show(self, finding: Finding | None, analysis: Analysis | None) -> None:
        """From now on be about another answer, or none, of which all are told thereafter.

        How its components are combined makes it no other: it is they that are looked for. But what
        a session before version 12 has kept does not tell of merged ones: they are looked for
        again.
        """
        self._shown = analysis
        is_merged = analysis is not None and analysis.grouping is not None
        if analysis is not None:
            analysis = analysis.uncombined
        is_same = self._subject is not None and self._subject == (finding, analysis)
        if is_same and (self.is_running or _tells(self.found, is_merged=is_merged)):
            return
        self._drop()
        self._subject = self.found = None
        if finding is not None and analysis is not None:
            self._subject = (finding, analysis)
            kept = self._kept.get(finding)
            can_tell = not (self.automatic and self.can_start) or _tells(kept, is_merged=is_merged)
            self.found = kept if can_tell else None
            is_begun = finding in self._begun
            if self.found is None and (self.automatic or is_begun) and self.can_start:
                self.found = self._begun.get(finding)
                self._beginning.start()

    def start(self) -> None:
        """Look for the clusters, from the first half on or from where something else came."""
        self._beginning.stop()
        if self._subject is None or self._bridge is not None or not self.can_start:
            return
        finding, analysis = self._subject
        done = self._begun.pop(finding, None)

        def work(task: Task) -> Generator[Resampled, None, Resampled]:
            from gmmdesk.analysis.check import check

            return (yield from check(analysis, done=done, task=task, n_threads=1))

        def keep(found: Resampled) -> None:
            self.found = self._kept[finding] = found

        self.found = done
        self._bridge = bridge = RunBridge(Run(work, "check"), self)
        bridge.progressed.connect(self._on_bridge_progressed)
        bridge.finished.connect(keep)
        bridge.failed.connect(self.failed)
        for signal in (bridge.finished, bridge.failed, bridge.cancelled):
            signal.connect(partial(self._on_bridge_ended, bridge))
        bridge.start()
        self.changed.emit()

    def stop(self) -> None:
        """Leave it at what was found so far."""
        if self._bridge is not None:
            self._bridge.run.cancel()
        elif self._beginning.isActive():
            self._beginning.stop()
            self.changed.emit()

    def known(self, finding: Finding) -> Resampled | None:
        """What was found of an answer in all halves; None before the last."""
        return self._kept.get(finding)

    @property
    def every(self) -> dict[Finding, Resampled]:
        """The same, of all answers of which it is known."""
        return dict(self._kept)

    def remember(self, finding: Finding, found: Resampled | None) -> None:
        """Take that for what was found of an answer, without looking again."""
        if found is not None:
            self._kept[finding] = found

    def forget(self) -> None:
        """Let go of what was found about another table."""
        self._drop()
        self._subject = self._shown = self.found = None
        self._kept.clear()
        self._begun.clear()

    def close(self) -> None:
        """Stop, and wait for the thread to end."""
        self._drop()
        close_bridges(self)

    def _drop(self) -> None:
        self._beginning.stop()
        if self._bridge is not None:
            self._bridge.abandon()
            self._bridge = None
            if self.found is not None and self._subject is not None:
                self._begun[self._subject[0]] = self.found

    def _on_bridge_progressed(self, new: list[Resampled]) -> None:
        self.found = new[-1]
        self.changed.emit()

    def _on_bridge_ended(self, bridge: RunBridge, *_: object) -> None:
        if bridge is self._bridge:
            self._bridge = None
            self.changed.emit()


def _tells(found: Resampled | None, *, is_merged: bool) -> bool:
    """Whether what was found says how often the clusters were, `is_merged` where of several."""
    return found is None or not is_merged or found.tells_of_clusters
