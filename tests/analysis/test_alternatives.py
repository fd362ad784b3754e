"""The optima that restarts led to, told apart from the answer."""

from __future__ import annotations

import itertools

import numpy as np

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.alternatives import alternatives
from gmmdesk.analysis.found_again import followed_in_words
from gmmdesk.data.readers import read_text
from tests.running import finish


def test_clusters_have_the_numbers_of_those_of_the_answer():
    """Four groups for three clusters: which two are one differs, the others stay what they are."""
    rng = np.random.default_rng(5)
    corners = np.repeat([(0, 0), (0, 1), (1.2, 0), (1.2, 1)], [50, 40, 30, 20], axis=0)
    rows = corners + rng.normal(scale=0.08, size=corners.shape)
    table = read_text("x,y\n" + "".join(f"{x:.5f},{y:.5f}\n" for x, y in rows))
    settings = Settings(k_min=3, k_max=3, models=("EII",), restarts=20)
    analysis = finish(analyse(table, settings))
    found = alternatives(analysis)
    assert len(found) > 1
    trust = analysis.trust
    reached, n = sum(one.n_reached for one in found), trust.n_starts
    told = followed_in_words(found, trust)
    assert told.startswith(f"Of {n} restarts, followed to their end, {reached} led to")
    assert f"{trust.n_agreeing} of {n} restarts had found" in told  # as the verdict counts them
    assert ("collapsed" in told) == (reached < n)
    fewer = followed_in_words(found[1:], trust)
    assert f", {n - reached + found[0].n_reached} collapsed onto a few rows." in fewer
    assert "prior" not in followed_in_words(found, trust, has_prior=True)  # the answer is the first
    assert "prior" in followed_in_words(found[::-1], trust, has_prior=True)
    assert "prior" not in followed_in_words(found[::-1], trust)
    (answer,) = [one for one in found if one.is_answer]
    for one in found:
        agreeing = [
            (np.array(order)[one.clusters] == answer.clusters).sum()
            for order in itertools.permutations(range(3))  # the first leaves them as they are
        ]
        assert agreeing[0] == max(agreeing)
