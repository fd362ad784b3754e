"""The help is read as with a browser, and does what it offers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

import gmmdesk.ui
from gmmdesk.ui import theme
from gmmdesk.ui.help import pages
from gmmdesk.ui.help.window import HelpWindow
from gmmdesk.ui.view_list import VIEWS


def follow(browser, text):
    """Click the link `text` of the page that is shown."""
    found = browser.document().find(text)
    while not found.charFormat().anchorHref():
        found = browser.document().find(text, found)
        assert not found.isNull(), text
    end = QTextCursor(found)
    found.setPosition(found.selectionStart() + 1)
    browser.setTextCursor(end)
    browser.ensureCursorVisible()
    at = browser.cursorRect(found).center()
    QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=at)


@pytest.fixture
def help_(driver):
    """The window of the help, opened with its key."""
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_F1)
    window = driver.window.helping.help_window
    driver.qtbot.waitUntil(window.isVisible)
    return window


def test_links_back_and_forward(help_):
    assert help_.page == "first-analysis"
    follow(help_.browser, "what a Gaussian mixture is")
    assert help_.page == "mixture"
    assert help_.contents.currentItem().text() == "What a Gaussian mixture is"
    help_.back.click()
    assert help_.page == "first-analysis"
    assert not help_.back.isEnabled()
    help_.forward.click()
    assert help_.page == "mixture"
    assert not help_.forward.isEnabled()


def test_a_term_leads_to_its_entry(help_):
    help_.show_page("mixture")
    assert help_.browser.verticalScrollBar().value() == 0
    follow(help_.browser, "share")
    assert help_.page == "glossary"
    assert help_.browser.textCursor().block().text() == "Share"
    assert help_.browser.viewport().rect().contains(help_.browser.cursorRect().center())
    assert help_.browser.verticalScrollBar().value() > 0


def answers(help_):
    return [help_.found.item(row).text() for row in range(help_.found.count())]


def test_search_lists_the_places_with_the_words(qtbot, help_):
    qtbot.keyClicks(help_.search, "hold rows out")
    assert help_.found.isVisible()
    assert not help_.contents.isVisible()
    assert any(one.startswith("Pitfalls\n") for one in answers(help_))
    assert not any("flowers" in one for one in answers(help_))
    assert not help_.nothing.isVisible()
    qtbot.keyClicks(help_.search, " xyzzy")
    assert help_.nothing.isVisible()
    assert "nearest" in help_.nothing.text()
    help_.search.setText("xyzzy")
    assert help_.nothing.text() == "No page has these words."
    help_.search.clear()
    assert help_.contents.isVisible()
    assert not help_.found.isVisible()


def test_an_answer_leads_to_its_place(qtbot, help_):
    qtbot.keyClicks(help_.search, "what does VVE mean")
    qtbot.keyClick(help_.search, Qt.Key.Key_Return)
    assert help_.page == "shapes"
    assert help_.browser.textCursor().block().text().startswith("Tilted")
    help_.search.setText("nats")
    item = help_.found.item(0)
    at = help_.found.visualItemRect(item).center()
    qtbot.mouseClick(help_.found.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert help_.page == "glossary"
    assert help_.browser.textCursor().block().text() == "Nat"


def test_letters_that_are_typed_on_a_page_are_searched(qtbot, help_):
    help_.activateWindow()
    qtbot.waitUntil(help_.isActiveWindow)
    assert help_.browser.hasFocus()
    qtbot.keyClick(help_.browser, Qt.Key.Key_N)
    assert help_.search.hasFocus()
    qtbot.keyClicks(help_.search, "ats")
    assert help_.search.text() == "nats"
    assert answers(help_)[0].startswith("Nat\n")


def test_headings_of_the_contents_go_with_their_pages(qtbot, help_):
    headings = [
        item.text()
        for item in map(help_.contents.item, range(help_.contents.count()))
        if not item.flags() & Qt.ItemFlag.ItemIsSelectable
    ]
    assert headings == list(pages.SECTIONS)
    qtbot.keyClicks(help_.search, "geyser")
    qtbot.keyClick(help_.search, Qt.Key.Key_Return)
    assert help_.page == "example-faithful"


def test_the_keys_reach_everything(qtbot, help_):
    help_.activateWindow()
    qtbot.waitUntil(help_.isActiveWindow)
    qtbot.keyClick(help_, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert help_.search.hasFocus()
    qtbot.keyClick(help_.search, Qt.Key.Key_Tab)
    assert help_.contents.hasFocus()
    qtbot.keyClick(help_.contents, Qt.Key.Key_Down)
    assert help_.page == "mixture"
    qtbot.keyClick(help_, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert help_.page == pages.FIRST
    help_.browser.setFocus()
    qtbot.keyClick(help_.browser, Qt.Key.Key_Tab)  # from link to link
    qtbot.keyClick(help_.browser, Qt.Key.Key_Tab)
    qtbot.keyClick(help_.browser, Qt.Key.Key_Return)
    assert help_.page == "shapes"
    qtbot.keyClick(help_, Qt.Key.Key_Escape)
    assert not help_.isVisible()


def test_it_is_a_window_like_others_that_closes_with_the_main_window(driver, help_):
    assert help_.isWindow()
    assert help_.parent() is None  # or it would always lie before the main window
    assert help_.windowFlags() & Qt.WindowType.WindowMinMaxButtonsHint
    driver.window.close()
    assert not help_.isVisible()  # else the program would not end


def test_it_remembers_its_size(driver, help_):
    help_.resize(611, 433)
    help_.close()
    again = HelpWindow()
    driver.qtbot.addWidget(again)
    again.place_beside(driver.window)
    assert (again.width(), again.height()) == (611, 433)


def test_the_first_entry_of_the_menu_begins_at_the_beginning(driver, help_):
    help_.show_page("pitfalls")
    driver.window.actions_.help.trigger()
    assert help_.page == pages.FIRST


@pytest.mark.parametrize("kind", [kind for kind in VIEWS if kind.title != "Picture"])
def test_each_view_has_its_page_under_f1(driver, kind):
    driver.open("sample:faithful")
    driver.click_tab(kind.title)
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_F1)
    assert driver.window.helping.help_window.page == kind.page


def test_parts_of_the_window_have_their_pages_under_f1(driver):
    driver.open("sample:faithful")
    workspace = driver.window.workspace
    driver.document.selection.all()
    for panel, page in (
        (workspace.preparation_panel.header, "preparing"),
        (workspace.selection_panel.actions_button, "selecting"),
    ):
        driver.qtbot.waitUntil(panel.isVisible)
        panel.setFocus()
        driver.qtbot.waitUntil(panel.hasFocus)
        driver.qtbot.keyClick(panel, Qt.Key.Key_F1)
        assert driver.window.helping.help_window.page == page
        driver.window.activateWindow()


def test_the_menu_opens_the_glossary(driver):
    driver.window.actions_.glossary.trigger()
    window = driver.window.helping.help_window
    assert window.page == "glossary"


def test_slow_motion_needs_a_fit_and_plays_it(driver, help_):
    assert "find clusters first" in driver.message(
        lambda: help_.browser.anchorClicked.emit(QUrl("do:slow-motion"))
    )
    driver.open("sample:faithful")
    driver.document.change_settings("quick", k_min=2, k_max=2, restarts=1, models=("VVV",))
    driver.find()
    help_.show_page("em")
    follow(help_.browser, "Show it on my data")
    timeline = driver.document.timeline
    assert timeline.is_slow
    assert timeline.is_playing
    assert timeline.position == 0
    timeline.pause()


def test_an_example_opens_its_sample(driver, help_):
    help_.show_page("example-iris")
    driver.wait(driver.document.dataset_changed, lambda: follow(help_.browser, "Open the sample"))
    assert driver.document.dataset.name == "Iris flowers"


def test_a_worked_example_is_reached_from_the_welcome_page(driver):
    driver.window._welcome.example_buttons["oil"].click()
    window = driver.window.helping.help_window
    assert window.page == "example-oil"
    assert window.isVisible()


def test_pictures_follow_the_theme_and_the_place_is_kept(qtbot, qapp, help_):
    help_.show_page("shapes")
    bar = help_.browser.verticalScrollBar()
    bar.setValue(200)
    light = help_.browser.grab().toImage()
    help_.setPalette(theme.palette(dark=True))
    assert help_.browser.grab().toImage() != light
    assert bar.value() == 200


def test_nothing_is_loaded_from_elsewhere(help_, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    assert help_.browser.loadResource(1, QUrl.fromLocalFile(str(secret))) is None


def open_step(driver):
    panel = driver.window.workspace.preparation_panel
    panel.add_button.menu().actions()[0].trigger()


@pytest.mark.parametrize(
    ("dialog", "opened", "page"),
    [
        ("HistoryDialog", lambda driver: driver.window.actions_.history.trigger(), "sessions"),
        ("StepDialog", open_step, "preparing"),
    ],
)
def test_the_key_helps_in_dialogs_too(driver, dialog, opened, page):
    driver.open("sample:faithful")
    opened(driver)
    (shown,) = [each for each in driver.window.findChildren(QDialog) if each.isVisible()]
    assert type(shown).__name__ == dialog
    driver.qtbot.waitUntil(lambda: shown.focusWidget() is not None and shown.isActiveWindow())
    for _ in range(2):  # what it shows can be closed, and wanted again
        driver.qtbot.keyClick(shown.focusWidget(), Qt.Key.Key_F1)
        help_ = driver.window.helping.help_window
        driver.qtbot.waitUntil(help_.isVisible)
        assert help_.page == page
        help_.close()
        shown.activateWindow()
        driver.qtbot.waitUntil(shown.isActiveWindow)
    assert shown.isVisible()
    shown.reject()


def answer_meanwhile(driver):
    """In the dialog that holds the program up: F1, a link of the help, and Escape."""
    seen = []

    def act():
        dialog = QApplication.activeModalWidget()
        if dialog is None or dialog.focusWidget() is None or not dialog.isActiveWindow():
            return
        timer.stop()
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_F1)
        help_ = driver.window.helping.help_window
        seen.append(help_ is not None and help_.isVisible() and help_.page)
        help_.sample_requested.emit("iris")  # which would take away what is asked about
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    timer = QTimer(driver.window, interval=5)
    timer.timeout.connect(act)
    timer.start()
    return seen


@pytest.mark.parametrize(
    ("action", "page"),
    [
        ("open", "opening"),
        ("save_as", "sessions"),
        ("apply", "applying"),
        ("export", "exporting"),
        ("color", "view-map"),
        ("about", "view-map"),
    ],
)
def test_the_key_helps_in_questions_that_hold_the_program_up(driver, action, page):
    driver.open("sample:faithful")
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    driver.document.set_current_cluster(0)
    seen = answer_meanwhile(driver)
    getattr(driver.window.actions_, action).trigger()
    driver.qtbot.waitUntil(lambda: seen == [page])
    driver.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert driver.document.dataset.name.startswith("Old Faithful")


def test_every_page_that_a_dialog_names_is_there():
    sources = Path(gmmdesk.ui.__file__).parent.rglob("*.py")
    named = {
        page for path in sources for page in re.findall(r'help_page ?= ?"(.+?)"', path.read_text())
    }
    assert len(named) > 4
    assert named <= set(pages.PAGES)
