"""How a list and what stands beside it share the room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QFrame, QTableView, QVBoxLayout, QWidget

from gmmdesk.ui.list_splitter import ListSplitter

HEIGHT = 600


class Other(QFrame):
    def sizeHint(self) -> QSize:
        return QSize(100, 150)


@pytest.fixture(params=["above", "below", "alone"])
def made(request, qtbot):
    """A splitter and its table, which is in the part above or below, or the part below itself."""
    table, holder = QTableView(), QWidget()
    table.setModel(QStandardItemModel(2, 1, table))
    table.verticalHeader().setDefaultSectionSize(20)
    column = QVBoxLayout(holder)
    column.addWidget(table)
    upper, lower = {
        "above": (holder, Other()),
        "below": (Other(), holder),
        "alone": (Other(), table),
    }[request.param]
    splitter = ListSplitter(table, upper, lower)
    qtbot.addWidget(splitter)
    splitter.resize(300, HEIGHT)
    splitter.show()
    return splitter, table


def n_in_sight(table):
    height, line = table.viewport().height(), table.verticalHeader().defaultSectionSize()
    tops = [table.rowViewportPosition(row) for row in range(table.model().rowCount())]
    return sum(top + line <= height for top in tops)


@pytest.mark.parametrize("n", [3, 9, 15])
def test_all_lines_are_in_sight_as_far_as_there_is_room(made, n):
    splitter, table = made
    table.model().setRowCount(n)
    assert n_in_sight(table) == n
    assert all(splitter.sizes())


def test_what_needs_no_more_than_half_of_the_room_gets_it(made):
    splitter, table = made
    table.model().setRowCount(100)
    others = [size for size in splitter.sizes() if size < HEIGHT // 2]
    assert others == [pytest.approx(150, abs=2)]


def test_what_the_user_makes_of_it_holds(made):
    splitter, table = made
    splitter.moveSplitter(200, 1)
    table.model().setRowCount(9)
    assert splitter.sizes()[0] == pytest.approx(200, abs=2)
