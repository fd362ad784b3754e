"""Whether an answer describes the rows better than the one before it, by BIC in the file's units.

A step that bends a column, such as a logarithm, changes the density of the rows: what its slope
adds (the Jacobian) is in the log-likelihood of every answer already, see `Prepared.log_slope`, so
that BIC compares across steps as it does across scalings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.candidates import BIC_EVIDENCE
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.fitted import FittedStep, Mapped
from gmmdesk.data.steps.maps import BoxCox, YeoJohnson
from gmmdesk.text import fixed

Obstacle = Literal["", "rows", "columns", "steps", "shrunk"]

ALIKE = BIC_EVIDENCE[0]  # a smaller difference of BIC is not worth a mention (Kass and Raftery)
_WHY_NOT = {
    "rows": "other rows were used",
    "columns": "other columns were used",
    "steps": "the steps leave no density in the units of the file",
    "shrunk": "of clusters that have shrunk onto a few rows it says nothing",
}


@dataclass(frozen=True, slots=True)
class Described:
    """How well an answer describes the rows: `before` is the BIC of the answer before, `now` its.

    Lower is better. Where steps are others than before (`is_bent`), both are in the units of the
    file. Each power that a step has learnt from the rows (`n_powers`, before and now) counts as a
    parameter, of the same steps too: so an answer has one number beside whatever others. With
    `has_prior` one of the two fits had a prior. Where they cannot be compared, an `obstacle` says
    for what, and they are 0.
    """

    before: float = 0.0
    now: float = 0.0
    is_bent: bool = False
    n_powers: tuple[int, int] = (0, 0)
    obstacle: Obstacle = ""
    has_prior: bool = False

    @property
    def is_worse(self) -> bool:
        """Whether the answer before describes the rows clearly better."""
        return self.now - self.before > ALIKE

    @classmethod
    def of(cls, before: Analysis, after: Analysis) -> Described:
        """Both are about one table."""
        obstacle = _obstacle(before.prepared, after.prepared)
        obstacle = obstacle or ("" if are_sound(before, after) else "shrunk")
        if obstacle:
            return cls(obstacle=obstacle)
        steps, others = before.prepared.preparation.steps, after.prepared.preparation.steps
        powers = _n_powers(steps), _n_powers(others)
        has_prior = before.has_prior or after.has_prior
        return cls(
            _bic(before, powers[0]),
            _bic(after, powers[1]),
            steps != others,
            powers,
            has_prior=has_prior,
        )


def _obstacle(before: Prepared, after: Prepared) -> Obstacle:
    if not np.array_equal(before.fitted_rows, after.fitted_rows):
        return "rows"
    one, other = before.preparation, after.preparation
    if set(one.inputs) != set(other.inputs):
        return "columns"
    are_alike = (one.inputs, one.steps) == (other.inputs, other.steps)
    keep = are_alike or (before.keeps_density and after.keeps_density)
    return "" if keep else "steps"


def are_sound(*analyses: Analysis) -> bool:
    """Whether their likelihoods compare, as those of candidates do: others have no limit."""
    return all(one.candidates[one.best].sound for one in analyses)


def _bic(analysis: Analysis, n_powers: int) -> float:
    return float(analysis.result.bic) + n_powers * math.log(analysis.result.size)


def _n_powers(steps: Sequence[FittedStep]) -> int:
    maps = [each for step in steps if isinstance(step, Mapped) for each in step.maps]
    return sum(isinstance(each, BoxCox | YeoJohnson) for each in maps)


def described_in_words(found: Described) -> str:
    """One sentence: better, worse, as well, or why it cannot be compared."""
    if found.obstacle:
        return (
            "How well the clusters describe the rows (BIC) cannot be compared with before:"
            f" {_WHY_NOT[found.obstacle]}."
        )
    is_alike = abs(found.now - found.before) <= ALIKE
    how = "about as well as" if is_alike else "worse than" if found.is_worse else "better than"
    these = "In the units of the file these" if found.is_bent else "These"
    powers = "; each power that was fitted counts as a parameter" if any(found.n_powers) else ""
    powers += "; with a prior, of the fit it leads to" * found.has_prior
    return (
        f"{these} clusters describe the rows {how} those before (BIC {fixed(found.now, 1)}, before"
        f" {fixed(found.before, 1)}; lower is better{powers})."
    )
