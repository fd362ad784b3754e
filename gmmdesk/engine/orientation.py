"""One set of principal axes for several scatter matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.whitening import CollapsedComponent

# A sweep that turns no axis by more than this many radians ends the iteration: the objective is
# flat to the square of it.
SMALL_ANGLE = 1e-9
MAX_SWEEPS = 200


def common_axes(
    scatter: FloatArray,
    sizes: FloatArray,
    start: FloatArray,
    *,
    equal_volumes: bool,
    max_sweeps: int = MAX_SWEEPS,
    check: Callable[[], object] = bool,
) -> FloatArray:
    """The orthogonal matrix D (d, d) of the models VVE and EVE, from the axes `start`.

    With B_k = diag(D^T W_k D), it makes sum_k n_k ln |B_k| a minimum, or with `equal_volumes`
    sum_k |B_k|^(1/d); `scatter` are the W_k, (K, d, d). Each pair of axes is turned to the
    exact minimum for the present B_k, as in the F and G algorithm of Flury and Gautschi (1986,
    SIAM Journal on Scientific and Statistical Computing 7, 169-184) and in Celeux and Govaert
    (1995), section 3.2; disjoint pairs do not depend on each other and turn together. `check` is
    called before each of at most `max_sweeps` over all pairs, and may raise.
    """
    axes = start.copy()
    rounds = _rounds(len(axes))
    for _ in range(max_sweeps):
        check()
        turned = axes.T @ scatter @ axes
        largest = 0.0
        for pair in rounds:
            largest = max(largest, _turn(turned, axes, pair, None if equal_volumes else sizes))
        if largest < SMALL_ANGLE:
            break
    return axes


def _turn(
    turned: FloatArray,
    axes: FloatArray,
    pairs: tuple[IntArray, IntArray],
    sizes: FloatArray | None,
) -> float:
    """Turn the axes in `pairs` in place; returns the largest angle.

    `turned` are D^T W_k D; no `sizes` where the volumes are equal.
    """
    left, right = pairs
    variances = turned.diagonal(axis1=1, axis2=2)
    if not variances.min() > 0.0:
        raise CollapsedComponent(int(np.argmin(variances.min(axis=1))))
    if sizes is None:
        logs = np.log(variances)
        precisions = np.exp(logs.mean(axis=1, keepdims=True) - logs)
    else:
        precisions = sizes[:, None] / variances
    contrast = precisions[:, left] - precisions[:, right]
    # The axis `left` goes where the quadratic form of sum_k contrast_k W_k is least.
    difference = (contrast * (variances[:, left] - variances[:, right])).sum(axis=0)
    product = 2.0 * (contrast * turned[:, left, right]).sum(axis=0)
    angles = 0.5 * np.arctan2(-product, -difference)
    cosines, sines = np.cos(angles), np.sin(angles)
    for array in (turned, turned.transpose(0, 2, 1), axes):
        first, second = array[..., left], array[..., right]
        array[..., left] = cosines * first + sines * second
        array[..., right] = cosines * second - sines * first
    return float(np.abs(np.sin(2.0 * angles)).max()) / 2.0


def _rounds(d: int) -> list[tuple[IntArray, IntArray]]:
    """All pairs of 0..d-1 in rounds of disjoint ones, as in a tournament."""
    players = list(range(d + d % 2)) if d > 1 else []
    rounds = []
    for _ in range(len(players) - 1):
        half = len(players) // 2
        pairs = zip(players[:half], reversed(players[half:]), strict=True)
        kept = sorted(tuple(sorted(pair)) for pair in pairs if max(pair) < d)
        rounds.append((np.array([a for a, _ in kept]), np.array([b for _, b in kept])))
        players.insert(1, players.pop())
    return rounds


def principal_axes(matrices: FloatArray) -> FloatArray:
    """Axes (d, d) that `matrices` (K, d, d), symmetric, have in common if they have any.

    Those of a sum in which no two of them are likely to cancel.
    """
    shares = np.modf(np.arange(1, len(matrices) + 1) * 0.6180339887498949)[0] + 0.5
    traces = np.trace(matrices, axis1=1, axis2=2)
    if not traces.min() > 0.0:
        raise CollapsedComponent(int(np.argmin(traces)))
    mixture = (matrices * (shares / traces)[:, None, None]).sum(axis=0)
    return np.asarray(np.linalg.eigh(mixture)[1])
