"""What a fresh start shows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPixmap
from PySide6.QtWidgets import QCommandLinkButton, QLabel, QPushButton

from gmmdesk.data.sample_table import SAMPLES
from gmmdesk.ui.welcome import Logo, WelcomePage


def test_the_logo_is_sharp_on_every_screen(qtbot):
    """Drawn twice as large it shows more than its pixels do."""
    page = WelcomePage()
    qtbot.addWidget(page)
    logo = page.findChild(Logo)
    small, large = logo.grab().toImage(), QPixmap(2 * logo.size())
    large.setDevicePixelRatio(2)
    large.fill(Qt.GlobalColor.transparent)
    logo.render(large)
    image = large.toImage()
    image.setDevicePixelRatio(1)
    corner = image.pixelColor(image.width() // 2, image.height() // 2)
    assert corner.alpha() == 255
    assert image != small.scaled(image.size())


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_has_its_worked_example_beside_it(qtbot, name):
    page = WelcomePage()
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.example_requested) as asked:
        page.example_buttons[name].click()
    assert asked.args == [name]
    assert SAMPLES[name].title in page.example_buttons[name].accessibleName()


def test_the_words_about_a_sample_are_no_keys(qtbot):
    page = WelcomePage()
    qtbot.addWidget(page)
    cards = page.findChildren(QCommandLinkButton)
    assert any("&" in sample.description for sample in SAMPLES.values())
    assert len(cards) == len(SAMPLES)
    for card in cards:
        assert QKeySequence.mnemonic(card.text() + card.description()).isEmpty()


def test_return_opens_a_file_at_a_fresh_start(driver):
    focused = driver.window.focusWidget()
    assert isinstance(focused, QPushButton)
    assert focused.text() == "Open a file…"
    page = driver.window.findChild(WelcomePage)
    page.open_requested.disconnect()  # it would wait for a file
    with driver.qtbot.waitSignal(page.open_requested):
        driver.qtbot.keyClick(focused, Qt.Key.Key_Return)


def test_while_a_file_is_read_no_samples_are_offered(driver, csv, tmp_path):
    window = driver.window
    assert window.sample_button("iris") is not None
    window.open_source(str(csv))
    assert window.sample_button("iris") is None
    assert any(label.text().startswith("Opening") for label in window.findChildren(QLabel))
    driver.qtbot.waitUntil(window.workspace.isVisible)


def test_after_a_file_that_cannot_be_read_samples_are_offered_again(driver, tmp_path):
    window, path = driver.window, tmp_path / "absent.csv"
    driver.message(lambda: window.open_source(str(path)))
    driver.qtbot.waitUntil(lambda: window.sample_button("iris") is not None)
