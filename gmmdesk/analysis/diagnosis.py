"""Whether an answer can be trusted: what speaks against it, and what may help."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.outliers import LEVEL, OddRow, Outliers, odd_rows, outliers
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.data.steps import Logarithm, Power
from gmmdesk.data.steps.advice import Advice, advise, skewness, straightening
from gmmdesk.engine.judging.bent import Bent, bent_groups
from gmmdesk.engine.judging.overlap import overlap
from gmmdesk.engine.judging.shape import Shape, shapes
from gmmdesk.task import Task

# Outliers whose columns are looked at: more than anybody reads.
TOLD_ROWS = 500
_ROWS_KEPT = 10_000  # of a spurious cluster
# A cluster of less than this share of the rows, so many times as wide as the others, is none.
_SMALL, _TIMES_AS_WIDE = 0.05, 3.0
_ONE_COLUMN = 0.9  # of a flat direction lies in one column, which is then named
# A column's skewness in a cluster is worth a word beyond so many standard errors.
_SKEWED = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """A cluster that may be made of nothing, or one that would be but for a guard.

    `kind` is "collapsed" onto `rows` (0-based, of the table), "kept" from it by a floor, "guarded"
    from it by a prior, of "few" rows for its own shape, "flat" along `column` (or none alone), or
    "scattered": a small one that spreads over the room of the others.
    `cluster` is 0-based, None where it is not there any more; `n_rows` counts all its rows.
    """

    kind: str
    cluster: int | None
    rows: IntArray
    n_rows: int
    column: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """What was found about `analysis`: the words for it are those of `diagnosis_words`.

    Where clusters are made of several components, all but `overlap` is about the components.
    `doubts` are clusters that may be spurious, `shapes` (K) how far each is from a bell, `bent`
    whether they are chained into groups of another kind, `overlap` (K, K) the expected
    misclassification (K + 1 with noise), `outliers` the rows unlike all others, of which `odd_rows`
    are the first with the columns that make them so. `skewed` names the columns (of the prepared
    ones) that are skewed in the clusters that are, `straighten` steps that may help; `advice` is
    about columns that are skewed as a whole.
    """

    analysis: Analysis
    doubts: tuple[Doubt, ...]
    shapes: tuple[Shape, ...]
    bent: Bent
    overlap: FloatArray
    outliers: Outliers
    odd_rows: tuple[OddRow, ...]
    skewed: tuple[tuple[str, ...], ...]
    straighten: tuple[Logarithm | Power, ...]
    advice: tuple[Advice, ...]


def diagnose(analysis: Analysis, level: float = LEVEL, task: Task | None = None) -> Diagnosis:
    """Judge an answer; outliers are as rare as less than `level` of the model's own rows.

    Shapes are judged by 50,000 rows, overlap by 200,000, evenly spaced; all rows are looked at for
    outliers. Where rows were selected of an analysis, that one is judged: a part of the rows is
    no sample of the model. Raises Cancelled when the task is.
    """
    task, analysis = task or Task(), analysis.whole or analysis

    def part(fraction: float, what: str) -> None:
        task.step(fraction, what)

    base, grouping = analysis.uncombined, analysis.grouping
    part(0.0, "Judging shapes")
    found = shapes(analysis.scaled, analysis.prepared.fitted(), analysis.settings.seed)
    part(0.4, "Judging overlap")
    of = None if grouping is None else grouping.of
    shares = overlap(analysis.scaled, analysis.prepared.X, of)
    part(0.6, "Looking for outliers")
    rare = outliers(analysis, level, analysis.settings.seed)
    told = odd_rows(analysis, rare, TOLD_ROWS)
    part(0.9, "Looking for doubtful clusters")
    bent = bent_groups(analysis.scaled, task.step)
    skewed = tuple(_skewed(analysis, one) for one in found)
    return Diagnosis(
        analysis=analysis,
        doubts=_doubts(base),
        shapes=found,
        bent=bent,
        overlap=shares,
        outliers=rare,
        odd_rows=told,
        skewed=skewed,
        straighten=_straighten(base, found, skewed),
        advice=advise(analysis.dataset, analysis.prepared),
    )


def _doubts(analysis: Analysis) -> tuple[Doubt, ...]:
    result, trust = analysis.result, analysis.trust
    nobody = np.empty(0, np.int64)
    found = []
    if result.guarded is not None:
        found.append(Doubt("guarded", None, result.guarded, len(result.guarded)))
    if result.collapse is not None:
        collapse = result.collapse
        kind = "kept" if collapse.kept else "collapsed"
        found.append(Doubt(kind, collapse.component, collapse.rows, len(collapse.rows)))
    # What a component shrinks onto is both few and flat: once is enough.
    known = set(result.mended) | {one.cluster for one in found}

    def rows_of(k: int) -> IntArray:
        own = np.flatnonzero(analysis.rows.label == k)[:_ROWS_KEPT]
        return analysis.prepared.rows[own]

    for kind, clusters in (("few", trust.few_rows), ("flat", trust.flat)):
        for k in clusters:
            if k in known:
                continue
            known.add(k)
            n = int(analysis.sizes[k])
            column = _flat_column(analysis, k) if kind == "flat" else ""
            found.append(Doubt(kind, k, rows_of(k) if n else nobody, n, column))
    found += [
        Doubt("scattered", k, rows_of(k), int(analysis.sizes[k]))
        for k in _scattered(analysis)
        if k not in known
    ]
    return tuple(found)


def _scattered(analysis: Analysis) -> list[int]:
    """Small clusters that are many times as wide as the others: rows that have no cluster may be
    gathered in one.
    """
    result = analysis.scaled
    if result.n_components == 1:
        return []
    # The geometric mean of the standard deviations along the axes of each.
    log_width = 0.5 * np.linalg.slogdet(result.covariances)[1] / result.means.shape[1]
    found = []
    for k in np.flatnonzero(result.weights < _SMALL):
        others = np.delete(np.arange(result.n_components), k)
        pooled = np.average(log_width[others], weights=result.weights[others])
        if log_width[k] - pooled > np.log(_TIMES_AS_WIDE):
            found.append(int(k))
    return found


def _flat_column(analysis: Analysis, cluster: int) -> str:
    """The prepared column along which a cluster is flat, where it is one alone."""
    axes = np.linalg.eigh(analysis.scaled.covariances[cluster])[1]
    shares = axes[:, 0] ** 2
    j = int(shares.argmax())
    return analysis.prepared.columns[j] if shares[j] >= _ONE_COLUMN else ""


def _skewed(analysis: Analysis, shape: Shape) -> tuple[str, ...]:
    """The columns in which the rows of a cluster that is no bell are skewed, the most so first."""
    if shape.is_bell or shape.departure not in ("skewed", "heavy"):
        return ()
    error = np.sqrt(6.0 / shape.n_rows)
    order = np.argsort(-np.abs(shape.skewness))
    named = [j for j in order if abs(shape.skewness[j]) > _SKEWED * error]
    return tuple(analysis.prepared.columns[j] for j in named)


def _straighten(
    analysis: Analysis, found: tuple[Shape, ...], skewed: tuple[tuple[str, ...], ...]
) -> tuple[Logarithm | Power, ...]:
    """Steps that make columns less skewed in the clusters in which they are, if some would.

    A column counts by the cluster in which it is most skewed: what straightens that one.
    """
    prepared = analysis.prepared
    inputs = set(prepared.preparation.inputs)
    most = 50_000
    steps: dict[type[Logarithm] | type[Power], list[str]] = {Logarithm: [], Power: []}
    for j, name in enumerate(prepared.columns):
        within = [one for one, names in zip(found, skewed, strict=True) if name in names]
        if name not in inputs or not within:  # a step has bent it already
            continue
        worst = max(within, key=lambda one: abs(one.skewness[j]))
        rows = prepared.rows[np.flatnonzero(analysis.rows.label == worst.component)]
        x = analysis.dataset.column(name).numbers()[rows[:: max(1, len(rows) // most)]]
        x = x[np.isfinite(x)]
        before = skewness(x)
        kind, after = straightening(x, before)
        if abs(after) < 0.5 * abs(before):
            steps[kind].append(name)
    return tuple(kind(columns=tuple(names)) for kind, names in steps.items() if names)
