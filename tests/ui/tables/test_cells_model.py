"""What single cells were read as, in words that leave no doubt."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt

from gmmdesk.data.dataset import CellReading
from gmmdesk.ui.tables.cells_model import CellsModel


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1001, "1001"),
        (-5, "−5"),
        (1234.5, "1234.5"),
        (-1234567.25, "−1234567.25"),
        (math.inf, "inf"),
        (True, "true"),
        ("-1,5", "-1,5"),  # as it stands there
        (None, "–"),
    ],
)
def test_a_value_has_no_marks_between_its_digits(qapp, value, shown):
    model = CellsModel([CellReading(1, 2, "a", "?", value)], "Line", with_values=True)
    last = model.index(0, model.columnCount() - 1)
    assert last.data(Qt.ItemDataRole.DisplayRole) == shown
