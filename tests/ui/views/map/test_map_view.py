"""The map as a user meets it."""

from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel

from gmmdesk.analysis import axes, palette
from gmmdesk.analysis.ellipse import outline
from gmmdesk.data.dataset import Column, ColumnKind, Dataset
from gmmdesk.data.steps import parse_step
from gmmdesk.ui.drawing import pictures
from gmmdesk.ui.drawing.pictures import MOST_DOTS
from gmmdesk.ui.drawing.shading import clusters_of
from gmmdesk.ui.views.map import MapView, placing
from tests.ui.conftest import find_clusters
from tests.ui.views.map.conftest import (
    center_of,
    click,
    fit_two,
    give,
    hover,
    in_window,
    many_rows,
    settle,
    shown,
    table,
)


@pytest.fixture
def view(qtbot, document):
    return shown(qtbot, document)


def test_an_empty_document_is_no_trouble(view):
    assert view.rows.scene is None
    assert not view.toolbar.isEnabled()
    view.reset_range()


def test_without_ticked_columns_it_says_what_to_do(qtbot, iris):
    view = shown(qtbot, iris)
    iris.ticks.clear()
    qtbot.waitUntil(lambda: iris.prepared is None)
    settle(qtbot, view)
    assert not view.plot.isVisible()
    assert view.rows.scene is None


def test_rows_are_grey_dots_at_their_values_before_any_fit(qtbot, iris):
    view = shown(qtbot, iris)
    scene = view.rows.scene
    np.testing.assert_allclose(scene.x, iris.dataset.columns[0].numbers(), rtol=1e-12)
    np.testing.assert_allclose(scene.y, iris.dataset.columns[1].numbers(), rtol=1e-12)
    assert len(view.rows.dots.rows) == 150
    assert view.clusters.clusters is None
    assert view.rows.dots.cluster(0) is None


def test_left_out_rows_are_not_on_the_map(qtbot, document):
    values = np.arange(10.0)
    holes = values.copy()
    holes[3] = np.nan
    give(qtbot, document, table(a=values, b=holes))
    view = shown(qtbot, document)
    np.testing.assert_allclose(view.rows.scene.x, np.delete(values, 3), rtol=1e-12, atol=1e-12)


