from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.check import HALVES
from gmmdesk.analysis.found_again import UNSTABLE, only_if_there, stability_in_words
from gmmdesk.analysis.overlaps import overlapping
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import Resampled
from gmmdesk.text import percent
from gmmdesk.ui.document import Document
from gmmdesk.ui.selected_facts import SelectedFacts
from gmmdesk.ui.views import certainty
from gmmdesk.ui.views.certainty import CertaintyView, marks_on
from gmmdesk.ui.views.table import TableView
from tests.ui.conftest import Driver


def view_of(driver: Driver) -> CertaintyView:
    """The view, after a click on its tab."""
    view = driver.click_tab("Certainty")
    assert isinstance(view, CertaintyView)
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    return view


@pytest.fixture
def view(driver: Driver) -> CertaintyView:
    """The view of two clusters that overlap."""
    driver.open("sample:blobs?n=600&k=2&overlap=0.3")
    driver.document.change_settings("two", k_min=2, k_max=2)
    driver.find()
    return view_of(driver)


def test_the_table_says_whose_rows_could_be_anothers(driver: Driver, view: CertaintyView) -> None:
    analysis = driver.document.analysis
    assert analysis is not None
    shares = analysis.responsibilities(slice(None))
    expected = [[shares[analysis.rows.label == a, b].mean() for b in (0, 1)] for a in (0, 1)]
    np.testing.assert_allclose(view.model.shares, expected)
    tip = view.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert "of Cluster 1 could be Cluster 2" in tip
    driver.document.edits.rename(1, "Other")
    assert "could be Other" in view.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)


def test_curves_are_the_sorted_probabilities(driver: Driver, view: CertaintyView) -> None:
    analysis, judged = driver.document.analysis, view.judged
    assert analysis is not None
    assert judged is not None
    for cluster, curve in enumerate(judged.curves):
        probability = 100 * analysis.rows.probability[analysis.rows.label == cluster]
        assert (np.diff(curve) <= 0).all()
        assert curve[0] == pytest.approx(probability.max())
        assert curve[-1] == pytest.approx(probability.min())


def test_the_unsure_rows_are_a_click_away(driver: Driver, view: CertaintyView) -> None:
    analysis = driver.document.analysis
    assert analysis is not None
    n_unsure = int((analysis.rows.probability < 0.795).sum())
    assert 0 < n_unsure < 600
    assert view.summary.text().startswith(f"{n_unsure} rows")
    view.unsure.click()
    table = driver.window.workspace.views.findChild(TableView)
    assert table is not None
    driver.qtbot.waitUntil(lambda: not table.is_busy and table.model.rowCount() == n_unsure)
    first = table.model.row(0)
    assert analysis.rows.probability[first] == analysis.rows.probability.min()


def test_another_answer_is_judged_anew(driver: Driver, view: CertaintyView) -> None:
    before = view.judged
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    assert view.judged is not before
    assert view.model.shares.shape == (3, 3)


def test_clusters_are_looked_for_again_in_halves_of_the_rows(driver: Driver) -> None:
    driver.open("sample:faithful")
    driver.document.change_settings("two", k_min=2, k_max=2, models=("EEE",), restarts=2)
    driver.find()
    view = view_of(driver)
    view.check.click()
    assert view.check.text() == "Stop"
    driver.qtbot.waitUntil(lambda: view.check.text() != "Stop", timeout=60_000)
    assert (
        f"in {HALVES} of {HALVES} resamples (halves of the rows): they are stable."
        in view.verdict.text()
    )
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    assert view.verdict.text() == ""


def test_what_came_out_until_it_is_stopped_stays(driver: Driver) -> None:
    driver.open("sample:blobs?n=3000&k=4&overlap=0.4")
    driver.document.change_settings("four", k_min=4, k_max=4, models=("VVV",))
    driver.find()
    view = view_of(driver)
    view.check.click()
    driver.qtbot.waitUntil(lambda: "So far" in view.verdict.text(), timeout=60_000)
    assert "stable" not in view.verdict.text()  # the panel draws no conclusion yet either
    view.check.click()
    driver.qtbot.waitUntil(lambda: view.check.text() != "Stop", timeout=60_000)
    assert " of the rows): " in view.verdict.text()


def test_how_sure_rows_are_holds_only_if_the_clusters_do(
    driver: Driver, view: CertaintyView
) -> None:
    checking = driver.document.checking
    assert only_if_there(UNSTABLE) not in view.summary.text()
    checking.found = Resampled((0.1,) * HALVES)
    checking.changed.emit()
    assert only_if_there(UNSTABLE) in view.summary.text()
    view.check.click()  # looked at again: as elsewhere nothing is said until that is done
    assert checking.is_running
    assert only_if_there(UNSTABLE) not in view.summary.text()
    view.check.click()
    driver.qtbot.waitUntil(lambda: not checking.is_running, timeout=60_000)


def test_an_answer_is_checked_while_the_user_goes_on(driver: Driver) -> None:
    document = driver.document
    driver.open("sample:faithful")
    document.change_settings("two", k_min=2, k_max=2, models=("EEE",), restarts=2)
    document.checking.automatic = True
    driver.find()
    driver.qtbot.waitUntil(lambda: document.checking.found is not None, timeout=60_000)
    driver.qtbot.waitUntil(lambda: not document.checking.is_running, timeout=60_000)
    answer = driver.window.workspace.clusters_panel.findChildren(QLabel)
    assert any(f"in {HALVES} of {HALVES} resamples" in label.text() for label in answer)
    found = document.checking.found
    document.change_settings("one", k_min=1, k_max=1)
    driver.find()
    assert document.checking.found is None
    assert not document.checking.is_running
    document.undo()  # the answer from before, of which this is known
    driver.qtbot.waitUntil(lambda: document.analysis is not None)
    assert document.checking.found is found


