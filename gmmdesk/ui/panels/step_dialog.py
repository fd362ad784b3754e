"""The dialog in which a step is filled in, with a plot of what components hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import pyqtgraph as pg
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialogButtonBox, QVBoxLayout, QWidget

from gmmdesk.data.steps import PrincipalComponents, Step
from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.panels.look import Columns, Told
from gmmdesk.ui.panels.step_editors import KINDS
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.widgets import GrowingDialog, secondary

_QUIET, _WRONG = QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.BrightText


class Outlook(NamedTuple):
    """What can be found out about a step before it is taken.

    `check` raises GmmdeskError for one that cannot be taken anywhere in the list. On a thread
    `tell` finds out what it would do, and `shares` how much of the variance each principal
    component would hold.
    """

    check: Callable[[Step], None]
    tell: Callable[[Step, Task], Told]
    shares: Callable[[], Sequence[float]]


class StepDialog(GrowingDialog):
    """Fills in a step of one kind, and says meanwhile what it would do."""

    help_page = "preparing"

    def __init__(
        self,
        kind: type,
        step: Step | None,
        columns: Columns,
        outlook: Outlook,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.step: Step | None = None  # what was filled in, once the dialog is accepted
        known = KINDS[kind]
        self.setWindowTitle(known.name.replace("&", "").rstrip("…"))
        self._on = step.on if step is not None else True
        self.editor = known.editor(step, columns)
        self._outlook = outlook
        self._told = secondary()
        self._told.setAccessibleName("What it would do")
        self._teller, self._worker = LatestWorker(self), LatestWorker(self)
        self._scree: ScreePlot | None = None
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        tip = secondary(f"{known.tip}.")
        layout.addWidget(tip)
        layout.addWidget(self.editor)
        if kind is PrincipalComponents:
            self._scree = ScreePlot()
            layout.addWidget(self._scree, 1)
            self._worker.submit(outlook.shares, self._on_shares_known)
        for worker in (self._teller, self._worker):
            worker.failed.connect(self._on_worker_failed)
        layout.addWidget(self._told)
        layout.addWidget(buttons)
        self.setMinimumWidth(360)
        self.editor.changed.connect(self._on_editor_changed)
        self._on_editor_changed()
        if step is None:
            self._tell(Told(""))  # nobody has filled in anything that could be wrong

    @property
    def told(self) -> str:
        """What the step would do, or what is wrong with it."""
        return self._told.text()

    def done(self, result: int) -> None:
        self._teller.close()
        self._worker.close()
        super().done(result)

    def _on_accepted(self) -> None:
        try:
            step = self.editor.step()
            self._outlook.check(step)
        except GmmdeskError as error:
            self._tell(Told(str(error), is_problem=True))
            return
        self.step = msgspec.structs.replace(step, on=self._on)
        self.accept()

    def _on_editor_changed(self) -> None:
        self._teller.cancel()
        try:
            step = self.editor.step()
        except GmmdeskError as error:
            self._tell(Told(str(error), is_problem=True))
            return
        if self._scree is not None:
            assert isinstance(step, PrincipalComponents)
            self._scree.choose(step)
        task = Task()
        self._teller.submit(partial(self._outlook.tell, step, task), self._tell, task)

    def _tell(self, told: Told) -> None:
        role = _WRONG if told.is_problem else _QUIET
        self._told.setForegroundRole(role)
        self._told.setText(told.text)

    def _on_shares_known(self, shares: Sequence[float]) -> None:
        assert self._scree is not None
        self._scree.show_shares(shares)

    def _on_worker_failed(self, error: BaseException) -> None:
        if not isinstance(error, GmmdeskError):
            raise error
        self._tell(Told(str(error), is_problem=True))


class ScreePlot(Plot):
    """How much of the variance each component holds, those that would be kept in colour."""

    def __init__(self) -> None:
        super().__init__()
        self._shares: Sequence[float] = ()
        self._chosen = PrincipalComponents(share=0.9)
        self._bars: list[pg.BarGraphItem] = []
        self.setAccessibleName("Variance of each principal component (scree plot)")
        self.setMinimumHeight(180)
        self.x_axis.set_title("Principal component")
        self.x_axis.counts = True
        self.y_axis.set_title("Share of the variance, %")
        self.box.setMouseEnabled(x=False, y=False)
        self.palette_changed.connect(self._draw)

    def show_shares(self, shares: Sequence[float]) -> None:
        self._shares = shares
        self._draw()

    def choose(self, step: PrincipalComponents) -> None:
        self._chosen = step
        self._draw()

    @property
    def n_kept(self) -> int:
        """How many components would be kept."""
        if self._chosen.number is not None:
            return min(self._chosen.number, len(self._shares))
        assert self._chosen.share is not None
        total = 0.0
        for n, share in enumerate(self._shares, start=1):
            total += share
            if total >= self._chosen.share - 1e-12:
                return n
        return len(self._shares)

    def _draw(self) -> None:
        for bars in self._bars:
            self.box.removeItem(bars)
        self._bars = []
        d, kept = len(self._shares), self.n_kept
        if not d:
            return
        accent = self.color(QPalette.ColorRole.Accent)
        faint = self.color(QPalette.ColorRole.Mid)
        for first, last, color in ((0, kept, accent), (kept, d, faint)):
            if last > first:
                bars = pg.BarGraphItem(
                    x=list(range(first + 1, last + 1)),
                    height=[100 * share for share in self._shares[first:last]],
                    width=0.8,
                    brush=color,
                    pen=color,
                )
                self.box.addItem(bars)
                self._bars.append(bars)
        top = 110 * max(self._shares)
        self.box.setRange(xRange=(0.4, d + 0.6), yRange=(0.0, top), padding=0.0)
