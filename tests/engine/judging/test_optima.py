"""The distinct optima that starts lead to, against what is known of the rows."""

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, fit, optima
from gmmdesk.engine.density import log_density

# Four tight groups at the corners of a square: three components can split them in several ways.
rng = np.random.default_rng(5)
CORNERS = np.array([(0, 0), (0, 1), (1.2, 0), (1.2, 1)], float)
X = np.repeat(CORNERS, 40, axis=0) + rng.normal(scale=0.08, size=(160, 2))
SPEC = FitSpec(n_components=3, model="EII", restarts=12, seed=0)


@pytest.fixture(scope="module")
def found():
    result = fit(X, SPEC)
    return result, optima(result, X, SPEC)


def test_every_start_leads_somewhere(found):
    result, every = found
    assert sum(one.n_reached for one in every) == len(result.starts) == 12
    assert len(every) >= 2


def test_they_are_ordered_by_their_likelihoods(found):
    _, every = found
    scores = [one.log_likelihood for one in every]
    assert scores == sorted(scores, reverse=True)
    for one in every:
        by_hand = log_density(one.parameters.in_full(), X).mean()
        assert one.log_likelihood == pytest.approx(by_hand, abs=1e-12)


def test_the_answer_is_the_likeliest(found):
    result, every = found
    assert [one.is_answer for one in every] == [True] + [False] * (len(every) - 1)
    assert every[0].parameters is result.parameters
    assert every[0].log_likelihood * len(X) == pytest.approx(result.log_likelihood, abs=1e-6)


def test_each_is_an_optimum(found):
    """One more run of EM from there gains nothing."""
    _, every = found
    for one in every:
        again = fit(X, FitSpec(n_components=3, model="EII"), one.parameters)
        assert again.log_likelihood / len(X) - one.log_likelihood < 1e-5


def test_clear_groups_have_one():
    clear = FitSpec(n_components=4, model="EII", restarts=6, seed=0)
    every = optima(fit(X, clear), X, clear)
    assert every[0].n_reached >= 3
    assert every[0].is_answer
