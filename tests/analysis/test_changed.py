"""What is said to have changed since an answer was found."""

from __future__ import annotations

from msgspec.structs import replace

from gmmdesk.analysis import Settings
from gmmdesk.analysis.changed import CHOICES, changed_choices


def test_every_choice_has_words():
    assert set(CHOICES) == set(Settings.__struct_fields__)


def test_a_choice_is_named_once():
    before = Settings()
    now = replace(before, k_min=2, k_max=3, seed=4)
    assert changed_choices(before, now) == ("the number of clusters", "the seed")
    assert changed_choices(before, before) == ()
