"""The steps before a fit as formulas of a worksheet: from typed values to the prepared columns.

Numbers of the steps stand in cells of their own, as programs keep 15 digits only of those in a
formula. exp(t) - 1 and ln(1 + x), which no spreadsheet program has as functions that keep the
digits of small values, are taken from their series there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps.fitted import Levels, Mapped, Preparation, Rotation, keeps_density
from gmmdesk.data.steps.maps import BoxCox, Log, Map

# The rest of both series is below the rounding of a double where they are used.
_SMALL = 0.001
COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Helper:
    """A column of formulas: its `key` and heading, and its `value` given those of all before it.

    `{key}` in the `formula` stands for a cell of the same line or of the steps' numbers. `limited`
    ones are no number where the typed value is outside of what the step is defined for.
    """

    key: str
    heading: str
    formula: str
    value: Callable[[Mapping[str, float]], float]
    limited: bool = False


@dataclass(slots=True)
class SheetSteps:
    """The formulas of all steps.

    Typed values are called x0, x1 and so on in the order of `typed`: the numbers of
    `Preparation.inputs`, then columns of which only the category is asked for. `codes` gives, for
    each column whose category is, the key of the helper that says its number among those known,
    from 1, and 0 for an unknown one. `constants` are rows of numbers or texts by their key, with a
    heading; cell j of row `key` is called `key_j`. `prepared`
    (d,) are the keys of the prepared columns. `slope` is the key of the helper that gives what the
    steps add to the log density of a row, nats, empty where it is `log_slope` for all rows.
    """

    helpers: list[Helper] = field(default_factory=list)
    typed: tuple[str, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    constants: dict[str, tuple[str, Sequence[float | str]]] = field(default_factory=dict)
    prepared: tuple[str, ...] = ()
    slope: str = ""
    log_slope: float = 0.0

    def values(self, x: Sequence[float | str]) -> dict[str, float]:
        """What the formulas give for typed values x (m,), by key."""
        known = {f"x{j}": value for j, value in enumerate(x) if isinstance(value, float)}
        for column, key in self.codes.items():
            value = x[self.typed.index(column)]
            text = f"{value:.17g}" if isinstance(value, float) else value
            known[key] = 1 + self.constants[f"{key}of"][1].index(text)
        for helper in self.helpers:
            known[helper.key] = helper.value(known)
        return known


def sheet_steps(preparation: Preparation) -> SheetSteps:
    """The formulas of a preparation; conditions on rows have none."""
    asked = [step.column for step in preparation.steps if isinstance(step, Levels)]
    made = SheetSteps(typed=tuple(dict.fromkeys([*preparation.inputs, *asked])))
    keys = {name: f"x{j}" for j, name in enumerate(preparation.inputs)}
    slopes: list[tuple[str, Callable[[Mapping[str, float]], float]]] = []
    for step in preparation.steps:
        if isinstance(step, Mapped):
            for name, each in zip(step.columns, step.maps, strict=True):
                key, slope = _add_map(made, each, name, keys[name])
                slopes.append(slope)
                keys = {
                    (each.named(name) if column == name else column): (
                        key if column == name else there
                    )
                    for column, there in keys.items()
                }
        elif isinstance(step, Levels):
            keys |= _add_levels(made, step)
        elif isinstance(step, Rotation):
            turned = _add_rotation(made, step, keys)
            rest = {name: key for name, key in keys.items() if name not in step.columns}
            keys = turned | rest
            made.log_slope -= float(np.log(step.scale).sum())
    made.prepared = tuple(keys[name] for name in preparation.columns)
    if not keeps_density(preparation.steps):
        made.log_slope = 0.0
    elif slopes:
        made.slope = "slope"
        terms = [value for _, value in slopes]
        present = ",".join(f"{{{key}}}" for key in made.prepared)
        formula = (
            f'IF(COUNT({present})={len(made.prepared)},SUM({",".join(f for f, _ in slopes)}),"")'
        )
        made.helpers.append(
            Helper("slope", "ln(slope)", formula, lambda v: sum(term(v) for term in terms))
        )
    return made


def guarded(key: str, formula: str) -> str:
    """The formula where the cell `key` is a number, else nothing.

    A typed value counts where all of its line are there.
    """
    test = f"{{{COMPLETE}}}=1" if key.startswith("x") else f"ISNUMBER({{{key}}})"
    return guarded_by(test, formula)


def guarded_by(test: str, formula: str) -> str:
    """The formula where the test holds, else nothing."""
    return f'IF({test},{formula},"")'


_Slope = tuple[str, Callable[[Mapping[str, float]], float]]


def _add_map(made: SheetSteps, each: Map, name: str, x: str) -> tuple[str, _Slope]:
    """Add what a transformation takes; the key of its result, and its slope's logarithm."""
    number = f"h{len(made.helpers)}"
    log, y, at = f"{number}log", f"{number}map", f"{{{number}_0}}"
    heading = each.named(name)

    def mapped(values: Mapping[str, float]) -> float:
        return float(each.forward(np.array([values[x]]))[0])

    if isinstance(each, Log):
        made.constants[number] = (f"added before {heading}", [each.shift])
        moved = f"SUM({{{x}}},{at})"
        formula = guarded(x, f'IF({moved}>0,LN({moved}),"")')
        made.helpers.append(Helper(y, heading, formula, mapped, limited=True))
        return y, (f"-{{{y}}}", lambda v: -v[y])
    power = each.power
    made.constants[number] = (f"power of {heading}", [power])
    if isinstance(each, BoxCox):
        formula = guarded(x, f'IF({{{x}}}>0,LN({{{x}}}),"")')
        made.helpers.append(Helper(log, f"ln({name})", formula, lambda v: math.log(v[x])))
        bent = f"{{{log}}}" if not power else _power_less_one(f"{{{log}}}", at)
        made.helpers.append(Helper(y, heading, guarded(log, bent), mapped, limited=True))
        return y, (f"({at}-1)*{{{log}}}", lambda v: (power - 1.0) * v[log])
    size = f"ABS({{{x}}})"
    series = f"{size}*(1-{size}*(1/2-{size}*(1/3-{size}*(1/4-{size}/5))))"
    formula = guarded(x, f"IF({size}<{_SMALL},{series},LN(1+{size}))")
    made.helpers.append(Helper(log, f"ln(1 + |{name}|)", formula, lambda v: math.log1p(abs(v[x]))))
    above, below = (
        f"{{{log}}}" if not exponent else _power_less_one(f"{{{log}}}", text)
        for exponent, text in ((power, at), (2.0 - power, f"(2-{at})"))
    )
    formula = guarded(log, f"IF({{{x}}}<0,-({below}),{above})")
    made.helpers.append(Helper(y, heading, formula, mapped, limited=True))
    slope = f"IF({{{x}}}<0,-1,1)*({at}-1)*{{{log}}}"
    return y, (slope, lambda v: math.copysign(1.0, v[x]) * (power - 1.0) * v[log])


