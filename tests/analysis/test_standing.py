"""What a remedy has changed is told in numbers that can be compared, or not at all."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.standing import Standing, change_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import Logarithm, PrincipalComponents, parse_step
from tests.running import finish

BASE = Settings(k_min=2, k_max=2, models=("EEE",), restarts=2)


@pytest.fixture(scope="module")
def table():
    X = np.random.default_rng(4).normal(5.0, 1.0, size=(90, 2)) + np.repeat([[0], [9]], 45, axis=0)
    return read_text("a,b\n" + "\n".join(f"{a:.4f},{b:.4f}" for a, b in X) + "\n")


def test_as_many_other_rows_are_not_the_same(table):
    one, other = (
        Standing.of(
            finish(analyse(table, msgspec.structs.replace(BASE, steps=(parse_step(step),))))
        )
        for step in ("leave-out-rows 3", "leave-out-rows 4")
    )
    assert "cannot be compared" in change_in_words(one, other)


@pytest.mark.parametrize(
    ("changes", "comparable"),
    [
        ({"k_min": 3, "k_max": 3}, True),
        ({"scaling": "none"}, True),
        ({"steps": (Logarithm(columns=("a",)),)}, True),  # in the units of the file
        ({"steps": (parse_step("leave-out-rows 3"),)}, False),
        ({"columns": ("a",)}, False),
        ({"steps": (PrincipalComponents(number=1),)}, False),
    ],
)
def test_bic_is_compared_where_rows_and_columns_are_the_same(table, changes, comparable):
    before = finish(analyse(table, BASE))
    after = finish(analyse(table, msgspec.structs.replace(BASE, **changes)))
    told = change_in_words(Standing.of(before), Standing.of(after))
    assert told.startswith(f"Clusters: {after.n_clusters} (before: 2). ")
    assert ("lower is better" in told) is comparable
    assert ("cannot be compared" in told) is not comparable
    if comparable:
        assert f"BIC: {after.result.bic:,.1f} (before: {before.result.bic:,.1f}" in told
