"""Layers and colours of the map, switched as a user does."""

from __future__ import annotations

import dataclasses

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QPainter
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.data.dataset import Column, ColumnKind
from gmmdesk.data.readers import read_text
from gmmdesk.session.view import MapState
from gmmdesk.ui import theme
from gmmdesk.ui.drawing import clusters as clusters_module
from gmmdesk.ui.drawing.entries import Sign
from gmmdesk.ui.drawing.label_places import place_labels
from gmmdesk.ui.views.map.legend import Item, Legend
from gmmdesk.ui.views.map.overlays import OVERLAYS
from tests.ui.conftest import find_clusters, open_sample
from tests.ui.views.map.conftest import (
    center_of,
    click,
    fit_two,
    give,
    hover,
    in_window,
    many_rows,
    scattered,
    settle,
    shown,
    table,
)

NAMES = [one.name for one in OVERLAYS]


def switch(qtbot, view, name, *, on=True):
    view.toolbar.layers.switch(name).setChecked(on)
    settle(qtbot, view)


def painted(view):
    return view.plot.grab().toImage()


def figure_image(qtbot, view):
    """The view as it is exported."""
    source = view.figure()
    source.lay_out(QSize(420, 300), theme.palette(dark=False), view.font(), 1.0)
    qtbot.waitUntil(lambda: not source.is_busy(), timeout=10_000)
    image = QImage(420, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    source.paint(painter)
    painter.end()
    legend = source.legend(theme.palette(dark=False))
    source.close()
    return image, legend


@pytest.fixture
def noisy(qtbot, document):
    """Two clusters and rows of none, in two columns."""
    give(qtbot, document, scattered())
    document.change_settings("noise", noise=True)
    fit_two(qtbot, document)
    return document


def test_every_layer_can_be_switched_and_is_in_the_figure(qtbot, noisy):
    view = shown(qtbot, noisy)
    plain, (bare, _) = painted(view), figure_image(qtbot, view)
    for name in NAMES:
        switch(qtbot, view, name)
        assert view.overlays.layers[name].content is not None, name
        assert painted(view) != plain, name
        assert figure_image(qtbot, view)[0] != bare, name
        switch(qtbot, view, name, on=False)
        assert painted(view) == plain, name


@pytest.mark.parametrize("name", ["points", "ellipses", "labels"])
def test_what_is_there_from_the_start_can_be_switched_off(qtbot, noisy, name):
    view = shown(qtbot, noisy)
    before = painted(view)
    switch(qtbot, view, name, on=False)
    assert painted(view) != before
    switch(qtbot, view, name)
    assert painted(view) == before


def test_several_ellipses_with_axes(qtbot, noisy):
    view = shown(qtbot, noisy)
    one = painted(view)
    view.toolbar.layers.level_switch(0.5).setChecked(True)
    two = painted(view)
    assert two != one
    view.toolbar.layers.switch("ellipse_axes").setChecked(True)
    assert painted(view) != two
    assert view.toolbar.layers.levels == (0.5, 0.9)
    for level in (0.5, 0.9):
        view.toolbar.layers.level_switch(level).setChecked(False)
    assert view.clusters.ellipse_at(view.plot.box.rect().center()) is None
    view.reset_range()


def test_layers_follow_the_range_and_the_timeline(qtbot, noisy):
    view = shown(qtbot, noisy)
    switch(qtbot, view, "regions")
    whole = view.overlays.layers["regions"].content
    view.plot.box.setRange(QRectF(2.0, 1.0, 3.0, 2.0), padding=0.0)
    settle(qtbot, view)
    near = view.overlays.layers["regions"].content
    assert near.region.width() < whole.region.width() / 3
    before = near.values.copy()
    noisy.timeline.go_to(0)
    settle(qtbot, view)
    assert not np.array_equal(view.overlays.layers["regions"].content.values, before)


def test_regions_of_one_column_are_bands(qtbot, noisy):
    noisy.change_settings("one", columns=("a",))
    fit_two(qtbot, noisy)
    view = shown(qtbot, noisy)
    plain = painted(view)
    for name in NAMES:
        layer, action = view.overlays.layers[name], view.toolbar.layers.switch(name)
        assert action.isEnabled() == layer.of_single
        if layer.of_single:
            switch(qtbot, view, name)
            assert painted(view) != plain
            switch(qtbot, view, name, on=False)
    switch(qtbot, view, "regions")
    assert len(view.overlays.layers["regions"].content.values) == 1


def test_along_two_of_more_columns_it_says_whose_regions_they_are(qtbot, clustered_iris):
    view = shown(qtbot, clustered_iris)
    assert "marginal" not in view._notes.text()
    switch(qtbot, view, "regions")
    assert view._notes.isVisible()
    assert "marginal" in view._notes.text()
    assert "all 4 columns" in view._notes.text()


def test_a_heat_map_needs_no_clusters(qtbot, iris):
    view = shown(qtbot, iris)
    for name in NAMES:
        switch(qtbot, view, name)
    there = [name for name in NAMES if view.overlays.layers[name].content is not None]
    assert there == ["heat"]


def test_what_is_chosen_goes_into_the_session_and_comes_back(qtbot, noisy):
    view = shown(qtbot, noisy)
    for name in NAMES:
        view.toolbar.layers.switch(name).setChecked(True)
    view.toolbar.layers.level_switch(0.99).setChecked(True)
    view.toolbar.color_box.setCurrentIndex(1)
    settle(qtbot, view)
    state = view.state()
    again = msgspec.json.decode(msgspec.json.encode(state), type=MapState)
    other = shown(qtbot, noisy)
    other.show_state(again)
    settle(qtbot, other)
    assert other.state() == state
    for name in NAMES:
        assert other.overlays.layers[name].isVisible()
        assert other.overlays.layers[name].content is not None
    assert other.clusters.look.levels == (0.9, 0.99)
    assert other.rows.shading.scheme == view.rows.shading.scheme


def test_a_session_from_before_there_were_layers_can_be_read(qtbot, noisy):
    old = b'{"axes":["a","b"],"level":0.5,"ellipses":false,"labels":true,"fades":false}'
    view = shown(qtbot, noisy)
    view.show_state(msgspec.json.decode(old, type=MapState))
    layers = view.toolbar.layers
    assert layers.levels == (0.5,)
    assert not layers.is_on("ellipses")
    assert layers.is_on("points")


# -- colours --------------------------------------------------------------------------------------


def color_by(qtbot, view, name):
    box = view.toolbar.color_box
    box.setCurrentIndex(box.findText(name))
    settle(qtbot, view)


def entries(view):
    return view.key.legend.findChildren(QToolButton)


@pytest.fixture
def penguins(qtbot, document):
    open_sample(qtbot, document, "penguins")
    find_clusters(qtbot, document, 3, models=("EEE",))
    return shown(qtbot, document)


def test_rows_by_a_category_say_which(qtbot, penguins):
    color_by(qtbot, penguins, "species")
    assert [entry.text() for entry in entries(penguins)] == ["Adelie", "Chinstrap", "Gentoo"]
    shading, document = penguins.rows.shading, penguins._document
    species = document.dataset.column("species").cells.to_pylist()
    groups = dict(zip(document.prepared.rows.tolist(), shading.codes.tolist(), strict=True))
    pairs = {(species[row], code) for row, code in groups.items()}
    assert len(pairs) == 3
    _, legend = figure_image(qtbot, penguins)
    assert [entry.name for entry in legend] == ["Adelie", "Chinstrap", "Gentoo"]


def test_rows_by_a_number_have_a_colour_bar(qtbot, penguins):
    color_by(qtbot, penguins, "body_mass_g")
    scheme = penguins.rows.shading.scheme
    mass = penguins._document.dataset.column("body_mass_g").numbers()
    low, high = scheme.scale
    assert np.nanmin(mass) <= low < high <= np.nanmax(mass)
    order = np.argsort(mass[penguins._document.prepared.rows], kind="stable")
    assert np.all(np.diff(penguins.rows.shading.codes[order].astype(int)) >= 0)
    assert not entries(penguins)
    assert penguins.key.legend.isVisible()
    _, legend = figure_image(qtbot, penguins)
    assert legend[0].name.startswith("body_mass_g: ")


def test_rows_by_how_sure_they_are(qtbot, penguins):
    color_by(qtbot, penguins, "How sure")
    probability = penguins._document.analysis.rows.probability
    order = np.argsort(probability, kind="stable")
    assert np.all(np.diff(penguins.rows.shading.codes[order].astype(int)) >= 0)
    assert penguins.rows.shading.scheme.ends == ("33 %", "100 %")


def test_rows_by_a_date_have_a_colour_bar_with_a_calendar(qtbot, document):
    lines = [f"{i % 28 + 1}.{i % 12 + 1}.{2019 + i // 40};{i % 7};{i * i % 11}" for i in range(200)]
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.set_dataset(read_text("\n".join(["since;a;b", *lines])))
    view = shown(qtbot, document)
    before = painted(view)
    color_by(qtbot, view, "since")
    assert painted(view) != before
    days = [line.split(";")[0].split(".") for line in lines]
    moments = np.array([f"{y}-{int(m):02}-{int(d):02}" for d, m, y in days], "datetime64[D]")
    order = np.argsort(moments, kind="stable")
    assert np.all(np.diff(view.rows.shading.codes[order].astype(int)) >= 0)
    scheme = view.rows.shading.scheme
    assert [tick.text for tick in scheme.ticks] == ["2020", "2022"]
    assert scheme.ends[0].startswith("2019-01-")
    assert not entries(view)
    assert view.key.legend.isVisible()


def test_a_column_without_dates_in_use_says_so(qtbot, document):
    lines = [f"{'1.2.2019' if i == 3 else ''};{'' if i == 3 else i % 7};{i}" for i in range(40)]
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.set_dataset(read_text("\n".join(["since;a;b", *lines])))
    view = shown(qtbot, document)
    color_by(qtbot, view, "since")
    assert view.rows.shading.scheme.ends == ("No value", "")


def test_gaps_of_a_column_are_named(qtbot, document):
    dataset = table(a=np.arange(9.0), b=np.arange(9.0) ** 2)
    words = pa.chunked_array([["x", "y", None] * 3])
    column = Column("word", ColumnKind.TEXT, words, 3)
    give(qtbot, document, dataclasses.replace(dataset, columns=(*dataset.columns, column)))
    view = shown(qtbot, document)
    color_by(qtbot, view, "word")
    assert [entry.text() for entry in entries(view)] == ["x", "y", "No value"]


def test_the_legend_hides_and_shows_clusters(qtbot, penguins):
    first, second, third = entries(penguins)
    n = len(penguins.rows.dots.rows)
    label = penguins._document.analysis.rows.label
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert penguins.state().hidden == (0,)
    assert len(penguins.rows.dots.rows) == n - np.sum(label == 0)
    assert first.font().strikeOut()
    row = int(np.flatnonzero(label == 0)[0])
    assert row not in penguins.rows.dots.rows
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert len(penguins.rows.dots.rows) == n
    # Both clicks of a double click, as a mouse does them.
    for _ in range(2):
        qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
        qtbot.mouseDClick(second, Qt.MouseButton.LeftButton)
        alone = penguins.state().hidden
        if alone:
            assert alone == (0, 2)
    assert alone == ()
    assert not third.font().strikeOut()


def test_the_legend_tells_what_is_hidden_to_those_who_do_not_see_it(qtbot, penguins):
    first, second, _ = entries(penguins)
    assert first.isCheckable()
    assert first.isChecked()
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert not first.isChecked()
    assert first.accessibleDescription() == "Hidden"
    assert second.accessibleDescription() == ""
    penguins._document.edits.rename(1, "Big & grey")
    assert entries(penguins)[1] is second  # which may have the focus
    assert second.accessibleName() == "Big & grey"
    assert second.text() == "Big && grey"
    assert not first.isChecked()


def test_the_menu_of_the_legend_shows_one_group_only_and_all(qtbot, penguins):
    entry, key = entries(penguins)[1], penguins.key

    def choose(text):
        here = entry.rect().center()
        place = entry.mapToGlobal(here)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, here, place)
        QCoreApplication.sendEvent(entry, event)
        [menu] = [one for one in penguins.plot.findChildren(QMenu) if one.isVisible()]
        [action] = [one for one in menu.actions() if one.text().replace("&", "") == text]
        action.trigger()
        menu.close()

    choose("Show only this")
    assert key.hidden == {0, 2}
    choose("Show all")
    assert key.hidden == frozenset()


