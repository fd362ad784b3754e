from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gmmdesk.ui.views.certainty import CertaintyView
from gmmdesk.ui.views.table import TableView
from tests.ui.conftest import Driver


@pytest.fixture
def view(driver: Driver) -> CertaintyView:
    """The view of two clusters that overlap."""
    driver.open("sample:blobs?n=600&k=2&overlap=0.3")
    driver.document.change_settings("two", k_min=2, k_max=2)
    driver.find()
    tabs = driver.window.workspace.views
    bar = tabs.tabBar()
    names = [bar.tabText(i) for i in range(bar.count())]
    at = bar.tabRect(names.index("Certainty")).center()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=at)
    view = tabs.findChild(CertaintyView)
    assert view is not None
    driver.qtbot.waitUntil(view.isVisible)
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    return view


def test_the_table_says_whose_rows_could_be_anothers(driver: Driver, view: CertaintyView) -> None:
    analysis = driver.document.analysis
    assert analysis is not None
    shares = analysis.responsibilities(slice(None))
    expected = [[shares[analysis.rows.label == a, b].mean() for b in (0, 1)] for a in (0, 1)]
    np.testing.assert_allclose(view.model.shares, expected)
    tip = view.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert "of Cluster 1 could be Cluster 2" in tip
    driver.document.rename_cluster(1, "Other")
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
    n_unsure = int((analysis.rows.probability < 0.8).sum())
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
