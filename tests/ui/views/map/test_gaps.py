"""Rows that lack a value: not on the map where it would be needed, and the map says so."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from tests.ui.views.map.conftest import fit_two, give, hover, in_window, settle, shown, table


def with_gaps(n, **changes):
    random = np.random.default_rng(0)
    group = np.arange(n) % 2
    columns = {
        "a": random.normal(8.0 * group),
        "b": random.normal(5.0 * group),
        "c": random.normal(size=n) + group,
    }
    columns["a"][:3] = np.nan
    columns["b"][2:7] = np.nan
    columns["c"][7:9] = np.nan
    return table(**columns)


@pytest.fixture
def use(document):
    """Gives the document a table whose incomplete rows take part."""

    def give_and_use(qtbot, dataset):
        give(qtbot, document, dataset)
        with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
            document.change_settings("use them", missing="em")
        return document

    return give_and_use


def words(view):
    found = [
        label.text() for label in view.findChildren(QLabel) if "not on the map" in label.text()
    ]
    return [text for text in found if text]


@pytest.mark.parametrize("n", [400, 20_000])
def test_rows_without_a_place_are_counted_and_not_drawn(qtbot, use, n):
    document = use(qtbot, with_gaps(n))
    view = shown(qtbot, document)
    fit_two(qtbot, document)
    settle(qtbot, view)
    scene = view.rows.scene
    assert [axis.title for axis in scene.axes] == ["a", "b"]
    assert scene.n_unplaced == 7
    assert words(view) == ["7 rows are not on the map: they lack a value in a column it shows."]
    assert np.isfinite(scene.bounds).all()
    assert document.analysis.prepared.n_incomplete == 9
    if n == 400:
        assert view.rows.dots.rows.tolist() == list(range(7, n))
        codes = view.rows.shading.codes[view.rows.dots.rows]
        np.testing.assert_array_equal(view.rows.dots._codes, codes)
    else:
        assert view.rows.dots.rows.tolist() == list(range(7, n))


def test_a_row_that_lacks_another_column_is_there(qtbot, use):
    document = use(qtbot, with_gaps(400))
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    scene = view.rows.scene
    card = hover(qtbot, view, in_window(view, scene.x[7], scene.y[7]))
    assert "Row 8" in card
    assert "–" in card  # no value in c
    assert "%" in card


def test_principal_components_need_every_value(qtbot, use):
    document = use(qtbot, with_gaps(400))
    view = shown(qtbot, document)
    qtbot.waitUntil(lambda: view.placing.components is not None, timeout=10_000)
    view.toolbar.propose_axes((1, 2))
    settle(qtbot, view)
    assert view.rows.scene.n_unplaced == 9
    assert np.isfinite(view.placing.components.shares).all()


def test_a_histogram_leaves_them_out(qtbot, use):
    random = np.random.default_rng(0)
    values = random.normal(size=300)
    dataset = table(a=values, b=np.where(np.arange(300) < 10, np.nan, values[::-1]))
    document = use(qtbot, dataset)
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.change_settings("one column", columns=("b",))
    view = shown(qtbot, document)
    assert view.histogram.bars.counts.sum() == 290
    assert words(view) == []  # a row without any value is left out


def test_nothing_is_said_where_all_rows_are_there(qtbot, use):
    document = use(qtbot, table(a=np.arange(30.0) ** 2, b=np.arange(30.0) % 7))
    view = shown(qtbot, document)
    assert words(view) == []
