"""The steps before a fit as lines of a Python script: NumPy, and what they learnt as literals.

The lines go from X (n_rows, m), the numbers of the file in the inputs of the preparation, and
`used` (n_rows,), the rows with enough of them, to `V` (n, d), the prepared columns of used rows.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import numpy as np

from gmmdesk.analysis import Analysis
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.steps.fitted import FittedStep, Levels, Mapped, Rotation
from gmmdesk.data.steps.maps import BoxCox, Log, Map
from gmmdesk.data.steps.records import HoldOut, LeaveOutWhere

_FUNCTIONS = {
    "bent": (
        "def bent(log, power):",
        '    """(x^power - 1) / power, given ln x; ln x where the power is 0."""',
        "    return np.expm1(power * log) / power if power else log",
    ),
    "yeo_johnson": (
        "def yeo_johnson(x, power):",
        "    above = bent(np.log1p(np.maximum(x, 0.0)), power)",
        "    return np.where(x < 0.0, -bent(np.log1p(np.maximum(-x, 0.0)), 2.0 - power), above)",
    ),
}
_COMPARED = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def needs_own_reader(analysis: Analysis) -> bool:
    """Whether a step asks for the text of cells, which other readers may have changed."""
    return any(isinstance(step, Levels) for step in analysis.prepared.preparation.steps)


def rows_lines(analysis: Analysis) -> Iterator[str]:
    """Lines that make `used` False where a step has left out a row.

    Conditions on numbers are written as such, other rows by their number.
    """
    prepared, dataset = analysis.prepared, analysis.dataset
    X = np.column_stack([dataset.column(one).numbers() for one in prepared.preparation.inputs])
    absent = np.isnan(X)
    used = ~(absent.all(axis=1) if prepared.preparation.missing == "em" else absent.any(axis=1))
    for step in prepared.preparation.steps:
        if not isinstance(step, LeaveOutWhere) or step.operator not in _COMPARED:
            continue
        column = dataset.column(step.column)
        if not column.is_numeric or step.value is None:
            continue
        mark = "==" if step.operator == "=" else step.operator
        line = f"(x {mark} {float(step.value)!r}) & ~np.isnan(x)"
        x = column.numbers()
        which = np.asarray(_COMPARED[step.operator](x, float(step.value))) & ~np.isnan(x)
        if which[prepared.rows].any():
            continue  # it means something else by this: the rows are named below
        used &= ~which
        yield f"x = numbers({step.column!r})"
        yield f"used &= ~({line})"
    rest = np.setdiff1d(np.flatnonzero(used), prepared.rows, assume_unique=True)
    if len(rest):
        yield "# Rows that steps have left out, counted from 0."
        yield from _numbers("left_out", rest)
        yield "used[left_out] = False"


def held_out_lines(analysis: Analysis) -> Iterator[str]:
    """Lines that make `fitted` (n,), the used rows that the fit has seen; none without hold-out."""
    for step in analysis.settings.steps:
        if step.on and isinstance(step, HoldOut):
            n_held = round(step.share * analysis.dataset.n_rows)
            yield "# Rows that the fit has not seen."
            yield f"order = np.random.default_rng({step.seed}).permutation(len(X))"
            yield "fitted = np.ones(len(X), bool)"
            yield f"fitted[order[:{n_held}]] = False"
            yield "fitted = fitted[used]"


def step_lines(analysis: Analysis) -> Iterator[str]:
    """Lines from `X` and `used` to `V`, and to `log_slope` where the density keeps its meaning."""
    prepared = analysis.prepared
    preparation = prepared.preparation
    if not preparation.steps:
        yield "V = X[used]"
        return
    yield "# What the steps have made of the columns."
    yield from _functions(preparation.steps)
    yield "values = dict(zip(columns, X[used].T, strict=True))"
    if prepared.keeps_density:
        yield "log_slope = np.zeros(used.sum())  # of the columns as they were, nats"
    for step in preparation.steps:
        if isinstance(step, Mapped):
            for name, each in zip(step.columns, step.maps, strict=True):
                yield from _map_lines(each, name, with_slope=prepared.keeps_density)
        elif isinstance(step, Levels):
            yield from _level_lines(step)
        elif isinstance(step, Rotation):
            yield from _rotation_lines(step, with_slope=prepared.keeps_density)
    yield f"prepared = {list(prepared.columns)!r}"
    yield "V = np.column_stack([values[name] for name in prepared])"


def _numbers(name: str, numbers: IntArray) -> Iterator[str]:
    yield f"{name} = np.array(["
    text = ", ".join(map(str, numbers.tolist()))
    yield from textwrap.wrap(text, 96, initial_indent="    ", subsequent_indent="    ")
    yield "])"


def _functions(steps: tuple[FittedStep, ...]) -> Iterator[str]:
    """The definitions that the transformations ask for."""
    kinds = {type(each) for step in steps if isinstance(step, Mapped) for each in step.maps}
    if not kinds - {Log}:
        return
    needed = ["bent"] if kinds <= {Log, BoxCox} else ["bent", "yeo_johnson"]
    for name in needed:
        yield ""
        yield ""
        yield from _FUNCTIONS[name]
    yield ""
    yield ""


def _map_lines(each: Map, name: str, *, with_slope: bool) -> Iterator[str]:
    heading = each.named(name)
    yield f"x = values.pop({name!r})"
    if isinstance(each, Log):
        yield f"values[{heading!r}] = np.log(x + {each.shift!r})"
        slope = f"-values[{heading!r}]"
    elif isinstance(each, BoxCox):
        yield f"values[{heading!r}] = bent(np.log(x), {each.power!r})"
        slope = f"({each.power!r} - 1.0) * np.log(x)"
    else:
        yield f"values[{heading!r}] = yeo_johnson(x, {each.power!r})"
        slope = f"np.sign(x) * ({each.power!r} - 1.0) * np.log1p(np.abs(x))"
    if with_slope:
        yield f"log_slope += np.nan_to_num({slope})"


def _level_lines(step: Levels) -> Iterator[str]:
    known = [step.base, *step.levels]
    yield f'cells = table.column({step.column!r}).cells.cast("string").to_pylist()'
    yield f"codes = {dict(zip(known, range(len(known)), strict=True))!r}"
    yield "codes = np.array([codes.get(cell, np.nan) for cell in cells])[used]"
    for k, level in enumerate(step.levels, start=1):
        yield f"values[{step.named(level)!r}] = np.where(np.isnan(codes), np.nan, codes == {k})"


def _rotation_lines(step: Rotation, *, with_slope: bool) -> Iterator[str]:
    yield f"turned = {list(step.columns)!r}"
    yield f"middle = np.array({list(step.center)!r})"
    yield f"spread = np.array({list(step.scale)!r})"
    rows = ",\n    ".join(repr(list(row)) for row in step.loadings)
    yield f"loadings = np.array([\n    {rows},\n])"
    yield "S = np.column_stack([values.pop(name) for name in turned])"
    yield f"values |= dict(zip({list(step.names)!r}, (((S - middle) / spread) @ loadings).T))"
    if with_slope:
        yield "log_slope -= np.log(spread).sum()"
