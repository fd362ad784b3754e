"""Clusters merged and split by clicks, and what the window shows of them."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QTableView, QToolButton

from gmmdesk.analysis.combining import merging_of
from gmmdesk.analysis.gap_words import which_number
from gmmdesk.analysis.grouping import together
from gmmdesk.analysis.remedies import more_restarts
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import Resampled
from gmmdesk.errors import GmmdeskError
from gmmdesk.session.files import read_session
from gmmdesk.ui import answers
from gmmdesk.ui.offers import try_out
from gmmdesk.ui.panels.why import WhyPanel
from gmmdesk.ui.views.comparison import ComparisonView, merging_page
from gmmdesk.ui.views.diagnosis import DiagnosisView
from tests.analysis.test_combining import arc_and_blob
from tests.ui.conftest import shown_window


@pytest.fixture
def arc(driver, tmp_path):
    """A window with a bent group of four components beside a round one."""
    table = arc_and_blob()
    rows = zip(*(table.column(name).numbers() for name in "xy"), strict=True)
    path = tmp_path / "arc.csv"
    path.write_text("x,y\n" + "".join(f"{x:.4f},{y:.4f}\n" for x, y in rows))
    driver.open(path)
    driver.document.change_settings("five", k_min=5, k_max=5, models=("VVV",), restarts=10)
    driver.find()
    return driver


def parts_of_arc(document):
    """The components of the bent group, whose rows come first in the file."""
    return sorted(set(document.analysis.uncombined.rows.label[:240].tolist()))


def press(widget, text):
    (button,) = [one for one in widget.findChildren(QToolButton) if one.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def click_in_menu(menu, *texts):
    """Trigger what a menu, or a menu in it, calls so."""
    for text in texts:
        (action,) = [one for one in menu.actions() if one.text().replace("&", "") == text]
        menu = action.menu()
        if menu is not None:  # it is filled when it opens
            menu.popup(QPoint())
            menu.hide()
    action.trigger()


def open_menu(driver, request):
    """The menu that something opens, which is closed again."""
    request()
    found = []

    def is_open():
        found[:] = [one for one in driver.window.findChildren(QMenu) if one.isVisible()]
        return bool(found)

    driver.qtbot.waitUntil(is_open, timeout=20_000)
    found[0].hide()
    return found[0]


def merged(driver, begin):
    driver.wait(driver.document.analysis_changed, begin)
    driver.qtbot.waitUntil(lambda: not driver.window.workspace.map.is_busy, timeout=20_000)
    return driver.document.analysis


def test_a_click_on_the_entropy_plot_merges_and_undo_splits(arc):
    document, view = arc.document, arc.click_tab("Choose K")
    assert isinstance(view, ComparisonView)
    before = document.analysis
    view.pages.setCurrentWidget(view.merging)
    page = view.merging
    arc.qtbot.waitUntil(lambda: page.found is not None, timeout=20_000)
    assert page.found.proposed == 2
    assert "down to 2" in page.said.text()
    assert "ICL fall with every merge" in page.said.text()
    assert "The verdict goes by gaps between clusters instead" in page.said.text()

    def at(n):
        box, entropy = page.plot.box, page.found.path.entropies[n - 1]
        scene = box.mapToScene(box.mapFromView(QPointF(n, entropy)))
        return page.plot.mapFromScene(scene)

    def click(n):
        QTest.mouseClick(page.plot.viewport(), Qt.MouseButton.LeftButton, pos=at(n))

    analysis = merged(arc, lambda: click(2))
    assert analysis.n_clusters == document.n_clusters == 2
    assert analysis.rows.label[:240].tolist() == [0] * 240
    assert document.undo_stack.undoText() == "merging into 2 clusters"
    marks = [page.model.index(i, 1).data() for i in range(page.model.rowCount())]
    assert marks == ["", "", "", "where the curve bends", ""]
    assert page.table.currentIndex().row() == 3
    document.undo()
    assert document.analysis is before
    document.redo()
    assert document.analysis is analysis  # kept
    merged(arc, lambda: press(page, "Split all"))
    assert document.analysis is before
    merged(arc, lambda: press(page, "Merge into 2 clusters"))
    assert document.analysis.grouping == analysis.grouping
    page.table.setFocus()
    line = page.model.index(0, 0)
    merged(arc, lambda: page.table.activated.emit(line))
    assert document.analysis is before


def test_of_what_was_merged_otherwise_no_line_is_marked(arc):
    """Nor does the page say that more is to be seen on it."""
    view = arc.click_tab("Choose K")
    view.pages.setCurrentWidget(view.merging)
    page = view.merging
    arc.qtbot.waitUntil(lambda: page.found is not None, timeout=20_000)
    assert page.table.currentIndex().row() == 0
    first, last = parts_of_arc(arc.document)[0], len(page.found.groupings) - 1
    other = next(k for k in range(last + 1) if k not in parts_of_arc(arc.document))
    grouping = together(None, arc.document.analysis.scaled.weights, (first, other))
    merged(arc, lambda: arc.document.edits.combine(grouping, "merging clusters"))
    assert "shown were merged otherwise" in page.said.text()
    assert not page.table.currentIndex().isValid()
    assert not page.table.selectionModel().hasSelection()
    assert "see Choose K > Merging" not in page.said.text()
    merged(arc, lambda: press(page, "Split all"))
    assert page.table.currentIndex().row() == 0


def test_nothing_is_proposed_where_clusters_lie_apart(driver, tmp_path):
    path = tmp_path / "apart.csv"
    places = np.random.default_rng(0).normal(size=(90, 2)) + np.repeat(
        [[0, 0], [40, 0], [0, 40]], 30, axis=0
    )
    path.write_text("x,y\n" + "".join(f"{x:.4f},{y:.4f}\n" for x, y in places))
    driver.open(path)
    driver.document.change_settings("three", k_min=3, k_max=3, models=("EII",), restarts=10)
    driver.find()
    view = driver.click_tab("Choose K")
    view.pages.setCurrentWidget(view.merging)
    page = view.merging
    driver.qtbot.waitUntil(lambda: page.found is not None, timeout=20_000)
    assert "nothing overlaps enough to be merged" in page.said.text()
    assert not page.merge.isVisible()
    assert [page.model.index(i, 1).data() for i in range(3)] == ["", "", ""]
    assert [one.name for one in page.figure().legend(page.palette())] == ["Entropy"]


def test_the_selected_lines_of_the_list_are_merged_and_split(arc):
    document = arc.document
    (view,) = [
        one for one in arc.window.findChildren(QTableView) if one.accessibleName() == "Clusters"
    ]
    first, second = parts_of_arc(document)[:2]
    document.edits.rename(first, "Arc")
    document.edits.recolor(first, "#123456")

    def click(k, modifiers=Qt.KeyboardModifier.NoModifier):
        place = view.visualRect(view.model().index(k, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifiers, place)
        return place

    click(first)
    place = click(second, Qt.KeyboardModifier.ControlModifier)
    assert document.current_cluster == second
    menu = open_menu(arc, lambda: view.customContextMenuRequested.emit(place))
    other = f"Cluster {second + 1}"
    analysis = merged(arc, lambda: click_in_menu(menu, f"Merge Arc and {other}"))
    own = analysis.grouping.of[first]
    assert analysis.n_clusters == 4
    assert document.names[own] == "Arc + 1 more"
    assert document.colors[own] == "#123456"
    assert len(set(document.names)) == len(set(document.colors)) == 4
    tip = view.model().index(own, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Made of 2 components" in tip
    place = click(own)
    menu = open_menu(arc, lambda: view.customContextMenuRequested.emit(place))
    merged(arc, lambda: click_in_menu(menu, "Split Arc + 1 more into its 2 components"))
    assert document.analysis.grouping is None
    assert document.names[first] == "Arc"
    assert document.names[second] == other
    assert document.colors[first] == "#123456"


def test_a_remedy_that_leads_to_the_same_components_keeps_them_merged(arc):
    document = arc.document
    grouping = together(None, document.analysis.scaled.weights, parts_of_arc(document))
    merged(arc, lambda: document.edits.combine(grouping, "merging the arc"))
    document.edits.rename(document.analysis.grouping.of[parts_of_arc(document)[0]], "Arc")
    before, names = document.analysis, document.names
    try_out(document, more_restarts(document.settings))

    def is_merged():
        now = document.analysis
        return now is not None and now.scaled is not before.scaled and now.grouping is not None

    arc.qtbot.waitUntil(is_merged, timeout=60_000)
    assert document.analysis.rows.label.tolist() == before.rows.label.tolist()
    assert document.names == names
    assert document.undo_stack.undoText() == "merging as before"


def test_no_part_names_the_whole_until_somebody_does(arc):
    document = arc.document
    first, second, third = parts_of_arc(document)[:3]
    document.edits.rename(first, "Arc")
    document.edits.rename(second, "Bow")
    before = document.names
    merged(arc, lambda: document.edits.merge((first, second)))
    (joined,) = {"Arc + Bow", "Bow + Arc"} & set(document.names)
    own = document.names.index(joined)
    document.undo()
    arc.qtbot.waitUntil(lambda: document.analysis is not None)
    assert document.names == before
    document.redo()
    arc.qtbot.waitUntil(lambda: document.analysis is not None)
    document.edits.rename(own, "Ring")
    assert document.names[own] == "Ring"
    merged(arc, lambda: document.edits.merge((own, document.analysis.grouping.of[third])))
    assert "Ring + 1 more" in document.names
    merged(arc, lambda: document.edits.combine(None, "splitting"))
    assert sorted({*document.names} - {f"Cluster {k}" for k in range(1, 6)}) == ["Ring"]
    assert document.names.count("Ring") == 1


def test_the_map_draws_components_in_the_colour_of_their_cluster(arc):
    document, view = arc.document, arc.window.workspace.map
    parts = parts_of_arc(document)
    first, last = parts[0], parts[-1]

    def pixel(component):
        x, y = view.clusters.clusters.means[component]
        return view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(x, y)))

    arc.qtbot.waitUntil(lambda: not view.is_busy, timeout=20_000)
    box = view.plot.box
    where = box.mapFromScene(view.plot.mapToScene(pixel(first)))
    menu = open_menu(arc, lambda: view.plot.menu_requested.emit(where))
    names = document.names
    analysis = merged(arc, lambda: click_in_menu(menu, f"Merge {names[first]} with", names[last]))
    own = analysis.grouping.of[first]
    layer = view.clusters
    assert len(layer.clusters.means) == 5
    assert layer.clusters.share(own) == pytest.approx(
        analysis.scaled.weights[first] + analysis.scaled.weights[last]
    )
    assert sum(map(layer.clusters.has_label, range(5))) == 4
    for component in (first, last):  # a click on either centre chooses their cluster
        QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel(component))
        assert document.current_cluster == own
        document.set_current_cluster(None)
        arc.qtbot.wait(0)
    assert view.rows.shading.n_clusters == 4
    assert [item.name for item in view.key._items(view.key._paper, view.key._neutral)] == list(
        document.names
    )


def test_the_legend_offers_it_too_and_hides_no_other_cluster_then(arc):
    document, key = arc.document, arc.window.workspace.map.key
    arc.qtbot.waitUntil(lambda: not arc.window.workspace.map.is_busy, timeout=20_000)
    entries = key.legend.findChildren(QToolButton)
    QTest.mouseClick(entries[4], Qt.MouseButton.LeftButton)
    assert key.hidden == {4}
    here = QPoint(3, 3)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, here, entries[1].mapToGlobal(here))
    menu = open_menu(arc, lambda: QCoreApplication.sendEvent(entries[1], event))
    names = document.names
    merged(arc, lambda: click_in_menu(menu, f"Merge {names[1]} with", names[2]))
    assert document.n_clusters == 4
    assert key.hidden == frozenset()


def test_undo_of_a_merge_needs_no_row_again_where_there_is_no_room(arc, monkeypatch):
    """The answer that is shown holds its components."""
    document, seen = arc.document, []
    before = document.analysis
    monkeypatch.setattr(answers, "_ROOM", 0)
    merged(arc, lambda: document.edits.merge((0, 1)))
    document.analysis_changed.connect(lambda: seen.append(document.analysis))
    document.undo()
    assert seen == [before]


def test_the_values_of_one_fit_are_counted_once(arc, monkeypatch):
    """Both answers are kept where there is room for the rows of both, and once for the values."""
    document = arc.document
    n, X = document.dataset.n_rows, document.analysis.prepared.X
    monkeypatch.setattr(answers, "_ROOM", X.nbytes + 2 * answers._ROW_BYTES * n)
    one = merged(arc, lambda: document.edits.merge((0, 1)))
    merged(arc, lambda: document.edits.merge((0, 1)))
    document.undo()
    assert document.analysis is one


def test_the_advice_of_the_trust_view_merges_what_lies_along_a_band(arc):
    document, view = arc.document, arc.click_tab("Trust")
    assert isinstance(view, DiagnosisView)
    arc.qtbot.waitUntil(lambda: view.found is not None, timeout=20_000)
    along = tuple(parts_of_arc(document))
    analysis = merged(arc, lambda: press(view.findings, "Merge them into one cluster"))
    assert analysis.grouping.parts(0) == along
    assert analysis.grouping == merging_of(analysis).groupings[1]
    assert document.undo_stack.undoText() == "merging clusters along a band"
    arc.qtbot.waitUntil(lambda: view.found is not None and not view.is_busy, timeout=20_000)
    assert not [
        one
        for one in view.findings.findChildren(QToolButton)
        if one.text() == "Merge them into one cluster" and one.isVisible()
    ]
    names = [view.shape.cluster.itemText(i) for i in range(view.shape.cluster.count())]
    assert names.count("Cluster 1 (part 1)") == 1
    assert len(names) == 5


def test_a_session_brings_back_what_was_merged(arc, qtbot, tmp_path):
    document = arc.document
    parts = parts_of_arc(document)
    merged(arc, lambda: document.edits.merge(parts))
    document.edits.rename(0, "Arc")
    merged(arc, lambda: document.edits.merge((0, 1)))
    document.undo()
    path = tmp_path / "s.gmmdesk"
    arc.wait(arc.window.sessions.saved, lambda: arc.window.sessions.save(path, True))
    answer = read_session(path)[0].answer
    assert answer.grouping == document.analysis.grouping
    assert answer.names() == document.names == ("Arc", "Cluster 2")
    window = shown_window(qtbot)
    with qtbot.waitSignal(window.sessions.opened, timeout=20_000):
        window.open_source(str(path))
    again = window.document
    np.testing.assert_array_equal(again.analysis.rows.label, document.analysis.rows.label)
    assert again.names == ("Arc", "Cluster 2")
    with qtbot.waitSignal(again.analysis_changed, timeout=20_000):
        again.redo()
    qtbot.waitUntil(lambda: again.analysis is not None, timeout=20_000)
    assert again.analysis.n_clusters == 1
    for _ in range(3):
        again.undo()
    qtbot.waitUntil(lambda: again.analysis is not None, timeout=20_000)
    assert again.analysis.n_clusters == 5
    window.close()


def test_what_is_shown_at_an_earlier_moment_is_of_the_clusters_too(arc):
    document = arc.document
    merged(arc, lambda: document.edits.merge(parts_of_arc(document)))
    timeline = document.timeline
    timeline.go_to(0)
    assert timeline.clusters.grouping == document.analysis.grouping
    arc.qtbot.waitUntil(lambda: not arc.window.workspace.map.is_busy, timeout=20_000)
    assert arc.window.workspace.map.rows.shading.n_clusters == 2
    (view,) = [
        one for one in arc.window.findChildren(QTableView) if one.accessibleName() == "Clusters"
    ]
    model = view.model()
    shares = [model.index(k, 2).data() for k in range(model.rowCount())]
    assert len(shares) == 2
    assert all(share.endswith("%") for share in shares)


def test_the_menu_of_the_window_merges_and_splits(arc):
    document, menu = arc.document, arc.window.actions_.merge
    names = document.names
    document.set_current_cluster(1)
    menu.aboutToShow.emit()
    merged(arc, lambda: click_in_menu(menu, f"Merge {names[1]} with", names[2]))
    assert document.n_clusters == 4
    menu.aboutToShow.emit()
    merged(arc, lambda: click_in_menu(menu, "Split all"))
    assert document.analysis.grouping is None


def test_a_menu_that_is_opened_again_leaves_no_menus_behind(arc):
    menu, document = arc.window.actions_.merge, arc.document
    for _ in range(3):
        menu.aboutToShow.emit()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    inner = menu.findChildren(QMenu)
    assert len(inner) == document.n_clusters == 5
    titles = [one.title() for one in inner]
    assert titles == [f"Merge {name} with" for name in document.names]
    assert all(one.isEmpty() for one in inner)
    inner[0].popup(QPoint())
    inner[0].hide()
    inner[0].popup(QPoint())
    assert [one.text() for one in inner[0].actions()] == list(document.names[1:])
    inner[0].hide()


# How many clusters each view shows.
SHOWN = {
    "Matrix": lambda view: len(view.matrix.drawn.histograms[0].bars.counts) - 2,
    "Densities": lambda view: len(view.cells[0].histogram.bars.counts) - 2,
    "Profiles": lambda view: view.table.means.n_clusters,
    "Certainty": lambda view: len(view.judged.curves),
    "Choose K": lambda view: (
        view.merging.model.rowCount() - view.merging.table.currentIndex().row()
    ),
    "Trust": lambda view: view.found.analysis.n_clusters,
    "Table": lambda view: len({view.model.index(i, 0).data() for i in range(360)}),
}


def test_every_view_follows_with_rows_selected(arc):
    document = arc.document
    document.selection.set(RowSet.of_rows(range(200, 300), 360))
    merged(arc, lambda: document.edits.merge(parts_of_arc(document)))
    for title, shown in SHOWN.items():
        view = arc.click_tab(title)
        if title == "Choose K":
            view.pages.setCurrentWidget(view.merging)
        pictures = []
        for change, n in ((document.undo, 5), (document.redo, 2)):
            change()
            assert document.n_clusters == n
            view.grab()  # whatever it shows until it is up to date
            arc.qtbot.waitUntil(lambda view=view: not view.is_busy)
            assert shown(view) == n, title
            pictures.append(view.grab().toImage())
        assert pictures[0] != pictures[1], title
    assert arc.window.workspace.clusters_panel.isVisible()


@pytest.fixture
def page(arc):
    """The page that merges, in sight and with what may be merged."""
    view = arc.click_tab("Choose K")
    view.pages.setCurrentWidget(view.merging)
    arc.qtbot.waitUntil(lambda: view.merging.found is not None)
    return view.merging


def test_only_a_single_click_on_a_dot_merges(arc, page):
    left, box, document = Qt.MouseButton.LeftButton, page.plot.box, arc.document
    dot = box.mapFromView(QPointF(2, page.found.path.entropies[1]))

    def at(dy):
        return page.plot.mapFromScene(box.mapToScene(dot - QPointF(0, dy)))

    before = document.undo_stack.index()
    QTest.mouseClick(page.plot.viewport(), left, pos=at(40))  # on paper
    assert not page.is_busy
    shown = page.plot.visible_rect()
    page.plot.box.scaleBy((0.99, 0.99))
    for click in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseRelease):
        click(page.plot.viewport(), left, pos=at(0))
    assert not page.is_busy
    assert page.plot.visible_rect() == shown  # it shows all, as elsewhere
    assert document.undo_stack.index() == before
    merged(arc, lambda: QTest.mouseClick(page.plot.viewport(), left, pos=at(8)))
    assert document.n_clusters == 2


def test_the_page_shows_what_changes_once_and_only_in_sight(arc, page, monkeypatch):
    drawn, show = [], page.plot.show_content
    monkeypatch.setattr(page.plot, "show_content", lambda paints: drawn.append(show(paints)))
    merged(arc, page.merge.click)
    assert len(drawn) == 1
    page.table.setCurrentIndex(page.model.index(1, 0))
    arc.document.edits.rename(1, "Blob")
    assert len(drawn) == 2
    assert page.table.currentIndex().row() == 1  # the keyboard goes on from there
    assert any("Blob" in page.model.index(i, 5).data() for i in range(5))
    arc.click_tab("Map")
    arc.document.edits.rename(1, "Ball")
    assert len(drawn) == 2
    arc.click_tab("Choose K")
    assert len(drawn) == 3
    assert any("Ball" in page.model.index(i, 5).data() for i in range(5))


def test_groups_that_are_seldom_found_again_are_claimed_there_as_little_as_in_trust(
    arc, page, monkeypatch
):
    document = arc.document
    # As where overlap comes to another number.
    monkeypatch.setattr(merging_page, "gaps_beside_overlap", lambda own, _bend: which_number(own))
    document.checking.stop()
    halves = {"Use two": (1.0, np.eye(5)), "Claim no": (0.1, np.ones((5, 5)))}
    for claim, (agreement, table) in halves.items():
        document.checking.found = Resampled((agreement,) * 50, (table,) * 50)
        document.checking.changed.emit()
        assert f"{claim} " in page.said.text()


def test_why_says_that_its_values_are_those_of_the_nearest_part(arc):
    document = arc.document
    merged(arc, lambda: document.edits.merge(parts_of_arc(document)))
    panel = WhyPanel(document)
    arc.qtbot.addWidget(panel)
    panel.show_row(0)
    arc.qtbot.waitUntil(lambda: not panel.is_busy and panel.found is not None)
    headings = [panel.model.headerData(j, Qt.Orientation.Horizontal).strip() for j in (2, 3)]
    names = [document.names[k] for k in (panel.found.first, panel.found.second)]
    assert headings == [f"{names[0]}, nearest part", f"{names[1]}, centre"]
    panel.close_workers()


def test_what_failed_is_said_and_tried_again(arc, monkeypatch):
    def fail(*_):
        raise GmmdeskError("There is no room.")

    view = arc.click_tab("Choose K")
    with monkeypatch.context() as patch:
        patch.setattr(merging_page, "merging_of", fail)
        assert "no room" in arc.message(lambda: view.pages.setCurrentWidget(view.merging))
    page = view.merging
    assert not page.is_busy
    (said,) = [one.text() for one in page.findChildren(QLabel) if one.isVisible()]
    assert "could not be found out" in said
    arc.click_tab("Map")
    arc.click_tab("Choose K")
    arc.qtbot.waitUntil(lambda: page.found is not None)


def test_a_window_that_closes_waits_for_no_merging(arc, monkeypatch):
    begun = threading.Event()

    def go_on(_analysis, task):
        while True:
            begun.set()
            task.step()

    view = arc.click_tab("Choose K")
    monkeypatch.setattr(merging_page, "merging_of", go_on)
    view.pages.setCurrentWidget(view.merging)
    arc.qtbot.waitUntil(begun.is_set)
    assert view.is_busy
    view.close_workers()
    assert view.merging.found is None


@pytest.mark.parametrize(("click", "told"), [(1, "click 2 to have two"), (2, "click 1 to make")])
def test_with_two_clusters_it_is_said_what_a_click_does(click, told):
    assert told in merging_page.in_words(2, click, 2, is_on_path=True)


def test_a_new_fit_has_the_name_of_a_merged_cluster_for_no_part_of_it(arc):
    document = arc.document
    merged(arc, lambda: document.edits.merge(parts_of_arc(document)))
    document.edits.rename(0, "Arc")
    document.edits.rename(1, "Blob")
    document.edits.recolor(0, "#123456")
    document.change_settings("six", k_min=6, k_max=6)
    arc.find()
    assert document.analysis.grouping is None
    assert "Arc" not in document.names
    assert document.names[document.analysis.rows.label[-1]] == "Blob"
    document.undo()
    assert document.names == ("Arc", "Blob")
    document.change_settings("two", k_min=2, k_max=2, models=("VVI",))
    arc.find()
    names = [document.names[k] for k in document.analysis.rows.label[[0, -1]]]
    assert names == ["Arc", "Blob"]
    assert document.colors[document.analysis.rows.label[0]] == "#123456"


def test_what_does_not_overlap_has_no_entropy_to_speak_of(driver, tmp_path):
    """Not "3e-08" nats, of which people would look for the meaning."""
    rng = np.random.default_rng(6)
    rows = rng.normal(np.repeat([[0.0, 0.0], [30.0, 0.0], [0.0, 30.0]], 20, axis=0), 1.0)
    path = tmp_path / "apart.csv"
    path.write_text("x,y\n" + "".join(f"{x:.4f},{y:.4f}\n" for x, y in rows))
    driver.open(path)
    driver.document.change_settings("three", k_min=3, k_max=3, models=("EII",), restarts=1)
    driver.find()
    view = driver.click_tab("Choose K")
    view.pages.setCurrentWidget(view.merging)
    page = view.merging
    driver.qtbot.waitUntil(lambda: page.found is not None)
    entropies = {page.model.index(i, 2).data() for i in range(page.model.rowCount())}
    assert {text.strip("\N{NO-BREAK SPACE}") for text in entropies} == {"0.000"}
    (low, high) = page.plot.box.viewRange()[1]
    assert low <= 0.0
    assert high >= 1.0
