"""Rings, moons and spirals are told from Gaussian clusters by how their components chain."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_moons

from gmmdesk.engine import FitSpec, fit
from gmmdesk.engine.judging.bent import bent_groups
from gmmdesk.errors import Cancelled


def ring(random):
    turn = random.uniform(0, 2 * np.pi, 800)
    return np.c_[np.cos(turn), np.sin(turn)] + random.normal(0, 0.08, (800, 2))


def moons(_random):
    return make_moons(800, noise=0.07, random_state=0)[0]


@pytest.mark.parametrize(("make", "n_components", "n_groups"), [(ring, 8, 1), (moons, 8, 2)])
def test_bent_bands_are_recognised(make, n_components, n_groups):
    X = make(np.random.default_rng(2))
    found = bent_groups(fit(X, FitSpec(n_components=n_components, restarts=4)))
    assert found.is_bent
    assert len(found.groups) == n_groups
    assert found.share == pytest.approx(1.0)


@pytest.mark.parametrize("apart", [1.5, 3.0, 8.0])
def test_gaussian_clusters_are_not(apart):
    random = np.random.default_rng(4)
    centers = apart * np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    X = random.normal(size=(800, 2)) + np.repeat(centers, 200, axis=0)
    assert not bent_groups(fit(X, FitSpec(n_components=4, restarts=4))).is_bent


def test_a_straight_chain_is_not_bent():
    random = np.random.default_rng(4)
    X = random.normal(size=(1000, 2)) + np.repeat(np.arange(5), 200)[:, None] * [2.5, 0]
    found = bent_groups(fit(X, FitSpec(n_components=5, restarts=4)))
    assert found.n_pairs == 0


def test_one_component_is_no_chain():
    X = np.random.default_rng(0).normal(size=(50, 2))
    assert not bent_groups(fit(X, FitSpec())).is_bent


def test_many_components_can_be_stopped_between_two():
    """Each component asks; what it raises ends the work."""
    X = np.random.default_rng(0).normal(size=(400, 2)) * [6.0, 1.0]
    result = fit(X, FitSpec(n_components=6, model="VII", restarts=1))
    asked = []
    bent_groups(result, lambda: asked.append(None))
    assert len(asked) >= 6

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        bent_groups(result, stop)


def test_components_far_from_each_other_are_chained_through_those_between():
    """More of them than each is compared with: an arc is one group all the same."""
    turn = np.linspace(0.0, 4.5, 40)
    means = 10.0 * np.c_[np.cos(turn), np.sin(turn)]
    X = np.random.default_rng(1).normal(size=(4000, 2)) * 0.6 + np.repeat(means, 100, axis=0)
    labels = np.repeat(np.arange(40), 100)
    spec = FitSpec(n_components=40, model="EII", max_iter=2)
    found = bent_groups(fit(X, spec, start=labels))
    assert found.is_bent
    assert found.groups == (tuple(range(40)),)


def test_components_between_which_rows_have_a_gap_are_no_chain():
    angle = np.random.default_rng(0).uniform(0.0, 2.0 * np.pi, 2_000)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    X += np.random.default_rng(1).normal(scale=0.05, size=X.shape)
    ring = fit(X, FitSpec(n_components=8, restarts=4))
    assert bent_groups(ring, groups=[0] * 8).is_bent
    assert not bent_groups(ring, groups=range(8)).is_bent
