"""How many cases a property is tried with: few in the suite, many where somebody asks for them.

GMMDESK_FUZZ=10000 in the environment asks for so many of each. Tests that it makes long are run
without the limit on their time: -o timeout=0.
"""

from __future__ import annotations

import os


def cases(usually: int) -> int:
    """The number of cases to try where it is `usually` this one."""
    return int(os.environ.get("GMMDESK_FUZZ", usually))
