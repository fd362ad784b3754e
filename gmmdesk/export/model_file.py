"""What a model file holds: a fitted mixture as JSON, without the rows."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gmmdesk.data.steps.fitted import FittedStep
from gmmdesk.export.provenance import Provenance

FORMAT: Final = "gmmdesk-model"
VERSION: Final = 1
MAX_BYTES = 256 * 2**20  # room for 9 clusters in 800 columns

Weight = Annotated[float, Meta(gt=0, le=1)]
Name = Annotated[str, Meta(min_length=1)]
Unit = Annotated[str, Meta(min_length=1, max_length=1000)]


class Scaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How columns were scaled while fitting: scaled = (original - center) / scale.

    Where there are `steps`, `original` are the columns that they lead to.
    """

    method: str
    center: tuple[float, ...]
    scale: tuple[float, ...]


class Criteria(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`log_likelihood` is the total in nats; of bic, icl and aic lower is better."""

    log_likelihood: float
    n_parameters: Annotated[int, Meta(ge=1)]
    bic: float
    icl: float
    aic: float


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """origin + edges @ u, u in [0, 1]^d: d entries, and d x d with an edge in each column."""

    origin: tuple[float, ...]
    edges: tuple[tuple[float, ...], ...]


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rows of no cluster: evenly spread over the box origin + edges @ u, u in [0, 1]^d.

    `origin` has d entries, `edges` is d x d with an edge in each column, `log_density` is minus
    the logarithm of the box's volume, in nats. `weight` adds to those of the clusters.
    """

    weight: Annotated[float, Meta(ge=0, lt=1)]
    log_density: float
    origin: tuple[float, ...]
    edges: tuple[tuple[float, ...], ...]


class Fitted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same mixture on the scale on which it was fitted, where offsets cost no digits.

    `means` is K x d, `covariances` is K x d x d, `noise` the box of the noise, if there is some.
    """

    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...]
    noise: Box | None = None


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the numbers in the `inputs` of a table become the model's columns.

    `fitted` are the steps in their order, with what they have learnt: see `gmmdesk.data.steps`.
    Rows with `missing` cells are left out ("leave-out") or keep the others ("em"). `columns` are
    those that the steps lead to, such as "PC1", where the model's are those of the file.
    """

    inputs: Annotated[tuple[Name, ...], Meta(min_length=1)]
    missing: Literal["leave-out", "em"] = "leave-out"
    fitted: tuple[FittedStep, ...]
    columns: tuple[Name, ...] | None = None


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mixture of K components in d columns, in the units of the file it was fitted to.

    Each component is a cluster of one of the `cluster_names`, unless `clusters` says for each, from
    1, which it is a part of: then components with the same number are one cluster.
    `weights` has K entries, `means` is K x d, `covariances` is K x d x d; there is `noise` where
    rows may belong to no cluster. Where `steps` have put all principal components in place of
    columns, the model is in those of the file all the same. Where they have bent a column or lost
    something of it, `columns` and all that is in their units are those that the steps lead to,
    such as "log(income)" or "PC1".
    `units` are what the file said its columns are in, of those of which it said something.
    `fitted` is the mixture on the scale of the fit, to the last digit: who applies the model to the
    file it was fitted to gets the same numbers.
    Rows are outliers where less than `outlier_level` of their cluster's should lie as far out; a
    file without it means 0.001.
    """

    format: Literal["gmmdesk-model"]
    version: Literal[1]
    columns: Annotated[tuple[Name, ...], Meta(min_length=1)]
    scaling: Scaling
    model: Annotated[str, Meta(pattern="^([EV][EVI][EVI]|[EV])$")]
    weights: Annotated[tuple[Weight, ...], Meta(min_length=1)]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...]
    noise: Noise | None = None
    fitted: Fitted | None = None
    steps: Steps | None = None
    units: dict[Name, Unit] | None = None
    clusters: tuple[Annotated[int, Meta(ge=1)], ...] | None = None
    cluster_names: tuple[Name, ...]
    outlier_level: Annotated[float, Meta(gt=0, lt=1)] | None = None
    criteria: Criteria
    provenance: Provenance
