"""Where labels of clusters stand."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.ui.drawing.label_places import leaders, place_labels

ROOM = np.array([0.0, 0.0, 600.0, 400.0])
SIZE = np.array([70.0, 20.0])
REACH = 5.0
GRID = np.stack(np.meshgrid(np.arange(3.0), np.arange(3.0)), axis=-1).reshape(-1, 2)

# By what they are: the centres of clusters.
CENTERS = {
    "one alone": [[300, 200]],
    "two at one place": [[300, 200], [300, 200]],
    "two a little apart": [[300, 200], [306, 203]],
    "two beside each other": [[300, 200], [380, 200]],
    "five in a heap": [[300 + 3 * i, 200 - 2 * i] for i in range(5)],
    "nine in a heap": (300.0 + 12.0 * GRID - [0, 100]).tolist(),
    "in the corners": [[0, 0], [600, 0], [0, 400], [600, 400]],
    "three in a corner": [[598, 398], [595, 396], [599, 390]],
    "beyond the edge": [[-400, 200], [900, 200], [300, -50]],
}


def areas_shared(one, others):
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[2:], others[:, 2:])
    return np.prod(np.maximum(high - low, 0.0), axis=1)


@pytest.mark.parametrize("name", CENTERS)
def test_labels_cover_neither_each_other_nor_a_centre(name):
    centers = np.array(CENTERS[name], float)
    K = len(centers)
    sizes = np.tile(SIZE, (K, 1))
    places = place_labels(centers, sizes, ROOM, range(K), reach=REACH)
    np.testing.assert_allclose(places[:, 2:] - places[:, :2], sizes)
    assert (places[:, :2] >= ROOM[:2]).all()
    assert (places[:, 2:] <= ROOM[2:]).all()
    for k in range(K):
        assert areas_shared(places[k], np.delete(places, k, axis=0)).sum() == 0.0
        crosses = np.concatenate([centers - REACH, centers + REACH], axis=1)
        assert areas_shared(places[k], crosses).sum() == 0.0
    again = place_labels(centers, sizes, ROOM, range(K), reach=REACH)
    np.testing.assert_array_equal(again, places)


@pytest.mark.parametrize("name", CENTERS)
def test_no_label_is_taken_for_that_of_another_centre(name):
    centers = np.array(CENTERS[name], float)
    K = len(centers)
    places = place_labels(centers, np.tile(SIZE, (K, 1)), ROOM, range(K), reach=REACH)
    led = dict(leaders(centers, places))
    for k, place in enumerate(places):
        away = np.hypot(*(np.clip(centers, place[:2], place[2:]) - centers).T)
        assert k in led or away[k] <= away.min() + 1.0
    if name.startswith("two"):
        assert not led


def test_the_nearest_place_is_taken_and_a_line_leads_to_far_ones():
    centers = np.tile([300.0, 200.0], (9, 1))
    sizes = np.tile(SIZE, (9, 1))
    alone = place_labels(centers[:1], sizes[:1], ROOM, [0], reach=REACH)
    assert alone[0].tolist() == [310.0, 190.0, 380.0, 210.0]
    assert leaders(centers[:1], alone) == []
    heap = place_labels(centers, sizes, ROOM, range(9), reach=REACH)
    led = leaders(centers, heap)
    assert led
    assert 0 not in dict(led)
    for k, end in led:
        assert np.hypot(*(end - centers[k])) > 20.0
        assert (end >= heap[k, :2]).all()
        assert (end <= heap[k, 2:]).all()


def test_who_comes_first_has_the_best_place_and_others_may_have_none():
    centers = np.tile([30.0, 20.0], (3, 1))
    room = np.array([0.0, 0.0, 120.0, 40.0])
    sizes = np.tile(SIZE, (3, 1))
    some = place_labels(centers, sizes, room, [2, 0], reach=REACH, all_of_them=False)
    assert some[2].tolist() == [40.0, 10.0, 110.0, 30.0]
    assert np.isnan(some[[0, 1]]).all()
    every = place_labels(centers, sizes, room, [2, 0], reach=REACH)
    assert np.isfinite(every[[0, 2]]).all()
    assert np.isnan(every[1]).all()


def test_what_is_covered_has_no_labels():
    center, size = np.array([[300.0, 200.0]]), SIZE[None]
    covered = np.array([[305.0, 150.0, 600.0, 250.0], [0.0, 180.0, 295.0, 220.0]])
    places = place_labels(center, size, ROOM, [0], reach=REACH, covered=covered)
    assert areas_shared(places[0], covered).sum() == 0.0
    assert areas_shared(place_labels(center, size, ROOM, [0], reach=REACH)[0], covered).sum() > 0.0


def test_without_clusters_there_are_no_labels():
    nobody = np.empty((0, 2))
    assert place_labels(nobody, nobody, np.array([0.0, 0, 9, 9]), [], reach=1.0).shape == (0, 4)
