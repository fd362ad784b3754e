"""Selecting rows by a condition, such as "income > 50000"."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.data.row_set import RowSet
from gmmdesk.errors import UsageError
from gmmdesk.text import count, shortened
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.selection import How
from gmmdesk.ui.tables.condition_line import ConditionLine
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.fields import Field, fields_of
from gmmdesk.ui.tables.spelling import example
from gmmdesk.ui.widgets import GrowingDialog, secondary

_TYPING_MS = 250  # after the last key, before rows are looked for
_HINT = (
    "Compare a column with =, ≠, <, >, ≤, ≥ or contains, or say that it is empty; join conditions"
    " by “and”. Words alone are looked for in the cells of every column. Names are offered while"
    " you type, and all of them by the arrow down."
)
_BUTTONS = (
    ("&Select", How.REPLACE, "Select these rows instead"),
    ("&Add", How.ADD, "Select these rows too"),
    ("&Take away", How.SUBTRACT, "Select these rows no more"),
    ("&Only these", How.INTERSECT, "Of the selected rows keep these"),
)


class ConditionDialog(GrowingDialog):
    """Says how many rows there are while a condition is typed; stays until it is closed."""

    help_page = "selecting"

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._found: RowSet | None = None
        self._known_names: list[str] | None = None
        self._words = ""  # of the condition that `_found` meets
        self._then: Callable[[], None] | None = None  # when the rows have been found
        self._worker = LatestWorker(self)
        self._worker.failed.connect(document.problem_raised)
        self.setWindowTitle("Select by condition")
        self.condition = ConditionLine(self._names)
        self.condition.setPlaceholderText(example(document.ranges))
        self.condition.setAccessibleName("Condition")
        self._said = secondary(_HINT)
        self._said.setAccessibleName("Rows that meet it")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.condition.returnPressed.connect(lambda: self._select(How.REPLACE))
        self.buttons = {}
        for text, how, tip in _BUTTONS:
            button = buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, how=how: self._select(how))
            self.buttons[how] = button
        for each in buttons.findChildren(QPushButton):  # Return selects, pressed in the text
            each.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        for widget in (self.condition, self._said, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(460)
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._look)
        self.condition.textChanged.connect(self._on_condition_changed)
        document.dataset_changed.connect(self.reject)
        for signal in (
            document.analysis_changed,
            document.names_changed,
            document.outliers_changed,
        ):
            signal.connect(self._on_answer_changed)
        self._on_condition_changed()

    @property
    def said(self) -> str:
        """How many rows meet the condition, or what is wrong with it."""
        return self._said.text()

    @property
    def is_busy(self) -> bool:
        """Whether rows are being looked for."""
        return self._typing.isActive() or self._worker.is_busy

    def show_again(self) -> None:
        """Come to the front, ready for another condition."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.condition.setFocus()
        self.condition.selectAll()

    def close_worker(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._typing.stop()
        self._worker.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._typing.stop()
        super().closeEvent(event)

    def _fields(self) -> tuple[Field, ...]:
        document = self._document
        if document.dataset is None:
            return ()
        return fields_of(document.dataset, document.analysis_as_shown, document.names)

    def _names(self) -> list[str]:
        """What can be compared; found out once for each answer, as it is asked for at every key."""
        if self._known_names is None:
            self._known_names = [field.name for field in self._fields()]
        return self._known_names

    def _on_answer_changed(self) -> None:
        self._known_names = None
        self._on_condition_changed()

    def _on_condition_changed(self) -> None:
        self._found, self._then = None, None
        is_there = bool(self.condition.text().strip())
        for button in self.buttons.values():
            button.setEnabled(is_there)
        if is_there:
            self._typing.start()
        else:
            self._typing.stop()
            self._worker.cancel()
            self._said.setText(_HINT)

    def _look(self) -> None:
        self._typing.stop()
        document, dataset = self._document, self._document.dataset
        if dataset is None:
            return
        words = self.condition.text().strip()
        fields = self._fields()
        wanted = Wanted(words, dataset.receipt.decimal or ".")

        def find() -> RowSet | UsageError:
            try:
                return RowSet.of_mask(wanted.rows(fields, dataset.n_rows))
            except UsageError as error:
                return error

        def show(found: RowSet | UsageError) -> None:
            if dataset is not document.dataset or words != self.condition.text().strip():
                return
            if isinstance(found, UsageError):
                self._said.setText(str(found))
                self._then = None
                return
            self._found, self._words = found, words
            verb = "meets it" if found.count == 1 else "meet it"
            self._said.setText(f"{count(found.count, 'row')} of {found.n_rows:,} {verb}.")
            then, self._then = self._then, None
            if then is not None:
                then()

        self._worker.submit(find, show)

    def _select(self, how: How) -> None:
        """Select the rows, as soon as they are known."""
        if not self.condition.text().strip():
            return
        if self._found is None:
            self._then = lambda: self._select(how)
            if not self._worker.is_busy:
                self._look()
            return
        self._document.selection.change(self._found, how, f"rows with {shortened(self._words, 30)}")
