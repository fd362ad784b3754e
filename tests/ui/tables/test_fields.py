"""What the table of rows has to show beside the cells of the file."""

from __future__ import annotations

from gmmdesk.data.steps import parse_step
from gmmdesk.ui.tables.fields import fields_of

from ..conftest import find_clusters


def test_held_out_rows_are_marked_where_there_are_some(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    names = [field.name for field in fields_of(iris.dataset, iris.analysis, iris.names)]
    assert "Held out" not in names
    find_clusters(qtbot, iris, 2, steps=(parse_step("hold-out share=0.2 seed=1"),))
    fields = fields_of(iris.dataset, iris.analysis, iris.names)
    (held_out,) = [field for field in fields if field.name == "Held out"]
    said = [held_out.cell(row) for row in range(iris.dataset.n_rows)]
    assert said.count("yes") == 30
    assert said.count("no") == 120
