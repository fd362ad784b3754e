"""A Gaussian mixture in decimal arithmetic of 50 digits: slow, plain, and right on every machine.

Arrays here hold `Decimal`s. What a function is given in floats it takes for exactly those numbers,
so that its answers are those of the same inputs without rounding; it sums and solves by the
definitions, without the shifts and factors of which the engine is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt

DIGITS = 50
# Inner iterations end when nothing moves by more than this share.
SETTLED = Decimal("1e-22")
HALF_LOG_2_PI = Decimal("0.91893853320467274178032973640561763986139747363778341")

Exact = npt.NDArray[Any]
_decimal = np.frompyfunc(Decimal, 1, 1)
_exp = np.frompyfunc(Decimal.exp, 1, 1)
_ln = np.frompyfunc(Decimal.ln, 1, 1)
_sqrt = np.frompyfunc(Decimal.sqrt, 1, 1)


@dataclass(frozen=True)
class Mixture:
    """Weights (K,), means (K, d), covariances (K, d, d)."""

    weights: Exact
    means: Exact
    covariances: Exact


@dataclass(frozen=True)
class Statistics:
    """Sizes (K,), means (K, d) and scatter about them (K, d, d)."""

    sizes: Exact
    means: Exact
    scatter: Exact


def _in_decimals(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def carried_out(*args: Any, **options: Any) -> Any:
        with localcontext(prec=DIGITS):
            return function(*args, **options)

    return carried_out


def exact(values: npt.ArrayLike) -> Exact:
    """The very numbers that `values` hold."""
    array = np.asarray(values)
    return array if array.dtype == object else np.asarray(_decimal(array.astype(np.float64)))


def rounded(values: Exact) -> npt.NDArray[np.float64]:
    return np.asarray(values).astype(np.float64)


# --- linear algebra ----------------------------------------------------------------------------


@_in_decimals
def cholesky(matrix: Exact) -> Exact:
    """The lower triangular C with matrix = C C^T, all (d, d)."""
    factor = np.full(matrix.shape, Decimal(0), object)
    for j in range(len(matrix)):
        factor[j, j] = (matrix[j, j] - factor[j, :j] @ factor[j, :j]).sqrt()
        below = matrix[j + 1 :, j] - factor[j + 1 :, :j] @ factor[j, :j]
        factor[j + 1 :, j] = below / factor[j, j]
    return factor


@_in_decimals
def solve_lower(factor: Exact, right: Exact) -> Exact:
    """C^-1 B for a lower triangular C (d, d) and B (d, m)."""
    solution = np.empty(right.shape, object)
    for j in range(len(factor)):
        solution[j] = (right[j] - factor[j, :j] @ solution[:j]) / factor[j, j]
    return solution


def _trace(matrix: Exact) -> Decimal:
    return np.diagonal(matrix).sum()


def _diagonals(matrices: Exact) -> Exact:
    return np.diagonal(matrices, axis1=1, axis2=2)


def _eye(d: int) -> Exact:
    return exact(np.eye(d))


def _root(volume: Decimal, d: int) -> Decimal:
    return (volume.ln() / d).exp()


# --- E-step ------------------------------------------------------------------------------------


@_in_decimals
def weighted_log_densities(mixture: Mixture, X: npt.ArrayLike) -> Exact:
    """ln pi_k N(x_i | m_k, Sigma_k), (K, n)."""
    rows = exact(X)
    parts = (exact(part) for part in (mixture.weights, mixture.means, mixture.covariances))
    lines = []
    for weight, mean, covariance in zip(*parts, strict=True):
        factor = cholesky(covariance)
        y = solve_lower(factor, (rows - mean).T)
        logs = weight.ln() - _ln(np.diagonal(factor)).sum() - len(mean) * HALF_LOG_2_PI
        lines.append(logs - (y * y).sum(axis=0) / 2)
    return np.stack(lines)


@_in_decimals
def evaluate(mixture: Mixture, X: npt.ArrayLike) -> tuple[Exact, Exact]:
    """Log densities of the mixture (n,), in nats, and responsibilities (n, K)."""
    logs = weighted_log_densities(mixture, X)
    highest = logs.max(axis=0)
    shares = _exp(logs - highest)
    return highest + _ln(shares.sum(axis=0)), (shares / shares.sum(axis=0)).T


@_in_decimals
def measure(X: npt.ArrayLike, responsibilities: Exact) -> Statistics:
    """Statistics of X (n, d) under responsibilities (n, K)."""
    rows, sizes = exact(X), responsibilities.sum(axis=0)
    means = (responsibilities.T @ rows) / sizes[:, None]
    scatter = []
    for share, mean in zip(responsibilities.T, means, strict=True):
        taken = share > Decimal("1e-40")  # what the others add is beyond all floats
        y = rows[taken] - mean
        scatter.append((y * share[taken][:, None]).T @ y)
    return Statistics(sizes, means, np.stack(scatter))


# --- M-step: the covariances of Celeux and Govaert (1995) --------------------------------------


def _eii(of: Statistics, _previous: Exact | None) -> Exact:
    (K, d), n = of.means.shape, of.sizes.sum()
    return np.stack([_trace(of.scatter.sum(axis=0)) / (n * d) * _eye(d)] * K)


def _vii(of: Statistics, _previous: Exact | None) -> Exact:
    d = of.means.shape[1]
    volumes = _diagonals(of.scatter).sum(axis=1) / (of.sizes * d)
    return np.stack([volume * _eye(d) for volume in volumes])


def _eei(of: Statistics, _previous: Exact | None) -> Exact:
    K, d = of.means.shape
    return np.stack([of.scatter.sum(axis=0) / of.sizes.sum() * _eye(d)] * K)


def _vei(of: Statistics, _previous: Exact | None) -> Exact:
    return _along(np.stack([_eye(of.means.shape[1])] * len(of.sizes)), _one_shape(of))


def _evi(of: Statistics, previous: Exact | None) -> Exact:
    return _equal_volumes(_vvi(of, previous), of.sizes)


def _vvi(of: Statistics, _previous: Exact | None) -> Exact:
    return of.scatter / of.sizes[:, None, None] * _eye(of.means.shape[1])


def _eee(of: Statistics, _previous: Exact | None) -> Exact:
    return np.stack([of.scatter.sum(axis=0) / of.sizes.sum()] * len(of.sizes))


def _vee(of: Statistics, _previous: Exact | None) -> Exact:
    d, n = of.means.shape[1], of.sizes.sum()
    volumes = _diagonals(of.scatter).sum(axis=1) / (of.sizes * d)
    while True:
        shape = (of.scatter / volumes[:, None, None]).sum(axis=0) / n
        factor = cholesky(shape)
        renewed = np.array(
            [
                _trace(solve_lower(factor, solve_lower(factor, one).T)) / (size * d)
                for one, size in zip(of.scatter, of.sizes, strict=True)
            ]
        )
        moved, volumes = max(abs(renewed / volumes - 1)), renewed
        if moved < SETTLED:
            return volumes[:, None, None] * (of.scatter / volumes[:, None, None]).sum(axis=0) / n


def _eve(of: Statistics, previous: Exact | None) -> Exact:
    axes = _common_axes(of.scatter, of.sizes, _axes_before(of, previous), equal_volumes=True)
    return _equal_volumes(_with_axes(axes, of), of.sizes)


def _vve(of: Statistics, previous: Exact | None) -> Exact:
    """mclust's axes, those of EVE, unless the likelihood falls with them; then the likeliest."""
    start = _axes_before(of, previous)
    axes = _common_axes(of.scatter, of.sizes, start, equal_volumes=True)
    if previous is not None:
        before = _diagonals(start.T @ previous @ start)
        along = _diagonals(start.T @ of.scatter @ start)
        spread = _diagonals(axes.T @ of.scatter @ axes) / of.sizes[:, None]
        gain = of.sizes @ (_ln(before) - _ln(spread)).sum(axis=1)
        gain += (along / before).sum() - of.sizes.sum() * len(axes)
        if gain < 0:
            axes = _common_axes(of.scatter, of.sizes, start, equal_volumes=False)
    return _with_axes(axes, of)


