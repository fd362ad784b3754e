"""The methods paragraph says what was done with these settings, and nothing that was not."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined, merging_of
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.readers import read_text
from gmmdesk.export.report.methods import methods
from tests.running import finish

CENTRES, TREE, RANDOM = "k-means++", "hierarchical partition", "drawn at random as centres"
SHORT, MOVED = "After short runs", "were merged and split"
SIMPLER, LESS = "simpler models", "less, split"
HAND = "chosen by hand"
EVERY = (CENTRES, TREE, RANDOM, SHORT, MOVED, SIMPLER, LESS, HAND)
CASES = {
    "a single fit": ({}, (CENTRES, TREE, RANDOM, SHORT, MOVED)),
    "three starts": ({"restarts": 3}, (CENTRES, TREE, SHORT, MOVED)),
    "one start": ({"restarts": 1}, (CENTRES,)),
    "two clusters": ({"k_min": 2, "k_max": 2}, (CENTRES, TREE, RANDOM, SHORT)),
    "one cluster": ({"k_min": 1, "k_max": 1}, ()),
    "models": ({"models": ("EII", "VVI")}, (CENTRES, TREE, RANDOM, SHORT, MOVED, SIMPLER)),
    "numbers": ({"k_min": 1}, (CENTRES, TREE, RANDOM, SHORT, LESS)),
    "both": (
        {"k_min": 2, "models": ("EII", "VVI")},
        (CENTRES, TREE, RANDOM, SHORT, SIMPLER, LESS),
    ),
    "known rows": ({"known_column": "label"}, (CENTRES, TREE, RANDOM, SHORT)),
}


@pytest.fixture(scope="module")
def table():
    X = np.random.default_rng(0).normal(size=(90, 2)) + 5.0 * (np.arange(90) % 3)[:, None]
    lines = [f"{x:.4f}\t{y:.4f}\t{'p' if i == 0 else ''}" for i, (x, y) in enumerate(X)]
    return read_text("\n".join(["x\ty\tlabel", *lines]) + "\n")


@pytest.mark.parametrize("case", CASES)
def test_how_the_answer_was_searched(table, case):
    changes, said = CASES[case]
    settings = {"k_min": 3, "k_max": 3, "models": ("VVI",), **changes}
    found = finish(analyse(table, Settings(**settings)))
    told = methods(found)
    for text in (told.mixture, told.profiles):
        assert [part for part in EVERY if part in text] == [part for part in EVERY if part in said]
        assert text.count("(") == text.count(")")
    cited = " ".join(told.references)
    for part, author in (
        (CENTRES, "Arthur"),
        (TREE, "Fraley, C. (1998)"),
        (SHORT, "2003"),
        (MOVED, "Ueda"),
    ):
        assert (author in cited) == (part in said)


@pytest.mark.parametrize(
    ("columns", "partition"),
    [(("x",), "partition at quantiles"), (("x", "y"), "hierarchical partition")],
)
def test_the_partition_with_which_mclust_begins_is_told(table, columns, partition):
    settings = Settings(columns=columns, k_min=3, k_max=3, models=("VVI",), restarts=2)
    told = methods(finish(analyse(table, settings)))
    assert f" and a {partition} (" in told.mixture
    assert "could not come up to one that had. The run from the" in told.mixture
    assert f"The run from the {partition} was followed, too" in told.mixture
    assert ("hierarchical partition" in told.mixture) == (len(columns) > 1)
    cited = " ".join(told.references)
    assert "mclust 5" in cited
    assert ("Fraley, C. (1998)" in cited) == (len(columns) > 1)


def test_icl_is_told_of_the_merged_clusters(table):
    apart = finish(analyse(table, Settings(k_min=4, k_max=4, models=("VVI",), restarts=2)))
    merged = combined(apart, Grouping.combining([0, 0, 1, 2], apart.scaled.weights))
    shares = apart.responsibilities(slice(None))
    at = np.array(merged.grouping.of)
    added = np.stack([shares[:, at == c].sum(axis=1) for c in range(3)], axis=1)
    expected = apart.result.bic - 2.0 * np.log(added.max(axis=1)).sum()
    assert merged.icl == pytest.approx(expected, abs=1e-6)
    assert apart.icl == pytest.approx(apart.result.icl, abs=1e-9)
    assert f"from {apart.icl:,.1f} to {merged.icl:,.1f}" in methods(merged).mixture
    path = merging_of(apart)
    for n, grouping in enumerate(path.groupings[:-1], start=1):
        icl = apart.result.bic - 2.0 * path.path.log_certainties[n - 1]
        assert combined(apart, grouping).icl == pytest.approx(icl, abs=1e-6)
    assert path.path.log_certainties[0] == pytest.approx(0.0, abs=1e-9)
