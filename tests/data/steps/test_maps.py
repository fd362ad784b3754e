"""Transformations of single columns: against scipy, scikit-learn and numeric derivatives."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from gmmdesk.data.steps import maps
from gmmdesk.data.steps.maps import BoxCox, Log, Map, YeoJohnson

POWERS = [-2.0, -1.0, -0.3, 0.0, 1e-9, 0.5, 1.0, 1.7, 2.0, 3.0]
EVERY = [
    Log(shift=0.0),
    Log(shift=2.5),
    *(kind(power=p) for kind in (BoxCox, YeoJohnson) for p in POWERS),
]


def inside(each: Map) -> np.ndarray:
    """Numbers for which the map is defined."""
    if isinstance(each, YeoJohnson):
        return np.array([-7.5, -1.0, -1e-3, 0.0, 1e-3, 0.9, 4.0, 30.0])
    return np.array([1e-3, 0.2, 0.9, 1.0, 4.0, 30.0]) - getattr(each, "shift", 0.0)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_back_undoes_forward(each):
    x = inside(each)
    np.testing.assert_allclose(each.back(each.forward(x)), x, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_the_slope_is_the_numeric_derivative(each):
    x = inside(each)
    x = x[np.abs(x) > 0.1]
    h = 1e-6 * np.abs(x + getattr(each, "shift", 0.0))
    numeric = (each.forward(x + h) - each.forward(x - h)) / (2.0 * h)
    np.testing.assert_allclose(np.exp(each.log_slope(x)), numeric, rtol=1e-6)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_maps_rise_and_keep_gaps(each):
    x = inside(each)
    assert (np.diff(each.forward(x)) > 0.0).all()
    assert np.isnan(each.forward(np.array([np.nan]))).all()
    assert msgspec.json.decode(msgspec.json.encode(each), type=Map) == each


@pytest.mark.parametrize("power", POWERS)
def test_formulas_are_those_of_scipy(power):
    x = np.array([-3.0, -0.4, 0.0, 0.7, 12.0])
    np.testing.assert_allclose(
        YeoJohnson(power=power).forward(x), stats.yeojohnson(x, power), rtol=1e-6, atol=1e-12
    )
    positive = x[x > 0.0]
    np.testing.assert_allclose(
        BoxCox(power=power).forward(positive), stats.boxcox(positive, power), rtol=1e-12
    )


@pytest.mark.parametrize("each", [Log(shift=0.0), Log(shift=-1.0), BoxCox(power=0.3)])
def test_what_is_not_defined_is_nan(each):
    assert np.isnan(each.forward(np.array([-3.0, 0.0]))).all()


def test_back_from_beyond_the_range_is_its_end():
    assert BoxCox(power=0.5).back(np.array([-2.0, -5.0])).tolist() == [0.0, 0.0]
    assert BoxCox(power=-0.5).back(np.array([2.0, 5.0])).tolist() == [np.inf, np.inf]
    assert YeoJohnson(power=-0.5).back(np.array([5.0]))[0] == np.inf
    assert YeoJohnson(power=2.5).back(np.array([-5.0]))[0] == -np.inf


@pytest.mark.parametrize("seed", range(4))
def test_the_box_cox_power_is_the_likeliest(seed):
    rng = np.random.default_rng(seed)
    x = np.exp(rng.normal(1.0, 0.4 + seed / 3, 300)) ** (1.0 + seed / 2)
    expected = stats.boxcox_normmax(x, method="mle")
    assert maps.fit_box_cox(x).power == pytest.approx(expected, abs=1e-5)
    assert maps.fit_box_cox(1e6 * x).power == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shift", [-6.0, 0.0, 4.0])
def test_the_yeo_johnson_power_is_that_of_scikit_learn(seed, shift):
    rng = np.random.default_rng(seed)
    x = rng.gamma(1.0 + seed, 2.0, 400) + shift
    expected = PowerTransformer(standardize=False).fit(x[:, None]).lambdas_[0]
    assert maps.fit_yeo_johnson(x).power == pytest.approx(expected, abs=1e-5)


def test_yeo_johnson_mirrors():
    x = np.random.default_rng(0).gamma(1.5, 2.0, 200)
    one, other = maps.fit_yeo_johnson(x).power, maps.fit_yeo_johnson(-x).power
    assert one + other == pytest.approx(2.0, abs=1e-7)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 50.0))
def test_powers_stay_within_their_range(scale, spread):
    x = scale * np.exp(spread * np.linspace(-1.0, 1.0, 9))
    assert -5.0 <= maps.fit_box_cox(x).power <= 5.0


def test_maps_one_after_the_other():
    chain = (Log(shift=1.0), YeoJohnson(power=0.4))
    x = np.array([-0.5, 0.3, 5.0, 80.0])
    np.testing.assert_allclose(maps.back(chain, maps.forward(chain, x)), x, rtol=1e-12)
    h = 1e-6
    numeric = (maps.forward(chain, x + h) - maps.forward(chain, x - h)) / (2.0 * h)
    np.testing.assert_allclose(np.exp(maps.log_slope(chain, x)), numeric, rtol=1e-6)
