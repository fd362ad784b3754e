"""The answer of a search can be watched from starts of its own, where these lead to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis.retracing import ENOUGH_TO_SEE, retraced
from gmmdesk.engine import FitSpec, ThreadedMap, Tried, candidates, search
from gmmdesk.engine.restarts import LEFT
from gmmdesk.errors import Cancelled
from tests.running import drain


@pytest.fixture(scope="module")
def X():
    random = np.random.default_rng(4)
    return np.concatenate([random.normal(size=(60, 2)) + 5.0 * i for i in range(3)])


@pytest.fixture(scope="module")
def warm(X):
    """A candidate that began where simpler ones had ended, and was there at once."""
    specs = candidates(("EII", "VII"), range(1, 4), FitSpec(restarts=4))
    found = drain(search(X, specs))[0].tried[-1]
    assert found.result.n_iterations < ENOUGH_TO_SEE
    return found


def _retraced(X, found, checkpoint=lambda: None):
    with ThreadedMap(None, checkpoint) as chunk_map:
        return drain(retraced(X, None, found, chunk_map))


def test_a_fit_as_good_comes_from_starts_of_its_own(X, warm):
    own, seen = _retraced(X, warm)
    assert own.result.n_iterations > warm.result.n_iterations
    assert own.result.log_likelihood > warm.result.log_likelihood - LEFT
    assert min(step.restart for step in seen) == 0
    assert max(step.restart for step in seen) < warm.spec.restarts
    np.testing.assert_array_equal(seen[-1].compact.means, own.result.means)
    assert own.result.starts == warm.result.starts  # it is judged as if nobody had watched


def test_where_it_leads_higher_its_starts_are_judged_too(X, warm):
    lower = replace(warm.result, log_likelihood=warm.result.log_likelihood - 1.0)
    own, _ = _retraced(X, replace(warm, result=lower))
    assert len(own.result.starts) == len(warm.result.starts) + warm.spec.restarts


def test_what_leads_lower_is_not_taken(X, warm):
    higher = replace(warm.result, log_likelihood=warm.result.log_likelihood + 2.0 * LEFT + 1.0)
    found = Tried(warm.spec, higher)
    own, seen = _retraced(X, found)
    assert seen
    assert own is found


@pytest.mark.parametrize("n_passes", [1, 30])
def test_cancelling_leaves_what_was_found(X, warm, n_passes):
    passes = iter(range(n_passes))

    def checkpoint():
        if next(passes, None) is None:
            raise Cancelled

    own, _ = _retraced(X, warm, checkpoint)
    assert own is warm
