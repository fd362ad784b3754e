"""Selected rows along one column: how many in each bar, and which lie in a range."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis.axes import MapAxis
from gmmdesk.analysis.selected import used_places
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.drawing.enclosed import Rectangle


def selected_counts(
    values: FloatArray, edges: FloatArray, prepared: Prepared, selected: RowSet | None
) -> IntArray | None:
    """How many selected rows there are between the `edges` (b + 1,), (b,); None without any.

    `values` (n,) are those of the used rows along an axis.
    """
    if selected is None or not selected.count or selected.n_rows != len(prepared.left_out):
        return None
    chosen = values[used_places(selected, prepared)]
    return np.histogram(chosen[~np.isnan(chosen)], edges)[0]


def rows_in_rectangle(
    prepared: Prepared, axes: tuple[MapAxis, MapAxis], outline: Rectangle
) -> RowSet:
    """The used rows that lie inside a rectangle along two axes."""
    x, y = (axis.values(prepared) for axis in axes)
    mask = np.zeros(len(prepared.left_out), np.bool_)
    mask[prepared.rows] = outline.holds(x, y)
    return RowSet.of_mask(mask)


def rows_in_range(prepared: Prepared, axis: MapAxis, low: float, high: float) -> RowSet:
    """The used rows between two values of an axis, these included."""
    values = axis.values(prepared)
    mask = np.zeros(len(prepared.left_out), np.bool_)
    mask[prepared.rows] = (values >= low) & (values <= high)
    return RowSet.of_mask(mask)
