"""Tables that are hardly any: each is fitted soundly, or said to be what it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmmdesk.engine import MODELS, FitSpec, fit
from gmmdesk.errors import FitError

every_model = pytest.mark.parametrize("model", MODELS)


def _fitted(X, spec, start):
    try:
        return fit(X, spec, start)
    except FitError as error:
        return error


def outcome(X, spec, start=None):
    """The result, sound in every number; or the FitError, which says what is wrong and to do."""
    result = _fitted(X, spec, start)
    if isinstance(result, FitError):
        assert result.message.endswith(".")
        assert result.hint.endswith(".")
        assert result.rows is None or 0 <= result.rows.min() <= result.rows.max() < len(X)
        return result
    numbers = [result.log_likelihood, result.bic, result.icl, result.aic]
    assert np.isfinite(numbers).all()
    assert np.isfinite(result.history).all()
    assert np.isfinite(result.means).all()
    assert result.weights.sum() == pytest.approx(1.0)
    assert result.weights.min() > 0.0
    np.linalg.cholesky(result.covariances)
    np.testing.assert_allclose(result.responsibilities(X).sum(axis=1), 1.0)
    assert np.isfinite(result.log_density(X)).all()
    assert (result.collapse is not None) == ("collaps" in result.stop_reason)
    if result.collapse is not None:
        assert f"omponent {result.collapse.component + 1} " in result.message
    return result


NAMED = {
    "one row": np.array([[1.0, 2.0]]),
    "two rows": np.array([[1.0, 2.0], [3.0, 5.0]]),
    "one distinct row": np.full((6, 2), 0.1),
    "two distinct rows": np.tile([[0.1, 0.2], [0.3, 0.7]], (4, 1)),
    "as many distinct rows as components": np.tile([[0.0, 0.1], [0.7, 0.3], [2.0, 5.0]], (5, 1)),
    "all equal but for one cell": np.where(np.arange(20).reshape(10, 2) == 7, 3.0, 1.1),
    "a constant column": np.column_stack([np.arange(9.0), np.full(9, 0.3)]),
    "a line": np.multiply.outer(np.arange(9.0), [0.1, 0.7]) + 1e8,
    "fewer rows than columns": np.random.default_rng(0).normal(size=(4, 6)),
    "as many rows as columns": np.random.default_rng(1).normal(size=(4, 4)),
    "two levels": np.random.default_rng(2).integers(0, 2, (30, 3)),
    "three levels far out": 1e8 + np.random.default_rng(3).integers(0, 3, (30, 2)),
    "half of it one row": np.r_[np.random.default_rng(4).normal(size=(8, 2)), np.ones((8, 2))],
}


@every_model
@pytest.mark.parametrize("table", NAMED)
def test_a_named_table(model, table):
    X = NAMED[table]
    for K in (1, 2, 3):
        spec = FitSpec(n_components=K, model=model, restarts=2, max_iter=20)
        outcome(X, spec)
        if len(X) >= K:
            outcome(X, spec, np.arange(len(X)) % K)
            # All but the last components begin with one row.
            outcome(X, spec, np.minimum(np.arange(len(X)), K - 1))


@every_model
def test_a_start_whose_component_has_no_variance(model):
    """Its rows are copies of one: where components share nothing, it is named with its rows."""
    X = np.r_[np.random.default_rng(0).normal(size=(20, 2)), np.full((5, 2), 9.0)]
    result = outcome(X, FitSpec(n_components=2, model=model), np.repeat([0, 1], [20, 5]))
    if model in ("VII", "VEI", "VVI", "VEE", "VVE", "VEV", "EVE", "EVV", "EVI", "VVV"):
        assert isinstance(result, FitError)
        assert "Component 2 collapsed onto rows 21, 22, 23, 24, 25." in result.message
        assert result.rows.tolist() == list(range(20, 25))


@st.composite
def tables(draw):
    """Few rows of few levels; columns may be copies, sums, constants, far out or finely spaced."""
    n, d = draw(st.integers(1, 14)), draw(st.integers(1, 4))
    levels = draw(st.sampled_from([2, 3, 5, 1000]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = random.integers(0, levels, (n, d)).astype(float)
    if levels == 1000:
        X = random.normal(size=(n, d))
    for j in range(d):
        kind = draw(st.sampled_from(["own", "own", "own", "copy", "sum", "constant"]))
        if kind == "copy":
            X[:, j] = X[:, 0] * 0.1
        elif kind == "sum":
            X[:, j] = X[:, :j].sum(axis=1) * 0.3
        elif kind == "constant":
            X[:, j] = 0.1
        X[:, j] *= draw(st.sampled_from([1.0, 1.0, 1e-6, 1e6]))
        X[:, j] += draw(st.sampled_from([0.0, 0.0, 1e8, -0.3]))
    repeats = draw(st.integers(1, 3))
    X = np.repeat(X, repeats, axis=0)
    if draw(st.booleans()):
        X[-1] = draw(st.sampled_from([1e3, 1e12]))
    return X


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(X=tables(), K=st.integers(1, 4), model=st.sampled_from(list(MODELS)), data=st.data())
def test_any_table(X, K, model, data):
    share = data.draw(st.sampled_from([0.0, 0.0, 1e-6]))
    spec = FitSpec(
        n_components=K, model=model, restarts=2, regularization=share, max_iter=20, seed=1
    )
    start = None
    if data.draw(st.booleans()):
        start = np.array(
            data.draw(st.lists(st.integers(0, K - 1), min_size=len(X), max_size=len(X)))
        )
    outcome(X, spec, start)


@pytest.mark.parametrize("far", [1e16, 1e20, 9.96921e36])
@pytest.mark.parametrize("missing", ["refuse", "em"])
def test_a_fill_value_that_hides_the_rest_is_named(far, missing):
    X = np.random.default_rng(0).normal(size=(300, 2))
    X[150:] += 8.0
    X[299, 1] = far
    if missing == "em":
        X[5, 0] = np.nan
    with pytest.raises(FitError, match=r"Row 300, column 2 is \S+: so far out"):
        fit(X, FitSpec(n_components=3, missing=missing, restarts=2))