def test_what_is_hidden_is_of_one_answer(qtbot, penguins):
    document, key = penguins._document, penguins.key
    qtbot.mouseClick(entries(penguins)[2], Qt.MouseButton.LeftButton)
    document.undo()  # there is no answer
    assert document.analysis is None
    document.redo()
    qtbot.waitUntil(lambda: document.analysis is not None)
    assert key.hidden == {2}
    find_clusters(qtbot, document, 3, models=("EII",))
    settle(qtbot, penguins)
    assert key.hidden == frozenset()
    assert len(penguins.rows.dots.rows) == penguins.rows.scene.n_rows
    color_by(qtbot, penguins, "species")
    qtbot.mouseClick(entries(penguins)[1], Qt.MouseButton.LeftButton)
    find_clusters(qtbot, document, 2, models=("EII",))
    settle(qtbot, penguins)
    assert key.hidden == {1}  # which is no cluster


def test_hidden_clusters_are_not_in_the_figure(qtbot, penguins):
    whole, _ = figure_image(qtbot, penguins)
    qtbot.mouseClick(entries(penguins)[0], Qt.MouseButton.LeftButton)
    image, legend = figure_image(qtbot, penguins)
    assert image != whole
    assert [entry.name for entry in legend] == ["Cluster 2", "Cluster 3"]


