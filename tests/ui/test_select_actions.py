"""Selecting by menu, by condition and in the table; what is said of it in every place."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from gmmdesk.analysis.known import barred
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui import row_actions
from gmmdesk.ui.condition_dialog import ConditionDialog
from gmmdesk.ui.distances_dialog import DistancesDialog
from gmmdesk.ui.export_dialog import Target
from gmmdesk.ui.selection import How

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def fitted(driver):
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3, models=("VVV",), restarts=1)
    driver.find()
    return driver


def selected(driver):
    driver.qtbot.waitUntil(lambda: not driver.document.selection.is_busy)
    return driver.document.selection.rows.rows().tolist()


def test_keys_select_all_none_and_the_others(driver):
    driver.open("sample:iris")
    keys = driver.window.workspace.map.plot
    keys.setFocus()
    for key, n in ((Qt.Key.Key_A, 150), (Qt.Key.Key_D, 0), (Qt.Key.Key_I, 150)):
        QTest.keyClick(keys, key, CTRL)
        assert driver.document.selection.count == n
    QTest.keyClick(keys, Qt.Key.Key_Z, CTRL)
    assert driver.document.selection.count == 0


def test_a_condition_selects_rows_and_says_how_many_first(fitted):
    driver, dataset = fitted, fitted.document.dataset
    QTest.keyClick(driver.window, Qt.Key.Key_F, CTRL)
    dialog = driver.window.findChild(ConditionDialog)
    driver.qtbot.waitUntil(dialog.isVisible)
    QTest.keyClicks(dialog.condition, "flipper_length_mm > 215 and sex = male")
    driver.qtbot.waitUntil(lambda: not dialog.is_busy)
    flippers = dataset.column("flipper_length_mm").numbers()
    male = np.array(dataset.column("sex").cells.to_pylist()) == "male"
    wanted = np.flatnonzero((flippers > 215) & male).tolist()
    assert dialog.said == f"{len(wanted)} rows of 344 meet it."
    QTest.keyClick(dialog.condition, Qt.Key.Key_Return)
    assert selected(driver) == wanted
    dialog.condition.setText("flipper_length_mm > 225")  # pressed before it was looked for
    QTest.mouseClick(dialog.buttons[How.SUBTRACT], LEFT)
    driver.qtbot.waitUntil(lambda: len(selected(driver)) < len(wanted))
    assert selected(driver) == np.flatnonzero((flippers > 215) & (flippers <= 225) & male).tolist()
    dialog.condition.setText("flippers > 225")
    driver.qtbot.waitUntil(lambda: "There is no column 'flippers'" in dialog.said)


def test_a_cluster_is_selected_from_the_menu_and_summed_up(fitted):
    driver, panel = fitted, fitted.window.workspace.selection_panel
    analysis, select = driver.document.analysis, driver.window.actions_.select
    assert not panel.isVisible()
    select.clusters.aboutToShow.emit()
    select.clusters.actions()[1].trigger()
    assert (
        selected(driver)
        == np.flatnonzero(
            (analysis.prepared.left_out == 0)
            & np.isin(np.arange(344), analysis.prepared.rows[analysis.rows.label == 1])
        ).tolist()
    )
    driver.qtbot.waitUntil(lambda: panel.isVisible() and not panel.is_busy)
    how_many, share, clusters, means = panel.said
    clusters = clusters.replace("&nbsp;", " ")
    size = int(analysis.sizes[1])
    assert how_many == f"{size} rows selected"
    assert share.endswith("% of 344 rows")
    assert f"Cluster 2: {size}" in clusters
    assert "Cluster 1" not in clusters
    assert "body_mass_g" in means
    read_out = [label.accessibleName() for label in panel.findChildren(QLabel)]
    assert f"Their clusters: Cluster 2: {size}" in read_out
    (mean,) = [text for text in read_out if text.startswith("Their centres: ")]
    assert re.search(r"body_mass_g [\d,.]+, of all used rows [\d,.]+", mean)
    assert "<" not in mean
    driver.document.selection.invert()
    driver.qtbot.waitUntil(lambda: not panel.is_busy)
    assert "2 of them left out" in panel.said[1]
    driver.document.selection.clear()
    assert not panel.isVisible()


def table_of(driver):
    view = driver.click_tab("Table")
    driver.qtbot.waitUntil(lambda: view.isVisible() and not view.is_busy)
    return view


def click_line(view, line, modifiers=Qt.KeyboardModifier.NoModifier):
    at = view.table.visualRect(view.model.index(line, 0)).center()
    QTest.mouseClick(view.table.viewport(), LEFT, modifiers, at)


def marked(view):
    return [line for line in range(view.model.rowCount()) if view.model.is_selected(line)]


def test_the_table_selects_and_shows_what_is_selected(driver):
    driver.open("sample:iris")
    view, document = table_of(driver), driver.document
    click_line(view, 2)
    click_line(view, 5, Qt.KeyboardModifier.ShiftModifier)
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    assert selected(driver) == [2, 3, 4, 5]
    click_line(view, 4, CTRL)
    click_line(view, 8, CTRL)
    assert selected(driver) == [2, 3, 5, 8]
    assert marked(view) == [2, 3, 5, 8]
    document.selection.set(RowSet.of_rows([140, 1], 150))
    assert marked(view) == [1, 140]
    assert view.table.chosen_lines() == []
    assert view.table.chosen_rows().tolist() == [1, 140]
    document.selection.set(RowSet.of_rows([140], 150))
    assert view.table.visualRect(view.model.index(140, 0)).intersects(view.table.viewport().rect())


def test_in_another_order_the_same_rows_are_marked(driver):
    driver.open("sample:iris")
    view, document = table_of(driver), driver.document
    document.selection.set(RowSet.of_rows([0, 7], 150))
    view.show_rows("all", sorted_by="sepal_length_cm")
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    assert sorted(view.model.row(line) for line in marked(view)) == [0, 7]
    assert marked(view) != [0, 7]
    click_line(view, 0)
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    assert selected(driver) == [view.model.row(0)]


def choose_action(driver, menu, *words):
    """Trigger an action of a menu by the words that its levels begin with."""
    menu.aboutToShow.emit()
    for depth, word in enumerate(words):
        actions = {one.text().replace("&", ""): one for one in menu.actions()}
        action = next(one for text, one in actions.items() if text.startswith(word))
        assert action.isEnabled()
        if depth + 1 < len(words):
            menu = action.menu()
            menu.aboutToShow.emit()
    action.trigger()


def test_rows_are_marked_as_known_and_stay_where_they_are_said_to_be(fitted):
    driver, document = fitted, fitted.document
    label = document.analysis.rows.label
    row = int(document.analysis.prepared.rows[np.flatnonzero(label == 0)[0]])
    document.selection.set(RowSet.of_rows([row], 344))
    button = driver.window.workspace.selection_panel.actions_button
    with driver.qtbot.waitSignal(document.settings_changed):
        choose_action(driver, button.menu(), "Known to belong to", document.names[2])
    driver.find()
    analysis = document.analysis
    place = int(np.searchsorted(analysis.prepared.rows, row))
    assert (analysis.rows.label[place], analysis.rows.probability[place]) == (2, 1.0)
    view = table_of(driver)
    section = [field.name for field in view.model.fields].index("Known")
    assert view.model.index(row, section).data() == "yes"
    document.undo()
    document.undo()
    assert document.settings.known == ()


def test_rows_that_cannot_belong_to_a_cluster_are_in_another(fitted):
    driver, document = fitted, fitted.document
    label, prepared = document.analysis.rows.label, document.analysis.prepared
    rows = prepared.rows[np.flatnonzero(label == 2)[:3]]
    document.selection.set(RowSet.of_rows(rows.tolist(), 344))
    panel = driver.window.workspace.selection_panel
    with driver.qtbot.waitSignal(document.settings_changed):
        choose_action(driver, panel.actions_button.menu(), "Cannot belong to", document.names[2])
    driver.qtbot.waitUntil(lambda: not panel.is_busy)
    assert "the next fit keeps 3 out of clusters" in panel.said[1]
    driver.find()
    analysis, places = document.analysis, np.searchsorted(prepared.rows, rows)
    assert (analysis.rows.label[places] != 2).all()
    assert analysis.n_clusters == 3
    view = table_of(driver)
    section = [field.name for field in view.model.fields].index("Cannot be")
    assert [view.model.index(row, section).data() for row in rows.tolist()] == ["Cluster 3"] * 3
    driver.qtbot.waitUntil(lambda: not panel.is_busy)
    assert "3 kept out of clusters" in panel.said[1]
    for _ in range(3):  # the answer, the start and what was said
        document.undo()
    assert document.settings.forbidden == ()


def test_rows_stay_out_of_the_same_cluster_in_another_answer(fitted):
    driver, document = fitted, fitted.document
    document.change_settings("trying two numbers", k_min=2, k_max=3, models=("VVV",))
    driver.find()
    before = document.analysis
    settings = document.settings
    for k in range(before.n_clusters):
        settings = barred(settings, k, np.array([k + 1]))
    document.change_settings("keeping out", forbidden=settings.forbidden)
    with driver.qtbot.waitSignal(document.analysis_changed):
        document.edits.choose(1 - before.best)
    after = document.analysis
    assert after.n_clusters != before.n_clusters
    kept = {one.rows[0] - 1: one.cluster - 1 for one in document.settings.forbidden}
    assert 0 < len(kept) < 3  # two of three have become one; of the others most rows are the same
    for k, now in kept.items():
        of_it = before.rows.label == k
        together = np.count_nonzero(of_it & (after.rows.label == now))
        assert 2 * together >= np.count_nonzero(of_it | (after.rows.label == now))
    document.undo()
    assert document.settings.forbidden == settings.forbidden
    driver.qtbot.waitUntil(lambda: document.analysis is not None)


def test_rows_that_are_kept_out_do_not_hide_what_else_is_asked_for(fitted):
    driver, document = fitted, fitted.document
    changed = barred(document.settings, 2, np.array([5]))
    document.change_settings("keeping out", forbidden=changed.forbidden, models=("EII",))
    driver.find()
    assert document.analysis.result.model == "EII"
    assert document.analysis.n_clusters == 3
    answer = document.analysis
    document.change_settings("asking for two", k_min=2, k_max=2)
    with driver.qtbot.waitSignal(document.problem_raised) as raised:
        document.start_fit()
    assert "Any is possible" in raised.args[0].hint
    assert not document.is_running
    assert (document.analysis, document.settings.k_max) == (answer, 2)


def test_a_column_of_labels_names_the_clusters(fitted):
    driver, document = fitted, fitted.document
    with driver.qtbot.waitSignal(document.settings_changed):
        choose_action(driver, driver.window.actions_.select.columns, "species")
    driver.find()
    assert document.names == ("Adelie", "Chinstrap", "Gentoo")
    assert document.analysis.rows.known.all()


def test_selected_rows_are_copied_exported_and_measured(fitted, monkeypatch, tmp_path):
    driver, document = fitted, fitted.document
    document.selection.set(RowSet.of_rows([5, 100], 344))
    driver.window.workspace.map.plot.setFocus()
    QGuiApplication.clipboard().clear()
    QTest.keyClick(driver.window.workspace.map.plot, Qt.Key.Key_C, CTRL)
    driver.qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().count("\n") == 2)
    assert QGuiApplication.clipboard().text().startswith("Cluster\tHow sure\tLeft out\tspecies")
    path = tmp_path / "some.csv"
    monkeypatch.setattr(row_actions, "choose_target", lambda *_, **__: Target(path))
    menu = driver.window.workspace.selection_panel.actions_button.menu()
    with driver.qtbot.waitSignal(document.exported):
        choose_action(driver, menu, "Export")
    assert path.read_text().count("\n") == 3
    choose_action(driver, menu, "Distances")
    driver.qtbot.waitUntil(lambda: driver.window.findChild(DistancesDialog) is not None)
    dialog = driver.window.findChild(DistancesDialog)
    assert "Cluster 1" in dialog.table.text()
    assert "body_mass_g" in dialog.table.text()
    dialog.reject()


def test_a_cluster_is_started_at_the_selected_rows(fitted):
    driver, document = fitted, fitted.document
    label = document.analysis.rows.label
    rows = document.analysis.prepared.rows[np.flatnonzero(label == 0)[:15]]
    document.selection.set(RowSet.of_rows(rows, 344))
    menu = driver.window.workspace.selection_panel.actions_button.menu()
    with driver.qtbot.waitSignal(document.run_ended, timeout=20_000):
        choose_action(driver, menu, "Start a cluster here")
    assert document.analysis.n_clusters == 4
    said = "these clusters and one more at 15 selected rows"
    assert document.analysis.settings.start.said == said
    panel = driver.window.workspace.clusters_panel
    assert f"The fit started from {said}." in panel._answer.text()
    driver.find()  # one fit only
    assert document.analysis.settings.start is None


def test_the_table_opens_at_what_is_selected(driver):
    driver.open("sample:iris")
    driver.document.selection.set(RowSet.of_rows([120], 150))
    view = table_of(driver)
    assert view.table.visualRect(view.model.index(120, 0)).intersects(view.table.viewport().rect())


@pytest.mark.parametrize("height", range(720, 760, 8))
def test_no_line_is_cut_where_the_table_goes_to_what_is_selected(driver, height):
    driver.window.resize(1264, height)
    driver.open("sample:penguins")
    driver.document.selection.set(RowSet.of_rows([200], 344))
    view = table_of(driver)

    def in_sight(row):
        line = view.table.visualRect(view.model.index(row, 0))
        return line.top() >= 0 and line.bottom() < view.table.viewport().height()

    driver.qtbot.waitUntil(lambda: in_sight(200))
    for row in (70, 343, 0):
        driver.document.selection.set(RowSet.of_rows([row], 344))
        driver.qtbot.waitUntil(lambda row=row: in_sight(row))


def test_the_table_stays_where_it_is_when_a_line_is_clicked_in_addition(driver):
    driver.open("sample:iris")
    view = table_of(driver)
    driver.document.selection.set(RowSet.of_rows([2], 150))
    bar = view.table.verticalScrollBar()
    bar.setValue(80)
    click_line(view, 82, CTRL)
    assert selected(driver) == [2, 82]
    assert bar.value() == 80
