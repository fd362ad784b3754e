"""The main job as a user does it: with the mouse, the keyboard and files."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCommandLinkButton,
    QLineEdit,
    QTableView,
    QTreeView,
)

from gmmdesk.data import dataset
from gmmdesk.ui import main_window, opening, recent, theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.export_dialog import Target
from gmmdesk.ui.tables.clusters_model import ClustersModel
from tests.ui.conftest import TABLE


def view(window, kind, name):
    (found,) = [child for child in window.findChildren(kind) if child.accessibleName() == name]
    return found


def texts(table):
    model = table.model()
    return [
        [model.index(i, j).data() for j in range(model.columnCount())]
        for i in range(model.rowCount())
    ]


def click_cell(qtbot, table, row, column, *, double=False):
    point = table.visualRect(table.model().index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    if double:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.setDropAction(Qt.DropAction.MoveAction)  # as some file managers propose
    window.dropEvent(event)
    assert event.isAccepted()
    assert event.dropAction() is Qt.DropAction.CopyAction  # whose file is moved may delete it


def test_sample_to_workbook(driver, qtbot, tmp_path, monkeypatch):
    window, document = driver.window, driver.document
    (card,) = [
        button
        for button in window.findChildren(QCommandLinkButton)
        if button.text() == "Old Faithful geyser"
    ]
    driver.wait(
        document.prepared_changed, lambda: qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    )
    driver.wait(
        document.run_ended,
        lambda: qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
    )
    clusters = view(window, QTableView, "Clusters")
    found = texts(clusters)
    assert len(found) == document.analysis.n_clusters >= 2
    assert sum(int(line[1]) for line in found) == 272

    click_cell(qtbot, clusters, 0, 0, double=True)
    editor = clusters.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Long waits")
    with qtbot.waitSignal(document.names_changed):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert document.names[0] == "Long waits"

    out = tmp_path / "out.xlsx"
    monkeypatch.setattr(main_window, "choose_target", lambda analysis, parent: Target(out))
    driver.wait(document.exported, window.actions_.export.trigger)
    rows = pd.read_excel(out, sheet_name="Rows", engine="openpyxl")
    assert len(rows) == 272
    named = rows["Cluster name"] == "Long waits"
    assert (named == (rows["Cluster"] == 1)).all()
    assert named.sum() == int(found[0][1])
    assert "P(Long waits)" in rows.columns


def test_choosing_a_cluster_shows_its_profile(driver, qtbot, csv):
    driver.open(csv)
    driver.find()
    clusters = view(driver.window, QTableView, "Clusters")
    click_cell(qtbot, clusters, 1, 0)
    assert driver.document.current_cluster == 1
    profile = texts(view(driver.window, QTableView, "Means and spreads of the chosen cluster"))
    assert [line[0] for line in profile] == ["width", "height"]
    driver.document.set_current_cluster(None)
    assert not clusters.selectionModel().hasSelection()


def test_text_is_not_ticked_and_ticks_can_be_undone(driver, qtbot, csv):
    driver.open(csv)
    document = driver.document
    assert document.settings.columns == ("width", "height")
    columns = view(driver.window, QTreeView, "Columns to use")
    model = columns.model()
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsUserCheckable
    assert "text" in model.index(0, 1).data()  # the reason
    box = columns.visualRect(model.index(1, 0)).topLeft() + QPoint(10, 10)
    with qtbot.waitSignal(document.prepared_changed):
        qtbot.mouseClick(columns.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert document.settings.columns == ("height",)
    with qtbot.waitSignal(document.prepared_changed):
        driver.window.actions_.undo.trigger()
    assert document.settings.columns == ("width", "height")


def test_dropped_file_opens_and_is_remembered(driver, csv):
    driver.wait(driver.document.prepared_changed, lambda: drop(driver.window, csv))
    assert driver.document.dataset.path == csv
    assert recent.recent_files() == [str(csv.resolve())]
    assert driver.window.windowTitle().startswith("things.csv")


def test_the_next_file_is_looked_for_where_the_last_was(driver, qtbot, csv, monkeypatch):
    monkeypatch.chdir(csv.parent)
    driver.open(csv.name)
    monkeypatch.chdir(csv.parent.parent)
    asked = []
    monkeypatch.setattr(
        opening.OpenDialog, "exec", lambda dialog: asked.append(dialog.directory().absolutePath())
    )
    driver.window.actions_.open.trigger()
    assert asked == [str(csv.parent.resolve())]


def test_two_dropped_files_are_refused(driver, csv, tmp_path):
    assert "one file" in driver.message(lambda: drop(driver.window, csv, tmp_path / "b.csv"))


def test_pasted_table_opens(driver):
    QGuiApplication.clipboard().setText(TABLE)
    driver.wait(driver.document.prepared_changed, driver.window.actions_.paste.trigger)
    assert driver.document.dataset.n_rows == 40
    assert driver.document.settings.columns == ("width", "height")


def test_nothing_to_paste(driver):
    QGuiApplication.clipboard().clear()
    assert "no table" in driver.message(driver.window.actions_.paste.trigger)


def test_a_file_that_fails_leaves_the_present_one(driver, csv, tmp_path):
    driver.open(csv)
    dataset = driver.document.dataset
    text = driver.message(lambda: driver.window.open_source(str(tmp_path / "gone.csv")))
    assert "gone.csv" in text
    assert driver.document.dataset is dataset


def test_no_ticked_column_is_said(driver, csv):
    driver.open(csv)
    driver.document.ticks.clear()
    assert "Tick at least one column" in driver.message(
        driver.window.workspace.model_panel.find_button.click
    )


def test_constant_column_ticked_is_named(driver, tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text("a,b\n" + "".join(f"{i * i % 17},5\n" for i in range(30)))
    driver.open(path)
    assert driver.document.settings.columns == ("a",)
    driver.document.ticks.set("b", True)
    message = driver.message(driver.window.workspace.model_panel.find_button.click)
    assert "'b'" in message or '"b"' in message or " b " in message
    assert "same" in message or "constant" in message
    assert not driver.document.is_running


def test_stop_keeps_a_usable_result(driver, qtbot, tmp_path):
    driver.open("sample:blobs?n=20000&k=6&overlap=0.3")
    driver.document.change_settings("slow", tol=0.0, max_iter=100_000, k_min=8, k_max=8)
    document = driver.document
    driver.wait(document.progressed, document.start_fit)
    driver.wait(document.run_ended, driver.window.actions_.stop.trigger)
    assert document.analysis.stopped_early
    assert document.analysis.rows.label.shape == (20000,)
    out = tmp_path / "early.csv"
    driver.wait(document.exported, lambda: document.export(out))
    assert pd.read_csv(out)["gmm_cluster"].notna().all()


def test_command_line_and_window_agree(driver, csv, capsys):
    import json

    from gmmdesk.cli import main

    driver.open(csv)
    driver.find()
    models = ",".join(driver.document.settings.models)
    assert main(["fit", str(csv), "--model", models, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    result = driver.document.analysis.result
    assert printed["model"] == result.model
    assert printed["log_likelihood"] == result.log_likelihood
    assert printed["means"] == result.means.tolist()


def test_quick_fit_is_shown_again_slowly_and_can_be_skipped(driver, csv):
    document = driver.document
    document.fitting.replays = True
    driver.open(csv)
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.wait(document.progressed, document.start_fit)
    driver.qtbot.waitUntil(lambda: document.fitting._replay is not None)
    driver.wait(document.run_ended, document.stop_fit)
    assert document.analysis is not None
    assert not document.analysis.stopped_early


@pytest.mark.parametrize("name", ["light", "dark"])
def test_theme_is_used_and_remembered(driver, name):
    theme.set_scheme(name)
    window_color = QApplication.palette().window().color()
    assert (window_color.lightness() < 128) == (name == "dark")
    assert theme.chosen_scheme() == name
    theme.set_scheme("system")


def test_waiting_for_the_imports_is_no_work(qtbot, monkeypatch):
    polls = []
    monkeypatch.setattr(main_window.warm_up, "is_done", lambda: bool(polls.append(1)))
    window = main_window.MainWindow()
    qtbot.addWidget(window)
    waited = QTimer(singleShot=True, interval=200)
    with qtbot.waitSignal(waited.timeout):
        waited.start()
    assert 1 <= len(polls) <= 40
    monkeypatch.setattr(main_window.warm_up, "is_done", lambda: True)
    qtbot.waitUntil(lambda: window.workspace.count() == 3)
    window.close()


@pytest.mark.parametrize("lost", [True, False])
def test_who_closes_is_asked_about_a_file_that_is_being_written(driver, lost):
    def press():
        box = QApplication.activeModalWidget()
        assert "Exporting out.xlsx" in box.text()
        by_role = {True: box.StandardButton.Close, False: box.StandardButton.Cancel}
        driver.qtbot.mouseClick(box.button(by_role[lost]), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, driver.window, press)
    assert main_window.ask_about_export("Exporting out.xlsx", driver.window) is lost


@pytest.mark.parametrize("begin", ["open", "fit", "export"])
def test_closing_in_the_middle_of_work(driver, tmp_path, begin, monkeypatch):
    monkeypatch.setattr(main_window, "ask_about_export", lambda *_: True)
    document = driver.document
    if begin == "open":
        document.open("sample:blobs?n=200000")
    else:
        driver.open("sample:blobs?n=50000&k=3")
        document.change_settings("one", k_min=3, k_max=3, models=("VVV",))
    if begin == "fit":
        driver.wait(document.progressed, document.start_fit)
    if begin == "export":
        driver.find()
        document.export(tmp_path / "out.xlsx")
    driver.window.close()
    driver.qtbot.wait(0)
    assert list(tmp_path.iterdir()) == []


def test_another_file_during_a_fit_ends_the_fit(driver, csv):
    document = driver.document
    driver.open("sample:blobs?n=20000&k=6&overlap=0.3")
    document.change_settings("slow", tol=0.0, max_iter=100_000, k_min=8, k_max=8)
    driver.wait(document.progressed, document.start_fit)
    driver.open(csv)
    assert not document.is_running
    assert document.analysis is None
    assert document.dataset.path == csv


def test_a_refused_fit_leaves_the_answer_and_its_names(driver, csv):
    driver.open(csv)
    document = driver.document
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    document.edits.rename(0, "First")
    analysis = document.analysis
    document.change_settings("too many", k_min=100, k_max=100)
    assert "100" in driver.message(driver.window.workspace.model_panel.find_button.click)
    assert document.analysis is analysis
    assert document.names[0] == "First"
    assert len(texts(view(driver.window, QTableView, "Clusters"))) == 2


def test_a_new_fit_can_be_undone_with_the_names_of_the_old_one(driver, csv):
    driver.open(csv)
    document = driver.document
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    label = document.analysis.rows.label
    rows = label == label[0]  # of two as heavy, either may be the first
    document.edits.rename(int(label[0]), "Mine")
    before = document.names
    document.change_settings("other", k_min=3, k_max=3)
    driver.find()
    same = int(np.bincount(document.analysis.rows.label[rows]).argmax())
    assert document.names[same] == "Mine"  # the one whose rows it has
    document.edits.rename(same, "Other")
    driver.window.actions_.undo.trigger()
    driver.window.actions_.undo.trigger()
    assert document.names == before
    driver.window.actions_.redo.trigger()
    driver.window.actions_.redo.trigger()
    assert document.n_clusters == 3


def test_names_stay_unique(driver, csv):
    driver.open(csv)
    document = driver.document
    document.change_settings("quick", k_min=3, k_max=3, models=("VVV",))
    driver.find()
    document.edits.rename(1, "X")
    document.edits.rename(0, "Cluster 2")
    assert "already" in driver.message(lambda: document.edits.rename(1, ""))
    assert document.names == ("Cluster 2", "X", "Cluster 3")


def test_another_file_empties_the_list(driver, csv, tmp_path):
    driver.open(csv)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    other = tmp_path / "other.csv"
    other.write_text(csv.read_text())
    driver.open(other)
    assert texts(view(driver.window, QTableView, "Clusters")) == []


def test_opening_waits_for_an_export(driver, csv, tmp_path):
    document = driver.document
    driver.open("sample:blobs?n=50000&k=3")
    document.change_settings("quick", k_min=3, k_max=3, models=("VVV",))
    driver.find()
    out = tmp_path / "out.xlsx"
    document.export(out)
    assert "export" in driver.message(lambda: driver.window.open_source(str(csv)))
    driver.wait(document.exported, lambda: None)
    assert out.exists()


def test_text_only_file_says_so(driver, tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("a,b\n" + "x,y\nz,w\n" * 5)
    driver.wait(driver.document.dataset_changed, lambda: driver.window.open_source(str(path)))
    message = driver.message(driver.window.workspace.model_panel.find_button.click)
    assert "no column with numbers" in message


def test_markup_in_names_is_text(driver, tmp_path):
    path = tmp_path / "markup.csv"
    path.write_text("<img src=x.png>,b\n" + "".join(f"{i},{i * i % 7}\n" for i in range(30)))
    driver.wait(driver.document.dataset_changed, lambda: driver.window.open_source(str(path)))
    model = view(driver.window, QTreeView, "Columns to use").model()
    assert "&lt;img" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_return_presses_the_button_that_has_the_focus(driver, csv):
    driver.open(csv)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    button = driver.window.workspace.model_panel.find_button
    assert QApplication.focusWidget() is button  # what most do next
    driver.wait(driver.document.run_ended, lambda: QTest.keyClick(button, Qt.Key.Key_Return))
    assert driver.document.analysis is not None


def test_the_list_has_the_colours_of_the_map(driver, csv):
    driver.open(csv)
    driver.document.change_settings("quick", k_min=9, k_max=9, models=("VII",), max_iter=2)
    driver.find()
    theme.set_scheme("dark")
    (model,) = driver.window.findChildren(ClustersModel)
    for cluster in (6, 8):  # the darkest of the palette
        icon = model.data(model.index(cluster, 0), Qt.ItemDataRole.DecorationRole)
        image = icon.pixmap(14, 14).toImage()
        wanted = cluster_color(cluster, QApplication.palette().color(QPalette.ColorRole.Base), ())
        assert image.pixelColor(image.rect().center()).name() == wanted.name()
    theme.set_scheme("system")


@pytest.mark.parametrize(
    ("room", "size"),
    [((1280, 760), (1264, 712)), ((1920, 1040), (1680, 992)), ((3840, 2100), (1680, 1050))],
)
def test_the_first_window_uses_the_screen_as_far_as_that_helps(qtbot, monkeypatch, room, size):
    class Screen:
        def availableSize(self):
            return QSize(*room)

    monkeypatch.setattr(main_window.MainWindow, "screen", lambda _self: Screen())
    window = main_window.MainWindow()
    qtbot.addWidget(window)
    assert (window.width(), window.height()) == size
    window.close_for_good()


def test_values_are_counted_off_the_ui_thread(driver, tmp_path, monkeypatch):
    threads = []
    counted = dataset._n_values

    def count(values):
        threads.append(threading.current_thread())
        return counted(values)

    monkeypatch.setattr(dataset, "_n_values", count)
    rows = (f"{i / 7},{i % 3},{i * i % 50}" for i in range(100))
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c", *rows]))
    driver.open(tmp_path / "t.csv")
    assert driver.document.settings.columns == ("a", "c")
    assert threads
    assert threading.main_thread() not in threads
