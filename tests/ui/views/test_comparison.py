from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QPushButton

from gmmdesk.analysis import Candidate, number_test
from gmmdesk.analysis.number_test import compare_numbers
from gmmdesk.data.steps import parse_step
from gmmdesk.engine import MODELS
from gmmdesk.ui.number_testing import GAVE_WAY
from gmmdesk.ui.tables.comparison_model import ComparisonModel
from gmmdesk.ui.views.comparison import ComparisonView
from tests.ui.conftest import Driver

NAN = float("nan")


@pytest.fixture
def view(driver: Driver) -> ComparisonView:
    """The view after a search with two shapes and one to four clusters."""
    driver.open("sample:iris")
    driver.document.change_settings("search", k_min=1, k_max=4, models=("VVV", "EEE"), restarts=2)
    view = driver.click_tab("Choose K")
    assert isinstance(view, ComparisonView)
    driver.find()
    return view


def pixel_of(view: ComparisonView, candidate: int) -> QPoint:
    one = view.model.candidates[candidate]
    box = view.plot.box
    at = box.mapToScene(box.mapFromView(QPointF(one.n_components, one.bic)))
    return view.plot.mapFromScene(at)


def test_a_click_on_a_dot_takes_that_fit_and_undo_brings_the_other_back(
    driver: Driver, view: ComparisonView
) -> None:
    document = driver.document
    first = document.analysis
    assert first is not None
    assert first.best == first.preferred == view.model.best
    close = sorted(
        (i for i, one in enumerate(first.candidates) if one.sound),
        key=lambda i: first.candidates[i].bic,
    )
    other = close[1]
    driver.wait(
        document.analysis_changed,
        lambda: QTest.mouseClick(
            view.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel_of(view, other)
        ),
    )
    chosen = document.analysis
    assert chosen is not None
    assert chosen.best == other
    assert chosen.n_clusters == first.candidates[other].n_components
    assert chosen.result.log_likelihood == pytest.approx(first.candidates[other].log_likelihood)
    assert chosen.rows.label.max() < chosen.n_clusters
    document.undo()
    assert document.analysis is first


def test_a_cell_of_the_table_takes_a_fit_too(driver: Driver, view: ComparisonView) -> None:
    first = driver.document.analysis
    assert first is not None
    other = next(i for i, one in enumerate(first.candidates) if one.sound and i != first.best)
    cell = view.table.visualRect(view.model.index_of(other)).center()
    driver.wait(
        driver.document.analysis_changed,
        lambda: QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=cell),
    )
    assert driver.document.analysis is not None
    assert driver.document.analysis.best == other


def test_names_of_shapes_take_the_room_there_is_and_the_answer_is_in_sight(
    driver: Driver, view: ComparisonView
) -> None:
    lines = view.table.verticalHeader()
    driver.document.change_settings("long names", models=("VEE", "VEI"), k_max=2)
    driver.find()
    driver.window.resize(1000, 700)
    driver.window.workspace.setSizes([320, 320, 330])  # as when the handles are dragged
    driver.qtbot.waitUntil(lambda: lines.width() < lines.sizeHint().width())
    driver.window.resize(1900, 900)
    driver.qtbot.waitUntil(lambda: lines.width() >= lines.sizeHint().width())
    table = view.table
    table.setFixedHeight(table.horizontalHeader().height() + table.rowHeight(0))
    for model in ("VEE", "VEI"):  # one line of the table each, of which one is in sight
        analysis = driver.document.analysis
        assert analysis is not None
        other = next(i for i, one in enumerate(analysis.candidates) if one.model == model)
        if other == analysis.best:
            continue
        choose = partial(driver.document.edits.choose, other)
        driver.wait(driver.document.analysis_changed, choose)
        shown = table.visualRect(view.model.index_of(other))
        assert table.viewport().rect().contains(shown.center())


def test_the_answer_is_in_sight_from_the_first_look_on(driver: Driver) -> None:
    driver.open("sample:iris")
    driver.document.change_settings("all", k_min=2, k_max=2, models=tuple(MODELS), restarts=1)
    driver.window.resize(1000, 700)
    driver.find()
    analysis = driver.document.analysis
    assert analysis is not None
    assert analysis.result.model in list(MODELS)[-4:]  # one of the last lines
    view = driver.click_tab("Choose K")
    cell = view.model.index_of(analysis.best)
    port = view.table.viewport()
    driver.qtbot.waitUntil(
        lambda: port.rect().contains(view.table.visualRect(cell).center()) and port.height() > 0
    )


def test_another_criterion_compares_the_same_fits(driver: Driver, view: ComparisonView) -> None:
    analysis = driver.document.analysis
    assert analysis is not None
    view.criterion.setCurrentIndex(view.criterion.findData("aic"))
    aic = [one.aic if one.sound else np.inf for one in analysis.candidates]
    assert view.model.best == int(np.argmin(aic))
    assert driver.document.analysis is analysis


