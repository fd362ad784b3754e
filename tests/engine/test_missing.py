"""Rows with missing cells take part through the others: against a slow reference, row by row."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from gmmdesk.engine import (
    MODELS,
    ConjugatePrior,
    FitSpec,
    Fixed,
    Parameters,
    ThreadedMap,
    candidates,
    fit,
    score,
    search,
)
from gmmdesk.engine.density import squared_distances
from gmmdesk.engine.models.covariance import Hint
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.errors import FitError, UsageError
from tests.running import finish

every_model = pytest.mark.parametrize("model", MODELS)


def em(**settings):
    return FitSpec(missing="em", **settings)


def with_gaps(X, share=0.2, seed=1):
    """A copy without some cells, but with one in every row."""
    random = np.random.default_rng(seed)
    gaps = random.random(X.shape) < share
    gaps[gaps.all(axis=1), 0] = False
    return np.where(gaps, np.nan, X)


@pytest.fixture
def gappy(make_blobs):
    blobs = make_blobs(90, 3, 2, seed=3)
    return with_gaps(blobs.X), blobs.labels


def log_densities(X, weights, means, covariances):
    """Weighted log densities of the observed cells, by the definition: (n, K)."""
    found = np.empty((len(X), len(weights)))
    for o in np.unique(~np.isnan(X), axis=0):
        rows = (~np.isnan(X) == o).all(axis=1)
        for k, weight in enumerate(weights):
            normal = multivariate_normal(means[k][o], covariances[k][np.ix_(o, o)])
            found[rows, k] = np.log(weight) + normal.logpdf(X[rows][:, o])
    return found


def slow_step(X, result):
    """The iteration of EM after `result`, in plain loops (Ghahramani and Jordan, 1994)."""
    weights, means, covariances = result.weights, result.means, result.covariances
    K, d = means.shape
    logs = log_densities(X, weights, means, covariances)
    shares = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
    sizes, first, second = np.zeros(K), np.zeros((K, d)), np.zeros((K, d, d))
    for x, share in zip(X, shares, strict=True):
        o = ~np.isnan(x)
        m = ~o
        for k in range(K):
            S = covariances[k]
            slopes = S[np.ix_(m, o)] @ np.linalg.inv(S[np.ix_(o, o)])
            filled, spread = x.copy(), np.zeros((d, d))
            filled[m] = means[k][m] + slopes @ (x[o] - means[k][o])
            spread[np.ix_(m, m)] = S[np.ix_(m, m)] - slopes @ S[np.ix_(o, m)]
            sizes[k] += share[k]
            first[k] += share[k] * filled
            second[k] += share[k] * (np.outer(filled, filled) + spread)
    new = first / sizes[:, None]
    scatter = second - np.einsum("k,kd,ke->kde", sizes, new, new)
    model, previous = MODELS[result.model], covariances
    if model.axis_aligned:
        scatter, previous = (array.diagonal(axis1=1, axis2=2) for array in (scatter, previous))
    made = model.covariances(Statistics(sizes, new, scatter), Hint(previous, like_mclust=True))
    if made.ndim == 2:
        made = np.stack([np.diag(row) for row in made])
    if model.equal_volumes:
        volumes = np.linalg.det(made) ** (1.0 / d)
        made *= (sizes @ volumes / sizes.sum() / volumes)[:, None, None]
    return sizes / sizes.sum(), new, made


def assert_same(one, other):
    for name in ("weights", "means", "covariances", "history"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.log_likelihood == other.log_likelihood


# --- the likelihood and its maximum -------------------------------------------------------------


@every_model
def test_the_likelihood_is_that_of_the_observed_cells_and_rises(model, gappy):
    X, labels = gappy
    result = fit(X, em(n_components=2, model=model, tol=1e-9), labels)
    logs = log_densities(X, result.weights, result.means, result.covariances)
    assert result.converged
    assert result.log_likelihood == pytest.approx(logsumexp(logs, axis=1).sum(), abs=1e-8)
    assert np.diff(result.history).min() > -1e-9
    np.testing.assert_allclose(result.log_density(X), logsumexp(logs, axis=1), atol=1e-9)
    shares = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
    np.testing.assert_allclose(result.responsibilities(X), shares, atol=1e-9)


@every_model
def test_each_iteration_is_that_of_the_definition(model, gappy):
    X, labels = gappy
    spec = em(n_components=2, model=model, max_iter=5, tol=0.0)
    before = fit(X, spec, labels)
    after = fit(X, FitSpec(**{**_fields(spec), "max_iter": 6}), labels)
    for name, value in zip(("weights", "means", "covariances"), slow_step(X, before), strict=True):
        # The inner loops of some models come to an end when they gain nothing more.
        np.testing.assert_allclose(getattr(after, name), value, rtol=1e-5, atol=1e-6)


def _fields(spec):
    return {name: getattr(spec, name) for name in ("n_components", "model", "tol", "missing")}


def test_one_component_is_the_maximum_that_an_optimiser_finds(make_blobs):
    """Anderson (1957): with gaps in the last column only, a regression gives the maximum."""
    X = make_blobs(60, 2, 1).X
    X[40:, 1] = np.nan
    result = fit(X, em(tol=1e-13))
    x, y = X[:40].T
    slope = np.cov(x, y, bias=True)[0, 1] / x.var()
    rest = (y - y.mean() - slope * (x - x.mean())).var()
    mean, variance = X[:, 0].mean(), X[:, 0].var()
    mean_y = y.mean() + slope * (mean - x.mean())
    np.testing.assert_allclose(result.means[0], [mean, mean_y], rtol=1e-5)
    covariance = [[variance, slope * variance], [slope * variance, rest + slope**2 * variance]]
    np.testing.assert_allclose(result.covariances[0], covariance, rtol=1e-5)
    assert result.n_iterations > 2


# --- what is the same as something else --------------------------------------------------------


@every_model
@pytest.mark.parametrize("noise", [False, True])
def test_nothing_missing_is_the_ordinary_fit_to_the_bit(model, noise, blobs):
    spec = {"n_components": 3, "model": model, "restarts": 2, "max_iter": 30, "noise": noise}
    assert_same(fit(blobs.X, em(**spec)), fit(blobs.X, FitSpec(**spec)))


@pytest.mark.parametrize("model", ["VVV", "VVI"])
def test_threads_do_not_matter(model, make_blobs):
    blobs = make_blobs(20_000, 3, 2)
    X = with_gaps(blobs.X)
    results = []
    for n_threads in (1, 3):
        with ThreadedMap(n_threads) as chunk_map:
            spec = em(n_components=2, model=model, max_iter=4)
            results.append(fit(X, spec, blobs.labels, chunk_map=chunk_map))
    assert_same(*results)


@pytest.mark.parametrize("model", ["VVV", "EEE", "VVI"])
def test_a_weight_is_as_many_rows(model, gappy):
    X, labels = gappy
    counts = np.arange(len(X)) % 3 + 1
    spec = em(n_components=2, model=model, noise=True, max_iter=30)
    weighted = fit(X, spec, labels, weights=counts)
    repeated = fit(np.repeat(X, counts, axis=0), spec, np.repeat(labels, counts))
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(weighted.means, repeated.means, rtol=1e-7, atol=1e-9)
    absent = np.concatenate([X, np.full((1, 3), np.nan)])
    same = fit(absent, spec, np.append(labels, 0), weights=np.append(counts, 0))
    assert_same(same, weighted)


def test_known_memberships_hold(gappy):
    X, labels = gappy
    known = np.where(np.arange(len(X)) % 2, labels, -1)
    result = fit(X, em(n_components=2, tol=1e-10), labels, known=known)
    logs = log_densities(X, result.weights, result.means, result.covariances)
    logs[known >= 0] = np.where(np.eye(2)[known[known >= 0]] > 0, logs[known >= 0], -np.inf)
    assert result.log_likelihood == pytest.approx(logsumexp(logs, axis=1).sum(), abs=1e-8)


def test_the_noise_of_a_row_is_spread_over_its_columns(gappy):
    X, labels = gappy
    X[0] = [40.0, np.nan, np.nan]
    result = fit(X, em(n_components=2, noise=True, tol=1e-10), labels)
    sides = np.nanmax(X, axis=0) - np.nanmin(X, axis=0)
    logs = log_densities(X, result.weights, result.means, result.covariances)
    spread = np.log(result.noise.weight) - ~np.isnan(X) @ np.log(sides)
    logs = np.column_stack([logs, spread])
    assert result.log_likelihood == pytest.approx(logsumexp(logs, axis=1).sum(), abs=1e-8)
    np.testing.assert_allclose(result.log_density(X), logsumexp(logs, axis=1), atol=1e-9)
    assert np.diff(result.history).min() > -1e-9
    assert result.labels(X)[0] == -1
    assert result.score(X).squared_distance[0] > 20.0


@pytest.mark.parametrize("settings", [{"prior": ConjugatePrior()}, {"regularization": 0.01}])
@pytest.mark.parametrize("model", ["VVV", "EEI", "EEE"])
def test_guards_against_collapse(settings, model, gappy):
    X, labels = gappy
    result = fit(X, em(n_components=2, model=model, tol=1e-9, **settings), labels)
    assert result.converged
    logs = log_densities(X, result.weights, result.means, result.covariances)
    assert result.log_likelihood == pytest.approx(logsumexp(logs, axis=1).sum(), abs=1e-8)


def test_what_is_fixed_stays(gappy):
    X, labels = gappy
    fixed = Fixed.of(2, 3, {0: [0.0, 1.0, 2.0]}, {1: np.eye(3)})
    result = fit(X, em(n_components=2), labels, fixed=fixed)
    np.testing.assert_allclose(result.means[0], [0.0, 1.0, 2.0], rtol=1e-12)
    np.testing.assert_allclose(result.covariances[1], np.eye(3), atol=1e-12)
    assert np.diff(result.history).min() > -1e-9


def test_units_are_those_of_the_cells_that_are_there(gappy):
    X, labels = gappy
    center, scale = np.array([1.0, -2.0, 300.0]), np.array([0.1, 5.0, 1e4])
    spec = em(n_components=2, tol=1e-8)
    moved = fit(X, spec, labels).in_units(center, scale)
    expected = moved.log_density(center + scale * X).sum()
    assert moved.log_likelihood == pytest.approx(expected, rel=1e-12)
    direct = fit(center + scale * X, spec, labels)
    assert direct.log_likelihood == pytest.approx(expected, rel=1e-6)


# --- numbers that hold -------------------------------------------------------------------------


def test_far_from_zero(gappy):
    X, labels = gappy
    X = np.round(X * 2**20) / 2**20
    spec = em(n_components=2, max_iter=20)
    near, far = fit(X, spec, labels), fit(X + 1e8, spec, labels)
    assert far.log_likelihood == pytest.approx(near.log_likelihood, abs=1e-4)
    np.testing.assert_allclose(far.covariances, near.covariances, rtol=1e-5, atol=1e-6)


def test_columns_of_any_spread(gappy):
    X, labels = gappy
    scale = np.array([1e-6, 1.0, 1e6])
    spec = em(n_components=2, max_iter=20)
    plain, scaled = fit(X, spec, labels), fit(X * scale, spec, labels)
    shift = ~np.isnan(X) @ np.log(scale)
    assert scaled.log_likelihood + shift.sum() == pytest.approx(plain.log_likelihood, rel=1e-9)


@pytest.mark.parametrize("rest", [1e-2, 1e-4, 1e-5])
def test_columns_that_nearly_depend_on_each_other(rest):
    """By the cells that are there, a row is one of a mixture of those columns alone."""
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    x[:, 1] = x[:, 0] + rest * x[:, 1]
    covariance = np.array([[1.0, 1.0, 0.3], [1.0, 1.0 + rest**2, 0.3], [0.3, 0.3, 1.0]])
    means = x[:2].copy()
    mixture = Parameters(np.array([0.4, 0.6]), means, np.stack([covariance, 2.0 * covariance]))
    seen = [0, 1]
    part = Parameters(mixture.weights, means[:, seen], mixture.covariances[:, seen][:, :, seen])
    x[:, 2] = np.nan
    found, expected = score(mixture, x, missing=True), score(part, x[:, seen])
    np.testing.assert_allclose(found.log_density, expected.log_density, rtol=1e-10, atol=1e-8)


def test_many_patterns_of_few_rows(make_blobs):
    """Every row its own pattern, nearly; and columns in more than one word of bits."""
    blobs = make_blobs(300, 70, 2)
    X = with_gaps(blobs.X, 0.3)
    result = fit(X, em(n_components=2, model="EEE", regularization=0.01, max_iter=3), blobs.labels)
    logs = log_densities(X[:10], result.weights, result.means, result.covariances)
    found = result.log_density(X)
    np.testing.assert_allclose(found[:10], logsumexp(logs, axis=1), rtol=1e-9)
    assert result.log_likelihood == pytest.approx(found.sum(), rel=1e-9)


def test_a_column_that_few_rows_have(make_blobs):
    blobs = make_blobs(400, 3, 2)
    blobs.X[20:, 2] = np.nan
    result = fit(blobs.X, em(n_components=2, tol=1e-9), blobs.labels)
    assert np.isfinite(result.covariances).all()
    logs = log_densities(blobs.X, result.weights, result.means, result.covariances)
    assert result.log_likelihood == pytest.approx(logsumexp(logs, axis=1).sum(), abs=1e-8)


def test_rows_of_one_pattern_in_a_plane(gappy):
    X, labels = gappy
    plane = ~np.isnan(X[:, 0]) & ~np.isnan(X[:, 1]) & np.isnan(X[:, 2])
    assert plane.sum() > 3
    X[plane, 1] = 2.0 * X[plane, 0] + 1.0
    result = fit(X, em(n_components=2, tol=1e-8), labels)
    assert result.converged
    assert np.diff(result.history).min() > -1e-9


def test_a_component_without_a_column_begins_with_that_of_all(make_blobs):
    blobs = make_blobs(200, 3, 2)
    blobs.X[blobs.labels == 1, 2] = np.nan
    result = fit(blobs.X, em(n_components=2), blobs.labels)
    assert np.isfinite(result.means).all()
    assert np.diff(result.history).min() > -1e-9


# --- searching and scoring ---------------------------------------------------------------------


def test_restarts_on_a_sample(make_blobs, monkeypatch):
    monkeypatch.setattr("gmmdesk.engine.em.SAMPLE_ROWS", 500)
    blobs = make_blobs(2000, 3, 3)
    X = with_gaps(blobs.X, 0.1)
    found = fit(X, em(n_components=3, restarts=4))
    known = fit(X, em(n_components=3), blobs.labels)
    assert found.n_sampled == 2000
    assert found.log_likelihood > known.log_likelihood - 5.0


def test_a_search_over_models(gappy):
    X, _ = gappy
    specs = candidates(["VVI", "EEE", "EII"], [1, 2], em())
    found = finish(search(X, specs))
    assert [one.sound for one in found.tried] == [True] * 6
    assert found.best.missing


def test_distances_are_of_the_cells_that_are_there(gappy):
    X, labels = gappy
    result = fit(X, em(n_components=2), labels)
    scores = result.score(X)
    np.testing.assert_array_equal(scores.n_observed, (~np.isnan(X)).sum(axis=1))
    for x, label, squared in zip(X, scores.label, scores.squared_distance, strict=True):
        o = ~np.isnan(x)
        y = (x - result.means[label])[o]
        expected = y @ np.linalg.solve(result.covariances[label][np.ix_(o, o)], y)
        assert squared == pytest.approx(expected, rel=1e-8)


def test_a_row_whose_squares_overflow(gappy):
    X, labels = gappy
    result = fit(X, em(n_components=2), labels)
    scores = result.score(np.array([[1e200, np.nan, 0.0], [0.0, 0.0, np.nan]]))
    assert scores.log_density[0] == -np.inf
    assert np.isfinite(scores.log_density[1])
    assert scores.probability[0] == 1.0


# --- what is refused ---------------------------------------------------------------------------


def test_missing_cells_are_refused_unless_asked_for(gappy):
    X, _ = gappy
    row, column = np.argwhere(np.isnan(X))[0]
    with pytest.raises(FitError, match=f"Row {row + 1}, column {column + 1} is nan"):
        fit(X, FitSpec())
    with pytest.raises(UsageError, match="no way 'impute' to treat missing"):
        FitSpec(missing="impute")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ([np.nan, np.nan, np.nan], "Row 6 has no value in any column"),
        ([np.nan, np.inf, 0.0], "Row 6, column 2 is inf"),
    ],
)
def test_rows_that_cannot_take_part(row, text, gappy):
    X, labels = gappy
    result = fit(X, em(n_components=2), labels)
    X[5] = row
    with pytest.raises(FitError, match=text):
        fit(X, em(n_components=2))
    with pytest.raises(FitError, match=text):
        result.score(X)


def test_a_column_without_any_value(gappy):
    X, _ = gappy
    X[:, 1] = np.nan
    X[np.isnan(X).all(axis=1), 0] = 0.0
    with pytest.raises(FitError, match="Column 2 has no value in any row"):
        fit(X, em())


def test_columns_that_depend_on_each_other_where_rows_are_complete(gappy):
    X, _ = gappy
    X[:, 2] = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1])
    with pytest.raises(FitError, match="Column 3 is a linear combination"):
        fit(X, em())


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_rows_are_not_written_to(order, gappy):
    X = np.array(gappy[0], order=order)
    before = X.copy()
    fit(X, em(n_components=2, max_iter=2, noise=True)).score(X)
    np.testing.assert_array_equal(X, before)


def test_distances_are_those_of_the_columns_that_a_row_has():
    random = np.random.default_rng(0)
    X = random.normal(size=(40, 3))
    X[::3, 1] = X[::5, 2] = np.nan
    means, roots = random.normal(size=(2, 3)), random.normal(size=(2, 3, 3))
    mixture = Parameters(np.array([0.4, 0.6]), means, roots @ roots.transpose(0, 2, 1) + np.eye(3))
    found = squared_distances(mixture, 1, X, missing=True)
    for x, distance in zip(X, found, strict=True):
        has = ~np.isnan(x)
        precision = np.linalg.inv(mixture.covariances[1][np.ix_(has, has)])
        assert distance == pytest.approx(mahalanobis(x[has], means[1][has], precision) ** 2)
