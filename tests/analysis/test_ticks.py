"""Ticks of axes that are drawn on another scale than that of their values."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis.ticks import scale_ticks
from gmmdesk.data.steps.maps import BoxCox, Log, YeoJohnson, back, forward

LOG = (Log(shift=0.0),)


def ticks(scale, low, high, size=600.0, room=90.0):
    ends = forward(scale, np.array([low, high]))
    return ends, scale_ticks(scale, float(ends[0]), float(ends[1]), size, room)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.003, 20.0, ["0.01", "0.1", "1", "10"]),
        (0.2, 5.0, ["0.2", "0.5", "1", "2", "5"]),
        (326.0, 7823.0, ["500", "1000", "2000", "5000"]),
        (326.0, 18_823.0, ["500", "1,000", "2,000", "5,000", "10,000"]),
        (50.0, 80.0, ["50", "55", "60", "65", "70"]),  # no decade in sight
        (1e-3, 1e9, ["0.001", "0.1", "10", "1,000", "100,000", "10,000,000", "1e+09"]),
    ],
)
def test_a_logarithmic_axis_has_round_numbers_in_the_units_of_the_file(low, high, expected):
    _ends, found = ticks(LOG, low, high)
    order = np.argsort(found.places)
    assert [found.texts[i] for i in order] == expected


@pytest.mark.parametrize(
    ("scale", "low", "high"),
    [
        (LOG, 0.003, 20.0),
        ((Log(shift=1.0),), 0.0, 1e5),
        ((Log(shift=-20.0),), 20.0005, 90.0),
        ((BoxCox(power=0.5),), 0.001, 1e4),
        ((BoxCox(power=-0.5),), 0.2, 1e4),
        ((YeoJohnson(power=0.1),), -10.0, 1e4),
        ((YeoJohnson(power=1.8),), -10.0, 10.0),
        ((Log(shift=0.0), BoxCox(power=2.0)), 2.0, 300.0),
    ],
)
@pytest.mark.parametrize("size", [84.0, 600.0])
def test_numbers_are_in_sight_apart_and_at_their_places(scale, low, high, size):
    (first, last), found = ticks(scale, low, high, size, 58.0)
    places = np.sort(found.places)
    assert 1 <= len(places) <= size / 58.0 + 1
    assert ((places >= first) & (places <= last)).all()
    assert (np.diff(places) >= 58.0 * (last - first) / size * (1 - 1e-9)).all()
    told = [float(text.replace(",", "").replace("−", "-")) for text in found.texts]
    np.testing.assert_allclose(back(scale, np.array(found.places)), told, rtol=1e-6, atol=1e-9)
    assert not set(found.fine) & set(found.places)


def test_there_are_ticks_up_to_the_largest_of_numbers():
    found = scale_ticks(LOG, 690.0, 709.7, 600.0, 90.0)
    assert found.texts
    assert np.isfinite([*found.places, *found.fine]).all()


def test_nothing_is_told_where_there_is_nothing():
    assert scale_ticks(LOG, 1.0, 1.0, 600.0, 90.0).places == []
    assert scale_ticks(LOG, 800.0, 900.0, 600.0, 90.0).places == []  # beyond any number