def _eev(of: Statistics, _previous: Exact | None) -> Exact:
    axes, variances = _principal(of.scatter)
    return _along(axes, np.stack([variances.sum(axis=0) / of.sizes.sum()] * len(axes)))


def _vev(of: Statistics, _previous: Exact | None) -> Exact:
    axes, variances = _principal(of.scatter)
    turned = Statistics(of.sizes, of.means, np.stack([np.diag(one) for one in variances]))
    return _along(axes, _one_shape(turned))


def _vvv(of: Statistics, _previous: Exact | None) -> Exact:
    return of.scatter / of.sizes[:, None, None]


COVARIANCES: dict[str, Callable[[Statistics, Exact | None], Exact]] = {
    "EII": _eii,
    "VII": _vii,
    "EEI": _eei,
    "VEI": _vei,
    "EVI": _evi,
    "VVI": _vvi,
    "EEE": _eee,
    "VEE": _vee,
    "EVE": _eve,
    "VVE": _vve,
    "EEV": _eev,
    "VEV": _vev,
    "EVV": lambda of, previous: _equal_volumes(_vvv(of, previous), of.sizes),
    "VVV": _vvv,
}


def _along(axes: Exact, variances: Exact) -> Exact:
    """D_k diag(v_k) D_k^T for axes (K, d, d) and variances (K, d)."""
    return np.stack([(D * v) @ D.T for D, v in zip(axes, variances, strict=True)])


