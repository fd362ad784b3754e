"""Principal axes of scatter matrices: each one's own, or one set for several."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from gmmdesk.engine.arrays import ComplexArray, FloatArray, IntArray
from gmmdesk.engine.models.whitening import CollapsedComponent
from gmmdesk.engine.parallel import lapack

# A sweep that turns no axis by more than this many radians, measured where both its spreads are
# one, ends the iteration: the objective is flat to the square of it.
SMALL_ANGLE = 1e-9
MAX_SWEEPS = 200
# Where the least variance along an axis is a smaller share of the largest, rounding errors of the
# largest would be felt in it.
GRADED = 1e-5
# What makes a singular correlation matrix regular: a share that is not felt elsewhere.
BARELY = 1e-13


@np.errstate(over="ignore", invalid="ignore")  # of a component that is about to collapse
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
    sum_k |B_k|^(1/d); `scatter` are the W_k, (K, d, d). All may have more axes before. Each pair of
    axes is turned to the exact minimum for the present B_k, as in the F and G algorithm of Flury
    and Gautschi (1986, SIAM Journal on Scientific and Statistical Computing 7, 169-184) and in
    Celeux and Govaert (1995), section 3.2; disjoint pairs do not depend on each other and turn
    together. `check` is called before each of at most `max_sweeps` over all pairs, and may raise.
    """
    axes = start
    for _ in range(max_sweeps):
        check()
        common = axes[..., None, :, :]
        turned = common.swapaxes(-2, -1) @ scatter @ common
        largest = 0.0
        for order in _orders(axes.shape[-1]):
            variances = turned.diagonal(axis1=-2, axis2=-1).take(order, axis=-1)
            between = turned[..., order[:-1:2], order[1::2]]
            phases = _phases(variances, between, None if equal_volumes else sizes)
            for _both_sides in range(2):
                turned = _turned(turned.swapaxes(-2, -1), order, phases[..., None, None, :])
            axes = _turned(axes, order, phases[..., None, :])
            if max_sweeps > 1:
                largest = max(largest, _largest_angle(phases, variances))
        if largest < SMALL_ANGLE:
            break
    return axes


def _phases(variances: FloatArray, between: FloatArray, sizes: FloatArray | None) -> ComplexArray:
    """By how much to turn axes 2j and 2j + 1, as cosine - i sine, (..., d // 2).

    `variances` (..., K, d) are the diagonals of D^T W_k D, `between` what lies off them for these
    pairs; no `sizes` where the volumes are equal.
    """
    if not variances.min() > 0.0:
        raise CollapsedComponent(int(np.argmin(variances.min(axis=-1))))
    volumes = sizes
    if volumes is None:
        volumes = np.exp(np.log(variances).sum(axis=-1) / variances.shape[-1])
    left, right = _paired(variances)
    precise_left, precise_right = _paired(volumes[..., None] / variances)
    # The left axis goes where the quadratic form of sum_k contrast_k W_k is least.
    contrast = precise_left - precise_right
    form = (contrast * (right - left + 2.0j * between)).sum(axis=-2)
    # The root has half the angle. The smaller of sine and cosine comes out with all its digits,
    # however small: axes of a large spread are far larger than the others.
    roots: ComplexArray = np.sqrt(form)
    lengths = np.abs(roots)
    return np.divide(roots, lengths, out=np.ones_like(roots), where=lengths > 0.0)


def _turned(matrices: FloatArray, order: IntArray, phases: ComplexArray) -> FloatArray:
    """The columns of `matrices` (..., d, d) in this order, and turned in pairs.

    Those to x cos + y sin and y cos - x sin, as x + iy is by cos - i sin.
    """
    ordered = matrices.take(order, axis=-1)
    pairs = ordered[..., : 2 * phases.shape[-1]].view(np.complex128)
    pairs *= phases
    return ordered


def _largest_angle(phases: ComplexArray, variances: FloatArray) -> float:
    """As large as it is for the narrower axis in the component for which that is the largest."""
    left, right = _paired(variances)
    stretch = np.exp(0.5 * np.abs(np.log(left / right)).max(axis=-2))
    return float((np.abs(phases.real * phases.imag) * stretch).max())


def _paired(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Those of axes 2j and of axes 2j + 1."""
    return values[..., :-1:2], values[..., 1::2]


@cache
def _orders(d: int) -> tuple[IntArray, ...]:
    """Orders of d axes, each from the one before, in which all pairs come to lie side by side.

    As in a tournament, in which one of an odd number rests each round.
    """
    players = list(range(d + d % 2))
    places = {axis: axis for axis in range(d)}
    orders = []
    for _ in range(len(players) - 1):
        half = len(players) // 2
        pairs = list(zip(players[:half], reversed(players[half:]), strict=True))
        playing = [axis for pair in pairs if max(pair) < d for axis in pair]
        order = [*playing, *(min(pair) for pair in pairs if max(pair) == d)]
        orders.append(np.array([places[axis] for axis in order]))
        places = {axis: place for place, axis in enumerate(order)}
        players.insert(1, players.pop())
    return tuple(orders)


def principal_axes(matrices: FloatArray) -> FloatArray:
    """Axes (..., d, d) that `matrices` (..., K, d, d), symmetric, have in common if they have any.

    Those of a sum in which no two of them are likely to cancel.
    """
    shares = np.modf(np.arange(1, matrices.shape[-3] + 1) * 0.6180339887498949)[0] + 0.5
    traces = np.trace(matrices, axis1=-2, axis2=-1)
    if not traces.min() > 0.0:
        raise CollapsedComponent(int(np.argmin(traces)))
    return own_axes((matrices * (shares / traces)[..., None, None]).sum(axis=-3))[1]


def own_axes(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variances along principal axes (..., d), ascending, and the axes (..., d, d), in columns.

    Of symmetric matrices that are not negative. Each variance has all its digits that the columns'
    correlations allow, however different their spreads: by Jacobi's method on a Cholesky factor
    where that is needed (Demmel and Veselic, 1992, SIAM Journal on Matrix Analysis and
    Applications 13, 1204-1245; LAPACK's dgejsv).
    """
    variances, axes = np.linalg.eigh(matrices)
    for k in map(tuple, np.argwhere(variances[..., 0] < GRADED * variances[..., -1])):
        factor = _factor(matrices[k])
        if factor is not None:
            # joba=2: rows and columns may be of very different size; jobu=3: no left vectors.
            values, _, right, work, _, _ = lapack().dgejsv(factor.T, joba=2, jobu=3, jobv=0)
            variances[k] = (values[::-1] * (work[0] / work[1])) ** 2
            axes[k] = right[:, ::-1]
    return variances, axes


def _factor(matrix: FloatArray) -> FloatArray | None:
    """A Cholesky factor of `matrix` (d, d) or of one that is barely more; None for neither."""
    own = matrix.diagonal()
    if not own.min() > 0.0:
        return None
    sd = np.sqrt(own)[:, None]
    for more in (0.0, BARELY):
        try:
            factor = np.linalg.cholesky(matrix / (sd * sd.T) + more * np.eye(len(sd)))
        except np.linalg.LinAlgError:
            continue
        return np.asarray(factor * sd)
    return None