@pytest.mark.parametrize(("k_min", "some_are_far"), [(1, True), (4, False)])
def test_fits_that_are_far_worse_are_out_of_sight_and_that_is_said(
    driver, view, k_min, some_are_far
):
    driver.document.change_settings("fewer", k_min=k_min)
    driver.find()
    low, high = view.plot.box.viewRange()[1]
    is_far = [not low <= one.bic <= high for one in view.model.candidates]
    assert any(is_far) == some_are_far
    assert ("not in sight" in view.hint.text()) == some_are_far


def test_rows_held_out_and_certainty_compare_too(driver: Driver, view: ComparisonView) -> None:
    view.criterion.setCurrentIndex(view.criterion.findData("held_out"))
    assert view.model.best is None
    assert view.hint.text().startswith("No rows were held out")
    view.criterion.setCurrentIndex(view.criterion.findData("bic"))
    assert "Tinted: up to 2, 6, 10 from the best." in view.hint.text()
    view.criterion.setCurrentIndex(view.criterion.findData("certainty"))
    assert view.model.index(0, 0).data() == "100 %"  # of one cluster
    assert view.hint.text().startswith("Fewer are always surer")
    document = driver.document
    step = parse_step("hold-out share=0.3 seed=1")
    document.change_settings("hold out", steps=(step,), k_max=3)
    driver.find()
    analysis = document.analysis
    assert analysis is not None
    assert view.criterion.currentData() == "certainty"  # what the user looks at stays
    view.criterion.setCurrentIndex(view.criterion.findData("held_out"))
    densities = [one.held_out for one in analysis.candidates]
    assert view.model.best == int(np.nanargmax(densities))
    assert analysis.held_out is not None
    assert densities[analysis.best] == pytest.approx(analysis.held_out.log_density)


def test_once_clusters_are_merged_fits_are_compared_by_their_components(
    driver: Driver, view: ComparisonView
) -> None:
    def told() -> str:
        best = view.model.index_of(view.model.best)
        tips = [best.data(Qt.ItemDataRole.ToolTipRole)]
        across = Qt.Orientation.Horizontal
        tips.append(view.model.headerData(1, across, Qt.ItemDataRole.ToolTipRole))
        return " ".join([*view.plot.x_axis.titles, *tips])

    document = driver.document
    assert "component" not in told()
    assert "Number of clusters" in told()
    driver.wait(document.analysis_changed, lambda: document.edits.merge((0, 1)))
    driver.qtbot.waitUntil(lambda: "Number of components" in told())
    assert "cluster" not in told().lower()
    document.undo()
    driver.qtbot.waitUntil(lambda: "Number of clusters" in told())


def test_the_number_is_tested_on_request(driver: Driver, view: ComparisonView) -> None:
    assert view.test.isEnabled()
    view.test.click()
    assert view.test.text() == "Stop"
    driver.qtbot.waitUntil(lambda: " of 99 simulated tables…" in view.tested.text(), timeout=30_000)
    view.test.click()
    driver.qtbot.waitUntil(lambda: view.test.text() != "Stop", timeout=30_000)
    assert not view.tested.isVisible()  # nothing goes on, and nothing was found
    driver.document.undo()  # no answer any more
    assert not view.tested.isVisible()
    assert not view.test.isEnabled()


def test_a_test_is_seen_outside_its_page_and_what_ends_it_is_told(
    driver: Driver, view: ComparisonView
) -> None:
    window = driver.window

    def bars() -> list[QProgressBar]:
        return [one for one in window.statusBar().findChildren(QProgressBar) if one.isVisible()]

    driver.qtbot.mouseClick(view.test, Qt.MouseButton.LeftButton)
    driver.click_tab("Map")
    driver.qtbot.waitUntil(lambda: [bar.value() > 0 for bar in bars()] == [True], timeout=30_000)
    assert [bar.accessibleName() for bar in bars()] == ["Testing the number of clusters"]
    driver.wait(driver.document.analysis_changed, lambda: driver.document.edits.merge([0, 1]))
    assert len(bars()) == 1  # of the same components
    driver.find()
    assert window.statusBar().currentMessage() == GAVE_WAY
    assert not bars()
    driver.click_tab("Choose K")
    assert view.tested.text() == GAVE_WAY
    driver.qtbot.mouseClick(view.test, Qt.MouseButton.LeftButton)
    (cancel,) = [
        one
        for one in window.statusBar().findChildren(QPushButton)
        if one.isVisible() and one.text() == "Cancel"
    ]
    assert cancel.accessibleName() == "Cancel: Testing the number of clusters"
    driver.qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: not bars() and not view.tested.isVisible(), timeout=30_000)


