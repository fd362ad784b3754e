"""What the clipboard gets of rows."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from gmmdesk.errors import UsageError
from gmmdesk.ui.tables.copying import Copied, copied, put_on_clipboard
from gmmdesk.ui.tables.fields import ColumnField, fields_of

from ..conftest import find_clusters


def test_blanks_inside_cells_stay_and_line_ends_do_not():
    dataset = read_text('a\tb\n"x  y"\t1\n"p\nq"\t2\n\t3\n')
    fields = fields_of(dataset, None, ())
    rows = np.arange(3)
    assert copied(fields, rows).text == "a\tb\nx  y\t1\np q\t2\n\t3"
    assert copied(fields, rows[::-1]).text.split("\n")[1:] == ["\t3", "p q\t2", "x  y\t1"]
    with pytest.raises(UsageError, match="more than 5 characters"):
        copied(fields, rows, most=5)


def test_every_field_is_copied_as_it_is_shown(qtbot, iris):
    lines = ("leave-out-rows 1-3 reason=wet", "hold-out share=0.2 seed=1")
    find_clusters(qtbot, iris, 2, steps=tuple(map(parse_step, lines)))
    fields = fields_of(iris.dataset, iris.analysis, iris.names)
    rows = np.array([149, 0, 5, 2, 80])
    table = [line.split("\t") for line in copied(fields, rows).text.split("\n")]
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


def cells_of(page):
    """What a spreadsheet makes of the cells: a number, or text as it stands."""
    table = []
    for line in re.findall("<tr>(.*?)</tr>", page):
        table.append([])
        for marks, shown in re.findall("<td(.*?)>(.*?)</td>", line):
            number = re.search(' sdval="(.*?)"', marks)
            assert bool(number) == ("x:num" in marks)
            assert number or not shown or ('class="t"' in marks and "0;@" in marks)
            table[-1].append(float(number[1]) if number else html.unescape(shown))
    return table


def test_a_spreadsheet_is_told_what_is_text_and_what_is_a_number():
    lines = (
        "who;x;share;n", "=1+1;1,5;12%;1", "00123;-0,25;7,5%;12345678901234567",
        "2024-05-01;NA;3%;3", '"<b>&  ""q""";"1.234,5";4%;4', '@x;2;9%;5', "@x;2;9%;6",
    )  # fmt: skip
    dataset = read_text("\n".join(lines), ReadOptions(delimiter=";"))
    fields = fields_of(dataset, None, ())
    assert [field.is_number for field in fields] == [False, True, True, True]
    page = copied(fields, np.arange(4)).html
    assert cells_of(page) == [
        ["who", "x", "share", "n"],
        ["=1+1", 1.5, "12%", 1.0],
        ["00123", -0.25, "7,5%", "12345678901234567"],
        ["2024-05-01", "NA", "3%", 3.0],
        ['<pre><b>&  "q"</pre>', 1234.5, "4%", 4.0],
    ]


def test_both_are_put_on_the_clipboard(qapp):
    put_on_clipboard(Copied("a\n1", "<table></table>"))
    data = QGuiApplication.clipboard().mimeData()
    assert (data.text(), data.html()) == ("a\n1", "<table></table>")


def test_results_are_numbers_and_names_text(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    fields = fields_of(iris.dataset, iris.analysis, iris.names)
    table = cells_of(copied(fields, np.array([149, 0])).html)
    kinds = dict(zip(table[0], map(type, table[1]), strict=True))
    assert (kinds["Cluster"], kinds["How sure"], kinds["Outlier"]) == (str, float, str)
    assert table[2][table[0].index("How sure")] == iris.analysis.rows.probability[0]
