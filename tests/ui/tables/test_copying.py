"""What the clipboard gets of rows."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from gmmdesk.errors import UsageError
from gmmdesk.ui.tables.copying import copied
from gmmdesk.ui.tables.fields import ColumnField, fields_of

from ..conftest import find_clusters


def test_blanks_inside_cells_stay_and_line_ends_do_not():
    dataset = read_text('a\tb\n"x  y"\t1\n"p\nq"\t2\n\t3\n')
    fields = fields_of(dataset, None, ())
    rows = np.arange(3)
    assert copied(fields, rows) == "a\tb\nx  y\t1\np q\t2\n\t3"
    assert copied(fields, rows[::-1]).split("\n")[1:] == ["\t3", "p q\t2", "x  y\t1"]
    with pytest.raises(UsageError, match="more than 5 characters"):
        copied(fields, rows, most=5)


def test_every_field_is_copied_as_it_is_shown(qtbot, iris):
    lines = ("leave-out-rows 1-3 reason=wet", "hold-out share=0.2 seed=1")
    find_clusters(qtbot, iris, 2, steps=tuple(map(parse_step, lines)))
    fields = fields_of(iris.dataset, iris.analysis, iris.names)
    rows = np.array([149, 0, 5, 2, 80])
    table = [line.split("\t") for line in copied(fields, rows).split("\n")]
    assert table[0] == [field.name for field in fields]
    rest = iris.analysis.prepared.rows.tolist()
    sure = dict(zip(rest, iris.analysis.rows.probability.tolist(), strict=True))
    said = {"How sure": [str(sure.get(row, "")) for row in rows.tolist()]}
    for j, field in enumerate(fields):
        if not isinstance(field, ColumnField):
            shown = said.get(field.name, [field.cell(row) for row in rows])
            assert [line[j] for line in table[1:]] == shown, field.name
    at = table[0].index("Left out")
    assert table[2][at] == table[4][at] == "wet"
