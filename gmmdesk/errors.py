"""What can go wrong, in the user's words.

Every error that a user can cause is a `GmmdeskError`: a message that names the thing and what is
wrong with it, and a hint that says what to try. Anything else that escapes is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # errors are needed before numpy is loaded
    import numpy as np
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]


class GmmdeskError(Exception):
    """Something the user can mend. `message` says what and where, `hint` what to try."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(GmmdeskError):
    """Settings or arguments that do not fit together."""


class ReadError(GmmdeskError):
    """A file that cannot be read as a table."""


class TooLargeError(ReadError):
    """A file that needs more memory than there is.

    `n_bytes` are needed, `available` are free; the file has about `n_rows`, of which `n_fitting`
    would have room, None where that is not known. Where it not `can_sample`, drawing rows at random
    would take as much, as all are read for that.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        n_bytes: int,
        available: int,
        n_rows: int | None = None,
        n_fitting: int | None = None,
        can_sample: bool = True,
    ) -> None:
        super().__init__(message, hint)
        self.can_sample = can_sample
        self.n_bytes = n_bytes
        self.available = available
        self.n_rows = n_rows
        self.n_fitting = n_fitting

    def figures(self) -> dict[str, int | None]:
        """What there is besides words, by name, as it is given to make such an error."""
        names = ("n_bytes", "available", "n_rows", "n_fitting", "can_sample")
        return {name: getattr(self, name) for name in names}


class DataError(GmmdeskError):
    """A table that cannot be clustered as asked."""


class FitError(GmmdeskError, ValueError):
    """A mixture that cannot be fitted to these rows.

    `column`, `rows` and `component` (all 0-based) are those at fault, if some are. In `text`,
    "{column}", "{rows}" and "{component}" stand for them: `message` counts them from 1, `naming`
    says what the user calls them.
    """

    def __init__(
        self,
        text: str,
        hint: str = "",
        column: int | None = None,
        rows: IntArray | None = None,
        component: int | None = None,
    ) -> None:
        self.text = text
        self.column = column
        self.rows = rows
        self.component = component
        name = "" if column is None else f"{column + 1}"
        super().__init__(self._said(name, rows, _numbered(component)), hint)

    def naming(
        self, columns: Sequence[str], numbers: IntArray, component: str = "", hint: str = ""
    ) -> FitError:
        """The same error where column j is called columns[j] and row i is called numbers[i].

        Its component is called `component`, and its hint is another `hint`, if these are given.
        """
        name = "" if self.column is None else f"'{columns[self.column]}'"
        rows = None if self.rows is None else numbers[self.rows] - 1
        said = self._said(name, rows, component or _numbered(self.component))
        return FitError(said, hint or self.hint)

    def _said(self, column: str, rows: IntArray | None, component: str) -> str:
        if not column and rows is None and not component:
            return self.text
        said = self.text.format(
            column=f"column {column}",
            rows="" if rows is None else _named_rows(rows),
            component=component,
        )
        return said[:1].upper() + said[1:]


def _numbered(component: int | None) -> str:
    """A component (0-based) by its number, from 1; empty for none."""
    return "" if component is None else f"component {component + 1}"


def row_numbers(rows: IntArray) -> str:
    """The first of `rows` (0-based) as people count them, from 1: "8, 10"."""
    return ", ".join(f"{row + 1}" for row in rows[:5]) + (", ..." if len(rows) > 5 else "")


def _named_rows(rows: IntArray) -> str:
    return f"row{'s' * (len(rows) > 1)} {row_numbers(rows)}"


class ExportError(GmmdeskError):
    """A result that cannot be written as asked."""


class Cancelled(Exception):  # noqa: N818 - the user's wish, not an error
    """The user stopped the work."""
