"""Variational Bayes is that of scikit-learn, with more digits."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from sklearn.mixture import BayesianGaussianMixture

from gmmdesk.engine import (
    BayesianPrior,
    BayesianResult,
    ConjugatePrior,
    FitSpec,
    StopReason,
    ThreadedMap,
    bayesian_steps,
    fit_bayesian,
)
from gmmdesk.engine.parallel import serial_blas
from gmmdesk.engine.starts import start_rows
from gmmdesk.errors import Cancelled, FitError, UsageError

TYPES = ["full", "tied", "diag", "spherical"]
WEIGHT_TYPES = ["dirichlet_process", "dirichlet_distribution"]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def reference(X, start, **options) -> BayesianGaussianMixture:
    """scikit-learn's fit from responsibilities `start` (n, K)."""
    mixture = BayesianGaussianMixture(n_components=start.shape[1], tol=0.0, **options)

    def initialize(self, X, random_state, xp=None):
        self._initialize(X, start)

    replaced = mock.patch.object(BayesianGaussianMixture, "_initialize_parameters", initialize)
    with replaced, serial_blas():
        return mixture.fit(X)


def in_full(covariances, covariance_type, K, d):
    return {
        "full": lambda c: c,
        "tied": lambda c: np.tile(c, (K, 1, 1)),
        "diag": lambda c: c[:, :, None] * np.eye(d),
        "spherical": lambda c: c[:, None, None] * np.eye(d),
    }[covariance_type](covariances)


def assert_same(result: BayesianResult, mixture: BayesianGaussianMixture, X, atol=1e-8):
    K, d = result.means.shape
    # scikit-learn's are arrays of one number where the type is "tied".
    bounds = np.array(mixture.lower_bounds_).ravel()
    np.testing.assert_allclose(result.history, bounds[: len(result.history)], rtol=0, atol=atol)
    posterior = result.posterior
    np.testing.assert_allclose(result.weights, mixture.weights_, atol=atol)
    np.testing.assert_allclose(result.means, mixture.means_, atol=atol)
    covariances = in_full(mixture.covariances_, mixture.covariance_type, K, d)
    np.testing.assert_allclose(result.covariances, covariances, atol=atol)
    np.testing.assert_allclose(posterior.mean_precisions, mixture.mean_precision_, atol=atol)
    degrees = np.broadcast_to(mixture.degrees_of_freedom_, K)
    np.testing.assert_allclose(posterior.degrees_of_freedom, degrees, atol=atol)
    concentration = np.array(mixture.weight_concentration_)
    np.testing.assert_allclose(posterior.weights.concentration, concentration, atol=atol)
    np.testing.assert_allclose(result.responsibilities(X), mixture.predict_proba(X), atol=atol)
    np.testing.assert_allclose(result.log_density(X), mixture.score_samples(X), atol=atol)
    np.testing.assert_array_equal(result.labels(X), mixture.predict(X))


def soft_start(n, K, seed=1):
    return np.random.default_rng(seed).dirichlet(np.full(K, 0.3), n)


@pytest.mark.parametrize("weight_type", WEIGHT_TYPES)
@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize(
    "case",
    [(300, 1, 3, 12), (400, 2, 4, 1), (400, 2, 4, 12), (500, 5, 6, 12), (150, 66, 2, 3)],
    ids=lambda case: "x".join(map(str, case)),
)
def test_same_iterates(covariance_type, weight_type, case, make_blobs):
    n, d, K, iterations = case
    X, start = make_blobs(n, d, 3).X, soft_start(n, K)
    mixture = reference(
        X,
        start,
        covariance_type=covariance_type,
        weight_concentration_prior_type=weight_type,
        reg_covar=0.0,
        max_iter=iterations,
    )
    spec = FitSpec(n_components=K, model=covariance_type, tol=0.0, max_iter=iterations)
    result = fit_bayesian(X, spec, BayesianPrior(weight_type=weight_type), start)
    if result.n_iterations == mixture.n_iter_:
        assert_same(result, mixture, X)
    else:  # at the end, where rounding errors decide whether the bound still rises
        assert result.lower_bound == pytest.approx(float(mixture.lower_bounds_[-1]), abs=1e-6)


