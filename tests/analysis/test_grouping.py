"""Components combined into clusters: who is together, what they are called, and their moments."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis.grouping import Grouping, cluster_names, part_names, split_up, together
from gmmdesk.engine import Noise, Parameters, Region
from gmmdesk.engine.simulation import simulate

WEIGHTS = np.array([0.35, 0.25, 0.2, 0.15, 0.05])


def test_clusters_are_numbered_by_weight_and_led_by_one_of_their_own():
    grouping = Grouping.combining([0, 1, 2, 1, 2], WEIGHTS)
    assert grouping == Grouping(of=(1, 0, 2, 0, 2), leads=(1, 0, 2))
    assert [grouping.parts(c) for c in range(3)] == [(1, 3), (0,), (2, 4)]
    assert grouping.followed == (0, 1, 2, 1, 2)
    assert Grouping.combining(range(5), WEIGHTS) is None


def test_merging_goes_by_the_heaviest_and_splitting_gives_back():
    two = together(None, WEIGHTS, [1, 2])  # 0.45 together: the largest now, led by 1
    assert two == Grouping((1, 0, 0, 2, 3), (1, 0, 3, 4))
    three = together(two, WEIGHTS, [0, 1])  # with the component 0, which is heavier than 1 alone
    assert three == Grouping((0, 0, 0, 1, 2), (1, 3, 4))
    assert split_up(three, WEIGHTS, 0) is None
    both = together(two, WEIGHTS, [2, 3])
    assert split_up(both, WEIGHTS, both.of[3]) == two


def test_probabilities_add_up_and_noise_stays():
    grouping = Grouping.combining([0, 0, 1], WEIGHTS[:3])
    shares = np.array([[0.2, 0.3, 0.4, 0.1], [0.0, 0.5, 0.5, 0.0]])
    np.testing.assert_allclose(grouping.added(shares), [[0.5, 0.4, 0.1], [0.5, 0.5, 0.0]])


def test_the_moments_are_those_of_the_rows_of_the_components():
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(3, 2, 2))
    noise = Noise(0.1, Region(np.full(2, -5.0), 10.0 * np.eye(2)))
    mixture = Parameters(
        np.array([0.5, 0.3, 0.1]),
        rng.normal(scale=3.0, size=(3, 2)),
        roots @ roots.swapaxes(1, 2) + 0.5 * np.eye(2),
        noise,
    )
    grouping = Grouping.combining([0, 1, 0], mixture.weights)
    clusters = grouping.moments(mixture)
    rows, component = simulate(mixture, 400_000, 1)
    for cluster in range(2):
        own = rows[np.isin(component, grouping.parts(cluster))]
        np.testing.assert_allclose(clusters.means[cluster], own.mean(axis=0), atol=0.05)
        np.testing.assert_allclose(
            clusters.covariances[cluster], np.cov(own.T), rtol=0.02, atol=0.02
        )
        assert clusters.weights[cluster] == pytest.approx(len(own) / len(rows), abs=0.003)
    assert clusters.noise is noise
    np.testing.assert_array_equal(clusters.means[1], mixture.means[1])  # alone: to the last bit
    np.testing.assert_array_equal(clusters.covariances[1], mixture.covariances[1])


def test_a_cluster_goes_by_the_names_of_all_its_parts():
    grouping = Grouping((0, 1, 0, 2), (2, 1, 3))
    assert cluster_names({}, 4, None) == ("Cluster 1", "Cluster 2", "Cluster 3", "Cluster 4")
    # What the program called a component is no name that somebody gave it.
    given = {0: "Ring", 1: "Cluster 2", 2: "Band", 3: "Cluster 4"}
    assert cluster_names(given, 4, grouping) == ("Band + Ring", "Cluster 2", "Cluster 3")
    assert cluster_names({0: "Cluster 2", 2: "Cluster 2"}, 4, grouping) == (
        "Cluster 2",
        "Cluster 4",
        "Cluster 3",
    )
    # The name of a part is not that of the whole, which has it where somebody gave it to all.
    assert cluster_names({0: "Ring"}, 4, grouping)[0] == "Ring + 1 more"
    assert cluster_names({0: "Disc", 2: "Disc"}, 4, grouping)[0] == "Disc"
    assert part_names(("A", "B", "C"), grouping) == ("A (part 1)", "B", "A (part 2)", "C")
    assert part_names(("A", "B"), None) == ("A", "B")
