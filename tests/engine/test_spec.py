"""Settings are checked when they are made."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gmmdesk.engine import MODEL_ALIASES, MODELS, FitSpec
from gmmdesk.errors import UsageError


@pytest.mark.parametrize(("alias", "model"), MODEL_ALIASES.items())
def test_aliases(alias, model):
    assert FitSpec(model=alias).family == model
    assert model in MODELS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_components", 0),
        ("n_components", 2.5),
        ("n_components", "3"),
        ("seed", -1),
        ("restarts", 0),
        ("max_iter", 0),
        ("tol", -1e-3),
        ("tol", float("nan")),
        ("tol", "small"),
        ("regularization", float("inf")),
    ],
)
def test_a_value_out_of_range_is_named(name, value):
    with pytest.raises(UsageError, match=f"{name} is {value!r}"):
        FitSpec(**{name: value})


def test_an_unknown_model_lists_the_known():
    with pytest.raises(UsageError, match=r"no model 'XYZ'.*VVV"):
        FitSpec(model="XYZ")


def test_numpy_numbers_become_plain():
    spec = FitSpec(n_components=np.int64(3), seed=np.int32(1))
    assert type(spec.n_components) is int
    spec = FitSpec(tol=np.float32(0.5), regularization=np.float64(0.25))
    assert (type(spec.tol), spec.tol) == (float, 0.5)
    assert (type(spec.regularization), spec.regularization) == (float, 0.25)


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FitSpec().seed = 1
