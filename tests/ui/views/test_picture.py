"""The picture and, beside it, its clusters."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from scipy.stats import multivariate_normal

from gmmdesk.data.row_set import RowSet
from gmmdesk.export.picture import clustered_picture
from gmmdesk.ui.drawing.figure import HasFigure
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.views.picture import PictureView, pixels
from tests.ui.conftest import Driver, choose

WIDTH, HEIGHT = 40, 30


@pytest.fixture
def view(driver: Driver, tmp_path) -> PictureView:
    """The view of a picture whose left half is reddish and whose right half is bluish."""
    rng = np.random.default_rng(0)
    pixels = rng.normal(40, 8, (HEIGHT, WIDTH, 3))
    pixels[:, :15, 0] += 150
    pixels[:, 15:, 2] += 150
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(tmp_path / "two.png")
    driver.open(tmp_path / "two.png")
    driver.document.change_settings("two", k_min=2, k_max=2, models=("VVV",))
    view = driver.click_tab("Picture")
    assert isinstance(view, PictureView)
    settled(driver, view)
    return view


def settled(driver: Driver, view: PictureView) -> None:
    driver.qtbot.waitUntil(lambda: not view.is_busy)


def color_at(view: PictureView, x: float, y: float, which: int) -> str:
    """The colour that is painted at a place (0 to 1) of the picture or its clusters."""
    return view.canvas.grab().toImage().pixelColor(place(view, x, y, which)).name().upper()


def place(view: PictureView, x: float, y: float, which: int) -> QPoint:
    area = view.canvas._areas()[which]
    return QPoint(int(area.left() + x * area.width()), int(area.top() + y * area.height()))


def test_a_click_on_a_pixel_chooses_its_cluster(driver: Driver, view: PictureView) -> None:
    assert view.codes is None
    driver.find()
    settled(driver, view)
    larger, smaller = driver.document.colors
    assert color_at(view, 0.8, 0.5, 1) == larger
    assert color_at(view, 0.1, 0.5, 1) == smaller
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place(view, 0.1, 0.5, 0))
    assert driver.document.current_cluster == 1
    settled(driver, view)
    assert color_at(view, 0.1, 0.5, 1) == smaller
    assert color_at(view, 0.8, 0.5, 1) != larger  # faded
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place(view, 0.1, 0.5, 1))
    assert driver.document.current_cluster is None
    driver.document.edits.recolor(1, "#123456")
    settled(driver, view)
    assert color_at(view, 0.1, 0.5, 1) == "#123456"


def test_mean_colours_are_those_of_the_exported_picture(driver: Driver, view: PictureView) -> None:
    driver.find()
    view.colors.setCurrentIndex(1)
    settled(driver, view)
    wanted = clustered_picture(driver.document.analysis)
    for x, column in ((0.1, 4), (0.8, 32)):
        shown = color_at(view, x, 0.5, 1)
        assert shown == f"#{bytes(wanted[15, column, :3].tolist()).hex().upper()}"


def test_it_goes_back_with_the_timeline(driver: Driver, view: PictureView) -> None:
    driver.document.change_settings("more", k_min=3, k_max=3)
    driver.find()
    settled(driver, view)
    answer = view.codes
    assert answer is not None
    driver.document.timeline.go_to(0)
    settled(driver, view)
    first = driver.document.timeline.colors
    assert first is not None
    then = first.scaled.parameters.reordered(first.order)
    X = driver.document.analysis.prepared.X
    densities = [
        np.log(weight) + multivariate_normal(mean, covariance).logpdf(X)
        for weight, mean, covariance in zip(then.weights, then.means, then.covariances, strict=True)
    ]
    assert view.codes is not None
    assert (view.codes.reshape(-1) == np.argmax(densities, axis=0)).all()
    driver.document.timeline.go_to(driver.document.timeline.last)
    settled(driver, view)
    assert (view.codes == answer).all()


def test_only_pictures_have_it(driver: Driver, view: PictureView, csv) -> None:
    views = driver.window.workspace.views
    assert views.shell.is_open("Picture")
    driver.open(csv)
    assert not views.shell.is_open("Picture")
    assert not view.isVisible()


def test_it_can_be_a_figure(driver: Driver, view: PictureView) -> None:
    driver.find()
    settled(driver, view)
    assert isinstance(view, HasFigure)
    figure = view.figure()
    assert figure is not None
    figure.canvas.resize(200, 90)
    image = figure.canvas.grab().toImage()
    colors = {image.pixelColor(x, 45).name().upper() for x in range(200)}
    assert set(driver.document.colors) <= colors
    figure.close()


@pytest.fixture
def shown_smaller(monkeypatch) -> None:
    """Pictures have more pixels than are shown."""
    monkeypatch.setattr(pixels, "_SHOWN", 10)


@pytest.mark.usefixtures("shown_smaller")
@pytest.mark.parametrize("which", [0, 1])
def test_a_right_click_copies_and_saves_a_picture(
    driver: Driver, view: PictureView, tmp_path, monkeypatch, which: int
) -> None:
    driver.find()
    settled(driver, view)
    at, clipboard = place(view, 0.1, 0.5, which), QGuiApplication.clipboard()
    clipboard.clear()
    path = tmp_path / "kept.png"
    monkeypatch.setattr(SaveDialog, "ask", lambda _: path)
    choose(driver.right_click(view.canvas, at), "Copy picture")
    driver.qtbot.waitUntil(lambda: not clipboard.image().isNull())
    menu = driver.right_click(view.canvas, at)
    driver.wait(driver.document.exported, lambda: choose(menu, "Save picture…"))
    copied = clipboard.image()
    assert (copied.width(), copied.height()) == (WIDTH, HEIGHT)
    larger, smaller = driver.document.colors
    with Image.open(path) as saved:
        for x, color in ((2, smaller), (30, larger)):
            pixel = saved.convert("RGB").getpixel((x, 9))
            assert QColor(*pixel) == copied.pixelColor(x, 9)
            assert (QColor(*pixel) == QColor(color)) is bool(which)


def test_pixels_that_are_not_selected_fade_in_both_pictures(
    driver: Driver, view: PictureView
) -> None:
    driver.find()
    settled(driver, view)
    middle = [(int(x * WIDTH) + 0.5) / WIDTH for x in (0.1, 0.8)]  # of pixels: edges are blurred
    upper, lower = ((int(y * HEIGHT) + 0.5) / HEIGHT for y in (0.25, 0.75))
    places = [(x, y, which) for x in middle for y in (upper, lower) for which in (0, 1)]
    before = [color_at(view, *at) for at in places]
    half = np.arange(WIDTH * HEIGHT // 2)  # pixels are rows from the top
    driver.document.selection.set(RowSet.of_rows(half, WIDTH * HEIGHT))
    settled(driver, view)
    for at, color in zip(places, before, strict=True):
        assert (color_at(view, *at) == color) == (at[1] == upper)
    driver.document.selection.clear()
    settled(driver, view)
    assert [color_at(view, *at) for at in places] == before
