"""The steps that change columns: each learns, then does to the rows what it has learnt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.conditions import categories
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.reasons import shortened
from gmmdesk.data.steps import maps
from gmmdesk.data.steps.fitted import FittedStep, Levels, Mapped, Rotation
from gmmdesk.data.steps.maps import Map
from gmmdesk.data.steps.records import Indicators, Logarithm, Power, PrincipalComponents
from gmmdesk.data.steps.work import Work, count, share
from gmmdesk.errors import DataError
from gmmdesk.text import number

MOST_LEVELS = 50  # categories of a column that become columns
_CHUNK = 1 << 16
_NOTHING = 1e-12  # of all variance: a component with less is rounding


def apply_maps(work: Work, step: Mapped) -> None:
    for name, each in zip(step.columns, step.maps, strict=True):
        x = work.values[name]
        y = each.forward(x)
        outside = ~np.isfinite(y) & ~np.isnan(x)
        work.values[name] = y
        work.stretch(each.log_slope(x))
        work.leave_out(outside, f"outside the range of {each.named(name)}")
        work.values = {
            (each.named(name) if key == name else key): value for key, value in work.values.items()
        }


def _map_columns(work: Work, names: Sequence[str], learn: Callable[[str], Map]) -> Mapped:
    for name in names:
        if name in work.components:
            raise DataError(
                f"'{name}' is a principal component: there is no way back from its map to the"
                " columns of the file.",
                "Put this step before the principal components, with a column of the file.",
            )
    step = Mapped(columns=tuple(names), maps=tuple(learn(name) for name in names))
    for name, each in zip(step.columns, step.maps, strict=True):
        _refuse_taken(work, each.named(name))
    apply_maps(work, step)
    return step


def _refuse_taken(work: Work, name: str) -> None:
    if name in work.values:
        raise DataError(
            f"There is a column '{name}' already.", "Take the step once, or untick that column."
        )


def fit_logarithm(work: Work, step: Logarithm) -> tuple[FittedStep, str]:
    def learn(name: str) -> Map:
        _check_positive(work.learnt_from(name) + step.shift, name, step.shift)
        return maps.Log(shift=step.shift)

    fitted = _map_columns(work, step.columns, learn)
    names = (each.named(name) for name, each in zip(fitted.columns, fitted.maps, strict=True))
    return fitted, f"Now {', '.join(names)}."


def _check_positive(x: FloatArray, name: str, shift: float) -> None:
    n = int(np.count_nonzero(x <= 0.0))
    if n:
        least = float(x.min()) - shift
        raise DataError(
            f"Column '{name}' goes down to {least:g}; {share(n, len(x), 'value')} have no"
            " logarithm.",
            "Leave those rows out before, add a number to the column (shift), or use Yeo-Johnson.",
        )


def fit_power(work: Work, step: Power) -> tuple[FittedStep, str]:
    def learn(name: str) -> Map:
        x = work.learnt_from(name)
        if x.min() == x.max():
            raise DataError(f"Column '{name}' is constant.", f"Untick '{name}'.")
        if step.method == "yeo-johnson":
            return maps.fit_yeo_johnson(x, work.task)
        _check_positive(x, name, 0.0)
        return maps.fit_box_cox(x, work.task)

    fitted = _map_columns(work, step.columns, learn)
    powers = (
        f"{name} {number(each.power, 3)}"
        for name, each in zip(fitted.columns, fitted.maps, strict=True)
        if not isinstance(each, maps.Log)
    )
    return fitted, f"Powers: {', '.join(powers)}."


def apply_levels(work: Work, step: Levels) -> None:
    texts = categories(work.column(step.column), work.rows)
    known = pa.array([step.base, *step.levels])
    code = pc.index_in(texts, value_set=known)
    absent = np.asarray(pc.is_null(texts))
    number = np.asarray(pc.fill_null(code, -1), np.int64)
    for k, level in enumerate(step.levels, start=1):
        values = (number == k).astype(np.float64)
        values[number < 0] = np.nan
        work.values[step.named(level)] = values
    unknown = (number < 0) & ~absent
    absent = absent[~unknown]
    work.leave_out(unknown, f"a category that was not fitted: {step.column}")
    if work.missing != "em":
        work.leave_out(absent, f"missing: {step.column}")


def fit_indicators(work: Work, step: Indicators) -> tuple[FittedStep, str]:
    column = work.column(step.column)
    seen = categories(column, work.rows[work.is_fitted])
    counted = [
        (entry["values"], entry["counts"])
        for entry in pc.value_counts(seen).to_pylist()
        if entry["values"] is not None
    ]
    counted.sort(key=lambda pair: (-pair[1], pair[0]))
    if len(counted) < 2:
        raise DataError(
            f"Column '{step.column}' has no two categories in the used rows.", "Choose another."
        )
    if len(counted) > MOST_LEVELS:
        raise DataError(
            f"Column '{step.column}' has {len(counted):,} categories; at most {MOST_LEVELS} can"
            " become columns.",
            "Choose a column with fewer, or one that is a measurement.",
        )
    fitted = Levels(
        column=step.column,
        base=counted[0][0],
        levels=tuple(level for level, _count in counted[1:]),
    )
    for level in fitted.levels:
        _refuse_taken(work, fitted.named(level))
    apply_levels(work, fitted)
    base = shortened(pa.scalar(fitted.base))
    return fitted, f"Added {count(len(fitted.levels), 'column')}; all are 0 for “{base}”."


def apply_rotation(work: Work, step: Rotation) -> None:
    for name in step.columns:
        work.leave_out(np.isnan(work.values[name]), f"missing: {name}")
    names = step.names
    result = [np.zeros(len(work.rows)) for _ in names]
    # One product after the other: what a row becomes does not depend on those beside it.
    for j, name in enumerate(step.columns):
        z = work.values.pop(name) - step.center[j]
        z /= step.scale[j]
        for k, component in enumerate(result):
            np.add(component, step.loadings[j][k] * z, out=component)
    work.values = {**dict(zip(names, result, strict=True)), **work.values}
    work.components = names
    work.stretch(-float(np.log(step.scale).sum()))


def fit_components(work: Work, step: PrincipalComponents) -> tuple[FittedStep, str]:
    if work.components:
        raise DataError("The columns are principal components already.", "Take this step once.")
    for name in list(work.values):
        work.leave_out(np.isnan(work.values[name]), f"missing: {name}")
    names = tuple(work.values)
    columns = [work.learnt_from(name) for name in names]
    center = np.array([x.mean() for x in columns])
    spread = np.array([x.std() for x in columns])
    for name, x, deviation in zip(names, columns, spread, strict=True):
        if not deviation > 0.0 or x.min() == x.max():
            raise DataError(f"Column '{name}' is constant.", f"Untick '{name}'.")
    scale = spread if work.scaling == "standard" else np.ones(len(names))
    variances, vectors = _eigen(columns, center, scale)
    shares = variances / variances.sum()
    most = int(np.count_nonzero(shares > _NOTHING))
    if step.number is not None and step.number > len(names):
        raise DataError(
            f"{len(names)} columns have no {step.number} principal components.", "Ask for fewer."
        )
    wanted = step.number
    if wanted is None:
        assert step.share is not None
        wanted = int(np.searchsorted(np.cumsum(shares), step.share - _NOTHING)) + 1
    n_kept = min(wanted, most)
    fitted = Rotation(
        columns=names,
        center=tuple(center.tolist()),
        scale=tuple(scale.tolist()),
        loadings=tuple(tuple(row) for row in vectors[:, :n_kept].tolist()),
        shares=tuple(shares.tolist()),
    )
    apply_rotation(work, fitted)
    held = f"{100 * shares[:n_kept].sum():.4g} %"
    of = f"{n_kept} of {count(len(names), 'component')}"
    return fitted, f"Kept {of}: {held} of the variance."


def _eigen(
    columns: Sequence[FloatArray], center: FloatArray, scale: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Variances (d,), largest first, and directions (d, d) of the scaled columns.

    The largest loading of each direction is positive (Jolliffe, 2002, section 2.3).
    """
    n, d = len(columns[0]), len(columns)
    covariance = np.zeros((d, d))
    for start in range(0, n, _CHUNK):
        z = np.stack([x[start : start + _CHUNK] for x in columns])
        z = (z - center[:, None]) / scale[:, None]
        covariance += z @ z.T
    variances, vectors = np.linalg.eigh(covariance / n)
    vectors = vectors[:, ::-1]
    largest = np.abs(vectors).argmax(axis=0)
    return (
        np.maximum(variances[::-1], 0.0),
        vectors * np.sign(vectors[largest, np.arange(d)]),
    )
