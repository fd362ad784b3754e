"""The answer and the chosen cluster, in the room there is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QTableView,
    QToolButton,
)

from gmmdesk.analysis.description import Descriptions
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.banner import StaleBanner
from gmmdesk.ui.drawing.shading import CERTAINTIES
from gmmdesk.ui.panels.answer_words import AnswerWords
from gmmdesk.ui.panels.chosen_panel import ChosenPanel
from gmmdesk.ui.panels.unusual_line import UnusualLine
from gmmdesk.ui.selection import How
from gmmdesk.ui.tables.clusters_model import ClustersModel
from gmmdesk.ui.text import percent
from gmmdesk.ui.widgets import Label, ScrolledForm
from tests.ui.conftest import choose, menu_texts
from tests.ui.views.map.conftest import give, scattered, table


def test_a_long_name_of_a_cluster_ends_in_an_ellipsis(driver):
    driver.open("sample:blobs?n=300&k=2")
    document = driver.document
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    name = "those who come on Sundays & <b>pay</b> cash " * 6
    document.edits.rename(0, name)
    document.set_current_cluster(0)
    (heading,) = [
        label for label in driver.window.findChildren(Label) if label.text() == document.names[0]
    ]
    assert heading.shown_text().startswith("those who come")
    assert heading.shown_text().endswith("…")
    document.set_current_cluster(None)
    assert heading.shown_text() == "Profile"


def test_the_answer_calls_clusters_by_their_names(driver):
    driver.open("sample:iris")
    document = driver.document
    document.change_settings("three", k_min=3, k_max=3, models=("EEE",), restarts=2)
    driver.find()
    groups = document.analysis.verdict.groups
    assert len(set(groups)) == 2
    (words,) = driver.window.findChildren(AnswerWords)
    cut = next(k for k in range(3) if groups.count(groups[k]) == 2)
    assert "run into each other" in words.text()
    assert "Sundays" not in words.text()
    document.edits.rename(cut, "Sundays")
    assert "Sundays" in words.text()
    (doubt,) = [label for label in words.findChildren(Label) if "Sundays" in label.text()]
    assert doubt.accessibleName() == f"In doubt: {doubt.text()}"  # all that is read out
    document.undo()
    assert "Sundays" not in words.text()


def test_what_is_not_as_usual_is_said_and_taken_back(driver):
    driver.open("sample:iris")
    document = driver.document
    document.change_settings("earlier remedies", k_min=1, k_max=3, prior="always", restarts=2)
    driver.find()
    (line,) = driver.window.findChildren(UnusualLine)
    assert line.said.text() == "At most 3 clusters, with a prior, 2 restarts."

    def take_back(text):
        QTimer.singleShot(0, lambda: choose(QApplication.activePopupWidget(), text))
        driver.qtbot.mouseClick(line.button, Qt.MouseButton.LeftButton)

    driver.wait(document.run_ended, lambda: take_back("With a prior"))
    assert line.said.text() == "At most 3 clusters, 2 restarts."
    assert document.analysis.settings.prior == "guard"
    assert document.undo_stack.undoText().startswith("taking back “with a prior” (")
    document.undo()
    assert line.said.text() == "At most 3 clusters, with a prior, 2 restarts."
    document.change_settings("another", seed=4)  # of which the banner tells
    assert line.isVisible()
    assert not line.button.isEnabled()
    document.undo()
    driver.wait(document.run_ended, lambda: take_back("All of them"))
    assert not line.isVisible()


def test_no_line_of_the_list_moves_when_the_choices_change(driver):
    driver.window.resize(1270, 770)
    driver.open("sample:iris")
    document = driver.document
    document.change_settings("earlier remedies", k_min=4, k_max=4, restarts=2)
    driver.find()
    (clusters,) = (
        one for one in driver.window.findChildren(QTableView) if one.accessibleName() == "Clusters"
    )
    panel = driver.window.workspace.clusters_panel
    (banner,) = panel.findChildren(StaleBanner)

    def top():
        for _ in range(3):  # what is laid out, and what follows from it
            driver.qtbot.wait(1)
            panel.grab()
        return clusters.mapTo(panel, QPoint()).y()

    before = top()
    document.change_settings("another", seed=4)
    assert (top(), banner.isVisible()) == (before, True)
    document.undo()
    assert (top(), banner.isVisible()) == (before, False)


def test_no_line_of_a_profile_is_cut_and_it_is_told_how_many_follow(driver, tmp_path):
    rows = np.random.default_rng(0).normal(np.repeat([0.0, 9.0], 30)[:, None], size=(60, 20))
    names = [f"c{i}" for i in range(20)]
    path = tmp_path / "many.csv"
    np.savetxt(path, rows, delimiter=",", header=",".join(names), comments="")
    driver.open(path)
    document = driver.document
    document.change_settings("two", k_min=2, k_max=2, models=("EII",), restarts=1)
    driver.find()
    document.set_current_cluster(1)
    (panel,) = driver.window.findChildren(ChosenPanel)
    (table,) = panel.profile.findChildren(QTableView)
    lines = table.verticalHeader()

    def in_sight():
        """How much of each line nothing covers, as a share."""
        seen = table.viewport().visibleRegion()
        middle = table.viewport().width() // 2
        every = [
            range(lines.sectionViewportPosition(i), lines.sectionViewportPosition(i + 1))
            for i in range(lines.count() - 1)
        ]
        return [sum(seen.contains(QPoint(middle, y)) for y in one) / len(one) for one in every]

    more = next(one for one in panel.children() if isinstance(one, QToolButton))
    driver.qtbot.waitUntil(lambda: more.text() == f"{20 - sum(in_sight()):.0f} more below")
    for _ in range(2):
        assert set(in_sight()) <= {0.0, 1.0}
        driver.qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
        driver.qtbot.waitUntil(lambda: any(in_sight()))


def test_words_below_the_list_never_lie_over_it(driver):
    driver.open("sample:iris")
    document = driver.document
    document.change_settings("six", k_min=6, k_max=6, models=("EEE",), restarts=1)
    driver.find()
    document.selection.set(RowSet.of_rows(np.arange(3), 150))
    (words,) = [
        label
        for label in driver.window.findChildren(QLabel)
        if label.text().startswith("How sure: of a row's cluster")
    ]
    (listed,) = [
        one for one in driver.window.findChildren(QTableView) if one.accessibleName() == "Clusters"
    ]
    for height in (1000, 700, 500):
        driver.window.resize(1280, height)
        driver.qtbot.waitUntil(
            lambda: (
                listed.geometry().bottom() < words.geometry().top()
                and words.height() >= words.heightForWidth(words.width())
            )
        )


def test_rows_of_no_cluster_have_the_last_line(qtbot, document):
    give(qtbot, document, scattered())
    model = ClustersModel(document)
    document.change_settings(
        "noise", k_min=2, k_max=2, restarts=2, models=("VVV",), noise=True, criterion="icl"
    )
    counts = []
    document.progressed.connect(lambda: counts.append(model.rowCount()))
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()
    assert set(counts) == {3}
    noise = document.analysis.noise
    texts = [model.data(model.index(2, j), Qt.ItemDataRole.DisplayRole) for j in range(4)]
    assert texts == [
        "No cluster",
        str(noise.n_rows),
        percent(noise.weight),
        percent(noise.certainty),
    ]
    assert noise.n_rows == np.sum(document.analysis.rows.label < 0)
    line = model.index(2, 0)
    assert not line.flags() & (Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable)
    assert "noise component" in model.data(line, Qt.ItemDataRole.ToolTipRole)
    assert not model.data(line, Qt.ItemDataRole.DecorationRole).isNull()
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.change_settings("none", noise=False)
        document.start_fit()
    assert model.rowCount() == 2


def described(driver):
    panel = driver.window.workspace.profile_panel
    driver.qtbot.waitUntil(lambda: not panel.is_busy)
    return panel


def test_before_there_are_clusters_none_is_asked_to_be_chosen(driver):
    driver.open("sample:iris")
    assert not driver.window.workspace.profile_panel.isVisible()
    driver.document.change_settings("two", k_min=2, k_max=2, models=("EEE",), restarts=1)
    driver.find()
    assert driver.window.workspace.profile_panel.isVisible()


@pytest.fixture
def penguins(driver):
    """The panel, with three clusters of penguins that have been described."""
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3, models=("EEE",))
    driver.find()
    return described(driver)


def test_the_chosen_cluster_is_described_in_words(driver, penguins):
    panel = penguins
    means = driver.document.analysis.result.means
    heaviest = int(means[:, 3].argmax())
    driver.document.set_current_cluster(heaviest)
    assert "ery high flipper_length_mm (217" in panel.description
    assert "have species = Gentoo" in panel.description
    driver.document.set_current_cluster(None)
    assert panel.description == ""


def test_at_an_earlier_step_no_words_of_the_answer_stand_beside_its_numbers(driver):
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3, models=("VVV",))
    driver.find()
    panel, timeline = described(driver), driver.document.timeline
    driver.document.set_current_cluster(0)
    said = panel.description
    assert said
    timeline.go_to(0)
    assert panel.description == ""
    hints = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "As it was at this step of the fit." in hints
    timeline.go_to(timeline.last)
    assert panel.description == said


@pytest.mark.usefixtures("penguins")
def test_names_are_suggested_and_taken_back_in_one_step(driver):
    driver.window.actions_.suggest_names.trigger()
    names = driver.document.names
    assert len(set(names)) == 3
    assert any("flipper_length_mm" in name for name in names)
    driver.document.undo()
    assert driver.document.names == ("Cluster 1", "Cluster 2", "Cluster 3")
    driver.document.redo()
    assert driver.document.names == names


@pytest.mark.usefixtures("penguins")
def test_names_that_the_user_gave_stay_where_others_are_suggested(driver):
    document = driver.document
    document.edits.rename(1, "Gentoo")
    driver.window.actions_.suggest_names.trigger()
    first = document.names
    assert first[1] == "Gentoo"
    assert not any(name.startswith("Cluster ") for name in first)
    document.change_settings("two", k_min=2, k_max=2)  # suggested names give way to others
    driver.find()
    described(driver)
    driver.window.actions_.suggest_names.trigger()
    assert "Gentoo" in document.names
    assert not set(document.names) & {first[0], first[2]}


@pytest.mark.usefixtures("penguins")
def test_a_name_that_was_typed_stays_even_in_the_program_s_words(driver):
    document = driver.document
    document.edits.rename(1, "High body_mass_g")
    driver.window.actions_.suggest_names.trigger()
    assert document.names[1] == "High body_mass_g"
    document.edits.rename(0, "Very low body_mass_g")  # what had been suggested is taken over so
    assert "Very low body_mass_g" not in document.suggested_names
    driver.window.actions_.suggest_names.trigger()
    assert document.names[:2] == ("Very low body_mass_g", "High body_mass_g")


@pytest.mark.usefixtures("penguins")
def test_no_two_clusters_are_called_the_same_where_a_suggestion_is_taken(driver, monkeypatch):
    document, panel = driver.document, driver.window.workspace.profile_panel

    def suggest(*names):
        monkeypatch.setattr(panel, "_descriptions", Descriptions(("",) * 3, names))
        panel.suggest_names()

    suggest("Low body_mass_g", "High body_mass_g", "Very high body_mass_g")
    document.edits.rename(1, "mine")
    # As after a fit that has found the clusters elsewhere.
    suggest("mine", "High body_mass_g", "Low body_mass_g")
    assert document.names == ("Cluster 1", "mine", "Low body_mass_g")
    assert document.suggested_names == ("Low body_mass_g",)  # a typed one is not the program's
    suggest("Very low body_mass_g", "High body_mass_g", "Low body_mass_g")
    assert document.names == ("Very low body_mass_g", "mine", "Low body_mass_g")


def test_suggested_names_that_make_up_one_give_way_to_another(driver, monkeypatch):
    driver.open("sample:penguins")
    document, panel = driver.document, driver.window.workspace.profile_panel
    document.change_settings("three", k_min=3, k_max=3, models=("EEE",), restarts=1)
    driver.find()

    def suggest(*names):
        described(driver)
        monkeypatch.setattr(panel, "_descriptions", Descriptions(("",) * len(names), names))
        panel.suggest_names()

    suggest("Low a", "Middle a", "High a")
    driver.wait(document.analysis_changed, lambda: document.edits.merge([0, 1]))
    assert any(" + " in name for name in document.names)
    suggest("Low b", "High b")
    assert document.names == ("Low b", "High b")
    driver.wait(document.analysis_changed, lambda: document.edits.split(0))
    assert {"Low b", "High b"} < {*document.names}
    assert not any(" a" in name for name in document.names)


def test_names_that_were_suggested_before_a_session_was_opened_give_way(driver, tmp_path):
    driver.open("sample:penguins")
    document = driver.document
    document.change_settings("two", k_min=2, k_max=2, models=("EEE",), restarts=1)
    driver.find()
    was = "Very low bill_length_mm"
    document.edits.rename_all((was, "mine"), suggested=(was,))  # as it was called by then
    path = tmp_path / "named.gmmdesk"
    sessions = driver.window.sessions
    driver.wait(sessions.saved, lambda: sessions.save(path, False))
    driver.wait(sessions.opened, lambda: driver.window.open_source(str(path)))
    described(driver)
    driver.window.actions_.suggest_names.trigger()
    assert document.names[1] == "mine"
    assert document.names[0] != "Very low bill_length_mm"


def test_escape_ends_what_is_chosen_and_selected_wherever_the_focus_is(driver):
    driver.open("sample:penguins")
    document, window = driver.document, driver.window
    document.change_settings("two", k_min=2, k_max=2, models=("EEE",))
    driver.find()
    list_ = next(
        one
        for one in window.workspace.clusters_panel.findChildren(QTableView)
        if one.accessibleName() == "Clusters"
    )
    plot = window.workspace.map.findChild(QGraphicsView)
    button = window.workspace.model_panel.find_button
    driver.click_tab("Table")
    rows = window.workspace.views.front().findChild(QTableView)
    search = window.workspace.views.front().findChild(QLineEdit)
    for widget in (list_, plot, button, rows, search):
        document.set_current_cluster(1)
        document.selection.change_rows(np.array([3]), How.REPLACE)
        shown = [one.text() for one in window.statusBar().findChildren(QLabel) if one.isVisible()]
        assert "Cluster 2 is chosen (Esc: none)" in shown
        QTest.keyClick(widget, Qt.Key.Key_Escape)
        assert document.current_cluster is None
        assert document.selection.count == 0
        assert not list_.selectionModel().selectedRows()


def test_one_group_is_all_rows(driver):
    driver.open("sample:faithful")
    driver.document.change_settings("one", k_min=1, k_max=1)
    driver.find()
    panel = described(driver)
    driver.document.set_current_cluster(0)
    assert panel.description.startswith("All rows together.")


def beside_a_long_verdict(driver):
    """Say one, and whether the last of the clusters is in sight below it."""
    panel = driver.window.workspace.clusters_panel
    (words,) = panel.findChildren(AnswerWords)
    words.say("A verdict", [Ground("of many words " * 20, is_doubt=True) for _ in range(4)])
    (clusters,) = [
        one for one in panel.findChildren(QTableView) if isinstance(one.model(), ClustersModel)
    ]

    def last_is_in_sight():
        last = clusters.model().index(driver.document.n_clusters - 1, 0)
        return clusters.viewport().rect().contains(clusters.visualRect(last))

    return last_is_in_sight


def test_nine_clusters_are_in_sight_beside_a_long_verdict(driver):
    """On a screen of 1280 x 800."""
    driver.window.resize(1264, 752)
    rng = np.random.default_rng(1)
    rows = rng.normal(np.repeat(rng.normal(size=(9, 3)) * 9.0, 20, axis=0), 1.0)
    give(driver.qtbot, driver.document, table(**{f"column {j}": rows[:, j] for j in range(3)}))
    driver.document.change_settings("nine", k_min=9, k_max=9, models=("EEE",), restarts=1)
    driver.find()
    last_is_in_sight = beside_a_long_verdict(driver)
    driver.qtbot.waitUntil(last_is_in_sight)


@pytest.mark.parametrize("chosen", [None, 3])
def test_four_clusters_are_in_sight_beside_a_long_verdict_and_a_selection(driver, chosen):
    """On a screen of 1280 x 800, also with the profile of one below them."""
    driver.window.resize(1264, 752)
    rng = np.random.default_rng(1)
    rows = rng.normal(np.repeat(rng.normal(size=(4, 6)) * 2.0, 30, axis=0), 1.0)
    give(driver.qtbot, driver.document, table(**{f"column {j}": rows[:, j] for j in range(6)}))
    driver.document.change_settings("four", k_min=4, k_max=4, models=("VVV",), restarts=1)
    driver.find()
    driver.document.selection.all()
    driver.document.set_current_cluster(chosen)
    last_is_in_sight = beside_a_long_verdict(driver)
    driver.qtbot.waitUntil(driver.window.workspace.selection_panel.isVisible)
    driver.qtbot.waitUntil(last_is_in_sight)


def test_no_line_of_the_list_moves_where_clusters_are_chosen_and_rows_selected(driver):
    """On a screen of 1280 x 800: a second click hits what the first has hit."""
    window, document = driver.window, driver.document
    window.resize(1264, 752)
    rng = np.random.default_rng(1)
    rows = rng.normal(np.repeat(rng.normal(size=(4, 9)) * 2.0, 30, axis=0), 1.0)
    give(driver.qtbot, document, table(**{f"column {j}": rows[:, j] for j in range(9)}))
    document.change_settings("four", k_min=4, k_max=4, models=("VVV",), restarts=1)
    driver.find()
    profile = described(driver)
    beside_a_long_verdict(driver)
    panel, chosen = window.workspace.clusters_panel, window.workspace.selection_panel
    (clusters,) = [
        one for one in panel.findChildren(QTableView) if isinstance(one.model(), ClustersModel)
    ]
    (words,) = panel.findChildren(AnswerWords)
    driver.qtbot.waitUntil(lambda: words.height() == words.sizeHint().height())
    places = []

    def settle(part):
        driver.qtbot.waitUntil(lambda: not chosen.is_busy and not part.visibleRegion().isEmpty())
        assert part.visibleRegion().boundingRect().top() == 0  # its beginning is in sight
        lines = [clusters.visualRect(clusters.model().index(k, 0)) for k in range(4)]
        places.append([clusters.viewport().mapTo(window, line.center()) for line in lines])

    settle(profile)
    for begin in (
        lambda: click_on_line(clusters, 2),
        document.selection.all,
        lambda: click_on_line(clusters, 0),
        document.selection.clear,
        lambda: document.set_current_cluster(None),
    ):
        begin()
        settle(chosen if begin == document.selection.all else profile)
    assert places == [places[0]] * len(places)


@pytest.mark.parametrize(("height", "is_all_seen"), [(752, False), (1200, True)])
def test_a_long_verdict_leaves_room_for_the_beginning_of_a_profile(driver, height, is_all_seen):
    """On a screen of 1280 x 800 for three of its lines; a larger one has room for all words."""
    driver.window.resize(1264, height)
    rng = np.random.default_rng(1)
    rows = rng.normal(np.repeat(rng.normal(size=(8, 9)) * 9.0, 20, axis=0), 1.0)
    give(driver.qtbot, driver.document, table(**{f"column {j}": rows[:, j] for j in range(9)}))
    driver.document.change_settings("eight", k_min=8, k_max=8, models=("EEE",), restarts=1)
    driver.find()
    driver.window.findChild(UnusualLine).hide()  # as beside a search for their number
    profile = described(driver)
    last_is_in_sight = beside_a_long_verdict(driver)
    driver.document.set_current_cluster(4)
    (lines,) = profile.findChildren(QTableView)

    def in_sight():
        seen = lines.viewport().visibleRegion()
        rects = [lines.visualRect(lines.model().index(i, 0)) for i in range(9)]
        return sum(seen.contains(one.center()) for one in rects)

    (words,) = driver.window.workspace.clusters_panel.findChildren(AnswerWords)
    driver.qtbot.waitUntil(lambda: words.height() == words.sizeHint().height())
    driver.qtbot.waitUntil(lambda: last_is_in_sight() and in_sight() >= 3)
    assert (words.height() == ScrolledForm.sizeHint(words).height()) == is_all_seen


def test_clusters_that_are_chosen_together_stand_out_together(driver):
    driver.open("sample:iris")
    document, workspace = driver.document, driver.window.workspace
    document.change_settings("four", k_min=4, k_max=4, models=("EEE",), restarts=1)
    driver.find()
    (clusters,) = [
        one for one in workspace.findChildren(QTableView) if isinstance(one.model(), ClustersModel)
    ]
    driver.qtbot.waitUntil(lambda: not workspace.map.is_busy)
    plain = workspace.map.rows.inks(full=True)
    click_on_line(clusters, 1)
    at = clusters.visualRect(clusters.model().index(3, 1)).center()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(clusters.viewport(), Qt.MouseButton.LeftButton, control, at)
    assert document.current_cluster == 3
    lines = [one.row() for one in clusters.selectionModel().selectedRows()]
    assert sorted(lines) == [1, 3]
    dims = [workspace.map.clusters.look.dims(k) for k in range(4)]
    assert dims == [True, False, True, False]
    surest = workspace.map.rows.inks()[1 + CERTAINTIES :].reshape(4, CERTAINTIES, -1)[:, -1]
    same = np.isclose(surest, plain[1 + CERTAINTIES :].reshape(4, CERTAINTIES, -1)[:, -1])
    assert same.all(axis=1).tolist() == [False, True, False, True]
    said = [one.text() for one in driver.window.statusBar().findChildren(QLabel)]
    assert "2 clusters are chosen (Esc: none)" in said
    menu = driver.window.actions_.merge
    menu.aboutToShow.emit()
    assert "Merge Cluster 2 and Cluster 4" in menu_texts(menu)
    click_on_line(clusters, 1)  # alone
    assert [workspace.map.clusters.look.dims(k) for k in range(4)] == [True, False, True, True]


def click_on_line(clusters, k):
    at = clusters.visualRect(clusters.model().index(k, 1)).center()
    QTest.mouseClick(clusters.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [one.row() for one in clusters.selectionModel().selectedRows()] == [k]


def test_what_a_cluster_may_be_instead_stands_below_its_name(qtbot, driver):
    """As the headline counts it; the name that is edited is the name alone."""
    random = np.random.default_rng(3)
    centers = np.repeat([[0.0, 0.0], [9.0, 0.0], [4.0, 30.0]], (50, 40, 3), axis=0)
    x, y = (centers + random.normal(size=centers.shape)).T
    document = driver.document
    give(qtbot, document, table(x=x, y=y))
    document.change_settings("three", k_min=3, k_max=3, models=("EEI",), restarts=2)
    driver.find()
    panel = driver.window.workspace.clusters_panel
    lines = panel.findChild(ClustersModel)
    (words,) = panel.findChildren(AnswerWords)
    assert "one of them perhaps outliers" in words.text()
    assert [lines.index(k, 0).data() for k in range(3)] == [
        "Cluster 1",
        "Cluster 2",
        "Cluster 3\nperhaps outliers",
    ]
    assert lines.index(2, 0).data(Qt.ItemDataRole.EditRole) == "Cluster 3"
    assert "Perhaps outliers" in lines.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    (listed,) = [one for one in panel.findChildren(QTableView) if one.model() is lines]
    qtbot.waitUntil(lambda: listed.rowHeight(2) > listed.rowHeight(1))
    assert listed.rowHeight(1) == listed.rowHeight(0)
