"""Volumes of components that have one shape: the inner iteration of the models VEI, VEE and VEV."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.whitening import CollapsedComponent

# Newton steps end when none moves a volume by more than this share: the next would by its square.
SMALL_STEP = 1e-7
MAX_STEPS = 100
ROUNDING = 1e-13
# The largest change of a logarithm in one step.
LONGEST_STEP = 4.0


@np.errstate(over="ignore", divide="ignore", invalid="ignore")  # found at once
def volumes_of_one_shape(
    scatter: FloatArray,
    sizes: FloatArray,
    previous: FloatArray | None = None,
    *,
    exact: bool = True,
) -> FloatArray:
    """Covariances lambda_k C that are likeliest for the scatter W_k, both (K, d, d).

    Or both diagonals (K, d). They make the minimum of
    d sum_k n_k ln lambda_k + n ln |sum_k W_k / lambda_k| (Celeux and Govaert, 1995, sections 3.1
    and 3.2), which is convex in the ln lambda_k: Newton's method, its steps shortened where they
    would not descend. It begins with the volumes of `previous` covariances where there are some.
    Not `exact`, it only goes down, by one round of Celeux and Govaert's own iteration.
    Raises CollapsedComponent.
    """
    d = scatter.shape[1]
    traces = _traces(scatter)
    _check(traces)
    logs = np.log(traces / (d * sizes) if previous is None else _traces(previous) / d)
    logs = (_lowest if exact else _lower)(logs, scatter, sizes)
    volumes = np.exp(logs)
    _check(volumes)
    shape = _weighted(logs, scatter, sizes).sum(axis=0)
    return np.asarray(volumes.reshape(-1, *([1] * shape.ndim)) * shape)


def _lower(logs: FloatArray, scatter: FloatArray, sizes: FloatArray) -> FloatArray:
    """The logarithms of the volumes that are best for the shape that is best for these."""
    _, blocks = _at(logs, scatter, sizes)
    return np.asarray(logs + np.log(_traces(blocks) * (sizes.sum() / (scatter.shape[1] * sizes))))


def _lowest(logs: FloatArray, scatter: FloatArray, sizes: FloatArray) -> FloatArray:
    """The logarithms of the best volumes, by Newton's method from these."""
    d = scatter.shape[1]
    value, blocks = _at(logs, scatter, sizes)
    for _ in range(MAX_STEPS):
        shares = blocks.reshape(len(sizes), -1)
        parts = _traces(blocks)
        gradient = d * sizes / sizes.sum() - parts
        # Only ratios of volumes matter here: the last term holds their common factor.
        hessian = np.diag(parts) - shares @ shares.T + 1.0 / len(sizes)
        _, step, failed = dposv(hessian, -gradient)
        if failed:
            step = -gradient / np.maximum(parts, 1e-12)
        longest = float(np.abs(step).max())
        step *= min(1.0, LONGEST_STEP / max(longest, 1e-300))
        descent = float(gradient @ step)
        while True:
            candidate = _at(logs + step, scatter, sizes)
            # Where the descent is lost in rounding errors there is none left to make.
            rounding = ROUNDING * max(1.0, abs(value))
            if candidate[0] <= value + 1e-4 * descent or abs(descent) < rounding:
                break
            step *= 0.5
            descent *= 0.5
        logs = logs + step
        value, blocks = candidate
        if longest < SMALL_STEP:
            break
    return logs


def _weighted(logs: FloatArray, scatter: FloatArray, sizes: FloatArray) -> FloatArray:
    """W_k / (n lambda_k), whose sum is the best shape C."""
    factors = np.exp(-logs) / sizes.sum()
    return np.asarray(scatter * factors.reshape(-1, *([1] * (scatter.ndim - 1))))


def _at(logs: FloatArray, scatter: FloatArray, sizes: FloatArray) -> tuple[float, FloatArray]:
    """The function per row, and C^-1/2 W_k C^-1/2 / (n lambda_k), for these volumes."""
    weighted = _weighted(logs, scatter, sizes)
    shape = weighted.sum(axis=0)
    first = scatter.shape[1] * float(sizes @ logs) / sizes.sum()
    if scatter.ndim == 2:
        if not shape.min() > 0.0:
            raise CollapsedComponent(0)
        return first + float(np.log(shape).sum()), weighted / shape
    own = shape.diagonal()
    if not own.min() > 0.0:
        raise CollapsedComponent(0)
    sd = np.sqrt(own)
    try:
        factor = np.linalg.cholesky(shape / np.multiply.outer(sd, sd))
    except np.linalg.LinAlgError:
        raise CollapsedComponent(0) from None
    inverse = np.linalg.inv(factor) / sd
    log_determinant = 2.0 * float(np.log(factor.diagonal()).sum() + np.log(sd).sum())
    return first + log_determinant, inverse @ weighted @ inverse.T


def _traces(matrices: FloatArray) -> FloatArray:
    """Of matrices (K, d, d) or their diagonals (K, d): (K,)."""
    if matrices.ndim == 2:
        return np.asarray(matrices.sum(axis=1))
    return np.asarray(np.trace(matrices, axis1=1, axis2=2))


def _check(volumes: FloatArray) -> None:
    """Raise CollapsedComponent for the first that is not positive or not finite."""
    sound = (volumes > 0.0) & np.isfinite(volumes)
    if not sound.all():
        raise CollapsedComponent(int(np.argmin(sound)))