def test_the_legend_can_be_dragged_and_stays_inside(qtbot, penguins):
    legend = penguins.key.legend
    before = legend.pos()
    qtbot.mousePress(legend, Qt.MouseButton.LeftButton, pos=legend.rect().topLeft())
    qtbot.mouseMove(legend, legend.rect().topLeft() + legend.mapFromParent(legend.rect().center()))
    qtbot.mouseRelease(legend, Qt.MouseButton.LeftButton)
    assert legend.pos() != before
    assert penguins.plot.viewport().rect().contains(legend.geometry())


@pytest.mark.parametrize("corner", [(1.0, 1.0), (0.0, 1.0)])
def test_the_legend_is_where_it_covers_no_rows(qtbot, document, corner):
    rng = np.random.default_rng(0)
    far = np.array(corner) * 40.0 - 20.0  # rows in one of the upper corners
    rows = np.concatenate([rng.normal(size=(80, 2)), far + rng.normal(size=(40, 2))])
    give(qtbot, document, table(a=rows[:, 0], b=rows[:, 1]))
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    at = [in_window(view, *row) for row in rows.tolist()]
    assert view.key.legend.isVisible()
    assert not any(view.key.legend.geometry().contains(point) for point in at)


def test_the_legend_covers_no_ellipse_where_there_is_room_elsewhere(qtbot, document):
    rng = np.random.default_rng(0)  # one ellipse, whose ends reach beyond its rows into corners
    rows = rng.normal(np.repeat([[-5.0, -5.0], [5.0, 5.0]], 40, axis=0), 0.5)
    give(qtbot, document, table(a=rows[:, 0], b=rows[:, 1]))
    find_clusters(qtbot, document, 1, models=("VVV",))
    view = shown(qtbot, document)
    lines = [in_window(view, *point) for point in view.clusters.outline(0).tolist()]
    legend = view.key.legend
    assert legend.isVisible()
    assert not any(legend.geometry().contains(point) for point in lines)