def test_what_a_test_said_is_there_again_with_its_answer(
    driver: Driver, view: ComparisonView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_test, "compare_numbers", partial(compare_numbers, n_simulated=2))
    with driver.qtbot.waitSignal(driver.document.number_testing.finished, timeout=30_000):
        driver.qtbot.mouseClick(view.test, Qt.MouseButton.LeftButton)
    said = view.tested.text()
    assert "describe the rows" in said
    driver.find()
    assert not view.tested.isVisible()
    driver.document.undo()
    assert view.tested.text() == said


def test_cells_say_how_much_worse_and_why_not(qapp: object) -> None:
    def one(model: str, k: int, bic: float, status: str = "converged", sound: bool = True):
        return Candidate(model, k, -bic / 2, 3, bic, bic + 1, bic - 1, status, sound)

    from PySide6.QtCore import QObject

    owner = QObject()
    model = ComparisonModel(owner)
    candidates = (
        one("VVV", 1, 120.0),
        one("EEE", 1, 100.0),
        one("VVV", 2, 104.5),
        one("EEE", 2, NAN, "2 rows are too few.", sound=False),
        one("VVV", 3, 60.0, "component 2 collapsed", sound=False),
    )
    model.show_candidates(candidates, "bic", 2)
    shown = [
        [model.index(i, j).data(Qt.ItemDataRole.DisplayRole) for j in range(3)] for i in range(2)
    ]
    assert shown == [["+20.0", "+4.5", "−40.0"], ["best", "NA", None]]
    assert model.best == 1  # a collapsed fit is not compared
    tip = model.index(1, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert "2 rows are too few." in tip
    assert model.index(0, 1).data(Qt.ItemDataRole.FontRole).bold()
    assert model.index(0, 0).data(Qt.ItemDataRole.BackgroundRole) is None
    assert model.index(0, 1).data(Qt.ItemDataRole.BackgroundRole) is not None


def test_great_differences_are_told_in_thousands_and_millions(qapp: object) -> None:
    from PySide6.QtCore import QObject

    owner = QObject()
    model = ComparisonModel(owner)
    candidates = [
        Candidate("EEE", k, -40.0, 11, bic, bic, bic, "converged", sound=True)
        for k, bic in enumerate((100.0, 18_349.0, 9_999.0, 7_012_345.0), 1)
    ]
    model.show_candidates(candidates, "bic", 0)
    shown = [model.index(0, k).data() for k in range(4)]
    assert shown == ["best", "+18k", "+9.9k", "+7.0M"]
    assert "18,349" in model.described(1)


@pytest.mark.parametrize(
    ("n_columns", "shapes"),
    [(1, ["EEE · same spread", "VVV · own spread"]), (2, ["EEE · same shape", "VVV · any shape"])],
)
def test_along_one_column_there_are_spreads_and_no_shapes(qapp, n_columns, shapes):
    from PySide6.QtCore import QObject

    owner = QObject()
    model = ComparisonModel(owner)
    candidates = [
        Candidate(name, 2, -40.0, 11, 1.0, 2.0, 3.0, "converged", sound=True)
        for name in ("EEE", "VVV")
    ]
    model.show_candidates(candidates, "bic", 0, n_columns)
    down = Qt.Orientation.Vertical
    assert [model.headerData(i, down, Qt.ItemDataRole.DisplayRole) for i in range(2)] == shapes
    assert model.described(0).startswith(shapes[0].split(" · ")[1].capitalize())


def test_one_column_is_compared_by_spread(driver, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("width\n" + "".join(f"{i % 2 * 20 + i * 7 % 11}\n" for i in range(60)))
    driver.open(path)
    driver.document.change_settings("quick", k_min=1, k_max=2, restarts=1)
    driver.find()
    view = driver.click_tab("Choose K")
    down = Qt.Orientation.Vertical
    shown = [view.model.headerData(i, down, 0) for i in range(view.model.rowCount())]
    assert {text.split(" · ")[1] for text in shown} == {"same spread", "own spread"}


def test_scrolled_to_the_most_clusters_no_room_is_left_empty(qtbot, iris) -> None:
    with qtbot.waitSignal(iris.run_ended):
        iris.change_settings("nine", k_min=1, k_max=9, models=("EII",), restarts=1)
        iris.start_fit()
    view = ComparisonView(iris)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    for width in range(500, 700, 20):
        view.resize(width, 500)
        scrolled = view.table.horizontalScrollBar()
        scrolled.setValue(scrolled.maximum())
        right = view.table.columnViewportPosition(8) + view.table.columnWidth(8)
        assert right >= view.table.viewport().width() - 1
    view.close_workers()
