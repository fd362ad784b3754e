"""Whether an answer can be trusted: what speaks against it, and what may help."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.doubts import Doubt
from gmmdesk.analysis.outliers import (
    OddCluster,
    OddRow,
    Outliers,
    odd_clusters,
    odd_rows,
    outliers,
)
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps import Logarithm, Power
from gmmdesk.data.steps.advice import Advice, advise, skewness, straightening
from gmmdesk.engine import Resampled
from gmmdesk.engine.judging.bent import Bent
from gmmdesk.engine.judging.shape import Shape
from gmmdesk.task import Task

# Outliers whose columns are looked at: more than anybody reads.
TOLD_ROWS = 500
# A column's skewness in a cluster is worth a word beyond so many standard errors.
_SKEWED = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """What was found about `analysis`: the words for it are those of `diagnosis_words`.

    Where clusters are made of several components, all but `overlap` is about the components.
    `doubts` are clusters that may be spurious, `shapes` (K) how far each is from a bell, `bent`
    whether they are chained into groups of another kind, `overlap` (K, K) the expected
    misclassification (K + 1 with noise), `outliers` the rows unlike all others, of which `odd_rows`
    are the first with the columns that make them so; `odd_clusters` are made of such rows.
    `skewed` names the columns (of the prepared ones) that are skewed in the clusters that are,
    `straighten` steps that may help; `advice` is about columns that are skewed as a whole.
    `resampled` says how often halves of the rows led to the same components, None where nobody has
    looked.
    """

    analysis: Analysis
    doubts: tuple[Doubt, ...]
    shapes: tuple[Shape, ...]
    bent: Bent
    overlap: FloatArray
    outliers: Outliers
    odd_clusters: tuple[OddCluster, ...]
    odd_rows: tuple[OddRow, ...]
    skewed: tuple[tuple[str, ...], ...]
    straighten: tuple[Logarithm | Power, ...]
    advice: tuple[Advice, ...]
    resampled: Resampled | None = None


def diagnose(analysis: Analysis, level: float | None = None, task: Task | None = None) -> Diagnosis:
    """Judge an answer, with outliers at this `level`, or else at its own.

    Shapes are judged by 50,000 rows, overlap by 200,000, evenly spaced; all rows are looked at for
    outliers. Where rows were selected of an analysis, that one is judged: a part of the rows is
    no sample of the model. Raises Cancelled when the task is.
    """
    level = level or analysis.outlier_level
    task, analysis = task or Task(), analysis.whole or analysis

    def part(fraction: float, what: str) -> None:
        task.step(fraction, what)

    base = analysis.uncombined
    part(0.0, "Judging shapes")
    found = analysis.shapes
    part(0.4, "Judging overlap")
    shares = analysis.overlap
    part(0.6, "Looking for outliers")
    rare = outliers(analysis, level)
    told = odd_rows(analysis, rare, TOLD_ROWS)
    part(0.9, "Looking for doubtful clusters")
    doubts = analysis.doubts
    skewed = tuple(_skewed(analysis, one) for one in found)
    return Diagnosis(
        analysis=analysis,
        doubts=doubts,
        shapes=found,
        bent=base.verdict.bent,
        overlap=shares,
        outliers=rare,
        odd_clusters=odd_clusters(base, level),
        odd_rows=told,
        skewed=skewed,
        straighten=_straighten(base, found, skewed),
        advice=advise(analysis.dataset, analysis.prepared),
        resampled=analysis.resampled,
    )


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
