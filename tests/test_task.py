"""The line between long work and whoever waits for it."""

from __future__ import annotations

import threading

import pytest

from gmmdesk.errors import Cancelled
from gmmdesk.task import Task


def test_step_notes_how_far_the_work_is():
    task = Task()
    task.step(0.25, "Reading")
    assert (task.fraction, task.what) == (0.25, "Reading")
    task.step(1.5)
    assert (task.fraction, task.what) == (1.0, "Reading")


@pytest.mark.parametrize("end", [Task.release, Task.cancel, Task.abandon])
def test_work_on_hold_waits_until_it_is_released_or_ended(end):
    task = Task()
    task.hold()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(task.checkpoint()))
    thread.start()
    assert answers == []
    end(task)
    thread.join(10)
    assert answers == [end is not Task.release]


def test_cancelled_work_cannot_be_held():
    task = Task()
    task.cancel()
    task.hold()
    assert task.checkpoint()
    with pytest.raises(Cancelled):
        task.step()


def test_abandoned_work_is_cancelled_but_not_the_other_way_round():
    task = Task()
    task.cancel()
    assert not task.abandoned
    task.abandon()
    assert task.abandoned
    assert task.cancelled
