"""Which clusters overlap is decided by the share that is told."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis.overlaps import SOME, could_be, overlapping


def test_a_share_that_is_told_as_the_limit_is_at_it():
    """Else nothing shares 2 % beside a table that says 2.0 %."""
    shares = np.array([[0.9803, 0.0197], [0.0192, 0.9808]])
    (pair,) = overlapping(shares, 2, SOME)
    assert could_be(pair, "AB") == "2.0 % of A could be B"
    assert overlapping(np.array([[0.981, 0.019], [0.01, 0.99]]), 2, SOME) == []