@pytest.mark.parametrize("weight_type", WEIGHT_TYPES)
@pytest.mark.parametrize("covariance_type", TYPES)
def test_same_iterates_with_any_prior(covariance_type, weight_type, make_blobs):
    X, start = make_blobs(400, 3, 3).X + np.array([5.0, -7.0, 100.0]), soft_start(400, 5)
    matrix = np.diag([0.5, 2.0, 1.0]) + 0.1
    covariance = {
        "full": matrix, "tied": matrix, "diag": np.array([0.5, 2.0, 1.0]), "spherical": 0.7
    }[covariance_type]  # fmt: skip
    mixture = reference(
        X,
        start,
        covariance_type=covariance_type,
        weight_concentration_prior_type=weight_type,
        weight_concentration_prior=2.5,
        mean_precision_prior=0.3,
        mean_prior=[1.0, -2.0, 50.0],
        degrees_of_freedom_prior=4.5,
        covariance_prior=covariance,
        reg_covar=0.01,
        max_iter=8,
    )
    prior = BayesianPrior(
        weight_type=weight_type,
        weight_concentration=2.5,
        mean_precision=0.3,
        mean=[1.0, -2.0, 50.0],
        degrees_of_freedom=4.5,
        covariance=covariance,
        reg_covar=0.01,
    )
    spec = FitSpec(n_components=5, model=covariance_type, tol=0.0, max_iter=8)
    result = fit_bayesian(X, spec, prior, start)
    assert_same(result, mixture, X)
    np.testing.assert_allclose(result.prior.mean, [1.0, -2.0, 50.0], rtol=1e-13)
    full = matrix if np.ndim(covariance) == 2 else covariance * np.eye(3)
    np.testing.assert_allclose(result.prior.covariance, full, rtol=1e-13)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_offset_costs_no_digits(covariance_type, make_blobs):
    far = make_blobs(400, 2, 3).X + 1e8
    near, start = far - 1e8, soft_start(400, 4)
    mixture = reference(
        near,
        start,
        covariance_type=covariance_type,
        mean_prior=[0.0, 0.0],
        reg_covar=0.0,
        max_iter=20,
    )
    spec = FitSpec(n_components=4, model=covariance_type, tol=0.0, max_iter=20)
    result = fit_bayesian(far, spec, BayesianPrior(mean=[1e8, 1e8]), start)
    assert_same(result.in_units(np.full(2, -1e8), np.ones(2)), mixture, near, atol=2e-7)
    bounds = np.array(mixture.lower_bounds_).ravel()
    np.testing.assert_allclose(result.history, bounds, rtol=0, atol=1e-8)


@pytest.mark.parametrize("weight_type", WEIGHT_TYPES)
@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_scale_costs_no_digits(covariance_type, weight_type, scale, make_blobs):
    X, start = make_blobs(300, 2, 3).X, soft_start(300, 3)
    spec = FitSpec(n_components=3, model=covariance_type, tol=0.0, max_iter=10)
    prior = BayesianPrior(weight_type=weight_type)
    result = fit_bayesian(X, spec, prior, start)
    scaled = fit_bayesian(X * scale, spec, prior, start)
    back = scaled.in_units(np.zeros(2), np.full(2, 1.0 / scale))
    np.testing.assert_allclose(back.history, result.history, rtol=1e-9)
    np.testing.assert_allclose(back.means, result.means, atol=1e-9)
    np.testing.assert_allclose(back.covariances, result.covariances, atol=1e-9)
    np.testing.assert_allclose(back.log_density(X), result.log_density(X), atol=1e-9)
    np.testing.assert_allclose(back.prior.covariance, result.prior.covariance, atol=1e-9)


@pytest.mark.parametrize("weight_type", WEIGHT_TYPES)
@pytest.mark.parametrize("covariance_type", TYPES)
def test_bound_never_falls(covariance_type, weight_type, make_blobs):
    X = make_blobs(500, 3, 3).X
    spec = FitSpec(n_components=8, model=covariance_type, tol=1e-9, max_iter=400)
    result = fit_bayesian(X, spec, BayesianPrior(weight_type=weight_type), soft_start(500, 8))
    assert np.diff(result.history).min() > -1e-9 * abs(result.lower_bound)


@pytest.mark.parametrize("weight_type", WEIGHT_TYPES)
def test_superfluous_components_lose_their_rows(weight_type):
    random = np.random.default_rng(0)
    centers = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
    X = np.concatenate([center + random.normal(size=(200, 2)) for center in centers])
    spec = FitSpec(n_components=10, restarts=3, tol=1e-9, max_iter=2000)
    prior = BayesianPrior(weight_type=weight_type, weight_concentration=1e-3)
    result = fit_bayesian(X, spec, prior)
    assert result.converged
    assert len(np.unique(result.labels(X))) == 3
    assert (result.sizes > 1.0).sum() == 3
    np.testing.assert_allclose(np.sort(result.sizes)[-3:], 200.0, atol=1.0)
    np.testing.assert_allclose(result.weights.sum(), 1.0)
    assert np.sort(result.weights)[:-3].max() < 0.01


