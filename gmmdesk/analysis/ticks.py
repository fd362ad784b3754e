"""Round places along an axis, and what is written there."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.maps import Map
from gmmdesk.text import number, plain, thousands

_STEPS = ((1, 5), (2, 4), (5, 5), (10, 5))  # distance of labels, and its parts by finer ticks
_ROUND = (1.0, 2.0, 5.0, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0)  # times powers of ten, the roundest first
_LABELLED = 3  # of these have numbers, where there is room
_FEWEST = 3  # numbers, else other round values are looked for
_DECADES = 9  # below the largest value, that are looked at where values come to 0
_FINE = 6.0  # pixels between fine ticks, at least
_SEEN = 65  # places at which it is looked which values there are


class ScaleTicks(NamedTuple):
    """Where ticks with numbers are on an axis and what these say, and where there are fine ones."""

    places: list[float]
    texts: list[str]
    fine: list[float]


def scale_ticks(
    scale: tuple[Map, ...], low: float, high: float, size: float, room: float
) -> ScaleTicks:
    """Of an axis from place `low` to `high`, `size` pixels long, whose `scale` bends its values.

    Numbers are `room` pixels apart, at least: powers of ten, then twice and five times these; where
    few of them have room, these from the first on, or values at equal distances.
    """
    pixel = (high - low) / max(size, 1.0)
    values = maps.back(scale, np.linspace(low, high, _SEEN))
    values = values[np.isfinite(values)]
    if not (len(values) and math.isfinite(pixel) and values[-1] > values[0]):
        return ScaleTicks([], [], [])
    round_ones = [_powers(values, times) for times in _ROUND[:_LABELLED]]
    chosen = _Chosen.of(round_ones, scale, (low, high), room * pixel)
    if len(chosen.values) < _FEWEST:
        even = _even(values, size, room)
        others = ([np.sort(np.concatenate(round_ones))], even[:1], even)
        found = [chosen, *(_Chosen.of(one, scale, (low, high), room * pixel) for one in others)]
        enough = (one for one in found if len(one.values) >= _FEWEST)
        chosen = next(enough, None) or max(found, key=lambda one: len(one.values))
    texts = _texts(chosen.values)
    places = list(chosen.places)
    for times in _ROUND:
        chosen.add(_powers(values, times), _FINE * pixel)
    return ScaleTicks(places, texts, chosen.places[len(places) :])


class _Chosen:
    """Values, each at some distance from those before it."""

    def __init__(self, scale: tuple[Map, ...], low: float, high: float) -> None:
        self._scale, self._low, self._high = scale, low, high
        self.values: list[float] = []
        self.places: list[float] = []
        self._taken = [-math.inf, math.inf]  # the places, rising

    @classmethod
    def of(
        cls,
        ranked: Sequence[FloatArray],
        scale: tuple[Map, ...],
        ends: tuple[float, float],
        least: float,
    ) -> _Chosen:
        """Some of `ranked` values, those before first."""
        chosen = cls(scale, *ends)
        for values in ranked:
            chosen.add(values, least)
        return chosen

    def add(self, values: FloatArray, least: float) -> None:
        """Those of `values` that are in sight and not nearer to others than `least`."""
        places = maps.forward(self._scale, values)
        seen = (places >= self._low) & (places <= self._high)
        for value, at in zip(values[seen].tolist(), places[seen].tolist(), strict=True):
            rank = bisect(self._taken, at)
            if at - self._taken[rank - 1] >= least and self._taken[rank] - at >= least:
                self._taken.insert(rank, at)
                self.values.append(value)
                self.places.append(at)


def _texts(values: Sequence[float]) -> list[str]:
    """Values of any size; between the thousands is a mark in all or in none."""
    texts = [plain(value) if abs(value) < 1e9 else number(value, 1) for value in values]
    if any("," in text for text in texts):
        for i, value in enumerate(values):
            if 1e3 <= abs(value) < 1e4 and value.is_integer():
                texts[i] = f"{value:,.0f}".replace("-", "−")
    return texts


def _powers(values: FloatArray, times: float) -> FloatArray:
    """So many times the powers of ten that come near some of the rising `values`; and 0.

    The largest first: where they crowd around 0 these are the ones to be told.
    """
    sizes = np.abs(values[values != 0.0])
    last = math.ceil(math.log10(sizes.max()))
    comes_to_none = values[0] <= 0.0 <= values[-1]
    first = last - _DECADES if comes_to_none else math.floor(math.log10(sizes.min()))
    with np.errstate(over="ignore"):
        powers = times * 10.0 ** np.arange(last, first - 1, -1)
    powers = powers[np.isfinite(powers)]
    return np.concatenate([[0.0], powers, -powers])


def _even(values: FloatArray, size: float, room: float) -> list[FloatArray]:
    """Multiples of the distance of ticks on a plain axis, then of parts of it."""
    steps = tick_steps(float(values[0]), float(values[-1]), size, room)
    if steps is None:
        return []
    ends = values[0], values[-1]
    each = [steps[0] / parts for parts in (1, 2, 10)]
    return [np.arange(math.ceil(ends[0] / s), math.floor(ends[1] / s) + 1) * s for s in each]


def tick_steps(
    low: float, high: float, size: float, room: float, *, counts: bool = False
) -> tuple[float, float] | None:
    """Round distances of labelled and of fine ticks on an axis of `size` pixels, if there are any.

    Labels are `room` pixels apart, at least. With `counts` there is nothing between two whole
    numbers.
    """
    least = abs(high - low) * room / max(size, room)
    least = max(least, 1.0) if counts else least
    if not (math.isfinite(least) and least > 0.0):
        return None
    unit = 10.0 ** math.floor(math.log10(least))
    steps, parts = next(pair for pair in _STEPS if pair[0] * unit >= least * (1 - 1e-9))
    labelled, fine = steps * unit, steps * unit / parts
    return labelled, max(fine, 1.0) if counts else fine


def tick_texts(values: list[float], spacing: float) -> list[str]:
    """The tick values as text, with the digits that `spacing` asks for and no more."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0.0 or not math.isfinite(largest):
        return [f"{value:g}" for value in values]
    decimals = max(0, -math.floor(math.log10(spacing) + 1e-9))
    if largest >= 1e9 or decimals > 6:
        magnitudes = (math.floor(math.log10(size) + 1e-9) for size in (largest, spacing))
        digits = max(0, next(magnitudes) - next(magnitudes))
        texts = [f"{value:.{digits}e}" for value in values]
    else:
        mark = thousands(largest)  # alike for all
        texts = [f"{value:{mark}.{decimals}f}" for value in values]
    return [text.replace("-", "−") for text in texts]
