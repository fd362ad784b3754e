"""The selection of a document, as every view sees it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.document import Document
from gmmdesk.ui.selection import How, how

Modifier = Qt.KeyboardModifier


def rows(document: Document) -> list[int]:
    selected = document.selection.rows
    assert selected is not None
    return selected.rows().tolist()


def some(document: Document, *numbers: int) -> RowSet:
    assert document.dataset is not None
    return RowSet.of_rows(numbers, document.dataset.n_rows)


@pytest.mark.parametrize(
    ("meant", "left", "told"),
    [
        (How.REPLACE, [2, 3], "Selecting rows on the map"),
        (How.ADD, [1, 2, 3], "Adding rows on the map to the selection"),
        (How.SUBTRACT, [1], "Taking rows on the map out of the selection"),
        (How.INTERSECT, [2], "Narrowing the selection to rows on the map"),
    ],
)
def test_rows_are_chosen_in_four_ways(
    iris: Document, meant: How, left: list[int], told: str
) -> None:
    selection = iris.selection
    selection.set(some(iris, 1, 2))
    selection.change(some(iris, 2, 3), meant, "rows on the map")
    assert rows(iris) == left
    assert selection.count == len(left)
    stack = iris.undo_stack
    assert stack.text(stack.count() - 1) == told
    iris.undo()
    assert rows(iris) == [1, 2]
    iris.redo()
    assert rows(iris) == left


def test_everything_nothing_and_the_others(qtbot: QtBot, iris: Document) -> None:
    selection = iris.selection
    with qtbot.waitSignal(selection.changed):
        selection.all()
    assert selection.count == 150
    selection.subtract(some(iris, 5))
    selection.invert()
    assert rows(iris) == [5]
    selection.clear()
    assert selection.count == 0
    assert selection.mask is None
    for _ in range(3):
        iris.undo()
    assert selection.count == 150


def test_selecting_rows_takes_away_no_work_that_can_be_made_again(iris: Document) -> None:
    before = iris.settings
    iris.change_settings("another seed", seed=7)
    after = iris.settings
    iris.undo()
    iris.selection.set(some(iris, 1, 2))
    assert rows(iris) == [1, 2]
    assert iris.settings == before
    iris.redo()
    assert iris.settings == after
    iris.selection.set(some(iris, 3))
    iris.undo()
    iris.selection.set(some(iris, 4))  # in the place of a selection it is a step
    assert not iris.undo_stack.canRedo()
    assert rows(iris) == [4]


def test_what_changes_nothing_is_no_step(iris: Document) -> None:
    iris.selection.set(some(iris, 1))
    n_steps = iris.undo_stack.count()
    iris.selection.add(some(iris, 1))
    assert iris.undo_stack.count() == n_steps


def test_rows_are_looked_for_in_the_background_in_turn(qtbot: QtBot, iris: Document) -> None:
    """Unlike a picture of the same rows, of which the newest is enough, each of them counts."""
    selection = iris.selection
    for number in range(5):
        selection.find(lambda number=number: some(iris, number), How.ADD)
    qtbot.waitUntil(lambda: not selection.is_busy)
    assert rows(iris) == [0, 1, 2, 3, 4]


def test_another_table_has_nothing_selected(qtbot: QtBot, iris: Document) -> None:
    stale = some(iris, 1)
    iris.selection.set(stale)
    iris.selection.find(lambda: stale, How.REPLACE)  # arrives when the table is gone
    with qtbot.waitSignal(iris.dataset_changed, timeout=10_000):
        iris.open("sample:faithful")
    assert iris.selection.count == 0
    assert iris.selection.rows is not None
    assert iris.selection.rows.n_rows == 272
    iris.selection.add(stale)
    assert iris.selection.count == 0


@pytest.mark.parametrize(
    ("held", "meant"),
    [
        (Modifier.NoModifier, How.REPLACE),
        (Modifier.ShiftModifier, How.ADD),
        (Modifier.ControlModifier, How.SUBTRACT),
        (Modifier.AltModifier, How.SUBTRACT),
        (Modifier.ShiftModifier | Modifier.ControlModifier, How.INTERSECT),
        (Modifier.ShiftModifier | Modifier.AltModifier, How.INTERSECT),
        (Modifier.KeypadModifier, How.REPLACE),
    ],
)
def test_keys_say_what_a_gesture_means(held: Qt.KeyboardModifier, meant: How) -> None:
    assert how(held) is meant
