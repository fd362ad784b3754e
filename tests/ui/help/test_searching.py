"""The help answers what newcomers ask, whatever way they ask it."""

from __future__ import annotations

import pytest

from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.shapes_named import SHAPES
from gmmdesk.ui.help import pages
from gmmdesk.ui.help.glossary import GLOSSARY
from gmmdesk.ui.help.searching import places, search, words_of

# Questions, and where the first answer stands: a page, and a heading of it or a word.
ANSWERS = {
    "what does VVE mean": ("shapes", "Tilted: columns go together within a cluster"),
    "nats": ("glossary", "Nat"),
    "BIC": ("glossary", "BIC"),
    "how many clusters": ("number", ""),
    "How many clusters are there?": ("number", ""),
    "what is an outlier": ("glossary", "Outlier"),
    "how do I export to Excel": ("exporting", ""),
    "save my work": ("sessions", ""),
    "open a csv file": ("opening", ""),
    "undo": ("sessions", "Undo and history"),
    "log transform": ("glossary", "Logarithm"),
    "missing values": ("glossary", "Missing values"),
    "what is a Gaussian mixture": ("glossary", "Gaussian mixture"),
    "why is a row in this cluster": ("glossary", "Why this cluster"),
    "select rows": ("selecting", "How to select"),
    "apply to new data": ("applying", ""),
    "what is k-means": ("glossary", "k-means"),
    "how sure": ("glossary", "How sure"),
    "noise": ("glossary", "Noise component"),
    "when should I not use this": ("not-for", ""),
    "print the report": ("view-report", ""),
    "change the colour of a cluster": ("view-map", "What you can do"),
    "what are the dashed ellipses": ("glossary", "Ellipse level"),
    "compare with known labels": ("view-trust", ""),
    "rename a cluster": ("view-map", "What you can do"),
    "What is K?": ("view-choose-k", ""),
    "merging clusters": ("glossary", "Merging"),
    "optima": ("glossary", "Optimum"),
    "timel": ("timeline", ""),
}


@pytest.mark.parametrize("question", ANSWERS)
def test_the_first_answer_is_the_place(question):
    first = search(question)[0]
    assert (first.place.page, first.place.heading) == ANSWERS[question]
    assert first.excerpt in first.place.paragraphs


# What is read in the window, and what it is called in the glossary.
TERMS = {
    **{label: label for label in SHAPES.values()},
    **{f"{label} ({model})": label for model, label in SHAPES.items()},
    **{one: one for one in ("Same spread", "Own spread", "BIC", "ICL", "AIC", "Component")},
    **{grade.capitalize(): "In order, to note, in doubt" for grade in Grade},
    "perhaps outliers": "Perhaps outliers, perhaps no group",
    "perhaps no group": "Perhaps outliers, perhaps no group",
    "adjoining clusters": "Adjoining clusters",
    "adjusted Rand index": "Adjusted Rand index",
    "unstable": "Unstable",
    "nats": "Nat",
}


@pytest.mark.parametrize("term", TERMS)
def test_each_term_of_the_window_is_found_in_the_glossary(term):
    assert TERMS[term] in GLOSSARY
    first = search(term)[0]
    assert first.is_complete
    assert first.place.page == pages.GLOSSARY_PAGE
    assert first.place.heading == TERMS[term]


@pytest.mark.parametrize("model", SHAPES)
def test_a_model_is_found_by_its_name_alone(model):
    """Not by words that begin so: EVE is no part of every."""
    first = search(model)[0]
    assert first.place.page in ("shapes", pages.GLOSSARY_PAGE)
    assert model in first.excerpt
    assert f"({model})" in GLOSSARY[SHAPES[model]] or f", {model})" in GLOSSARY[SHAPES[model]]


def test_the_excerpt_has_the_words():
    assert "VVE: same direction" in search("what does VVE mean")[0].excerpt


def test_order_case_and_small_words_do_not_matter():
    def found(question):
        return [one.place for one in search(question)]

    assert found("ERROR typing") == found("what is a typing error") != []
    assert words_of("How many clusters?") == ("clusters",)
    assert words_of("what is it") == ("what", "is", "it")


def test_what_is_not_there_is_found_as_nearly_as_can_be():
    assert not search("xyzzy")
    assert not search(" ")
    nearest = search("geyser xyzzy")
    assert nearest[0].place.page == "example-faithful"
    assert not any(one.is_complete for one in nearest)
    assert all(one.is_complete for one in search("geyser"))


def test_every_page_and_every_word_is_a_place():
    assert {one.page for one in places()} == set(pages.PAGES)
    assert all(any(one.paragraphs) for one in places())
    assert len({one.name for one in places() if one.page == pages.GLOSSARY_PAGE}) > 70
