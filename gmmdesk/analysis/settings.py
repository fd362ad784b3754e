"""What the user chose for one analysis: validated, frozen, JSON-able."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from gmmdesk.data.prepare import MISSING, SCALINGS
from gmmdesk.data.seeds import check_seed
from gmmdesk.data.steps import Step
from gmmdesk.engine import CRITERIA, MODEL_ALIASES, MODELS, Parameters
from gmmdesk.engine.rows.memberships import MOST_FORBIDDEN
from gmmdesk.errors import UsageError

# The conjugate prior as a guard, where components collapse without it; always; or never.
PRIORS = ("guard", "always", "never")
# Those that have a plain word for their shape, from the freest to the simplest: quick to search.
PLAIN_MODELS = ("VVV", "EEE", "VVI", "VII")
# Up to so many rows all 14 models are searched unless somebody chooses: it takes seconds. Beyond,
# the four to seven times that the plain ones take are minutes that should be asked for.
ROWS_FOR_ALL_MODELS = 5_000
# Nobody reads a mixture of more, and every number of a range is a fit for each model: what is kept
# of them, before the first is begun, would fill the memory where the range has no end.
MOST_CLUSTERS = 1_000
MOST_REPEATED = 1_000_000_000  # starts of a model, iterations of a fit: no run ends with more
MOST_KNOWN = 100_000  # rows marked by hand; more are better told by a column of labels


def models_for(n_rows: int) -> tuple[str, ...]:
    """The models that are searched in a table of so many rows unless somebody chooses."""
    return tuple(MODELS) if n_rows <= ROWS_FOR_ALL_MODELS else PLAIN_MODELS


class KnownRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rows, numbered from 1, that are known to belong to a cluster, from 1; 0 is no cluster."""

    cluster: Annotated[int, Meta(ge=0, le=MOST_CLUSTERS)]
    rows: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(max_length=MOST_KNOWN)]

    def __post_init__(self) -> None:
        if not 0 <= self.cluster <= MOST_CLUSTERS or min(self.rows, default=1) < 1:
            raise UsageError(
                "Clusters and rows are numbered from 1.", "Cluster 0 stands for no cluster."
            )
        if len(self.rows) > MOST_KNOWN:
            raise UsageError(
                f"{len(self.rows):,} rows are too many to be marked by hand.",
                f"Mark at most {MOST_KNOWN:,}, or name a column with their labels.",
            )


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mixture that a fit starts from: weights (K,), means (K, d) and covariances (K, d, d).

    In the prepared `columns` (d,), in the units of the file; `said` tells in words what it is. One
    that `goes_on` is where a fit that had begun from the program's own starts had got to.
    """

    said: str
    columns: tuple[str, ...]
    weights: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...]
    goes_on: bool = False

    @classmethod
    def of(
        cls, mixture: Parameters, columns: tuple[str, ...], said: str, *, goes_on: bool = False
    ) -> Start:
        """The components of `mixture`."""
        return cls(
            said=said,
            columns=columns,
            weights=tuple(mixture.weights.tolist()),
            means=tuple(map(tuple, mixture.means.tolist())),
            covariances=tuple(tuple(map(tuple, one)) for one in mixture.covariances.tolist()),
            goes_on=goes_on,
        )

    def __post_init__(self) -> None:
        K, d = len(self.weights), len(self.columns)
        shapes = [len(self.means) == K, len(self.covariances) == K]
        shapes += [len(mean) == d for mean in self.means]
        shapes += [len(one) == d and all(len(row) == d for row in one) for one in self.covariances]
        if not K or not all(shapes):
            raise UsageError("The start of the fit is no mixture.", "Start from another one.")

    def mixture(self) -> Parameters:
        """The same as arrays."""
        return Parameters(np.array(self.weights), np.array(self.means), np.array(self.covariances))


class Searched(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a search went: its numbers of clusters, and its models."""

    k_min: Annotated[int, Meta(ge=1, le=MOST_CLUSTERS)]
    k_max: Annotated[int, Meta(ge=1, le=MOST_CLUSTERS)]
    models: Annotated[tuple[str, ...], Meta(min_length=1)]

    @classmethod
    def by(cls, settings: Settings) -> Searched:
        """What `settings` ask for."""
        models = tuple(MODEL_ALIASES.get(model, model) for model in settings.models)
        return cls(k_min=settings.k_min, k_max=settings.k_max, models=models)

    @property
    def numbers(self) -> str:
        """Of clusters, in words."""
        low, high = self.k_min, self.k_max
        return f"{low}" if low == high else f"{low}\N{EN DASH}{high}"

    def within(self, settings: Settings) -> Settings:
        """The settings of such a search, otherwise like these; raises UsageError."""
        return msgspec.structs.replace(
            settings, k_min=self.k_min, k_max=self.k_max, models=self.models
        )

    def has_begun(self, other: Searched) -> bool:
        """Whether this is the same search, which may have gone less far."""
        return (self.k_min, self.models) == (other.k_min, other.models)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that determines an analysis besides the table itself.

    An empty `columns` means every recommended column. `k_min` equal to `k_max` and one model
    make a single fit; otherwise every combination is fitted and `criterion` chooses. Rows with
    `missing` values are left out ("leave-out") or used through the others ("em"). With `noise`
    some rows may belong to no cluster. The `prior` keeps clusters from collapsing: where they would
    ("guard"), in every fit ("always") or in none ("never"). The `steps` that are on prepare rows
    and columns, in their order, before they are scaled. Rows that are `known` belong to clusters of
    these numbers; the labels in `known_column` say the same, sorted, of the others, where they are
    not empty. `forbidden` rows do not belong to clusters of these numbers, which are those of the
    `start`: without one numbers mean nothing. With a `start` there is one fit of as many
    components, from there, by EM alone. Raises UsageError for values out of range.
    """

    columns: tuple[str, ...] = ()
    k_min: int = 1
    k_max: int = 9
    models: tuple[str, ...] = tuple(MODELS)
    criterion: str = "bic"
    seed: int = 0
    restarts: int = 10
    scaling: str = "standard"
    missing: str = "leave-out"
    tol: float = 1e-5
    max_iter: int = 1000
    regularization: float = 0.0
    noise: bool = False
    prior: str = "guard"
    steps: tuple[Step, ...] = ()
    known: tuple[KnownRows, ...] = ()
    known_column: str = ""
    forbidden: tuple[KnownRows, ...] = ()
    start: Start | None = None

    @property
    def chose_start(self) -> bool:
        """Whether the user chose where the fit starts: going on with one is no choice."""
        return self.start is not None and not self.start.goes_on

    def __post_init__(self) -> None:
        if not 1 <= self.k_min <= self.k_max:
            raise UsageError(
                f"The number of clusters {self.k_min}-{self.k_max} is no range.",
                "Give a whole number from 1 up, or a range such as 1-9.",
            )
        if self.k_max > MOST_CLUSTERS:
            raise UsageError(
                f"{self.k_max:,} clusters are too many.", f"Ask for at most {MOST_CLUSTERS:,}."
            )
        check_seed(self.seed)
        for name, number in (("restarts", self.restarts), ("iterations", self.max_iter)):
            if not 1 <= number <= MOST_REPEATED:
                raise UsageError(
                    f"{number:,} {name} cannot be made.",
                    f"Give a whole number from 1 to {MOST_REPEATED:,}.",
                )
        if not self.models:
            raise UsageError("No model was chosen.", f"Choose from {', '.join(MODELS)}.")
        for model in self.models:
            if MODEL_ALIASES.get(model, model) not in MODELS:
                raise UsageError(
                    f"There is no model '{model}'.", f"Choose from {', '.join(MODELS)}."
                )
        for value, allowed, what in (
            (self.criterion, CRITERIA, "criterion"),
            (self.scaling, SCALINGS, "scaling"),
            (self.missing, MISSING, "way to treat missing values"),
            (self.prior, PRIORS, "use of the prior"),
        ):
            if value not in allowed:
                raise UsageError(
                    f"There is no {what} '{value}'.", f"Choose one of {', '.join(allowed)}."
                )
        if any(not 1 <= one.cluster <= MOST_FORBIDDEN for one in self.forbidden):
            raise UsageError(
                "Rows can be kept out of the first clusters only.",
                f"Name clusters from 1 to {MOST_FORBIDDEN}.",
            )
