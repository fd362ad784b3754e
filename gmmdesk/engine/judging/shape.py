"""Whether the rows of each component lie as a Gaussian says: its bell shape, tested."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy  # its modules load where they are used: that takes as long as many fits

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, evenly_spaced
from gmmdesk.engine.starts.seeding import stream

JUDGED_ROWS = 50_000  # evenly spaced
# Of a component at most: among very many rows every real group differs from a Gaussian by a trifle.
TESTED_ROWS = 1_000
LEAST_ROWS, LEAST_PER_COLUMN = 20, 3  # fewer say nothing about their shape
SIMULATED = 1_999
# False alarms are so rare, over all components together.
LEVEL = 0.05
# More components than this have as large a share of the level each as so many: it takes more draws
# than SIMULATED to say that something is rarer.
_SHARING = 20
_FLAT = 1e-12  # variance, as a share of the component's
_LEANING = 0.1  # of symmetric rows would be as skewed as those that are said to be
_KEPT = 400  # distances, to be drawn
_STEP = 1.25  # between the numbers of rows for which draws are made
_BANDS, _RANKS = 999, 60  # draws for the bands around distances, and ranks on either side
_BLOCK = 2**21  # numbers drawn at once

# What can differ, in the order of the statistics and their tails; see Shape.
DEPARTURES = ("skewed", "heavy", "light", "other")


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The rows of one component (0-based), against its Gaussian.

    `n_rows` of them, without missing cells, were looked at; `distances` are some of their squared
    Mahalanobis distances, ascending and the largest among them, and `expected` those of as many
    rows of a Gaussian: all of them between `low` and `high` but for `limit` of the draws, at most.
    `p_value` is nan where there are too few rows. `departure` says what is most unusual: a "skewed"
    shape, a "heavy" tail, a "light" one (flat, or of several groups), or an "other" extent than the
    model gives it. `skewness` (d,) is that of its rows in each column. The component is one of
    `n_components`.
    """

    component: int
    n_components: int
    n_rows: int
    distances: FloatArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    skewness: FloatArray
    p_value: float = math.nan
    departure: str = ""

    @property
    def is_judged(self) -> bool:
        return math.isfinite(self.p_value)

    @property
    def is_flat(self) -> bool:
        """Whether it is not judged although it has rows enough: they (nearly) share a value."""
        enough = self.n_rows >= max(LEAST_ROWS, LEAST_PER_COLUMN * len(self.skewness))
        return enough and not self.is_judged

    @property
    def limit(self) -> float:
        """Above it is the p-value of a bell: LEVEL, shared by all components (Bonferroni)."""
        return _limit(self.n_components)

    @property
    def is_bell(self) -> bool:
        """Whether it passes as one, also where it is not judged."""
        return not self.p_value <= self.limit


def shapes(result: FitResult, X: Source | npt.ArrayLike, seed: int = 0) -> tuple[Shape, ...]:
    """The shape of every component of `result`, which was fitted to X (n, d).

    Each row is drawn into a component by its responsibilities: where the mixture holds, the rows
    of a component are then draws of its Gaussian, however much it overlaps with others. Tested are
    the skewness |mean(|z|^2 z)|^2 (Mori, Rohatgi and Szekely, 1993), the kurtosis mean(|z|^4)
    (Mardia, 1970), with z standardised by the rows' own moments, and the likelihood ratio of these
    moments against the component's (Anderson, 2003, section 10.9). The p-value is that of the most
    unusual of them among draws of a Gaussian with as many rows and columns.
    """
    source = evenly_spaced(X, JUDGED_ROWS)
    rows = np.asarray(source.rows(0, source.shape[0]), np.float64)
    rows = rows[~np.isnan(rows).any(axis=1)]
    drawn = drawn_components(result, rows, seed)
    K, d = result.means.shape
    # The rows whose moments are those of a component; of the other models they are only in part.
    n_estimated = {"EEE": len(rows)}.get(result.model, 0)
    found = []
    for k in range(K):
        own = rows[drawn == k]
        factor = np.linalg.cholesky(result.covariances[k])
        z = scipy.linalg.solve_triangular(factor, (own - result.means[k]).T, lower=True).T
        n = len(z)
        p_value, departure = math.nan, ""
        if n >= max(LEAST_ROWS, LEAST_PER_COLUMN * d) and not _is_flat(z):
            p_value, departure = _tested(z)
        found.append(
            Shape(
                component=k,
                n_components=K,
                n_rows=n,
                **_distances(z, n if result.model == "VVV" else n_estimated, _limit(K)),
                skewness=_skewness(own),
                p_value=p_value,
                departure=departure,
            )
        )
    return tuple(found)


