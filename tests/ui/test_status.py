"""The bar below says what is so, in the room there is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QLabel

from gmmdesk.ui import status

ROWS = "a,b\n" + "".join(f"{i * i % 17},{i * 5 % 23}\n" for i in range(40))


@pytest.fixture
def answered(driver, tmp_path):
    """The driver of a window with an answer about a small table."""
    path = tmp_path / "things.csv"
    path.write_text(ROWS)
    driver.open(path)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    return driver


def label(driver, beginning):
    (found,) = [
        label
        for label in driver.window.statusBar().findChildren(QLabel)
        if label.text().startswith(beginning)
    ]
    return found


def test_what_was_read_and_left_out(driver, tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text(ROWS + "1,\n2,\n5cm,3\n")
    driver.open(path)
    facts = label(driver, "gaps.csv")
    assert facts.text() == "gaps.csv  ·  40 rows used, 3 left out"
    tip = facts.toolTip()
    assert tip.index("2  missing: b") < tip.index("1  unreadable: &#x27;5cm&#x27; in a")


def test_long_names_do_not_widen_the_window(answered, tmp_path):
    driver, document = answered, answered.document
    least = driver.window.minimumSizeHint().width()
    name = "W" * 200
    out = tmp_path / f"{name}.csv"
    with driver.qtbot.waitSignal(document.exported, timeout=30_000):
        document.export(out)
        assert name in label(driver, "Exporting").text()
        assert driver.window.minimumSizeHint().width() <= least
    assert driver.window.minimumSizeHint().width() <= least
    assert name in label(driver, "Saved").toolTip()
    driver.open(out)
    assert driver.window.minimumSizeHint().width() <= least  # less, once there is no answer
    facts = label(driver, "WW")
    assert name in facts.toolTip()
    driver.qtbot.waitUntil(lambda: facts.shown_text().endswith(".csv  ·  40 rows used"))


def test_a_name_is_never_markup(driver):
    started = driver.qtbot.waitSignal(driver.document.file_work.started)
    with started:
        driver.message(lambda: driver.window.open_source("<b>big<i>.csv"))
    assert label(driver, "Opening <b>big<i>.csv").textFormat() is Qt.TextFormat.PlainText


def test_the_links_to_what_was_saved_open_it(answered, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(status.QDesktopServices, "openUrl", opened.append)
    out = tmp_path / "R&amp;D.csv"
    answered.wait(answered.document.exported, lambda: answered.document.export(out))
    links = label(answered, "Saved")
    links.setFocus()
    for _ in range(2):
        answered.qtbot.keyClick(links, Qt.Key.Key_Tab)
        answered.qtbot.keyClick(links, Qt.Key.Key_Return)
    assert opened == [QUrl.fromLocalFile(str(out)), QUrl.fromLocalFile(str(tmp_path))]


def test_how_many_rows_lack_values(driver, tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text(ROWS + "1,\n2,\n,\n")
    driver.open(path)
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("use them", missing="em"),
    )
    facts = label(driver, "gaps.csv")
    assert facts.text() == "gaps.csv  ·  42 rows used (2 with missing values), 1 left out"
