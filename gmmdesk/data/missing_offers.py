"""Words in columns of numbers that may stand for a missing value: the user is asked about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import Column, ColumnKind, Dataset
from gmmdesk.data.number_styles import STYLES, TYPED_WORDS
from gmmdesk.data.numbers import sample
from gmmdesk.text import joined

_MOST_OFFERS = 6
_MOST_WORDS = 3  # without a meaning of their own that one column may have
_LONGEST = 30
_LEAST_NUMBERS = 0.5  # of the filled cells, in a column that words have made text
_ANY_NUMBER = "|".join(f"(?:{style.pattern})" for style in STYLES)
_TYPED = "people type it where there is no value"
_REPEATED = "the same word again and again among numbers"


@dataclass(frozen=True, slots=True)
class MissingOffer:
    """A word that stands in `n_cells` cells of `columns`, and why it may mean "missing"."""

    word: str
    columns: tuple[str, ...]
    n_cells: int
    reason: str

    @property
    def text(self) -> str:
        """In a sentence without its end."""
        names = joined([f"'{name}'" for name in self.columns], 3)
        cells = f"{self.n_cells:,} cell{'s' * (self.n_cells != 1)}"
        return f"“{self.word}” in {names} ({cells}): {self.reason}"


def missing_offers(dataset: Dataset) -> tuple[MissingOffer, ...]:
    """The words that may stand for a missing value, the most frequent first.

    Such a word stands where a number should, and people use it so, or it comes again and again and
    is one of very few in its column. One that holds a digit (">100") says more than nothing.
    """
    places: dict[str, list[tuple[str, int]]] = {}
    for column in dataset.columns:
        if dataset.options.kind(column.name) is None:
            for word, n in _words(column):
                places.setdefault(word, []).append((column.name, n))
    found = [
        MissingOffer(
            word,
            tuple(name for name, _ in there),
            sum(n for _, n in there),
            _TYPED if word.lower() in TYPED_WORDS else _REPEATED,
        )
        for word, there in places.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.n_cells)[:_MOST_OFFERS])


def _words(column: Column) -> Iterator[tuple[str, int]]:
    """The words of one column that may be offered, and how often each is there."""
    if column.is_numeric and len(column.unreadable):
        counts = _counts(column.cells.take(pa.array(column.unreadable)))
    elif column.kind is ColumnKind.TEXT and pa.types.is_string(column.cells.type):
        if not _are_numbers_and_few_words(column):
            return
        cells = pc.utf8_trim_whitespace(column.cells)
        is_other = pc.and_not(column.cells.is_valid(), pc.match_substring_regex(cells, _ANY_NUMBER))
        counts = _counts(cells.filter(is_other))
    else:
        return
    typed = {word for word in counts if word.lower() in TYPED_WORDS}
    others = {word for word, n in counts.items() if word not in typed and _may_be_said(word, n)}
    if len(others) > _MOST_WORDS:
        others.clear()
    for word in (*sorted(typed), *sorted(others)):
        if "," not in word:  # which parts the words where they are typed
            yield word, counts[word]


def _counts(cells: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(pc.utf8_trim_whitespace(cells))
    if len(counted) > 10_000:  # free text
        return {}
    return {one["values"]: one["counts"] for one in counted.to_pylist() if one["values"]}


def _may_be_said(word: str, n: int) -> bool:
    return n > 1 and len(word) <= _LONGEST and not any(letter.isdigit() for letter in word)


def _are_numbers_and_few_words(column: Column) -> bool:
    """Whether a column of text is one of numbers but for very few words, as far as some cells tell.

    Those are no categories: there are more different numbers than words.
    """
    cells = [cell for cell in sample(column.cells) if cell not in column.missing_words]
    is_number = pc.match_substring_regex(pa.array(cells, pa.string()), _ANY_NUMBER).to_pylist()
    numbers = [cell for cell, is_one in zip(cells, is_number, strict=True) if is_one]
    words = Counter(cell for cell, is_one in zip(cells, is_number, strict=True) if not is_one)
    unknown = [word for word in words if word.lower() not in TYPED_WORDS]
    return (
        len(numbers) >= _LEAST_NUMBERS * len(cells)
        and len(unknown) <= _MOST_WORDS
        and len(set(numbers)) > max(2, 2 * len(words))
    )
