"""One run of EM: what it climbs, and what is left of it wherever it is stopped."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, StopReason, ThreadedMap, fit
from gmmdesk.errors import Cancelled


def stopped_everywhere(X, spec):
    """The result of a fit stopped at every point where it looks, None where there is none."""
    asked = [0]

    def count():
        asked[0] += 1
        return False

    with ThreadedMap(1, count) as chunk_map:
        fit(X, spec, chunk_map=chunk_map)
    results = []
    for limit in range(asked[0]):
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
    results = assert_complete(stopped_everywhere(X, spec), X)
    assert len(results) > 30
    assert all(result.collapse is None for result in results)
    assert results[-1].log_likelihood == fit(X, spec).log_likelihood


def test_a_fit_that_is_being_mended_tells_so_wherever_it_is_stopped():
    X = np.concatenate([np.random.default_rng(0).normal(size=(60, 2)), np.full((40, 2), 4.0)])
    spec = FitSpec(n_components=2, restarts=3, tol=1e-4)
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
