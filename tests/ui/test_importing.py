"""Choosing how a file is read, with the mouse and the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QTableView,
)

from gmmdesk.data import limits
from gmmdesk.data.options import FOUND_OUT, Kind, ReadOptions
from gmmdesk.ui import opening
from gmmdesk.ui.importing.dialog import ImportDialog
from gmmdesk.ui.importing.too_large_dialog import TooLargeDialog
from gmmdesk.ui.reading import Source
from gmmdesk.ui.remembered import recall, remember

OPEN_ENDED = "price;size\n" + "".join(f"{1 + i % 7}.{100 + i};{i * i % 11}\n" for i in range(30))
PLAIN = "a,b\n" + "".join(f"{i * i % 7}.5,{i * 3 % 11}\n" for i in range(30))


class Asked:
    """An open import dialog, and the calls that tests repeat."""

    def __init__(self, qtbot, dialog):
        self.qtbot = qtbot
        self.dialog = dialog

    def named(self, kind, name):
        shown = [w for w in self.dialog.findChildren(kind) if w.isVisible()]
        (found,) = [w for w in shown if w.accessibleName() == name]
        return found

    def button(self, text):
        (found,) = [b for b in self.dialog.findChildren(QAbstractButton) if text in b.text()]
        return found

    def change(self, begin):
        """Do something and wait for the preview to follow."""
        with self.qtbot.waitSignal(self.dialog.previewed, timeout=20_000):
            begin()

    def choose(self, name, text):
        combo = self.named(QComboBox, name)
        index = next(i for i in range(combo.count()) if text in combo.itemText(i))
        combo.setFocus()
        combo.setCurrentIndex(index)
        self.change(lambda: combo.activated.emit(index))

    def cells(self):
        model = self.named(QTableView, "Preview of the table").model()
        return [
            [model.index(i, j).data() for j in range(model.columnCount())]
            for i in range(model.rowCount())
        ]

    def click(self, text):
        self.qtbot.mouseClick(self.button(text), Qt.MouseButton.LeftButton)


@pytest.fixture
def write(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.fixture
def ask(driver, qtbot):
    """Do what opens the dialog, and wait for its first preview."""

    def ask(begin):
        begin()
        qtbot.waitUntil(lambda: bool(driver.window.findChildren(ImportDialog)), timeout=20_000)
        asked = Asked(qtbot, driver.window.findChild(ImportDialog))
        qtbot.waitUntil(lambda: bool(asked.cells()), timeout=20_000)
        return asked

    return ask


def test_a_file_that_leaves_it_open_is_asked_about_and_remembered(driver, ask, qtbot, write):
    path, document = write(OPEN_ENDED), driver.document
    asked = ask(lambda: driver.window.open_source(str(path)))
    assert document.dataset is None
    assert not asked.button("Open").isEnabled()
    asked.change(lambda: asked.click("1100: commas are decimal marks"))
    assert asked.button("Open").isEnabled()
    assert asked.cells()[0][0] == "1.100 → 1100"
    driver.wait(document.prepared_changed, lambda: asked.click("Open"))
    assert document.dataset.column("price").numbers()[0] == 1100
    assert recall(path).decimal == ","

    driver.open(path)  # again, without being asked
    assert document.dataset.column("price").numbers()[0] == 1100
    assert document.origin.recalled
    labels = [label for label in driver.window.findChildren(QLabel) if label.isVisible()]
    assert any("as you chose last time" in label.text() for label in labels)


def test_choices_made_before_are_taken_back(driver, ask, qtbot, write):
    path, document = write(PLAIN), driver.document
    remember(path, ReadOptions(kinds=(("b", Kind.LEAVE_OUT),)))
    driver.open(path)
    assert document.settings.columns == ("a",)
    (anew,) = [b for b in driver.window.findChildren(QAbstractButton) if b.text() == "Find all out"]
    driver.wait(document.prepared_changed, anew.click)
    assert document.settings.columns == ("a", "b")
    assert recall(path) is None
    assert not anew.isVisible()


def test_choices_that_no_longer_fit_are_left_and_that_is_said(driver, write):
    path = write(PLAIN)
    remember(path, ReadOptions(kinds=(("gone", Kind.TEXT),)))
    driver.open(path)
    assert driver.document.settings.columns == ("a", "b")
    assert "'gone'" in driver.document.origin.unfit
    labels = [label.text() for label in driver.window.findChildren(QLabel) if label.isVisible()]
    assert any("Not as you chose last time" in text for text in labels)


def test_cancelling_leaves_the_table_that_was_there(driver, ask, write):
    driver.open(write(PLAIN, "first.csv"))
    before = driver.document.dataset
    asked = ask(lambda: driver.window.open_source(str(write(OPEN_ENDED, "second.csv"))))
    asked.click("Cancel")
    assert driver.document.dataset is before
    assert not driver.document.file_work.is_running


def test_every_choice_shows_in_the_preview(driver, ask, qtbot, write):
    path = write("Title\nx;y\ncm;\n1,5;a\nn/v;b\n2,5;a\n3,5;b\n4,5;a\n")
    driver.open(path)
    (change,) = [b for b in driver.window.findChildren(QAbstractButton) if b.text() == "Change…"]
    asked = ask(change.click)
    assert asked.cells()[0] == ["1,5 → 1.5", "a"]
    reasons = [label.text() for label in asked.dialog.findChildren(QLabel) if label.isVisible()]
    assert "The first row holds names, unlike the rows below it." in reasons
    assert "Units stand below the names of columns of numbers." in reasons

    words = asked.named(QLineEdit, "Words for missing values")
    words.setFocus()
    qtbot.keyClicks(words, "n/v")
    asked.change(lambda: qtbot.keyClick(words, Qt.Key.Key_Tab))
    asked.choose("Kind of y", "Leave out")
    skip = asked.named(QSpinBox, "Rows to skip")
    skip.setFocus()
    asked.change(lambda: qtbot.keyClick(skip, Qt.Key.Key_Up))  # 0: the title is the header then
    assert asked.dialog.options().skip_rows == 0
    asked.change(lambda: qtbot.keyClick(skip, Qt.Key.Key_Up))
    asked.choose("Kind of y", "Leave out")  # other columns may have come
    asked.choose("Delimiter", "Semicolon")
    asked.choose("Kind of y", "Leave out")
    driver.wait(driver.document.prepared_changed, lambda: asked.click("Open"))
    dataset = driver.document.dataset
    assert dataset.options == ReadOptions(
        skip_rows=1, delimiter=";", missing_words=("n/v",), kinds=(("y", Kind.LEAVE_OUT),)
    )
    assert dataset.column("x").n_missing == 1
    assert dataset.column("y").kind == "left out"


def test_a_choice_that_cannot_be_is_told_and_can_be_mended(driver, ask, qtbot, write):
    driver.open(write(PLAIN))
    asked = ask(lambda: main_window_change(driver))
    asked.choose("Encoding", "UTF-16")
    assert not asked.button("Open").isEnabled()
    labels = " ".join(label.text() for label in asked.dialog.findChildren(QLabel))
    assert "utf-16" in labels or "no table" in labels or "UTF-16" in labels
    asked.change(lambda: asked.click("Find all out"))
    assert asked.button("Open").isEnabled()
    assert asked.dialog.options() == FOUND_OUT
    asked.click("Cancel")


def main_window_change(driver):
    (change,) = [b for b in driver.window.findChildren(QAbstractButton) if b.text() == "Change…"]
    change.click()


def test_opening_with_options_from_the_menu(driver, ask, write, monkeypatch):
    path = write(PLAIN)
    monkeypatch.setattr(opening.OpenDialog, "ask", lambda _: path)
    asked = ask(driver.window.actions_.open_with.trigger)
    asked.choose("Rows", "Drawn at random")
    number = asked.named(QSpinBox, "Number of rows")
    asked.change(lambda: number.setValue(12))
    driver.wait(driver.document.prepared_changed, lambda: asked.click("Open"))
    assert driver.document.dataset.n_rows == 12
    assert recall(path) == ReadOptions(sample_rows=12)


def test_a_pasted_table_is_asked_about_too(driver, ask, qapp):
    QGuiApplication.clipboard().setText(OPEN_ENDED)
    asked = ask(driver.window.actions_.paste.trigger)
    asked.change(lambda: asked.click("1.100: points are decimal marks"))
    driver.wait(driver.document.prepared_changed, lambda: asked.click("Open"))
    assert driver.document.dataset.column("price").numbers()[0] == 1.1
    assert driver.document.dataset.receipt.source == "clipboard"


def test_a_column_left_as_text_needs_no_answer(driver, ask, write):
    asked = ask(lambda: driver.window.open_source(str(write(OPEN_ENDED))))
    assert not asked.button("Open").isEnabled()
    asked.choose("Kind of price", "Text")
    assert asked.button("Open").isEnabled()
    assert not [r for r in asked.dialog.findChildren(QRadioButton) if r.isVisible()]
    driver.wait(driver.document.prepared_changed, lambda: asked.click("Open"))
    assert driver.document.settings.columns == ("size",)


def test_words_that_may_mean_missing_are_offered_to_tick(driver, ask, write):
    """The first rows have none: it is the whole table that is looked through."""
    rows = [f"{i * i % 97};{i % 7}" for i in range(600)] + ["k.A.;1"] * 3
    path, document = write("\n".join(["income;size", *rows])), driver.document
    driver.open(path)
    assert len(document.dataset.column("income").unreadable) == 3
    buttons = driver.window.findChildren(QAbstractButton)
    asked = ask(next(button for button in buttons if button.text() == "Change…").click)
    offer = asked.button("“k.A.” in 'income' (3 cells)")
    assert "people type it" in offer.text()
    asked.change(offer.click)
    assert asked.named(QLineEdit, "Words for missing values").text() == "k.A."
    asked.change(offer.click)  # it stays, to be taken back
    assert asked.named(QLineEdit, "Words for missing values").text() == ""
    asked.change(offer.click)
    assert offer.isChecked()
    driver.wait(document.dataset_changed, lambda: asked.click("Open"))
    assert document.dataset.column("income").n_missing == 3
    assert not len(document.dataset.column("income").unreadable)


def test_what_the_whole_file_proves_is_not_asked_because_of_its_first_rows(driver, ask, write):
    path = write("price,n\n" + "1.234,4\n2.500,5\n" * 2_000 + "0.5,4\n")
    driver.open(path)
    asked = ask(lambda: main_window_change(driver))
    assert asked.button("Open").isEnabled()
    assert asked.named(QComboBox, "Decimal mark").itemText(0) == "Found: point"
    asked.click("Cancel")


def test_a_file_without_room_in_memory_offers_a_part(driver, qtbot, write, monkeypatch):
    path = write("x,y\n" + "1.5,2\n2.5,7\n3.5,3\n" * 30_000)
    monkeypatch.setattr(limits, "available_memory", lambda: 500_000)
    driver.window.open_source(str(path))
    qtbot.waitUntil(lambda: bool(driver.window.findChildren(TooLargeDialog)), timeout=20_000)
    dialog = driver.window.findChild(TooLargeDialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "t.csv does not fit into memory" in words
    assert "Rows in the file about 90,0" in words
    assert "Memory free 0.5 MB" in words
    (number,) = [s for s in dialog.findChildren(QSpinBox) if s.accessibleName() == "Number of rows"]
    number.setValue(500)
    (accept,) = [b for b in dialog.findChildren(QAbstractButton) if b.text() == "Read this part"]
    driver.wait(driver.document.prepared_changed, accept.click)
    assert driver.document.dataset.n_rows == 500
    assert driver.document.dataset.options == ReadOptions(sample_rows=500)


def test_of_records_without_room_in_memory_the_first_are_offered(
    driver, qtbot, tmp_path, monkeypatch
):
    """To draw some at random all would have to be read."""
    path = tmp_path / "t.json"
    path.write_text("[" + ",".join('{"x": 1.5, "y": 2}' for _ in range(20_000)) + "]")
    monkeypatch.setattr(limits, "available_memory", lambda: 500_000)
    driver.window.open_source(str(path))
    qtbot.waitUntil(lambda: bool(driver.window.findChildren(TooLargeDialog)), timeout=20_000)
    dialog = driver.window.findChild(TooLargeDialog)
    (way,) = [b for b in dialog.findChildren(QRadioButton) if b.isVisible()]
    assert way.text() == "The first rows"
    assert way.isChecked()
    assert not any("seed" in box.toolTip() for box in dialog.findChildren(QDoubleSpinBox))
    dialog.reject()


def test_a_source_knows_what_it_is():
    assert Source("sample:iris").path is None
    assert Source("clipboard", "a\tb\n").path is None
    assert Source("folder/t.csv").name == "t.csv"


def test_the_dialog_is_reachable_by_keyboard_and_named(driver, ask, qtbot, write):
    asked = ask(lambda: driver.window.open_source(str(write(OPEN_ENDED))))
    kinds = (QAbstractButton, QComboBox, QSpinBox, QLineEdit, QTableView)
    shown = [w for kind in kinds for w in asked.dialog.findChildren(kind) if w.isVisible()]
    own = [w for w in shown if not isinstance(w.parentWidget(), (QSpinBox, QTableView, QComboBox))]
    for widget in own:
        if widget.objectName().startswith("qt_"):
            continue
        assert widget.accessibleName() or widget.text(), widget
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget
    asked.click("Cancel")
