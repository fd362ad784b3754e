"""The steps that a user asks for between the table and the fit: validated, frozen, JSON-able."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from gmmdesk.data.conditions import OPERATORS, PRESENCE
from gmmdesk.data.limits import MAX_COLUMNS
from gmmdesk.data.seeds import check_seed
from gmmdesk.errors import UsageError

POWERS = ("box-cox", "yeo-johnson")


class _Step(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="step"
):
    """What all steps have: one that is not `on` is kept in the list and does nothing."""

    on: bool = True


class LeaveOutWhere(_Step, frozen=True, tag="leave-out"):
    """Leave out the rows whose cell in `column` fulfils the condition, and say the `reason`."""

    column: str
    operator: str
    value: float | str | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise UsageError(
                f"There is no condition '{self.operator}'.", f"Choose from {' '.join(OPERATORS)}."
            )
        if self.operator not in PRESENCE and self.value is None:
            raise UsageError(
                f"The condition '{self.column} {self.operator}' has nothing to compare with.",
                "Give a number or a text.",
            )
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise UsageError(f"No row can be compared with {self.value}.", "Give a finite number.")


class LeaveOutRows(_Step, frozen=True, tag="leave-out-rows"):
    """Leave out the `rows` chosen by hand, counted from 1 below the header, for a `reason`."""

    rows: tuple[int, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.rows or min(self.rows) < 1:
            raise UsageError("No row was chosen to leave out.", "Rows are counted from 1.")


class DropColumn(_Step, frozen=True, tag="drop"):
    """Do without a `column`, such as one with many missing values, for a `reason`."""

    column: str
    reason: str = ""


class Logarithm(_Step, frozen=True, tag="log"):
    """The natural logarithm of column + `shift` in place of each of the `columns`."""

    columns: tuple[str, ...]
    shift: float = 0.0

    def __post_init__(self) -> None:
        _check_columns(self.columns)
        if not math.isfinite(self.shift):
            raise UsageError(f"{self.shift} cannot be added to a column.", "Give a finite number.")


class Power(_Step, frozen=True, tag="power"):
    """The power transformation that makes each of the `columns` most like a Gaussian.

    Box and Cox (1964) for positive numbers, Yeo and Johnson (2000) for any.
    """

    columns: tuple[str, ...]
    method: str = "yeo-johnson"

    def __post_init__(self) -> None:
        _check_columns(self.columns)
        if self.method not in POWERS:
            raise UsageError(
                f"There is no power transformation '{self.method}'.",
                f"Choose {' or '.join(POWERS)}.",
            )


class Indicators(_Step, frozen=True, tag="indicators"):
    """A column of 0 and 1 for each category of `column` but the most frequent one."""

    column: str


class PrincipalComponents(_Step, frozen=True, tag="components"):
    """The principal components in place of all columns.

    As many as hold a `share` of the variance, or `number` of them.
    """

    share: float | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        if (self.share is None) == (self.number is None):
            raise UsageError(
                "How many principal components are wanted?",
                "Give the share of the variance that they hold, or their number.",
            )
        if self.share is not None and not 0.0 < self.share <= 1.0:
            raise UsageError(f"{self.share} is no share of the variance.", "Give 0.9 for 90 %.")
        if self.number is not None and self.number < 1:
            raise UsageError(f"{self.number} principal components say nothing.", "Give 1 or more.")
        if self.number is not None and self.number > MAX_COLUMNS:
            raise UsageError(
                f"{self.number:,} principal components are more than any table has columns.",
                "Give fewer, or the share of the variance that they hold.",
            )


class HoldOut(_Step, frozen=True, tag="hold-out"):
    """Keep a `share` of the rows, drawn with `seed`, out of the fit and judge it on them."""

    share: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise UsageError(f"{self.share} is no share of the rows.", "Give 0.2 for a fifth.")
        check_seed(self.seed)


Step = (
    LeaveOutWhere
    | LeaveOutRows
    | DropColumn
    | Logarithm
    | Power
    | Indicators
    | PrincipalComponents
    | HoldOut
)


def rows_by_hand(steps: Sequence[Step]) -> set[int]:
    """The numbers of the rows that `steps` leave out by hand."""
    by_hand = (one.rows for one in steps if isinstance(one, LeaveOutRows) and one.on)
    return set().union(*by_hand)


def _check_columns(columns: Sequence[str]) -> None:
    if not columns:
        raise UsageError("The step names no column.", "Name the columns that it is for.")
    if len(set(columns)) < len(columns):
        raise UsageError("The step names a column twice.", "Name each column once.")
