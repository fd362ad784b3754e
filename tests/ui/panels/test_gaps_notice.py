"""Rows that are left out for gaps are spoken of where columns are chosen, if they are many."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from gmmdesk.data.steps import LeaveOutWhere
from gmmdesk.ui.panels.gaps_notice import GapsNotice
from tests.ui.conftest import Driver


@pytest.fixture
def notice(driver: Driver, tmp_path: Path) -> GapsNotice:
    """Of a table whose column a lacks 30 of 100 values, b 10 of the same rows, and c 4."""
    lines = [
        f"{i * 37 % 101},{i * 53 % 97 if i >= 30 else ''},{i * 71 % 89 if i >= 10 else ''},"
        f"{i * 31 % 83 if i < 96 else ''}"
        for i in range(100)
    ]
    path = tmp_path / "gaps.csv"
    path.write_text("\n".join(["d,a,b,c", *lines]), "utf-8")
    driver.open(path)
    found = driver.window.findChild(GapsNotice)
    assert found is not None
    return found


def test_it_says_how_many_rows_and_what_they_lack_and_uses_them(driver, notice):
    said = "34 % of the rows are left out because of gaps, mostly in a."
    assert notice.words.text() == said
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.qtbot.mouseClick(notice.button, Qt.MouseButton.LeftButton),
    )
    assert driver.document.prepared.n_left_out == 0
    assert not notice.isVisible()
    driver.wait(driver.document.prepared_changed, driver.document.undo)
    assert notice.words.text() == said
    assert notice.isVisible()


def test_it_follows_the_columns_and_is_silent_about_few_rows(driver, notice):
    for names, words in (
        (("d", "b"), "10 % of the rows are left out because of gaps, mostly in b."),
        (("b",), "10 % of the rows are left out because of gaps."),
        (("d", "c"), ""),
    ):
        driver.wait(
            driver.document.prepared_changed,
            lambda names=names: driver.document.change_settings("columns", columns=names),
        )
        assert notice.words.text() == words
        assert notice.isVisible() == bool(words)


def test_rows_without_any_value_cannot_be_used_too(driver, notice):
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("columns", columns=("a", "b")),
    )
    assert notice.button.isVisible()
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.qtbot.mouseClick(notice.button, Qt.MouseButton.LeftButton),
    )
    assert notice.words.text().startswith("10 % of the rows")
    assert notice.isVisible()
    assert not notice.button.isVisible()


def test_rows_that_a_step_takes_away_are_no_gaps(driver, notice):
    step = LeaveOutWhere(column="d", operator=">", value=50.0)
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("step", columns=("d", "b"), steps=(step,)),
    )
    assert driver.document.prepared.n_left_out > 10
    assert notice.words.text().startswith("10 % of the rows")


def test_in_the_open_preparation_it_is_said_and_done_there(driver, notice):
    panel = driver.window.workspace.preparation_panel
    driver.qtbot.mouseClick(panel.header, Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: not panel.is_busy)
    assert not notice.isVisible()
    buttons = panel.body.findChildren(QToolButton)
    (button,) = [one for one in buttons if one.text() == notice.button.text()]
    assert button.isVisible()
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton),
    )
    driver.qtbot.waitUntil(lambda: not panel.is_busy)
    assert driver.document.prepared.n_incomplete == 34
    assert not button.isVisible()
    driver.wait(driver.document.prepared_changed, driver.document.undo)
    driver.qtbot.mouseClick(panel.header, Qt.MouseButton.LeftButton)
    assert notice.isVisible()
