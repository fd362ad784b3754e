"""Where the help answers a question: the places that have its words, the likeliest first."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import NamedTuple

from gmmdesk.ui.help import pages

_WORD = re.compile(r"\w+(?:-\w+)*")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*_`#|]")  # of Markdown; a link leaves its words
_ENDINGS = (
    *("ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "e", "y"),
    *("um", "a"),  # as of optima
)
_LEAST_STEM = 3  # letters that an ending leaves
# Words of questions, that say nothing about what is asked.
_SMALL = """
    a about all am an and any are as at be but by can could did do does doing for from get give
    had has have help her here his how i if in into is it its just like make mean meaning means
    me most much many my need not of off on one or other our out please possible set shall she
    should show so some tell than that the their them then there these they thing this those to
    up us use used using want was way we what when where which who why will with without word
    would work you your
    """
_STOP = frozenset(_SMALL.split())
# Weights of a word by where it stands; and of all that was typed, one word after the other.
_IN_TERM, _IN_HEADING, _IN_TITLE, _IN_TEXT = 6.0, 4.0, 3.0, 1.0
_BEGUN = 0.5  # of that, where words only begin so
_MORE, _ENOUGH = 0.3, 3  # for each paragraph more that has it, up to so many
_TOGETHER = 2.0  # where one paragraph has all words
_AS_NAME, _IN_NAME, _ASKED_SO = 25.0, 6.0, 0.5
_MOST = 12  # places


class Place(NamedTuple):
    """A part of a page under a heading of its own ("" for its beginning), and its paragraphs."""

    page: str
    heading: str
    paragraphs: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the place is called: a word of the glossary, or the page and the heading."""
        if self.page == pages.GLOSSARY_PAGE:
            return self.heading or pages.PAGES[self.page]
        title = pages.PAGES[self.page]
        return f"{title}: {self.heading}" if self.heading else title


class Found(NamedTuple):
    """A place, the paragraph of it that answers best, and whether all words are there."""

    place: Place
    excerpt: str
    is_complete: bool


@cache
def places() -> tuple[Place, ...]:
    """Every place of every page."""
    found = []
    for page in pages.PAGES:
        heading, paragraphs = "", list[str]()
        for part in (*pages.text_of(page).split("\n\n"), "# "):
            if part.startswith("#"):
                if paragraphs:
                    found.append(Place(page, heading, tuple(paragraphs)))
                level, _, text = part.partition(" ")
                heading, paragraphs = (text if len(level) > 1 else ""), []
            elif not part.startswith("Next: "):  # which leads elsewhere
                lines = _PICTURE.sub("", part).split("\n- ")
                plain = (_MARKUP.sub(r"\1", line).strip("- \n") for line in lines)
                paragraphs += [line for line in plain if line]
    return tuple(found)


def words_of(question: str) -> tuple[str, ...]:
    """The words that a question is about; all of them where it has no others."""
    typed = _words(question)
    return tuple(word for word in typed if word not in _STOP) or typed


def search(question: str) -> list[Found]:
    """The places that answer a question, the likeliest first.

    Those with all of its words, or else those that come nearest.
    """
    wanted = tuple(dict.fromkeys(map(_stem, words_of(question))))
    if not wanted:
        return []
    rarity = {stem: _rarity(stem) for stem in wanted}
    scored = []
    for place in places():
        weights = {stem: _weight(stem, place) for stem in wanted}
        n_matched = sum(weight > 0.0 for weight in weights.values())
        if n_matched:
            score = sum(rarity[stem] * weight for stem, weight in weights.items())
            together = max(sum(_has(stem, one) for stem in wanted) for one in place.paragraphs)
            score += _TOGETHER * together / len(wanted)
            score = score * (n_matched / len(wanted)) ** 2 + _named(question, place)
            scored.append((n_matched == len(wanted), score, place))
    scored.sort(key=lambda one: (-one[0], -one[1]))
    if scored and scored[0][0]:
        scored = [one for one in scored if one[0]]
    return [
        Found(place, _excerpt(place, wanted), is_complete)
        for is_complete, _score, place in scored[:_MOST]
    ]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


@cache
def _stem(word: str) -> str:
    """A word without its ending: the same for "cluster", "clusters" and "clustering"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word.removesuffix(ending)
    return word


@cache
def _stems(text: str) -> frozenset[str]:
    """Of the words in a text, and of the parts of those that a hyphen joins."""
    words = _words(text)
    parts = [part for word in words for part in word.split("-") if len(part) >= _LEAST_STEM]
    return frozenset(map(_stem, (*words, *parts)))


def _has(stem: str, text: str) -> bool:
    """Whether a word of the text begins so: what is typed may not be complete yet."""
    stems = _stems(text)
    return stem in stems or (
        len(stem) >= _LEAST_STEM and any(other.startswith(stem) for other in stems)
    )


@cache
def _whole(place: Place) -> str:
    return "\n".join((pages.PAGES[place.page], place.heading, *place.paragraphs))


@cache
def _rarity(stem: str) -> float:
    """Of a word: the fewer places have it, the more it says."""
    n_having = sum(_has(stem, _whole(place)) for place in places())
    return math.log(1.0 + len(places()) / (1.0 + n_having))


def _weight(stem: str, place: Place) -> float:
    """How much it means that a word is at a place; 0 where it is not.

    In a heading or a title the more, the fewer others these have.
    """
    n_there = sum(_has(stem, one) for one in place.paragraphs)
    weights = [_IN_TEXT + _MORE * min(n_there - 1, _ENOUGH) if n_there else 0.0]
    most = _IN_TERM if place.page == pages.GLOSSARY_PAGE else _IN_HEADING
    title = pages.PAGES[place.page]
    for name, weight in ((place.heading, most), (title, 0.0 if place.heading else _IN_TITLE)):
        if _has(stem, name):
            weights.append(_IN_TEXT + max(0.0, weight - _IN_TEXT) / len(words_of(name)))
    return max(weights) * (1.0 if stem in _stems(_whole(place)) else _BEGUN)


def _named(question: str, place: Place) -> float:
    """How much the name of a place is what was typed, small words and all."""
    typed, about = _words(question), words_of(question)
    name = _words(place.name)
    if name in (typed, about):
        return _AS_NAME
    joined, asked = f" {' '.join(name)} ", f" {' '.join(typed)} "
    is_part = asked in joined or (len(name) > 1 and joined in asked)
    bonus = _IN_NAME if is_part else 0.0
    return bonus + _ASKED_SO * len(set(typed) & set(name))


def _excerpt(place: Place, wanted: tuple[str, ...]) -> str:
    """The paragraph with most of the words, the first of several."""
    return max(place.paragraphs, key=lambda one: sum(_has(stem, one) for stem in wanted))
