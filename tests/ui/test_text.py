"""Names that are too long for a line."""

from __future__ import annotations

import pytest

from gmmdesk.ui.text import broken


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
