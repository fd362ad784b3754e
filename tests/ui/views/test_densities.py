from __future__ import annotations

import html
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from scipy.stats import norm

from gmmdesk.data.steps import parse_step
from gmmdesk.ui.text import number
from gmmdesk.ui.views.densities import DensitiesView
from gmmdesk.ui.views.densities.pictures import best_across
from tests.ui.conftest import Driver


def view_of(driver: Driver) -> DensitiesView:
    view = driver.click_tab("Densities")
    assert isinstance(view, DensitiesView)
    settle(driver, view)
    return view


def settle(driver: Driver, view: DensitiesView) -> None:
    driver.qtbot.waitUntil(lambda: not view.is_busy)


def test_every_ticked_column_has_its_bars_before_there_is_an_answer(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = view_of(driver)
    prepared = driver.document.prepared
    assert prepared is not None
    assert [cell.name for cell in view.cells] == list(prepared.columns)
    for cell in view.cells:
        assert cell.histogram.bars is not None
        assert cell.histogram.bars.counts.sum() == len(prepared.rows)
        assert cell.histogram.mixture is None
    driver.wait(
        driver.document.prepared_changed, lambda: driver.document.ticks.set("body_mass_g", on=False)
    )
    settle(driver, view)
    assert len(view.cells) == 3


def test_bars_are_by_cluster_and_the_curve_is_the_mixtures(driver: Driver) -> None:
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    view = view_of(driver)
    analysis = driver.document.analysis
    assert analysis is not None
    result = analysis.result
    for j, cell in enumerate(view.cells):
        bars, mixture = cell.histogram.bars, cell.histogram.mixture
        assert bars is not None
        assert mixture is not None
        np.testing.assert_array_equal(bars.counts[2:].sum(axis=1), analysis.sizes)
        x = np.linspace(*bars.edges[[0, -1]], 7)
        expected = sum(
            w * norm(m[j], np.sqrt(S[j, j])).pdf(x)
            for w, m, S in zip(result.weights, result.means, result.covariances, strict=True)
        )
        np.testing.assert_allclose(mixture.densities(x).sum(axis=0), expected, rtol=1e-9)


def test_a_logarithmic_axis_has_the_density_of_the_logarithm(
    driver: Driver, tmp_path: Path
) -> None:
    values = np.random.default_rng(4).lognormal(1, 0.5, 400) + 20
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "".join(f"{v:.4f},{v - 22:.4f}\n" for v in values))
    driver.open(path)
    driver.document.change_settings("one", k_min=2, k_max=2, models=("VVI",))
    driver.find()
    view = view_of(driver)
    plain = view.cells[0].histogram.mixture
    view.logarithmic.click()
    settle(driver, view)
    # b has negative values
    assert [cell.title for cell in view.cells] == ["a (logarithmic)", "b"]
    mixture, bars = view.cells[0].histogram.mixture, view.cells[0].histogram.bars
    assert plain is not None
    assert mixture is not None
    assert bars is not None
    ends = mixture.axis.told(bars.edges[[0, -1]])
    np.testing.assert_allclose(ends, [values.min(), values.max()], rtol=1e-5)
    u = np.linspace(*bars.edges[[0, -1]], 5)
    step = 1e-6  # the probability between two places, by either axis
    per_log = mixture.densities(u).sum(axis=0)
    told = mixture.axis.told
    per_value = plain.densities(told(u)).sum(axis=0) * (told(u + step) - told(u - step))
    np.testing.assert_allclose(per_log * 2 * step, per_value, rtol=1e-5)


def test_columns_that_a_step_has_bent_are_drawn_as_clusters_were_found_in_them(
    driver: Driver,
) -> None:
    driver.open("sample:customers")
    names = ("average_order_usd", "days_between_orders")
    steps = (parse_step(f"log {names[0]}"),)
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings(
            "log", columns=names, steps=steps, k_min=2, k_max=2, models=("VVI",), restarts=1
        ),
    )
    driver.find()
    view = view_of(driver)
    analysis = driver.document.analysis
    assert analysis is not None
    values = analysis.dataset.column(names[0]).numbers()[analysis.prepared.rows]
    cell = view.cells[0]
    assert [one.title for one in view.cells] == [f"{names[0]} (logarithmic)", names[1]]
    bars, mixture = cell.histogram.bars, cell.histogram.mixture
    assert bars is not None
    assert mixture is not None
    np.testing.assert_allclose(np.exp(bars.edges[[0, -1]]), [values.min(), values.max()], rtol=0.1)
    x = np.linspace(*bars.edges[[0, -1]], 7)
    result = analysis.result  # bells, on this scale
    expected = sum(
        w * norm(m[0], np.sqrt(S[0, 0])).pdf(x)
        for w, m, S in zip(result.weights, result.means, result.covariances, strict=True)
    )
    np.testing.assert_allclose(mixture.densities(x).sum(axis=0), expected, rtol=1e-9)
    low, high = np.exp(bars.edges[:2])
    assert f"{names[0]} {number(low)} to {number(high)}" in cell.tip_at(float(bars.edges[0]))
    view.as_prepared.click()
    settle(driver, view)
    assert [one.title for one in view.cells] == list(names)
    assert cell.histogram.bars is not None
    edges = cell.histogram.bars.edges
    np.testing.assert_allclose(edges[[0, -1]], [values.min(), values.max()], rtol=0.01)


