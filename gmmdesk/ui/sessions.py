"""The session that is open: saved where the user says, and kept for a crash meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui import reading
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.contents import Contents, said
from gmmdesk.ui.document import Document
from gmmdesk.ui.known_tables import know_table, may_read_unasked
from gmmdesk.ui.warm_up import import_heavy_modules

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.row_set import RowSet
    from gmmdesk.session.records import Session
    from gmmdesk.session.recovery import Left, Recovery
    from gmmdesk.session.tables import FoundTable
    from gmmdesk.session.view import ViewState

SUFFIX = ".gmmdesk"
CLIPBOARD = "clipboard"
AUTOSAVE_MS = 2_000  # from a change until it is kept for a crash
_PAUSES = 20  # as long as it took, until what a running fit has found is kept again


class Opened(NamedTuple):
    """A session as it was read; `analysis` and `ranges` where its table is as it was.

    `path` is the user's session file, None for one that was never saved. `left` is what it was
    restored from after a crash. `problem` says why there is no analysis although there should be.
    `is_relocated` tells that the user had to say where the table is.
    """

    session: Session
    found: FoundTable
    path: Path | None
    left: Left | None = None
    analysis: Analysis | None = None
    ranges: dict[str, tuple[float, float]] = {}  # noqa: RUF012 - a tuple's default, never changed
    problem: GmmdeskError | None = None
    is_relocated: bool = False


class Sessions(QObject):
    """Saves and opens sessions of one document.

    `view` says how things are looked at now. Signals: `state_changed` when `path` or `is_modified`
    may have; `saved(Path)`; `opened`, after which `take_view` says how things were looked at;
    `table_wanted(Opened)` when the table of a session is missing or has changed; `left_found(list)`
    with what crashed programs left. Reading and writing report through `document.file_work`.
    """

    state_changed = Signal()
    saved = Signal(object)
    opened = Signal()
    table_wanted = Signal(object)
    left_found = Signal(object)

    def __init__(self, document: Document, view: Callable[[], ViewState], parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._view = view
        self.path: Path | None = None
        self.embeds = False
        self._coming: Opened | None = None  # whose contents the document is about to take over
        self._view_to_show: ViewState | None = None
        self._recovery: Recovery | None = None
        self._left: Left | None = None  # kept until what was restored from it is kept again
        self._keeps = True  # whether the last autosave worked, as far as is known
        self._stage: object = None  # of the running fit, when it was kept last
        self._due_at = 0.0  # before, nothing more of it is kept
        self._worker = LatestWorker(self)
        self._worker.failed.connect(self._on_worker_failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave)
        document.begun_anew.connect(self._on_document_begun_anew)
        document.undo_stack.indexChanged.connect(self._on_stack_changed)
        document.progressed.connect(self._on_document_progressed)
        document.run_ended.connect(self.autosave)  # at once: an answer may have taken hours

    @property
    def is_modified(self) -> bool:
        """Whether there is work that is in no file."""
        return self._document.dataset is not None and not self._document.commands.is_saved

    @property
    def must_embed(self) -> bool:
        """Whether the table is in no file that a session could refer to."""
        dataset = self._document.dataset
        return dataset is not None and dataset.receipt.source == CLIPBOARD

    @property
    def may_embed(self) -> bool:
        """Whether it makes sense to put the table into the session: samples are always there."""
        dataset = self._document.dataset
        return dataset is not None and (self.must_embed or dataset.path is not None)

    # -- saving ------------------------------------------------------------------------------

    def save(self, path: Path, embeds: bool, then: Callable[[], object] | None = None) -> None:
        """Write the session to `path` in the background, then call `then`."""
        contents = self._document.contents()
        if contents is None:
            return
        view, embeds = self._view(), embeds or self.must_embed
        path = path.absolute()  # what is kept for a crash may be read from another folder

        def write(task: Task) -> None:
            from gmmdesk.session.files import write_session

            embed = contents.dataset if embeds else None
            write_session(_session(contents, view, path, embeds), path, embed=embed, task=task)

        def done(_: object) -> None:
            self.path, self.embeds = path, embeds
            know_table(contents.dataset.path)
            if self._document.contents() == contents:  # nothing has been changed meanwhile
                self._document.commands.mark_saved()
            self.autosave()  # what was kept for a crash is older than the file
            self.state_changed.emit()
            self.saved.emit(path)
            if then is not None:
                then()

        self._document.files.begin_writing("The session", f"Saving {path.name}", write, done)

    # -- opening -----------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Open a session file in the background; the present table stays until then."""
        path = path.absolute()
        self._begin(f"Opening {path.name}", partial(_read, path, may_read=may_read_unasked()))

    def restore(self, left: Left) -> None:
        """Open what a crashed program left."""

        def read(task: Task) -> Opened:
            opened = _read(left.path, task, may_read=lambda _place: True)  # the user's own
            return opened._replace(left=left, path=left.session.kept_for)

        self._begin("Restoring your work", read)

    def relocate(self, opened: Opened, table: Path) -> None:
        """Open a session with the table in another file."""

        def read(task: Task) -> Opened:
            from gmmdesk.session.tables import read_table

            found = read_table(str(table), opened.session.data, task)
            if found.problem is not None:
                raise found.problem
            return _completed(opened._replace(found=found, is_relocated=True), task)

        self._document.files.begin_reading(f"Opening {table.name}", read, self._on_read)

    def read_elsewhere(self, opened: Opened) -> None:
        """Open a session with its table wherever that is: the user has agreed to it."""

        def read(task: Task) -> Opened:
            from gmmdesk.session.tables import find_table

            data = opened.session.data
            found = find_table(data, opened.path, task, may_read=lambda _place: True)
            return _completed(opened._replace(found=found), task)

        self._document.files.begin_reading(
            f"Opening {opened.session.data.name}", read, self._on_read
        )

    def open_changed(self, opened: Opened) -> None:
        """Open a session with a table that has changed: its clusters hold no more."""
        dataset = opened.found.dataset
        if dataset is not None:
            from gmmdesk.analysis.carrying import carried_over

            carried = carried_over(opened.session.settings, dataset)
            self._adopt(opened, Contents(dataset, carried.settings, None))
            if carried.lost:
                self._document.problem_raised.emit(said(carried.lost))

    def _begin(self, what: str, read: Callable[[Task], Opened]) -> None:
        document = self._document
        document.files.before_replacing(
            lambda: document.files.begin_reading(what, read, self._on_read)
        )

    def _on_read(self, opened: Opened) -> None:
        dataset = opened.found.dataset
        if dataset is None or opened.found.changed:
            self.table_wanted.emit(opened)
            return
        session = opened.session
        answer = None if opened.analysis is None else session.answer
        past = session.past if answer is session.answer else None
        selected = _selected(session, dataset)
        resampled = session.resampled if answer is session.answer else None
        contents = Contents(dataset, session.settings, answer, past, selected, resampled)
        self._adopt(opened, contents)
        if opened.problem is not None:
            self._document.problem_raised.emit(opened.problem)

    def _adopt(self, opened: Opened, contents: Contents) -> None:
        if not opened.session.data.embedded:  # what an embedded one says was never looked at
            know_table(contents.dataset.path)
        self._coming = opened
        self._document.set_contents(contents, opened.ranges, opened.analysis)
        self._coming = None
        # What was left, is shown without its answer, or reads a table elsewhere is not in the file.
        as_in_file = opened.left is None and not opened.is_relocated
        is_saved = as_in_file and contents.answer is opened.session.answer
        self._document.commands.mark_saved(saved=is_saved)
        self.state_changed.emit()
        self._view_to_show = opened.session.view
        self.opened.emit()
        if opened.left is not None:
            self.autosave()

    def _on_document_begun_anew(self) -> None:
        coming, self._view_to_show = self._coming, None
        if coming is None:
            self.path, self.embeds = None, False
            self._document.commands.mark_saved(saved=not self.must_embed)  # else it is nowhere else
        else:
            self.path, self.embeds = coming.path, coming.session.data.embedded
            self._left = coming.left
        self._on_stack_changed()

    def take_view(self) -> ViewState | None:
        """How things are to be looked at, once after a session was opened."""
        view, self._view_to_show = self._view_to_show, None
        return view

    # -- kept for a crash --------------------------------------------------------------------

    def look_for_left(self) -> None:
        """Look for what crashed programs left, in the background."""

        def look() -> list[Left]:
            from gmmdesk.session.recovery import left_behind

            return left_behind()

        self._worker.submit(look, lambda left: self.left_found.emit(left) if left else None)

    def autosave(self) -> None:
        """Keep what there is for a crash, or nothing where all is saved.

        While a fit runs, with what it has found so far.
        """
        self._timer.stop()
        contents, view, kept_for = self._document.contents(), self._view(), self.path
        unfinished = self._document.unfinished
        self._stage = None if unfinished is None else unfinished.stage
        if contents is None or not (self.is_modified or unfinished):
            self._worker.submit(self._clear, lambda _: self._on_kept())
            return
        embeds, task = self.embeds, Task()

        def keep() -> float:
            began, kept = time.monotonic(), contents
            if unfinished is not None:
                with suppress(GmmdeskError):  # then it is kept as it was before the fit
                    kept = unfinished.kept_in(contents, task)
            session = _session(kept, view, kept_for, embeds)
            self._opened_recovery().save(session, contents.dataset)
            return time.monotonic() - began

        def done(seconds: float) -> None:
            self._due_at = time.monotonic() + _PAUSES * seconds
            self._on_kept()

        self._worker.submit(keep, done, task)

    def _opened_recovery(self) -> Recovery:
        from gmmdesk.session.recovery import Recovery

        if self._recovery is None:
            self._recovery = Recovery()
        return self._recovery

    def _clear(self) -> None:
        if self._recovery is not None:
            self._recovery.clear()

    def _on_kept(self) -> None:
        self._keeps = True
        if self._left is not None:
            self._left.discard()
            self._left = None

    def _on_worker_failed(self, error: BaseException) -> None:
        if self._keeps:  # said once, not every few seconds
            if isinstance(error, GmmdeskError):
                error = GmmdeskError(
                    f"Your work is not being kept in case of a crash: {error.message}",
                    "It is still in the window. Save it (Ctrl+S) to be safe.",
                )
            self._document.problem_raised.emit(error)
        self._keeps = False

    def _on_document_progressed(self) -> None:
        if self._timer.isActive() or self._worker.is_busy or time.monotonic() < self._due_at:
            return
        unfinished = self._document.unfinished
        if unfinished is not None and unfinished.stage != self._stage:
            self._timer.start()

    def _on_stack_changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
        self.state_changed.emit()

    def close(self) -> None:
        """Keep nothing any more: the user has saved the work, or does not want it."""
        self._timer.stop()
        self._worker.close()
        self._clear()
        self._on_kept()


