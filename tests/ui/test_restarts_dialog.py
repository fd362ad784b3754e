"""The gallery of restarts, and taking one of them."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from gmmdesk.ui.restarts_dialog import RestartsDialog


@pytest.fixture
def window(driver, tmp_path):
    """Four groups for which three clusters are asked for: the starts do not agree."""
    rng = np.random.default_rng(5)
    corners = np.repeat([(0, 0), (0, 1), (1.2, 0), (1.2, 1)], 40, axis=0)
    path = tmp_path / "corners.csv"
    rows = corners + rng.normal(scale=0.08, size=(160, 2))
    np.savetxt(path, rows, delimiter=",", header="x,y", comments="", fmt="%.5f")
    driver.open(path)
    driver.document.change_settings("three", k_min=3, k_max=3, models=("EII",), restarts=12)
    assert not driver.window.actions_.restarts.isEnabled()
    driver.find()
    return driver.window


def gallery(driver):
    driver.window.actions_.restarts.trigger()
    [dialog] = driver.window.findChildren(RestartsDialog)
    driver.qtbot.waitUntil(lambda: dialog.gallery.count() > 0)
    return dialog


def test_every_optimum_has_a_picture(driver, window):
    dialog = gallery(driver)
    assert dialog.gallery.count() >= 2
    items = [dialog.gallery.item(i) for i in range(dialog.gallery.count())]
    assert items[0].text().startswith("The answer: ")
    assert "the likeliest" in items[0].text()
    assert "lower" in items[1].text()
    pictures = [item.icon().pixmap(200, 150).toImage() for item in items]
    assert pictures[0] != pictures[1]
    assert not dialog.take.isEnabled()  # it is the answer already
    [button] = [one for one in dialog.findChildren(QPushButton) if "Close" in one.text()]
    button.click()
    driver.qtbot.waitUntil(lambda: not window.findChildren(RestartsDialog))


def test_escape_closes_it(driver, window):
    QTest.keyClick(gallery(driver), Qt.Key.Key_Escape)
    driver.qtbot.waitUntil(lambda: not window.findChildren(RestartsDialog))


def test_one_of_them_is_taken_and_can_be_undone(driver, window):
    document = driver.document
    before = document.analysis.result.log_likelihood
    dialog = gallery(driver)
    dialog.gallery.setCurrentRow(1)
    driver.wait(document.run_ended, dialog.take.click)
    taken = document.analysis
    assert taken.result.log_likelihood < before
    assert "optimum 2" in document.settings.start.said
    assert not window.actions_.restarts.isEnabled()  # a fit from a start has no others
    assert "a chosen one" in window.actions_.restarts.toolTip()
    document.undo()  # the start and what came of it
    driver.qtbot.waitUntil(lambda: document.analysis is not None)
    assert document.analysis.result.log_likelihood == pytest.approx(before)
