"""Why a row belongs to its cluster: what each column says, and what would change the answer.

The words for it are those of `why_words`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.known import cannot_be
from gmmdesk.analysis.outliers import OddRow, Outliers, odd_rows
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.straight import Straight, straight
from gmmdesk.data.dataset import BoolArray, FloatArray, IntArray
from gmmdesk.data.row_names import row_called
from gmmdesk.engine.judging.decomposition import log_density_shares
from gmmdesk.engine.rows.memberships import NOISE
from gmmdesk.errors import UsageError
from gmmdesk.text import alike, sentence_case

# A change by more standard deviations of all rows is no answer to what could have been.
_FARTHEST = 6.0
_ROUNDING = 1e-9  # of a column's spread
_STEPS, _HALVINGS = 601, 40  # of the way to the farthest change, and of the step that has it


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a column says about a row: `nats` for its cluster rather than the second one.

    `value` is the row's, `first` and `second` what is typical of the two clusters (nan of noise),
    in the units of the file, in which rows typically lie `spread` from the mean of all.
    """

    column: str
    value: float
    first: float
    second: float
    nats: float
    spread: float


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change in one column that gives a row to another cluster, all else the same.

    `value` is where it changes, in the units of the file, `to` the cluster there (0-based,
    NO_CLUSTER for noise); `size` is the change in standard deviations of all rows, `before`
    the value there is.
    """

    column: str
    value: float
    to: int
    size: float
    before: float

    @property
    def text(self) -> str:
        """The value, with the digits that tell it from the one before."""
        return alike(self.value, abs(self.value - self.before))


@dataclass(frozen=True, slots=True)
class Why:
    """Why a `row` (0-based), `called` so in words, is in the cluster `first` and not in `second`.

    Both clusters are 0-based, NO_CLUSTER for noise. `log_odds` is ln of the ratio of their
    probabilities: `size`, ln of the ratio of their weights, the `evidence` of every column that the
    row has a value in (the strongest comes first) and `rest` add up to it. `flips` has the smallest
    change first. Of a cluster that is made of several components, as `first_has_parts` and
    `second_has_parts` say, the evidence is that of its part likeliest for the row, and `rest` what
    all its parts together say otherwise, in nats; else that is 0. Where columns are `correlated`
    within clusters, what one says depends on the others. Where it `is_known` that the row
    belongs to `first`, its values may speak for `second`. It is `kept_out` of these clusters, as
    was said beforehand. Where it is unlike all clusters, `odd` says by which columns.
    """

    row: int
    called: str
    first: int
    second: int
    probability: float
    second_probability: float
    log_odds: float
    size: float
    evidence: tuple[Evidence, ...]
    flips: tuple[Flip, ...]
    is_known: bool = False
    kept_out: tuple[int, ...] = ()
    rest: float = 0.0
    first_has_parts: bool = False
    second_has_parts: bool = False
    odd: OddRow | None = None
    correlated: bool = False


def why(analysis: Analysis, row: int) -> Why:
    """Explain a row of the table (0-based).

    The evidence of a column is the difference of its shares in the two log densities, see
    `log_density_shares`: in columns of the file, before a step has bent them, and where steps have
    lost something in the prepared ones. Raises UsageError for a row that was left out, or where
    there is one cluster only.
    """
    prepared = analysis.prepared
    at = int(np.searchsorted(prepared.rows, row))
    if at == len(prepared.rows) or prepared.rows[at] != row:
        called = row_called(analysis.dataset, row)
        raise UsageError(
            f"{sentence_case(called)} was left out.", "Choose a row that has a cluster."
        )
    n_groups = analysis.n_clusters + (analysis.noise is not None)
    if n_groups < 2:
        raise UsageError(
            "There is one cluster only.", "Look for more to see what tells them apart."
        )
    space, grouping = straight(analysis), analysis.grouping
    Z = np.asarray(prepared.X[at : at + 1], np.float64)
    y = space.rows(Z)[0]
    shares = analysis.scaled.responsibilities(Z)
    shares = shares[0] if grouping is None else grouping.added(shares)[0]
    observed = ~np.isnan(y)
    columns = np.flatnonzero(observed)
    weights = _weights(space)
    logs = [_column_logs(space, k, y, observed) for k in range(len(weights))]
    totals = np.log(weights) + [float(one.sum()) for one in logs]
    of = np.arange(len(weights))  # the cluster of each component, noise being the last
    if grouping is not None:
        of = np.array([*grouping.of, grouping.n_clusters])[: len(weights)]
    together = _summed(totals, of)
    likeliest = int(together.argmax())  # shares of far clusters are all 0
    first, is_known = likeliest, analysis.rows.known is not None and analysis.rows.known[at]
    kept_out: list[int] = []
    if analysis.known is not None and analysis.known[at] < NOISE:
        barred = cannot_be(analysis.known[at : at + 1], analysis.result.n_components, grouping)
        kept_out = np.flatnonzero(barred[0]).tolist()
        shares = analysis.responsibilities(np.array([at]))[0]
    if is_known or kept_out:
        label = int(analysis.rows.label[at])
        first = analysis.n_clusters if label == NO_CLUSTER else label
    others = np.delete(np.arange(n_groups), first)
    others = others[~np.isin(others, kept_out)] if n_groups - 1 > len(kept_out) else others
    second = int(others[together[others].argmax()])
    # Of several components the likeliest.
    a, b = (int(np.where(of == cluster, totals, -np.inf).argmax()) for cluster in (first, second))
    values, spreads = space.values(y[None])[0], _spreads(space)
    evidence = [
        Evidence(
            column=space.columns[j],
            # There and back again, 0 is hardly ever 0.
            value=0.0 if abs(values[j]) < _ROUNDING * spreads[j] else float(values[j]),
            first=_center(space, a, int(j)),
            second=_center(space, b, int(j)),
            nats=float(logs[a][i] - logs[b][i]),
            spread=float(spreads[j]),
        )
        for i, j in enumerate(columns)
    ]
    sizes = np.bincount(of, weights)
    log_odds = float(together[first] - together[second])
    size = float(np.log(sizes[first] / sizes[second]))
    has_parts = [bool((of == cluster).sum() > 1) for cluster in (first, second)]
    spoken = size + math.fsum(one.nats for one in evidence)
    named = [NO_CLUSTER if k == analysis.n_clusters else k for k in range(n_groups)]
    return Why(
        row=row,
        called=row_called(analysis.dataset, row),
        first=named[first],
        second=named[second],
        probability=float(shares[first]),
        second_probability=float(shares[second]),
        log_odds=log_odds,
        size=size,
        evidence=tuple(sorted(evidence, key=lambda one: -abs(one.nats))),
        is_known=bool(is_known),
        kept_out=tuple(kept_out),
        rest=log_odds - spoken if any(has_parts) else 0.0,
        first_has_parts=has_parts[0],
        second_has_parts=has_parts[1],
        odd=_odd(analysis, row, at),
        correlated=bool(np.triu(np.abs(analysis.scaled.covariances), 1).any()),
        flips=tuple(
            flip
            for flip in _flips(
                space,
                y,
                first,
                totals,
                of,
                inputs={*prepared.preparation.inputs, *prepared.columns},
            )
            if flip.to not in kept_out
        ),
    )


def _odd(analysis: Analysis, row: int, at: int) -> OddRow | None:
    """What makes a row (0-based, the `at`th of X) an outlier; None where it is none."""
    level = analysis.outlier_level
    if not analysis.rows.outliers(level, slice(at, at + 1))[0]:
        return None
    one = Outliers(level, np.array([row]), np.array([math.nan]), len(analysis.prepared.rows))
    return odd_rows(analysis, one, 1)[0]


def _summed(totals: FloatArray, of: IntArray) -> FloatArray:
    """Logarithms of the summed densities of each cluster (C, ...), of components (K, ...)."""
    found = np.full((int(of.max()) + 1, *totals.shape[1:]), -np.inf)
    np.logaddexp.at(found, of, totals)
    return found


def _weights(space: Straight) -> FloatArray:
    noise = space.mixture.noise
    return np.append(space.mixture.weights, [] if noise is None else [noise.weight])


def _column_logs(space: Straight, k: int, y: FloatArray, observed: BoolArray) -> FloatArray:
    """What each observed column adds to the log density of cluster k at y, noise being the last."""
    mixture = space.mixture
    if k < len(mixture.means):
        part = np.ix_(observed, observed)
        mean, covariance = mixture.means[k][observed], mixture.covariances[k][part]
        return np.asarray(log_density_shares(mean, covariance, y[None, observed])[0])
    assert mixture.noise is not None
    region = mixture.noise.region
    # Even over a box along the columns; a turned one is smaller than that, by the same in each.
    each = -region.log_volume_of(np.eye(len(y), dtype=np.bool_)[observed])
    total = -region.log_volume if observed.all() else float(each.sum())
    return np.asarray(each + (total - each.sum()) / len(each))


def _center(space: Straight, k: int, column: int) -> float:
    if k == len(space.mixture.means):
        return math.nan
    return float(space.in_file_by_component(space.mixture.means)[k, column])


def _moments(space: Straight) -> tuple[FloatArray, FloatArray]:
    """Means and variances (d,) of all rows, as the mixture has them."""
    mixture = space.mixture
    shares = mixture.weights / mixture.weights.sum()
    middle = np.asarray(shares @ mixture.means)
    within = np.diagonal(mixture.covariances, axis1=1, axis2=2)
    return middle, np.asarray(shares @ (within + (mixture.means - middle) ** 2))


def _spreads(space: Straight) -> FloatArray:
    """How far rows typically lie from the middle, in the units of the file, (d,)."""
    middle, variances = _moments(space)
    ends = middle + np.array([[-1.0], [1.0]]) * np.sqrt(variances)
    in_file = [space.in_file(j, ends[:, j]) for j in range(len(middle))]
    return np.array([0.5 * abs(high - low) for low, high in in_file])


def _flips(
    space: Straight,
    y: FloatArray,
    first: int,
    totals: FloatArray,
    of: IntArray,
    *,
    inputs: Collection[str],
) -> tuple[Flip, ...]:
    """In each of the columns `inputs` the nearest value at which another cluster is likelier.

    `totals` are the log densities of the components at y, noise being the last, each with its
    weight, `of` their clusters. Along one column each log density is a quadratic of the change t,
    so that the differences are: the first root on either side is where the answer changes. Where
    clusters are made of several, it is looked for step by step.
    """
    alone = len(set(of.tolist())) == len(of)
    mixture = space.mixture
    K = len(mixture.means)
    curves, slopes = np.zeros((len(totals), len(y))), np.zeros((len(totals), len(y)))
    at = np.flatnonzero(~np.isnan(y))
    for k in range(K):
        precision = np.linalg.inv(mixture.covariances[k][np.ix_(at, at)])
        curves[k, at] = -0.5 * np.diagonal(precision)
        slopes[k, at] = -precision @ (y[at] - mixture.means[k, at])
    _middle, variances = _moments(space)
    found = []
    for j in at:
        if space.columns[j] not in inputs:
            continue  # 0 or 1 for a category: nothing lies between
        spread = math.sqrt(float(variances[j]))
        along = curves[:, j], slopes[:, j], totals
        if alone:
            options = _changes(*along, first=first)
        else:
            options = _nearest_changes(*along, of, first=first, reach=_FARTHEST * spread)
        sides = [[one for one in options if one[0] > 0], [one for one in options if one[0] < 0]]
        for side in sides:
            if not side:
                continue
            t, k = min(side, key=lambda one: abs(one[0]))
            value = float(space.in_file(int(j), y[[j]] + t)[0])
            if abs(t) <= _FARTHEST * spread and math.isfinite(value):
                to = NO_CLUSTER if k == of[-1] and len(of) > K else k
                before = float(space.in_file(int(j), y[[j]])[0])
                found.append(Flip(space.columns[j], value, to, abs(t) / spread, before))
    nearest: dict[str, Flip] = {}
    for flip in sorted(found, key=lambda one: one.size):
        nearest.setdefault(flip.column, flip)
    return tuple(nearest.values())


def _changes(
    curves: FloatArray, slopes: FloatArray, totals: FloatArray, *, first: int
) -> list[tuple[float, int]]:
    """On either side the first change t that makes each other component as likely, and which.

    Their log densities are curves t^2 + slopes t + totals (K,).
    """
    found = []
    for k in range(len(totals)):
        if k != first:
            quadratic = (one[first] - one[k] for one in (curves, slopes, totals))
            found += [(t, k) for t in _nearest_roots(*quadratic)]
    return found


def _nearest_changes(
    curves: FloatArray,
    slopes: FloatArray,
    totals: FloatArray,
    of: IntArray,
    *,
    first: int,
    reach: float,
) -> list[tuple[float, int]]:
    """On either side the first change t, up to `reach`, that makes another cluster likelier.

    And which. The log densities of components, curves t^2 + slopes t + totals (K,), add up.
    """

    def likeliest(t: FloatArray) -> IntArray:
        logs = np.multiply.outer(curves, t * t) + np.multiply.outer(slopes, t) + totals[:, None]
        return np.asarray(_summed(logs, of).argmax(axis=0))

    found = []
    for side in (reach, -reach):
        steps = np.linspace(0.0, side, _STEPS)
        changed = likeliest(steps) != first
        if changed[0] or not changed.any():
            continue
        at = int(changed.argmax())
        near, far = float(steps[at - 1]), float(steps[at])
        for _ in range(_HALVINGS):
            middle = 0.5 * (near + far)
            is_first = likeliest(np.array([middle]))[0] == first
            near, far = (middle, far) if is_first else (near, middle)
        found.append((far, int(likeliest(np.array([far]))[0])))
    return found


def _nearest_roots(a: float, b: float, c: float) -> list[float]:
    """The roots of a t^2 + b t + c, without those that cancellation would cost their digits."""
    if abs(a) < 1e-300:
        return [-c / b] if b else []
    discriminant = b * b - 4.0 * a * c
    if discriminant < 0.0:
        return []
    q = -0.5 * (b + math.copysign(math.sqrt(discriminant), b))
    return [q / a, *([c / q] if q else [])]
