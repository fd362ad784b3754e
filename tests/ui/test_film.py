"""The run exported from the window."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QPushButton

from gmmdesk.ui.film import Film


@pytest.fixture
def found(driver, csv, monkeypatch, tmp_path):
    """A window with an answer, whose run will be exported to a path that the test chooses."""
    driver.open(csv)
    driver.document.change_settings("two", k_min=2, k_max=2, models=("VVV",), restarts=1)
    assert not driver.window.actions_.export_run.isEnabled()
    driver.find()
    view, action = driver.window.workspace.map, driver.window.actions_.export_run
    driver.qtbot.waitUntil(lambda: action.isEnabled() and not view.is_busy)

    def choose(name):
        monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
        monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(tmp_path / name)])
        return tmp_path / name

    return choose


def test_a_film_shows_how_the_clusters_formed(driver, found, tmp_path):
    document = driver.document
    found("run")
    n = len(document.timeline.trail)
    driver.wait(document.exported, driver.window.actions_.export_run.trigger)
    with Image.open(tmp_path / "run.gif") as film:
        assert film.n_frames == n
        first = np.asarray(film.convert("RGB")).astype(int)
        film.seek(n - 1)
        last = np.asarray(film.convert("RGB")).astype(int)
    assert first.std() > 5  # it is not blank
    assert np.abs(first - last).max() > 50  # the clusters have moved
    assert document.timeline.is_at_end


def test_a_table_of_the_iterations(driver, found):
    path = found("run.csv")
    driver.wait(driver.document.exported, driver.window.actions_.export_run.trigger)
    assert len(path.read_text("utf-8-sig").splitlines()) == len(driver.document.timeline.trail) + 1


def test_a_video_is_offered_where_there_is_an_encoder(driver, found, monkeypatch):
    offered = []
    found("run.csv")
    monkeypatch.setattr(QFileDialog, "setNameFilters", lambda _, names: offered.append(names))
    for encoder in (None, "/usr/bin/ffmpeg"):
        monkeypatch.setattr("gmmdesk.ui.film.find_encoder", lambda encoder=encoder: encoder)
        driver.wait(driver.document.exported, driver.window.actions_.export_run.trigger)
    assert [any(".mp4" in name for name in names) for names in offered] == [False, True]


def test_before_the_map_is_there_it_is_said_so(driver, found, monkeypatch):
    path = found("run.gif")
    monkeypatch.setattr(driver.window.workspace.map, "_scene", None)
    said = driver.message(driver.window.actions_.export_run.trigger)
    assert said.startswith("The map is still being drawn")
    assert not path.exists()


def test_a_film_that_is_cancelled_leaves_nothing(driver, found, tmp_path):
    path = found("run.gif")
    driver.document.timeline.go_to(0)
    driver.window.actions_.export_run.trigger()
    [dialog] = driver.window.findChildren(QProgressDialog)
    [film] = driver.window.findChildren(Film)
    driver.qtbot.waitUntil(lambda: dialog.value() > 0)  # it is under way
    with driver.qtbot.waitSignal(film.destroyed):
        dialog.findChild(QPushButton).click()
    assert not driver.window.findChildren(QProgressDialog)
    assert not driver.document.files.is_writing
    assert not path.exists()
    assert driver.document.timeline.position == 0


def test_a_film_that_is_cancelled_at_its_last_picture_is_not_written(driver, found, monkeypatch):
    """Where the dialog shows how far it is, it lets the user press Cancel."""
    path, cancelled, written = found("run.gif"), [], []
    show = QProgressDialog.setValue

    def show_and_cancel(dialog, value):
        show(dialog, value)
        if value == dialog.maximum():
            dialog.findChild(QPushButton).click()
            cancelled.append(value)

    monkeypatch.setattr(QProgressDialog, "setValue", show_and_cancel)
    monkeypatch.setattr(driver.document.files, "begin_writing", lambda *a: written.append(a))
    driver.window.actions_.export_run.trigger()
    driver.qtbot.waitUntil(lambda: bool(cancelled))
    assert written == []
    assert not path.exists()


def test_a_window_that_closes_ends_its_film(driver, found):
    path, timeline = found("run.gif"), driver.document.timeline
    before = timeline.position
    driver.window.actions_.export_run.trigger()
    [dialog] = driver.window.findChildren(QProgressDialog)
    assert timeline.position < before
    [film] = driver.window.findChildren(Film)
    driver.qtbot.waitUntil(lambda: dialog.value() > 0)
    with driver.qtbot.waitSignal(film.destroyed):
        driver.window.close()
    assert not driver.window.findChildren(QProgressDialog)
    assert not driver.document.files.is_writing
    assert timeline.position == before
    assert not path.exists()
