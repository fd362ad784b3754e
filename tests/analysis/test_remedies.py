"""What is offered says what it does, and does that."""

from __future__ import annotations

import pytest

from gmmdesk.analysis import Settings
from gmmdesk.analysis.remedies import straighten
from gmmdesk.data.steps import Logarithm, Power, PrincipalComponents

LOG = Logarithm(columns=("fare", "total"))
POWER = Power(columns=("passengers", "distance", "tip", "tolls"))


def test_the_columns_that_a_step_bends_are_named():
    (one,) = straighten([LOG])
    assert one.text == "Take the logarithm of fare and total"
    assert one.changes(Settings()) == {"steps": (LOG,)}
    (one,) = straighten([POWER])
    assert one.text == "Take a power (Yeo-Johnson) of these 4 columns"
    assert "passengers, distance, tip and tolls" in one.tip


def test_where_columns_need_different_steps_one_click_takes_all_of_them():
    every, *alone = straighten([LOG, POWER])
    assert every.text == "Straighten all 6 columns"
    assert every.changes(Settings()) == {"steps": (LOG, POWER)}
    both = straighten([Logarithm(columns=("fare",)), Power(columns=("tip",))])[0]
    assert both.text == "Straighten both columns"
    assert "the logarithm of fare and total and a power (Yeo-Johnson) of passengers" in every.tip
    assert "values of 0 or below have no logarithm" in every.tip
    assert [one.changes(Settings())["steps"] for one in alone] == [(LOG,), (POWER,)]


@pytest.mark.parametrize("steps", [[LOG], [LOG, POWER]])
def test_columns_are_bent_before_principal_components_take_their_place(steps):
    turned = PrincipalComponents(number=2)
    settings = Settings(steps=(turned,))
    assert straighten(steps)[0].changes(settings) == {"steps": (*steps, turned)}