def test_selected_rows_are_marked_on_the_curves_and_in_the_list(
    driver: Driver, view: CertaintyView
) -> None:
    document, analysis = driver.document, driver.document.analysis
    assert analysis is not None
    rows = analysis.rows
    chosen = np.flatnonzero(rows.probability < 0.9)[:20]
    document.selection.set(RowSet.of_rows(chosen, 600))
    driver.qtbot.waitUntil(lambda: view.selected is not None)
    assert view.selected is not None
    n_unsure = int((rows.probability[chosen] < 0.795).sum())
    assert f"{n_unsure} of the 20 selected rows are among them." in view.summary.text()
    for k, curve in enumerate(view.selected.curves):
        expected = np.sort(rows.probability[chosen][rows.label[chosen] == k])[::-1]
        np.testing.assert_array_equal(curve, expected)
    shares = analysis.responsibilities(slice(None))[chosen].mean(axis=0)
    last = view.model.rowCount() - 1
    vertical = Qt.Orientation.Vertical
    assert view.model.headerData(last, vertical, Qt.ItemDataRole.DisplayRole) == "Selected rows"
    for k, share in enumerate(shares):
        assert view.model.index(last, k).data() == percent(float(share))
    marked = view.grab().toImage()
    document.selection.clear()
    driver.qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    assert view.grab().toImage() != marked


def test_two_answers_are_never_told_of_together(
    driver: Driver, view: CertaintyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, facts = driver.document, view.findChild(SelectedFacts)
    assert facts is not None
    document.selection.set(RowSet.of_rows(range(50), 600))
    driver.qtbot.waitUntil(lambda: view.selected is not None)
    judge, go_on = certainty._judged, threading.Event()

    def judge_late(analysis: Analysis) -> certainty.Judged:
        assert go_on.wait(60)
        return judge(analysis)

    monkeypatch.setattr(certainty, "_judged", judge_late)
    document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    answer = document.analysis
    assert answer is not None
    # What the selected rows are is known before the clusters are judged.
    driver.qtbot.waitUntil(lambda: facts.of(answer) is not None)
    assert view.judged is view.selected is view.figure() is None
    assert view.model.rowCount() == 0  # no old numbers under new names
    assert "row" in view.summary.text()
    view.grab()
    go_on.set()
    driver.qtbot.waitUntil(lambda: view.selected is not None)
    assert view.judged is not None
    assert view.judged.analysis is answer
    assert view.model.rowCount() == 4
    view.grab()
    for step, n in ((document.undo, 2), (document.redo, 3)):  # both answers are at hand
        step()
        assert view.judged is view.selected is None
        driver.qtbot.waitUntil(lambda: view.selected is not None)
        assert view.model.rowCount() == n + 1
        view.grab()


def test_a_cluster_without_rows_has_no_marks(
    driver: Driver, view: CertaintyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = driver.document
    before = document.analysis
    assert before is not None
    label = np.zeros_like(before.rows.label)
    empty = replace(before, rows=replace(before.rows, label=label), of_components=None)
    document.selection.set(RowSet.of_rows(range(50), 600))
    driver.qtbot.waitUntil(lambda: view.selected is not None)
    with monkeypatch.context() as patch:
        patch.setattr(Document, "analysis", empty)
        document.analysis_changed.emit()
        driver.qtbot.waitUntil(lambda: view.selected is not None and not view.is_busy)
        assert view.judged is not None
        assert [len(curve) for curve in view.judged.curves] == [400, 0]
        view.grab()


def test_the_selection_is_told_of_only_while_the_view_is_seen(
    driver: Driver, view: CertaintyView
) -> None:
    driver.click_tab("Map")
    driver.document.selection.set(RowSet.of_rows([0], 600))
    assert view.selected is None
    assert not view.is_busy
    driver.click_tab("Certainty")
    driver.qtbot.waitUntil(lambda: view.selected is not None)
    assert "selected row is" in view.summary.text()


@pytest.mark.parametrize(
    ("sure", "places"),
    [
        ([], []),
        ([90.0, 50.0], [25.0, 87.5]),  # where the curve is as high, or passes that height
        ([10.0], [100.0]),
        ([80.0, 80.0, 80.0, 80.0], [53.125, 59.375, 65.625, 71.875]),  # along the level part
    ],
)
def test_marks_lie_on_the_curve(sure: list[float], places: list[float]) -> None:
    curve = np.array([100.0, 90.0, 80.0, 80.0, 20.0])
    np.testing.assert_allclose(marks_on(curve, np.array(sure)), places)


@pytest.mark.parametrize(
    ("agreements", "said"),
    [
        ((1.0,) * 20, "in 20 of 20 resamples (halves of the rows): they are stable."),
        (
            (1.0,) * 7 + (0.1,) * 3,
            "in 7 of 10 resamples (halves of the rows): they are mostly stable.",
        ),
        ((0.1, 0.95), "in 1 of 2 resamples (halves of the rows): they are unstable."),
        ((0.95,), "in 1 of 1 resample (halves of the rows): they are stable."),
        ((), ""),
    ],
)
def test_what_came_out_in_words(agreements: tuple[float, ...], said: str) -> None:
    assert said in stability_in_words(Resampled(agreements))


def test_clusters_that_may_be_one_are_named_once() -> None:
    shares = np.array([[0.85, 0.14, 0.01], [0.2, 0.8, 0.0], [0.03, 0.0, 0.97]])
    ((share, *pair),) = overlapping(shares, 3)
    assert (share, pair) == (0.2, [1, 0])
    assert overlapping(shares[1:, 1:], 2) == []
    assert overlapping(np.full((2, 2), np.nan), 2) == []
