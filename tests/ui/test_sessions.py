"""Saving, opening, closing and recovering, as a user does it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSettings, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QListWidget, QMessageBox

from gmmdesk.data.row_set import RowSet
from gmmdesk.data.steps import LeaveOutRows, Logarithm
from gmmdesk.session.files import read_session
from gmmdesk.session.recovery import left_behind, recovery_folder
from gmmdesk.ui import color_dialog, known_tables, main_window, recent, session_dialogs, sessions
from gmmdesk.ui.history import HistoryDialog
from gmmdesk.ui.main_window import MainWindow
from gmmdesk.ui.selection import How
from gmmdesk.ui.session_dialogs import RecoveryDialog, Wish
from tests.records import same
from tests.ui.conftest import TABLE, shown_window
from tests.ui.test_main_window import drop
from tests.ui.test_workspace import shown


@pytest.fixture
def worked(driver, csv):
    """A window with a table, three clusters, a name and a colour."""
    driver.open(csv)
    driver.document.change_settings("choosing", k_min=3, k_max=3, models=("VVV", "EEE"), seed=4)
    driver.find()
    driver.document.edits.rename(1, "Wide")
    driver.document.edits.recolor(1, "#336699")
    return driver


def save(driver, path, *, embeds=False):
    driver.wait(driver.window.sessions.saved, lambda: driver.window.sessions.save(path, embeds))


def open_in(qtbot, window, path):
    with qtbot.waitSignal(window.sessions.opened, timeout=20_000):
        window.open_source(str(path))
    qtbot.waitUntil(lambda: not window.workspace.map.is_busy)


def settled(driver):
    driver.qtbot.waitUntil(lambda: not driver.window.workspace.map.is_busy)


@pytest.mark.parametrize("embeds", [False, True])
def test_reopening_shows_what_was_there(worked, qtbot, tmp_path, embeds):
    window, document = worked.window, worked.document
    document.change_settings("choosing", k_min=2, k_max=3)
    worked.find()
    document.edits.rename(1, "Wide")
    document.edits.recolor(0, "#336699")
    document.set_current_cluster(1)
    chosen = RowSet.of_rows([2, 3, 31], 40)
    document.selection.set(chosen)
    map_view = window.workspace.map
    map_view.toolbar.set_axes(("height", 1))
    map_view.toolbar.layers.switch("labels").setChecked(False)
    map_view.toolbar.layers.level_switch(0.5).setChecked(True)
    map_view.toolbar.layers.switch("regions").setChecked(True)
    settled(worked)
    map_view.plot.box.setRange(QRectF(1.0, -1.0, 2.0, 1.5), padding=0.0)
    window.workspace.setSizes([400, 560, 300])
    path = tmp_path / "work.gmmdesk"
    save(worked, path, embeds=embeds)
    if embeds:
        document.dataset.path.unlink()
    other = shown_window(qtbot)
    open_in(qtbot, other, path)
    assert not other.sessions.is_modified
    assert other.document.names == document.names
    assert other.document.colors == document.colors
    assert other.document.settings == document.settings
    assert other.document.current_cluster == 1
    assert other.document.selection.rows == chosen
    assert other.workspace.selection_panel.said[0] == "3 rows selected"
    for name in ("rows", "sizes", "certainty", "candidates", "prepared"):
        assert same(getattr(other.document.analysis, name), getattr(document.analysis, name))
    assert list(other.document.history) == list(document.history)
    assert other.document.elapsed() == document.elapsed()
    assert shown(other) == shown(window)
    again = other.workspace.map
    assert again.toolbar.state() == map_view.toolbar.state()
    assert again.plot.visible_rect().left() == pytest.approx(map_view.plot.visible_rect().left())
    assert again.plot.visible_rect().width() == pytest.approx(map_view.plot.visible_rect().width())
    assert other.workspace.sizes() == window.workspace.sizes()
    other.close()


def test_what_halves_of_the_rows_told_is_not_counted_anew(driver, csv, qtbot, tmp_path):
    driver.open(csv)
    driver.document.change_settings("choosing", k_min=2, k_max=2, models=("EII",), restarts=1)
    driver.find()
    checking = driver.document.checking
    checking.start()
    qtbot.waitUntil(lambda: not checking.is_running, timeout=60_000)
    path = tmp_path / "work.gmmdesk"
    save(driver, path)
    assert not driver.window.sessions.is_modified
    other = shown_window(qtbot)
    other.document.checking.automatic = True
    open_in(qtbot, other, path)
    assert other.document.checking.found == checking.found
    assert not other.document.checking.is_running
    assert not other.sessions.is_modified
    other.close()


def test_the_history_goes_on_after_reopening(worked, qtbot, tmp_path):
    document = worked.document
    before = document.analysis
    document.change_settings("choosing", k_min=2, k_max=2)
    worked.find()
    document.edits.rename(0, "Small")
    document.undo()
    path = tmp_path / "work.gmmdesk"
    save(worked, path)
    other = shown_window(qtbot)
    open_in(qtbot, other, path)
    again = other.document
    assert not other.sessions.is_modified
    steps = [
        [dialog._list.item(i).text() for i in range(dialog._list.count())]
        for dialog in (HistoryDialog(document, worked.window), HistoryDialog(again, other))
    ]
    assert steps[0] == steps[1]
    assert again.undo_stack.index() == document.undo_stack.index()
    again.redo()
    assert again.names[0] == "Small"
    assert other.sessions.is_modified
    with qtbot.waitSignal(again.analysis_changed, timeout=10_000):
        again.go_to_step(4)
    qtbot.waitUntil(lambda: not again.is_bringing_back)
    assert same(again.analysis.rows, before.rows)
    assert again.names[1] == "Wide"
    assert again.settings == before.settings
    again.edits.rename(0, "Other")  # and what was taken back is gone
    assert again.undo_stack.count() == 5
    again.go_to_step(0)
    assert again.analysis is None
    assert again.contents().past.texts[-1] == "renaming Cluster 1"
    other.close()


def test_another_combination_can_be_chosen_after_reopening(worked, qtbot, tmp_path):
    path = tmp_path / "work.gmmdesk"
    save(worked, path)
    other = shown_window(qtbot)
    open_in(qtbot, other, path)
    for document in (worked.document, other.document):
        index = 1 - document.analysis.best
        with qtbot.waitSignal(document.analysis_changed, timeout=10_000):
            document.edits.choose(index)
    assert same(other.document.analysis.rows, worked.document.analysis.rows)
    other.document.undo()
    assert other.document.names[1] == "Wide"
    other.close()


def test_saving_again_goes_to_the_same_file(worked, tmp_path, monkeypatch):
    path = tmp_path / "work.gmmdesk"
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: (path, True))
    actions = worked.window.actions_
    worked.wait(worked.window.sessions.saved, actions.save.trigger)
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: pytest.fail("asked again"))
    worked.document.edits.rename(0, "Narrow")
    worked.wait(worked.window.sessions.saved, actions.save.trigger)
    session, found = read_session(path)
    assert session.answer.names()[:2] == ("Narrow", "Wide")
    assert session.data.embedded
    assert same(session.answer.finding.analysis(found.dataset).rows, worked.document.analysis.rows)
    assert recent.recent_files()[0] == str(path)


def test_the_title_marks_changes(worked, tmp_path):
    window = worked.window
    assert window.windowTitle() == "things.csv[*] — gmmdesk"
    assert window.isWindowModified()
    save(worked, tmp_path / "a [*] b.gmmdesk")
    assert window.windowTitle() == "a [*][*] b.gmmdesk[*] — gmmdesk"
    assert not window.isWindowModified()
    worked.document.edits.rename(0, "Narrow")
    assert window.isWindowModified()
    worked.document.undo()
    assert not window.isWindowModified()


def test_selecting_is_work_and_selecting_nothing_is_none(worked, qtbot, tmp_path):
    document, sessions = worked.document, worked.window.sessions
    document.selection.clear()
    save(worked, tmp_path / "work.gmmdesk")
    document.selection.change_rows(np.array([3, 4]), How.REPLACE)
    assert sessions.is_modified
    document.selection.clear()
    assert not sessions.is_modified
    document.undo()
    assert sessions.is_modified
    document.undo()
    assert not sessions.is_modified
    document.redo()
    save(worked, tmp_path / "work.gmmdesk")
    other = shown_window(qtbot)
    open_in(qtbot, other, tmp_path / "work.gmmdesk")
    assert other.document.selection.count == 2
    assert not other.sessions.is_modified
    other.document.selection.clear()
    assert not other.sessions.is_modified
    other.document.edits.rename(0, "Else")  # what was changed besides counts, however often
    other.document.selection.change_rows(np.array([3, 4]), How.REPLACE)
    other.document.selection.clear()
    assert other.sessions.is_modified
    other.document.go_to_step(0)
    other.document.change_settings("choosing", seed=4)  # and what was saved cannot be had again
    other.document.selection.clear()
    assert other.sessions.is_modified
    other.sessions.path = None
    other.close()


def test_steps_of_selecting_can_be_gone_back_to_when_a_session_is_opened_again(
    worked, qtbot, tmp_path
):
    document = worked.document
    document.selection.change_rows(np.array([3, 4]), How.REPLACE)
    document.edits.rename(0, "Else")
    document.selection.change_rows(np.array([9]), How.ADD)
    document.selection.invert()
    document.undo()
    before = [document.undo_stack.text(i) for i in range(document.undo_stack.count())]
    save(worked, tmp_path / "work.gmmdesk")
    other = shown_window(qtbot)
    open_in(qtbot, other, tmp_path / "work.gmmdesk")
    again = other.document
    stack = again.undo_stack
    assert [stack.text(i) for i in range(stack.count())] == before
    last = stack.count()
    for at, rows in ((last - 1, [3, 4, 9]), (last - 2, [3, 4]), (last - 4, []), (last - 3, [3, 4])):
        again.go_to_step(at)
        assert again.selection.rows.rows().tolist() == rows
    assert again.names[0] != "Else"
    again.go_to_step(last)
    assert (again.selection.count, again.names[0]) == (again.dataset.n_rows - 3, "Else")
    assert other.sessions.is_modified
    again.undo()
    assert not other.sessions.is_modified
    other.close()


def test_a_table_that_is_only_opened_is_no_work(driver, csv):
    driver.open(csv)
    assert not driver.window.sessions.is_modified


def test_a_file_opened_after_a_pasted_table_is_no_work(driver):
    document, sessions = driver.document, driver.window.sessions
    driver.wait(document.prepared_changed, lambda: document.open_text("x,y\n1,2\n3,5\n4,4\n"))
    assert sessions.is_modified
    document.before_replacing = lambda replace: replace()  # who does not want to save it
    driver.open("sample:iris")
    assert not sessions.is_modified


def test_a_pasted_table_is_work(driver, tmp_path):
    QGuiApplication.clipboard().setText(TABLE)
    driver.wait(driver.document.prepared_changed, driver.window.actions_.paste.trigger)
    assert driver.window.sessions.is_modified
    save(driver, tmp_path / "pasted.gmmdesk")
    assert not driver.window.sessions.is_modified
    assert read_session(tmp_path / "pasted.gmmdesk")[1].dataset.n_rows == 40


def test_a_session_is_opened_by_dropping_it(worked, qtbot, tmp_path):
    path = tmp_path / "work.gmmdesk"
    save(worked, path)
    other = shown_window(qtbot)
    with qtbot.waitSignal(other.sessions.opened):
        drop(other, path)
    assert other.document.names[1] == "Wide"
    other.close()


def test_a_session_opened_before_the_workspace_is_there(worked, qtbot, tmp_path):
    worked.document.set_current_cluster(2)
    path = tmp_path / "work.gmmdesk"
    save(worked, path)
    late = MainWindow()
    qtbot.addWidget(late)
    with qtbot.waitSignal(late.sessions.opened):
        late.open_source(str(path))
    late.build_workspace()
    assert late.document.current_cluster == 2
    assert late.windowTitle().startswith("work.gmmdesk")
    late.close()


def test_a_damaged_session_is_refused_and_nothing_is_lost(worked, tmp_path):
    path = tmp_path / "work.gmmdesk"
    path.write_bytes(b"PK nonsense")
    analysis = worked.document.analysis
    assert "no sound session" in worked.message(lambda: worked.window.open_source(str(path)))
    assert worked.document.analysis is analysis


# --- the table is not as it was ----------------------------------------------------------------


@pytest.fixture
def box(monkeypatch):
    """Presses the button of the next message whose text begins with `box.press`."""

    class Presser:
        press = ""
        said = ""

        def open(self, message):
            self.said = f"{message.text()} {message.informativeText()}"
            buttons = {button.text().replace("&", ""): button for button in message.buttons()}
            next(b for text, b in buttons.items() if text.startswith(self.press)).click()

    presser = Presser()

    def press(message):  # as `open` is by then
        presser.open(message)

    monkeypatch.setattr(QMessageBox, "open", press)
    return presser


def test_a_changed_table_can_be_opened_and_fitted_again(worked, tmp_path, box):
    path, table = tmp_path / "work.gmmdesk", worked.document.dataset.path
    save(worked, path)
    table.write_text(table.read_text() + "row40,1.0,2.0\n")
    box.press = "Open anyway"
    worked.wait(worked.window.sessions.opened, lambda: worked.window.open_source(str(path)))
    assert "has changed" in box.said
    assert "found again" in box.said
    document = worked.document
    assert document.dataset.n_rows == 41
    assert (document.settings.k_min, document.settings.seed) == (3, 4)
    assert document.analysis is None
    assert worked.window.sessions.is_modified
    worked.find()
    assert document.n_clusters == 3


def test_a_table_elsewhere_is_read_only_after_asking(worked, qtbot, tmp_path, box):
    """Unless the session was saved here: then its table is known."""
    table, path = worked.document.dataset.path, tmp_path / "sent" / "work.gmmdesk"
    path.parent.mkdir()
    save(worked, path)
    other = shown_window(qtbot)
    open_in(qtbot, other, path)  # unasked
    assert other.document.n_clusters == 3
    QSettings().clear()  # as for another user
    dataset = other.document.dataset
    box.press = "Cancel"
    with qtbot.waitSignal(other.sessions.table_wanted, timeout=20_000):
        other.open_source(str(path))
    assert "from another place" in box.said
    assert str(table) in box.said
    assert other.document.dataset is dataset
    box.press = "Read it there"
    open_in(qtbot, other, path)
    assert other.document.n_clusters == 3
    box.press = "none"
    open_in(qtbot, other, path)  # it is known from now on
    other.close()


def test_a_table_on_another_computer_is_asked_about_although_it_is_known(qapp):
    share = Path("//host/share/t.csv")
    recent.remember_file(share)
    known_tables.know_table(share)
    known_tables.know_table(Path("/data/t.csv"))
    may_read = known_tables.may_read_unasked()
    assert not may_read(str(share))
    assert may_read("/data/t.csv")


def test_rows_chosen_in_a_changed_table_are_not_left_out_unseen(worked, tmp_path, box):
    document, path = worked.document, tmp_path / "work.gmmdesk"
    steps = (LeaveOutRows(rows=(17,), reason="broken"), Logarithm(columns=("width",)))
    document.change_settings("leaving out", steps=steps)
    save(worked, path)
    table, raised = document.dataset.path, []
    first, *lines = table.read_text().splitlines(keepends=True)
    table.write_text(first + "".join(lines[::-1]))
    box.press = "Open anyway"
    document.problem_raised.disconnect()
    document.problem_raised.connect(lambda error: raised.append(str(error)))
    worked.wait(worked.window.sessions.opened, lambda: worked.window.open_source(str(path)))
    worked.qtbot.waitUntil(lambda: bool(raised))
    assert [step.on for step in document.settings.steps] == [False, True]
    assert "Leave out row 17" in raised[0]


def test_a_missing_table_can_be_found_again(worked, tmp_path, box, monkeypatch):
    path, table = tmp_path / "work.gmmdesk", worked.document.dataset.path
    save(worked, path)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(table, moved / "other.csv")
    box.press = "Choose"
    monkeypatch.setattr(session_dialogs, "choose_table", lambda *_: moved / "other.csv")
    before = worked.document.analysis
    worked.wait(worked.window.sessions.opened, lambda: worked.window.open_source(str(path)))
    assert "not where it was" in box.said
    assert str(table) in box.said
    assert worked.document.dataset.path == moved / "other.csv"
    assert same(worked.document.analysis.rows, before.rows)
    assert worked.window.sessions.is_modified  # or it would be asked for again
    save(worked, path)
    assert read_session(path)[1].dataset.path == moved / "other.csv"


def test_a_wrong_table_for_a_missing_one_is_noticed(worked, tmp_path, box, monkeypatch):
    path, table = tmp_path / "work.gmmdesk", worked.document.dataset.path
    save(worked, path)
    table.unlink()
    (tmp_path / "wrong.csv").write_text("a,b\n" + "1,2\n3,5\n" * 9)
    presses = iter(["Choose", "Cancel"])
    ordinary = box.open

    def press_next(message):
        box.press = next(presses)
        ordinary(message)

    box.open = press_next
    monkeypatch.setattr(session_dialogs, "choose_table", lambda *_: tmp_path / "wrong.csv")
    asked = []
    worked.window.sessions.table_wanted.connect(asked.append)
    worked.window.open_source(str(path))
    worked.qtbot.waitUntil(lambda: len(asked) == 2)
    assert "has changed" in box.said
    assert worked.document.names[1] == "Wide"  # what was there is there


# --- leaving -----------------------------------------------------------------------------------


@pytest.fixture
def wish(driver, monkeypatch):
    """What the user answers when asked about unsaved work, and how often that was."""

    class Answers:
        def __init__(self):
            self.answer = Wish.STAY
            self.names = []

    answers = Answers()
    monkeypatch.setattr(
        main_window,
        "ask_about_unsaved",
        lambda name, *_: answers.names.append(name) or answers.answer,
    )
    yield answers
    answers.answer = Wish.LOSE


def test_closing_asks_about_unsaved_work(worked, wish, tmp_path, monkeypatch):
    window = worked.window
    window.close()
    assert window.isVisible()
    assert wish.names == ["things.csv"]
    path = tmp_path / "work.gmmdesk"
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: (path, False))
    wish.answer = Wish.SAVE
    window.close()
    worked.qtbot.waitUntil(lambda: not window.isVisible())
    assert read_session(path)[0].answer.names()[1] == "Wide"


def test_closing_without_work_does_not_ask(driver, csv, wish):
    driver.open(csv)
    driver.window.close()
    assert wish.names == []
    assert not driver.window.isVisible()


def test_who_thinks_better_of_saving_stays(worked, wish, monkeypatch):
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: None)
    wish.answer = Wish.SAVE
    worked.window.close()
    assert worked.window.isVisible()


def test_what_is_changed_while_it_is_saved_is_asked_about_again(
    worked, wish, tmp_path, monkeypatch
):
    window, path = worked.window, tmp_path / "work.gmmdesk"
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: (path, False))
    window.sessions.saved.connect(lambda _: setattr(wish, "answer", Wish.STAY))
    wish.answer = Wish.SAVE
    with worked.qtbot.waitSignal(window.sessions.saved, timeout=20_000):
        window.close()
        worked.document.edits.rename(0, "Narrow")  # while it is being written
    assert len(wish.names) == 2
    assert window.isVisible()
    assert window.sessions.is_modified
    assert worked.document.names[0] == "Narrow"


def test_another_table_asks_about_unsaved_work(worked, wish, tmp_path, monkeypatch):
    document, dataset = worked.document, worked.document.dataset
    worked.window.open_source("sample:iris")
    assert len(wish.names) == 1
    assert document.dataset is dataset
    assert not document.file_work.is_running
    path = tmp_path / "work.gmmdesk"
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: (path, False))
    wish.answer = Wish.SAVE
    worked.wait(document.dataset_changed, lambda: worked.window.open_source("sample:iris"))
    assert path.exists()
    assert document.dataset.name == "Iris flowers"
    assert worked.window.sessions.path is None


# Also where a network drive goes away: what the system says is passed on.
REFUSALS = {
    errno.ENOSPC: "no space left",
    errno.EIO: "input/output error",
    errno.ESTALE: "stale file handle",
    errno.EROFS: "read-only file system",
}


@pytest.mark.parametrize("number", REFUSALS)
def test_what_a_disk_refuses_is_said_and_the_work_stays(
    worked, wish, tmp_path, monkeypatch, number
):
    autosave(worked)  # which would say so too, a little later
    path = tmp_path / "work.gmmdesk"
    ordinary = os.fsync

    def full(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    message = worked.message(lambda: worked.window.sessions.save(path, False))
    assert REFUSALS[number] in message.lower()
    assert str(path) in message
    assert worked.window.sessions.is_modified
    assert worked.document.analysis is not None
    monkeypatch.setattr(main_window, "choose_session_path", lambda *_: (tmp_path / "x/y", False))
    wish.answer = Wish.SAVE
    assert "does not exist" in worked.message(worked.window.close)
    assert worked.window.isVisible()
    monkeypatch.setattr(os, "fsync", ordinary)
    save(worked, path)
    assert not worked.window.sessions.is_modified


# --- kept for a crash --------------------------------------------------------------------------


def autosave(driver):
    window = driver.window
    driver.wait(window.sessions._worker.became_idle, window.sessions.autosave)


def crash(window):
    """Leave behind what a process leaves that is killed."""
    recovery = window.sessions._recovery
    recovery._lock.release()
    recovery._lock = None


def test_a_change_is_kept_a_little_later(worked, monkeypatch):
    monkeypatch.setattr(worked.window.sessions._timer, "interval", lambda: 0)
    worked.window.sessions._timer.setInterval(0)
    worked.window.sessions._timer.stop()
    worked.wait(
        worked.window.sessions._worker.became_idle,
        lambda: worked.document.edits.rename(0, "Narrow"),
    )
    assert list(recovery_folder().glob("*/session.gmmdesk"))
    worked.window.close()
    assert list(recovery_folder().iterdir()) == []  # what is not wanted is not kept


def test_an_answer_is_kept_at_once(driver, csv):
    driver.window.sessions._timer.setInterval(3_600_000)
    driver.open(csv)
    driver.document.change_settings("choosing", k_min=2, k_max=2, models=("VVV",))
    driver.wait(driver.window.sessions._worker.became_idle, driver.find)
    (kept,) = recovery_folder().glob("*/session.gmmdesk")
    assert read_session(kept)[0].answer is not None


def test_what_a_running_search_has_found_is_kept(driver, qtbot, csv):
    document, window = driver.document, driver.window
    driver.open(csv)
    document.change_settings("choosing", k_min=1, k_max=9, restarts=50, tol=0.0)
    document.start_fit()

    def is_some_way() -> bool:
        search = document.progress and document.progress.search
        return bool(search and len(search.tried) > 2)

    qtbot.waitUntil(is_some_way)
    autosave(driver)
    assert document.is_running
    assert document.analysis is None
    crash(window)
    other = shown_window(qtbot)
    with qtbot.waitSignal(other.sessions.left_found):
        other.offer_recovery()
    (dialog,) = other.findChildren(RecoveryDialog)
    with qtbot.waitSignal(other.sessions.opened):
        dialog._on_restore_clicked()
    again = other.document
    assert again.analysis.stopped_early
    assert len(again.analysis.candidates) > 2
    assert again.undo_stack.text(1).startswith("Finding clusters")
    again.undo()
    assert again.analysis is None
    other.close()


def test_a_search_is_kept_while_it_goes_on(driver, qtbot, csv):
    driver.window.sessions._timer.setInterval(0)
    driver.open(csv)
    driver.document.change_settings("choosing", k_min=1, k_max=9, restarts=50, tol=0.0)
    driver.document.start_fit()

    def is_kept() -> bool:
        kept = list(recovery_folder().glob("*/session.gmmdesk"))
        return bool(kept) and read_session(kept[0])[0].answer is not None

    qtbot.waitUntil(is_kept)
    assert driver.document.is_running


def test_what_was_saved_is_not_offered_after_a_crash(worked, tmp_path):
    autosave(worked)
    assert list(recovery_folder().glob("*/session.gmmdesk"))
    sessions = worked.window.sessions
    with worked.qtbot.waitSignal(sessions._worker.became_idle, timeout=20_000):
        sessions.save(tmp_path / "work.gmmdesk", embeds=False)
    assert list(recovery_folder().iterdir()) == []


@pytest.mark.parametrize("pasted", [False, True])
def test_work_is_restored_after_a_crash(driver, qtbot, csv, tmp_path, pasted):
    if pasted:
        QGuiApplication.clipboard().setText(TABLE)
        driver.wait(driver.document.prepared_changed, driver.window.actions_.paste.trigger)
    else:
        driver.open(csv)
        save(driver, tmp_path / "mine.gmmdesk")
    driver.document.change_settings("choosing", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    driver.document.edits.rename(1, "Wide")
    autosave(driver)
    crash(driver.window)
    other = shown_window(qtbot)
    with qtbot.waitSignal(other.sessions.left_found):
        other.offer_recovery()
    (dialog,) = other.findChildren(RecoveryDialog)
    (line,) = [dialog._list.item(i).text() for i in range(dialog._list.count())]
    assert ("Pasted table" if pasted else "mine.gmmdesk") in line
    with qtbot.waitSignal(other.sessions.opened):
        dialog._on_restore_clicked()
    assert other.document.names == driver.document.names
    assert same(other.document.analysis.rows, driver.document.analysis.rows)
    assert other.sessions.path == (None if pasted else tmp_path / "mine.gmmdesk")
    assert other.sessions.is_modified
    qtbot.waitUntil(lambda: other.sessions._left is None)
    assert left_behind() == []  # kept by this window now
    assert len(list(recovery_folder().glob("*/session.gmmdesk"))) == 1
    other.close()
    assert left_behind() == []
    assert list(recovery_folder().iterdir()) == []


def test_what_was_left_can_be_put_off_and_discarded(worked, qtbot):
    autosave(worked)
    crash(worked.window)
    other = shown_window(qtbot)
    for answer in ("reject", "_on_discard_clicked"):
        with qtbot.waitSignal(other.sessions.left_found):
            other.sessions.look_for_left()
        dialog = other.findChildren(RecoveryDialog)[-1]
        getattr(dialog, answer)()
        qtbot.waitUntil(lambda: not other.findChildren(RecoveryDialog))
    assert left_behind() == []
    other.close()


def test_failing_to_keep_is_said_once(worked, home):
    shutil.rmtree(home / "state", ignore_errors=True)
    (home / "state").write_text("in the way")
    assert "not being kept" in worked.message(worked.window.sessions.autosave)
    said = []
    worked.document.problem_raised.connect(said.append)
    worked.document.edits.rename(0, "Narrow")
    autosave(worked)
    assert said == []
    (home / "state").unlink()
    autosave(worked)
    assert list(recovery_folder().glob("*/session.gmmdesk"))


# --- history and colours -----------------------------------------------------------------------


def test_a_long_step_of_the_history_is_there_to_its_end(worked, qtbot):
    worked.document.edits.rename(0, "those who come on Sundays and pay cash " * 4)
    worked.document.edits.rename(0, "Narrow")
    worked.window.actions_.history.trigger()
    (steps,) = worked.window.findChild(HistoryDialog).findChildren(QListWidget)
    qtbot.waitUntil(steps.isVisible)
    line, long = (steps.visualItemRect(steps.item(row)) for row in (0, steps.count() - 1))
    text, wraps = steps.item(steps.count() - 1).text(), Qt.TextFlag.TextWordWrap
    needed = steps.fontMetrics().boundingRect(0, 0, long.width(), 1000, wraps, text)
    assert long.width() <= steps.viewport().width()
    assert long.height() >= needed.height() > line.height()
    steps.window().close()


def test_the_history_is_opened_anew_each_time(worked, qtbot):
    """Window managers put one that had been hidden lower by the height of its title."""
    worked.window.actions_.history.trigger()
    dialog = worked.window.findChild(HistoryDialog)
    qtbot.waitUntil(dialog.isVisible)
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    worked.document.edits.rename(0, "Narrow")
    worked.window.actions_.history.trigger()
    (steps,) = worked.window.findChild(HistoryDialog).findChildren(QListWidget)
    assert steps.currentRow() == worked.document.undo_stack.index()
    steps.window().close()


def test_the_history_lists_every_step_and_goes_there(worked, qtbot):
    window, document = worked.window, worked.document
    window.actions_.history.trigger()
    (steps,) = window.findChild(HistoryDialog).findChildren(QListWidget)
    model = steps.model()
    lines = [model.index(i, 0).data() for i in range(model.rowCount())]
    assert lines == [
        "Opened the table", "Choosing", "Finding clusters (3 clusters of shape EEE in 40 rows)",
        "Renaming Cluster 2", "Colouring Wide",
    ]  # fmt: skip
    at = steps.visualRect(model.index(2, 0)).center()
    qtbot.mouseClick(steps.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert document.names[1] == "Cluster 2"
    assert document.n_clusters == 3
    steps.setCurrentIndex(model.index(0, 0))
    assert document.analysis is None
    steps.setCurrentIndex(model.index(4, 0))
    assert document.colors[1] == "#336699"
    steps.window().close()


def test_the_chosen_cluster_is_coloured_everywhere(worked, monkeypatch):
    window, document = worked.window, worked.document
    settled(worked)
    assert not window.actions_.color.isEnabled()
    document.set_current_cluster(0)
    monkeypatch.setattr(color_dialog.QColorDialog, "exec", lambda _: True)
    monkeypatch.setattr(color_dialog.QColorDialog, "selectedColor", lambda _: QColor("#8A2BE2"))
    window.actions_.color.trigger()
    settled(worked)
    assert document.colors[0] == "#8A2BE2"
    map_view = window.workspace.map
    assert map_view.clusters.look.color(0).name().upper() == "#8A2BE2"
    inks = map_view.rows.inks()[:, :3]
    assert (np.abs(inks - np.array([0x8A, 0x2B, 0xE2]) / 255).max(axis=1) < 1e-4).any()
    worked.document.undo()
    assert map_view.clusters.look.color(0).name().upper() == document.colors[0] != "#8A2BE2"


def test_autosave_waits_a_few_seconds_at_most():
    assert sessions.AUTOSAVE_MS <= 5_000
