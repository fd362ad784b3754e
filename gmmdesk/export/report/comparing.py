"""The combinations that were tried, as a report tells of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gmmdesk.analysis import Analysis, Candidate, lowest
from gmmdesk.analysis.shapes_named import named_model
from gmmdesk.export.words import compared
from gmmdesk.text import narrow, number

_TOP = 8
_BESIDE = 9  # numbers of clusters side by side in a table that fits a page


@dataclass(frozen=True, slots=True)
class Tried:
    """A combination; `difference` is how much higher its criterion is than the best one's."""

    model: str
    k: int
    log_likelihood: str
    n_parameters: int
    bic: str
    icl: str
    aic: str
    difference: str
    status: str
    is_answer: bool
    exact: float  # the criterion with all its digits


@dataclass(frozen=True, slots=True)
class Matrix:
    """How much higher the criterion is than the best: a line for each model, K side by side."""

    numbers: tuple[int, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The `top` combinations, `all` of them, and as `matrices`; `criterion` in capitals.

    They are compared by the number of what is `counted`, clusters or their components.
    """

    criterion: str
    counted: str
    top: tuple[Tried, ...]
    all: tuple[Tried, ...]
    matrices: tuple[Matrix, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the top ones are all of them."""
        return len(self.top) == len(self.all)


def comparison_of(analysis: Analysis) -> Comparison:
    """What was tried, the best first."""
    candidates, criterion = analysis.candidates, analysis.settings.criterion
    best = lowest(candidates, criterion)
    least = math.nan if best is None else candidates[best].value(criterion)

    def rank(i: int) -> tuple[bool, bool, float]:
        value = candidates[i].value(criterion)
        return not candidates[i].sound, math.isnan(value), value

    order = sorted(range(len(candidates)), key=rank)
    n_columns = len(analysis.prepared.columns)
    tried = tuple(
        _tried(candidates[i], criterion, least, n_columns, is_answer=i == analysis.best)
        for i in order
    )
    top = tried[:_TOP]
    if not any(one.is_answer for one in top):
        top += tuple(one for one in tried if one.is_answer)
    matrices = _matrices(candidates, criterion, least)
    return Comparison(criterion.upper(), compared(analysis), top, tried, matrices)


def _tried(
    one: Candidate, criterion: str, least: float, n_columns: int, *, is_answer: bool
) -> Tried:
    return Tried(
        model=named_model(one.model, n_columns),
        k=one.n_components,
        log_likelihood=number(one.log_likelihood, 7),
        n_parameters=one.n_parameters,
        bic=number(one.bic, 7),
        icl=number(one.icl, 7),
        aic=number(one.aic, 7),
        difference=_difference(one, criterion, least, _signed),
        status=one.status,
        is_answer=is_answer,
        exact=one.value(criterion),
    )


def _difference(
    one: Candidate, criterion: str, least: float, written: Callable[[float], str]
) -> str:
    value = one.value(criterion)
    if math.isnan(value):
        return "NA"
    if not one.sound:
        return "collapsed"
    return "best" if value == least else written(value - least)


def _signed(difference: float) -> str:
    return f"{difference:+,.1f}".replace("-", "−")


def _matrices(candidates: Sequence[Candidate], criterion: str, least: float) -> tuple[Matrix, ...]:
    places = {(one.model, one.n_components): one for one in candidates}
    models = list(dict.fromkeys(one.model for one in candidates))
    numbers = sorted({one.n_components for one in candidates})

    def cell(model: str, k: int) -> str:
        one = places.get((model, k))
        return "" if one is None else _difference(one, criterion, least, narrow)

    return tuple(
        Matrix(
            tuple(part),
            tuple((model, tuple(cell(model, k) for k in part)) for model in models),
        )
        for part in (numbers[i : i + _BESIDE] for i in range(0, len(numbers), _BESIDE))
    )
