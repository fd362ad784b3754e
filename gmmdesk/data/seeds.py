"""What can be a seed: everywhere the same, in settings, steps and samples of rows."""

from __future__ import annotations

from gmmdesk.errors import UsageError

# As many digits as a cell of a spreadsheet keeps: no number box, file or workbook changes a seed.
MOST_SEED = 10**15 - 1


def check_seed(seed: int) -> None:
    """Raise UsageError for a number that is no seed."""
    if not 0 <= seed <= MOST_SEED:
        raise UsageError(f"{seed:,} is no seed.", f"Give a whole number from 0 to {MOST_SEED:,}.")
