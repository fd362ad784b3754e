"""What is done to the rows and columns before clusters are sought: a list of steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.data.steps import Step, phrase
from gmmdesk.data.steps.rows import check
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.panels import look
from gmmdesk.ui.panels.advised_steps import AdvisedSteps
from gmmdesk.ui.panels.gaps_notice import GapsNotice, use_them_too
from gmmdesk.ui.panels.look import Looked
from gmmdesk.ui.panels.step_dialog import Outlook, StepDialog
from gmmdesk.ui.panels.step_editors import KINDS
from gmmdesk.ui.panels.step_list import StepList
from gmmdesk.ui.text import count, plain_tip
from gmmdesk.ui.widgets import ScrolledForm, secondary, tool_button

if TYPE_CHECKING:
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared

_OFF = "Switched off."


class PreparationPanel(QWidget):
    """The steps, folded away until they are wanted; changing them changes the document."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._showing = False
        self._looked = Looked()
        self._worker = LatestWorker(self)
        self._worker.failed.connect(document.problem_raised)

        self.header = tool_button(
            "Preparation", "What is done to rows and columns before clusters are sought"
        )
        self.header.setCheckable(True)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setArrowType(Qt.ArrowType.RightArrow)
        self.header.toggled.connect(self._on_header_toggled)

        self._gaps = GapsNotice(document)
        self.list = StepList()
        self.list.itemChanged.connect(self._on_item_changed)
        self.list.itemDoubleClicked.connect(lambda _item: self.edit())
        self.list.currentRowChanged.connect(self._update_buttons)
        self.list.edit_pressed.connect(self.edit)
        self.list.remove_pressed.connect(self.remove)
        self.list.move_pressed.connect(self.move_step)
        # The list must not be filled again while it still moves its items.
        self.list.model().rowsMoved.connect(lambda: QTimer.singleShot(0, self, self._on_dragged))

        self.add_button = tool_button("Add step", "Add a step at the end of the list")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setMenu(self._menu())
        self.edit_button = tool_button("Edit", "Change the chosen step (Return)")
        self.edit_button.clicked.connect(self.edit)
        self.up_button = self._arrow("Move up", "Take the chosen step earlier (Ctrl+Up)", -1)
        self.down_button = self._arrow("Move down", "Take the chosen step later (Ctrl+Down)", 1)
        self.remove_button = tool_button("", "Remove the chosen step (Delete)", "cancel")
        self.remove_button.setAccessibleName("Remove step")
        self.remove_button.clicked.connect(self.remove)
        self._buttons = QWidget()  # for the chosen step
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(theme.SPACE // 2)
        buttons.addWidget(self.edit_button)
        buttons.addStretch()
        for button in (self.up_button, self.down_button, self.remove_button):
            buttons.addWidget(button)

        self._problem = secondary()
        self._problem.setForegroundRole(QPalette.ColorRole.BrightText)
        self._advised = AdvisedSteps()
        self._advised.chosen.connect(self.add)
        self._empty = secondary(
            "No steps: rows and columns are used as they are in the file. Add one to leave out"
            " rows, take logarithms, combine columns or hold out rows."
        )
        self._first, self._last = secondary(), secondary()
        for label in (self._first, self._last):
            label.setToolTip("Chosen under More settings")
        self._use = use_them_too(document)
        self._beginning = QWidget()
        first = QHBoxLayout(self._beginning)
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(theme.SPACE)
        first.addWidget(self._first, 1)
        first.addWidget(self._use, 0, Qt.AlignmentFlag.AlignTop)
        form = QWidget()
        self._form = QVBoxLayout(form)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(theme.SPACE // 2)
        parts = (self._empty, self._beginning, self.list, self._last, self._problem, self._advised)
        for widget in parts:
            self._form.addWidget(widget)
        self.body = QWidget()
        inner = QVBoxLayout(self.body)
        inner.setContentsMargins(theme.SPACE, 0, 0, 0)
        inner.setSpacing(theme.SPACE // 2)
        inner.addWidget(self._buttons)
        inner.addWidget(ScrolledForm(form))
        self.body.hide()
        self.add_button.hide()
        top = QHBoxLayout()
        top.addWidget(self.header)
        top.addStretch(1)
        top.addWidget(self.add_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.SPACE // 2)
        outer.addLayout(top)
        outer.addWidget(self._gaps)
        outer.addWidget(self.body)

        document.settings_changed.connect(self._on_document_settings_changed)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        document.analysis_changed.connect(self._on_document_analysis_changed)
        self._on_document_settings_changed()
        self._on_document_prepared_changed()

    def close_worker(self) -> None:
        """Compute no more; no thread outlives this."""
        self._worker.close()

    def sizeHint(self) -> QSize:
        return self._with_wrapped_lines(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self._with_wrapped_lines(super().minimumSizeHint())

    def _with_wrapped_lines(self, size: QSize) -> QSize:
        """With the height that the notice needs at the present width, which a splitter asks not."""
        wrapped = self._gaps.heightForWidth(self.width()) - self._gaps.sizeHint().height()
        return size + QSize(0, wrapped) if self._gaps.isVisible() else size

    @property
    def is_busy(self) -> bool:
        """Whether it is still being found out what the steps do."""
        return self._worker.is_busy

    # -- what the steps do -------------------------------------------------------------------

    def _on_document_settings_changed(self) -> None:
        self._worker.cancel()  # what it finds out is about other steps
        self._looked = Looked()
        self._show()
        document = self._document
        # Without an answer the document prepares the rows, and says so; with one it waits.
        waits = document.is_running or document.is_bringing_back or document.analysis is not None
        if waits and document.dataset is not None and document.settings is not None:
            self._look(document.dataset, document.settings, document.prepared_as_chosen)

    def _on_document_prepared_changed(self) -> None:
        document = self._document
        if document.dataset is None or document.settings is None:
            return
        if document.prepared_as_chosen is not None:
            self._look(document.dataset, document.settings, document.prepared_as_chosen)
        elif document.is_stale or document.prepared is not None:
            # They are those of other choices. An answer that has come instead of what these would
            # have led to leaves that to be found out here.
            if document.analysis is not None and not self._is_known:
                self._look(document.dataset, document.settings, None)
        elif document.preview_problem is not None:
            self._worker.cancel()
            self._show_looked(Looked(problem=str(document.preview_problem)))

    def _on_document_analysis_changed(self) -> None:
        if not self._is_known:  # it has come with the rows that were there: nothing else says so
            self._on_document_prepared_changed()

    @property
    def _is_known(self) -> bool:
        """Whether it was found out what the steps do, or will have been."""
        return self._looked != Looked() or self._worker.is_busy

    def _look(self, dataset: Dataset, settings: Settings, prepared: Prepared | None) -> None:
        self._worker.submit(partial(look.look, dataset, settings, prepared), self._show_looked)

    def _show_looked(self, looked: Looked) -> None:
        self._looked = looked
        self._show()

    # -- from the document -------------------------------------------------------------------

    @property
    def _steps(self) -> tuple[Step, ...]:
        settings = self._document.settings
        return () if settings is None else settings.steps

    def _show(self) -> None:
        """Fill the list without taking it for the user's wish."""
        steps, looked = self._steps, self._looked
        n_on = sum(step.on for step in steps)
        title = "Preparation"
        if steps:
            title += f": {count(n_on, 'step')}"
            if n_on < len(steps):
                title += f", {len(steps) - n_on} off"
        elif n_suggested := len(looked.advice) + len(looked.mistakes):
            title += f": {count(n_suggested, 'suggestion')}"
        self.header.setText(title)
        self._showing = True
        try:
            self._fill_list(steps, looked.outcomes)
        finally:
            self._showing = False
        self.list.setVisible(bool(steps))
        self._buttons.setVisible(bool(steps))
        self._empty.setVisible(not (steps or looked.advice or looked.mistakes))
        self._problem.setText(looked.problem if steps else "")
        self._problem.setVisible(bool(steps and looked.problem))
        for label, text in ((self._first, looked.first), (self._last, looked.last)):
            label.setText(text)
        self._beginning.setVisible(bool(looked.first))
        self._use.setVisible(looked.can_use_more)
        self._last.setVisible(bool(looked.last))
        self._show_advice()
        self._update_buttons()

    def _fill_list(self, steps: Sequence[Step], outcomes: Sequence[str]) -> None:
        current = self.list.currentRow()
        self.list.clear()
        told = iter(outcomes)
        for i, step in enumerate(steps):
            outcome = next(told, "") if step.on else _OFF
            lines = [phrase(step), *[outcome] * bool(outcome)]
            item = QListWidgetItem("\n".join(lines))
            item.setFlags(
                (item.flags() | Qt.ItemFlag.ItemIsUserCheckable) & ~Qt.ItemFlag.ItemIsDropEnabled
            )
            item.setCheckState(Qt.CheckState.Checked if step.on else Qt.CheckState.Unchecked)
            item.setData(Qt.ItemDataRole.UserRole, i)
            reason = getattr(step, "reason", "")
            item.setToolTip(plain_tip("\n".join([*lines, *[f"Reason: {reason}"] * bool(reason)])))
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(current, 0), len(steps) - 1))
        self.list.fit()

    def _show_advice(self) -> None:
        self._advised.show_advice(self._looked.mistakes, self._looked.advice)
        # In a low window only the beginning is in sight: steps, or what may become one.
        self._form.removeWidget(self._advised)
        self._form.insertWidget(self._form.count() if self._steps else 0, self._advised)

    def _update_buttons(self) -> None:
        row, n = self.list.currentRow(), self.list.count()
        for button, possible in (
            (self.edit_button, row >= 0),
            (self.remove_button, row >= 0),
            (self.up_button, row > 0),
            (self.down_button, 0 <= row < n - 1),
        ):
            button.setEnabled(possible)

    # -- from the user -----------------------------------------------------------------------

    def add(self, step: Step) -> None:
        """Put a step at the end of the list."""
        self._change(f"adding the step “{phrase(step)}”", (*self._steps, step))
        self.list.setCurrentRow(self.list.count() - 1)

    def edit(self) -> None:
        """Open the chosen step in a dialog."""
        row = self.list.currentRow()
        if 0 <= row < len(self._steps):
            self._open_dialog(type(self._steps[row]), row)

    def remove(self) -> None:
        """Take the chosen step out of the list."""
        row = self.list.currentRow()
        if 0 <= row < len(self._steps):
            self._change(
                f"removing the step “{phrase(self._steps[row])}”",
                (*self._steps[:row], *self._steps[row + 1 :]),
            )

    def move_step(self, by: int) -> None:
        """Take the chosen step earlier or later."""
        row, steps = self.list.currentRow(), list(self._steps)
        to = row + by
        if 0 <= row < len(steps) and 0 <= to < len(steps):
            steps.insert(to, steps.pop(row))
            self._change(f"moving the step “{phrase(steps[to])}”", steps)
            self.list.setCurrentRow(to)

    def _change(self, what: str, steps: Sequence[Step]) -> None:
        self._document.change_settings(what, steps=tuple(steps))

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        if self._showing:
            return
        at, on = self.list.row(item), item.checkState() is Qt.CheckState.Checked
        steps = list(self._steps)
        if steps[at].on != on:
            steps[at] = msgspec.structs.replace(steps[at], on=on)
            self._change(f"switching {'on' if on else 'off'} “{phrase(steps[at])}”", steps)

    def _on_dragged(self) -> None:
        items = (self.list.item(i) for i in range(self.list.count()))
        order = [item.data(Qt.ItemDataRole.UserRole) for item in items]
        if sorted(order) == list(range(len(self._steps))):
            self._change("moving a step", [self._steps[i] for i in order])

    def _on_header_toggled(self, on: bool) -> None:
        self.header.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.body.setVisible(on)
        self._gaps.set_wanted(not on)  # the body says it too
        self.add_button.setVisible(on)

    def _menu(self) -> QMenu:
        menu = QMenu(self.add_button)
        menu.setToolTipsVisible(True)
        for kind, known in KINDS.items():
            action = menu.addAction(known.name)
            action.setToolTip(known.tip)
            action.triggered.connect(partial(self._open_dialog, kind, None))
        return menu

    def _open_dialog(self, kind: type, row: int | None, _checked: bool = False) -> None:
        dataset, settings = self._document.dataset, self._document.settings
        if dataset is None or settings is None:
            return
        earlier = settings.steps[:row] if row is not None else settings.steps
        dialog = StepDialog(
            kind,
            None if row is None else settings.steps[row],
            look.columns(dataset, settings, earlier),
            Outlook(
                check=partial(check, dataset),
                tell=partial(look.tell, dataset, settings, earlier),
                shares=partial(look.shares, dataset, settings, earlier),
            ),
            self,
        )
        dialog.accepted.connect(partial(self._on_dialog_accepted, dialog, row))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_dialog_accepted(self, dialog: StepDialog, row: int | None) -> None:
        assert dialog.step is not None
        if row is None:
            self.add(dialog.step)
        else:
            steps = list(self._steps)
            steps[row] = dialog.step
            self._change(f"changing the step “{phrase(dialog.step)}”", steps)

    def _arrow(self, name: str, tip: str, by: int) -> QToolButton:
        button = tool_button("", tip)
        button.setArrowType(Qt.ArrowType.UpArrow if by < 0 else Qt.ArrowType.DownArrow)
        button.setAccessibleName(name)
        button.clicked.connect(lambda: self.move_step(by))
        return button
