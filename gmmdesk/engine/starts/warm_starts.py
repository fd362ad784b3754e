"""Starts from neighbours: a simpler model's fit, and a fit of one component less, split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.covariance import MODELS
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitResult

# The components, by weight, that are split in turn: all in the usual search, where the lightest is
# as often the one.
SPLITS = 8
MOST_WARM = 1 + SPLITS
# Of a standard deviation along its longest axis, how far the halves of a component lie from its
# mean; what they leave between them is taken off the variance there.
APART = 0.75

_FREEDOM = {"I": 0, "E": 1, "V": 2}


def neighbours(model: str, n_components: int) -> Iterator[tuple[str, int]]:
    """The candidates, models and numbers, whose fits are looked at for starts of one.

    They are the simpler models of as many components, and the same of one less: a partial order,
    so that candidates which do not wait for each other may be fitted at the same time.
    """
    for one in simpler(model):
        yield one, n_components
    yield model, n_components - 1


@cache
def simpler(model: str) -> tuple[str, ...]:
    """The models of less freedom, in total: not all of them are special cases of it."""
    return tuple(one for one in MODELS if _freedom(one) < _freedom(model))


def _freedom(model: str) -> int:
    return sum(_FREEDOM[letter] for letter in model)


@cache
def parents(model: str) -> tuple[str, ...]:
    """The models that are one step simpler: one letter goes from V to E, or from E to I."""

    def steps(other: str) -> list[int]:
        return [
            _FREEDOM[own] - _FREEDOM[simpler] for own, simpler in zip(model, other, strict=True)
        ]

    return tuple(name for name in MODELS if min(steps(name)) >= 0 and sum(steps(name)) == 1)


@cache
def beside(model: str) -> tuple[str, ...]:
    """The models next to it that are no simpler, so that it has not begun from them.

    One letter of theirs is freer, or one is and another is less so by as much. What is the highest
    for one of these is often on the way to a higher maximum of the other.
    """

    def is_next(other: str) -> bool:
        n_other_letters = sum(own != letter for own, letter in zip(model, other, strict=True))
        freer = _freedom(other) - _freedom(model)
        return (n_other_letters == 1 and freer > 0) or (n_other_letters == 2 and freer == 0)

    return tuple(other for other in MODELS if is_next(other))


def warm_starts(model: str, n_components: int, fitted: Iterable[FitResult]) -> Iterator[Parameters]:
    """Mixtures to begin with, made of those neighbours that were `fitted` to the same rows.

    Where the likeliest of the models one step simpler has ended, and a component less, split.
    """
    near = {*neighbours(model, n_components)}
    sound = [
        one for one in fitted if one.collapse is None and (one.model, one.n_components) in near
    ]
    alike = [one for one in sound if one.n_components == n_components]
    alike.sort(key=lambda one: one.log_likelihood, reverse=True)
    special = [one for one in alike if one.model in parents(model)]
    for one in (special or alike)[:1]:
        yield one.parameters
    for one in sound:
        if one.n_components < n_components:
            heaviest = np.argsort(-one.weights, kind="stable")
            for component in heaviest[:SPLITS]:
                yield split(one.parameters, int(component))


def split(parameters: Parameters, component: int) -> Parameters:
    """With one component made two halves along its longest axis."""
    variances, axes = np.linalg.eigh(parameters.covariances[component])
    shift = APART * np.sqrt(variances[-1]) * axes[:, -1]
    halves = parameters.means[component] + np.array([shift, -shift])
    narrowed = parameters.covariances[component] - np.multiply.outer(shift, shift)

    def replaced(array: FloatArray, part: FloatArray) -> FloatArray:
        return np.concatenate([np.delete(array, component, axis=0), part])

    weight = parameters.weights[component] / 2.0
    return Parameters(
        replaced(parameters.weights, np.array([weight, weight])),
        replaced(parameters.means, halves),
        replaced(parameters.covariances, np.stack([narrowed, narrowed])),
        parameters.noise,
    )
