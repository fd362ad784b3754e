"""What is known beforehand about where rows belong."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import AnyArray, BoolArray, FloatArray, IntArray
from gmmdesk.engine.rows.source import real_numbers
from gmmdesk.errors import FitError

UNKNOWN = -1
NOISE = -2  # the label of noise, however many components there are
MOST_FORBIDDEN = 60  # components, the first ones: each has a bit of the label


def label_without(components: Iterable[int]) -> int:
    """The label of a row that may belong to any component but these, of the first MOST_FORBIDDEN.

    UNKNOWN where there are none; all others are below NOISE.
    """
    bits = sum(1 << component for component in set(components))
    return NOISE - bits if bits else UNKNOWN


def forbidden(labels: IntArray, n_components: int) -> BoolArray:
    """Which of the components rows with these labels (n,) must not belong to, (n, K)."""
    bits = np.where(labels < NOISE, NOISE - labels, 0)
    found = np.zeros((len(labels), n_components), np.bool_)
    for component in range(min(n_components, MOST_FORBIDDEN)):
        found[:, component] = bits >> component & 1
    return found


def belongs(labels: IntArray) -> BoolArray:
    """Of which rows it is known where they belong, to noise perhaps, (n,)."""
    return np.asarray((labels >= 0) | (labels == NOISE))


class Memberships:
    """Components that rows may belong to, as the caller knows them.

    Either labels (n,), the component 0..K-1 of a row, -1 where it is unknown or `label_without`
    those that it must not belong to; or booleans (n, K), True where a row may belong to a
    component. With noise that is component K; a row with a label is not noise unless the label says
    so, and one without some components, or booleans (n, K), leave noise possible. As a label NOISE
    means noise as well, whatever K is.

    The likelihood of a row is then the sum over its possible components, as in mclust's MclustSSC.
    Raises FitError when `known` does not fit n rows.
    """

    def __init__(self, known: npt.ArrayLike, n: int) -> None:
        array = real_numbers(known, "The known memberships are")
        self._labels: IntArray | None = None
        self._allowed: AnyArray | None = None
        if array.shape == (n,) and array.dtype.kind in "iu":
            self._labels = array.astype(np.int64)
        elif array.ndim == 2 and len(array) == n and array.dtype.kind == "b":
            self._allowed = array
            if not array.any(axis=1).all():
                raise FitError(
                    "{rows} may belong to no component.",
                    "Allow at least one component for every row.",
                    rows=np.flatnonzero(~array.any(axis=1)),
                )
        else:
            raise FitError(
                f"The known memberships have the shape {array.shape} and the type {array.dtype}.",
                f"Give labels as whole numbers, ({n},) with -1 for unknown, or booleans, ({n}, K).",
            )

    def check(self, n_components: int, noise: bool) -> None:
        """Raise FitError when these do not fit so many components."""
        most = n_components + noise
        if self._labels is not None:
            is_noise = self._labels == NOISE
            least = label_without(range(min(n_components, MOST_FORBIDDEN)))
            beyond = (self._labels < least) | (self._labels >= most)
            if beyond.any() or (is_noise.any() and not noise):
                raise FitError(
                    "A known membership names a component that is not there.",
                    f"Give whole numbers from 0 to {most - 1}, and -1 for unknown.",
                )
            nowhere = forbidden(self._labels, n_components).all(axis=1)
            if nowhere.any() and not noise:
                raise FitError(
                    "{rows} may belong to no component.",
                    "Allow at least one component for every row.",
                    rows=np.flatnonzero(nowhere),
                )
        elif self._allowed is not None and self._allowed.shape[1] not in {n_components, most}:
            raise FitError(
                f"The known memberships are for {self._allowed.shape[1]} components, but there are "
                f"{n_components}.",
                f"Give booleans with {n_components} columns.",
            )

    def restrict(self, rows: slice | IntArray, log_densities: FloatArray) -> None:
        """Make the log densities (K, m) of components that `rows` cannot belong to -inf."""
        if self._labels is not None:
            labels = self._labels[rows]
            labels = np.where(labels == NOISE, len(log_densities) - 1, labels)
            others = np.arange(len(log_densities))[:, None] != labels
            log_densities[others & (labels >= 0)] = -np.inf
            if (labels < NOISE).any():
                log_densities[forbidden(labels, len(log_densities)).T] = -np.inf
        elif self._allowed is not None:
            allowed = self._allowed[rows].T
            log_densities[: len(allowed)][~allowed] = -np.inf

    def sampled(self, rows: IntArray) -> Memberships:
        """Those of the given rows only."""
        known = self._labels if self._allowed is None else self._allowed
        assert known is not None
        return Memberships(known[rows], len(rows))

    def settle(self, labels: IntArray, n_components: int) -> IntArray:
        """Starting labels (n,) in 0..K-1 that agree with these.

        The components are renumbered so that most rows agree; a row that may still not be where it
        is goes to the first component that it may belong to. A component that loses all its rows
        by that gets one that may be there.
        """
        rows = np.arange(len(labels))
        if self._labels is not None:
            given = np.where(self._labels == NOISE, n_components, self._labels)
            known = given >= 0
            barred = forbidden(given, n_components)
            allowed = np.column_stack([~barred, np.ones(len(rows), np.bool_)])  # noise, the last
            agree = np.zeros((n_components + 1, n_components), np.int64)
            np.add.at(agree, (given[known], labels[known]), 1)
            agree = agree[:n_components]
        else:
            assert self._allowed is not None
            allowed, known = self._allowed, np.zeros(len(rows), np.bool_)
            agree = np.stack([np.bincount(labels, column, n_components) for column in allowed.T])
            agree = agree[:n_components]
        from scipy.optimize import linear_sum_assignment  # slow to load, and seldom needed

        components, before = linear_sum_assignment(agree, maximize=True)
        renumbered = np.empty(n_components, np.int64)
        renumbered[before] = components
        labels = renumbered[labels]
        labels = np.where(allowed[rows, labels], labels, allowed.argmax(axis=1))
        if self._labels is not None:
            labels = np.where(known, given, labels)
        for component in range(n_components):
            sizes = np.bincount(labels, minlength=n_components)
            if sizes[component] == 0:
                spare = np.flatnonzero(allowed[:, component] & ~known & (sizes[labels] > 1))
                labels[spare[len(spare) // 2 : len(spare) // 2 + 1]] = component
        return labels