CORNERS = {"right top": (570, 30), "left top": (85, 30), "right": (570, 330), "left": (85, 330)}


@pytest.mark.parametrize(
    ("rows", "labels", "stands"),
    [
        ({}, [], "right top"),
        ({"right top": 1}, [], "left top"),
        ({"right top": 9, "left top": 5, "right": 3, "left": 4}, [], "right"),
        ({"right top": 900, "left top": 900, "right": 900, "left": 12}, ["left"], "right top"),
        ({"right top": 900, "left top": 700, "right": 900}, ["left"], "left top"),
        ({"left": 1}, ["right top", "left top", "right"], "left"),
    ],
)
def test_the_legend_covers_few_clusters_then_few_rows(qtbot, rows, labels, stands):
    room = QWidget()
    qtbot.addWidget(room)
    room.resize(600, 400)
    legend = Legend(room)
    legend.show_items("", [Item(0, "One", QColor("red")), Item(1, "Two", QColor("blue"))], set())
    many = 1_000  # along the edges, between the corners
    edges = [(x, y) for x in range(180, 480, 10) for y in (30, 330)]
    edges += [(x, y) for x in (85, 570) for y in range(100, 270, 10)]
    corners = [CORNERS[where] for where in rows for _ in range(rows[where])]
    points = np.array([*corners, *edges * many], float)
    areas = np.array(
        [[*np.subtract(CORNERS[where], 5), *np.add(CORNERS[where], 5)] for where in labels], float
    )
    legend.avoid(areas.reshape(-1, 4), points.reshape(-1, 2))
    held = [where for where, at in CORNERS.items() if legend.geometry().contains(*at)]
    assert held == [stands]


