"""What can go wrong, in the user's words.

Every error that a user can cause is a `GmmdeskError`: a message that names the thing and what is
wrong with it, and a hint that says what to try. Anything else that escapes is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Sequence


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


class DataError(GmmdeskError):
    """A table that cannot be clustered as asked."""


class FitError(GmmdeskError, ValueError):
    """A mixture that cannot be fitted to these rows.

    `column` (0-based) is the one at fault, if one is; the message calls it "Column N" from 1,
    and `naming` puts its name there.
    """

    def __init__(self, message: str, hint: str = "", column: int | None = None) -> None:
        super().__init__(message, hint)
        self.column = column

    def naming(self, columns: Sequence[str]) -> FitError:
        """The same error about the column's name."""
        if self.column is None:
            return self
        named = f"Column '{columns[self.column]}'"
        return FitError(self.message.replace(f"Column {self.column + 1}", named, 1), self.hint)


class ExportError(GmmdeskError):
    """A result that cannot be written as asked."""


class Cancelled(Exception):  # noqa: N818 - the user's wish, not an error
    """The user stopped the work."""
