from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPalette
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gmmdesk.data.steps import parse_step
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.matrix_cells import Drawn, Frame, draw_cells
from gmmdesk.ui.drawing.miniature import MOST_DOTS, miniature, transposed
from gmmdesk.ui.views.matrix import MOST, MatrixView
from gmmdesk.ui.views.matrix.cells import Cells
from tests.ui.conftest import Driver


def view_of(driver: Driver) -> MatrixView:
    view = driver.click_tab("Matrix")
    assert isinstance(view, MatrixView)
    settle(driver, view)
    return view


def settle(driver: Driver, view: MatrixView) -> None:
    driver.qtbot.waitUntil(lambda: not view.matrix.is_busy)


def painted(image: QImage) -> np.ndarray:
    """Where a picture is not transparent, (height, width)."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[..., 3] > 0


class Never(LatestWorker):
    """Is for ever about to draw."""

    def submit(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("worker", [Never, LatestWorker])
def test_until_cells_are_drawn_they_say_so(
    qtbot: QtBot, iris: Document, worker: type[LatestWorker]
) -> None:
    view = MatrixView(iris, worker)
    qtbot.addWidget(view)
    view.resize(700, 700)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: not view.matrix.is_busy)
    matrix = view.matrix
    middle = matrix.visibleRegion().boundingRect().center() - QPoint(60, 0)
    plate = matrix.grab().toImage().pixelColor(middle - QPoint(0, 12))
    is_said = worker is Never
    assert (plate == matrix.palette().color(QPalette.ColorRole.Window)) is is_said
    view.close_workers()


def test_every_pair_has_a_picture_and_every_column_its_bars(driver: Driver) -> None:
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    view = view_of(driver)
    drawn = view.matrix.drawn
    assert drawn is not None
    places = {(i, j) for i in range(4) for j in range(4) if i != j}
    assert set(drawn.pictures) == places
    assert all(painted(picture).any() for picture in drawn.pictures.values())
    assert driver.document.analysis is not None
    for histogram in drawn.histograms:
        assert histogram.bars is not None
        counts = histogram.bars.counts[2:].sum(axis=1)
        np.testing.assert_array_equal(counts, driver.document.analysis.sizes)


def test_columns_that_a_step_has_bent_are_drawn_on_its_scale_until_that_is_switched_off(
    driver: Driver,
) -> None:
    driver.open("sample:customers")
    names = ("average_order_usd", "days_between_orders")
    settings = {"columns": names, "steps": (parse_step(f"log {names[0]}"),)}
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("log", k_min=2, k_max=2, restarts=1, **settings),
    )
    driver.find()
    view = view_of(driver)
    prepared, drawn = driver.document.prepared, view.matrix.drawn
    assert prepared is not None
    assert drawn is not None
    values = prepared.X[:, 0] * prepared.scale[0] + prepared.center[0]
    low, high = drawn.ranges[0]
    assert low < values.min() < values.max() < high < 1.1 * values.max()
    assert [axis.title for axis in drawn.axes] == [f"{names[0]} (logarithmic)", names[1]]
    # What is dragged over is what lies there.
    area = view.matrix.cell((1, 0))
    middle = area.center().toPoint()
    QTest.mousePress(view.matrix, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view.matrix, QPoint(int(area.right()), int(area.top()) + 1))
    QTest.mouseRelease(
        view.matrix, Qt.MouseButton.LeftButton, pos=QPoint(int(area.right()), int(area.top()) + 1)
    )
    driver.qtbot.waitUntil(lambda: not driver.document.selection.is_busy)
    selected = driver.document.selection.rows
    assert selected is not None
    least = low + (high - low) * (middle.x() - area.left()) / area.width()
    mask = selected.mask[prepared.rows]
    assert mask.any()
    assert (values[mask] >= least - 1e-6).all()
    view.as_prepared.click()
    settle(driver, view)
    assert view.matrix.drawn is not None
    assert view.matrix.drawn.axes[0].title == names[0]
    assert view.matrix.drawn.ranges[0][1] > np.exp(values.max())
    # It is one choice for all views, and kept with them.
    workspace = driver.window.workspace
    assert not workspace.map.toolbar.as_prepared.isChecked()
    kept = workspace.view_state()
    view.as_prepared.click()
    settle(driver, view)
    assert view.matrix.drawn.axes[0].title == f"{names[0]} (logarithmic)"
    workspace.show_view(kept)
    assert not view.as_prepared.isChecked()


def test_cells_that_are_gone_are_not_drawn_when_axes_change(driver: Driver) -> None:
    """A copy that was exported as a figure."""
    driver.open("sample:penguins")
    copy = Cells(driver.document, LatestWorker)
    copy.close_workers()
    gone = weakref.ref(copy)
    del copy
    gc.collect()
    assert gone() is None
    driver.document.axes_scale.draw_as_prepared(False)


def test_a_click_opens_the_pair_on_the_map(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = view_of(driver)
    cell = view.matrix.cell((3, 1)).center().toPoint()
    assert "body_mass_g against bill_depth_mm" in view.matrix.tip_at(cell)
    QTest.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=cell)
    views = driver.window.workspace.views
    assert views.front() is views.map
    assert views.map.toolbar.axes == ("bill_depth_mm", "body_mass_g")


def test_columns_are_chosen_from_the_menu(driver: Driver, tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(40, MOST + 3))
    path = tmp_path / "wide.csv"
    rows = [",".join(f"{v:.5f}" for v in row) for row in values]
    path.write_text("\n".join([",".join(f"c{j}" for j in range(MOST + 3)), *rows]) + "\n")
    driver.open(path)
    view = view_of(driver)
    drawn = view.matrix.drawn
    assert drawn is not None
    assert drawn.columns == tuple(range(MOST))
    assert view.hint.text().startswith(f"{MOST} of {MOST + 3} columns. A click ")
    menu = view.columns.menu()
    assert menu is not None
    actions = menu.actions()
    actions[0].trigger()
    assert actions[-1].isEnabled()
    actions[-1].trigger()
    assert not actions[0].isEnabled()  # no more than so many at once
    settle(driver, view)
    drawn = view.matrix.drawn
    assert drawn is not None
    assert drawn.columns == (*range(1, MOST), MOST + 2)


def test_one_column_has_no_matrix(driver: Driver) -> None:
    driver.open("sample:faithful")
    view = view_of(driver)
    driver.wait(
        driver.document.prepared_changed, lambda: driver.document.ticks.set("waiting", on=False)
    )
    assert view.matrix.isHidden() or not view.matrix.isVisible()
    assert view.matrix.drawn is None


@pytest.mark.parametrize("n", [50, MOST_DOTS + 1])
def test_a_transposed_picture_is_that_of_the_axes_exchanged(qapp: object, n: int) -> None:
    x, y = np.random.default_rng(2).uniform(size=(2, n))
    x[: n // 2] *= 0.3
    size, inks = QSize(40, 40), np.zeros((1, 3))
    one = miniature(x, y, QRectF(0, 0, 1, 1), size, codes=None, inks=inks)
    other = miniature(y, x, QRectF(0, 0, 1, 1), size, codes=None, inks=inks)
    assert (painted(transposed(one, size)) == painted(other)).mean() > 0.99


def test_the_picture_of_a_row_is_where_it_lies(qapp: object) -> None:
    for n in (1, MOST_DOTS + 1):
        x, y = np.full(n, 0.25), np.full(n, 0.75)  # left and above
        image = miniature(
            x, y, QRectF(0, 0, 1, 1), QSize(80, 40), codes=None, inks=np.zeros((1, 3))
        )
        lines, columns = np.nonzero(painted(image))
        assert abs(columns.mean() - 20) < 2
        assert abs(lines.mean() - 10) < 2


def drag(view: MatrixView, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(view.matrix, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.matrix, end)
    QTest.mouseRelease(view.matrix, Qt.MouseButton.LeftButton, pos=end)


def test_a_drag_in_a_cell_selects_its_rows_and_every_cell_shows_them(driver: Driver) -> None:
    driver.open("sample:penguins")
    view, document = view_of(driver), driver.document
    opened: list[tuple[str, str]] = []
    view.pair_chosen.connect(lambda x, y: opened.append((x, y)))
    matrix, pane = view.matrix, view.matrix._pane((1, 0))
    middle = pane.area.center().toPoint()
    end = pane.area.bottomRight().toPoint() - QPoint(2, 2)
    (x0, y1), (x1, y0) = pane.units(middle.toPointF()), pane.units(end.toPointF())
    drag(view, middle, end)
    driver.qtbot.waitUntil(lambda: not document.selection.is_busy)
    settle(driver, view)
    prepared, selected = document.prepared, document.selection.rows
    assert prepared is not None
    assert selected is not None
    x, y = (prepared.center + prepared.scale * prepared.X)[:, :2].T
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    assert 0 < inside.sum() < len(inside)
    np.testing.assert_array_equal(selected.rows(), prepared.rows[inside])
    assert matrix.drawn is not None
    assert matrix.drawn.selected is not None
    assert painted(matrix.drawn.selected[0, 2]).any()
    n_painted = painted(matrix.drawn.selected[0, 2]).sum()
    assert n_painted < painted(matrix.drawn.pictures[0, 2]).sum()
    assert all(one.selected.sum() == inside.sum() for one in matrix.drawn.histograms)
    assert opened == []
    document.selection.clear()
    settle(driver, view)
    assert matrix.drawn.selected is None


def test_a_draft_gives_way_to_all_rows(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gmmdesk.ui.drawing.matrix_cells._DRAFTED", 100)
    driver.open("sample:penguins")
    view = driver.click_tab("Matrix")
    steps = []

    def noted(frame: Frame, *rest: object, **options: object) -> Drawn:
        steps.append(frame.every)
        return draw_cells(frame, *rest, **options)

    monkeypatch.setattr("gmmdesk.ui.views.matrix.cells.draw_cells", noted)
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    settle(driver, view)
    assert max(steps) > 1
    assert steps[-1] == 1
    assert view.matrix.drawn is not None
    assert view.matrix.drawn.frame.every == 1
