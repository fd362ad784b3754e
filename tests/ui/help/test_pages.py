"""The pages lead to pages, words, samples and pictures that there are, and the words are used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

import gmmdesk.ui
from gmmdesk.data.sample_table import SAMPLES
from gmmdesk.engine import MODELS
from gmmdesk.ui import theme
from gmmdesk.ui.help import pages, shapes
from gmmdesk.ui.help.glossary import GLOSSARY, tip
from gmmdesk.ui.panels import model_panel

LINK = re.compile(r"\]\((\w+):([^)]+)\)")


@pytest.mark.parametrize("name", pages.PAGES)
def test_links_lead_somewhere(name):
    known = {
        "page": pages.PAGES,
        "term": [term.replace(" ", "_") for term in GLOSSARY],
        "sample": SAMPLES,
        "model": MODELS,
        "do": ["slow-motion", "first-analysis"],
    }
    text = pages.text_of(name)
    assert text.startswith("# ")
    assert "](http" not in text
    for scheme, target in LINK.findall(text):
        assert target in known[scheme], f"{scheme}:{target}"


def test_every_page_can_be_reached_and_every_sample_has_one():
    written = Path(gmmdesk.ui.__file__).parents[1] / "resources" / "help"
    assert {path.stem for path in written.glob("*.md")} == set(pages.PAGES) - {"glossary"}
    assert {f"example-{name}" for name in SAMPLES} <= set(pages.PAGES)
    assert set(re.findall(r"model:(\w+)", pages.text_of("shapes"))) == set(MODELS)


def test_pages_are_short():
    for name in set(pages.PAGES) - {pages.GLOSSARY_PAGE}:
        assert len(pages.text_of(name).splitlines()) < 80


def test_every_word_is_a_tooltip_or_explained_on_a_page():
    sources = "\n".join(path.read_text() for path in Path(gmmdesk.ui.__file__).parent.rglob("*.py"))
    in_tips = set(re.findall(r"""tip\(["']([^"']+)["']\)""", sources))
    in_tips |= set(re.findall(r"""GLOSSARY\[["']([^"']+)["']\]""", sources))
    in_tips |= {shape.name for shape in model_panel.SHAPES}
    linked = {
        target.replace("_", " ")
        for name in pages.PAGES
        for scheme, target in LINK.findall(pages.text_of(name))
        if scheme == "term"
    }
    assert set(GLOSSARY) - in_tips - linked == set()
    assert in_tips <= set(GLOSSARY)


def test_controls_say_what_the_glossary_says(driver):
    panel = driver.window.workspace.model_panel
    tips = {child.toolTip() for child in panel.findChildren(model_panel.QWidget)}
    for term in ("Criterion", "Scale", "Prior", "Noise component", "Search over numbers"):
        assert tip(term) in tips
        assert f"### {term}\n\n{tip(term)}." in pages.text_of(pages.GLOSSARY_PAGE)


def test_words_are_found_in_any_order():
    assert pages.with_words("NETWORK-of-nothing") == []
    assert "pitfalls" in pages.with_words("typing ERROR")
    assert pages.with_words("error typing") == pages.with_words("typing ERROR")
    assert pages.with_words("") == list(pages.PAGES)


@pytest.mark.parametrize("model", MODELS)
def test_letters_say_what_the_clusters_share(model):
    across, along, angles = zip(*(shapes.half_axes(model, i) for i in range(3)), strict=True)
    sizes = {round(a * b, 6) for a, b in zip(across, along, strict=True)}
    stretches = {round(a / b, 6) for a, b in zip(across, along, strict=True)}
    parts = ((sizes, None), (stretches, 1.0), (set(angles), 0.0))
    for letter, (found, none) in zip(model, parts, strict=True):
        assert len(found) == (3 if letter == "V" else 1)
        assert (found == {none}) is (letter == "I")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_pictures_hold_three_whole_clusters(model, dark):
    image = shapes.picture(model, theme.palette(dark=dark))
    edge = [image.pixelColor(x, y) for x in range(shapes.WIDTH) for y in (0, shapes.HEIGHT - 1)]
    edge += [image.pixelColor(x, y) for x in (0, shapes.WIDTH - 1) for y in range(shapes.HEIGHT)]
    assert all(color.alpha() == 0 for color in edge)
    hues = {
        QColor(image.pixelColor(x, y)).hue() // 20
        for x in range(shapes.WIDTH)
        for y in range(shapes.HEIGHT)
        if image.pixelColor(x, y).alpha() > 200
    }
    assert len(hues) >= 3
