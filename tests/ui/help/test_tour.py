"""The guided first analysis goes along with who does its steps, and does them for who does not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from gmmdesk.ui.help.callout import Callout, Frame


def click(driver, text, within=None):
    buttons = (within or driver.window).findChildren(QAbstractButton)
    (found,) = [one for one in buttons if one.text() == text and one.isVisible()]
    driver.qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def parts(driver):
    (callout,) = driver.window.findChildren(Callout)
    (frame,) = driver.window.findChildren(Frame)
    return callout, frame


def rect_of(driver, widget):
    return QRect(widget.mapTo(driver.window, QPoint()), widget.size())


def quick(document):
    document.change_settings("quick", k_min=2, k_max=3, models=("VVI",), restarts=1)


@pytest.fixture
def started(driver):
    click(driver, "Guided first analysis")
    return driver


@pytest.mark.parametrize("is_within", [True, False])
def test_escape_ends_it(started, is_within):
    callout, frame = parts(started)
    columns = started.window.workspace.columns_panel
    started.qtbot.keyClick(callout.next if is_within else columns, Qt.Key.Key_Escape)
    assert not callout.isVisible()
    assert not frame.isVisible()


def test_it_goes_on_when_the_user_has_done_the_step(started):
    driver, workspace = started, started.window.workspace
    callout, frame = parts(driver)
    assert callout.title == "Open a table"
    assert not callout.back.isEnabled()
    card = driver.window.sample_button("penguins")
    assert frame.geometry().contains(rect_of(driver, card))
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.qtbot.mouseClick(card, Qt.MouseButton.LeftButton),
    )
    assert callout.title == "Look at the ticked columns"
    quick(driver.document)
    driver.qtbot.waitUntil(callout.next.hasFocus)
    workspace.views.show_view("Table")
    driver.qtbot.keyClick(callout.next, Qt.Key.Key_Return)
    assert callout.title == "Find clusters"
    assert workspace.views.front_title == "Map"  # to watch them form
    button = workspace.model_panel.find_button
    driver.qtbot.waitUntil(lambda: frame.geometry().contains(rect_of(driver, button)))
    assert not callout.geometry().intersects(rect_of(driver, button))
    driver.find()
    assert callout.title == "Read the answer"
    click(driver, "Done", callout)
    assert not callout.isVisible()
    assert not frame.isVisible()


def test_next_does_what_is_to_be_done(started):
    driver = started
    callout, _frame = parts(driver)
    driver.wait(driver.document.prepared_changed, lambda: click(driver, "Next", callout))
    assert driver.document.dataset.name == "Palmer penguins"
    quick(driver.document)
    click(driver, "Next", callout)
    with driver.qtbot.waitSignal(driver.document.run_ended):
        click(driver, "Next", callout)
        assert callout.next.text() == "Looking…"
        assert not callout.next.isEnabled()
    assert driver.document.analysis is not None
    assert callout.title == "Read the answer"
    click(driver, "Back", callout)
    assert callout.title == "Find clusters"
    click(driver, "Next", callout)
    assert callout.title == "Read the answer"


def test_it_can_be_stopped_and_started_again_from_the_menu(started):
    driver = started
    callout, frame = parts(driver)
    click(driver, "Stop the guide", callout)
    assert not callout.isVisible()
    assert not frame.isVisible()
    driver.window.actions_.tour.trigger()
    assert callout.isVisible()


def test_it_ends_with_another_table(started, csv):
    callout, frame = parts(started)
    started.open(csv)
    assert not callout.isVisible()
    assert not frame.isVisible()


def test_frame_and_words_follow_the_window(started):
    driver = started
    callout, frame = parts(driver)
    driver.window.resize(1000, 700)
    card = driver.window.sample_button("penguins")
    driver.qtbot.waitUntil(lambda: frame.geometry().contains(rect_of(driver, card)))
    assert driver.window.rect().contains(callout.geometry())


def overlap(first, second):
    both = first & second
    return both.width() * both.height() if both.isValid() else 0


def test_words_lie_beside_what_they_are_about_and_off_what_is_to_be_seen(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    plot = QWidget(window)
    plot.setGeometry(320, 140, 630, 440)
    with qtbot.waitExposed(window):
        window.show()
    callout = Callout(window)
    callout.say(3, 4, "Read the answer", "Some words. " * 20)
    panel = QRect(960, 100, 310, 660)
    callout.lay_beside(panel)
    assert overlap(callout.geometry(), plot.geometry()) > 0  # in the middle of the side
    callout.spare(plot)
    callout.lay_beside(panel)
    assert not callout.geometry().intersects(panel)
    assert overlap(callout.geometry(), plot.geometry()) == 0
    assert window.rect().contains(callout.geometry())
