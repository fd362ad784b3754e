"""Why a row is in its cluster: the numbers add up, and what is said to flip it does."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.outliers import outliers
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.settings import KnownRows
from gmmdesk.analysis.why import why
from gmmdesk.analysis.why_words import spoken, why_in_words
from gmmdesk.data.prepare import transform
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import Logarithm, PrincipalComponents
from gmmdesk.errors import UsageError
from gmmdesk.text import rough
from tests.running import finish


def drained(dataset, settings):
    return finish(analyse(dataset, settings))


def table(gaps=False):
    random = np.random.default_rng(7)
    X = random.normal(size=(240, 3)) @ np.array([[1, 0.6, 0], [0, 1, 0], [0, 0, 2.0]])
    X += np.repeat([[0, 0, 0], [3, 2, 1]], 120, axis=0)
    X[:, 1] = np.exp(0.5 * X[:, 1]) * 100
    cells = [[f"{value:.6g}" for value in row] for row in X]
    if gaps:
        for i in range(0, 240, 7):
            cells[i][i % 3] = ""
    return read_text("a,b,c\n" + "\n".join(",".join(row) for row in cells) + "\n")


BASE = Settings(k_min=2, k_max=2, models=("VVV",), restarts=3)
CASES = {
    "plain": ({}, False),
    "bent": ({"steps": (Logarithm(columns=("b",)),)}, False),
    "turned": ({"steps": (Logarithm(columns=("b",)), PrincipalComponents(number=3))}, False),
    "reduced": ({"steps": (PrincipalComponents(number=2),)}, False),
    "unscaled": ({"scaling": "none"}, False),
    "gaps": ({"missing": "em"}, True),
    "noise": ({"noise": True}, False),
}


@pytest.fixture(scope="module", params=CASES)
def analysis(request):
    changes, gaps = CASES[request.param]
    from msgspec.structs import replace

    return drained(table(gaps), replace(BASE, **changes))


def labels(analysis, changed):
    """The clusters of the rows of a table, NO_CLUSTER for noise."""
    prepared = transform(changed, analysis.prepared.preparation)
    return analysis.scaled.labels(prepared.X)


def test_evidence_and_size_add_up_to_the_odds(analysis):
    for row in analysis.prepared.rows[::17]:
        found = why(analysis, int(row))
        at = int(np.searchsorted(analysis.prepared.rows, row))
        shares = np.sort(analysis.responsibilities(slice(at, at + 1))[0])
        assert found.log_odds == pytest.approx(np.log(shares[-1] / shares[-2]), abs=1e-8)
        total = found.size + sum(one.nats for one in found.evidence)
        assert total == pytest.approx(found.log_odds, abs=1e-8)
        assert found.first == analysis.rows.label[at]


# Of the case with fewer components than columns the flips are in these, not in the file's columns.
@pytest.mark.parametrize("analysis", sorted(CASES.keys() - {"reduced"}), indirect=True)
def test_the_change_flips_the_row_and_a_smaller_one_does_not(analysis):
    dataset = analysis.dataset
    columns = {column.name: column.numbers().copy() for column in dataset.columns}
    n_flips = 0
    for row in analysis.prepared.rows[::41].tolist():
        found = why(analysis, row)
        for flip in found.flips:
            own = columns[flip.column][row]
            for beyond, expected in ((1.001, flip.to), (0.999, found.first)):
                cells = {name: values[row] for name, values in columns.items()}
                cells[flip.column] = own + beyond * (flip.value - own)
                line = ",".join("" if np.isnan(v) else repr(float(v)) for v in cells.values())
                changed = read_text("a,b,c\n1,1,1\n" + line + "\n2,2,2\n")
                assert labels(analysis, changed)[1] == expected
            n_flips += 1
    assert n_flips > 5


def test_it_is_said_in_sentences():
    analysis = drained(table(), BASE)
    found = why(analysis, 3)
    said = why_in_words(found, ("Left", "Right"))
    assert said[0].startswith("Row 4 is ")
    assert any("would be" in sentence for sentence in said)


def test_that_columns_count_together_is_said_where_they_do(analysis):
    told = " ".join(why_in_words(why(analysis, 0), ("A", "B", "C")))
    assert "Columns count together" in told
    apart = replace(why(analysis, 0), correlated=False)
    assert "count together" not in " ".join(why_in_words(apart, ("A", "B", "C")))


def test_nothing_is_told_as_nothing():
    """Back from the scale of the fit, 0 would be 1.7e-16."""
    random = np.random.default_rng(3)
    x = np.repeat([0.0, 9.0], 100) + random.normal(size=200)
    tolls = np.where(x > 6, random.uniform(0.1, 9.7, 200).round(2), 0.0)
    lines = (f"{a:.3f},{b}" for a, b in zip(x, tolls, strict=True))
    found = drained(read_text("x,tolls\n" + "\n".join(lines) + "\n"), BASE)
    for row in range(0, 100, 10):
        told = why(found, row)
        [one] = [one for one in told.evidence if one.column == "tolls"]
        assert one.value == 0.0
        assert rough(one.first, one.spread) == "0"
        assert one.spread == pytest.approx(tolls.std(), rel=0.05)


def test_hardly_any_difference_speaks_for_neither():
    assert spoken(0.01, "A", "B") == spoken(-0.05, "A", "B") == "for neither"
    assert spoken(np.log(2.5), "A", "B") == "2.5 times for A"
    assert spoken(-np.log(2.5), "A", "B") == "2.5 times for B"


def test_rows_that_were_left_out_and_single_clusters_have_no_reasons():
    analysis = drained(table(gaps=True), BASE)
    with pytest.raises(UsageError, match="left out"):
        why(analysis, 0)
    alone = drained(table(), Settings(k_min=1, k_max=1, models=("VVV",)))
    with pytest.raises(UsageError, match="one cluster"):
        why(alone, 0)


def test_noise_may_be_the_second_choice():
    analysis = drained(table(), Settings(k_min=1, k_max=1, models=("VVV",), noise=True))
    found = why(analysis, 5)
    assert {found.first, found.second} == {0, NO_CLUSTER}
    assert "No cluster" in why_in_words(found, ("All",))[0]


def test_the_nearest_of_far_clusters_comes_next():
    """Where the probabilities of all others are too small for a number."""
    x = np.repeat([0.0, 100.0, 1000.0], [60, 90, 30]) + np.random.default_rng(1).normal(size=180)
    rows = read_text("x\n" + "\n".join(f"{value:.5f}" for value in x) + "\n")
    found = drained(rows, Settings(k_min=3, k_max=3, models=("VII",), restarts=3))
    centers = found.result.means[:, 0]
    told = why(found, 170)
    assert centers[told.first] == pytest.approx(1000, abs=1)
    assert centers[told.second] == pytest.approx(100, abs=1)


def test_a_row_that_is_known_to_belong_elsewhere_is_said_to():
    known = (
        KnownRows(cluster=1, rows=tuple(range(2, 40))),
        KnownRows(cluster=2, rows=(1, *range(201, 240))),
    )
    found = drained(table(), msgspec.structs.replace(BASE, known=known))
    told = why(found, 0)
    assert told.is_known
    assert told.first == found.rows.label[0] == 1
    assert told.second == 0
    assert told.probability < 0.5
    assert "is known to belong to B" in why_in_words(told, ("A", "B"))[0]
    assert not why(found, 60).is_known


def test_a_row_unlike_all_clusters_is_told_so_first():
    """However sure it is of the nearest one."""
    random = np.random.default_rng(5)
    X = random.normal(size=(200, 2)) + np.repeat([[0, 0], [8, 8]], 100, axis=0)
    X[17] = (4.0, -40.0)
    text = "a,b\n" + "\n".join(f"{a:.4f},{b:.4f}" for a, b in X) + "\n"
    settings = Settings(k_min=2, k_max=2, models=("EEE",), restarts=3)
    found = drained(read_text(text), settings)
    odd = why(found, 17)
    first, second, *_ = why_in_words(odd, ("Low", "High"))
    assert first.startswith("Row 18 is unlike all clusters (an outlier): b = −40 (low; the ")
    assert second.startswith("Row 18 is 100 % sure of")
    usual = why(found, 3)
    assert usual.odd is None
    assert "unlike" not in " ".join(why_in_words(usual, ("Low", "High")))
    # At the level that was chosen, as where outliers are listed.
    row = int(outliers(found, 0.05).rows[-1])
    assert why(found, row).odd is None
    assert why(replace(found, outlier_level=0.05), row).odd is not None
