"""The pages lead to pages, words, samples and pictures that there are, and the words are used."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu

import gmmdesk.ui
from gmmdesk.analysis.doubts import doubt_in_words
from gmmdesk.analysis.headline import headline
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.sample_table import SAMPLES
from gmmdesk.engine import MODELS
from gmmdesk.ui import theme
from gmmdesk.ui.help import pages, shapes, sketches
from gmmdesk.ui.help.glossary import GLOSSARY, tip
from gmmdesk.ui.help.searching import search
from gmmdesk.ui.panels import model_panel
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.fields import fields_of
from gmmdesk.ui.view_list import VIEWS
from tests.analysis import test_headline as verdicts

LINK = re.compile(r"\]\((\w+):([^)]+)\)")


@pytest.mark.parametrize("name", pages.PAGES)
def test_links_lead_somewhere(name):
    known = {
        "page": pages.PAGES,
        "term": [term.replace(" ", "_") for term in GLOSSARY],
        "sample": SAMPLES,
        "model": MODELS,
        "sketch": sketches.SKETCHES,
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


def test_every_view_has_a_page_and_every_sketch_is_on_one():
    assert [pages.PAGES[kind.page] for kind in VIEWS] == [kind.title for kind in VIEWS]
    texts = [pages.text_of(name) for name in pages.PAGES]
    shown = {
        target for text in texts for scheme, target in LINK.findall(text) if scheme == "sketch"
    }
    assert shown == set(sketches.SKETCHES)


def test_following_next_leads_through_the_pages():
    """From the first one to the last before the examples."""
    name, seen = pages.FIRST, []
    while name != pages.GLOSSARY_PAGE:
        seen.append(name)
        (name,) = re.findall(r"^Next: .*\(page:([^)]+)\)$", pages.text_of(name), re.MULTILINE)
    sections = (pages.SECTIONS[one] for one in ("To begin with", "The views", "Working"))
    assert seen == [name for section in sections for name in section]


def test_what_pages_quote_of_the_menus_is_there(driver):
    """Bold words with > between them are a menu and what stands in it."""
    driver.open("sample:faithful")
    entries = {
        f"{menu.title()} > {action.text()}".replace("&", "").replace("…", "")
        for menu in driver.window.menuBar().findChildren(QMenu)
        for action in menu.actions()
    }
    menus = {entry.partition(" > ")[0] for entry in entries}
    quoted = {
        words
        for name in pages.PAGES
        for words in re.findall(r"\*\*([A-Z][^*\]\[]* > [^*\]\[]*)\*\*", pages.text_of(name))
        if words.partition(" > ")[0] in menus - {"Layers"}
    }
    assert len(quoted) > 8
    assert quoted <= entries


def test_conditions_on_the_page_of_the_table_are_understood():
    table = read_text("income,region,age,price > cost\n60000,Far North,,yes\n1,South,3,no\n")
    examples = re.findall(r"`([^`]+)`", pages.text_of("view-table"))
    assert len(examples) > 3
    for example in examples:
        if "cluster" not in example:
            found = Wanted(example).rows(fields_of(table, None, ()), table.n_rows)
            assert found.tolist() == [True, False], example


def test_pages_are_short():
    for name in set(pages.PAGES) - {pages.GLOSSARY_PAGE}:
        assert len(pages.text_of(name).splitlines()) < 80


def test_every_word_is_a_tooltip_or_explained_on_a_page():
    sources = "\n".join(path.read_text() for path in Path(gmmdesk.ui.__file__).parent.rglob("*.py"))
    in_tips = set(re.findall(r"""\btip\(["']([^"']+)["']\)""", sources))
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
@pytest.mark.parametrize("name", sketches.SKETCHES)
def test_sketches_are_drawn_within_their_edges(qapp, name, dark):
    image = sketches.picture(name, theme.palette(dark=dark))
    wide, high = sketches.WIDTH, sketches.HEIGHT
    edge = [image.pixelColor(x, y) for x in range(wide) for y in (0, high - 1)]
    edge += [image.pixelColor(x, y) for x in (0, wide - 1) for y in range(high)]
    assert all(color.alpha() == 0 for color in edge)
    assert any(image.pixelColor(x, high // 2).alpha() for x in range(wide))


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


# Words of the verdict that mean nothing else than they always do.
EVERYDAY = {"brought", "widely"}


def test_the_verdict_that_a_page_quotes_is_told_in_these_words():
    quoted = re.search(r'"(Perhaps [^"]+)"', pages.text_of("number"))
    assert (
        headline(replace(verdicts.verdict("some", 0, "", ""), groups=(0, 0, 1))) == f"{quoted[1]}."
    )


def test_the_search_finds_every_word_of_the_verdict():
    """Whoever does not know one finds where it is explained."""
    told = [
        verdict_in_words(
            replace(
                verdicts.verdict(claim, unstable, unsure, doubts),
                at_end="upper",
                unfinished=1000,
                grouping=grouping,
            )
        ).text
        for claim, groups in verdicts.CLAIMS.items()
        for unstable, unsure, doubts in itertools.product((0, 1), verdicts.UNSURE, verdicts.DOUBTS)
        for grouping in (None, verdicts.with_a_part_more(len(groups)))
    ]
    kinds = ("collapsed", "kept", "guarded", "one value", "few", "flat", "scattered", "handful")
    told += [doubt_in_words(verdicts.doubted(kind, 1).doubt, "AB") for kind in kinds]
    words = {word for text in told for word in re.findall(r"[A-Za-z][a-z-]{2,}|[A-Z]{3}", text)}
    assert {"resamples", "restarts", "halves", "gaps", "BIC", "converged", "scattered"} <= words
    assert {word for word in words if not search(word)} == EVERYDAY
    assert "number" in [one.place.page for one in search("spurious")]
