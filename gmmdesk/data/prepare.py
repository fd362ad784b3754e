"""From a table to the matrix that is fitted: which rows, which columns, on which scale."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gmmdesk.data.dataset import Column, ColumnKind, Dataset, FloatArray, IntArray
from gmmdesk.data.raw import listed
from gmmdesk.errors import DataError
from gmmdesk.task import Task

SCALINGS = ("standard", "none")
# What becomes of rows with missing cells: left out, or used through their other cells (EM).
MISSING = ("leave-out", "em")

_HOPELESS = {ColumnKind.CONSTANT, ColumnKind.EMPTY}
_MAX_SPREAD = 1e140  # its square, and that of its inverse, leave room for sums and shares
_CHUNK = 1 << 17
_MAX_NAMED = 5  # columns named in a row's reason
_MAX_COMBINED = 1_000  # distinct reasons beyond which a row's first one must do
_MAX_WORDINGS = 50  # distinct unreadable texts quoted per column; the rest share one reason


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The rows and columns to fit.

    `X` is (n, d), column-major, scaled: original = center + scale * X. `rows` (n,) are the
    indices of its rows in the dataset. `left_out` (n_rows,) is 0 for a used row, else i + 1
    where `reasons[i]` says in words why the row is left out, as `n_by_reason[i]` rows are.
    `n_incomplete` of the used rows lack some value: it is nan in `X`.
    """

    columns: tuple[str, ...]
    X: FloatArray
    rows: IntArray
    center: FloatArray
    scale: FloatArray
    left_out: npt.NDArray[np.uint16]
    reasons: tuple[str, ...]
    n_by_reason: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    n_incomplete: int = 0

    @property
    def n_left_out(self) -> int:
        return len(self.left_out) - len(self.rows)


def prepare(
    dataset: Dataset,
    columns: Sequence[str] = (),
    scaling: str = "standard",
    task: Task | None = None,
    *,
    missing: str = "leave-out",
) -> Prepared:
    """Choose `columns` (all recommended ones when empty) and the rows complete in them.

    With `missing` "em" rows that have a value in at least one of them are chosen too; what is
    missing or unreadable is then nan, and a column's mean and variance are those of its values.
    `scaling` "standard" takes away each column's mean and divides by its standard deviation
    (population) over the used rows; "none" leaves the numbers alone.
    Raises DataError, naming the column and what to try, when a column is absent, named twice,
    not numeric or constant in the used rows, holds an infinity or numbers of a size whose variance
    would leave the range of float64, or when fewer than two rows are left.
    """
    task = task or Task()
    if scaling not in SCALINGS:
        raise DataError(f"There is no scaling '{scaling}'.", f"Choose {' or '.join(SCALINGS)}.")
    if missing not in MISSING:
        raise DataError(
            f"There is no way '{missing}' to treat missing values.",
            f"Choose {' or '.join(MISSING)}.",
        )
    used = _chosen(dataset, columns)
    task.step(0.0, "Choosing rows")
    kept = with_some_value(used, dataset.n_rows, task) if missing == "em" else None
    left_out, reasons, n_by_reason = left_out_rows(used, dataset.n_rows, task, kept)
    rows = np.flatnonzero(left_out == 0)
    if len(rows) < 2:
        _refuse_few_rows(dataset, used, len(rows))

    X = np.empty((len(rows), len(used)), order="F")
    center, scale = np.zeros(len(used)), np.ones(len(used))
    incomplete = np.zeros(len(rows), np.bool_)
    for j, column in enumerate(used):
        numbers = column.numbers()
        x = X[:, j]
        for start in range(0, len(rows), _CHUNK):
            task.step((j + start / len(rows)) / len(used), "Scaling")
            part = rows[start : start + _CHUNK]
            x[start : start + _CHUNK] = numbers[part]
        absent = np.isnan(x)
        incomplete |= absent
        some = bool(absent.any())
        values = x[~absent] if some else x
        _check_values(dataset, column, values, rows[~absent] if some else rows)
        if scaling == "standard":
            center[j], scale[j] = _standardise(values)
            if some:
                x[~absent] = values
    for array in (X, rows, center, scale, left_out, n_by_reason):
        array.flags.writeable = False
    names = tuple(column.name for column in used)
    n_incomplete = int(incomplete.sum())
    return Prepared(names, X, rows, center, scale, left_out, reasons, n_by_reason, n_incomplete)


