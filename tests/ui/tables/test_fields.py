"""What the table of rows has to show beside the cells of the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from gmmdesk.engine import Resampled
from gmmdesk.ui.tables.fields import ColumnField, fields_of

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


def test_how_sure_is_in_brackets_where_clusters_are_unstable(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    for agreements, title in (((0.1,) * 50, "(How sure)"), ((1.0,) * 50, "How sure")):
        analysis = replace(iris.analysis, resampled=Resampled(agreements))
        fields = fields_of(iris.dataset, analysis, iris.names)
        (found,) = [field for field in fields if field.name == "How sure"]  # as conditions say it
        assert found.title == title
        assert ("they are unstable" in found.tip) == (title != "How sure")


def test_negative_numbers_have_a_minus_sign_on_screen_and_a_hyphen_when_copied():
    table = read_text("n\tx\tcomma\tcode\n-5\t-0.5\t-1,5\t-a\n7\t1.5\t2,5\tb\n")
    fields = [ColumnField(column) for column in table.columns]
    assert [one.cell(0) for one in fields] == ["−5", "−0.5", "−1,5", "-a"]
    assert [one.plain(np.array([0])) for one in fields] == [["-5"], ["-0.5"], ["-1,5"], ["-a"]]
