"""From a start that the caller gives to responsibilities that a kernel reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import AnyArray, FloatArray
from gmmdesk.engine.source import real_numbers
from gmmdesk.errors import FitError

Reader = Callable[[slice, FloatArray], None]


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
        _check_sizes(np.bincount(labels.astype(np.intp), minlength=n_components)[:n_components])

    @staticmethod
    def _check_responsibilities(responsibilities: AnyArray, n_components: int) -> None:
        sums = responsibilities.sum(axis=1)
        if not (np.abs(sums - 1.0) < 1e-6).all() or responsibilities.min() < 0.0:
            raise FitError(
                "The responsibilities of the start are no probabilities.",
                "Give numbers from 0 up that add to 1 in each row.",
            )
        _check_sizes(responsibilities.sum(axis=0)[:n_components])

    def read(self, rows: slice, out: FloatArray) -> None:
        """Responsibilities of a run of rows into `out` (K, m)."""
        part = self._array[rows]
        if part.ndim == 1:
            out[...] = part == self._components
        else:
            out[: part.shape[1]] = part.T
            out[part.shape[1] :] = 0.0

    def rows_of(self, component: int) -> npt.NDArray[np.int64]:
        """The rows for which `component` is the likeliest."""
        labels = self._array if self._array.ndim == 1 else self._array.argmax(axis=1)
        return np.flatnonzero(labels == component)


def _check_sizes(sizes: AnyArray) -> None:
    if not (sizes > 0).all():
        raise FitError(
            f"Component {int(np.argmin(sizes)) + 1} has no rows in the start.",
            "Give every component rows, or ask for fewer components.",
        )