def _power_less_one(log: str, power: str) -> str:
    """(exp(power log) - 1) / power."""
    t = f"({power}*{log})"
    series = f"{log}*(1+{t}/2*(1+{t}/3*(1+{t}/4*(1+{t}/5))))"
    return f"IF(ABS({t})<{_SMALL},{series},(EXP({t})-1)/{power})"


def _add_levels(made: SheetSteps, step: Levels) -> dict[str, str]:
    """Add what tells categories apart; the keys of their columns of 0 and 1 by name."""
    code = f"code{len(made.codes)}"
    known = (step.base, *step.levels)
    made.codes[step.column] = code
    made.constants[f"{code}of"] = (f"categories of {step.column}", known)
    made.constants[f"{code}at"] = (f"their numbers, {step.column}", list(range(1, len(known) + 1)))
    x, last = made.typed.index(step.column), len(known) - 1
    texts, numbers = (f"{{{code}{row}_0}}:{{{code}{row}_{last}}}" for row in ("of", "at"))
    # Not MATCH: to it "a" is "A", and "*" anything.
    formula = f"SUMPRODUCT(EXACT({{x{x}}},{texts})*{numbers})"
    made.helpers.append(
        Helper(code, f"category of {step.column}", formula, lambda values: values[code])
    )
    keys = {}
    for k, level in enumerate(step.levels, start=1):
        key = f"{code}is{k}"
        formula = guarded_by(f"{{{code}}}>0", f"IF({{{code}}}={{{code}at_{k}}},1,0)")
        made.helpers.append(Helper(key, step.named(level), formula, _is(code, k + 1)))
        keys[step.named(level)] = key
    return keys


def _is(key: str, number: int) -> Callable[[Mapping[str, float]], float]:
    return lambda values: float(values[key] == number)


def _add_rotation(made: SheetSteps, step: Rotation, keys: Mapping[str, str]) -> dict[str, str]:
    """Add what the components take; the keys of these by name."""
    centers = rounded(np.array(step.center), np.array(step.scale))
    loadings, scales = np.array(step.loadings), np.array(step.scale)
    offsets = ((centers - np.array(step.center)) / scales) @ loadings
    made.constants["turn"] = ("centre before the components", centers.tolist())
    made.constants["width"] = ("scale before the components", scales.tolist())
    made.constants["offset"] = ("added to the components", offsets.tolist())
    scaled = [f"s{j}" for j in range(len(step.columns))]
    for j, name in enumerate(step.columns):
        key = keys[name]
        formula = guarded(key, f"SUM({{{key}}},-{{turn_{j}}})/{{width_{j}}}")
        made.helpers.append(
            Helper(
                scaled[j],
                f"{name}, before the components",
                formula,
                _scaled(key, centers[j], scales[j]),
            )
        )
    turned = {}
    for k, name in enumerate(step.names):
        made.constants[f"load{k}"] = (f"loadings of {name}", loadings[:, k].tolist())
        run = f"{{{scaled[0]}}}:{{{scaled[-1]}}}"
        weights = f"{{load{k}_0}}:{{load{k}_{len(scaled) - 1}}}"
        formula = f'IF(COUNT({run})={len(scaled)},SUMPRODUCT({run}*{weights})+{{offset_{k}}},"")'
        made.helpers.append(
            Helper(f"pc{k}", name, formula, _turned(scaled, loadings[:, k], offsets[k]))
        )
        turned[name] = f"pc{k}"
    return turned


def _scaled(key: str, center: float, scale: float) -> Callable[[Mapping[str, float]], float]:
    return lambda values: (values[key] - float(center)) / float(scale)


def _turned(
    keys: list[str], weights: FloatArray, offset: float
) -> Callable[[Mapping[str, float]], float]:
    return lambda values: float(np.array([values[key] for key in keys]) @ weights + offset)


def rounded(centers: FloatArray, scales: FloatArray) -> FloatArray:
    """Short numbers near the centres (d,), which every program reads without an error of rounding.

    With an offset of 1e8 the last digit of the true centre would be the eighth of a probability.
    """
    return np.array(list(_rounded(centers, scales)))


def _rounded(centers: FloatArray, scales: FloatArray) -> Iterator[float]:
    for center, scale in zip(centers.tolist(), scales.tolist(), strict=True):
        yield round(center, -math.floor(math.log10(scale)))
