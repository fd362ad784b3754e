"""What the steps have learnt from the rows: all that new rows need, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from gmmdesk.data.dataset import FloatArray, IntArray, with_unit
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.maps import Map
from gmmdesk.data.steps.records import LeaveOutWhere


class _Fitted(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="step"
):
    """What all fitted steps have in common: a tag."""


class Mapped(_Fitted, frozen=True, tag="map"):
    """`maps[i]` of `columns[i]`, which is then called as the map names it."""

    columns: tuple[str, ...]
    maps: tuple[Map, ...]


class Levels(_Fitted, frozen=True, tag="indicators"):
    """A column of 0 and 1 for each of `levels`; rows of the category `base` are 0 in all."""

    column: str
    base: str
    levels: tuple[str, ...]

    def named(self, level: str) -> str:
        return f"{self.column} = {level}"


class Rotation(_Fitted, frozen=True, tag="components"):
    """Principal components, sum_j `loadings[j][k]` (x_j - `center[j]`) / `scale[j]`.

    `loadings` is (d, p) with orthonormal columns; `shares` (d,) of all variance fall to each
    component, those left out included.
    """

    columns: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[Annotated[float, Meta(gt=0)], ...]
    loadings: tuple[tuple[float, ...], ...]
    shares: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"PC{k + 1}" for k in range(len(self.loadings[0])))

    @property
    def is_complete(self) -> bool:
        """Whether nothing is lost: there are as many components as columns."""
        return len(self.loadings[0]) == len(self.columns)


FittedStep = LeaveOutWhere | Mapped | Levels | Rotation


class Preparation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that leads from the cells of a table to the rows of X, as it was fitted.

    The numbers in `inputs`, columns of the table, go through `steps` to the prepared columns
    `columns` (d,), whose rows are center + scale * X. Rows with `missing` cells are left out
    ("leave-out") or keep the others ("em").
    """

    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    steps: tuple[FittedStep, ...] = ()
    missing: str = "leave-out"

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that a table must have, those of conditions and categories included."""
        others = (step.column for step in self.steps if isinstance(step, LeaveOutWhere | Levels))
        return tuple(dict.fromkeys((*self.inputs, *others)))


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """A column as the user knows it, seen from the d prepared columns.

    It follows from `weights` (m,) times the m prepared columns `at`: for prepared values v (d,) its
    value is `back(offset + weights @ v[at])`. Where there are no `maps` the steps kept its units,
    and clusters have a mean and a spread in it, else a median and quantiles. It is `exact` where
    nothing was lost on the way. `unit` is what the file says its values are in, "" where nothing.
    """

    name: str
    at: IntArray
    weights: FloatArray
    offset: float = 0.0
    maps: tuple[Map, ...] = ()
    exact: bool = True
    unit: str = ""

    @property
    def title(self) -> str:
        """Its name with the unit, where the file states one."""
        return with_unit(self.name, self.unit)

    @property
    def is_linear(self) -> bool:
        return not self.maps

    def back(self, straight: FloatArray) -> FloatArray:
        """In the units of the file, given offset + weights @ v[at]."""
        return maps.back(self.maps, straight) if self.maps else straight

    def forward(self, values: FloatArray) -> FloatArray:
        """From the units of the file to offset + weights @ v[at]; nan where there is no such."""
        return maps.forward(self.maps, values) if self.maps else values


def originals(
    preparation: Preparation, units: Mapping[str, str] | None = None
) -> tuple[Original, ...]:
    """The columns that the steps began with, indicators included, seen from where they end.

    `units` are those of the columns that have one, by name.
    """
    units = units or {}
    bends: dict[str, tuple[str, tuple[Map, ...]]] = {  # by the name that the column has by then
        name: (name, ()) for name in preparation.inputs
    }
    rotation: Rotation | None = None
    for step in preparation.steps:
        if isinstance(step, Mapped):
            renamed = dict(zip(step.columns, step.maps, strict=True))
            bends = {
                renamed[name].named(name) if name in renamed else name: (
                    first,
                    (*chain, renamed[name]) if name in renamed else chain,
                )
                for name, (first, chain) in bends.items()
            }
        elif isinstance(step, Levels):
            bends |= {step.named(level): (step.named(level), ()) for level in step.levels}
        elif isinstance(step, Rotation):
            rotation = step
    place = {name: j for j, name in enumerate(preparation.columns)}
    turned: dict[str, Original] = {}
    if rotation is not None:
        at = np.array([place[name] for name in rotation.names])
        for name, row, center, scale in zip(
            rotation.columns, rotation.loadings, rotation.center, rotation.scale, strict=True
        ):
            first, chain = bends[name]
            weights = scale * np.array(row)
            unit = units.get(first, "")
            turned[name] = Original(first, at, weights, center, chain, rotation.is_complete, unit)
    return tuple(
        turned[name]
        if name in turned
        else Original(
            first, np.array([place[name]]), np.ones(1), maps=chain, unit=units.get(first, "")
        )
        for name, (first, chain) in bends.items()
    )


def keeps_density(steps: Sequence[FittedStep]) -> bool:
    """Whether a density of the prepared columns is one of the file's columns too."""
    return not any(
        isinstance(step, Levels) or (isinstance(step, Rotation) and not step.is_complete)
        for step in steps
    )