def test_there_are_as_many_bars_as_asked_for(driver: Driver) -> None:
    driver.open("sample:faithful")
    view = view_of(driver)

    def n_bars() -> int:
        bars = view.cells[0].histogram.bars
        assert bars is not None
        return len(bars.edges) - 1

    automatic = n_bars()
    for value, factor in ((8, 4.0), (-8, 0.25), (4, 2.0)):
        view.fineness.setValue(value)
        settle(driver, view)
        assert n_bars() == pytest.approx(factor * automatic, rel=0.05)
    view.back.click()
    settle(driver, view)
    assert n_bars() == automatic


def test_a_click_chooses_the_cluster_and_the_tip_says_what_is_there(driver: Driver) -> None:
    driver.open("sample:faithful")
    driver.document.change_settings("two", k_min=2, k_max=2)
    driver.find()
    view = view_of(driver)
    analysis = driver.document.analysis
    assert analysis is not None
    driver.document.edits.rename(0, "Long <waits>")
    cell = view.cells[1]
    x = float(analysis.result.means[0, 1])
    at = cell.pane().pixels(np.array([x, 0.0]))
    QTest.mouseClick(cell, Qt.MouseButton.LeftButton, pos=QPoint(int(at[0]), int(at[1]) - 4))
    assert driver.document.current_cluster == 0
    assert "waiting" in cell.tip_at(x)
    assert html.escape("Long <waits>") in cell.tip_at(x)
    assert cell.tip_at(-1e9) == "<qt>waiting</qt>"


def test_many_columns_are_turned_over_page_by_page(driver: Driver, tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(40, 30))
    path = tmp_path / "wide.csv"
    names = [f"c{j}" for j in range(30)]
    rows = [",".join(f"{v:.5f}" for v in row) for row in values]
    path.write_text("\n".join([",".join(names), *rows]) + "\n")
    driver.open(path)
    view = view_of(driver)
    assert [cell.name for cell in view.cells] == names[:12]
    QTest.keyClick(view.page, Qt.Key.Key_End)
    view.page.activated.emit(view.page.currentIndex())
    settle(driver, view)
    assert [cell.name for cell in view.cells] == names[24:]


def test_a_range_is_selected_by_dragging_and_shown_in_every_column(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = view_of(driver)
    cell = next(one for one in view.cells if one.name == "flipper_length_mm")
    low, high = 209.5, 221.5
    y = int(cell.pane().area.center().y())
    at = [QPoint(round(cell.pane().pixels(np.array([[x, 0.0]]))[0, 0]), y) for x in (low, high)]
    ends = [cell.pane().units(point.toPointF())[0] for point in at]
    QTest.mousePress(cell, Qt.MouseButton.LeftButton, pos=at[0])
    QTest.mouseMove(cell, at[1])
    QTest.mouseRelease(cell, Qt.MouseButton.LeftButton, pos=at[1])
    driver.qtbot.waitUntil(lambda: not driver.document.selection.is_busy)
    settle(driver, view)
    dataset, selected = driver.document.dataset, driver.document.selection.rows
    assert dataset is not None
    assert selected is not None
    values = dataset.column("flipper_length_mm").numbers()
    wanted = (values >= ends[0]) & (values <= ends[1])
    np.testing.assert_array_equal(selected.mask, wanted)
    for each in view.cells:
        assert each.histogram.selected is not None
        assert each.histogram.bars is not None
        assert each.histogram.selected.sum() == wanted.sum()
        assert (each.histogram.selected <= each.histogram.bars.counts.sum(axis=0)).all()


@pytest.mark.parametrize(
    ("n", "most", "room", "across"),
    [
        (5, 4, QSize(1170, 690), 3),  # not a row of towers
        (12, 4, QSize(1170, 690), 4),
        (4, 2, QSize(640, 480), 2),
        (12, 2, QSize(640, 480), 2),
        (1, 1, QSize(200, 900), 1),
        (0, 0, QSize(600, 400), 1),
        (3, 0, QSize(-12, 0), 1),  # before there is any room
    ],
)
def test_pictures_have_a_good_shape(n, most, room, across):
    assert best_across(n, most, room, 150) == across
