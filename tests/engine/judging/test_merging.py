"""Components combined into clusters, against mclust's clustCombi and by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import entr, expit
from scipy.stats import norm

from gmmdesk.engine import FitSpec, Parameters, fit, merge_path
from gmmdesk.engine.judging.merging import NEGLIGIBLE, MergePath
from gmmdesk.errors import Cancelled

COMBI = json.loads((Path(__file__).parent.parent / "data" / "mclust_combi.json").read_text())


def sample(name: str) -> np.ndarray:
    """The numbers of a sample that comes with the program."""
    file = resources.files("gmmdesk") / "resources" / "samples" / f"{name}.csv"
    columns = {"iris": range(4), "faithful": range(2)}[name]
    return np.loadtxt(str(file), delimiter=",", skiprows=1, usecols=columns)


@pytest.mark.parametrize("name", COMBI)
def test_the_path_is_that_of_mclust(name: str) -> None:
    case, X = COMBI[name], sample(name)
    given = Parameters(*(np.array(case[part]) for part in ("weights", "means", "covariances")))
    spec = FitSpec(n_components=len(given.weights), model=case["model"], max_iter=1)
    result = replace(fit(X, spec, start=given), parameters=given)  # where mclust ended
    path = merge_path(result, X)
    np.testing.assert_allclose(path.entropies, case["entropy"], rtol=1e-9, atol=1e-9)
    assert path.proposed == case["optim"]
    shares = result.responsibilities(X)
    for n_clusters, classes in enumerate(case["classes"], start=1):
        groups = path.groups(n_clusters)
        together = np.stack([shares[:, groups == g].sum(axis=1) for g in range(n_clusters)])
        np.testing.assert_array_equal(together.argmax(axis=0) + 1, classes)


def test_the_halves_of_a_bent_cluster_are_put_together_first() -> None:
    rng = np.random.default_rng(7)
    angle = rng.uniform(0, np.pi, 600)
    arc = np.column_stack([5 * np.cos(angle), 5 * np.sin(angle)]) + rng.normal(0, 0.4, (600, 2))
    blob = rng.normal([0, -8], 0.8, (300, 2))
    X = np.vstack([arc, blob])
    result = fit(X, FitSpec(n_components=4, restarts=5, seed=1))
    path = merge_path(result, X)
    assert path.proposed == 2
    labels = path.groups(2)[result.labels(X)]
    assert len(np.unique(labels[:600])) == len(np.unique(labels[600:])) == 1
    assert labels[0] != labels[-1]


def test_every_step_takes_off_what_the_definition_says() -> None:
    rng = np.random.default_rng(3)
    X = np.vstack([rng.normal(m, 1, (100, 3)) for m in (0, 2, 4, 9)])
    result = fit(X, FitSpec(n_components=4, restarts=3, noise=True))
    path = merge_path(result, X)
    shares = result.responsibilities(X)
    noise = shares[:, 4:]
    before = np.inf
    for n_clusters in (4, 3, 2, 1):
        groups = path.groups(n_clusters)
        assert sorted(set(groups.tolist())) == list(range(n_clusters))
        merged = np.column_stack(
            [shares[:, :4][:, groups == g].sum(axis=1) for g in range(n_clusters)] + [noise]
        )
        entropy = -float(np.sum(merged[merged > 0] * np.log(merged[merged > 0])))
        assert path.entropies[n_clusters - 1] == pytest.approx(entropy, rel=1e-9, abs=1e-9)
        assert entropy <= before + 1e-9
        before = entropy


@pytest.mark.parametrize("n_groups", [3, 5])
def test_clusters_that_lie_apart_are_not_merged(n_groups: int) -> None:
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal([10 * k, k % 2 * 10], 1, (60, 2)) for k in range(n_groups)])
    path = merge_path(fit(X, FitSpec(n_components=n_groups, model="EII", restarts=5)), X)
    assert path.proposed == n_groups
    assert np.isnan(path.lines).all()
    assert path.overlaps.max() < 1e-3


@pytest.mark.parametrize(("width", "K"), [(0.05, 4), (0.1, 3), (0.4, 4)])
def test_parts_of_a_band_overlap_enough_however_narrow_it_is(width: float, K: int) -> None:
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 1.5 * np.pi, 400)
    arc = np.column_stack([5 * np.cos(angle), 5 * np.sin(angle)]) + rng.normal(0, width, (400, 2))
    X = np.vstack([arc, rng.normal([12, -6], 0.8, (200, 2))])
    path = merge_path(fit(X, FitSpec(n_components=K, restarts=5, seed=1)), X)
    assert path.overlaps[0] > NEGLIGIBLE
    assert path.proposed == 2


@pytest.mark.parametrize(("apart", "merges"), [(5.0, True), (6.0, False)])
def test_the_overlap_is_the_entropy_of_two_by_the_most_that_it_could_be(
    apart: float, merges: bool
) -> None:
    # Rows at equally likely places of an even mixture of N(0, 1) and N(apart, 1), and of a third
    # and a fourth far away.
    places = norm.ppf((np.arange(4000) + 0.5) / 4000)
    means = np.array([0.0, apart, 1000.0, 2000.0])
    X = (means[:, None] + places).reshape(-1, 1)
    given = Parameters(np.full(4, 0.25), means[:, None], np.ones((4, 1, 1)))
    result = fit(X, FitSpec(n_components=4, model="E", max_iter=1), start=given)
    path = merge_path(replace(result, parameters=given), X)

    def integrand(x: float) -> float:
        share = expit(apart * (x - apart / 2))
        density = (norm.pdf(x) + norm.pdf(x - apart)) / 2
        return density * float(entr(share) + entr(1 - share)) / np.log(2)

    expected = quad(integrand, -8, apart + 8, points=[apart / 2])[0]
    assert path.overlaps[0] == pytest.approx(expected, rel=0.02)
    np.testing.assert_allclose(path.overlaps[1:], 0.0, atol=1e-9)
    assert path.proposed == (3 if merges else 4)


@pytest.mark.parametrize(
    ("falls", "bend"),
    [
        ((0.0, 0.0, 20.0, 25.0), 3),
        ((5.0, 6.0, 22.0, 20.0), 3),
        ((10.0, 11.0, 9.0, 10.0), 5),  # a straight line
        ((30.0, 28.0, 9.0, 10.0), 5),  # it bends, but the other way
        ((0.1, 0.1, 0.1, 0.1), 5),
    ],
)
def test_a_bend_is_where_merging_begins_to_gain_little(falls: tuple[float, ...], bend: int) -> None:
    entropies = np.concatenate([[0.0], np.cumsum(falls)])
    path = MergePath(entropies, np.zeros(5), np.zeros((4, 2), np.int64), np.full(4, 0.2))
    assert path.overlapping
    assert path.proposed == bend
    assert np.isnan(path.lines).all() == (bend == 5)


def test_who_waits_for_it_may_end_it() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    result = fit(X, FitSpec(n_components=3))

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        merge_path(result, X, check)


@pytest.mark.parametrize("K", [1, 2])
def test_one_and_two_components_have_no_bend(K: int) -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    path = merge_path(fit(X, FitSpec(n_components=K)), X)
    assert path.proposed == K
    assert path.merges.shape == (K - 1, 2)
    np.testing.assert_array_equal(path.groups(K), np.arange(K))
