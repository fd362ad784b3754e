"""From a start that the caller gives to responsibilities that a kernel reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.rows.source import chunks, real_numbers
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.errors import FitError

# Looked at together, so that checking many rows makes no array of them all.
CHECKED_ROWS = 2**16

# Puts what is asked about the given rows into an array (K, m).
Reader = Callable[[slice | IntArray, FloatArray], None]


class Start:
    """Labels (n,) in 0..K-1 or responsibilities (n, K), checked.

    With noise there may be labels -1 or K for it, or responsibilities (n, K + 1), its own last.
    Raises FitError when their type, shape or values do not fit n rows and K components, or when a
    component begins without rows.
    """

    def __init__(
        self, start: npt.ArrayLike, n: int, n_components: int, noise: bool = False
    ) -> None:
        array = real_numbers(start, "The start is")
        if array.shape == (n,):
            if noise:
                array = np.where(array == -1, n_components, array)
            self._check_labels(array, n_components, noise)
        elif array.shape in {(n, n_components), (n, n_components + noise)}:
            self._check_responsibilities(array, n_components)
        else:
            raise FitError(
                f"The start has the shape {array.shape}.",
                f"Give labels, ({n},), or responsibilities, ({n}, {n_components}).",
            )
        self.measured: dict[bool, Statistics] = {}  # see Kernels.measure
        self._array = array
        self._components = np.arange(n_components + noise)[:, None]

    @staticmethod
    def _check_labels(labels: AnyArray, n_components: int, noise: bool) -> None:
        most = n_components + noise
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= most:
            raise FitError(
                "The labels of the start do not fit the number of components.",
                f"Give whole numbers from 0 to {n_components - 1}.",
            )
        sizes = np.zeros(most)
        for run in chunks(len(labels), CHECKED_ROWS):
            sizes += np.bincount(labels[run].astype(np.intp), minlength=most)
        _check_sizes(sizes[:n_components])

    @staticmethod
    def _check_responsibilities(responsibilities: AnyArray, n_components: int) -> None:
        sizes = np.zeros(responsibilities.shape[1])
        for run in chunks(len(responsibilities), CHECKED_ROWS):
            part = responsibilities[run]
            if not (np.abs(part.sum(axis=1) - 1.0) < 1e-6).all() or part.min() < 0.0:
                raise FitError(
                    "The responsibilities of the start are no probabilities.",
                    "Give numbers from 0 up that add to 1 in each row.",
                )
            sizes += part.sum(axis=0)
        _check_sizes(sizes[:n_components])

    def read(self, rows: slice | IntArray, out: FloatArray) -> None:
        """Responsibilities of the given rows into `out` (K, m)."""
        part = self._array[rows]
        if part.ndim == 1:
            out[...] = part == self._components
        else:
            out[: part.shape[1]] = part.T
            out[part.shape[1] :] = 0.0

    def rows_of(self, component: int) -> npt.NDArray[np.int64]:
        """The rows for which `component` is the likeliest."""
        found = []
        for run in chunks(len(self._array), CHECKED_ROWS):
            part = self._array[run]
            labels = part if part.ndim == 1 else part.argmax(axis=1)
            found.append(run.start + np.flatnonzero(labels == component))
        return np.concatenate(found)


def _check_sizes(sizes: AnyArray) -> None:
    if not (sizes > 0).all():
        raise FitError(
            f"Component {int(np.argmin(sizes)) + 1} has no rows in the start.",
            "Give every component rows, or ask for fewer components.",
        )