def drawn_components(result: FitResult, rows: FloatArray, seed: int) -> IntArray:
    """A component for each of `rows` (n, d) by its responsibilities, (n,); K for noise."""
    if not len(rows):
        return np.empty(0, np.int64)
    sums = result.responsibilities(rows).cumsum(axis=1)
    at = stream(seed, 0, 4).random(len(rows)) * sums[:, -1]
    return np.asarray((sums <= at[:, None]).sum(axis=1).clip(max=sums.shape[1] - 1))


def _limit(n_components: int) -> float:
    return LEVEL / min(n_components, _SHARING)


def _distances(z: FloatArray, n_estimated: int, limit: float) -> dict[str, FloatArray]:
    """Some squared lengths of whitened rows (n, d), and what those of a Gaussian are."""
    n, d = z.shape
    squares = np.sort(np.einsum("nd,nd->n", z, z))
    at = np.arange(n)
    if n > _KEPT:
        spaced = np.linspace(0, n - 1, _KEPT - _KEPT // 4).astype(np.int64)
        at = np.unique(np.concatenate([spaced, at[-_KEPT // 4 :]]))
    # The share of a distribution below the i-th smallest of n draws is Beta(i, n + 1 - i). Of more
    # rows than are tested the bands are as wide as of these: within them they pass there, too.
    middle = (at + 0.5) / max(n, 1)
    n_told = min(n, TESTED_ROWS)
    tail = _local_level(_simulated(n), limit) / 2.0 if n else 0.5
    a, b = n_told * middle + 0.5, n_told * (1.0 - middle) + 0.5
    shares = {
        "expected": middle,
        "low": scipy.special.betaincinv(a, b, tail),
        "high": scipy.special.betaincinv(a, b, 1.0 - tail),
    }
    expected = {
        name: distance_quantiles(np.asarray(share, np.float64), d, n_estimated)
        for name, share in shares.items()
    }
    return {"distances": squares[at], **expected}


def _simulated(n: int) -> int:
    """For how many rows draws are made where there are n: at least LEAST_ROWS."""
    steps = math.floor(math.log(max(n, LEAST_ROWS) / LEAST_ROWS, _STEP) + 1e-9)
    return min(int(LEAST_ROWS * _STEP**steps), TESTED_ROWS)


@lru_cache(maxsize=256)
def _local_level(n: int, limit: float) -> float:
    """How rarely each of n ordered draws may be out of its band, that some are in `limit` of draws.

    Bands of equal local levels (Aldor-Noiman et al., 2013, The American Statistician 67, 249-260).
    """
    from_ends = np.geomspace(1, n, _RANKS)  # neighbours in between say the same
    at = np.unique(np.concatenate([from_ends, n + 1 - from_ends]).astype(np.int64))
    drawn = np.sort(stream(0, 0, 6, n).random((_BANDS, n)), axis=1)[:, at - 1]
    below = scipy.special.betainc(at, n + 1 - at, drawn)
    least = 2.0 * np.minimum(below, 1.0 - below).min(axis=1)
    return float(np.quantile(least, limit))


def distance_quantiles(shares: FloatArray, d: int, n_estimated: int) -> FloatArray:
    """The squared Mahalanobis distances below which `shares` (m,) of a Gaussian's rows lie, (m,).

    Of the Beta distribution that they have where mean and covariance (divided by the number of
    rows) are those of the `n_estimated` rows themselves (Gnanadesikan and Kettenring, 1972), of
    chi-square where these are too few for one.
    """
    if n_estimated > d + 1:
        return np.asarray(
            (n_estimated - 1)
            * scipy.special.betaincinv(0.5 * d, 0.5 * (n_estimated - d - 1), shares)
        )
    return np.asarray(scipy.special.chdtri(d, 1.0 - shares))


def _skewness(rows: FloatArray) -> FloatArray:
    """The third standardised moment of each column, (d,); 0 where there is none."""
    if len(rows) < 2:
        return np.zeros(rows.shape[1])
    deviations = rows - rows.mean(axis=0)
    variances = (deviations**2).mean(axis=0)
    thirds = (deviations**3).mean(axis=0)
    return np.asarray(thirds / np.where(variances > 0.0, variances, 1.0) ** 1.5)


def _is_flat(z: FloatArray) -> bool:
    """Whether whitened rows (n, d) lie in a plane, as only a prior lets those of a component."""
    return bool(np.linalg.eigvalsh(np.cov(z.T, bias=True).reshape(z.shape[1], -1))[0] < _FLAT)


def _tested(z: FloatArray) -> tuple[float, str]:
    """The p-value and the departure of whitened rows (n, d)."""
    n, d = z.shape
    n_drawn = max(_simulated(n), d + 2)
    spaced = z[np.arange(n_drawn) * n // n_drawn]
    null, null_least = _null(n_drawn, d)
    observed = _statistics(spaced[None])
    tails = _tails(observed, null)[0]
    least = float(tails.min())
    p_value = (1 + np.count_nonzero(null_least <= least)) / (1 + len(null_least))
    departure = DEPARTURES[int(tails.argmin())]
    if departure == "skewed" and tails[1] == least and not _leans(spaced):
        departure = "heavy"
    return float(p_value), departure


def _leans(z: FloatArray) -> bool:
    """Whether rows (n, d) are skewed beyond what heavy tails alone bring about.

    Of a symmetric distribution with elliptical contours, however heavy its tails, n d |u|^2 over
    the mean of |z|^4 is about chi-square with d degrees of freedom at most, where u = mean(|z| z).
    """
    n, d = z.shape
    y = z - z.mean(axis=0)
    factor = np.linalg.cholesky(y.T @ y / n)
    y = scipy.linalg.solve_triangular(factor, y.T, lower=True).T
    squares = np.einsum("nd,nd->n", y, y)
    u = np.sqrt(squares) @ y / n
    return bool(n * d * (u @ u) / np.mean(squares**2) > scipy.special.chdtri(d, _LEANING))


def _statistics(z: FloatArray) -> FloatArray:
    """Skewness, kurtosis and likelihood ratio of blocks of rows (b, n, d): (b, 3)."""
    n, d = z.shape[1:]
    means = z.mean(axis=1, keepdims=True)
    y = z - means
    moments = np.matmul(y.transpose(0, 2, 1), y) / n
    whitened = np.matmul(y, np.linalg.inv(moments))
    squares = np.einsum("bnd,bnd->bn", whitened, y)
    # |mean(r^2 z)|^2 with z = A^(-1/2) y is u^T A^-1 u where u = mean(r^2 y).
    u = np.einsum("bn,bnd->bd", squares, y) / n
    skewness = np.einsum("bd,bd->b", u, np.linalg.solve(moments, u[..., None])[..., 0])
    ratio = n * (
        np.trace(moments, axis1=1, axis2=2)
        - np.linalg.slogdet(moments)[1]
        - d
        + (means[:, 0] ** 2).sum(axis=1)
    )
    return np.stack([skewness, (squares**2).mean(axis=1), ratio], axis=1)


@lru_cache(maxsize=64)
def _null(n: int, d: int) -> tuple[FloatArray, FloatArray]:
    """The statistics of Gaussian rows, each sorted, (SIMULATED, 3), and their least tails, sorted.

    Always from the same draws: the answer to a table is one.
    """
    random = stream(0, 0, 5, n, d)
    block = max(1, _BLOCK // (n * d))
    drawn = [
        _statistics(random.standard_normal((min(block, SIMULATED - start), n, d)))
        for start in range(0, SIMULATED, block)
    ]
    statistics = np.concatenate(drawn)
    null = np.sort(statistics, axis=0)
    return null, np.sort(_tails(statistics, null).min(axis=1))


def _tails(statistics: FloatArray, null: FloatArray) -> FloatArray:
    """How small a share of the draws is as extreme, in each of DEPARTURES' directions: (b, 4).

    Of the kurtosis either tail, the others' upper ones.
    """
    n = len(null)
    below = np.stack(
        [np.searchsorted(null[:, j], statistics[:, j], side="left") for j in range(3)], axis=1
    )
    upper = (1 + n - below) / (1 + n)
    at_most = np.searchsorted(null[:, 1], statistics[:, 1], side="right")
    return np.stack([upper[:, 0], upper[:, 1], (1 + at_most) / (1 + n), upper[:, 2]], axis=1)
