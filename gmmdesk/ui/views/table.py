"""Every row with its values and results: to sort, to search, to look at."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
)

from gmmdesk.data.dataset import Dataset
from gmmdesk.errors import UsageError
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.icons import icon
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.row_actions import open_row_menu
from gmmdesk.ui.tables.condition_line import ConditionLine
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.copying import MOST_CELLS, Copied, copied, put_on_clipboard
from gmmdesk.ui.tables.fields import Field, fields_of
from gmmdesk.ui.tables.named_columns import NamedColumns
from gmmdesk.ui.tables.row_order import Found, Query, found_for
from gmmdesk.ui.tables.rows_model import RowsModel
from gmmdesk.ui.tables.rows_table import RowsTable
from gmmdesk.ui.tables.spelling import bare, example
from gmmdesk.ui.tables.table_selection import TableSelection
from gmmdesk.ui.text import count, shortened
from gmmdesk.ui.widgets import combo_box, secondary

_TYPING_MS = 250  # after the last key, before rows are looked for
_WIDEST = 260  # pixels of a column to begin with
_COPIED_AT_ONCE = 2_000  # cells; more are copied in the background
_KINDS = (
    ("all", "All rows"),
    ("used", "Rows that were used"),
    ("unsure", "Unsure rows"),
    ("outliers", "Outliers"),
    ("left out", "Rows that were left out"),
)


class TableView(LateView):
    """The rows of the file as a table; what they are sorted by and which are shown is chosen here.

    Looking for rows, sorting and copying them is done in the background.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._fields: tuple[Field, ...] = ()
        self._sort: tuple[str, bool] | None = None  # the field's name, and whether descending
        self._worker = worker(self)
        self._worker.failed.connect(self._on_worker_failed)
        self._against_sureness = ""  # as it is shown
        self._copier = worker(self)
        self._copier.failed.connect(self._on_copier_failed)

        self.search = ConditionLine(lambda: [field.name for field in self._fields])
        self.search.setAccessibleName("Rows to show")
        self.search.setToolTip(
            "Words are looked for in all cells and in the names of columns, to which Return goes"
            " one after the other; conditions compare a column with =, ≠, <, >,"
            " ≤, ≥ or contains, or say that it is empty, and are joined by “and”. Names are offered"
            " while you type, and all of them by the arrow down."
        )
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.kind = combo_box("Kind of rows", "Which rows to show", _KINDS)
        self._found = secondary()
        self._found.setWordWrap(False)
        self._found.setAccessibleName("Rows shown")
        self._problem = secondary()
        self._problem.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE)
        self._problem.hide()
        self._named = NamedColumns(self._on_named_chosen)
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.setSpacing(theme.SPACE)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.kind)
        bar.addWidget(self._found)

        self.model = RowsModel(self)
        self.table = RowsTable()
        self.table.setModel(self.model)
        self.selecting = TableSelection(document.selection, self.model, self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._problem)
        layout.addWidget(self._named)
        layout.addWidget(self.table, 1)

        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._renew)
        self.search.textEdited.connect(lambda _text: self._typing.start())
        self.search.textChanged.connect(lambda text: None if text else self._renew())
        self.search.returnPressed.connect(self._on_search_return_pressed)
        self.kind.currentIndexChanged.connect(self._renew)
        self.table.horizontalHeader().sectionClicked.connect(self._on_header_section_clicked)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.copy_requested.connect(self._on_table_copy_requested)
        self.table.customContextMenuRequested.connect(self._on_table_menu_requested)
        document.dataset_changed.connect(self._on_document_dataset_changed)
        document.analysis_changed.connect(self._refresh)
        document.names_changed.connect(self._refresh)
        document.outliers_changed.connect(self._refresh)
        document.checking.changed.connect(self._on_checking_changed)
        for signal in (document.colors_changed, document.analysis_changed):
            signal.connect(lambda: self.model.set_looks(document.colors, document.signs))
        self.model.set_looks(document.colors, document.signs)
        self._on_document_dataset_changed()

    @property
    def is_busy(self) -> bool:
        """Whether rows are being looked for or copied, or are going to be."""
        waits = self._typing.isActive() or self.is_awaited
        working = self._worker.is_busy or self._copier.is_busy
        return waits or working or self.selecting.is_busy

    @property
    def found(self) -> str:
        """How many rows are shown, in words."""
        return self._found.text()

    @property
    def problem(self) -> str:
        """Why rows cannot be shown or copied as asked for; empty where they can."""
        return self._problem.text() if self._problem.isVisible() else ""

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._typing.stop()
        self._worker.close()
        self._copier.close()

    def show_rows(self, kind: str, *, sorted_by: str) -> None:
        """Show the rows of a kind (a key of KINDS), sorted by a field, the least first."""
        self.search.clear()
        self._sort = (sorted_by, False)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self._renew()

    def showEvent(self, event: QShowEvent) -> None:
        if not self._is_outdated:
            self.selecting.reveal()
        super().showEvent(event)

    def _on_document_dataset_changed(self) -> None:
        self._sort = None
        self.search.clear()
        condition = shortened(example(self._document.ranges))
        self.search.setPlaceholderText(f"Search cells and column names, or type {condition}")
        self.kind.setCurrentIndex(0)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._worker.cancel()
        self.model.show_rows((), 0, None)
        self._refresh()

    def _on_checking_changed(self) -> None:
        """How sure rows are is in brackets, or is no more."""
        if self._document.checking.against_sureness != self._against_sureness:
            self._refresh()

    def _refresh(self) -> None:
        """Another table, answer or name: the same question again."""
        self.kind.setEnabled(self._document.analysis is not None)
        self._outdate()

    def _renew(self) -> None:
        document = self._document
        dataset, analysis = document.dataset, document.analysis_as_shown
        if dataset is None:
            return
        self._typing.stop()
        self._against_sureness = document.checking.against_sureness
        fields = fields_of(dataset, analysis, document.names)
        sort, descending = self._sort or ("", False)
        names = [field.name for field in fields]
        query = Query(
            Wanted(self.search.text(), dataset.receipt.decimal or "."),
            self.kind.currentData() if analysis is not None else "all",
            names.index(sort) if sort in names else None,
            descending,
        )

        def compute() -> Found | UsageError:
            try:
                return found_for(query, fields, dataset.n_rows, analysis)
            except UsageError as error:
                return error

        def show(found: Found | UsageError) -> None:
            if dataset is self._document.dataset:
                self._show(fields, dataset, query, found)

        self._worker.submit(compute, show)

    def _show(
        self,
        fields: tuple[Field, ...],
        dataset: Dataset,
        query: Query,
        found: Found | UsageError,
    ) -> None:
        self._fields = fields
        if isinstance(found, UsageError):
            self._named.show_columns("", ())
            self.model.mark_fields(())
            below = " Below, all is as it was before." if self.model.rowCount() else ""
            self._tell(f"{found}{below}")
            return
        is_new = [f.name for f in fields] != [f.name for f in self.model.fields]
        self.model.show_rows(fields, dataset.n_rows, found.rows, dataset.row_numbers)
        self.selecting.forget_lines()
        if is_new:
            self._fit_columns()
            self.selecting.reveal()
        order = Qt.SortOrder.DescendingOrder if query.descending else Qt.SortOrder.AscendingOrder
        sort = -1 if query.sort is None else query.sort
        self.table.horizontalHeader().setSortIndicator(sort, order)
        shown = self.model.rowCount()
        n_rows = dataset.n_rows
        total = count(n_rows, "row")
        self._tell("" if shown else self._no_row())
        self._found.setText(total if shown == n_rows else f"{shown:,} of {total}")
        names = [(j, fields[j].name) for j in found.named]
        words = shortened(bare(query.wanted.words))
        self._named.show_columns(words, names, in_no_cell=found.in_names_only)
        self.model.mark_fields(found.named)
        if found.in_names_only:
            self._named.choose_next()

    def _no_row(self) -> str:
        """That no row is shown, and what to do."""
        words, kind = self.search.text().strip(), self.kind.currentText()
        if self.kind.currentIndex() and words:
            return f"No row meets this among: {kind}. Change the search, or show all rows."
        if self.kind.currentIndex():
            return f"There are none of these: {kind}. Show all rows instead."
        return (
            "No row meets this condition, or has these words. Change the search, or clear it to see"
            " all rows."
        )

    def _fit_columns(self) -> None:
        self.table.resizeColumnsToContents()  # by the rows in sight
        for section in range(self.model.columnCount()):
            if self.table.columnWidth(section) > _WIDEST:
                self.table.setColumnWidth(section, _WIDEST)

    def _on_search_return_pressed(self) -> None:
        """Look at once; if that is done, go to the next column that is named so."""
        if self._typing.isActive() or self._worker.is_busy or not self._named.choose_next():
            self._renew()

    def _on_named_chosen(self, field: int) -> None:
        """Bring a column into sight."""
        line = max(0, self.table.rowAt(0))
        if self.model.rowCount():
            self.table.scrollTo(self.model.index(line, field))

    def _on_header_section_clicked(self, section: int) -> None:
        """Ascending, then descending, then as in the file."""
        name = self.model.fields[section].name
        self._sort = {(name, False): (name, True), (name, True): None}.get(
            self._sort or ("", False), (name, False)
        )
        self._renew()

    def _tell(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _on_table_menu_requested(self, position: QPoint) -> None:
        self.selecting.commit()
        place = self.table.viewport().mapToGlobal(position)
        line = self.table.rowAt(position.y())
        row = int(self.model.row(line)) if line >= 0 else None

        # The menu is about what is selected by then.
        self._document.selection.when_idle(
            lambda: open_row_menu(self._document, self.table, place, row)
        )

    def _on_table_copy_requested(self) -> None:
        self.selecting.commit()
        n_rows, fields = self.table.n_chosen, self.model.fields
        n_cells = n_rows * len(fields)
        if not n_cells:
            return
        if n_cells > MOST_CELLS:
            self._tell(
                f"{count(n_rows, 'row')} of {count(len(fields), 'column')} are too many to copy."
                f" Choose {count(MOST_CELLS // len(fields), 'row')} at most, or export the table."
            )
            return
        rows = self.table.chosen_rows()
        if n_cells <= _COPIED_AT_ONCE:
            self._put(copied(fields, rows))
            return
        self._tell(f"Copying {count(n_rows, 'row')}…")
        self._copier.submit(lambda: copied(fields, rows), self._put)

    def _put(self, rows: Copied) -> None:
        put_on_clipboard(rows)
        self._tell("")

    def _on_copier_failed(self, error: BaseException) -> None:
        self._tell(str(error) if isinstance(error, UsageError) else "")
        if not isinstance(error, UsageError):
            self._document.problem_raised.emit(error)

    def _on_worker_failed(self, error: BaseException) -> None:
        self._document.problem_raised.emit(error)
