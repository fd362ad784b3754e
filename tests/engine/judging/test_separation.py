"""Groups lie apart, whatever their shape; the components of one group do not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, Parameters, fit, groups_of, humped_columns
from gmmdesk.engine.density import log_density
from gmmdesk.engine.judging.separation import ridge, unsure_groups


def test_ridge_holds_the_points_where_both_densities_fall_most_steeply() -> None:
    random = np.random.default_rng(0)
    A = random.normal(size=(2, 3, 3))
    mixture = Parameters(
        np.array([0.3, 0.7]), random.normal(size=(2, 3)), A @ A.swapaxes(1, 2) + np.eye(3)
    )
    points = ridge(mixture, 0, 1)
    np.testing.assert_allclose(points[[0, -1]], mixture.means, atol=1e-12)
    for point in points[1:-1]:  # the gradients point against each other (Ray and Lindsay, eq. 4)
        slopes = np.linalg.solve(mixture.covariances, (mixture.means - point)[:, :, None])[:, :, 0]
        cosine = slopes[0] @ slopes[1] / np.prod(np.linalg.norm(slopes, axis=1))
        assert cosine == pytest.approx(-1.0, abs=1e-9)
    # Where only the size differs it is the straight line.
    round_ = Parameters(mixture.weights, mixture.means, np.eye(3) * [[[1.0]], [[4.0]]])
    straight = ridge(round_, 0, 1) - round_.means[0]
    step = round_.means[1] - round_.means[0]
    along = straight @ step / (step @ step)
    np.testing.assert_allclose(straight, np.outer(along, step), atol=1e-12)
    assert (np.diff(along) > 0).all()


def groups(X: np.ndarray, K: int, model: str = "VVV") -> list[int]:
    return groups_of(fit(X, FitSpec(n_components=K, model=model, restarts=2, tol=1e-4)), X).tolist()


def test_clusters_apart_are_groups_of_their_own() -> None:
    X = np.random.default_rng(1).normal(size=(300, 2))
    X += np.repeat([[0, 0], [7, 0], [0, 7]], 100, axis=0)
    assert sorted(groups(X, 3)) == [0, 1, 2]


@pytest.mark.parametrize("shape", ["even", "skewed", "ring"])
def test_one_group_of_another_shape_has_no_gap(shape: str) -> None:
    random = np.random.default_rng(2)
    angle = random.uniform(0, 2 * np.pi, 600)
    X = {
        "even": random.uniform(size=(600, 2)),
        "skewed": random.exponential(size=(600, 2)),
        "ring": np.column_stack([np.cos(angle), np.sin(angle)])
        + 0.1 * random.normal(size=(600, 2)),
    }[shape]
    assert set(groups(X, 8)) == {0}


def mixture_along(means: list[float], weights: list[float], spreads: list[float]) -> Parameters:
    """Components that differ along the first of two columns."""
    K = len(means)
    covariances = np.zeros((K, 2, 2))
    covariances[:, 0, 0], covariances[:, 1, 1] = np.square(spreads), 1.0
    at = np.column_stack([means, np.zeros(K)])
    return Parameters(np.array(weights), at, covariances)


@pytest.mark.parametrize(
    ("means", "weights", "spreads", "groups", "humped"),
    [
        ([0, 3.5], [0.6, 0.4], [1, 1], [0, 0], [0]),  # a valley, no gap
        ([0, 3.5], [0.6, 0.4], [1, 1], [0, 1], []),  # groups apart may have humps
        ([0, 1.8], [0.6, 0.4], [1, 1], [0, 0], []),
        ([0, 2], [0.6, 0.4], [1, 3], [0, 0], []),  # one hump with a tail
        ([0, 12], [0.99, 0.01], [1, 1], [0, 0], []),  # hardly to be seen
        ([0, 3.5, 7], [0.4, 0.2, 0.4], [1, 1, 1], [0, 0, 0], [0]),
        ([0, 1.75, 3.5], [0.3, 0.4, 0.3], [1, 1, 1], [0, 1, 0], []),  # another fills the valley
        ([0, 20, 3.5], [0.4, 0.2, 0.4], [1, 1, 1], [0, 1, 0], [0]),
        ([500, 500.6, 0], [0.3, 0.3, 0.4], [0.1, 0.1, 300], [0, 0, 0], [0]),  # narrow ones
    ],
)
def test_columns_in_which_one_group_has_several_humps(means, weights, spreads, groups, humped):
    mixture = mixture_along(means, weights, spreads)
    assert humped_columns(mixture, np.array(groups)).tolist() == humped


def test_a_wide_component_around_all_joins_no_two() -> None:
    random = np.random.default_rng(3)
    X = 0.4 * random.normal(size=(400, 2)) + np.repeat([[0, 0], [5, 0]], 200, axis=0)
    X = np.concatenate([X, random.uniform(-4, 9, size=(60, 2))])
    found = fit(X, FitSpec(n_components=3, restarts=4))
    small = np.argsort(np.linalg.det(found.covariances))[:2]
    apart = groups_of(found, X)
    assert apart[small[0]] != apart[small[1]]


def test_a_component_of_few_rows_joins_no_two_that_have_a_gap() -> None:
    """It reaches both, and has too few rows for a gap beside either to be seen."""
    random = np.random.default_rng(5)
    sizes, wide = (200, 8, 60), np.array([[9.0, 0.0], [0.0, 0.1]])
    means = np.array([[0.0, 0.0], [3.0, 0.0], [8.0, 0.0]])
    spreads = [np.eye(2), wide, np.eye(2)]
    rows = [random.multivariate_normal(*one) for one in zip(means, spreads, sizes, strict=True)]
    mixture = Parameters(np.array(sizes) / sum(sizes), means, np.array(spreads))
    found = groups_of(SimpleNamespace(parameters=mixture), np.concatenate(rows))
    assert found.tolist() == [0, 0, 1]


def spread_out(
    sizes: tuple[int, ...], means: list[list[float]], spreads: list[list[float]], seed: int
) -> list[int]:
    """The groups of components along the axes, by rows drawn from these."""
    random = np.random.default_rng(seed)
    at, wide = np.array(means), np.array(spreads)
    rows = [
        m + s * random.normal(size=(n, len(m))) for n, m, s in zip(sizes, at, wide, strict=True)
    ]
    covariances = np.square(wide)[:, :, None] * np.eye(at.shape[1])
    mixture = Parameters(np.array(sizes) / sum(sizes), at, covariances)
    return groups_of(SimpleNamespace(parameters=mixture), np.concatenate(rows)).tolist()


@pytest.mark.parametrize("seed", [0, 4, 5])
def test_a_wide_component_around_three_does_not_join_the_outer_two(seed: int) -> None:
    """Small, middle and big with gaps between; a few of all sizes, whose peak is low."""
    means = [[-6.0, 0.0], [0.0, 0.0], [6.0, 0.0], [0.0, 1.0]]
    spreads = [[1.2, 1.2], [0.4, 0.4], [1.2, 1.2], [4.0, 1.0]]
    small, middle, big, _ = spread_out((200, 70, 100, 20), means, spreads, seed)
    assert len({small, middle, big}) == 3


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_thin_component_beside_three_does_not_join_the_outer_two(seed: int) -> None:
    """A line of a few rows leads past the middle from one end to the other."""
    means = [[-5.0, 1.5], [0.0, -2.0], [5.0, 1.5], [0.0, 1.5]]
    spreads = [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [3.5, 0.45]]
    small, middle, big, _ = spread_out((200, 70, 100, 15), means, spreads, seed)
    assert len({small, middle, big}) == 3


def test_a_thin_line_between_two_in_many_columns_joins_none() -> None:
    means = np.zeros((4, 6))
    means[:, 0] = -6.0, 0.0, 6.0, 0.0
    means[3, 1] = 1.0
    spreads = np.ones((4, 6)) * [[1.2], [0.4], [1.2], [1.0]]
    spreads[3, 0] = 4.0
    small, middle, big, _ = spread_out((200, 70, 100, 30), means.tolist(), spreads.tolist(), 0)
    assert len({small, middle, big}) == 3


def test_a_ring_of_many_components_stays_one() -> None:
    """Halves of it lie far apart; the arcs at its thinnest places do not."""
    random = np.random.default_rng(1)
    angle = random.uniform(0, 2 * np.pi, 600)
    X = np.column_stack([np.cos(angle), np.sin(angle)]) + 0.1 * random.normal(size=(600, 2))
    assert set(groups(X, 16)) == {0}


def test_rows_that_lack_a_value_take_no_part() -> None:
    X = np.random.default_rng(4).normal(size=(200, 2)) + np.repeat([[0, 0], [9, 9]], 100, axis=0)
    X[::7, 0] = np.nan
    found = fit(X, FitSpec(n_components=2, restarts=3, missing="em"))
    assert set(groups_of(found, X)) == {0, 1}
    assert groups_of(fit(X[~np.isnan(X).any(axis=1)], FitSpec(n_components=1)), X).tolist() == [0]


def test_a_shallow_valley_of_the_mixture_alone_is_no_gap() -> None:
    """Few evenly spread rows, of which chance makes two components: the rows have no gap."""
    X = np.random.default_rng(36).uniform(size=(100, 2))
    left = X[:, 0] < 0.5
    found = fit(X, FitSpec(n_components=2, max_iter=1), start=left.astype(int))
    shrunk = Parameters(found.weights, found.means, found.covariances * [[0.45, 1.0], [1.0, 1.0]])
    density = np.exp(log_density(shrunk, ridge(shrunk, 0, 1)))
    assert 0.05 < density.min() / min(density[0], density[-1]) < 0.2
    assert set(groups_of(SimpleNamespace(parameters=shrunk), X)) == {0}


@pytest.mark.parametrize(("seed", "K"), [(2, 4), (11, 4), (11, 6), (14, 6)])
def test_groups_do_not_depend_on_the_order_of_the_components(seed: int, K: int) -> None:
    """A bell and a skewed tail: passes over the shoulders of the tail are equal."""
    random = np.random.default_rng(seed)
    bell, tail = random.normal(size=(150, 2)), np.exp(random.normal(size=(100, 2)))
    X = np.vstack([bell, tail + np.array([2, 0])])
    spec = FitSpec(n_components=K, model="VVI", tol=1e-3, regularization=1e-6)
    mixture = fit(X, spec).parameters
    found = set()
    for _ in range(30):
        order = random.permutation(K)
        result = SimpleNamespace(parameters=mixture.reordered(order))
        groups = groups_of(result, X)
        unsure = np.isin(groups, unsure_groups(result, X, groups))
        back = np.argsort(order)
        together = groups[back][:, None] == groups[back]
        found.add((*together.ravel().tolist(), *unsure[back].tolist()))
    assert len(found) == 1
