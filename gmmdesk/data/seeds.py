"""What can be a seed: everywhere the same, in settings, steps and samples of rows."""

from __future__ import annotations

from gmmdesk.errors import UsageError

# As many digits as a cell of a spreadsheet keeps: no number box, file or workbook changes a seed.
MOST_SEED = 10**15 - 1
# What could be given formerly, and stands in sessions and settings of then.
LARGEST_SEED = 2**63 - 1


def check_seed(seed: int) -> None:
    """Raise UsageError for a number that was never a seed."""
    _check(seed, LARGEST_SEED)


def seed(text: str) -> int:
    """The seed that somebody types; raises UsageError, or ValueError for no whole number."""
    number = int(text)
    _check(number, MOST_SEED)
    return number


def _check(number: int, most: int) -> None:
    if not 0 <= number <= most:
        raise UsageError(f"{number:,} is no seed.", f"Give a whole number from 0 to {MOST_SEED:,}.")
