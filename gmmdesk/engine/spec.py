"""What to fit: the settings of one mixture, validated on construction."""

from __future__ import annotations

import math
import numbers
import operator
from dataclasses import dataclass

from gmmdesk.engine.models.covariance import MODEL_ALIASES, MODELS, ONE_COLUMN
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.errors import UsageError

GUARDS = ("floor", "prior")
# What to do about missing cells.
MISSING = ("refuse", "em")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSpec:
    """Settings of one fit of a Gaussian mixture.

    `regularization` is added to the diagonal of every covariance, as a share of the pooled
    variance of each column; 0 leaves the maximum-likelihood updates as they are. `tol` stops the
    fit when the gain in log-likelihood per row (nats) falls below it; with regularization, in
    what the updates then make a maximum, the log-likelihood less a penalty for tight components.
    Without a given start the gain is the one still to come, as the last steps project it.
    `max_iter` is the most iterations of one run. Where components are moved after a run, there is a
    run from there: the result's `n_iterations` counts both, and may be more.
    `model` is a name of MODELS or one of scikit-learn's, which is put into those terms. E and V,
    equal and varying variance, are kept and accepted for data of one column only; the result's
    `model` is then EEE or VVV, which are the same there. With `noise` some rows may belong to no
    component but be spread evenly over the volume of all rows. With a `prior` the fit is its
    posterior mode, and `tol` is about the log-likelihood plus the logarithm of the prior. Where a
    component collapses from every start, the `guard` keeps it up: a "floor" under its covariance
    alone, or the default "prior" for all.
    `missing` "refuse" refuses cells that are nan; with "em" their rows take part through the other
    cells, whose likelihood is then made a maximum.
    Raises UsageError for a value out of range.
    """

    n_components: int = 1
    model: str = "VVV"
    seed: int = 0
    restarts: int = 1
    tol: float = 1e-6
    max_iter: int = 1000
    regularization: float = 0.0
    noise: bool = False
    missing: str = "refuse"
    prior: ConjugatePrior | None = None
    guard: str = "floor"

    def __post_init__(self) -> None:
        if self.model not in ONE_COLUMN:
            object.__setattr__(self, "model", MODEL_ALIASES.get(self.model, self.model))
        if self.family not in MODELS:
            raise UsageError(
                f"There is no model '{self.model}'.", f"Choose one of {', '.join(MODELS)}."
            )
        for name, least in (("n_components", 1), ("seed", 0), ("restarts", 1), ("max_iter", 1)):
            value = getattr(self, name)
            try:
                value = operator.index(value)
            except TypeError:
                value = None
            if value is None or value < least:
                raise UsageError(
                    f"{name} is {getattr(self, name)!r}.", f"Give a whole number from {least} up."
                )
            object.__setattr__(self, name, value)
        if self.missing not in MISSING:
            raise UsageError(
                f"There is no way '{self.missing}' to treat missing cells.",
                f"Choose one of {', '.join(MISSING)}.",
            )
        for name in ("tol", "regularization"):
            given = getattr(self, name)
            number = float(given) if isinstance(given, numbers.Real) else math.nan
            if not 0.0 <= number < math.inf:
                raise UsageError(f"{name} is {given!r}.", "Give a number from 0 up.")
            object.__setattr__(self, name, number)

        if self.guard not in GUARDS:
            raise UsageError(
                f"There is no guard '{self.guard}'.", f"Choose one of {', '.join(GUARDS)}."
            )

    @property
    def family(self) -> str:
        """The entry of MODELS to fit."""
        return MODEL_ALIASES.get(self.model, self.model)
