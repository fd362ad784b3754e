"""Whether to believe the answer, as a user asks it: findings, remedies, pages."""

from __future__ import annotations

import re

import numpy as np
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gmmdesk.analysis.remark import Grade, Remark
from gmmdesk.analysis.remedies import leave_out_rows
from gmmdesk.analysis.sensitivity import Refit
from gmmdesk.data.readers import read_text
from gmmdesk.engine import Resampled
from gmmdesk.export.answer import answer_of
from gmmdesk.text import spelt
from gmmdesk.ui.panels.why import WhyDialog
from gmmdesk.ui.row_actions import add_row_actions
from gmmdesk.ui.selection import How
from gmmdesk.ui.views.diagnosis import DiagnosisView, changes_page
from gmmdesk.ui.views.diagnosis.findings import FindingsPage
from gmmdesk.ui.widgets import Label
from tests.ui.conftest import find_clusters, open_sample


@pytest.fixture
def view(qtbot, clustered_iris):
    view = DiagnosisView(clustered_iris)
    qtbot.addWidget(view)
    view.resize(700, 500)
    with qtbot.waitExposed(view):
        view.show()
    settled(qtbot, view)
    yield view
    view.close_workers()


def settled(qtbot, view):
    qtbot.waitUntil(lambda: not view.is_busy, timeout=20_000)


def texts(widget, kind):
    return [one.text() for one in widget.findChildren(kind) if not one.isHidden()]


def press(widget, text):
    button = next(one for one in widget.findChildren(QToolButton) if one.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def turn_to(view, title):
    titles = [view.pages.tabText(i) for i in range(view.pages.count())]
    view.pages.setCurrentIndex(titles.index(title))


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))


def lines(model):
    return [
        [model.index(i, j).data() for j in range(model.columnCount())]
        for i in range(model.rowCount())
    ]


def test_every_question_is_answered(view):
    said = texts(view.findings, Label)
    for question in (
        "Does any cluster rest on few rows, or one value?",
        "Could rows be in the wrong cluster?",
    ):
        assert question in said
    assert any("expected to be in the wrong cluster" in text for text in said)


def test_a_remedy_is_tried_at_once_and_can_be_taken_back(qtbot, view, clustered_iris):
    find_clusters(qtbot, clustered_iris, 9)
    settled(qtbot, view)
    before, answer = clustered_iris.settings, clustered_iris.analysis
    assert not view.remedy.isVisible()
    tabs = view.pages.tabBar()
    place = tabs.mapTo(view, QPoint())
    with qtbot.waitSignal(clustered_iris.run_ended, timeout=20_000):
        press(view.findings, "At most 8 clusters")
        assert "finding clusters again" in view.remedy.said.text()
    assert (clustered_iris.settings.k_min, clustered_iris.settings.k_max) == (1, 8)
    said = view.remedy.said.text()
    n = clustered_iris.n_clusters
    assert n <= 8
    assert f"Before: nine clusters of 150 rows; now {spelt(n)}" in said
    assert "as asked" not in answer_of(clustered_iris.analysis).headline  # nobody asked for one
    bic, now = answer.result.bic, clustered_iris.analysis.result.bic
    assert f"(BIC {now:,.1f}, before {bic:,.1f}; lower is better)" in said
    view.grab()
    assert view.remedy.isVisible()
    assert tabs.mapTo(view, QPoint()) == place  # a click hits what it would have hit before
    press(view.remedy, "Go back")
    assert clustered_iris.settings == before
    assert not view.remedy.isVisible()
    qtbot.waitUntil(lambda: clustered_iris.analysis is answer)
    settled(qtbot, view)