def test_tight_and_far_components_keep_their_digits():
    """Beyond what raw moments can do; scikit-learn computes the same with centred ones."""
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2))
    X[:100] = 50.0 + 1e-4 * X[:100]
    start = np.eye(2)[(np.arange(300) >= 100).astype(int)]
    prior = BayesianPrior(covariance=1e-9 * np.eye(2), mean_precision=1e-9)
    mixture = reference(
        X,
        start,
        covariance_prior=1e-9 * np.eye(2),
        mean_precision_prior=1e-9,
        reg_covar=0.0,
        max_iter=5,
    )
    spec = FitSpec(n_components=2, tol=0.0, max_iter=5)
    result = fit_bayesian(X, spec, prior, start)
    np.testing.assert_allclose(result.covariances, mixture.covariances_, rtol=1e-8)
    np.testing.assert_allclose(result.log_density(X), mixture.score_samples(X), rtol=1e-8)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_threads_do_not_matter(covariance_type, make_blobs):
    X = make_blobs(60_000, 2, 3).X
    spec = FitSpec(n_components=4, model=covariance_type, max_iter=4, restarts=2)
    with ThreadedMap(1) as one, ThreadedMap(3) as three:
        first, second = (fit_bayesian(X, spec, chunk_map=each) for each in (one, three))
    np.testing.assert_array_equal(first.history, second.history)
    np.testing.assert_array_equal(first.covariances, second.covariances)


def test_weights_repeat_rows(make_blobs):
    X, start = make_blobs(200, 2, 2).X, soft_start(200, 3)
    counts = np.arange(200) % 4
    spec = FitSpec(n_components=3, tol=0.0, max_iter=6)
    weighted = fit_bayesian(X, spec, start=start, weights=counts)
    repeated = fit_bayesian(np.repeat(X, counts, axis=0), spec, start=np.repeat(start, counts, 0))
    np.testing.assert_allclose(weighted.history, repeated.history, rtol=1e-11)
    np.testing.assert_allclose(weighted.means, repeated.means, atol=1e-10)
    assert weighted.size == counts.sum()


def test_known_rows_stay(make_blobs):
    blobs = make_blobs(200, 2, 2)
    known = np.where(np.arange(200) < 60, blobs.labels, -1)
    spec = FitSpec(n_components=2, tol=1e-9)
    free = fit_bayesian(blobs.X, spec, start=1 - blobs.labels)
    result = fit_bayesian(blobs.X, spec, start=1 - blobs.labels, known=known)
    # From a start that has them the wrong way round, only the known rows put them right.
    assert (free.labels(blobs.X) == blobs.labels).mean() < 0.5
    assert (result.labels(blobs.X) == blobs.labels).mean() > 0.8
    assert result.sizes.sum() == pytest.approx(200.0)
    again = fit_bayesian(
        blobs.X,
        FitSpec(n_components=2, tol=0.0, max_iter=1),
        start=blobs.labels,
        known=blobs.labels,
    )
    # All is known: the closed form, in which responsibilities have no entropy.
    sizes = np.bincount(blobs.labels)
    np.testing.assert_allclose(again.sizes, sizes)
    expected = (again.prior.mean + blobs.X[blobs.labels == 0].sum(axis=0)) / (1.0 + sizes[0])
    np.testing.assert_allclose(again.means[0], expected, atol=1e-12)


def test_sample_stands_for_all_rows(make_blobs, monkeypatch):
    """The short runs are weighed against the prior as all rows would be."""
    X = make_blobs(4000, 2, 3).X
    monkeypatch.setattr(start_rows, "ENOUGH_ROWS", 1000)
    spec = FitSpec(n_components=3, restarts=2, tol=1e-10, max_iter=500)
    prior = BayesianPrior(mean_precision=400.0, mean=[5.0, 5.0])
    progress = list(bayesian_steps(X, spec, prior))
    assert {one.n_sampled for one in progress} == {1000, 4000}
    before = max(
        (one for one in progress if one.n_sampled == 1000), key=lambda one: one.lower_bound
    )
    assert before.lower_bound == pytest.approx(progress[-1].lower_bound, rel=0.05)
    assert before.size == 4000.0
    assert progress[-1].parameters.covariances.shape == (3, 2, 2)


def test_progress_ends_where_the_result_is(make_blobs):
    X = make_blobs(300, 2, 2).X
    run = bayesian_steps(X, FitSpec(n_components=3, model="diag", restarts=2))
    last = None
    while True:
        try:
            last = next(run)
        except StopIteration as finished:
            result = finished.value
            break
    assert last.lower_bound == result.lower_bound == result.history[-1]
    assert last.iteration == result.n_iterations
    np.testing.assert_array_equal(last.parameters.covariances, result.covariances)
    np.testing.assert_array_equal(last.parameters.weights, result.weights)
    scores = result.score(X)
    np.testing.assert_array_equal(scores.label, result.labels(X))


class StopsAfter(ThreadedMap):
    """Lets so many passes of a fit be."""

    def __init__(self, passes: int) -> None:
        super().__init__(1, lambda: self.left < 0)
        self.left = passes

    def __call__(self, function, items):
        self.left -= 1
        return super().__call__(function, items)


