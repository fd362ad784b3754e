"""One run of EM: what it climbs, and what is left of it wherever it is stopped."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, StopReason, ThreadedMap, fit, steps
from gmmdesk.engine.density import responsibilities
from gmmdesk.errors import Cancelled

every_model = pytest.mark.parametrize("model", MODELS)


def rises(X, spec, start):
    """What each iteration adds per row to what its M-step makes a maximum, by the definition."""
    progress = list(steps(X, spec, start))
    added = spec.regularization * X.var(axis=0)
    gained = []
    for before, after in itertools.pairwise(progress):
        sizes = responsibilities(before.parameters, X).sum(axis=0)
        penalties = [
            0.5 * sizes @ (np.diagonal(np.linalg.inv(S), axis1=1, axis2=2) @ added)
            for S in (before.parameters.covariances, after.parameters.covariances)
        ]
        gain = after.log_likelihood - before.log_likelihood + penalties[0] - penalties[1]
        gained.append(gain / len(X))
    return np.array(gained)


@every_model
@pytest.mark.parametrize("regularization", [1e-3, 0.1])
def test_a_regularized_fit_climbs_until_it_settles(model, regularization, make_blobs):
    X = make_blobs(200, 3, 2).X
    spec = FitSpec(n_components=3, model=model, regularization=regularization)
    start = np.digitize(X[:, 0], np.quantile(X[:, 0], [0.3, 0.7]))
    gained = rises(X, spec, start)
    assert gained.min() > -1e-12
    assert gained[-1] <= 1.01e-6
    assert gained[:-1].min() > 0.99e-6
    result = fit(X, spec, start)
    assert result.converged
    # A fixed point: another iteration leads nowhere.
    again = fit(X, replace(spec, max_iter=1), result.responsibilities(X))
    np.testing.assert_allclose(again.means, result.means, atol=0.01)


def test_a_falling_log_likelihood_is_no_end_where_it_is_penalized():
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 3))
    X[:200] += 2.0
    spec = FitSpec(n_components=3, model="VVI", regularization=0.05, tol=1e-9)
    result = fit(X, spec, np.arange(400) % 3)
    assert np.diff(result.history).min() < 0.0
    assert result.converged
    again = result
    for _ in range(20):
        again = fit(X, replace(spec, max_iter=1), again.responsibilities(X))
    np.testing.assert_allclose(again.means, result.means, atol=1e-2)


def stopped_everywhere(X, spec, every=1):
    """The result of a fit stopped at every point where it looks, None where there is none.

    Or at every thirty-first, say, up to the last one: that hits each step of an iteration in turn.
    """
    asked = [0]

    def count():
        asked[0] += 1
        return False

    with ThreadedMap(1, count) as chunk_map:
        fit(X, spec, chunk_map=chunk_map)
    results = []
    for limit in reversed(range(asked[0] - 1, -1, -every)):
        left = iter([False] * limit)
        with ThreadedMap(1, lambda left=left: next(left, True)) as chunk_map:
            try:
                results.append(fit(X, spec, chunk_map=chunk_map))
            except Cancelled:
                results.append(None)
    return results


def assert_complete(results, X):
    """From the first iteration on, every result is one of the whole data that fits together."""
    begun = next(i for i, result in enumerate(results) if result is not None)
    for result in results[begun:]:
        assert result.ending is StopReason.STOPPED
        assert result.log_likelihood == result.history[-1]
        assert result.log_density(X).sum() == pytest.approx(result.log_likelihood, rel=1e-9)
        assert np.linalg.eigvalsh(result.covariances).min() > 0.0
    return results[begun:]


def test_an_ordinary_fit_stopped_anywhere_is_a_fit(make_blobs):
    X = make_blobs(120, 2, 3).X
    spec = FitSpec(n_components=3, restarts=3, tol=1e-4)
    results = assert_complete(stopped_everywhere(X, spec, every=31), X)
    assert len(results) > 30
    assert all(result.collapse is None for result in results)
    assert results[-1].log_likelihood == fit(X, spec).log_likelihood


def test_a_fit_that_is_being_mended_tells_so_wherever_it_is_stopped():
    X = np.concatenate([np.random.default_rng(0).normal(size=(60, 2)), np.full((40, 2), 4.0)])
    spec = FitSpec(n_components=2, restarts=4, tol=1e-4)
    results = assert_complete(stopped_everywhere(X, spec), X)
    collapsed = [one for one in results if one.collapse is not None and not one.collapse.kept]
    mended = [one for one in results if one.mended]
    assert collapsed  # before the first start that is mended was tried
    for result in collapsed:
        assert not result.mended
        assert f"Component {result.collapse.component + 1} collapsed onto" in result.message
        assert "stopped" in result.message
    assert len(mended) > 10
    assert results[-len(mended) :] == mended
    for result in mended:
        assert result.collapse.kept
        assert result.collapse.component == result.mended[0]
        assert result.collapse.rows.tolist() == list(range(60, 100))
        assert "was kept from collapsing onto 40 rows" in result.message
        # The floor is in the covariance: mended means by the parameters too.
        assert np.linalg.eigvalsh(result.covariances[result.mended[0]]).max() < 1e-5
    assert results[-1].mended == fit(X, spec).mended
