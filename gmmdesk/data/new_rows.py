"""Other rows for a mixture that is fitted already: on its scale, those that it can score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.prepare import Prepared, left_out_rows, no_such_column, with_some_value
from gmmdesk.errors import DataError
from gmmdesk.task import Task


def prepare_new(
    dataset: Dataset,
    columns: Sequence[str],
    center: FloatArray,
    scale: FloatArray,
    *,
    missing: str = "leave-out",
    task: Task | None = None,
) -> Prepared:
    """The rows of `dataset` with its `columns` scaled by `center` and `scale`, both (d,).

    With `missing` "em" rows that have a value in at least one of the columns are used, else those
    that have all. Rows with a value that is infinite, or so on that scale, are left out too.
    Raises DataError, naming the column, when one is absent or not numeric, or no row can be used.
    """
    task = task or Task()
    task.step(0.0, "Choosing rows")
    known = [column.name for column in dataset.columns]
    used = []
    for name in columns:
        if name not in known:
            raise no_such_column(dataset.name, name, known)
        column = dataset.column(name)
        if not column.is_numeric:
            raise DataError(
                f"Column '{name}' holds no numbers: {column.reason or column.kind}.",
                "Choose a column of numbers in its place.",
            )
        used.append(column)
    kept = with_some_value(used, dataset.n_rows, task) if missing == "em" else None
    left_out, reasons, n_by_reason = left_out_rows(used, dataset.n_rows, task, kept)
    rows = np.flatnonzero(left_out == 0)
    X = np.empty((len(rows), len(used)), order="F")
    for j, column in enumerate(used):
        task.step(j / len(used), "Scaling")
        x = X[:, j]
        x[...] = column.numbers()[rows]
        with np.errstate(over="ignore"):
            x -= center[j]
            x /= scale[j]
        infinite = np.isinf(x)
        if infinite.any():
            reasons = (*reasons, f"infinite: {column.name}")
            n_by_reason = np.append(n_by_reason, infinite.sum())
            left_out[rows[infinite]] = len(reasons)
            rows, X = rows[~infinite], np.asfortranarray(X[~infinite])
    if not len(rows):
        raise DataError(
            f"No row of {dataset.name} can be scored: {'; '.join(reasons[:3]) or 'it has none'}.",
            "Check that the columns are those that the model asks for.",
        )
    incomplete = int(np.isnan(X).any(axis=1).sum()) if missing == "em" else 0
    for array in (X, rows, left_out, n_by_reason):
        array.flags.writeable = False
    names = tuple(column.name for column in used)
    return Prepared(names, X, rows, center, scale, left_out, reasons, n_by_reason, incomplete)