def _session(contents: Contents, view: ViewState, path: Path | None, embeds: bool) -> Session:
    from gmmdesk.session.records import Session
    from gmmdesk.session.tables import is_lost, reference_to

    data, past = reference_to(contents.dataset, path), contents.past
    if past is not None and is_lost(data):
        past = past.of_one_reading()
    return Session(
        msgspec.structs.replace(data, embedded=embeds),
        contents.settings,
        contents.answer,
        view,
        kept_for=path,
        past=past,
        selected=b"" if contents.selected is None else contents.selected.bits(),
        resampled=contents.resampled,
    )


def _selected(session: Session, dataset: Dataset) -> RowSet | None:
    """The rows that were selected, if the session tells it of a table with as many rows."""
    from gmmdesk.data.row_set import RowSet

    try:
        return RowSet.of_bits(session.selected, dataset.n_rows) if session.selected else None
    except ValueError:
        return None


def _read(path: Path, task: Task, *, may_read: Callable[[str], bool]) -> Opened:
    import_heavy_modules()
    from gmmdesk.session.files import read_session

    session, found = read_session(path, task, may_read=may_read)
    return _completed(Opened(session, found, path), task)


def _completed(opened: Opened, task: Task) -> Opened:
    """With the rows of the answer, where the table is the one it is about."""
    dataset, answer = opened.found.dataset, opened.session.answer
    if dataset is None:
        return opened
    opened = opened._replace(ranges=reading.ranges_of(dataset, task))
    if opened.found.changed or answer is None:
        return opened
    from gmmdesk.analysis.combining import combined

    try:
        analysis = answer.finding.analysis(dataset, task=task)
        return opened._replace(analysis=combined(analysis, answer.grouping, task=task))
    except GmmdeskError as error:
        return opened._replace(problem=error)