def test_an_answer_that_is_out_of_date_says_why_and_is_found_again(qtbot, view, clustered_iris):
    assert not view.stale.isVisible()
    clustered_iris.change_settings("changing the seed", seed=9)
    assert "the seed changed" in view.stale.said.text()
    assert "the seed changed" in view.stale.said.accessibleName()  # all that is read out
    press(view.stale, "Undo")
    qtbot.waitUntil(lambda: not view.stale.isVisible())
    clustered_iris.change_settings("changing the seed", seed=9)
    with qtbot.waitSignal(clustered_iris.run_ended, timeout=20_000):
        press(view.stale, "Find clusters again")
    assert clustered_iris.analysis.settings.seed == 9
    assert not view.stale.isVisible()
    settled(qtbot, view)


def test_what_halves_say_is_among_the_findings(qtbot, view, clustered_iris):
    clustered_iris.checking.found = Resampled((1.0,) * 3 + (0.2,) * 17)
    clustered_iris.checking.changed.emit()
    said = [text for text in texts(view.findings, Label) if text.startswith("Unstable")]
    assert len(said) == 1
    assert "3 of 20 resamples" in said[0]


def test_names_of_clusters_are_used(qtbot, view, clustered_iris):
    find_clusters(qtbot, clustered_iris, 6)
    settled(qtbot, view)
    said, *_ = [text for text in texts(view.findings, Label) if "could be" in text]
    k = int(re.search(r"could be Cluster (\d)", said)[1]) - 1
    clustered_iris.edits.rename(k, "Versicolor")
    assert any("could be Versicolor" in text for text in texts(view.findings, Label))
    assert view.shape.cluster.itemText(k) == "Versicolor"


def test_the_shape_follows_the_current_cluster(view, clustered_iris):
    turn_to(view, "Shape")
    clustered_iris.set_current_cluster(2)
    assert view.shape.cluster.currentIndex() == 2
    assert "Cluster 3" in view.shape.said.text()
    figure = view.figure()
    assert figure is not None
    figure.close()


def test_a_button_shows_what_names_a_row_as_it_is(qtbot):
    """An "&" in it marks no key."""
    table = read_text("who,x\nAnn & Bob,1\nCid & Eve,2\n")
    remedy = leave_out_rows(table, np.array([0]), "odd")
    page = FindingsPage(*[lambda *_: None] * 5)
    qtbot.addWidget(page)
    page.show_remarks([Remark("Odd?", Grade.TO_NOTE, "Yes.", (remedy,))])
    (button,) = page.findChildren(QToolButton)
    assert button.text() == "Leave out row 1 (Ann && Bob)"


def test_outliers_by_a_level_are_listed_and_selected(qtbot, view, clustered_iris):
    turn_to(view, "Outliers")
    n_few = view.outliers.model.rowCount()
    qtbot.keyClick(view.outliers.level, Qt.Key.Key_End)
    settled(qtbot, view)
    found = lines(view.outliers.model)
    assert len(found) > n_few
    outliers = clustered_iris.analysis_as_shown.rows.outliers(0.05)
    assert {int(line[0]) for line in found} == set(np.flatnonzero(outliers) + 1)
    press(view.outliers, "Select")
    assert clustered_iris.selection.count == len(found)
    rows = clustered_iris.selection.rows.rows() + 1
    assert {int(line[0]) for line in found} == set(rows.tolist())


def test_where_there_are_no_outliers_it_is_said_what_would_be_listed(qtbot, view, clustered_iris):
    turn_to(view, "Outliers")
    assert not clustered_iris.diagnosis.outliers.n
    said = view.outliers.said
    assert said.text().startswith("0 outliers")
    assert said.text().endswith(" are listed here; above it is chosen how far that is.")
    assert not view.outliers.table.isVisible()
    assert not view.outliers.select.isEnabled()
    qtbot.keyClick(view.outliers.level, Qt.Key.Key_End)
    settled(qtbot, view)
    assert view.outliers.table.isVisible()
    assert "are listed here" not in said.text()


def test_a_workbook_says_what_was_found_here(qtbot, view, clustered_iris, tmp_path):
    turn_to(view, "Outliers")
    view.outliers.level.setCurrentIndex(3)
    settled(qtbot, view)
    with qtbot.waitSignal(clustered_iris.exported):
        clustered_iris.export(tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["Outliers"]
    written = {sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1)}
    assert written == {int(line[0]) for line in lines(view.outliers.model)}
    find_clusters(qtbot, clustered_iris, 2)
    settled(qtbot, view)
    assert view.found.analysis is clustered_iris.analysis


