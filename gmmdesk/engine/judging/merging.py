"""Components combined into clusters where they overlap: one bent cluster may take several.

Baudry, Raftery, Celeux, Lo and Gottardo (2010), Combining mixture components for clustering.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # its modules load where they are used: that takes as long as many fits

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, as_source, evenly_spaced

# The entropy is a mean over the rows: of so many, evenly spaced, it is known to a few parts in a
# thousand, which no choice of pairs rests on.
JUDGED_ROWS = 50_000
# An overlap below this is none. Two equally large round clusters have it 5.2 standard deviations
# apart: 5 of a thousand rows lie nearer to the other one's centre.
NEGLIGIBLE = 0.02
# Where the entropy falls less than so many times as steeply before its bend as after it, there is
# none: our own limit. Merging goes on from many clusters to few, so from the right to the left.
STEEPER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class MergePath:
    """From K components to one cluster, two at a time.

    `entropies` (K,): the total entropy of the classification into 1, ..., K clusters, nats.
    `log_certainties` (K,): sum_i ln of the highest probability of row i there, by which ICL of
    these clusters differs from BIC of the mixture, see `FitResult.icl`.
    `merges` (K - 1, 2): the clusters combined in each step, the second into the first; they are
    numbered anew after every step, so that those behind the second move up by one. `overlaps`
    (K - 1,): how unsure rows of these two are which of them they belong to, from 0 for none to 1
    where both are equally likely for all. It is what the step takes off the entropy, by the m ln 2
    nats that it could where m rows are in the two: 1 less the relative entropy of Ramaswamy et al.
    (1993), Marketing Science 12(1), 103-124, of the two alone.
    """

    entropies: FloatArray
    log_certainties: FloatArray
    merges: IntArray
    overlaps: FloatArray

    @property
    def overlapping(self) -> bool:
        """Whether some step merges clusters whose overlap is more than `NEGLIGIBLE`."""
        return bool((self.overlaps >= NEGLIGIBLE).any())

    @property
    def proposed(self) -> int:
        """The number of clusters at which the entropy bends: merging further costs little.

        Where two straight lines that share a point fit `entropies` best (Baudry et al., 2010,
        section 4; mclust's clustCombiOptim). All K where there is no bend, for a best pair of lines
        there always is, whatever the entropies: where nothing overlaps, and where the line that
        merging comes down is less than `STEEPER` times as steep as the other. Nor is one looked for
        with fewer than three components.
        """
        K = len(self.entropies)
        if K < 3 or not self.overlapping:
            return K
        numbers = np.arange(1.0, K + 1.0)
        bend = min(range(2, K), key=lambda c: _two_lines(numbers, self.entropies, c))
        left, right = (
            _slope(numbers[part], self.entropies[part])
            for part in (slice(0, bend), slice(bend - 1, K))
        )
        return bend if right > STEEPER * left else K

    @property
    def lines(self) -> tuple[FloatArray, FloatArray]:
        """The two lines at 1, ..., K clusters, (K,) each: nan beyond the bend.

        Both are nan where there is none.
        """
        K, bend = len(self.entropies), self.proposed
        numbers = np.arange(1.0, K + 1.0)
        left, right = np.full(K, np.nan), np.full(K, np.nan)
        if bend < K:
            for line, part in ((left, slice(0, bend)), (right, slice(bend - 1, K))):
                line[part] = _line(numbers[part], self.entropies[part])
        return left, right

    def groups(self, n_clusters: int) -> IntArray:
        """The cluster of each component, (K,) in 0..n_clusters-1, after K - n_clusters merges."""
        K = len(self.entropies)
        groups = np.arange(K)
        for first, second in self.merges[: K - n_clusters]:
            groups[groups == second] = first
            groups[groups > second] -= 1
        return groups


def merge_path(
    result: FitResult, X: Source | npt.ArrayLike, check: Callable[[], object] = bool
) -> MergePath:
    """Combine in each step the two clusters whose union lowers the entropy most (their eq. 2).

    X (n, d) are the rows `result` was fitted to. Noise stays what it is. `check` is called
    before each cluster is compared with all others and may raise.
    """
    source = as_source(X)
    n = source.shape[0]
    rows = evenly_spaced(source, JUDGED_ROWS)
    shares = result.responsibilities(rows)
    K = len(result.weights)
    rest = shares[:, K:].sum(axis=1)  # of the noise, if there is any
    noise, shares = scipy.special.xlogy(rest, rest).sum(), np.asfortranarray(shares[:, :K])
    scale = n / len(shares)

    def log_certainty() -> float:
        return scale * float(np.log(np.maximum(shares.max(axis=1), rest)).sum())

    own = scipy.special.xlogy(shares, shares).sum(axis=0)
    gains = np.full((K, K), -np.inf)
    for k in range(K):
        check()
        _gains_with(k, shares, own, gains)
    entropies, merges, overlaps = [-scale * float(own.sum() + noise)], [], []
    certainties = [log_certainty()]
    for _ in range(K - 1):
        check()
        first, second = np.unravel_index(int(gains.argmax()), gains.shape)
        merges.append((first, second))
        gain, size = gains[first, second], shares[:, (first, second)].sum()
        overlaps.append(float(gain / (size * math.log(2.0))) if size > 0.0 else 0.0)
        shares[:, first] += shares[:, second]
        shares, own = np.delete(shares, second, axis=1), np.delete(own, second)
        gains = np.delete(np.delete(gains, second, axis=0), second, axis=1)
        own[first] = scipy.special.xlogy(shares[:, first], shares[:, first]).sum()
        _gains_with(int(first), shares, own, gains)
        entropies.append(-scale * float(own.sum() + noise))
        certainties.append(log_certainty())
    return MergePath(
        np.maximum(entropies[::-1], 0.0),
        np.array(certainties[::-1]),
        np.array(merges, np.int64).reshape(-1, 2),
        np.clip(overlaps, 0.0, 1.0),
    )


def _gains_with(k: int, shares: FloatArray, own: FloatArray, gains: FloatArray) -> None:
    """What combining k with each other cluster takes off the entropy, into gains[low, high]."""
    for other in range(len(own)):
        if other != k:
            both = shares[:, k] + shares[:, other]
            low, high = min(k, other), max(k, other)
            gains[low, high] = scipy.special.xlogy(both, both).sum() - own[k] - own[other]


def _two_lines(x: FloatArray, y: FloatArray, bend: int) -> float:
    """The sum of squares that lines through the points up to and from `bend` leave over."""
    return _residual(x[:bend], y[:bend]) + _residual(x[bend - 1 :], y[bend - 1 :])


def _residual(x: FloatArray, y: FloatArray) -> float:
    return float(((y - _line(x, y)) ** 2).sum())


def _line(x: FloatArray, y: FloatArray) -> FloatArray:
    """The values at x of the straight line of least squares through y."""
    return np.asarray(y.mean() + _slope(x, y) * (x - x.mean()))


def _slope(x: FloatArray, y: FloatArray) -> float:
    """That of the straight line of least squares through y."""
    return float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
