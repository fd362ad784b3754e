"""Names that are too long for a line."""

from __future__ import annotations

import pytest

from gmmdesk.ui.text import broken, words_in_two


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("age", ("age", "")),
        ("Average yearly spend", ("Average", "yearly spend")),
        ("days_since_last_order", ("days_since_", "last_order")),
        ("spend/visits", ("spend/visits", "")),
        ("Gesamtlebensdauer in Jahren", ("", "Gesamtlebensdauer in Jahren")),
        ("two  spaces here", ("two  spaces", "here")),
        ("", ("", "")),
    ],
)
def test_names_are_broken_between_words(name, lines):
    assert broken(name, len, 12) == lines


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("age", ("age",)),
        ("Where the clusters lie", ("Where the", "clusters lie")),
        ("Gesamtlebensdauer 12", ("Gesamtlebensdauer", "12")),
        ("Gesamtlebensdauer", ("Gesamtlebensdauer",)),
        ("", ("",)),
    ],
)
def test_a_name_has_two_lines_rather_than_lose_its_end(name, lines):
    assert words_in_two(name, len, 12) == lines
