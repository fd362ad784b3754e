"""What would change the answer: other seeds, other scaling, columns bent or not."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from gmmdesk.analysis.agreement_words import agrees, index_in_words
from gmmdesk.analysis.analyse import analyse
from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.described import ALIKE, are_sound
from gmmdesk.analysis.found_again import in_restarts
from gmmdesk.analysis.known import as_marked, known_labels
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.dataset import Dataset, IntArray
from gmmdesk.data.seeds import LARGEST_SEED
from gmmdesk.data.steps import (
    HoldOut,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    Step,
)
from gmmdesk.engine import Trust
from gmmdesk.engine.judging.agreement import agreement
from gmmdesk.engine.judging.trust import SAME
from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.text import count

# Rows that are fitted anew, evenly spaced: what changes the answer to so many changes it to more.
ROWS = 5_000
_RESTARTS = 3
_SEED = "Seed "


@dataclass(frozen=True, slots=True)
class Refit:
    """The answer with one thing changed: `change` in words.

    `agreement` is the adjusted Rand index with the answer, over the rows in both, and `bic_rise`
    how much higher its BIC is, nan where that is of other rows or columns, or of clusters that have
    shrunk onto a few rows. Where it could not be done, `problem` says why.
    """

    change: str
    n_clusters: int = 0
    model: str = ""
    agreement: float = math.nan
    bic_rise: float = math.nan
    problem: str = ""

    @property
    def is_same(self) -> bool:
        """Whether it led to the same clusters."""
        return self.agreement >= SAME


def sensitivity(
    analysis: Analysis, *, task: Task | None = None, n_threads: int | None = None
) -> Generator[tuple[Refit, ...], None, tuple[Refit, ...]]:
    """Find the clusters again with one thing changed at a time; yields what there is after each.

    Between these the task tells which change is being tried, and how much of all is done. Of more
    than ROWS rows so many are taken, evenly spaced; the first refit then changes nothing else.
    Raises Cancelled when the task is.
    """
    task = task or Task()
    dataset, rows = analysis.dataset, analysis.prepared.fitted_rows
    steps = _of_columns(analysis.settings.steps)
    restarts = min(analysis.settings.restarts, _RESTARTS)
    rows = rows[:: -(-len(rows) // ROWS)]
    table = taken(dataset, rows)
    # By what the whole table says: in a part the labels of a column might be others.
    labels = known_labels(analysis.settings, dataset)
    base = msgspec.structs.replace(
        analysis.settings,
        steps=steps,
        restarts=restarts,
        start=None,  # each is looked for from starts of its own
        known=() if labels is None else as_marked(labels[rows], table),
        known_column="",
        forbidden=(),  # by number, which means nothing without the start
    )
    is_part = len(rows) < len(analysis.prepared.fitted_rows)
    variants = _variants(base, analysis.prepared.preparation.inputs, is_part=is_part)
    found: tuple[Refit, ...] = ()
    for i, (change, settings) in enumerate(variants):
        part = _Part(task, i, len(variants), change)
        part.step(0.0)
        try:
            other = _fitted(table, settings, part, n_threads)
        except GmmdeskError as error:
            found = (*found, Refit(change, problem=str(error)))
        else:
            found = (*found, _beside(analysis, other, rows, change))
        yield found
    return found


def _variants(
    base: Settings, inputs: Sequence[str], *, is_part: bool
) -> list[tuple[str, Settings]]:
    """What is changed, in words and in the settings."""
    change = msgspec.structs.replace
    variants = [("Only a part of the rows", base)] if is_part else []
    seeds = [(base.seed + i) % (LARGEST_SEED + 1) for i in (1, 2)]
    variants += [(f"{_SEED}{seed}", change(base, seed=seed)) for seed in seeds]
    if base.scaling == "standard":
        variants.append(("Columns not scaled", change(base, scaling="none")))
    else:
        variants.append(("Columns scaled", change(base, scaling="standard")))
    straight = tuple(step for step in base.steps if not isinstance(step, Logarithm | Power))
    if len(straight) < len(base.steps):
        variants.append(("Columns not transformed", change(base, steps=straight)))
    else:
        bend: Step = Power(columns=tuple(inputs))
        at = sum(not isinstance(step, PrincipalComponents) for step in base.steps)
        bent = (*base.steps[:at], bend, *base.steps[at:])
        variants.append(("Columns made symmetric (Yeo-Johnson)", change(base, steps=bent)))
    return variants


@dataclass(frozen=True, slots=True)
class _Part:
    """The `i`th of `n` changes, of which `task` tells how far all of them are."""

    task: Task
    i: int
    n: int
    change: str

    def step(self, share: float) -> None:
        """So much of the change is done."""
        self.task.step((self.i + share) / self.n, f"{self.i + 1} of {self.n}: {self.change}")


def _fitted(table: Dataset, settings: Settings, part: _Part, n_threads: int | None) -> Analysis:
    steps = analyse(table, settings, task=part.task, n_threads=n_threads)
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            part.step(1.0)  # what a search has found that was stopped is no answer
            analysis: Analysis = end.value
            return analysis
        part.step(progress.share)


def _of_columns(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Those that do something to columns; which rows are left out is known by then."""
    by_rows = LeaveOutRows | LeaveOutWhere | HoldOut
    return tuple(step for step in steps if step.on and not isinstance(step, by_rows))


