"""The rows of a fit as the caller gives them: with weights, and what is known of them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.memberships import Memberships
from gmmdesk.engine.rows.source import (
    ArraySource,
    SelectedSource,
    Source,
    as_source,
    real_numbers,
)
from gmmdesk.errors import FitError

Told = TypeVar("Told", FitResult, FitError)


class WeightedRows:
    """Rows X (n, d) that count: those of weight 0 are taken out, as if they were absent.

    `weights` (n,) and `known` (see Memberships) are those of the rows in `source`, `in_memory` says
    whether these are an array. Raises FitError when they do not fit the rows.
    """

    def __init__(
        self,
        X: Source | npt.ArrayLike,
        weights: npt.ArrayLike | None,
        known: npt.ArrayLike | None,
    ) -> None:
        self.source = as_source(X)
        self.in_memory = isinstance(self.source, ArraySource)
        n = self.source.shape[0]
        self.weights: FloatArray | None = None
        self.memberships = None if known is None else Memberships(known, n)
        self._rows: IntArray | None = None
        if weights is None:
            return
        self.weights = _checked(weights, n)
        if self.weights.min() == 0.0:
            rows = np.flatnonzero(self.weights)
            self._rows, self.weights = rows, self.weights[rows]
            self.source = SelectedSource(self.source, rows)
            if self.memberships is not None:
                self.memberships = self.memberships.sampled(rows)

    def start(self, start: npt.ArrayLike | Parameters | None) -> npt.ArrayLike | Parameters | None:
        """A start for all rows as one for those in `source`."""
        if start is None or isinstance(start, Parameters):
            return start
        return self.labelled(start)

    def labelled(self, start: npt.ArrayLike) -> npt.ArrayLike:
        """Labels or responsibilities of all rows as those of the ones in `source`."""
        if self._rows is None:
            return start
        array = real_numbers(start, "The start is")
        return array[self._rows] if len(array) > self._rows[-1] else array

    def renumbered(self, told: Told) -> Told:
        """A result or an error about rows in `source` as one about rows of X."""
        if self._rows is None:
            return told
        if isinstance(told, FitError):
            rows = told.rows if told.rows is None else self._rows[told.rows]
            return FitError(told.text, told.hint, told.column, rows)
        return told.with_rows(self._rows)


def _checked(weights: npt.ArrayLike, n: int) -> FloatArray:
    array = real_numbers(weights, "The weights are").astype(np.float64)
    if array.shape != (n,):
        raise FitError(
            f"The weights have the shape {array.shape}.", f"Give one for each row, ({n},)."
        )
    wrong = ~(np.isfinite(array) & (array >= 0.0))
    if wrong.any():
        raise FitError(
            f"{{rows}}: the weight {array[wrong][0]} is none.",
            "Give finite numbers from 0 up.",
            rows=np.flatnonzero(wrong)[:1],
        )
    if not array.any():
        raise FitError("All weights are 0.", "Give some row a weight.")
    return array
