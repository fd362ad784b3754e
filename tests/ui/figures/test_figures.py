"""Figures of every view, by the menu, as PNG, SVG and PDF."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget

from gmmdesk.ui.figures import dialog as dialogs
from gmmdesk.ui.figures.dialog import FigureDialog
from gmmdesk.ui.figures.options import FigureOptions, last_options, remember_options
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.views.map import MapView
from gmmdesk.ui.views.matrix import Matrix
from tests.ui.conftest import Driver

VIEWS = ("Map", "Matrix", "Densities", "Certainty", "Choose K", "Convergence")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def iris(driver: Driver) -> Driver:
    driver.open("sample:iris")
    driver.document.change_settings("quick", k_min=2, k_max=3, models=("VVV", "EEE"), restarts=1)
    driver.find()
    return driver


def show(driver: Driver, view: str) -> None:
    shown = driver.click_tab(view)
    driver.qtbot.waitUntil(lambda: not getattr(shown, "is_busy", False))


def open_dialog(driver: Driver, view: str = "Map") -> FigureDialog:
    if view != "Convergence":
        show(driver, view)
    driver.window.actions_.export_figure.trigger()
    dialog = driver.window.findChild(FigureDialog)
    assert dialog is not None
    if view == "Convergence":
        dialog.view.setCurrentIndex(1)
    driver.qtbot.waitUntil(lambda: not dialog.is_busy)
    assert dialog.preview.is_shown
    return dialog


def close(driver: Driver, dialog: FigureDialog) -> None:
    dialog.reject()
    driver.qtbot.waitUntil(lambda: not driver.window.findChildren(FigureDialog))


@pytest.fixture
def save(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[FigureDialog, str], Path]:
    def save(dialog: FigureDialog, name: str) -> Path:
        path = tmp_path / name
        monkeypatch.setattr(dialogs, "choose_figure_path", lambda *_: path)
        driver.wait(driver.document.exported, dialog.save.click)
        driver.qtbot.waitUntil(lambda: not driver.window.findChildren(FigureDialog))
        return path

    return save


def texts(path: Path) -> list[str]:
    return ["".join(one.itertext()).strip() for one in ET.parse(path).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("Map", {"petal_length_cm", "Cluster 1", "Cluster 2"}),
        ("Matrix", {"petal_", "Cluster 2"}),
        ("Densities", {"sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"}),
        ("Certainty", {"How sure (%)", "100", "Cluster 1"}),
        ("Choose K", {"Number of clusters", "BIC (lower is better)", "2", "3", "Other shapes"}),
        ("Convergence", {"Iteration", "Log-likelihood (nats)", "This fit"}),
    ],
)
def test_every_view_is_saved_with_its_text_as_text(
    iris: Driver, save: Any, view: str, words: set[str]
) -> None:
    path = save(open_dialog(iris, view), "figure.svg")
    found = " ".join(texts(path))
    assert all(word in found for word in words), found
    root = ET.parse(path).getroot()
    assert (root.get("width"), root.get("height")) == ("85mm", "64mm")
    left, top, width, height = map(float, str(root.get("viewBox")).split())
    assert (left, top) == (0, 0)
    assert (width, height) == (
        pytest.approx(85 / 25.4 * 72, 1e-4),
        pytest.approx(64 / 25.4 * 72, 1e-4),
    )


def test_rows_of_the_map_are_shapes_in_a_drawing(iris: Driver, save: Any) -> None:
    root = ET.parse(save(open_dialog(iris), "map.svg")).getroot()
    discs = len([*root.iter(f"{SVG}circle"), *root.iter(f"{SVG}ellipse")])
    analysis = iris.document.analysis
    assert analysis is not None
    assert discs >= analysis.sizes[0]  # of the first cluster
    assert discs < 150
    assert len(list(root.iter(f"{SVG}path"))) >= 150 - discs
    assert not list(root.iter(f"{SVG}image"))


def test_a_page_has_its_size_and_its_fonts(iris: Driver, save: Any) -> None:
    content = save(open_dialog(iris), "map.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert box is not None
    assert [float(side) for side in box.groups()] == [241, 181]  # whole points
    assert b"/FontFile2" in content  # embedded
    assert b"/ToUnicode" in content  # and to be searched and copied
    assert b"/Subtype /Image" not in content


def test_a_picture_has_its_pixels_and_its_resolution(iris: Driver, save: Any) -> None:
    dialog = open_dialog(iris)
    dialog.unit.setCurrentText("inch")
    dialog.width_box.setValue(3.0)
    dialog.height_box.setValue(2.0)
    dialog.dpi.setValue(250)
    assert dialog.hint.text() == "750 × 500 pixels as PNG"
    assert dialog.preset.currentText() == "Own size"
    image = QImage(str(save(dialog, "map.png")))
    assert (image.width(), image.height()) == (750, 500)
    assert image.dotsPerMeterX() * 0.0254 == pytest.approx(250, abs=0.1)
    last = last_options()
    assert (last.width, last.height) == pytest.approx((76.2, 50.8))
    assert last.dpi == 250


def test_pixels_stay_when_the_resolution_changes(iris: Driver) -> None:
    dialog = open_dialog(iris)
    dialog.unit.setCurrentText("px")
    dialog.width_box.setValue(900)
    dialog.height_box.setValue(600)
    dialog.dpi.setValue(150)
    pixels = dialog.options().pixels
    assert (pixels.width(), pixels.height()) == (900, 600)
    close(iris, dialog)


def test_title_and_legend_are_there_or_not(iris: Driver, save: Any) -> None:
    dialog = open_dialog(iris)
    dialog.has_title.click()
    dialog.title_line.setText("Irises <of> three & more")
    dialog.legend.click()
    found = texts(save(dialog, "map.svg"))
    assert "Irises <of> three & more" in found
    assert "Cluster 1" not in found


def test_names_and_colours_that_were_given_are_in_the_legend(iris: Driver, save: Any) -> None:
    iris.document.edits.rename(0, "Setosa")
    iris.document.edits.recolor(0, "#123456")
    path = save(open_dialog(iris), "map.svg")
    assert "Setosa" in texts(path)
    assert "#123456" in path.read_text()


def test_a_figure_is_light_in_a_dark_window_unless_it_is_to_be_dark(
    iris: Driver, save: Any
) -> None:
    from gmmdesk.ui import theme

    theme.set_scheme("dark")
    try:
        light = QImage(str(save(open_dialog(iris), "light.png")))
        dialog = open_dialog(iris)
        dialog.dark.click()
        dark = QImage(str(save(dialog, "dark.png")))
    finally:
        theme.set_scheme("light")
    assert light.pixelColor(1, 1).name() == "#ffffff"
    assert dark.pixelColor(1, 1).lightness() < 64


@pytest.mark.parametrize("name", ["map.svg", "map.pdf", "map.png"])
def test_what_cannot_be_written_is_said_once(
    iris: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    dialog = open_dialog(iris)
    monkeypatch.setattr(dialogs, "choose_figure_path", lambda *_: tmp_path / "none" / name)
    assert "does not exist" in iris.message(dialog.save.click)
    assert list(tmp_path.glob("**/*map*")) == []


def test_too_many_pixels_are_refused_in_words(
    iris: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remember_options(FigureOptions(500, 500, 600))
    dialog = open_dialog(iris)
    monkeypatch.setattr(dialogs, "choose_figure_path", lambda *_: tmp_path / "map.png")
    assert "lower resolution" in iris.message(dialog.save.click)
    assert list(tmp_path.glob("*.png")) == []


def test_the_view_in_front_is_copied_by_the_menu(iris: Driver) -> None:
    remember_options(replace(FigureOptions(), dpi=100))
    QGuiApplication.clipboard().clear()
    iris.wait(iris.window.figures.copied, iris.window.actions_.copy_figure.trigger)
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (335, 252)
    assert iris.window.statusBar().currentMessage() == "The figure is on the clipboard."


def test_the_dialog_copies_too(iris: Driver) -> None:
    dialog = open_dialog(iris, "Choose K")
    iris.wait(iris.window.figures.copied, dialog.copy.click)
    assert QGuiApplication.clipboard().image().width() == 1004
    close(iris, dialog)


def test_before_a_fit_there_is_a_map_and_no_curve(driver: Driver) -> None:
    assert not driver.window.actions_.export_figure.isEnabled()
    driver.open("sample:iris")
    dialog = open_dialog(driver)
    assert [dialog.view.itemText(i) for i in range(dialog.view.count())] == ["Map"]
    close(driver, dialog)
    show(driver, "Table")
    assert "another view" in driver.message(driver.window.actions_.export_figure.trigger)


def test_many_rows_are_a_picture_of_the_resolution_inside_a_drawing(
    driver: Driver, save: Any
) -> None:
    driver.open("sample:blobs?n=30000&k=2")
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    dialog = open_dialog(driver)
    path = save(dialog, "map.svg")
    (_image,) = ET.parse(path).iter(f"{SVG}image")
    assert {"x1", "x2"} <= set(texts(path))


def test_nothing_is_left_of_a_dialog(iris: Driver) -> None:
    for view in ("Map", "Matrix"):
        close(iris, open_dialog(iris, view))

    def left() -> list[QWidget]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, Plot | MapView | Matrix)]

    iris.qtbot.waitUntil(lambda: not left())


def test_settings_that_cannot_be_read_are_the_defaults() -> None:
    for broken in ("", "{", '{"width": -1}', '{"dpi": "many"}'):
        QSettings().setValue("figure", broken)
        assert last_options() == FigureOptions()
    QSettings().remove("figure")