def _with_axes(axes: Exact, of: Statistics) -> Exact:
    variances = _diagonals(axes.T @ of.scatter @ axes) / of.sizes[:, None]
    return _along(np.stack([axes] * len(variances)), variances)


def _equal_volumes(covariances: Exact, sizes: Exact) -> Exact:
    """With |Sigma_k|^(1/d) = sum_l n_l |Sigma_l|^(1/d) / n."""
    d = covariances.shape[1]
    determinants = [np.diagonal(cholesky(one)).prod() ** 2 for one in covariances]
    volumes = np.array([_root(determinant, d) for determinant in determinants])
    common = sizes @ volumes / sizes.sum()
    return covariances * (common / volumes)[:, None, None]


def _one_shape(of: Statistics) -> Exact:
    """Variances lambda_k a_j, (K, d), from the diagonals of the scatter."""
    d, n, squares = of.means.shape[1], of.sizes.sum(), _diagonals(of.scatter)
    volumes = squares.sum(axis=1) / (of.sizes * d)
    while True:
        shape = (squares / volumes[:, None]).sum(axis=0) / n
        renewed = (squares / shape).sum(axis=1) / (of.sizes * d)
        moved, volumes = max(abs(renewed / volumes - 1)), renewed
        if moved < SETTLED:
            return volumes[:, None] * (squares / volumes[:, None]).sum(axis=0) / n


def _principal(scatter: Exact) -> tuple[Exact, Exact]:
    """Axes (K, d, d) and sums of squares along them (K, d), ascending."""
    axes, variances = [], []
    one = np.array([Decimal(1)])
    for matrix in scatter:
        D = _common_axes(matrix[None], one, _eye(len(matrix)), equal_volumes=False)
        along = np.diagonal(D.T @ matrix @ D)
        order = np.argsort(along)
        axes.append(D[:, order])
        variances.append(along[order])
    return np.stack(axes), np.stack(variances)


def _axes_before(of: Statistics, previous: Exact | None) -> Exact:
    """The axes of the last M-step; before there was one, those of all scatter."""
    if previous is None:
        return _principal(of.scatter.sum(axis=0)[None])[0][0]
    shares = [Decimal(1) / (3 + k) for k in range(len(previous))]
    mixture = sum(share * S / _trace(S) for share, S in zip(shares, previous, strict=True))
    return _principal(mixture[None])[0][0]


def _common_axes(scatter: Exact, sizes: Exact, start: Exact, *, equal_volumes: bool) -> Exact:
    """Axes D for which sum_k |B_k|^(1/d), or sum_k n_k ln |B_k|, is least; B_k = diag D^T W_k D.

    Pair by pair (Flury and Gautschi, 1986); of one matrix that is Jacobi's method.
    """
    axes, d = start.copy(), len(start)
    largest = Decimal(1)
    while largest > SETTLED:
        largest = Decimal(0)
        for left in range(d):
            for right in range(left + 1, d):
                turned = axes.T @ scatter @ axes
                b = _diagonals(turned)
                pull = sizes if not equal_volumes else np.array([_root(v.prod(), d) for v in b])
                contrast = pull / b[:, left] - pull / b[:, right]
                difference = -(contrast @ (b[:, left] - b[:, right]))
                product = -2 * (contrast @ turned[:, left, right])
                length = (difference**2 + product**2).sqrt()
                if length == 0:
                    continue
                cosine = ((1 + difference / length) / 2).sqrt()
                sine = product / (2 * length * cosine) if cosine else Decimal(1)
                first, second = axes[:, left].copy(), axes[:, right].copy()
                axes[:, left] = cosine * first + sine * second
                axes[:, right] = cosine * second - sine * first
                largest = max(largest, min(abs(sine), abs(cosine)))
    return axes


# --- EM ----------------------------------------------------------------------------------------


@_in_decimals
def em(
    X: npt.ArrayLike, labels: npt.NDArray[np.int64], model: str, n_iterations: int
) -> tuple[Mixture, list[Decimal]]:
    """EM from labels 0..K-1: the mixture after so many M-steps, each one's log-likelihood."""
    rows = exact(X)
    responsibilities = exact(labels[:, None] == np.arange(labels.max() + 1))
    history: list[Decimal] = []
    previous = None
    for _ in range(n_iterations):
        statistics = measure(rows, responsibilities)
        previous = COVARIANCES[model](statistics, previous)
        weights = statistics.sizes / statistics.sizes.sum()
        mixture = Mixture(weights, statistics.means, previous)
        log_density, responsibilities = evaluate(mixture, rows)
        history.append(log_density.sum())
    return mixture, history
