"""Model-based hierarchical clustering (Fraley, 1998, SIAM J. on Scientific Computing 20, 270-281).

Groups are merged as clusters of normal distributions of which each has a covariance of its own.
"""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray

# Of matrices of up to so many columns, one step of elimination for all at once is quicker.
FEW_COLUMNS = 16


def likeliest_merges(Y: FloatArray, labels: IntArray) -> IntArray:
    """The merges (M - 1, 2) of the M groups of Y (n, d), a tree as scipy's: two nodes each.

    Each is the one that adds least to sum_k n_k ln(|W_k / n_k| + (tr W_k + tr W / nd) / n_k), in
    which W_k is the scatter of group k and W that of all rows: Fraley's criterion for model VVV.
    As in mclust, of no more than d rows the determinant is none, whatever its rounding errors, and
    of merges that cost the same, as those of equal rows do, the last is made.
    """
    groups = _Groups(Y, labels)
    costs = groups.costs()
    nearest = _last_least(costs)
    least: FloatArray = costs.min(axis=1)
    nodes = np.arange(len(costs))
    merges = np.empty((len(costs) - 1, 2), dtype=np.int64)
    for merge in range(len(merges)):
        gone = int(_last_least(least))
        k = int(nearest[gone])
        last = len(merges) - merge  # takes the place of the one that is gone
        merges[merge] = nodes[k], nodes[gone]
        nodes[k], nodes[gone] = len(costs) + merge, nodes[last]
        groups.merge(k, gone, last)
        lost = np.isin(nearest, (k, gone, last))
        for array in (nearest, least, lost):
            array[gone] = array[last]
        costs[gone, :last], costs[:last, gone] = costs[last, :last], costs[:last, last]
        costs[gone, gone] = np.inf
        nearest, least, lost = nearest[:last], least[:last], lost[:last]
        own = groups.costs_of(k)
        own[k] = np.inf
        costs[k, :last] = costs[:last, k] = own
        nearer = own < least
        nearest[nearer], least[nearer] = k, own[nearer]
        lost &= ~nearer
        lost |= own == least
        lost[k] = True
        again = np.flatnonzero(lost)
        near = _last_least(costs[again, :last])
        nearest[again], least[again] = near, costs[again, near]
    return merges


def _last_least(costs: FloatArray) -> IntArray:
    """Where the last of the least is, along the last axis."""
    return np.asarray(costs.shape[-1] - 1 - costs[..., ::-1].argmin(axis=-1))


class _Groups:
    """Their sizes (m,), means (d, m), scatters (d, d, m) and what each adds to the criterion."""

    def __init__(self, Y: FloatArray, labels: IntArray) -> None:
        d = Y.shape[1]
        self._sizes = np.bincount(labels).astype(np.float64)
        m = len(self._sizes)
        self._means = np.stack([np.bincount(labels, y, m) for y in Y.T]) / self._sizes
        apart = Y.T - self._means[:, labels]
        self._scatters = np.zeros((d, d, m))
        for k in np.flatnonzero(self._sizes > 1.0):
            own = apart[:, labels == k]
            self._scatters[:, :, k] = own @ own.T
        self._traces: FloatArray = np.einsum("iim->m", self._scatters)
        total = float(Y.var(axis=0).sum()) / d
        self._least = max(total, float(np.finfo(np.float64).tiny))
        many = self._sizes > d
        self._values = self._value(self._sizes, self._traces, self._scatters[..., many])

    def costs(self) -> FloatArray:
        """What each merge adds, (m, m); that of one with itself is infinite."""
        costs = np.tril(np.stack([self.costs_of(k) for k in range(len(self._sizes))]), -1)
        costs += costs.T  # the same both ways round, which those computed are not quite
        np.fill_diagonal(costs, np.inf)
        return costs

    def costs_of(self, k: int) -> FloatArray:
        """What merges of group k with each add, (m,)."""
        sizes = self._sizes + self._sizes[k]
        apart = self._means - self._means[:, k, None]
        between = self._sizes * (self._sizes[k] / sizes)
        traces = self._traces + self._traces[k] + between * np.einsum("dm,dm->m", apart, apart)
        many = sizes > len(apart)
        some: slice | IntArray = slice(None) if many.all() else np.flatnonzero(many)
        scatters = self._scatters[:, :, some] + self._scatters[:, :, k, None]
        scatters += between[some] * apart[:, some] * apart[:, None, some]
        added = self._value(sizes, traces, scatters)
        added -= self._values
        added -= self._values[k]
        return added

    def merge(self, k: int, gone: int, last: int) -> None:
        """Group `gone` into k; the `last` takes its place."""
        sizes, means, scatters = self._sizes, self._means, self._scatters
        size = sizes[k] + sizes[gone]
        apart = means[:, gone] - means[:, k]
        scatters[:, :, k] += scatters[:, :, gone]
        scatters[:, :, k] += sizes[k] * sizes[gone] / size * np.multiply.outer(apart, apart)
        means[:, k] += sizes[gone] / size * apart
        sizes[k] = size
        self._traces[k] = np.trace(scatters[:, :, k])
        one = [k]
        many = one if size > len(means) else []
        self._values[k] = self._value(sizes[one], self._traces[one], scatters[..., many])[0]
        for array in (sizes, self._traces, self._values, means, scatters):
            array[..., gone] = array[..., last]
        self._sizes, self._means, self._scatters = (
            sizes[:last],
            means[:, :last],
            scatters[:, :, :last],
        )
        self._traces, self._values = self._traces[:last], self._values[:last]

    def _value(self, sizes: FloatArray, traces: FloatArray, scatters: FloatArray) -> FloatArray:
        """What groups add, (m,); `scatters`, overwritten, are those of more than d rows alone."""
        d = len(scatters)
        many = sizes > d
        value: FloatArray = np.log((traces + self._least) / sizes)
        if many.any():
            logs = _log_determinants(scatters) - d * np.log(sizes[many])
            value[many] = np.logaddexp(value[many], logs)
        value *= sizes
        return value


def _log_determinants(matrices: FloatArray) -> FloatArray:
    """Of symmetric ones (d, d, m), which are overwritten; -inf where not positive definite."""
    if len(matrices) > FEW_COLUMNS:
        signs, logs = np.linalg.slogdet(matrices.transpose(2, 0, 1))
        return np.where(signs > 0.0, logs, -np.inf)
    logs = np.zeros(matrices.shape[-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(len(matrices)):
            pivots = matrices[k, k]
            logs += np.log(pivots)
            factors = matrices[k + 1 :, k] / pivots
            matrices[k + 1 :, k + 1 :] -= factors[:, None] * matrices[k, k + 1 :]
    return np.where(np.isnan(logs), -np.inf, logs)