def test_stopped_keeps_the_last_complete_iteration(make_blobs):
    X, start = make_blobs(300, 2, 2).X, soft_start(300, 3)
    whole = fit_bayesian(X, FitSpec(n_components=3, tol=0.0, max_iter=9), start=start)
    stopped = fit_bayesian(
        X, FitSpec(n_components=3, tol=0.0), start=start, chunk_map=StopsAfter(10)
    )
    assert stopped.ending is StopReason.STOPPED
    assert not stopped.converged
    n = min(stopped.n_iterations, 9)
    assert n > 0
    np.testing.assert_array_equal(stopped.history[:n], whole.history[:n])
    with pytest.raises(Cancelled):
        fit_bayesian(X, FitSpec(n_components=3), start=start, chunk_map=StopsAfter(2))


def test_more_components_than_distinct_rows():
    X = np.repeat([[0.0, 1.0], [2.0, 0.0], [5.0, 5.0]], 10, axis=0)
    result = fit_bayesian(X, FitSpec(n_components=5, restarts=2))
    assert np.isfinite(result.lower_bound)
    assert result.labels(X).shape == (30,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weight_type": "poisson"}, "no weight_type 'poisson'"),
        ({"weight_concentration": 0.0}, "weight_concentration is 0.0"),
        ({"mean_precision": -1.0}, "mean_precision is -1.0"),
        ({"mean_precision": np.nan}, "mean_precision is nan"),
        ({"degrees_of_freedom": "many"}, "degrees_of_freedom is 'many'"),
        ({"reg_covar": -1.0}, "reg_covar is -1.0"),
    ],
)
def test_prior_out_of_range(options, words):
    with pytest.raises(UsageError, match=words):
        BayesianPrior(**options)


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("VVV", {"degrees_of_freedom": 1.0}, "degrees of freedom are 1.0"),
        ("VVV", {"mean": [1.0]}, r"mean has the shape \(1,\)"),
        ("VVV", {"mean": [1.0, np.inf]}, "mean is not finite"),
        ("VVV", {"covariance": np.eye(3)}, r"covariance has the shape \(3, 3\)"),
        ("VVV", {"covariance": [[1.0, 0.5], [0.0, 1.0]]}, "not symmetric"),
        ("VVV", {"covariance": [[1e-20, 5e-21], [0.0, 1e-20]]}, "not symmetric"),
        ("EEE", {"covariance": np.ones((2, 2))}, "not positive definite"),
        ("VVI", {"covariance": [1.0, 0.0]}, "not positive definite"),
        ("VVI", {"covariance": np.eye(2) + 0.1}, "has correlations"),
        ("VII", {"covariance": [1.0, 2.0]}, "unequal variances"),
    ],
)
def test_prior_that_does_not_fit_the_columns(model, options, words, make_blobs):
    X = make_blobs(50, 2, 2).X
    with pytest.raises(FitError, match=words):
        fit_bayesian(X, FitSpec(n_components=2, model=model), BayesianPrior(**options))


def test_rows_that_hold_no_default_prior(make_blobs):
    X = make_blobs(50, 2, 2).X
    constant, dependent = X.copy(), np.column_stack([X, X.sum(axis=1)])
    constant[:, 1] = 3.0
    spec = FitSpec(n_components=2)
    with pytest.raises(FitError, match="Column 2 holds the same value"):
        fit_bayesian(constant, spec)
    with pytest.raises(FitError, match="Column 3 is a linear combination"):
        fit_bayesian(dependent, spec)
    with pytest.raises(FitError, match="10 components were asked for, but there are only 5 rows"):
        fit_bayesian(X[:5], FitSpec(n_components=10))
    with pytest.raises(FitError, match=r"weights add up to 0\.5 rows"):
        fit_bayesian(X, spec, weights=np.full(50, 0.01))
    # With a prior that says how far components reach there, they can be fitted.
    assert np.isfinite(fit_bayesian(constant, spec, BayesianPrior(covariance=1.0)).lower_bound)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (FitSpec(model="VEV"), "no prior for the model VEV"),
        (FitSpec(noise=True), "no use for noise"),
        (FitSpec(prior=ConjugatePrior()), "no use for the conjugate prior"),
    ],
)
def test_what_there_is_only_with_em(spec, words, make_blobs):
    with pytest.raises(UsageError, match=words):
        fit_bayesian(make_blobs(50, 2, 2).X, spec)


def test_model_of_one_column(make_blobs):
    with pytest.raises(FitError, match="model V is for one column"):
        fit_bayesian(make_blobs(50, 2, 2).X, FitSpec(model="V"))
    assert fit_bayesian(make_blobs(50, 1, 2).X, FitSpec(model="V")).model == "VVV"