def test_what_is_an_outlier_is_one_everywhere_and_can_be_undone(qtbot, driver, tmp_path):
    """The level that is chosen holds in the table, in Why?, in files, and for the next answer."""
    document = driver.document
    open_sample(qtbot, document, "iris")
    find_clusters(qtbot, document, 3)
    table = driver.click_tab("Table")
    choose(table.kind, "Outliers")
    qtbot.waitUntil(lambda: not table.is_busy)
    few = table.model.rowCount()
    document.edits.count_outliers(0.05)
    qtbot.waitUntil(lambda: not table.is_busy and table.model.rowCount() > few)
    n = int(document.analysis.rows.outliers(0.05).sum())
    assert table.model.rowCount() == n
    with qtbot.waitSignal(document.exported):
        document.export(tmp_path / "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    listed = {row[0] for row in book["Outliers"].iter_rows(min_row=2, values_only=True)}
    assert len(listed) == n
    heads, *rows = book["Rows"].iter_rows(values_only=True)
    assert sum(row[heads.index("Outlier")] for row in rows) == n
    find_clusters(qtbot, document, 2)
    assert document.outlier_level == 0.05
    document.undo()
    document.undo()
    document.undo()
    assert document.outlier_level == 0.001
    qtbot.waitUntil(lambda: not table.is_busy and table.model.rowCount() == few)


def test_species_are_compared(qtbot, view):
    turn_to(view, "Others")
    settled(qtbot, view)
    assert view.others.said.text().startswith("k-means")
    choose(view.others.choice, "Labels in species")
    settled(qtbot, view)
    found = lines(view.others.model)
    table = view.others.found.agreement.table
    assert [int(line[1]) for line in found] == table.sum(axis=1).tolist()
    species = view.others.found.groups
    assert [line[2] for line in found] == [f"species = {species[g]}" for g in table.argmax(1)]
    elsewhere = [sum(map(int, re.findall(r": (\d+)", line[4]))) for line in found]
    assert elsewhere == (table.sum(axis=1) - table.max(axis=1)).tolist()
    choose(view.others.choice, "Density-based (HDBSCAN)")
    settled(qtbot, view)
    assert "2 groups" in view.others.said.text()


def test_what_is_compared_stays_for_the_next_answer(qtbot, view, clustered_iris):
    turn_to(view, "Others")
    choose(view.others.choice, "Labels in species")
    find_clusters(qtbot, clustered_iris, 2)
    settled(qtbot, view)
    assert view.others.choice.currentText() == "Labels in species"
    assert view.others.found.agreement.table.shape == (2, 3)


def test_after_a_remedy_the_keys_still_act_where_it_was(qtbot, view, clustered_iris):
    (button, *_) = view.findings.findChildren(QToolButton)
    button.setFocus()
    find_clusters(qtbot, clustered_iris, 2)
    settled(qtbot, view)
    assert view.focusWidget() is view.findings


def test_density_is_offered_beside_a_ring(qtbot, document):
    random = np.random.default_rng(1)
    turn = random.uniform(0, 2 * np.pi, 600)
    X = np.c_[np.cos(turn), np.sin(turn)] + random.normal(0, 0.08, (600, 2))
    with qtbot.waitSignal(document.prepared_changed):
        document.open_text("x\ty\n" + "\n".join(f"{x:.4f}\t{y:.4f}" for x, y in X))
    find_clusters(qtbot, document, 7, models=("VVV",))
    view = DiagnosisView(document)
    qtbot.addWidget(view)
    view.show()
    settled(qtbot, view)
    press(view.findings, "Density-based clusters…")
    settled(qtbot, view)
    found = view.others.found
    assert f"1 group and leaves {found.n_ungrouped} of 600 rows" in view.others.said.text()
    assert found.agreement.table.shape == (7, 1)
    view.close_workers()


def test_other_choices_can_be_tried_and_stopped(qtbot, view, clustered_iris):
    clustered_iris.change_settings("much", k_min=1, k_max=9, restarts=10)  # to have time to look
    with qtbot.waitSignal(clustered_iris.run_ended):
        clustered_iris.start_fit()
    settled(qtbot, view)
    turn_to(view, "Choices")
    assert view.changes.said.text().endswith("is listed here, beside the answer.")
    assert not view.changes.table.isVisible()  # an empty one
    QTest.mouseClick(view.changes.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "of 4: Seed" in view.changes.said.text())
    assert view.changes.progress.isVisible()
    qtbot.waitUntil(lambda: len(view.changes.found) > 0, timeout=20_000)
    assert view.changes.progress.value() > 0
    QTest.mouseClick(view.changes.button, Qt.MouseButton.LeftButton)
    settled(qtbot, view)
    assert lines(view.changes.model)[0][0] == "Seed 1"
    assert view.changes.table.isVisible()
    assert view.changes.button.text() == "Try other choices"
    assert not view.changes.progress.isVisible()


def test_how_far_other_choices_agree_is_seen_beside_a_long_change(qtbot, view, monkeypatch):
    long = "A power (Yeo-Johnson) of sepal length, sepal width, petal length and petal width"

    def one(*_args, **_kwargs):
        found = (Refit(long, 3, "VEV", 0.95, 12.0),)
        yield found
        return found

    monkeypatch.setattr(changes_page, "sensitivity", one)
    turn_to(view, "Choices")
    QTest.mouseClick(view.changes.button, Qt.MouseButton.LeftButton)
    settled(qtbot, view)
    table = view.changes.table
    last = table.model().columnCount() - 1
    qtbot.waitUntil(lambda: table.columnWidth(last) >= table.sizeHintForColumn(last) > 0)
    qtbot.waitUntil(lambda: table.horizontalHeader().length() <= table.viewport().width())


def test_a_row_is_explained(qtbot, view, clustered_iris):
    turn_to(view, "Why?")
    analysis = clustered_iris.analysis
    assert view.why.row.row == int(np.argmin(analysis.rows.probability))
    assert view.why.which.isVisible()
    view.why.row.setValue(51)
    assert not view.why.which.isVisible()
    settled(qtbot, view)
    assert view.why.panel.found.row == 50
    assert view.why.panel.said.text().startswith("Row 51 is ")
    columns = {line[0] for line in lines(view.why.panel.model)}
    assert columns == {*clustered_iris.analysis.prepared.columns, "Cluster sizes"}


def test_another_answer_is_judged_anew(qtbot, view, clustered_iris):
    find_clusters(qtbot, clustered_iris, 1)
    settled(qtbot, view)
    assert len(view.found.shapes) == 1
    turn_to(view, "Why?")
    settled(qtbot, view)
    assert "one cluster" in view.why.panel.said.text()


def test_without_an_answer_it_says_what_to_do(qtbot, document):
    view = DiagnosisView(document)
    qtbot.addWidget(view)
    view.show()
    assert any("Once clusters are found" in text for text in texts(view, Label))
    assert not view.is_busy
    view.close_workers()


def test_a_row_is_explained_from_elsewhere(qtbot, clustered_iris):
    parent, menu = QWidget(), QMenu()
    qtbot.addWidget(parent)
    qtbot.addWidget(menu)
    clustered_iris.selection.change_rows(np.array([7]), How.REPLACE)
    add_row_actions(menu, clustered_iris, parent)
    (action,) = [one for one in menu.actions() if "Why" in one.text()]
    action.trigger()
    qtbot.waitUntil(lambda: parent.findChild(WhyDialog) is not None)
    dialog = parent.findChild(WhyDialog)
    qtbot.waitUntil(lambda: not dialog.panel.is_busy)
    assert "Row 8 is" in dialog.panel.said.text()
    dialog.reject()
