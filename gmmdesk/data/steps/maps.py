"""Transformations of single columns: forward, back, and what they do to a density."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import msgspec
import numpy as np
from scipy.special import boxcox, boxcox1p, inv_boxcox, inv_boxcox1p

from gmmdesk.data.dataset import FloatArray
from gmmdesk.task import Task

# Powers beyond say that the column is not of this kind; a search must end somewhere.
_LEAST, _MOST = -5.0, 5.0


class _Map(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="map"):
    """A rising function of one column; nan stays nan, and stands for what it is not defined for."""


class Log(_Map, frozen=True, tag="log"):
    """y = ln(x + shift)."""

    scale_name: ClassVar[str] = "logarithmic"
    shift: float

    def forward(self, x: FloatArray) -> FloatArray:
        return _defined(np.log, x + self.shift)

    def back(self, y: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(y) - self.shift)

    def log_slope(self, x: FloatArray) -> FloatArray:
        """ln dy/dx at x."""
        return -self.forward(x)

    def named(self, column: str) -> str:
        if not self.shift:
            return f"log({column})"
        return f"log({column} {'+' if self.shift > 0 else '-'} {abs(self.shift):g})"


class BoxCox(_Map, frozen=True, tag="box-cox"):
    """y = (x^power - 1) / power, or ln x where the power is 0 (Box and Cox, 1964)."""

    scale_name: ClassVar[str] = "Box-Cox scale"
    power: float

    def forward(self, x: FloatArray) -> FloatArray:
        return _defined(lambda positive: np.asarray(boxcox(positive, self.power)), x)

    def back(self, y: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            x = inv_boxcox(y, self.power)
        # Beyond the range of the powers there is nothing but their end.
        beyond = self.power * y <= -1.0
        return np.where(beyond, 0.0 if self.power > 0 else np.inf, x)

    def log_slope(self, x: FloatArray) -> FloatArray:
        """ln dy/dx at x."""
        return (self.power - 1.0) * _defined(np.log, x)

    def named(self, column: str) -> str:
        return f"Box-Cox({column})"


class YeoJohnson(_Map, frozen=True, tag="yeo-johnson"):
    """Box-Cox of 1 + x with `power` from 0 up, mirrored with 2 - power below.

    Yeo and Johnson (2000).
    """

    scale_name: ClassVar[str] = "Yeo-Johnson scale"
    power: float

    def forward(self, x: FloatArray) -> FloatArray:
        above, below = (
            boxcox1p(np.maximum(x, 0.0), self.power),
            boxcox1p(np.maximum(-x, 0.0), 2.0 - self.power),
        )
        return np.asarray(np.where(x < 0.0, -below, above))

    def back(self, y: FloatArray) -> FloatArray:
        ends = []
        for side, power in ((y, self.power), (-y, 2.0 - self.power)):
            part = np.maximum(side, 0.0)
            with np.errstate(all="ignore"):
                x = inv_boxcox1p(part, power)
            ends.append(np.where(power * part <= -1.0, np.inf, x))
        return np.asarray(np.where(y < 0.0, -ends[1], ends[0]))

    def log_slope(self, x: FloatArray) -> FloatArray:
        """ln dy/dx at x."""
        return np.asarray(np.sign(x) * (self.power - 1.0) * np.log1p(np.abs(x)))

    def named(self, column: str) -> str:
        return f"Yeo-Johnson({column})"


Map = Log | BoxCox | YeoJohnson


def _defined(function: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    """The function of positive x, nan elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(function(np.where(x > 0.0, x, np.nan)))


def fit_box_cox(x: FloatArray, task: Task | None = None) -> BoxCox:
    """The power of greatest likelihood for positive x (n,), from -5 to 5."""
    return BoxCox(power=_best_power(_one_sided(np.log(x)), task))


def fit_yeo_johnson(x: FloatArray, task: Task | None = None) -> YeoJohnson:
    """The power of greatest likelihood for x (n,), from -5 to 5."""
    if (x >= 0.0).all():
        return YeoJohnson(power=_best_power(_one_sided(np.log1p(x)), task))
    if (x <= 0.0).all():
        return YeoJohnson(power=2.0 - _best_power(_one_sided(np.log1p(-x)), task))
    slopes = float((np.sign(x) * np.log1p(np.abs(x))).mean())

    def loss(power: float) -> float:
        with np.errstate(all="ignore"):
            variance = float(YeoJohnson(power=power).forward(x).var())
        if not 0.0 < variance < math.inf:
            return math.inf
        return 0.5 * math.log(variance) - (power - 1.0) * slopes

    return YeoJohnson(power=_best_power(loss, task))


def _one_sided(logs: FloatArray) -> Callable[[float], float]:
    """Minus the profile log-likelihood per row, up to a constant, of powers of exp(logs).

    Relative to the geometric mean the Jacobian drops out and nothing overflows: what remains is
    the logarithm of the standard deviation (Box and Cox, 1964, section 3).
    """
    logs = logs - logs.mean()

    def loss(power: float) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            variance = float((np.expm1(power * logs) / power if power else logs).var())
        return 0.5 * math.log(variance) if 0.0 < variance < math.inf else math.inf

    return loss


def _best_power(loss: Callable[[float], float], task: Task | None) -> float:
    from scipy.optimize import minimize_scalar  # slow to import

    def checked(power: float) -> float:
        if task is not None:
            task.step()
        return loss(power)

    # Hardly a column needs a power beyond 2: the narrow search is the surer one.
    for reach in (2.0, _MOST):
        found = minimize_scalar(
            checked, bounds=(max(_LEAST, -reach), reach), method="bounded", options={"xatol": 1e-9}
        )
        if abs(found.x) < 0.99 * reach:
            break
    return float(found.x)


def forward(maps: tuple[Map, ...], x: FloatArray) -> FloatArray:
    """All `maps` one after the other."""
    for each in maps:
        x = each.forward(x)
    return x


def back(maps: tuple[Map, ...], y: FloatArray) -> FloatArray:
    """What `forward` turns into y; the end of the range where nothing does."""
    for each in reversed(maps):
        y = each.back(y)
    return y


def log_slope(maps: tuple[Map, ...], x: FloatArray) -> FloatArray:
    """ln of the derivative of `forward` at x."""
    total = np.zeros_like(x)
    for each in maps:
        total = total + each.log_slope(x)
        x = each.forward(x)
    return total
