"""What the window says about an answer holds for every way to come to it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gmmdesk.analysis import Verdict
from gmmdesk.analysis.verdict import Choice
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.engine import Resampled
from gmmdesk.export.answer import answer_of

VERDICT = Verdict(
    groups=(0, 1, 2),
    sizes=(70, 50, 30),
    model="EEE",
    criterion="bic",
    choice=Choice.SEARCHED,
    n_tried=36,
    n_starts=3,
    n_agreeing=3,
)


def analysis(
    k,
    *,
    left_out=0,
    incomplete=None,
    n_rows=10_000,
    guard="",
    noise=None,
    by_steps=(),
    held_out=None,
    keeps_density=True,
):
    """With `incomplete` rows used through the values they have; None leaves them out."""
    missing = "leave-out" if incomplete is None else "em"
    result = SimpleNamespace(
        model="EEE",
        n_rows=n_rows,
        n_parameters=11,
        guard_message=guard,
        n_components=k,
    )
    return SimpleNamespace(
        n_clusters=k,
        sizes=np.full(k, 1_000),
        settings=SimpleNamespace(missing=missing, start=None),
        result=result,
        as_told=result,
        prepared=SimpleNamespace(
            n_left_out=left_out,
            n_incomplete=incomplete or 0,
            columns=("a", "b"),
            outcomes=tuple(SimpleNamespace(rows_before=n, rows_after=0) for n in by_steps),
            keeps_density=keeps_density,
        ),
        held_out=held_out,
        verdict=VERDICT,
        doubts=(SimpleNamespace(kind="guarded", single=None),) if guard else (),
        stopped_early=False,
        grouping=None,
        known=None,
        noise=None if noise is None else SimpleNamespace(n_rows=noise),
    )


def test_the_verdict_comes_first():
    assert answer_of(analysis(3)) == verdict_in_words(VERDICT)
    resampled = Resampled((1.0, 0.2))
    assert "in 1 of 2 resamples" in answer_of(analysis(3), resampled=resampled).text


@pytest.mark.parametrize(
    ("case", "part"),
    [
        (analysis(3, n_rows=20), "20 rows are few for 3 clusters in 2 columns"),
        (analysis(1, n_rows=19), "19 rows are too few to tell groups from chance"),
        (analysis(3, left_out=1), "1 row left out: a cell is missing or unreadable."),
        (analysis(3, left_out=1, incomplete=0), "1 row left out: no cell holds a value."),
        (
            analysis(3, incomplete=12),
            "12 rows with missing values took part through the values they have.",
        ),
        (analysis(3, noise=1), "1 row belongs to no cluster."),
        (analysis(3, noise=0), "0 rows belong to no cluster."),
        (
            analysis(3, guard="A prior keeps the components from collapsing."),
            "A prior keeps the clusters from collapsing.",
        ),
    ],
)
def test_what_else_to_know(case, part):
    assert part in answer_of(case).text
