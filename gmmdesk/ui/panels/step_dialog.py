"""The dialog in which a step is filled in, with a plot of what components hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pyqtgraph as pg
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from gmmdesk.data.steps import PrincipalComponents, Step
from gmmdesk.errors import GmmdeskError
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.panels.look import Columns
from gmmdesk.ui.panels.step_editors import KINDS
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.widgets import secondary


class StepDialog(QDialog):
    """Fills in a step of one kind.

    `shares` computes, on a thread, how much of the variance each principal component would hold.
    """

    def __init__(
        self,
        kind: type,
        step: Step | None,
        columns: Columns,
        shares: Callable[[], Sequence[float]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.step: Step | None = None  # what was filled in, once the dialog is accepted
        known = KINDS[kind]
        self.setWindowTitle(known.name.replace("&", "").rstrip("…"))
        self._on = step.on if step is not None else True
        self.editor = known.editor(step, columns)
        self._problem = secondary()
        self._worker = LatestWorker(self)
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
            self._worker.submit(shares, self._on_shares_known)
            self._worker.failed.connect(self._on_worker_failed)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        self.setMinimumWidth(360)
        self.editor.changed.connect(self._on_editor_changed)

    def done(self, result: int) -> None:
        self._worker.close()
        super().done(result)

    def _on_accepted(self) -> None:
        try:
            self.step = msgspec.structs.replace(self.editor.step(), on=self._on)
        except GmmdeskError as error:
            self._problem.setText(str(error))
            return
        self.accept()

    def _on_editor_changed(self) -> None:
        self._problem.setText("")
        if self._scree is not None:
            chosen = self.editor.step()
            assert isinstance(chosen, PrincipalComponents)
            self._scree.choose(chosen)
            self._problem.setText(self._scree.verdict)

    def _on_shares_known(self, shares: Sequence[float]) -> None:
        assert self._scree is not None
        self._scree.show_shares(shares)
        self._on_editor_changed()

    def _on_worker_failed(self, error: BaseException) -> None:
        if not isinstance(error, GmmdeskError):
            raise error
        self._problem.setText(str(error))


class ScreePlot(Plot):
    """How much of the variance each component holds, those that would be kept in colour."""

    def __init__(self) -> None:
        super().__init__()
        self.verdict = ""  # how many would be kept, in words
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
        held = 100 * sum(self._shares[:kept])
        self.verdict = f"Keeps {kept} of {d} components, {held:.1f} % of the variance."