def _beside(analysis: Analysis, other: Analysis, rows: IntArray, change: str) -> Refit:
    """Another answer, to some rows of the table, beside `analysis`; noise is a group too.

    Components are compared with components, whatever clusters they make up.
    """
    analysis = analysis.uncombined
    is_comparable = (
        len(rows) == len(analysis.prepared.fitted_rows)
        and _of_columns(other.settings.steps) == _of_columns(analysis.settings.steps)
        and other.prepared.keeps_density
        and are_sound(analysis, other)
    )
    bic_rise = other.result.bic - analysis.result.bic if is_comparable else math.nan
    at = np.searchsorted(analysis.prepared.rows, rows[other.prepared.rows])
    K, n_other = analysis.n_clusters, other.n_clusters
    before = np.where(analysis.rows.label[at] < 0, K, analysis.rows.label[at])
    after = np.where(other.rows.label < 0, n_other, other.rows.label)
    index = agreement(before, after, (K + 1, n_other + 1)).adjusted_rand_index
    return Refit(change, n_other, other.result.model, index, bic_rise)


def taken(dataset: Dataset, rows: IntArray) -> Dataset:
    """Some rows of a table (0-based, ascending) as a table."""
    columns = tuple(column.taken(rows) for column in dataset.columns)
    numbers = dataset.numbers_of(rows)
    return replace(dataset, columns=columns, places=None, head=(), numbers=numbers)


def sensitivity_in_words(found: Sequence[Refit], trust: Trust | None = None) -> str:
    """What changed the answer, and what did not; beside `trust`, which counts single starts."""
    done = [one for one in found if not one.problem]
    if not done:
        return "The clusters could not be found again with anything changed."
    changed = [one for one in done if not one.is_same]
    beside = _beside_restarts(done, trust)
    if not changed:
        told = f"Nothing of what was tried changes the answer ({count(len(done), 'change')})."
        return f"{told}{beside}"
    told = "; ".join(_change_in_words(one, is_first=one is changed[0]) for one in changed)
    same = len(done) - len(changed)
    rest = f" {count(same, 'other change')} led to the same clusters." if same else ""
    return f"The answer depends on choices: {told}.{rest}{beside}"


def _change_in_words(one: Refit, *, is_first: bool) -> str:
    """What came of a change; how to read the index is said once."""
    index = index_in_words(one.agreement) if is_first else f"{one.agreement:.3f}"
    told = (
        f"{one.change[0].lower()}{one.change[1:]}: {count(one.n_clusters, 'cluster')},"
        f" which {agrees(one.agreement)} ({index})"
    )
    if math.isnan(one.bic_rise):
        return told
    if abs(one.bic_rise) <= ALIKE:
        return f"{told}, with about the same BIC"
    better = "lower, which is better" if one.bic_rise < 0.0 else "higher, which is worse"
    return f"{told}, with a BIC {abs(one.bic_rise):,.1f} {better}"


def _beside_restarts(done: Sequence[Refit], trust: Trust | None) -> str:
    """Why other seeds may lead to the same clusters though few single starts do."""
    is_same = any(one.is_same for one in done if one.change.startswith(_SEED))
    if trust is None or not is_same or 2 * trust.n_agreeing >= trust.n_starts:
        return ""
    return (
        " Of another seed the best of all restarts counts, followed to its end; the verdict counts"
        f" each after its short run ({in_restarts(trust)}): so both can be true."
    )
