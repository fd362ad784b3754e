"""From a table to the matrix that is fitted: which rows, which columns, on which scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.data.dataset import Dataset, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The rows and columns to fit.

    `X` is (n, d), column-major, scaled: original = center + scale * X. `rows` (n,) are the
    indices of its rows in the dataset. `left_out` (n_rows,) is 0 for a used row, else i + 1
    where `reasons[i]` says in words why the row is left out.
    """

    columns: tuple[str, ...]
    X: FloatArray
    rows: IntArray
    center: FloatArray
    scale: FloatArray
    left_out: npt.NDArray[np.uint16]
    reasons: tuple[str, ...]

    @property
    def n_left_out(self) -> int:
        return len(self.left_out) - len(self.rows)


def prepare(dataset: Dataset, columns: Sequence[str], scaling: str = "standard") -> Prepared:
    """Choose `columns` (all recommended ones when empty) and the rows complete in them.

    Raises DataError, naming the column and what to try, when a column is absent, not numeric or
    constant in the used rows, holds an infinity, or when no row is left.
    """
    raise NotImplementedError  # placeholder until the data layer lands
