"""What can be a seed: everywhere the same, in settings, steps and samples of rows."""

from __future__ import annotations

from gmmdesk.errors import UsageError

# As many digits as a cell of a spreadsheet keeps: what a number box can be set to.
MOST_SEED = 10**15 - 1
# What could be given formerly, and stands in sessions, commands and reports of then.
LARGEST_SEED = 2**63 - 1


def check_seed(seed: int) -> None:
    """Raise UsageError for a number that was never a seed."""
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageError(f"{seed:,} is no seed.", f"Give a whole number from 0 to {MOST_SEED:,}.")


def seed(text: str) -> int:
    """The seed in a command; raises UsageError, or ValueError for no whole number."""
    number = int(text)
    check_seed(number)
    return number
