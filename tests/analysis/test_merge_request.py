"""What the command line asks to merge, from a text and back."""

from __future__ import annotations

import pytest

from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.merge_request import MergeRequest, merge_command, parse_merge
from gmmdesk.errors import UsageError


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("auto", MergeRequest()),
        ("3", MergeRequest(n_clusters=3)),
        ("1+3", MergeRequest(together=((1, 3),))),
        ("1+3, 5+2+7", MergeRequest(together=((1, 3), (5, 2, 7)))),
    ],
)
def test_a_text_says_what_to_merge(text, request_):
    assert parse_merge(text) == request_
    assert request_.is_automatic == (text == "auto")


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "some", "auto ", "1+", "1+1", "1+2,2+3", "1+3,1+3", "0+1", "1+1x", "1,2", "-1"),
        *("1.5", "\u0663", "9" * 5000, "1+" + "9" * 5000),
    ],
)
def test_what_says_nothing_is_refused_in_few_words(text):
    with pytest.raises(UsageError) as caught:
        parse_merge(text)
    assert len(str(caught.value)) < 200


def test_a_grouping_as_a_text():
    assert merge_command(Grouping((0, 1, 0, 2, 1), (0, 1, 3))) == "1+3,2+5"
