"""The verdict in the window: what it offers is done by a click, and it holds while it is read."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView, QToolButton

from gmmdesk.analysis.alternatives import can_have_alternatives
from gmmdesk.analysis.check import HALVES
from gmmdesk.analysis.offers import Act
from gmmdesk.analysis.remedies import alike, use_prior
from gmmdesk.analysis.verdict_words import Ground, verdict_in_words
from gmmdesk.engine import Resampled
from gmmdesk.export.report import page, report
from gmmdesk.ui import theme
from gmmdesk.ui.banner import Banner, StaleBanner
from gmmdesk.ui.offers import follow
from gmmdesk.ui.panels.answer_words import AnswerWords
from gmmdesk.ui.tables.clusters_model import ClustersModel
from gmmdesk.ui.tables.fields import fields_of
from gmmdesk.ui.widgets import Label


@pytest.fixture
def iris(driver):
    """Three clusters, two of which run into each other."""
    driver.open("sample:iris")
    driver.document.change_settings("three", k_min=3, k_max=3, models=("EEE",), restarts=2)
    driver.find()
    return driver


def words_of(driver):
    (words,) = driver.window.workspace.clusters_panel.findChildren(AnswerWords)
    return words


def click(qtbot, widget, text):
    """Press a button that is in sight, once what lies above it has come to rest."""
    places = []

    def rests():
        shown = [one for one in widget.findChildren(QToolButton) if one.text() == text]
        if not shown or shown[0].visibleRegion().boundingRect() != shown[0].rect():
            return False
        places.append(shown[0].mapToGlobal(QPoint()))
        return places[-2:-1] == places[-1:]

    qtbot.waitUntil(rests)
    button = next(one for one in widget.findChildren(QToolButton) if one.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_groups_of_the_verdict_are_taken_by_a_click_and_given_back(qtbot, iris):
    document, words = iris.document, words_of(iris)
    assert words.text().startswith(
        "Perhaps only two groups, drawn as three partly adjoining clusters"
    )
    iris.wait(document.analysis_changed, lambda: click(qtbot, words, "Merge into two groups"))
    assert document.analysis.n_clusters == 2
    assert iris.window.focusWidget() is words  # and not what comes after a button that has gone
    assert words.text().startswith("Two clusters, merged from three components")
    offered = words.widget().findChildren(QToolButton)
    assert [one.text() for one in offered if one.isVisible()] == ["Go back"]
    assert document.undo_stack.undoText() == "merging into two groups"
    iris.wait(document.analysis_changed, lambda: click(qtbot, words, "Go back"))
    assert document.analysis.n_clusters == 3
    assert document.undo_stack.canRedo()
    offered = words.widget().findChildren(QToolButton)
    assert "Merge into two groups" in [one.text() for one in offered]


def test_the_findings_say_and_offer_the_same(qtbot, iris):
    view = iris.click_tab("Trust")
    qtbot.waitUntil(lambda: not view.is_busy)
    said = [one.text() for one in view.findings.findChildren(Label)]
    (gaps,) = [text for text in said if text.startswith("Gaps set two groups apart")]
    assert gaps in words_of(iris).text()
    document = iris.document
    iris.wait(
        document.analysis_changed, lambda: click(qtbot, view.findings, "Merge into two groups")
    )
    assert document.analysis.n_clusters == 2


def test_a_doubt_offers_the_likeliest_remedy_and_has_the_others_in_its_menu(qtbot, driver):
    rows = "\n".join(f"{k % 7},{k % 11}" for k in range(60))
    document, words = driver.document, words_of(driver)
    text = f"a,b\n{rows}\n90,99\n91,99\n"
    driver.wait(document.prepared_changed, lambda: document.open_text(text))
    document.change_settings("two", k_min=2, k_max=2, models=("EEE",), restarts=2)
    driver.find()
    (ground,) = (
        one
        for one in verdict_in_words(document.analysis.verdict).grounds
        if one.said.startswith("Cluster 2 has only 2 rows")
    )
    assert "What may help: Leave out these 2 rows" in ground.text
    assert ground.said in words.text()
    assert "What may help" not in words.text()
    driver.wait(document.run_ended, lambda: click(qtbot, words, "Leave out these 2 rows"))
    assert document.analysis.result.n_rows == 60
    done = document.undo_stack.text(document.undo_stack.index() - 1)
    assert done.startswith("Leave out these 2 rows (2 clusters of shape EEE in 60 rows")


def test_other_remedies_are_in_the_menu_of_the_likeliest(qtbot):
    words = AnswerWords()
    qtbot.addWidget(words)
    words.say("Headline.", [Ground("A doubt.", True, remedies=(use_prior(), *alike("VVV", 2)))])
    (button,) = words.widget().findChildren(QToolButton)
    assert button.text() == "Use a prior"
    assert [one.text() for one in button.menu().actions()] == ["All clusters alike (EEE)"]
    with qtbot.waitSignal(words.tried) as tried:
        button.menu().actions()[0].trigger()
    assert tried.args[0].text == "All clusters alike (EEE)"
    words.say("Headline.", [Ground("A doubt.", True, remedies=(use_prior(),))])
    assert button.menu() is None


def test_a_cluster_that_is_not_bell_shaped_is_told_with_the_way_to_trust(qtbot, driver):
    random = np.random.default_rng(1)
    values = np.concatenate([random.exponential(size=150), 20.0 + random.normal(size=80)])
    document, words = driver.document, words_of(driver)
    text = "a\n" + "\n".join(f"{value:.3f}" for value in values)
    driver.wait(document.prepared_changed, lambda: document.open_text(text))
    document.change_settings("two", k_min=2, k_max=2, models=("V",), restarts=1)
    document.checking.automatic = True
    driver.find()
    qtbot.waitUntil(lambda: "Cluster 1 is not bell-shaped" in words.text())
    click(qtbot, words, "See under Trust")
    qtbot.waitUntil(lambda: driver.window.workspace.views.front_title == "Trust")


def test_an_answer_says_how_it_differs_from_the_one_before_and_leads_back(qtbot, iris):
    document, words = iris.document, words_of(iris)
    assert "Before:" not in words.text()
    before = document.analysis
    document.change_settings("two", k_min=2, k_max=2)
    iris.find()
    assert "Before: three clusters of 150 rows; now two: clusters" in words.text()
    iris.wait(document.analysis_changed, lambda: click(qtbot, words, "Go back"))
    assert document.analysis is before
    assert not document.is_stale
    assert "Before:" not in words.text()
    iris.wait(document.analysis_changed, lambda: document.go_to_step(document.undo_stack.count()))
    assert document.analysis.n_clusters == 2


def test_the_way_back_is_open_where_choices_have_changed_since(qtbot, iris):
    document, words = iris.document, words_of(iris)
    before = document.analysis
    document.change_settings("two", k_min=2, k_max=2)
    iris.find()
    document.change_settings("four", k_min=4, k_max=4)
    assert document.is_stale
    iris.wait(document.analysis_changed, lambda: click(qtbot, words, "Go back"))
    assert document.analysis is before
    assert not document.is_stale


def unconverged(driver, restarts=1):
    """The document with three clusters of iris, whose fit ended after two iterations."""
    driver.open("sample:iris")
    driver.document.change_settings(
        "short", k_min=3, k_max=3, models=("VVV",), max_iter=2, restarts=restarts
    )
    driver.find()
    return driver.document


def test_a_fit_that_has_not_converged_goes_on(qtbot, driver):
    document = unconverged(driver)
    before = document.analysis
    words = words_of(driver)
    assert "had not settled (converged) after 2 iterations" in words.text()
    while not document.analysis.result.converged:
        iterations = document.settings.max_iter
        driver.wait(document.run_ended, lambda: click(qtbot, words, "Go on"))
        assert document.settings.max_iter == 10 * iterations
    assert document.analysis.result.log_likelihood > before.result.log_likelihood
    assert "had not settled (converged)" not in words.text()
    assert not document.analysis.verdict.is_unchecked  # it is the same fit still
    assert document.checking.can_start
    given = document.analysis.result.parameters
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit_from(given, "a start of one's own")
    assert document.analysis.verdict.is_unchecked
    assert document.checking.can_start


def test_restarts_are_known_of_a_fit_that_went_on(qtbot, driver):
    """They begin again with it, as in a search; of one that was chosen among others they do not."""
    document = unconverged(driver, restarts=3)
    before = document.analysis
    driver.wait(document.run_ended, lambda: click(qtbot, words_of(driver), "Go on"))
    after = document.analysis
    assert after.result.log_likelihood > before.result.log_likelihood
    assert after.verdict.n_starts == before.verdict.n_starts > 1
    assert document.settings.start is None
    assert can_have_alternatives(after)


def test_how_sure_is_in_brackets_where_the_clusters_were_not_looked_for(qtbot, iris):
    """As where they are unstable: nobody knows whether they are."""
    document = iris.document
    given = document.analysis.result.parameters
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit_from(given, "a start of one's own")
    said = [one.text() for one in iris.window.workspace.clusters_panel.findChildren(Label)]
    told = (
        "How sure is in brackets: it holds if these clusters are there, and that was not checked."
    )
    assert any(one.startswith(told) for one in said)
    model = ClustersModel(document, document)
    sure = [model.index(row, model.columnCount() - 1).data() for row in range(model.rowCount())]
    assert all(re.fullmatch(r"\(.* %\)", one) for one in sure), sure
    (field,) = [
        one
        for one in fields_of(document.dataset, document.analysis_as_shown, document.names)
        if one.title == "(How sure)"
    ]
    assert "that was not checked" in field.tip
    told = page(report(document.analysis, document.names))
    assert len(re.findall(r"<td class=.number.>\(\d+", told)) == document.n_clusters


@pytest.mark.parametrize(("k_min", "k_max"), [(1, 3), (2, 2)])
def test_what_was_chosen_by_hand_goes_on_alone(qtbot, driver, k_min, k_max):
    driver.open("sample:iris")
    document = driver.document
    document.change_settings(
        "short", k_min=k_min, k_max=k_max, models=("EII", "VVV"), max_iter=3, restarts=1
    )
    driver.find()
    (index,) = (
        i
        for i, one in enumerate(document.analysis.candidates)
        if (one.model, one.n_components) == ("EII", 2)
    )
    assert index != document.analysis.best
    driver.wait(document.analysis_changed, lambda: document.edits.choose(index))
    before = document.analysis.result
    assert not before.converged
    driver.wait(document.run_ended, lambda: click(qtbot, words_of(driver), "Go on"))
    after = document.analysis.result
    assert (after.model, after.n_components) == ("EII", 2)
    assert after.log_likelihood > before.log_likelihood
    assert document.settings.max_iter == 30
    assert not document.settings.chose_start


def test_an_answer_out_of_date_does_not_go_on(qtbot, driver):
    """The start that it would be is one in other columns."""
    document = unconverged(driver)
    view = driver.click_tab("Trust")
    qtbot.waitUntil(lambda: not view.is_busy)
    document.change_settings("fewer columns", columns=document.settings.columns[:2])

    def offers():
        places = (words_of(driver), view.findings)
        every = [one for place in places for one in place.findChildren(QToolButton)]
        return [one for one in every if one.text() == "Go on"]

    assert len(offers()) == 2
    assert not any(one.isEnabled() for one in offers())
    assert all("Your choices have changed" in one.toolTip() for one in offers())
    follow(document, Act.GO_ON)
    assert not document.is_running
    assert document.undo_stack.undoText() == "fewer columns"
    document.undo()
    assert all(one.isEnabled() and "Undo" in one.toolTip() for one in offers())


def test_where_several_were_tried_all_of_them_go_on(qtbot, driver):
    """Else one that has settled would be compared with others that have not."""
    driver.open("sample:iris")
    document = driver.document
    document.change_settings("short", k_min=2, k_max=3, models=("VVV",), max_iter=2, restarts=1)
    driver.find()
    view = driver.click_tab("Choose K")
    assert "had not converged yet" in view.hint.text()
    assert any(one.unfinished for one in document.analysis.candidates)
    driver.wait(document.run_ended, lambda: click(qtbot, words_of(driver), "Go on"))
    assert document.settings.max_iter == 20
    assert len(document.analysis.candidates) == 2
    assert (document.settings.k_min, document.settings.k_max) == (2, 3)
    while document.undo_stack.undoText() != "short":
        document.undo()
    assert document.settings.max_iter == 2


def test_what_is_still_checked_is_told_and_changes_nothing_until_it_is_known(qtbot, iris):
    checking, words = iris.document.checking, words_of(iris)
    panel, said = iris.window.workspace.clusters_panel, words.text()
    assert panel.pending == ""
    seen = []
    checking.changed.connect(lambda: seen.append((panel.pending, words.text())))
    checking.start()
    qtbot.waitUntil(lambda: not checking.is_running, timeout=60_000)
    *while_running, last = seen
    so_far = f"Still checking. So far: {said[0].lower()}{said[1:]}"
    assert {text for _pending, text in while_running} == {so_far}
    assert all("Still checking" in pending for pending, _text in while_running)
    assert any(f" of {HALVES} resamples" in pending for pending, _text in while_running)
    assert last[0] == ""
    assert f"of {HALVES} resamples" in last[1]


def test_another_verdict_is_read_from_its_beginning(qtbot):
    words = AnswerWords()
    qtbot.addWidget(words)
    words.resize(260, 120)
    grounds = [
        Ground(f"Ground {i}, which takes more than a single line of the box.") for i in range(9)
    ]
    words.say("One.", grounds)
    with qtbot.waitExposed(words):
        words.show()
    bar = words.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    words.say("One.", grounds)  # the same verdict
    assert bar.value() > 0
    words.say("Another.", grounds)
    assert bar.value() == 0


def test_no_line_of_the_verdict_is_seen_in_part_and_a_click_goes_on_to_the_next(qtbot):
    words, said = AnswerWords(), "A ground of so many words that these take several lines."
    qtbot.addWidget(words)
    words.set_most_height(210)
    words.resize(260, 210)
    words.say("A headline.", [Ground(f"{i} {said}") for i in range(9)])
    with qtbot.waitExposed(words):
        words.show()
    labels = [one for one in words.findChildren(Label) if one.text().endswith(said)]
    (more,) = [one for one in words.findChildren(QToolButton) if "more" in one.text()]

    def in_sight():
        """Of each ground the parts of lines, as far as nothing covers them."""
        return [
            one.visibleRegion().boundingRect().height() / one.fontMetrics().lineSpacing()
            for one in labels
        ]

    qtbot.waitUntil(lambda: more.text() == f"{9 - sum(map(bool, in_sight()))} more below")
    n_lines, first = in_sight()[0], in_sight()
    assert set(first) == {n_lines, 0.0}  # whole grounds
    seen = []
    while "more" in more.text():
        QTest.mouseClick(more, Qt.MouseButton.LeftButton)
        seen.append(in_sight())
    assert all(line == int(line) for lines in seen for line in lines)
    assert [max(lines) for lines in zip(first, *seen, strict=True)] == [n_lines] * 9
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert in_sight() == first
    for value in range(60):  # by the wheel
        words.verticalScrollBar().setValue(value)
        assert all(lines == int(lines) for lines in in_sight())


def test_the_verdict_has_as_much_room_as_the_panel_can_give(qtbot, iris):
    """All but the list of clusters and as much for what is chosen, however high the window is."""
    words, panel = words_of(iris), iris.window.workspace.clusters_panel
    (listed,) = [
        one for one in panel.findChildren(QTableView) if one.accessibleName() == "Clusters"
    ]
    words.say("Headline.", [Ground("A long ground. " * 12) for _ in range(12)])
    left = []
    for height in (800, 1080):
        iris.window.resize(1280, height)
        qtbot.waitUntil(lambda height=height: iris.window.height() == height)
        qtbot.waitUntil(lambda: words.height() == words.sizeHint().height())
        left.append(panel.height() - listed.height() - words.height())
    assert left[1] == pytest.approx(left[0], abs=theme.SPACE)
    assert words.height() > left[1]


def test_beside_doubts_it_is_said_what_how_sure_means(iris):
    panel = iris.window.workspace.clusters_panel

    def told():
        return [one for one in panel.findChildren(Label) if "How sure:" in one.text()]

    (sure,) = told()
    assert sure.isVisible()
    assert "given that these clusters are there" in sure.text()
    iris.open("sample:faithful")
    iris.document.change_settings("two", k_min=2, k_max=2, models=("VVV",), restarts=2)
    iris.find()
    assert iris.document.analysis.verdict.is_clear
    assert not told()[0].isVisible()


def test_a_banner_follows_the_theme(qtbot, iris):
    iris.document.change_settings("other", seed=3)
    banner = next(one for one in iris.window.findChildren(StaleBanner) if one.isVisible())
    assert isinstance(banner, Banner)
    lightness = {}
    for scheme in ("light", "dark", "light"):
        theme.set_scheme(scheme)
        now = QApplication.palette().alternateBase()
        qtbot.waitUntil(lambda now=now: banner.palette().alternateBase() == now)
        picture = banner.grab().toImage()
        lightness[scheme] = picture.pixelColor(banner.width() - 3, 2).lightness()
    assert lightness["dark"] < 90
    assert lightness["light"] > 200
    theme.set_scheme("system")


def test_how_sure_rows_of_unstable_clusters_are_is_in_brackets(iris):
    document, panel = iris.document, iris.window.workspace.clusters_panel
    lines = panel.findChild(ClustersModel)

    def sure():
        return [lines.index(k, 3).data() for k in range(3)]

    def told():
        return any("in brackets" in one.text() for one in panel.findChildren(Label))

    assert not any(text.startswith("(") for text in sure())
    assert not told()
    document.checking.found = Resampled((0.1,) * HALVES)
    document.checking.changed.emit()
    assert all(text.startswith("(") and text.endswith("%)") for text in sure())
    assert told()


def test_what_is_found_out_later_moves_no_line_under_the_mouse(qtbot, iris):
    iris.window.resize(1280, 1000)
    document, words = iris.document, words_of(iris)
    (listed,) = [
        one
        for one in iris.window.workspace.clusters_panel.findChildren(QTableView)
        if one.accessibleName() == "Clusters"
    ]
    qtbot.waitUntil(lambda: words.height() == words.sizeHint().height())
    before, height, top = words.text(), words.height(), listed.mapTo(iris.window, QPoint()).y()
    at = QPointF(listed.rect().center())
    QApplication.sendEvent(listed, QEnterEvent(at, at, at))
    document.checking.found = Resampled((0.1,) * HALVES)
    document.checking.changed.emit()
    QApplication.processEvents()
    assert words.text() != before
    assert listed.mapTo(iris.window, QPoint()).y() == top
    QApplication.sendEvent(listed, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: words.height() > height)
    assert listed.mapTo(iris.window, QPoint()).y() > top


def test_unstable_clusters_are_told_once(iris):
    document = iris.document
    document.checking.found = Resampled((0.1,) * 50)
    document.checking.changed.emit()
    assert words_of(iris).text().count("do not build on them") == 1
    assert "other rows might give other clusters" not in words_of(iris).text()


def test_a_remedy_that_did_not_help_is_told_and_leads_no_further(qtbot, iris):
    document, words = iris.document, words_of(iris)

    def check(agreement):
        document.checking.found = Resampled((agreement,) * HALVES)
        document.checking.changed.emit()

    def offered():
        buttons = [one for one in words.widget().findChildren(QToolButton) if one.isVisible()]
        menus = [action for one in buttons if one.menu() for action in one.menu().actions()]
        return {one.text(): one for one in (*buttons, *menus)}

    check(0.1)
    before = document.analysis
    iris.wait(document.run_ended, offered()["Use a prior"].trigger)
    assert document.settings.prior == "always"
    check(0.1)
    assert "“Use a prior” made it no steadier" in words.text()
    assert "in 0 of 50 halves of the rows before, in 0 of 50 now" in words.text()
    assert "At most 2 clusters" in offered()
    assert "Use a prior" not in offered()
    check(1.0)
    assert "“Use a prior” made it steadier" in words.text()
    iris.wait(document.analysis_changed, lambda: click(qtbot, words, "Go back"))
    assert document.analysis is before
    assert "made it" not in words.text()


def test_merged_clusters_go_back_a_merge_at_a_time(qtbot, iris):
    """Also where how they were before is not among the steps: then all come apart."""
    driver, document, words = iris, iris.document, words_of(iris)
    driver.wait(document.analysis_changed, lambda: document.edits.merge([0, 1]))
    driver.wait(document.analysis_changed, lambda: document.edits.merge([0, 1]))
    assert document.analysis.n_clusters == 1
    for n in (2, 3):
        driver.wait(document.analysis_changed, lambda: click(qtbot, words, "Go back"))
        assert document.analysis.n_clusters == n
    driver.wait(document.analysis_changed, lambda: document.edits.merge([0, 1]))
    document.commands.clear()
    document.commands.begin()
    driver.wait(document.analysis_changed, lambda: click(qtbot, words, "Go back"))
    assert document.analysis.n_clusters == 3


@pytest.mark.parametrize("height", range(50, 111, 10))
def test_something_of_the_verdict_is_seen_in_however_little_room(qtbot, height):
    words = AnswerWords()
    qtbot.addWidget(words)
    words.say("A headline that takes lines. " * 2, [Ground("A long ground. " * 30), Ground("End.")])
    words.set_most_height(height)
    words.resize(260, height)
    with qtbot.waitExposed(words):
        words.show()
    (more,) = [one for one in words.findChildren(QToolButton) if one.parent() is words]
    qtbot.waitUntil(more.isVisible)
    bar, labels = words.verticalScrollBar(), words.findChildren(Label)
    places = [-1]
    while bar.value() > places[-1]:
        places.append(bar.value())
        line = words.fontMetrics().lineSpacing()
        seen = [one.visibleRegion().boundingRect().height() for one in labels]
        assert max(seen) >= line
        more.click()
    assert bar.value() == 0
    assert places[-1] > bar.maximum() - height