def with_some_value(used: list[Column], n_rows: int, task: Task) -> npt.NDArray[np.bool_]:
    """The rows that have a value in at least one of the `used` columns, (n_rows,)."""
    some = np.zeros(n_rows, np.bool_)
    for column in used:
        numbers = column.numbers()
        for start in range(0, n_rows, _CHUNK):
            task.step()
            some[start : start + _CHUNK] |= ~np.isnan(numbers[start : start + _CHUNK])
    return some


def _chosen(dataset: Dataset, names: Sequence[str]) -> list[Column]:
    """The columns to use; raises DataError when they cannot be."""
    names = list(names) or list(dataset.recommended)
    if not names:
        _refuse_columns(dataset)
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


def no_such_column(table: str, name: str, known: Sequence[str]) -> DataError:
    """What to raise where `name` is none of the `known` columns of a table."""
    close = difflib.get_close_matches(name, known, 3, 0.5)
    return DataError(
        f"{table} has no column '{name}'.",
        f"Did you mean {' or '.join(repr(c) for c in close)}?"
        if close
        else f"Its columns are {listed(list(known), 12)}.",
    )


def _refuse_columns(dataset: Dataset) -> NoReturn:
    """Raise DataError about a table in which no column is recommended."""
    title = dataset.path.name if dataset.path is not None else dataset.name
    found = listed([f"'{c.name}' ({c.reason or c.kind})" for c in dataset.columns])
    usable = [c.name for c in dataset.columns if c.is_numeric and c.kind not in _HOPELESS]
    if usable:
        raise DataError(
            f"{title} has no column of measurements to cluster. Its columns: {found}.",
            f"If {listed(usable)} should be clustered all the same, choose"
            f" {'it' if len(usable) == 1 else 'them'} yourself.",
        )
    raise DataError(
        f"{title} has no column with numbers to cluster. Its columns: {found}.",
        "Open a table with at least one column of numbers that differ from row to row.",
    )


