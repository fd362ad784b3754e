"""From a table to the matrix that is fitted: which rows, which columns, on which scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gmmdesk.data.dataset import Column, Dataset, FloatArray, IntArray
from gmmdesk.data.reasons import Codes, with_some_value, without_numbers, without_unused
from gmmdesk.data.refusals import (
    check_finite,
    check_values,
    no_such_column,
    refuse_columns,
    refuse_few_rows,
)
from gmmdesk.data.steps import run
from gmmdesk.data.steps.fitted import (
    FittedStep,
    Original,
    Preparation,
    keeps_density,
    originals,
)
from gmmdesk.data.steps.records import DropColumn, Step
from gmmdesk.data.steps.run import Outcome
from gmmdesk.data.steps.work import BoolArray, Work
from gmmdesk.errors import DataError
from gmmdesk.task import Task

SCALINGS = ("standard", "none")
# What becomes of rows with missing cells: left out, or used through their other cells (EM).
MISSING = ("leave-out", "em")

_CHUNK = 1 << 17


@dataclass(frozen=True, eq=False)
class Prepared:
    """The rows and columns to fit.

    `X` is (n, d), column-major, scaled: its rows are center + scale * X in the prepared `columns`,
    which are the file's where no step has changed them; `preparation` says how they came about and
    `outcomes` what each step did. `rows` (n,) are the indices of its rows in the dataset.
    `left_out` (n_rows,) is 0 for a used row, else i + 1 where `reasons[i]` says in words why the
    row is left out, as `n_by_reason[i]` rows are. `n_incomplete` of the used rows lack some value:
    it is nan in `X`. `held_out` (n,) are rows that the fit does not see, None where it sees all.
    `log_slope` (n,) is what the steps add to the log density of each row, nats, to make it one of
    the file's columns; None where they add nothing or it cannot be one (not `keeps_density`).
    `units` are those that the file states, by the column of the file.
    """

    columns: tuple[str, ...]
    X: FloatArray
    rows: IntArray
    center: FloatArray
    scale: FloatArray
    left_out: Codes
    reasons: tuple[str, ...]
    preparation: Preparation
    n_by_reason: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    n_incomplete: int = 0
    outcomes: tuple[Outcome, ...] = ()
    held_out: BoolArray | None = None
    log_slope: FloatArray | None = None
    keeps_density: bool = True
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_left_out(self) -> int:
        return len(self.left_out) - len(self.rows)

    @property
    def n_left_out_for_gaps(self) -> int:
        """How many rows have a missing or unreadable cell, and are left out for that."""
        by_steps = sum(one.rows_before - one.rows_after for one in self.outcomes)
        return self.n_left_out - by_steps

    def reason(self, row: int) -> str:
        """Why a row of the table (0-based) is left out; empty of a used one."""
        code = int(self.left_out[row])
        return self.reasons[code - 1] if code else ""

    @property
    def n_held_out(self) -> int:
        return 0 if self.held_out is None else int(self.held_out.sum())

    @property
    def fitted_rows(self) -> IntArray:
        """The indices in the dataset of the rows that the fit sees."""
        return self.rows if self.held_out is None else self.rows[~self.held_out]

    @property
    def total_log_slope(self) -> float:
        """What the steps add to the log-likelihood of the fit, nats."""
        if self.log_slope is None:
            return 0.0
        seen = slice(None) if self.held_out is None else ~self.held_out
        return float(self.log_slope[seen].sum())

    def fitted(self) -> FloatArray:
        """The rows of X that the fit sees, column-major."""
        if self.held_out is None:
            return self.X
        seen = ~self.held_out
        fitted = np.empty((np.count_nonzero(seen), self.X.shape[1]), order="F")
        for j in range(self.X.shape[1]):
            np.compress(seen, self.X[:, j], out=fitted[:, j])
        return fitted

    @cached_property
    def originals(self) -> tuple[Original, ...]:
        """The columns as the user knows them, seen from the prepared ones."""
        return originals(self.preparation, self.units)


def prepare(
    dataset: Dataset,
    columns: Sequence[str] = (),
    scaling: str = "standard",
    task: Task | None = None,
    *,
    missing: str = "leave-out",
    steps: Sequence[Step] = (),
) -> Prepared:
    """Choose `columns` (all recommended ones when empty) and the rows complete in them.

    With `missing` "em" rows that have a value in at least one of them are chosen too; what is
    missing or unreadable is then nan, and a column's mean and variance are those of its values.
    The `steps` that are on follow in their order, each on the rows that are left; what they learn
    they learn from the rows that are not held out. `scaling` "standard" then takes away each
    column's mean and divides by its standard deviation (population) over those rows; "none" leaves
    the numbers alone. Principal components are those of columns scaled so, and stay as they are.
    Raises DataError, naming the column and what to try, when a column is absent, named twice,
    not numeric or constant in the used rows, holds an infinity or numbers of a size whose variance
    would leave the range of float64, when a step cannot be done, or when fewer than two rows are
    left.
    """
    task = task or Task()
    if scaling not in SCALINGS:
        raise DataError(f"There is no scaling '{scaling}'.", f"Choose {' or '.join(SCALINGS)}.")
    if missing not in MISSING:
        raise DataError(
            f"There is no way '{missing}' to treat missing values.",
            f"Choose {' or '.join(MISSING)}.",
        )
    steps = [step for step in steps if step.on]
    used = _without_dropped(_chosen(dataset, columns), steps)
    task.step(0.0, "Choosing rows")
    work = _begin(dataset, used, scaling, missing, task=task)
    if len(work.rows) < 2:
        refuse_few_rows(dataset, used, len(work.rows))
    if steps:
        return _with_steps(work, used, steps)

    rows = work.rows
    X = np.empty((len(rows), len(used)), order="F")
    center, scale = np.zeros(len(used)), np.ones(len(used))
    for j, column in enumerate(used):
        task.step(j / len(used), "Scaling")
        x = _read(column, rows, task, out=X[:, j])
        absent = np.isnan(x)
        some = bool(absent.any())
        values = x[~absent] if some else x
        check_values(dataset, column.name, values, rows[~absent] if some else rows)
        if scaling == "standard":
            center[j], scale[j] = _standardise(values)
            if some:
                x[~absent] = values
    return _finished(work, X, [column.name for column in used], center, scale, inputs=used)


def transform(dataset: Dataset, preparation: Preparation, task: Task | None = None) -> Prepared:
    """Prepare the rows of another table as those that were fitted, with what was learnt then.

    For the rows that were fitted it gives the same X to the last bit. Rows that cannot be prepared
    are left out with the reason: cells that are missing, infinite or outside a step's range,
    categories that were not fitted.
    Raises DataError for a column that is absent or holds no numbers.
    """
    task = task or Task()
    used = _chosen(dataset, preparation.inputs)
    work = _begin(dataset, used, "none", preparation.missing, task=task)
    for column in used:
        work.values[column.name] = _read(column, work.rows, task)
    for name in list(work.values):
        work.leave_out(np.isinf(work.values[name]), f"infinite: {name}")
    for step in preparation.steps:
        run.apply(work, step)
    center, scale = np.array(preparation.center), np.array(preparation.scale)
    X = np.empty((len(work.rows), len(center)), order="F")
    for j, name in enumerate(preparation.columns):
        np.subtract(work.values.pop(name), center[j], out=X[:, j])
        X[:, j] /= scale[j]
    return _finished(work, X, preparation.columns, center, scale, preparation=preparation)


def _begin(dataset: Dataset, used: list[Column], scaling: str, missing: str, *, task: Task) -> Work:
    """The rows that the `used` columns allow, and why the others are left out."""
    kept = with_some_value(used, dataset.n_rows, task) if missing == "em" else None
    left_out, reasons = without_numbers(used, dataset.n_rows, task, kept)
    rows = np.flatnonzero(left_out == 0)
    return Work(dataset, scaling, missing, task, rows=rows, left_out=left_out, reasons=reasons)


def _with_steps(work: Work, used: list[Column], steps: Sequence[Step]) -> Prepared:
    """Take the steps, then scale."""
    for column in used:
        x = work.values[column.name] = _read(column, work.rows, work.task)
        present = ~np.isnan(x)
        check_finite(work.dataset, column.name, x[present], work.rows[present])
    fitted, outcomes = run.fit(work, steps)
    if np.count_nonzero(work.is_fitted) < 2:
        raise DataError(
            f"The steps leave {np.count_nonzero(work.is_fitted)} rows to fit; at least 2 are"
            " needed.",
            "Switch off a step that leaves out rows.",
        )
    names = list(work.values)
    center, scale = np.zeros(len(names)), np.ones(len(names))
    X = np.empty((len(work.rows), len(names)), order="F")
    seen = work.is_fitted
    for j, name in enumerate(names):
        x = work.values.pop(name)
        learnt = seen & ~np.isnan(x)
        values = x[learnt]
        check_values(work.dataset, name, values, work.rows[learnt])
        if work.scaling == "standard" and name not in work.components:
            center[j], scale[j] = _standardise(values)
        np.subtract(x, center[j], out=X[:, j])
        X[:, j] /= scale[j]
    return _finished(
        work, X, names, center, scale, inputs=used, steps=tuple(fitted), outcomes=tuple(outcomes)
    )


def _finished(
    work: Work,
    X: FloatArray,
    names: Sequence[str],
    center: FloatArray,
    scale: FloatArray,
    *,
    inputs: Sequence[Column] = (),
    steps: tuple[FittedStep, ...] = (),
    outcomes: tuple[Outcome, ...] = (),
    preparation: Preparation | None = None,
) -> Prepared:
    reasons, n_by_reason = without_unused(work.left_out, work.reasons.texts)
    if preparation is None:
        preparation = Preparation(
            inputs=tuple(column.name for column in inputs),
            columns=tuple(names),
            center=tuple(center.tolist()),
            scale=tuple(scale.tolist()),
            steps=steps,
            missing=work.missing,
        )
    held_out = None if work.held_out is None else work.held_out[work.rows]
    keeps = keeps_density(preparation.steps)
    log_slope = work.log_slope if keeps else None
    incomplete = np.zeros(len(work.rows), np.bool_)
    for x in X.T if work.missing == "em" else ():
        incomplete |= np.isnan(x)
    for array in (X, work.rows, center, scale, work.left_out, n_by_reason, held_out, log_slope):
        if array is not None:
            array.flags.writeable = False
    return Prepared(
        columns=tuple(names),
        X=X,
        rows=work.rows,
        center=center,
        scale=scale,
        left_out=work.left_out,
        reasons=reasons,
        preparation=preparation,
        n_by_reason=n_by_reason,
        n_incomplete=int(incomplete.sum()),
        outcomes=outcomes,
        held_out=held_out,
        log_slope=log_slope,
        keeps_density=keeps,
        units={
            name: unit for name in preparation.inputs if (unit := work.dataset.column(name).unit)
        },
    )


def _read(column: Column, rows: IntArray, task: Task, out: FloatArray | None = None) -> FloatArray:
    """The numbers of `rows`, (n,), in `out` if it is given."""
    x = np.empty(len(rows)) if out is None else out
    numbers = column.numbers()
    for start in range(0, len(rows), _CHUNK):
        task.step()
        part = rows[start : start + _CHUNK]
        x[start : start + _CHUNK] = numbers[part]
    return x


def _without_dropped(used: list[Column], steps: Sequence[Step]) -> list[Column]:
    """The columns that no step drops; raises DataError when none is left."""
    dropped = {step.column for step in steps if isinstance(step, DropColumn)}
    kept = [column for column in used if column.name not in dropped]
    if not kept:
        raise DataError("The steps drop every column.", "Switch off a step that drops one.")
    return kept


def _chosen(dataset: Dataset, names: Sequence[str]) -> list[Column]:
    """The columns to use; raises DataError when they cannot be."""
    names = list(names) or list(dataset.recommended)
    if not names:
        refuse_columns(dataset)
    known = [column.name for column in dataset.columns]
    used = []
    for name in names:
        if name not in known:
            raise no_such_column(dataset.name, name, known)
        column = dataset.column(name)
        if column in used:
            raise DataError(f"Column '{name}' is named twice.", "Name each column once.")
        if not column.is_numeric:
            raise DataError(
                f"Column '{name}' holds no numbers: {column.reason or column.kind}.",
                "Leave it out; a column to cluster by must be numeric.",
            )
        if column.n_missing + len(column.unreadable) >= dataset.n_rows:
            raise DataError(f"Column '{name}' has no value that can be used.", f"Untick '{name}'.")
        used.append(column)
    return used


def _standardise(x: FloatArray) -> tuple[float, float]:
    """Scale `x` in place; its mean and standard deviation (population).

    The mean is corrected by the mean of what it leaves over, so that a large offset costs no
    digits. What is taken away is the number that is returned, to its last digit: so that scaling
    the same values by it later gives the same.
    """
    mean = float(x.mean())
    parts = [x[start : start + _CHUNK] for start in range(0, len(x), _CHUNK)]
    mean += math.fsum(float((part - mean).sum()) for part in parts) / len(x)
    x -= mean
    deviation = math.sqrt(math.fsum(float(np.square(part).sum()) for part in parts) / len(x))
    x /= deviation
    return mean, deviation
