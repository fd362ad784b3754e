"""Small tables of texts, in as much room as there is."""

from __future__ import annotations

import pytest

from gmmdesk.ui.tables.text_model import TextModel, text_table

HEADINGS = ("Column", "Value", "Would change at")
LONG = "The relative humidity of the air above the water [%], measured at noon"


@pytest.fixture
def table(qtbot):
    model = TextModel()
    table = text_table(model, "Reasons", fills=False)
    qtbot.addWidget(table)
    model.setParent(table)
    model.show_lines(HEADINGS, [(LONG, "36.00", "38.21345 (Cluster 1)")], right=(1,))
    with qtbot.waitExposed(table):
        table.show()
    return table


def test_the_first_column_gives_way_where_there_is_no_room_for_all(qtbot, table):
    for width in (420, 360):
        table.resize(width, 120)
        assert table.horizontalHeader().length() <= width
        qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)


def test_it_is_no_wider_than_its_texts(table):
    table.resize(1200, 120)
    assert table.columnWidth(0) == table.sizeHintForColumn(0)


def test_its_beginning_and_end_are_always_seen(table):
    table.resize(120, 120)
    assert table.columnWidth(0) > table.fontMetrics().horizontalAdvance("Th … on")
    assert table.horizontalScrollBar().maximum() > 0
