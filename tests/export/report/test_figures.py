"""Figures of a report: all rows are in them, whatever their number, and they stay small."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.export.report import svg
from gmmdesk.export.report.figures import comparison, densities, sizes
from gmmdesk.export.report.row_map import CELL, MOST_DOTS, row_map
from gmmdesk.export.report.style import DARK, LIGHT, WIDTH
from tests.export.conftest import make_analysis

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("First", "Second")


def made(n: int, **more):
    random = np.random.default_rng(5)
    x, y = random.normal(size=n), random.normal(size=n)
    x[0], y[0] = 60.0, -45.0  # one far from all others
    return make_analysis({"x": x.tolist(), "y": y.tolist()}, ["x", "y"], **more)


def drawn(figure, style=LIGHT):
    return ET.fromstring(figure.draw(style.with_clusters(("#0072B2", "#E69F00"))))


def marks(root):
    """The paths of dots and squares: how many there are of each."""
    paths = [one.get("d", "") for one in root.iter(f"{SVG}path")]
    dots = sum(path.count("h.01") for path in paths)
    squares = sum(path.count("z") for path in paths)
    return dots, squares


def test_few_rows_are_dots_each():
    assert marks(drawn(row_map(made(400), NAMES))) == (400, 0)


def test_an_ellipse_of_too_few_rows_is_dashed_and_the_caption_says_why():
    figure = row_map(made(6), NAMES)  # four rows and two
    dashed = [one for one in drawn(figure).iter(f"{SVG}path") if one.get("stroke-dasharray")]
    assert len(dashed) == 1
    assert "dashed ellipse" in figure.caption


def test_many_rows_are_counted_and_the_stray_one_is_still_there():
    n = MOST_DOTS + 5_000
    root = drawn(row_map(made(n), NAMES))
    dots, squares = marks(root)
    assert dots == 0
    assert 100 < squares < n
    corners = [
        (float(x), float(y))
        for path in root.iter(f"{SVG}path")
        if "z" in path.get("d", "")
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)h", path.get("d", ""))
    ]
    far = max(corners)
    others = sorted(corners)[:-1]
    assert far[0] > others[-1][0] + 100.0


def test_a_map_cannot_grow_beyond_its_squares():
    """Every square drawn, each in its longest form: the bound for any number of rows."""
    height = drawn(row_map(made(50), NAMES)).get("height")
    n_squares = (WIDTH // CELL + 1) * (float(height) // CELL + 1)
    assert n_squares * len("M636 366h3v3h-3z") < 600_000


def test_bars_hold_every_row():
    figure = densities(made(500))
    assert figure is not None
    root = drawn(figure)
    assert len(list(root.iter(f"{SVG}rect"))) > 20
    titles = [one.text for one in root.iter(f"{SVG}text") if one.get("font-weight") == "bold"]
    assert sorted(titles) == ["x", "y"]


def test_sizes_add_up_to_the_rows():
    analysis = made(300, noise=0.1)
    root = drawn(sizes(analysis, NAMES))
    told = [one.text or "" for one in root.iter(f"{SVG}text")]
    counts = [int(text) for text in told if text.isdigit()]
    assert sum(counts) == 300
    assert counts[:2] == analysis.sizes.tolist()


def test_one_number_of_clusters_is_no_comparison():
    assert comparison(made(60)) is None


def test_lines_that_go_on_above_the_picture_are_told():
    analysis = made(40)

    def caption(*values):
        one = analysis.candidates[0]
        tried = tuple(
            replace(one, n_components=k, bic=value, icl=value) for k, value in enumerate(values, 1)
        )
        return comparison(replace(analysis, candidates=tried, best=0)).caption

    assert "go on above the picture" in caption(0.0, 1.0, 2.0, 1000.0)
    assert "go on above the picture" not in caption(0.0, 1.0, 2.0, 3.0)


def test_one_column_has_no_map():
    analysis = make_analysis({"x": np.random.default_rng(0).normal(size=50).tolist()}, ["x"])
    assert row_map(analysis, NAMES) is None


@pytest.mark.parametrize("style", [LIGHT, DARK])
def test_text_is_text_and_in_the_ink_of_the_style(style):
    root = drawn(row_map(made(60), ("<b>", "Second \x07")), style)
    texts = {one.text: one.get("fill") for one in root.iter(f"{SVG}text")}
    assert texts["<b>"] == style.ink
    assert texts["x"] == style.ink


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-3.2, 7.9), (1e6, 1.0003e6), (1e-7, 5e-7), (-4e12, 9e12)]
)
def test_ticks_are_round_and_within(low, high):
    told = svg.Scale(low, high, 0.0, 300.0).ticks(50.0)
    ticks = [tick for tick, _words in told]
    assert 2 <= len(ticks) <= 7
    assert all(low - 1e-9 * abs(low) <= tick <= high + 1e-9 * abs(high) for tick in ticks)
    steps = np.diff(ticks)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert len({words for _tick, words in told}) == len(ticks)


def test_a_line_is_as_it_was_without_the_points_that_nobody_sees():
    x = np.linspace(0.0, 700.0, 400)
    y = 120.0 - 100.0 * np.exp(-0.5 * ((x - 350.0) / 12.0) ** 2)
    drawing = svg.Drawing(700, 140, "A peak")
    drawing.polyline(np.stack([x, y], axis=1), "#000000", 1.0)
    path = ET.fromstring(drawing.svg()).find(f"{SVG}path").get("d")
    told = np.array([[float(v) for v in one.split()] for one in re.split("[ML]", path)[1:]])
    assert len(told) < 80
    assert told[0].tolist() == [0.0, 120.0]
    assert told[-1].tolist() == [700.0, 120.0]
    assert np.abs(np.interp(x, told[:, 0], told[:, 1]) - y).max() <= 0.11