class _Reasons:
    """The wordings of why rows are left out, each with a code from 1 on."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._n_columns: list[int] = []
        self._codes: dict[str, int] = {}

    def code(self, text: str, n_columns: int = 1) -> int:
        if text not in self._codes:
            self.texts.append(text)
            self._n_columns.append(n_columns)
            self._codes[text] = len(self.texts)
        return self._codes[text]

    def both(self, first: int, second: int) -> int:
        """The code of two reasons for the same row."""
        text, n_columns = self.texts[first - 1], self._n_columns[first - 1]
        if n_columns > _MAX_NAMED or len(self.texts) >= _MAX_COMBINED:
            return first
        if n_columns == _MAX_NAMED:
            return self.code(f"{text} and more", n_columns + 1)
        return self.code(f"{text}; {self.texts[second - 1]}", n_columns + 1)


def left_out_rows(
    used: list[Column], n_rows: int, task: Task, kept: npt.NDArray[np.bool_] | None
) -> tuple[npt.NDArray[np.uint16], tuple[str, ...], IntArray]:
    """Why each row is left out: the columns of `used` that have no number there; rows by reason.

    Those that are `kept` (n_rows,) are not.
    """
    left_out = np.zeros(n_rows, np.uint16)
    reasons = _Reasons()
    for column in used:
        numbers = column.numbers()
        wordings: set[str] = set()
        for start in range(0, n_rows, _CHUNK):
            task.step()
            part = left_out[start : start + _CHUNK]
            absent = np.isnan(numbers[start : start + _CHUNK])
            if kept is not None:
                absent &= ~kept[start : start + _CHUNK]
            if not absent.any():
                continue
            found = np.zeros(len(part), np.uint16)
            first, last = np.searchsorted(column.unreadable, (start, start + len(part)))
            for row in column.unreadable[first:last].tolist():
                if not absent[row - start]:
                    continue
                reason = f"unreadable: '{_shortened(column.cells[row])}' in {column.name}"
                if reason not in wordings and (
                    len(wordings) >= _MAX_WORDINGS or len(reasons.texts) >= _MAX_COMBINED
                ):
                    reason = f"unreadable: text in {column.name}"
                wordings.add(reason)
                found[row - start] = reasons.code(reason)
            missing = absent & (found == 0)
            if missing.any():
                found[missing] = reasons.code(f"missing: {column.name}")
            again = np.flatnonzero(absent & (part > 0))
            part[absent & (part == 0)] = found[absent & (part == 0)]
            pairs = part[again].astype(np.uint32) << 16 | found[again]
            different, which = np.unique(pairs, return_inverse=True)
            codes = [reasons.both(pair >> 16, pair & 0xFFFF) for pair in different.tolist()]
            part[again] = np.array(codes, np.uint16)[which]
    return left_out, *_without_unused(left_out, reasons.texts)


def _without_unused(
    left_out: npt.NDArray[np.uint16], texts: list[str]
) -> tuple[tuple[str, ...], IntArray]:
    """Renumber the codes in place so that every reason is some row's; the reasons left, counted."""
    n_rows = np.zeros(len(texts) + 1, np.int64)
    parts = [left_out[start : start + _CHUNK] for start in range(0, len(left_out), _CHUNK)]
    for part in parts:
        n_rows += np.bincount(part, minlength=len(n_rows))
    seen = n_rows > 0
    seen[0] = False
    codes = np.cumsum(seen, dtype=np.uint16)
    for part in parts:
        part[:] = codes[part]
    reasons = tuple(text for text, is_seen in zip(texts, seen[1:], strict=True) if is_seen)
    return reasons, n_rows[seen]


def _shortened(cell: pa.Scalar, most: int = 40) -> str:
    words = " ".join(str(cell.as_py()).split())
    return words if len(words) <= most else words[: most - 1] + "…"


def _refuse_few_rows(dataset: Dataset, used: list[Column], n_used: int) -> None:
    worst = max(used, key=lambda column: column.n_missing + len(column.unreadable))
    n_absent = worst.n_missing + len(worst.unreadable)
    if n_absent:
        raise DataError(
            f"Only {n_used} of {dataset.n_rows:,} rows have a value in every chosen column.",
            f"Untick '{worst.name}', which lacks {n_absent:,} values.",
        )
    raise DataError(
        f"{dataset.name} has only one row; at least 2 are needed.",
        "Open a table with more rows.",
    )


def _check_values(dataset: Dataset, column: Column, x: FloatArray, rows: IntArray) -> None:
    """Raise DataError for infinities, and for a column that says nothing about the rows."""
    low, high = x.min(), x.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        at = int(rows[np.flatnonzero(~np.isfinite(x))[0]])
        label = dataset.row_label
        identity = f" ({label.name}: {_shortened(label.cells[at])})" if label is not None else ""
        raise DataError(
            f"Row {at + 1}{identity} has an infinite value in column '{column.name}'.",
            f"Correct or empty that cell, or untick '{column.name}'.",
        )
    if low == high:
        raise DataError(
            f"Column '{column.name}' is constant: it is {low:g} in all {len(rows):,} used rows.",
            f"Untick '{column.name}'; it cannot tell rows apart.",
        )
    spread = float(high) - float(low)
    if not 1.0 / _MAX_SPREAD < spread < _MAX_SPREAD:
        much = "much" if spread > 1.0 else "little"
        raise DataError(
            f"Column '{column.name}' spreads over {spread:g}, too {much} to compute a variance.",
            f"Give it in another unit, or untick '{column.name}'.",
        )


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
