"""The search over models and numbers of components."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import (
    FitSpec,
    StopReason,
    ThreadedMap,
    candidates,
    fit,
    rows_seen,
    search,
    tried_again,
)
from gmmdesk.engine.starts import start_rows
from gmmdesk.errors import FitError, UsageError


def drain(generator):
    """What a generator yields and what it returns."""
    seen = []
    while True:
        try:
            seen.append(next(generator))
        except StopIteration as finished:
            return seen, finished.value


@pytest.fixture
def three():
    random = np.random.default_rng(0)
    centers = np.repeat([[0, 0], [8, 0], [0, 8]], 100, axis=0)
    return centers + random.normal(size=(300, 2))


def test_candidates_are_every_combination():
    specs = candidates(["VVV", "tied"], range(1, 4), FitSpec(seed=5))
    assert [(spec.n_components, spec.model) for spec in specs] == [
        (1, "VVV"),
        (1, "EEE"),
        (2, "VVV"),
        (2, "EEE"),
        (3, "VVV"),
        (3, "EEE"),
    ]
    assert {spec.seed for spec in specs} == {5}


@pytest.mark.parametrize("criterion", ["bic", "icl", "aic"])
def test_the_lowest_criterion_wins(criterion, three):
    specs = candidates(["VVI", "VII"], range(1, 5), FitSpec(restarts=2))
    seen, found = drain(search(three, specs, criterion))
    assert not found.stopped
    assert [one.spec for one in found.tried] == list(specs)
    values = [getattr(one.result, criterion) for one in found.tried if one.sound]
    assert getattr(found.best, criterion) == min(values)
    if criterion != "aic":  # which takes more now and then, however many rows there are
        assert found.best.n_components == 3
    shares = [step.share for step in seen]
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] < 1.0
    assert [len(step.tried) for step in seen] == sorted(len(step.tried) for step in seen)
    assert {step.spec for step in seen} == {*specs}
    assert seen[-1].best in specs


@pytest.mark.parametrize("seed", range(6))
def test_of_models_that_are_the_same_the_first_is_best(seed):
    """With one component those of a family differ in the last digits at most."""
    X = np.random.default_rng(seed).normal(size=(60, 3)) * [1.0, 10.0, 0.1] + 5.0
    family = ["EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV", "VVV"]
    _, found = drain(search(X, candidates(family, [1], FitSpec())))
    assert found.best is found.tried[0].result


def test_a_candidate_is_what_fit_gives(three):
    specs = candidates(["VVV"], [3], FitSpec(restarts=2))
    _, found = drain(search(three, specs))
    assert list(found.best.history) == list(fit(three, specs[0]).history)


def blots(seed):
    """Clusters whose rows lie narrowly and widely about their centres: many optima."""
    random = np.random.default_rng(seed)
    centers = 3.0 * random.normal(size=(5, 2))[random.integers(5, size=120)]
    return centers + random.normal(size=(120, 2)) * random.uniform(0.3, 1.5, size=(120, 1))


@pytest.mark.parametrize("seed", [15, 19, 34])
def test_what_one_model_finds_leads_others_higher(seed, monkeypatch):
    X = blots(seed)
    models = ["EII", "VII", "EEI", "VEI", "EVI", "VVI"]
    specs = candidates(models, range(1, 6), FitSpec(restarts=3))
    seen, found = drain(search(X, specs))
    monkeypatch.setattr(tried_again, "PROMISING", -np.inf)
    _, alone = drain(search(X, specs))
    gained = {
        one.spec: one.result.log_likelihood - first.result.log_likelihood
        for one, first in zip(found.tried, alone.tried, strict=True)
    }
    assert min(gained.values()) > -0.01
    better = [spec for spec, gain in gained.items() if gain > 0.5]
    assert better
    for spec in better:
        told = [step for step in seen if step.spec == spec]
        result = next(one.result for one in found.tried if one.spec == spec)
        assert [step.fit.event for step in told].count("again") == 1
        begun = next(i for i, step in enumerate(told) if step.fit.event == "again")
        last = told[begun:]
        assert len({step.fit.restart for step in last}) == 1
        assert last[0].fit.restart not in {step.fit.restart for step in told[:begun]}
        assert last[-1].fit.log_likelihood == result.log_likelihood == result.history[-1]
        assert len(result.starts) > len(
            next(one.result.starts for one in alone.tried if one.spec == spec)
        )


def test_a_failing_candidate_is_kept_with_its_reason(three):
    X = np.concatenate([three[:4], three[:4]])
    _, found = drain(search(X, candidates(["VII"], [1, 2, 5], FitSpec())))
    assert found.tried[2].result is None
    assert "4 distinct rows" in found.tried[2].error.message
    assert found.best.n_components <= 2


def test_a_mended_candidate_does_not_win(three):
    X = np.concatenate([three, np.repeat([[20.0, 20.0]], 60, axis=0)])
    _, found = drain(search(X, candidates(["VVV"], range(1, 5), FitSpec(restarts=2))))
    mended = [one for one in found.tried if not one.sound]
    assert mended
    assert min(one.result.bic for one in mended) < found.best.bic
    assert found.best.mended == ()


def test_what_some_candidates_cannot_use_stops_them_alone(three):
    three[:, 1] = 1.0  # no volume, so no noise
    specs = [FitSpec(n_components=2, model="VII", noise=noise) for noise in (True, False)]
    _, found = drain(search(three, specs))
    assert "no volume" in found.tried[0].error.message
    assert found.best is found.tried[1].result


def test_when_all_fail_the_reason_is_told(three):
    three[:, 1] = 1.0
    with pytest.raises(FitError, match=r"None of the 2 candidates .* column 2 holds the same"):
        drain(search(three, candidates(["VVV"], [1, 2], FitSpec())))


def test_an_unknown_criterion(three):
    with pytest.raises(UsageError, match="no criterion 'dic'"):
        drain(search(three, candidates(["VVV"], [1], FitSpec()), "dic"))


def stop_when(X, specs, condition):
    stop = []
    with ThreadedMap(1, lambda: bool(stop)) as chunk_map:
        generator = search(X, specs, chunk_map=chunk_map)
        while True:
            try:
                if condition(next(generator)):
                    stop.append(True)
            except StopIteration as finished:
                return finished.value


def test_stopped_after_some_candidates(three):
    specs = candidates(["VVV"], range(1, 6), FitSpec())
    found = stop_when(three, specs, lambda step: len(step.tried) == 3)
    assert found.stopped
    assert [one.spec.n_components for one in found.tried] == [1, 2, 3, 4]
    assert found.tried[-1].result.ending is StopReason.STOPPED
    assert all(one.result.converged for one in found.tried[:3])
    assert found.best.n_components == 3  # and not the four that were being tried
    assert found.best.bic == min(one.result.bic for one in found.tried)


def test_stopped_before_a_candidate_has_begun(three):
    """The candidate under way has no complete iteration: the best of those done."""
    specs = candidates(["VVV"], [1, 3, 4], FitSpec())
    left = [10**6]

    def cancelled():
        left[0] -= 1
        return left[0] < 0

    with ThreadedMap(1, cancelled) as chunk_map:
        generator = search(three, specs, chunk_map=chunk_map)
        for step in generator:
            if len(step.tried) == 2:
                break
        started = 10**6 - left[0]
    # The fourth candidate's first iteration took two passes for the start and one more.
    with ThreadedMap(1, cancelled) as chunk_map:
        left[0] = started - 1
        _, found = drain(search(three, specs, chunk_map=chunk_map))
    assert found.stopped
    assert len(found.tried) == 2
    assert found.best.n_components == 3
    assert found.best.converged


def test_stopped_in_the_first_candidate(three):
    found = stop_when(three, candidates(["VVV"], [3, 4], FitSpec()), lambda step: True)
    assert found.stopped
    assert found.best.ending is StopReason.STOPPED
    assert found.best.n_components == 3


def test_what_was_seen_of_a_sample_only_is_not_compared(monkeypatch):
    """Stopped among its starts, a candidate knows some rows, and a likelihood scaled up."""
    monkeypatch.setattr(start_rows, "MOST_ROWS", 60)
    monkeypatch.setattr(rows_seen, "SAMPLE_ROWS", 60)
    rng = np.random.default_rng(1)
    X = np.concatenate([rng.normal(size=(300, 2)), rng.normal(9.0, 1.0, size=(300, 2))])
    specs = candidates(["VVV"], [2, 9], FitSpec(restarts=3))
    found = stop_when(X, specs, lambda step: len(step.tried) == 1 and step.fit.iteration > 3)
    assert found.stopped
    assert found.tried[1].result.n_sampled == 60
    assert found.tried[1].result.bic < found.tried[0].result.bic  # as far as it knows
    assert found.best.n_components == 2


def test_what_a_tree_leads_to_is_found_where_neighbours_seem_likelier():
    """The run from the tree is the fourth of those that differ, and would be the first at its end.

    mclust 6.0.0 (R 4.2.2, Mclust with its default start) comes to -2359.949 there.
    """
    random = np.random.default_rng(5)
    for n, d, K, apart in ((200, 3, 4, 3.0), (500, 4, 6, 2.5)):
        centers = apart * random.normal(size=(K, d))
        shapes = 0.5 * random.normal(size=(K, d, d)) + np.eye(d)
        of = random.integers(K, size=n)
        X = centers[of] + np.einsum("nij,nj->ni", shapes[of], random.normal(size=(n, d)))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    specs = candidates(("EII", "VII"), range(1, 9), FitSpec(restarts=10, tol=1e-5))
    _, result = drain(search(X, specs, chunk_map=ThreadedMap(1)))
    found = result.tried[-1]
    assert found.spec == specs[-1]
    assert found.result.log_likelihood > -2359.95
