"""The bars of a column whose rows are coloured by codes."""

from __future__ import annotations

from gmmdesk.analysis import bars
from gmmdesk.analysis.bars import Bars
from gmmdesk.data.dataset import FloatArray
from gmmdesk.ui.drawing.shading import CodeArray, groups_of


def count_bars(
    values: FloatArray, codes: CodeArray | None, n_clusters: int, fineness: float = 1.0
) -> Bars:
    """As `gmmdesk.analysis.bars.count_bars`, for rows with these `codes`."""
    groups = None if codes is None else lambda part: groups_of(codes[part])
    return bars.count_bars(values, groups, n_clusters, fineness)