def test_where_all_corners_are_taken_the_legend_stands_at_an_edge(qtbot):
    room = QWidget()
    qtbot.addWidget(room)
    room.resize(600, 400)
    legend = Legend(room)
    legend.show_items("", [Item(0, "One", QColor("red")), Item(1, "Two", QColor("blue"))], set())
    points = np.array([*CORNERS.values(), (570, 200), (85, 200), (330, 30)], float)
    legend.avoid(np.empty((0, 4)), points)
    assert not any(legend.geometry().contains(*at) for at in points.astype(int).tolist())


def test_beside_the_map_the_legend_hides_nothing(qtbot, penguins):
    plot, legend = penguins.plot, penguins.key.legend

    def width():
        return plot.box.mapRectToScene(plot.box.rect()).right()

    before, switch = width(), penguins.toolbar.layers.switch("legend_beside")
    switch.trigger()
    assert penguins.state().legend_beside
    qtbot.waitUntil(lambda: width() < before)
    assert legend.geometry().left() > width()
    assert plot.viewport().rect().contains(legend.geometry())
    at = legend.pos()
    qtbot.mousePress(legend, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    qtbot.mouseMove(legend, QPoint(-80, 60))
    qtbot.mouseRelease(legend, Qt.MouseButton.LeftButton)
    assert legend.pos() == at
    penguins.toolbar.layers.switch("legend").trigger()  # without one there is room again
    qtbot.waitUntil(lambda: width() == before)
    penguins.toolbar.layers.switch("legend").trigger()
    switch.trigger()
    qtbot.waitUntil(lambda: width() == before)


def test_where_the_legend_was_put_is_remembered_until_a_double_click(qtbot, penguins):
    legend = penguins.key.legend
    before = legend.pos()
    qtbot.mousePress(legend, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    qtbot.mouseMove(legend, QPoint(-150, 60))
    qtbot.mouseRelease(legend, Qt.MouseButton.LeftButton, pos=QPoint(-150, 60))
    put = legend.pos()
    assert put != before
    again = shown(qtbot, penguins._document)
    assert (again.key.legend.pos() - put).manhattanLength() <= 2
    qtbot.mouseDClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert legend.pos() == before
    assert shown(qtbot, penguins._document).key.legend.pos() == before


def test_labels_are_placed_again_only_where_something_moved(penguins, monkeypatch):
    placed = []

    def spy(*given, **options):
        placed.append(place_labels(*given, **options))
        return placed[-1]

    monkeypatch.setattr(clusters_module, "place_labels", spy)
    layer = penguins.clusters
    before = layer.label_areas()
    layer.label_areas()
    assert len(placed) <= 1
    penguins.plot.box.translateBy(x=0.1)
    moved = layer.label_areas()
    assert not np.array_equal(moved, before)


def test_the_legend_covers_no_cluster(qtbot, penguins):
    legend, corner = penguins.key.legend.geometry(), penguins.plot.box.sceneBoundingRect()
    areas = [*penguins.clusters.center_areas(), *penguins.clusters.label_areas()]
    assert len(areas) == 6
    for left, top, right, bottom in areas:
        area = QRect(int(left), int(top), int(right - left), int(bottom - top))
        assert not legend.intersects(area.translated(corner.topLeft().toPoint()))


def test_a_click_on_a_row_means_its_cluster_whatever_its_colour(qtbot, penguins):
    color_by(qtbot, penguins, "species")
    label = penguins._document.analysis.rows.label
    scene = penguins.rows.scene
    row = int(np.argmax(scene.x))
    click(qtbot, penguins, in_window(penguins, scene.x[row], scene.y[row]))
    assert penguins._document.current_cluster == label[row]


def test_clusters_differ_in_shape_where_dots_are_few(qtbot, noisy):
    view = shown(qtbot, noisy)
    assert view.rows.dots.has_shapes
    image, legend = figure_image(qtbot, view)
    assert [entry.symbol for entry in legend] == [0, 1, NO_CLUSTER]
    before = painted(view)
    switch(qtbot, view, "shapes", on=False)
    assert painted(view) != before
    plain, legend = figure_image(qtbot, view)
    assert plain != image
    assert [entry.symbol for entry in legend] == [Sign.SQUARE] * 3
    switch(qtbot, view, "shapes")
    assert painted(view) == before


def test_rows_that_are_too_many_have_no_shapes_until_one_looks_closer(qtbot, document):
    give(qtbot, document, many_rows(20_000))
    fit_two(qtbot, document)
    view = shown(qtbot, document)
    assert not view.rows.dots.has_shapes
    assert [entry.symbol for entry in figure_image(qtbot, view)[1]] == [Sign.SQUARE] * 2
    view.plot.box.setRange(QRectF(-0.1, -0.1, 0.2, 0.2), padding=0.0)
    settle(qtbot, view)
    assert 0 < len(view.rows.dots.rows) < 2_000
    assert view.rows.dots.has_shapes
    assert [item.symbol for item in view.key.legend.items] == [0, 1]


@pytest.mark.parametrize("kind", ["numbers", "categories"])
def test_other_colours_than_those_of_clusters_have_no_shapes(qtbot, iris, kind):
    """Those of categories would be taken for the shapes of clusters."""
    fit_two(qtbot, iris)
    view = shown(qtbot, iris)
    assert view.rows.dots.has_shapes
    color_by(qtbot, view, "species" if kind == "categories" else iris.prepared.columns[0])
    assert not view.rows.dots.has_shapes


def test_the_ellipse_of_two_rows_is_dashed_out_of_the_range_and_explained(qtbot, document):
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(size=(60, 2)), [[30.0, 30.0], [30.5, 29.5]]])
    give(qtbot, document, table(a=rows[:, 0], b=rows[:, 1]))
    document.change_settings("Choose", k_min=2, k_max=2, restarts=2, models=("EEE",))
    view = shown(qtbot, document)
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()
    settle(qtbot, view)
    clusters, look = view.clusters.clusters, view.clusters.look
    [few] = np.flatnonzero(document.analysis.sizes == 2).tolist()
    assert clusters.own_shapes.tolist() == [k != few for k in range(2)]
    assert look.line(few, 2.0, is_own=clusters.has_own_shape(few)).style() is Qt.PenStyle.DashLine
    assert "dashed ellipse" in hover(qtbot, view, center_of(view, few))
    assert "dashed ellipse" not in hover(qtbot, view, center_of(view, 1 - few))
    far = view.clusters.outline(few).max(axis=0)
    assert (view.clusters.extent(*rows_range(rows))[1] < far).all()


def rows_range(rows):
    return rows.min(axis=0), rows.max(axis=0)
