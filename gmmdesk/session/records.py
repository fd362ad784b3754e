"""The records of a session file as they stand in its JSON, and how they become a session again.

What is an array in memory stands beside the JSON, under the name it has here; see `arrays`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gmmdesk.analysis import Settings
from gmmdesk.analysis.attempts import MOST_ATTEMPTS
from gmmdesk.analysis.described import Obstacle
from gmmdesk.analysis.settings import MOST_CLUSTERS, Searched
from gmmdesk.data.dataset import Receipt
from gmmdesk.data.options import ReadOptions
from gmmdesk.engine import ConjugatePrior, FitSpec, Resampled, StopReason, Trust
from gmmdesk.session.answer import Answer
from gmmdesk.session.past import MAX_FINDINGS, MAX_STEPS, Past
from gmmdesk.session.view import ViewState

FORMAT: Final = "gmmdesk-session"
VERSION: Final = 12

Count = Annotated[int, Meta(ge=0, le=2**53)]
Color = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$")]
Name = Annotated[str, Meta(min_length=1, max_length=100_000)]
Told = Annotated[str, Meta(max_length=1_000_000)]
Followed = Annotated[tuple[Count, ...], Meta(max_length=MOST_CLUSTERS)]
Signs = Annotated[
    tuple[Annotated[int, Meta(ge=0, lt=MOST_CLUSTERS)], ...], Meta(max_length=MOST_CLUSTERS)
]
Suggested = Annotated[tuple[Name, ...], Meta(max_length=MOST_CLUSTERS)]
Level = Annotated[float, Meta(gt=0, lt=1)]
MAX_HALVES = 10_000
Agreements = Annotated[
    tuple[Annotated[float, Meta(ge=-1.0, le=1.0)], ...], Meta(max_length=MAX_HALVES)
]
Tables = Annotated[tuple[tuple[tuple[Count, ...], ...], ...], Meta(max_length=MAX_HALVES)]
_PLAIN = ViewState()
# What JSON has no word for, a number that is none, is null there.
Number = float | None


Sha256 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]


class DataReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table: where it came from, how it was read, and whether the user wants it in the session.

    `path` is absolute, `relative` the way there from the session's folder; both None where there is
    no file: `source` then is "sample:NAME" or "clipboard". `sha256` is that of the bytes read,
    empty where rows are generated. `catalog` names the file beside it that says what values mean.
    """

    name: str
    source: str
    path: str | None = None
    relative: str | None = None
    sha256: Sha256 = ""
    catalog: str = ""
    catalog_sha256: Sha256 = ""
    n_bytes: Count = 0
    options: ReadOptions = ReadOptions()
    embedded: bool = False


class ColumnRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A column of an embedded table, besides its cells.

    `words` are its other fields that are text, by name, where they are not empty. `missing_words`
    are those that stand for a missing value in this column only.
    """

    name: str
    kind: str
    n_missing: Count
    reason: str = ""
    has_parsed: bool = False
    has_unreadable: bool = False
    words: dict[str, str] = {}
    missing_words: tuple[str, ...] = ()


class TableRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An embedded table, besides its cells."""

    name: str
    columns: tuple[ColumnRecord, ...]
    receipt: Receipt
    n_rows: Count


class SpecRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `FitSpec`."""

    n_components: int
    model: str
    seed: int
    restarts: int
    tol: float
    max_iter: int
    regularization: float
    noise: bool
    missing: str
    prior: ConjugatePrior | None
    guard: str

    @classmethod
    def of(cls, spec: FitSpec) -> SpecRecord:
        return cls(**{field: getattr(spec, field) for field in cls.__struct_fields__})

    def spec(self) -> FitSpec:
        """The spec again; raises UsageError for values out of range."""
        return FitSpec(**{field: getattr(self, field) for field in self.__struct_fields__})


class ErrorRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `FitError`; its rows stand beside."""

    text: str
    hint: str
    column: Count | None = None
    n_rows: Count | None = None


class FitRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `FitResult`; its arrays stand beside."""

    model: str
    n_components: Annotated[int, Meta(ge=1)]
    log_likelihood: float
    log_certainty: float
    n_parameters: Count
    n_rows: Annotated[int, Meta(ge=2)]
    n_iterations: Count
    ending: StopReason
    n_sampled: Count
    size: Annotated[float, Meta(gt=0)]
    regularization: float = 0.0
    mended: tuple[Count, ...] = ()
    collapsed: Count | None = None
    collapse_kept: bool = False
    n_collapse_rows: Count = 0
    n_guarded: Count | None = None
    missing: bool = False
    has_cells: bool = False
    noise_weight: Annotated[float, Meta(ge=0, lt=1)] | None = None


class TriedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `Tried`: either a fit or an error."""

    spec: SpecRecord
    error: ErrorRecord | None = None
    fit: FitRecord | None = None


class NoiseRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `NoiseRows`."""

    n_rows: Count
    weight: float
    certainty: Number


Event = Literal["", "chosen", "moved", "kept", "again"]  # see `FitProgress`


class TrailRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all steps of a trail have in common; the steps stand beside, but for their events."""

    candidate: Count
    model: str
    n_candidates: Count
    noise: bool
    events: Annotated[tuple[Event, ...], Meta(max_length=4096)] = ()


class AttemptRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `Attempt`."""

    n_components: Annotated[int, Meta(ge=1)]  # doubts are told as shares of them
    n_agreeing: Count
    n_starts: Count
    n_same: Count
    n_halves: Count
    n_doubts: Count
    remedy: Told = ""  # which may name a column, or two
    series: Told = ""
    is_merged: bool = False


class DescribedRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `Described`."""

    before: float
    now: float
    is_bent: bool = False
    n_powers: tuple[Count, Count] = (0, 0)
    obstacle: Obstacle = ""
    has_prior: bool = False


class DifferenceRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `Difference`."""

    together: Annotated[tuple[tuple[Count, ...], ...], Meta(min_length=1)]
    names: Annotated[tuple[Name, ...], Meta(min_length=1)]
    n_rows: tuple[Count, Count]
    attempts: Annotated[tuple[AttemptRecord, ...], Meta(max_length=MOST_ATTEMPTS)] = ()
    described: DescribedRecord | None = None


class AnswerRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `Answer` and `Finding`.

    Where components are `combined`, that has for each the one that it goes by; else it is empty.
    So are `signs` where each has the program's colour and shape of its number. `outlier_level` is
    None where the user has chosen none. `suggested` are those of the names that nobody typed.
    """

    settings: Settings
    columns: Annotated[tuple[str, ...], Meta(min_length=1)]
    tried: Annotated[tuple[TriedRecord, ...], Meta(min_length=1)]
    best: Count
    trust: Trust
    noise: NoiseRecord | None = None
    trail: TrailRecord | None = None
    stopped_early: bool = False
    elapsed: Annotated[float, Meta(ge=0)] = 0.0
    names: tuple[tuple[Count, Name], ...] = ()
    colors: tuple[tuple[Count, Color], ...] = ()
    combined: Followed = ()
    signs: Signs = ()
    outlier_level: Level | None = None
    difference: DifferenceRecord | None = None
    suggested: Suggested = ()
    after: tuple[Searched, ...] = ()


class GivenRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer in the past: which fit it is of, and the names and colours that were given.

    And which components are `combined`, their `signs`, the `outlier_level` and the names that were
    `suggested`, as in an `AnswerRecord`.
    """

    fit: Count
    names: tuple[tuple[Count, Name], ...] = ()
    colors: tuple[tuple[Count, Color], ...] = ()
    combined: Followed = ()
    signs: Signs = ()
    outlier_level: Level | None = None
    suggested: Suggested = ()


class StateRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `State`; `settings` is None where they are those of the state before.

    So are `options`; None at first stands for those with which the session's table is read.
    `selected` is the number of the rows that were selected, None where that is not known.
    """

    settings: Settings | None = None
    answer: GivenRecord | None = None
    options: ReadOptions | None = None
    selected: Count | None = None


class PastRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See `Past`. Fits are counted: the one of the session's answer, if it has one, then these.

    Rows that were selected are counted too: `tables` tells how many rows the table had each time,
    of which the archive has the bits, one after the other. `agreements` and `shared` are those of
    the `answers`, as in a `SessionRecord`.
    """

    states: Annotated[tuple[StateRecord, ...], Meta(min_length=1, max_length=MAX_STEPS + 1)]
    texts: Annotated[tuple[Name, ...], Meta(max_length=MAX_STEPS)] = ()
    at: Count = 0
    is_cut: bool = False
    answers: Annotated[tuple[AnswerRecord, ...], Meta(max_length=MAX_FINDINGS)] = ()
    agreements: Annotated[tuple[Agreements, ...], Meta(max_length=MAX_FINDINGS)] = ()
    shared: Annotated[tuple[Tables, ...], Meta(max_length=MAX_FINDINGS)] = ()
    tables: Annotated[tuple[Count, ...], Meta(max_length=MAX_STEPS + 1)] = ()


class SessionRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The JSON of a session file. `saved` is ISO 8601 with the offset from UTC.

    `kept_for` is the user's session file where this is a copy of it, kept for a crash;
    `agreements` how far halves of the rows led to the clusters of the answer, `shared` how many
    rows their clusters share with those, see `Resampled`.
    """

    format: Literal["gmmdesk-session"]
    version: Literal[12]
    program_version: str
    saved: str
    data: DataReference
    table: TableRecord | None = None
    settings: Settings
    answer: AnswerRecord | None = None
    past: PastRecord | None = None
    view: ViewState = ViewState()
    kept_for: str | None = None
    agreements: Agreements = ()
    shared: Tables = ()


@dataclass(frozen=True, slots=True)
class Session:
    """What a session file is about: the table, the choices, the answer and how it is looked at.

    `selected` are the bits of the selected rows, see `RowSet`; empty where there are none. For the
    rest see `SessionRecord`.
    """

    data: DataReference
    settings: Settings
    answer: Answer | None = None
    view: ViewState = _PLAIN
    saved: str = ""
    kept_for: Path | None = None
    past: Past | None = None
    selected: bytes = b""
    resampled: Resampled | None = None


def number(value: float) -> Number:
    return value if math.isfinite(value) else None


def nan_or(value: Number) -> float:
    return math.nan if value is None else value
