"""Which columns are skewed, and what would straighten them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.records import Logarithm, Power, Step
from gmmdesk.data.steps.strange_values import far_above
from gmmdesk.text import fixed

# A normal sample of 100 has a skewness within 0.5, one of 1,000 within 0.15, 19 times in 20.
SKEWED = 1.0
WHY = "A long tail can look like clusters of its own"
_MOST_TOLD = 4  # columns
_FEWEST_ROWS = 20
_MOST_ROWS = 100_000  # that decide; more would tell the same
_STRAIGHT = 0.5  # of the skewness may be left after a step that is worth its while


@dataclass(frozen=True, slots=True)
class Advice:
    """A step for some columns, and in a sentence what speaks for it."""

    columns: tuple[str, ...]
    step: Step
    reason: str


def skewness(x: FloatArray) -> float:
    """The third standardised moment of x (n,), 0 for a constant (Fisher's g1)."""
    deviations = x - x.mean()
    variance = float(np.mean(deviations**2))
    return float(np.mean(deviations**3)) / variance**1.5 if variance > 0.0 else 0.0


def advise(dataset: Dataset, prepared: Prepared) -> tuple[Advice, ...]:
    """Steps for those of the used columns that are skewed and that no step has bent.

    Skewed columns make one group look like several: a Gaussian cannot follow their tail, so that
    it takes further ones (Lo and Gottardo, 2012; Lee and McLachlan, 2013).
    """
    found: dict[type[Step], list[tuple[str, float, float]]] = {Logarithm: [], Power: []}
    rows = prepared.fitted_rows
    rows = rows[:: max(1, len(rows) // _MOST_ROWS)]
    for name in prepared.columns:
        if name not in prepared.preparation.inputs or len(rows) < _FEWEST_ROWS:
            continue
        x = dataset.column(name).numbers()[rows]
        x = x[np.isfinite(x)]
        far = far_above(x)
        x = x if far is None else x[x < far]  # no step straightens a typing error
        before = skewness(x) if len(x) >= _FEWEST_ROWS else 0.0
        if abs(before) < SKEWED:
            continue
        kind, after = straightening(x, before)
        if abs(after) < _STRAIGHT * abs(before):
            found[kind].append((name, before, after))
    return tuple(_advice(kind, columns) for kind, columns in found.items() if columns)


def straightening(x: FloatArray, before: float) -> tuple[type[Logarithm] | type[Power], float]:
    """The plainest step that straightens x, and the skewness that is left."""
    if before > 0.0 and x.min() > 0.0:
        after = skewness(np.log(x))
        if abs(after) < _STRAIGHT * before:
            return Logarithm, after
    return Power, skewness(maps.fit_yeo_johnson(x).forward(x))


def _advice(kind: type[Step], columns: Sequence[tuple[str, float, float]]) -> Advice:
    names = tuple(name for name, _before, _after in columns)
    step: Step
    if kind is Logarithm:
        step, what = Logarithm(columns=names), "the logarithm"
    else:
        step, what = Power(columns=names), "a power (Yeo-Johnson)"
    told = [
        f"{name}: skewness {fixed(before, 1)}, after {what} {fixed(round(after, 1) + 0.0, 1)}"
        for name, before, after in columns[:_MOST_TOLD]
    ]
    if len(columns) > _MOST_TOLD:
        told.append(f"and {len(columns) - _MOST_TOLD} more")
    return Advice(names, step, f"{'; '.join(told)}.")