def flaw_of(preparation: Preparation) -> str:
    """What is wrong with a preparation that comes from a file; empty where it is sound."""
    names = list(preparation.inputs)
    components: tuple[str, ...] = ()
    for step in preparation.steps:
        flaw = ""
        if isinstance(step, Mapped | Rotation) and set(step.columns) & set(components):
            flaw = "a step changes principal components"
        elif isinstance(step, Mapped):
            flaw = _map_flaw(step, names)
        elif isinstance(step, Levels):
            if len({step.base, *step.levels}) <= len(step.levels) or not step.levels:
                flaw = f"the categories of {step.column} are not different"
            names += [step.named(level) for level in step.levels]
        elif isinstance(step, Rotation):
            flaw = _rotation_flaw(step, names)
            if not flaw:
                components = step.names
                names = [*components, *(name for name in names if name not in step.columns)]
        if flaw:
            return flaw
        if len(set(names)) < len(names):
            return "two columns have one name"
    if tuple(names) != preparation.columns:
        return "they do not lead to the columns of the model"
    return ""


def _map_flaw(step: Mapped, names: list[str]) -> str:
    if len(step.maps) != len(step.columns):
        return "each column needs one map"
    for name, each in zip(step.columns, step.maps, strict=True):
        if name not in names:
            return f"there is no column {name} by then"
        if not np.isfinite(each.shift if isinstance(each, maps.Log) else each.power):
            return f"the map of {name} holds a number that is not finite"
        names[names.index(name)] = each.named(name)
    return ""


def _rotation_flaw(step: Rotation, names: list[str]) -> str:
    d = len(step.columns)
    absent = [name for name in step.columns if name not in names]
    if absent:
        return f"there is no column {absent[0]} by then"
    widths = {len(row) for row in step.loadings}
    if len(step.loadings) != d or len(widths) != 1 or not 1 <= min(widths) <= d:
        return "the loadings are no table of columns by components"
    if not d == len(step.center) == len(step.scale) == len(step.shares):
        return "the components need a centre, a scale and a share for each column"
    numbers = np.concatenate([np.ravel(step.loadings), step.center, step.scale, step.shares])
    if not np.isfinite(numbers).all():
        return "the components hold a number that is not finite"
    loadings = np.array(step.loadings)
    if not np.allclose(loadings.T @ loadings, np.eye(loadings.shape[1]), rtol=0, atol=1e-8):
        return "the loadings are not orthonormal"
    return ""
