"""The rows that are selected, in every view at once."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal

from gmmdesk.ui.background import LatestWorker

if TYPE_CHECKING:  # these import numpy and pyarrow: not before the window is up
    from gmmdesk.data.dataset import BoolArray, IntArray
    from gmmdesk.data.row_set import PackedRows, RowSet

Push = Callable[[str, Callable[[], None]], None]


class How(enum.Enum):
    """What becomes of the rows that were selected before, and how the history tells it."""

    REPLACE = "selecting {}"
    ADD = "adding {} to the selection"
    SUBTRACT = "taking {} out of the selection"
    INTERSECT = "narrowing the selection to {}"


_Modifier = Qt.KeyboardModifier
# What a gesture with the mouse does, by the keys that are held: as in programs that edit pictures,
# save that Ctrl, which is not everywhere the window manager's as Alt is, takes rows out as well.
_HOW = {
    (False, False): How.REPLACE,
    (True, False): How.ADD,
    (False, True): How.SUBTRACT,
    (True, True): How.INTERSECT,
}
HOW_TIP = "Shift adds, Ctrl or Alt takes away, Shift with one of them keeps what is in both."


def how(modifiers: Qt.KeyboardModifier) -> How:
    """What a gesture means while these keys are held."""
    takes_away = modifiers & (_Modifier.ControlModifier | _Modifier.AltModifier)
    return _HOW[bool(modifiers & _Modifier.ShiftModifier), bool(takes_away)]


def how_clicked(modifiers: Qt.KeyboardModifier, is_selected: bool) -> How:
    """What a click on a row or cluster means: as a gesture, save that Ctrl adds what is not there.

    So it toggles, as in lists.
    """
    meant = how(modifiers)
    return How.ADD if meant is How.SUBTRACT and not is_selected else meant


class _Search(NamedTuple):
    compute: Callable[[], RowSet]
    how: How
    said: str


class Selection(QObject):
    """Some rows of the document's table; `push` makes each change, as one that can be undone.

    Every change says in a few words which rows it is about, for the history: "rows on the map".
    Signals: `changed`; `failed(BaseException)` when rows that were looked for cannot be told.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, push: Push, parent: QObject) -> None:
        super().__init__(parent)
        self._push = push
        self._rows: RowSet | None = None  # None before there is a table
        self._kept: PackedRows | None = None  # what brings these back
        self._waiting: deque[_Search] = deque()  # each counts, unlike what a worker lets wait
        self._worker = LatestWorker(self)
        self._worker.failed.connect(self.failed)
        self._worker.became_idle.connect(self._search_next)
        self._asker = LatestWorker(self)
        self._asker.failed.connect(self.failed)

    # -- what is selected --------------------------------------------------------------------

    @property
    def rows(self) -> RowSet | None:
        """The selected rows, None before there is a table."""
        return self._rows

    @property
    def mask(self) -> BoolArray | None:
        """Which rows of the table are selected, (n,), not to be changed; None for none."""
        return self._rows.mask if self._rows is not None and self._rows.count else None

    @property
    def count(self) -> int:
        """How many rows are selected."""
        return 0 if self._rows is None else self._rows.count

    @property
    def is_busy(self) -> bool:
        """Whether rows are being looked for that will be selected."""
        return self._worker.is_busy or bool(self._waiting)

    # -- changing it -------------------------------------------------------------------------

    def set(self, rows: RowSet, said: str = "rows") -> None:
        """Select these rows instead, undoably."""
        self.change(rows, How.REPLACE, said)

    def add(self, rows: RowSet, said: str = "rows") -> None:
        """Select these rows too, undoably."""
        self.change(rows, How.ADD, said)

    def subtract(self, rows: RowSet, said: str = "rows") -> None:
        """Select these rows no more, undoably."""
        self.change(rows, How.SUBTRACT, said)

    def change(self, rows: RowSet, how: How, said: str = "rows") -> None:
        """Select `rows` instead of, in addition to ... those that are selected, undoably."""
        before = self._rows
        if before is None or rows.n_rows != before.n_rows:  # looked for in a table that is gone
            return
        match how:
            case How.REPLACE:
                after = rows
            case How.ADD:
                after = before | rows
            case How.SUBTRACT:
                after = before - rows
            case How.INTERSECT:
                after = before & rows
        self._replace(after, how.value.format(said))

    def change_rows(self, numbers: IntArray, how: How, said: str = "rows") -> None:
        """As `change`, for a few rows by their numbers from 0."""
        from gmmdesk.data.row_set import RowSet

        if self._rows is not None:
            self.change(RowSet.of_rows(numbers, self._rows.n_rows), how, said)

    def find(self, compute: Callable[[], RowSet], how: How, said: str = "rows") -> None:
        """As `change`, for rows that are looked for in the background, from frozen values."""
        self._waiting.append(_Search(compute, how, said))
        self._search_next()

    def invert(self) -> None:
        """Select the other rows instead, undoably."""
        if self._rows is not None:
            self._replace(~self._rows, "inverting the selection")

    def all(self) -> None:
        """Select every row, undoably."""
        from gmmdesk.data.row_set import RowSet

        if self._rows is not None:
            self._replace(~RowSet.nothing(self._rows.n_rows), "selecting all rows")

    def clear(self) -> None:
        """Select no row, undoably."""
        from gmmdesk.data.row_set import RowSet

        if self._rows is not None:
            self._replace(RowSet.nothing(self._rows.n_rows), "clearing the selection")

    def drop(self, numbers: IntArray) -> None:
        """Select some rows (0-based) no more, as a part of the step that is being made."""
        from gmmdesk.data.row_set import RowSet

        if self._rows is not None:
            after = self._rows - RowSet.of_rows(numbers, self._rows.n_rows)
            if after != self._rows:
                self._show(after)

    def _replace(self, after: RowSet, text: str) -> None:
        before = self._rows
        if before is None or after == before:
            return
        self._push(text, lambda: self._show(after))

    def kept(self) -> PackedRows | None:
        """What brings the selected rows back."""
        if self._kept is None and self._rows is not None:
            # A bit a row for each step that can be undone, or many would fill the memory.
            self._kept = self._rows.packed()
        return self._kept

    def bring_back(self, kept: PackedRows) -> None:
        """Select what was selected when `kept` was taken, unless that was of another table."""
        is_here = self._rows is not None and kept.n_rows == self._rows.n_rows
        if is_here and kept != self.kept():
            self._show(kept.unpacked())
            self._kept = kept

    def _show(self, rows: RowSet) -> None:
        self._rows, self._kept = rows, None
        self.changed.emit()

    def ask(self, compute: Callable[[], Any], apply: Callable[[Any], object]) -> None:
        """Call `apply(compute())`, to tell something of the selected rows, unless they change."""
        rows = self._rows

        def told(found: Any) -> None:
            if rows is self._rows:
                apply(found)

        self._asker.submit(compute, told)

    def when_idle(self, then: Callable[[], None]) -> None:
        """Call `then` as soon as everything that was looked for is selected."""
        if not self.is_busy:
            then()
            return
        self._worker.became_idle.connect(
            lambda: self.when_idle(then), Qt.ConnectionType.SingleShotConnection
        )

    # -- the table ---------------------------------------------------------------------------

    def start(self, n_rows: int) -> None:
        """Select none of the rows of another table."""
        from gmmdesk.data.row_set import RowSet

        self._waiting.clear()
        self._worker.cancel()
        had_some = self.count > 0
        self._rows, self._kept = RowSet.nothing(n_rows), None
        if had_some:
            self.changed.emit()

    def restore(self, rows: RowSet) -> None:
        """Select what was selected when the table was seen last; there is nothing to undo."""
        self._show(rows)

    def close(self) -> None:
        """Look for no more rows; no thread outlives this."""
        self._waiting.clear()
        self._worker.close()
        self._asker.close()

    def _search_next(self) -> None:
        if self._waiting and not self._worker.is_busy:
            search = self._waiting.popleft()
            self._worker.submit(
                search.compute, lambda rows: self.change(rows, search.how, search.said)
            )
