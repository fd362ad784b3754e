"""Volumes of components that have one shape: the inner iteration of the models VEI, VEE and VEV."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.whitening import CollapsedComponent, cholesky
from gmmdesk.engine.parallel import lapack

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
    d = scatter.shape[-1]
    traces = _traces(scatter, sizes)
    _check(traces)
    logs = np.log(traces / (d * sizes) if previous is None else _traces(previous, sizes) / d)
    # One volume is what it is.
    logs = (_lowest if exact and sizes.size > 1 else _lower)(logs, scatter, sizes)
    volumes = np.exp(logs)
    _check(volumes)
    shape = _weighted(logs, scatter, sizes).sum(axis=sizes.ndim - 1, keepdims=True)
    return np.asarray(_for_each(volumes, scatter) * shape)


def _lower(logs: FloatArray, scatter: FloatArray, sizes: FloatArray) -> FloatArray:
    """The logarithms of the volumes that are best for the shape that is best for these."""
    _, blocks = _at(logs, scatter, sizes)
    shares = sizes / sizes.sum(axis=-1, keepdims=True)
    return np.asarray(logs + np.log(_traces(blocks, sizes) / (scatter.shape[-1] * shares)))


def _lowest(logs: FloatArray, scatter: FloatArray, sizes: FloatArray) -> FloatArray:
    """The logarithms of the best volumes, by Newton's method from these."""
    d = scatter.shape[1]
    value, blocks = _at(logs, scatter, sizes)
    for _ in range(MAX_STEPS):
        shares = blocks.reshape(len(sizes), -1)
        parts = _traces(blocks, sizes)
        gradient = d * sizes / sizes.sum() - parts
        # Only ratios of volumes matter here: the last term holds their common factor.
        hessian = np.diag(parts) - shares @ shares.T + 1.0 / len(sizes)
        _, step, failed = lapack().dposv(hessian, -gradient)
        if failed:
            step = -gradient / np.maximum(parts, 1e-12)
        longest = float(np.abs(step).max())
        step *= min(1.0, LONGEST_STEP / max(longest, 1e-300))
        descent = float(gradient @ step)
        while True:
            candidate = _at(logs + step, scatter, sizes)
            # Where the descent is lost in rounding errors there is none left to make.
            rounding = ROUNDING * max(1.0, abs(float(value)))
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
    factors = np.exp(-logs) / sizes.sum(axis=-1, keepdims=True)
    return np.asarray(scatter * _for_each(factors, scatter))


def _at(
    logs: FloatArray, scatter: FloatArray, sizes: FloatArray
) -> tuple[float | FloatArray, FloatArray]:
    """The function per row, and C^-1/2 W_k C^-1/2 / (n lambda_k), for these volumes."""
    weighted = _weighted(logs, scatter, sizes)
    shape = weighted.sum(axis=sizes.ndim - 1, keepdims=True)
    first = scatter.shape[-1] * (sizes * logs).sum(axis=-1) / sizes.sum(axis=-1)
    if _are_diagonals(scatter, sizes):
        _check(np.repeat(shape.min(axis=-1), sizes.shape[-1], axis=-1))
        return first + np.log(shape[..., 0, :]).sum(axis=-1), weighted / shape
    own = shape.diagonal(axis1=-2, axis2=-1)
    _check(np.repeat(own.min(axis=-1), sizes.shape[-1], axis=-1))
    sd = np.sqrt(own)
    factor = cholesky(shape / (sd[..., :, None] * sd[..., None, :]), sizes.shape[-1])
    inverse = np.linalg.inv(factor) / sd[..., None, :]
    logs_of_factor = np.log(factor.diagonal(axis1=-2, axis2=-1)) + np.log(sd)
    blocks = inverse @ weighted @ inverse.swapaxes(-2, -1)
    return first + 2.0 * logs_of_factor.sum(axis=(-2, -1)), blocks


def _are_diagonals(matrices: FloatArray, sizes: FloatArray) -> bool:
    return matrices.ndim == sizes.ndim + 1


def _traces(matrices: FloatArray, sizes: FloatArray) -> FloatArray:
    """Of matrices (..., K, d, d) or their diagonals (..., K, d): (..., K)."""
    if _are_diagonals(matrices, sizes):
        return np.asarray(matrices.sum(axis=-1))
    return np.asarray(np.trace(matrices, axis1=-2, axis2=-1))


def _for_each(factors: FloatArray, matrices: FloatArray) -> FloatArray:
    """`factors` (..., K) in a shape that multiplies matrices or diagonals."""
    return factors.reshape(factors.shape + (1,) * (matrices.ndim - factors.ndim))


def _check(volumes: FloatArray) -> None:
    """Raise CollapsedComponent for the first that is not positive or not finite."""
    sound = (volumes > 0.0) & np.isfinite(volumes)
    if not sound.all():
        raise CollapsedComponent(int(np.argmin(sound)))
