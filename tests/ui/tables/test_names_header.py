"""Headings of names: their ends are to be read however narrow they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QTableView

from gmmdesk.ui.tables.names_header import NamesHeader


@pytest.fixture
def table(qtbot):
    table = QTableView()
    qtbot.addWidget(table)
    return table


def width_of(header, words):
    return header.fontMetrics().horizontalAdvance(words) + 12


@pytest.mark.parametrize(
    ("name", "room", "expected"),
    [
        ("Cluster 12", "Cluster 12", "Cluster 12"),
        ("Cluster 12", "Cluster", "Cluster\n12"),
        ("Cluster 12", "Clus", "12"),
        ("Cluster of 12", "Cluster", "Cluster\nof 12"),
    ],
)
def test_of_a_cluster_without_a_name_the_number_is_seen_at_least(table, name, room, expected):
    model = QStandardItemModel(1, 1)
    model.setHorizontalHeaderLabels([name])
    header = NamesHeader(table)
    table.setHorizontalHeader(header)
    table.setModel(model)
    table.show()
    header.resizeSection(0, width_of(header, room))
    assert header.shown(0) == expected


def test_clusters_without_a_name_are_called_alike(table):
    model = QStandardItemModel(1, 3)
    model.setHorizontalHeaderLabels(["Cluster 1", "Cluster 2", "Elsewhere"])
    header = NamesHeader(table)
    table.setHorizontalHeader(header)
    table.setModel(model)
    table.show()
    for section, room in enumerate(("Cluster", "Clus", "Elsewhere")):
        header.resizeSection(section, width_of(header, room))
    assert [header.shown(section) for section in range(3)] == ["1", "2", "Elsewhere"]


def test_headings_that_share_the_room_are_as_high_as_their_lines(qtbot, table):
    model = QStandardItemModel(1, 8)
    model.setHorizontalHeaderLabels([f"Cluster {k}" for k in range(1, 9)])
    header = NamesHeader(table)
    table.setHorizontalHeader(header)
    table.setModel(model)
    header.setSectionResizeMode(NamesHeader.ResizeMode.Stretch)
    wide, narrow = (8 * width_of(header, words) + 20 for words in ("Cluster 1", "Cluster"))
    table.resize(wide, 200)
    with qtbot.waitExposed(table):
        table.show()
    line = header.fontMetrics().height()
    one = header.height()
    for width, lines in ((narrow, 1), (wide, 0)):
        table.resize(width, 200)
        qtbot.waitUntil(lambda lines=lines: header.height() == one + lines * line)
    assert header.shown(0) == "Cluster 1"


def test_down_the_side_each_line_is_as_high_as_its_name_needs(qtbot, table):
    model = QStandardItemModel(2, 1)
    model.setVerticalHeaderLabels(["short", "a name of several words"])
    header = NamesHeader(table, Qt.Orientation.Vertical)
    header.setSectionResizeMode(NamesHeader.ResizeMode.ResizeToContents)
    table.setVerticalHeader(header)
    table.setModel(model)
    table.show()
    header.setFixedWidth(width_of(header, "a name of several"))
    line = header.fontMetrics().height()
    qtbot.waitUntil(lambda: header.sectionSize(1) == header.sectionSize(0) + line)
    assert header.shown(1).split("\n") == ["a name of several", "words"]
    header.setFixedWidth(width_of(header, "a name of several words"))
    qtbot.waitUntil(lambda: header.sectionSize(1) == header.sectionSize(0))