def test_after_a_fit_dots_have_their_clusters_and_ellipses_their_marginals(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    analysis = clustered_iris.analysis
    dots = view.rows.dots
    assert [dots.cluster(i) for i in range(150)] == analysis.rows.label.tolist()
    clusters = view.clusters.clusters
    np.testing.assert_allclose(clusters.weights, analysis.result.weights)
    np.testing.assert_allclose(clusters.means, analysis.result.means[:, :2], rtol=1e-9)
    np.testing.assert_allclose(
        clusters.covariances, analysis.result.covariances[:, :2, :2], rtol=1e-9
    )


def test_dots_are_painted_in_the_colour_of_the_palette(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    view.toolbar.layers.switch("ellipses").setChecked(False)
    view.toolbar.layers.switch("labels").setChecked(False)
    view.toolbar.layers.switch("fades").setChecked(False)
    picture = view.plot.grab().toImage()
    label = clustered_iris.analysis.rows.label
    row = int(np.argmax(view.rows.scene.x))  # alone at the edge
    at = in_window(view, view.rows.scene.x[row], view.rows.scene.y[row])
    ratio = picture.devicePixelRatio()
    seen = picture.pixelColor(int(at.x() * ratio), int(at.y() * ratio))
    wanted = QColor(palette.color(int(label[row])))
    for channel in ("red", "green", "blue"):  # dots let a tenth of the background through
        assert getattr(seen, channel)() == pytest.approx(getattr(wanted, channel)(), abs=30)


def test_the_map_follows_a_fit_while_it_runs(qtbot, iris):
    view = shown(qtbot, iris)
    means = []

    def note():
        clusters = view.clusters.clusters
        if clusters is not None:  # the first time, the rows are still being laid out
            means.append(clusters.means.tobytes())

    iris.progressed.connect(note)
    iris.fitting.replays = True  # a fit too quick to follow is shown again, slower
    iris.change_settings("Choose", k_min=3, k_max=3, restarts=1, models=("VVV",))
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        iris.start_fit()
    assert len(set(means)) > 2


def test_choosing_axes_moves_the_rows(qtbot, iris):
    view = shown(qtbot, iris)
    view.toolbar.x_box.setFocus()
    qtbot.keyClick(view.toolbar.x_box, Qt.Key.Key_Down)
    qtbot.keyClick(view.toolbar.x_box, Qt.Key.Key_Down)
    settle(qtbot, view)
    np.testing.assert_allclose(view.rows.scene.x, iris.dataset.columns[2].numbers(), rtol=1e-12)
    before = view.rows.scene
    qtbot.mouseClick(view.toolbar.swap, Qt.MouseButton.LeftButton)
    settle(qtbot, view)
    np.testing.assert_array_equal(view.rows.scene.x, before.y)
    np.testing.assert_array_equal(view.rows.scene.y, before.x)


def test_after_a_fit_the_columns_that_separate_the_clusters_are_shown(qtbot, iris):
    view = shown(qtbot, iris)
    fit_two(qtbot, iris)
    settle(qtbot, view)
    parameters = iris.analysis.scaled.parameters
    best = axes.most_separating(parameters)
    assert view.toolbar.axes == tuple(iris.prepared.columns[j] for j in best)
    assert view.toolbar.axes != iris.prepared.columns[:2]
    scene, seen = view.rows.scene, view.plot.visible_rect()
    assert seen.contains(QPointF(scene.x.min(), scene.y.min()))
    assert seen.contains(QPointF(scene.x.max(), scene.y.max()))


def test_beside_the_axes_it_is_said_that_they_were_not_chosen_by_the_user(qtbot, iris):
    view = shown(qtbot, iris)

    def said():
        labels = [one for one in view.findChildren(QLabel) if one.isVisible()]
        return any("axes were chosen for you" in one.text() for one in labels)

    assert not said()
    fit_two(qtbot, iris)
    settle(qtbot, view)
    assert said()
    view.toolbar.x_box.setFocus()
    qtbot.keyClick(view.toolbar.x_box, Qt.Key.Key_Down)
    settle(qtbot, view)
    assert not said()


def test_an_answer_that_comes_before_the_rows_is_shown_where_its_clusters_lie_apart(
    qtbot, iris, monkeypatch
):
    may_place = threading.Event()
    place = placing.project

    def late(*args):
        may_place.wait()
        return place(*args)

    monkeypatch.setattr(placing, "project", late)
    view = MapView(iris)
    qtbot.addWidget(view)
    find_clusters(qtbot, iris, 3)
    may_place.set()
    settle(qtbot, view)
    best = axes.most_separating(iris.analysis.scaled.parameters)
    assert view.toolbar.axes == tuple(iris.prepared.columns[j] for j in best)
    assert view.rows.scene.axes[0].title == view.toolbar.axes[0]


def test_a_fit_leaves_the_axes_that_the_user_chose(qtbot, iris):
    view = shown(qtbot, iris)
    chosen = (iris.prepared.columns[1], iris.prepared.columns[0])
    view.toolbar.set_axes(chosen)
    settle(qtbot, view)
    fit_two(qtbot, iris)
    settle(qtbot, view)
    assert view.toolbar.axes == chosen


def test_every_change_of_axes_fits_the_range(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    names = clustered_iris.prepared.columns
    for pair in ((names[0], names[2]), (names[0], names[3]), (names[3], names[0])):
        view.toolbar.set_axes(pair)
        settle(qtbot, view)
        seen = view.plot.visible_rect()
        view.reset_range()
        assert view.plot.visible_rect() == seen


def test_closing_the_workers_leaves_no_thread(qtbot, iris):
    view = shown(qtbot, iris)
    view.toolbar.set_axes((1, 2))
    view.close_workers()
    assert not any(thread.name == "gmmdesk-background" for thread in threading.enumerate())


def test_principal_components_can_be_axes(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    view.toolbar.set_axes((1, 2))
    settle(qtbot, view)
    scene = view.rows.scene
    assert np.var(scene.x) > np.var(scene.y)
    assert abs(np.corrcoef(scene.x, scene.y)[0, 1]) < 1e-8
    box = view.toolbar.x_box
    assert box.currentText() == "Principal component 1"
    assert "%" in box.itemData(box.currentIndex(), Qt.ItemDataRole.ToolTipRole)
    assert "%" in view.plot.x_axis.labelText


def test_a_choice_of_axes_survives_other_columns(qtbot, iris):
    view = shown(qtbot, iris)
    names = iris.prepared.columns
    view.toolbar.set_axes((names[2], names[3]))
    with qtbot.waitSignal(iris.prepared_changed):
        iris.ticks.set(names[0], False)
    settle(qtbot, view)
    assert view.toolbar.axes == (names[2], names[3])


def test_one_column_is_a_histogram_with_the_mixture(qtbot, document):
    rng = np.random.default_rng(5)
    give(qtbot, document, table(a=np.concatenate([rng.normal(0, 1, 200), rng.normal(9, 1, 100)])))
    view = shown(qtbot, document)
    assert view.histogram.bars.counts.sum() == 300
    assert not view.toolbar.y_box.isVisible()
    fit_two(qtbot, document)
    settle(qtbot, view)
    assert view.histogram.bars.counts.sum(axis=1).tolist() == [0, 0, 200, 100]
    axis, weights, means, variances, noise, _ = view.histogram.mixture
    assert (noise, axis.is_bent, axis.scale) == (0.0, False, ())
    result = document.analysis.result
    np.testing.assert_allclose(means, result.means[:, 0], rtol=1e-9)
    np.testing.assert_allclose(variances, result.covariances[:, 0, 0], rtol=1e-9)
    np.testing.assert_allclose(weights, result.weights)
    click(qtbot, view, in_window(view, 9.0, 0.01))
    assert document.current_cluster == 1


def test_columns_that_a_step_has_bent_are_drawn_on_its_scale_until_that_is_switched_off(
    qtbot, document
):
    rng = np.random.default_rng(5)
    a = np.exp(np.concatenate([rng.normal(0, 1, 200), rng.normal(6, 1, 100)]))
    give(qtbot, document, table(a=a, b=rng.normal(size=300)))
    view = shown(qtbot, document)
    switch = view.toolbar.as_prepared
    assert not switch.isVisible()  # nothing is bent
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.change_settings("log", steps=(parse_step("log a"),))
    fit_two(qtbot, document)
    settle(qtbot, view)
    assert switch.isVisible()
    assert switch.isEnabled()
    assert view.plot.x_axis.titles == ("a (logarithmic)",)
    np.testing.assert_allclose(view.rows.scene.x, np.log(a), atol=1e-9)
    result, clusters = document.analysis.result, view.clusters.clusters
    np.testing.assert_allclose(clusters.centers, result.means, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(
        view.clusters.outline(0),
        outline(result.means[0], result.covariances[0], 0.9),
        rtol=1e-6,
        atol=1e-6,
    )
    before = view.plot.visible_rect()
    assert before.contains(QPointF(float(np.log(a).max()), 0.0))
    switch.click()
    settle(qtbot, view)
    assert view.plot.x_axis.titles == ("a",)
    np.testing.assert_allclose(view.rows.scene.x, a, rtol=1e-9)
    assert view.plot.visible_rect().width() > 10 * before.width()
    state = view.state()
    assert not state.as_prepared
    switch.click()
    view.show_state(state)
    settle(qtbot, view)
    assert not switch.isChecked()
    assert view.plot.x_axis.titles == ("a",)


# -- the mouse ------------------------------------------------------------------------------------


def test_a_click_on_a_centre_chooses_its_cluster_and_one_beside_everything_none(
    qtbot, clustered_iris
):
    view = shown(qtbot, clustered_iris)
    click(qtbot, view, center_of(view, 1))
    assert clustered_iris.current_cluster == 1
    assert view.clusters.look.chosen == {1}
    corner = view.plot.visible_rect()
    click(qtbot, view, in_window(view, corner.right(), corner.bottom()) + QPoint(-3, 3))
    assert clustered_iris.current_cluster is None


def test_a_click_on_a_dot_chooses_its_cluster(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    row = int(np.argmax(view.rows.scene.x))
    click(qtbot, view, in_window(view, view.rows.scene.x[row], view.rows.scene.y[row]))
    assert clustered_iris.current_cluster == clustered_iris.analysis.rows.label[row]


def test_hovering_tells_row_values_and_probabilities(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    row = int(np.argmax(view.rows.scene.x))
    at = in_window(view, view.rows.scene.x[row], view.rows.scene.y[row])
    content = hover(qtbot, view, at)
    assert f"Row {row + 1}" in content
    for column in clustered_iris.dataset.columns[:4]:
        assert column.name in content
    assert "7.9" in content
    for name in clustered_iris.names:
        assert name in content


def test_a_row_goes_by_its_name_rather_than_its_number(qtbot, document):
    values = np.array([1059.0, 12.5, 30.0, 700.0])
    given = table(a=values, b=values[::-1].copy())
    counter = pa.chunked_array([np.arange(1, 5)])
    names = pa.chunked_array([["Ashby", "Burton <i>", "Crewe", "Derby"]])
    columns = (
        Column("number", ColumnKind.IDENTIFIER, counter, 0),
        Column("school", ColumnKind.TEXT, names, 0),
        *given.columns,
    )
    give(qtbot, document, Dataset("schools", columns, given.receipt))
    view = shown(qtbot, document)
    content = hover(qtbot, view, in_window(view, 1059.0, 700.0))
    assert "Ashby" in content
    assert ">1059<" in content
    assert ">700<" in content


def test_text_from_the_file_is_not_markup(qtbot, document):
    rng = np.random.default_rng(6)
    give(qtbot, document, table(**{"<b>a": rng.normal(size=20), "b": rng.normal(size=20)}))
    view = shown(qtbot, document)
    at = in_window(view, view.rows.scene.x[0], view.rows.scene.y[0])
    text = hover(qtbot, view, at)
    assert "&lt;b&gt;a" in text
    assert "&lt;b&gt;a" in view.plot.x_axis.labelText


def test_the_card_goes_when_the_mouse_leaves(qtbot, clustered_iris):
    from PySide6.QtCore import QCoreApplication, QEvent

    view = shown(qtbot, clustered_iris)
    text = hover(qtbot, view, center_of(view, 0))
    assert clustered_iris.names[0] in text
    QCoreApplication.sendEvent(view.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert not view.inspector.card.isVisible()


# -- zoom and pan ---------------------------------------------------------------------------------


def test_keys_zoom_pan_and_reset(qtbot, iris):
    view = shown(qtbot, iris)
    all_rows = view.plot.visible_rect()
    qtbot.keyClick(view.plot, Qt.Key.Key_Plus)
    near = view.plot.visible_rect()
    assert near.width() < all_rows.width()
    assert near.center().x() == pytest.approx(all_rows.center().x())
    qtbot.keyClick(view.plot, Qt.Key.Key_Right)
    assert view.plot.visible_rect().center().x() > near.center().x()
    qtbot.keyClick(view.plot, Qt.Key.Key_Up)
    assert view.plot.visible_rect().center().y() > near.center().y()
    qtbot.keyClick(view.plot, Qt.Key.Key_Home)
    assert view.plot.visible_rect() == all_rows


def test_the_zoom_stays_when_a_fit_starts_and_ends(qtbot, iris):
    view = shown(qtbot, iris)
    qtbot.keyClick(view.plot, Qt.Key.Key_Plus)
    near = view.plot.visible_rect()
    fit_two(qtbot, iris)
    settle(qtbot, view)
    assert view.plot.visible_rect() == near


def test_show_all_shows_every_row_and_every_ellipse(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    shown_rect = view.plot.visible_rect()
    outlines = np.concatenate([view.clusters.outline(k) for k in range(3)])
    points = np.concatenate([outlines, np.stack([view.rows.scene.x, view.rows.scene.y], axis=1)])
    assert all(shown_rect.contains(QPointF(x, y)) for x, y in points)


def test_the_range_rests_while_clusters_move(qtbot, clustered_iris):
    view, timeline = shown(qtbot, clustered_iris), clustered_iris.timeline
    before = view.plot.visible_rect()
    last = view.clusters.outline(0)
    timeline.go_to(0)
    settle(qtbot, view)
    assert not np.array_equal(view.clusters.outline(0), last)
    assert view.plot.visible_rect() == before


def test_locking_the_aspect_makes_units_equal(qtbot, iris):
    view = shown(qtbot, iris)
    qtbot.mouseClick(view.toolbar.lock, Qt.MouseButton.LeftButton)
    width, height = view.plot.box.viewPixelSize()
    assert width == pytest.approx(height, rel=1e-6)


def test_the_level_changes_the_ellipses(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    view.toolbar.layers.level_switch(0.5).setChecked(True)
    view.toolbar.layers.level_switch(0.9).setChecked(False)
    small = np.ptp(view.clusters.outline(0), axis=0)
    view.toolbar.layers.level_switch(0.99).setChecked(True)
    large = np.ptp(view.clusters.outline(0), axis=0)
    expected = np.sqrt(np.log(0.01) / np.log(0.5))
    np.testing.assert_allclose(large / small, expected, rtol=1e-9)


# -- many rows ------------------------------------------------------------------------------------


@pytest.fixture
def few_are_many(monkeypatch):
    """Rows are counted from a number on that tests can wait for."""
    monkeypatch.setattr(pictures, "MOST_STAMPED", MOST_DOTS)


@pytest.mark.usefixtures("few_are_many")
def test_many_rows_are_counted_and_become_dots_when_few_are_in_sight(qtbot, document):
    give(qtbot, document, many_rows())
    view = shown(qtbot, document)
    assert view.rows.cells.picture.counts.sum() == 2 * MOST_DOTS
    assert len(view.rows.dots.rows) < 300  # strays
    box = view.plot.box
    box.setRange(xRange=(-0.2, 0.2), yRange=(-0.2, 0.2), padding=0)
    settle(qtbot, view)
    assert view.rows.cells.picture is None
    scene = view.rows.scene
    assert np.all(np.abs(scene.x[view.rows.dots.rows]) < 0.3)
    in_sight = (np.abs(scene.x) <= 0.2) & (np.abs(scene.y) <= 0.2)
    assert set(np.flatnonzero(in_sight)) <= set(view.rows.dots.rows)


@pytest.mark.usefixtures("few_are_many")
def test_cells_take_the_colours_of_their_clusters(qtbot, document):
    give(qtbot, document, many_rows())
    view = shown(qtbot, document)
    grey = view.rows.cells.picture
    fit_two(qtbot, document)
    settle(qtbot, view)
    picture = view.rows.cells.picture
    assert picture is not grey
    assert len(view.rows.dots.rows) < 300  # strays
    fullest = np.unravel_index(picture.counts.argmax(), picture.counts.shape)
    color = picture.image.pixelColor(int(fullest[1]), picture.image.height() - 1 - int(fullest[0]))
    distances = [
        abs(color.red() - c.red()) + abs(color.green() - c.green()) + abs(color.blue() - c.blue())
        for c in (QColor(palette.color(0)), QColor(palette.color(1)))
    ]
    assert min(distances) < 40


@pytest.mark.usefixtures("few_are_many")
def test_hovering_over_many_rows_counts_them_by_cluster(qtbot, document):
    give(qtbot, document, many_rows())
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    view.toolbar.layers.switch("labels").setChecked(False)
    text = hover(qtbot, view, center_of(view, 0))
    assert "rows</b> here" in text
    assert document.names[0] in text


def test_rows_that_can_be_told_apart_are_dots_in_a_picture(qtbot, document):
    give(qtbot, document, many_rows())
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    picture, dots = view.rows.cells.picture, view.rows.dots
    assert picture is not None
    assert dots.in_picture
    assert len(dots.rows) == 2 * MOST_DOTS
    row = int(np.argmin(view.rows.scene.x))  # far from the legend
    at = in_window(view, view.rows.scene.x[row], view.rows.scene.y[row])
    assert f"Row {row + 1:,}<" in hover(qtbot, view, at)
    seen = view.plot.grab().toImage().pixelColor(at)
    wanted = QColor(palette.color(int(document.analysis.rows.label[row])))
    for channel in ("red", "green", "blue"):
        assert getattr(seen, channel)() == pytest.approx(getattr(wanted, channel)(), abs=60)


# -- looks ----------------------------------------------------------------------------------------


def test_it_follows_the_palette(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    dark = QPalette(view.palette())
    dark.setColor(QPalette.ColorRole.Base, QColor("#101418"))
    dark.setColor(QPalette.ColorRole.Text, QColor("#F0F0F0"))
    view.setPalette(dark)
    corner = view.plot.grab().toImage().pixelColor(2, 2)
    assert corner.name() == "#101418"
    assert QColor(view.clusters.look.ink).name() == "#f0f0f0"


def test_a_renamed_cluster_is_named_on_the_map(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    clustered_iris.edits.rename(0, "Setosa <i>")
    text = hover(qtbot, view, center_of(view, 0))
    assert "Setosa &lt;i&gt;" in text


def test_every_control_is_named_and_explained(qtbot, iris):
    view = shown(qtbot, iris)
    bar = view.toolbar
    for control in (
        bar.x_box, bar.y_box, bar.swap, bar.layers_button, bar.lock, bar.reset
    ):  # fmt: skip
        assert control.toolTip()
        assert control.accessibleName() or control.text()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_map_that_nobody_sees_follows_no_fit(qtbot, iris):
    view = shown(qtbot, iris)
    view.hide()
    seen = []
    view.coloring.colors_changed.connect(lambda: seen.append(iris.is_running))
    find_clusters(qtbot, iris, 3)
    assert not any(seen)
    view.show()
    settle(qtbot, view)
    labels = iris.analysis.rows.label
    np.testing.assert_array_equal(clusters_of(view.rows.shading.codes), labels)


def test_a_single_outlier_is_seen_at_every_zoom(qtbot, document, monkeypatch):
    """Before the rows are in tiles and after, counted or as dots, in sight as a dot of its own."""
    monkeypatch.setattr(pictures, "MOST_STAMPED", 0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 3 * MOST_DOTS))
    x[123], y[123] = 40.0, -30.0
    give(qtbot, document, table(a=x, b=y))
    view = shown(qtbot, document)
    paper = view.plot.color(QPalette.ColorRole.Base)
    for zoom in (20.0, 1.0, 0.3, 0.01, 1e-4):
        width, height = 50.0 * zoom, 45.0 * zoom
        view.plot.box.setRange(
            xRange=(40.0 - 0.6 * width, 40.0 + 0.4 * width),
            yRange=(-30.0 - 0.3 * height, -30.0 + 0.7 * height),
            padding=0.0,
        )
        settle(qtbot, view)
        assert 123 in view.rows.dots.rows
        at = in_window(view, 40.0, -30.0)
        assert view.plot.grab().toImage().pixelColor(at) != paper
