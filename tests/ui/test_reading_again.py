"""Reading the table in another way is a step like any other: undone, listed and saved."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QComboBox, QListWidget, QMessageBox

from gmmdesk.data.options import ReadOptions
from gmmdesk.ui import main_window, reading, readings, session_dialogs
from gmmdesk.ui.history import HistoryDialog
from gmmdesk.ui.importing.dialog import ImportDialog
from gmmdesk.ui.remembered import recall
from gmmdesk.ui.selection import How
from gmmdesk.ui.session_dialogs import Wish
from tests.ui.conftest import shown_window
from tests.ui.test_sessions import open_in, save

STEPS = [
    "Opened the table", "Choosing", "Finding clusters (2 clusters of shape VVV in 40 rows)",
    "Renaming Cluster 1", "Selecting rows",
    "Reading the table again (decimal mark)", "Choosing",
]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    """With commas that the last column proves to be decimal marks, and none of the first does."""
    path = tmp_path / "numbers.csv"
    rows = [f"{1 + i % 2 * 4 + i / 40:.3f};{i % 2 * 9 + i * 7 % 5};0.5\n" for i in range(40)]
    path.write_text("weight;size;share\n" + "".join(rows).replace(".", ","), encoding="utf-8")
    return path


def read_with(driver, decimal):
    """Press Change…, take another decimal mark, and Open."""
    window = driver.window
    (change,) = [b for b in window.findChildren(QAbstractButton) if b.text() == "Change…"]
    driver.qtbot.mouseClick(change, Qt.MouseButton.LeftButton)
    dialog = window.findChild(ImportDialog)
    driver.qtbot.waitSignal(dialog.previewed, timeout=10_000).wait()
    (marks,) = [w for w in dialog.findChildren(QComboBox) if w.accessibleName() == "Decimal mark"]
    index = next(i for i in range(marks.count()) if decimal in marks.itemText(i))
    marks.setCurrentIndex(index)
    driver.wait(dialog.previewed, lambda: marks.activated.emit(index))
    (agree,) = [b for b in dialog.findChildren(QAbstractButton) if b.text() == "Open"]
    driver.qtbot.mouseClick(agree, Qt.MouseButton.LeftButton)


@pytest.fixture
def no_room(monkeypatch):
    monkeypatch.setattr(readings, "_ROOM", 0)


@pytest.fixture
def twice(driver, path, monkeypatch):
    """A table with two clusters, a name and a selection, read in another way, and a choice."""
    asked = []
    monkeypatch.setattr(main_window, "ask_about_unsaved", lambda *a: asked.append(a) or Wish.LOSE)
    document = driver.document
    driver.open(path)
    document.change_settings("choosing", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    document.edits.rename(0, "Heavy")
    document.selection.change_rows(np.array([3, 4]), How.REPLACE)
    said = driver.message(lambda: read_with(driver, "Point"))
    assert "found again" in said
    assert "Undo goes back" in said
    document.change_settings("choosing", seed=5)
    assert not asked  # nothing is lost
    return driver


def weight(document):
    return document.dataset.column("weight").number(3)


def go_back(window, qtbot):
    """Undo the choice, and the reading; wait for the clusters there were."""
    document = window.document
    window.actions_.undo.trigger()
    assert "reading the table again" in window.actions_.undo.text()
    with qtbot.waitSignal(document.dataset_changed, timeout=10_000):
        window.actions_.undo.trigger()
    qtbot.waitUntil(lambda: document.analysis is not None)


def test_it_is_undone_and_made_again(twice, qtbot, path):
    window, document = twice.window, twice.document
    assert weight(document) == 5075
    assert document.analysis is None
    assert document.settings.k_max == 2
    assert document.selection.count == 0
    assert recall(path).decimal == "."
    go_back(window, qtbot)
    assert weight(document) == 5.075
    assert document.names[0] == "Heavy"
    assert document.settings.seed == 0
    assert document.selection.rows.rows().tolist() == [3, 4]
    qtbot.waitUntil(lambda: recall(path) is None)  # nor is it read so the next time
    window.actions_.redo.trigger()
    assert weight(document) == 5075
    assert document.analysis is None
    assert document.selection.count == 0
    window.actions_.redo.trigger()
    assert document.settings.seed == 5
    qtbot.waitUntil(lambda: document.prepared is not None)
    prepared = document.prepared
    found = prepared.center[0] + prepared.scale[0] * prepared.X[:, 0]
    np.testing.assert_allclose(found, document.dataset.column("weight").numbers())
    assert found.max() > 1000


def test_the_history_lists_it_and_jumps_across(twice, qtbot):
    document = twice.document
    twice.window.actions_.history.trigger()
    (steps,) = twice.window.findChild(HistoryDialog).findChildren(QListWidget)
    assert [steps.item(i).text() for i in range(steps.count())] == STEPS
    for row, expected in ((2, 5.075), (6, 5075), (0, 5.075)):
        at = steps.visualItemRect(steps.item(row)).center()
        qtbot.mouseClick(steps.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert weight(document) == expected
        assert document.undo_stack.index() == row
    assert document.settings.k_max != 2
    assert document.analysis is None
    steps.window().close()


def test_a_table_without_room_is_read_again(no_room, twice, qtbot):
    window, document = twice.window, twice.document
    go_back(window, qtbot)
    assert document.names[0] == "Heavy"
    with qtbot.waitSignal(document.dataset_changed, timeout=10_000):
        document.go_to_step(len(STEPS) - 1)
    assert weight(document) == 5075
    assert document.settings.seed == 5


@pytest.mark.parametrize("meanwhile", ["a choice", "a fit"])
def test_what_is_begun_while_the_table_is_read_again_is_not_undone(
    no_room, twice, monkeypatch, meanwhile
):
    document, may_go_on = twice.document, threading.Event()
    read = reading.read_source
    document.undo()  # the choice; the next is the reading
    here = document.undo_stack.index()

    def read_later(*arguments, **keywords):
        may_go_on.wait(20)
        return read(*arguments, **keywords)

    monkeypatch.setattr(reading, "read_source", read_later)
    with monkeypatch.context() as patch:
        document.undo()
        if meanwhile == "a choice":
            document.change_settings("choosing anew", seed=77)
            here += 1
        else:
            patch.setattr(type(document), "is_running", True)
        said = twice.message(may_go_on.set)
    assert "something else was begun or changed" in said
    assert document.undo_stack.index() == here
    assert weight(document) == 5075
    assert document.settings.seed == (77 if meanwhile == "a choice" else 0)
    may_go_on.clear()
    document.undo()
    if meanwhile == "a choice":
        assert document.settings.seed == 0
        document.undo()
    assert weight(document) == 5075  # it was not kept, where there is no room, but is read again
    twice.wait(document.dataset_changed, may_go_on.set)
    assert weight(document) == 5.075


@pytest.mark.parametrize(
    "change", [lambda path: path.write_text("a;b\n1;2\n"), lambda p: p.unlink()]
)
def test_a_file_that_is_no_more_as_it_was_is_said_and_all_stays(no_room, twice, path, change):
    change(path)
    window, document = twice.window, twice.document
    window.actions_.history.trigger()
    (steps,) = window.findChild(HistoryDialog).findChildren(QListWidget)
    said = twice.message(lambda: steps.setCurrentRow(2))
    assert path.name in said
    assert weight(document) == 5075
    assert steps.currentRow() == document.undo_stack.index() == len(STEPS) - 1
    steps.window().close()


@pytest.mark.parametrize("embeds", [False, True])
def test_a_session_keeps_it(twice, qtbot, tmp_path, embeds):
    document = twice.document
    session = tmp_path / "work.gmmdesk"
    save(twice, session, embeds=embeds)
    assert twice.window.sessions.path == session
    other = shown_window(qtbot)
    open_in(qtbot, other, session)
    assert other.document.settings == document.settings
    assert weight(other.document) == 5075
    go_back(other, qtbot)
    assert weight(other.document) == 5.075
    assert other.document.names[0] == "Heavy"
    assert other.sessions.path == session
    assert other.sessions.is_modified
    other.document.redo()
    other.document.redo()
    assert not other.sessions.is_modified
    other.close()


def test_a_session_from_somebody_else_reads_nothing_unseen(
    twice, qtbot, path, tmp_path, monkeypatch
):
    session = tmp_path / "work.gmmdesk"
    save(twice, session, embeds=True)
    other = shown_window(qtbot)
    open_in(qtbot, other, session)
    monkeypatch.setattr(readings, "may_read_unasked", lambda: lambda _place: False)
    with qtbot.waitSignal(other.document.problem_raised) as problem:
        other.document.go_to_step(0)
    assert path.name in str(problem.args[0])
    assert weight(other.document) == 5075
    other.close()


def test_the_history_of_a_pasted_table_goes_as_far_as_it_can_be_read(driver, qtbot, qapp, path):
    document = driver.document
    driver.wait(document.prepared_changed, lambda: document.open_text(path.read_text("utf-8")))
    source = document.origin.source
    driver.wait(document.dataset_changed, lambda: document.read(source, ReadOptions(decimal=".")))
    document.change_settings("choosing", seed=5)
    past = document.contents().past
    assert past.texts == ("reading the table again (decimal mark)", "choosing")
    document.go_to_step(0)
    assert weight(document) == 5.075
    document.go_to_step(2)
    driver.window.sessions.save(path.with_name("s.gmmdesk"), embeds=False)
    qtbot.waitSignal(driver.window.sessions.saved).wait()
    other = shown_window(qtbot)
    open_in(qtbot, other, path.with_name("s.gmmdesk"))
    assert other.document.contents().past.texts == ("choosing",)
    assert other.document.commands.is_cut
    other.close()


def test_a_file_that_has_changed_is_another_table(driver, qtbot, path, monkeypatch):
    document = driver.document
    driver.open(path)
    document.change_settings("choosing", seed=5)
    asked = []
    path.write_text("weight;size\n" + "1,5;2\n2,5;3\n" * 20, encoding="utf-8")
    monkeypatch.setattr(main_window, "ask_about_unsaved", lambda *a: asked.append(a) or Wish.STAY)
    with qtbot.waitSignal(document.file_work.ended, timeout=10_000):
        document.read(document.origin.source, ReadOptions(row_limit=10))
    qtbot.waitUntil(lambda: bool(asked))
    assert document.dataset.n_rows == 40
    monkeypatch.setattr(main_window, "ask_about_unsaved", lambda *a: Wish.LOSE)
    driver.wait(
        document.dataset_changed,
        lambda: document.read(document.origin.source, ReadOptions(row_limit=10)),
    )
    assert document.dataset.n_rows == 10
    assert document.undo_stack.count() == 0


def begin_long_fit(driver, path):
    """A fit that ends when it is stopped, with something found."""
    document = driver.document
    driver.open(path)
    document.change_settings("choosing", k_min=2, k_max=9, restarts=400, tol=1e-12)
    driver.wait(document.progressed, driver.window.workspace.model_panel.find_button.click)
    assert document.is_running


def test_what_a_running_fit_has_found_is_a_step_before_the_reading(driver, qtbot, path):
    document = driver.document
    begin_long_fit(driver, path)
    said = driver.message(lambda: document.read(document.origin.source, ReadOptions(decimal=".")))
    assert "Finding clusters was stopped" in said
    assert weight(document) == 5075
    found, reading_again = document.contents().past.texts[-2:]
    assert found.startswith("finding clusters")
    assert reading_again == "reading the table again (decimal mark)"
    document.undo()
    qtbot.waitUntil(lambda: document.analysis is not None)
    assert weight(document) == 5.075


@pytest.mark.parametrize("goes_on", [False, True])
def test_another_table_asks_before_it_ends_a_fit(driver, path, csv, goes_on, monkeypatch):
    document, qtbot = driver.document, driver.qtbot
    begin_long_fit(driver, path)
    document.commands.mark_saved()
    seen = []

    def answer():
        (box,) = driver.window.findChildren(QMessageBox)
        seen.append(f"{box.text()} {box.informativeText()}")
        buttons = QMessageBox.StandardButton
        assert box.button(buttons.Save) is None
        box.button(buttons.Discard if goes_on else buttons.Cancel).click()

    with monkeypatch.context() as asking:  # closing the window at the end asks nobody
        asking.setattr(main_window, "ask_about_unsaved", session_dialogs.ask_about_unsaved)
        QTimer.singleShot(0, answer)
        driver.window.open_source(str(csv))
    assert f"Stop finding clusters in {path.name}?" in seen[0]
    assert "press Stop" in seen[0]
    if goes_on:
        qtbot.waitUntil(lambda: document.dataset.path == csv and not document.is_running)
    else:
        assert document.is_running
        assert not document.file_work.is_running
        document.stop_fit()
        qtbot.waitUntil(lambda: not document.is_running)


def test_agreeing_without_a_change_changes_nothing(driver, qtbot, path):
    document = driver.document
    driver.open(path)
    document.change_settings("choosing", seed=5)
    before = document.dataset
    (change,) = [b for b in driver.window.findChildren(QAbstractButton) if b.text() == "Change…"]
    qtbot.mouseClick(change, Qt.MouseButton.LeftButton)
    dialog = driver.window.findChild(ImportDialog)
    qtbot.waitSignal(dialog.previewed, timeout=20_000).wait()
    (agree,) = [b for b in dialog.findChildren(QAbstractButton) if b.text() == "Open"]
    qtbot.mouseClick(agree, Qt.MouseButton.LeftButton)
    assert not document.file_work.is_running
    assert document.dataset is before
    assert document.undo_stack.count() == 1
