"""What the window says about an answer holds for every way to come to it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gmmdesk.analysis import Candidate
from gmmdesk.ui.panels.answer import answer_in_words


def candidate(k, bic):
    return Candidate("EEE", k, -40.0, 11, bic, bic, bic, "converged", sound=True)


def analysis(
    k,
    *,
    asked=(1, 9),
    stopped=False,
    left_out=0,
    incomplete=None,
    n_rows=10_000,
    message="",
    doubt="",
    tries=36,
    noise=None,
    near=None,
    higher=50.0,
    by_steps=(),
    held_out=None,
    keeps_density=True,
    smallest=100,
):
    """With `incomplete` rows used through the values they have; None leaves them out."""
    missing = "leave-out" if incomplete is None else "em"
    return SimpleNamespace(
        n_clusters=k,
        sizes=np.append(np.full(k - 1, 1_000), smallest),
        settings=SimpleNamespace(k_min=asked[0], k_max=asked[1], criterion="bic", missing=missing),
        result=SimpleNamespace(model="EEE", n_rows=n_rows, n_parameters=11, message=message),
        prepared=SimpleNamespace(
            n_left_out=left_out,
            n_incomplete=incomplete or 0,
            columns=("a", "b"),
            outcomes=tuple(SimpleNamespace(rows_before=n, rows_after=0) for n in by_steps),
            keeps_density=keeps_density,
        ),
        held_out=held_out,
        trust=SimpleNamespace(message=doubt),
        candidates=tuple(
            candidate(other or k, 100.0 + (i > 0) * higher)
            for i, other in enumerate((None, near, *[None] * (tries - 2))[:tries])
        ),
        best=0,
        preferred=0,
        stopped_early=stopped,
        noise=None if noise is None else SimpleNamespace(n_rows=noise),
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            analysis(3),
            "Three clusters of the same shape describe these rows best (BIC, 36 tries).",
        ),
        (
            analysis(1),
            "One group describes these rows best (BIC, 36 tries): no separate clusters.",
        ),
        (analysis(2, asked=(2, 2)), "Two clusters of the same shape, as asked."),
        (analysis(12, asked=(12, 12)), "12 clusters of the same shape, as asked."),
    ],
)
def test_verdict(case, said):
    assert answer_in_words(case) == said


@pytest.mark.parametrize(
    ("higher", "said"),
    [
        (1.94, " Four describe them just as well (BIC 1.9 higher)."),
        (3.1, " Four describe them almost as well (BIC 3.1 higher)."),
        (9.9, " Four describe them nearly as well (BIC 9.9 higher)."),
        (10.1, ""),
    ],
)
def test_another_number_that_is_nearly_as_good_is_named(higher, said):
    best = "Three clusters of the same shape describe these rows best (BIC, 36 tries)."
    assert answer_in_words(analysis(3, near=4, higher=higher)) == best + said


def test_one_group_may_be_nearly_as_good():
    said = answer_in_words(analysis(2, near=1, higher=2.5))
    assert said.endswith("One describes them almost as well (BIC 2.5 higher).")


@pytest.mark.parametrize(
    ("case", "part"),
    [
        (analysis(9), "largest number tried"),
        (analysis(3, n_rows=20), "20 rows are few for 3 clusters in 2 columns"),
        (analysis(1, n_rows=19), "19 rows are too few to tell groups from chance"),
        (analysis(3, left_out=1), "1 row left out: a cell is missing or unreadable."),
        (analysis(3, left_out=1, incomplete=0), "1 row left out: no cell holds a value."),
        (
            analysis(3, incomplete=12),
            "12 rows with missing values took part through the values they have.",
        ),
        (analysis(3, noise=1), "1 row belongs to no cluster."),
        (analysis(3, smallest=3), "Cluster 3 has only 3 rows: look at them in the table"),
        (analysis(3, noise=0), "0 rows belong to no cluster."),
        (
            analysis(3, message="Component 2 collapsed onto 3 rows (4, 5, 6)."),
            "Cluster 2 collapsed",
        ),
        (
            analysis(3, doubt="Components 2 and 3 have so few rows that the shape may be chance."),
            "Clusters 2 and 3 have so few rows",
        ),
    ],
)
def test_what_else_to_know(case, part):
    assert part in answer_in_words(case)


def test_a_stopped_search_claims_no_more_than_it_tried():
    said = answer_in_words(analysis(1, stopped=True, tries=4))
    assert said.startswith("Stopped early: one cluster, the best of 4 tries until then.")
    assert answer_in_words(analysis(3, stopped=True, tries=1)).startswith(
        "Stopped early at three clusters of the same shape: the answer could still change."
    )
