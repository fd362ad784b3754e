"""From a run to exactly one final signal on the UI thread."""

from __future__ import annotations

import threading

import pytest

from gmmdesk.errors import Cancelled
from gmmdesk.run import Run
from gmmdesk.ui.run_bridge import RunBridge


def finishing(task):
    for step in range(1000):
        task.step()
        yield step
    return "outcome"


def failing(task):
    yield 0
    raise ValueError("no")


def cancelling(task):
    yield 0
    raise Cancelled


@pytest.mark.parametrize("holds", [False, True])
@pytest.mark.parametrize(
    ("work", "expected"),
    [(finishing, "finished"), (failing, "failed"), (cancelling, "cancelled")],
)
def test_one_final_signal_after_all_progress(qtbot, work, expected, holds):
    bridge = RunBridge(Run(work), holds=holds)
    heard = []
    progress = []
    bridge.progressed.connect(progress.extend)
    bridge.finished.connect(lambda outcome: heard.append(("finished", outcome)))
    bridge.failed.connect(lambda error: heard.append(("failed", type(error))))
    bridge.cancelled.connect(lambda: heard.append(("cancelled", None)))
    with qtbot.waitSignal(getattr(bridge, expected)):
        bridge.start()
    value = {"finished": "outcome", "failed": ValueError, "cancelled": None}[expected]
    assert heard == [(expected, value)]
    assert progress == list(range(1000 if expected == "finished" else 1))


def test_an_abandoned_run_says_nothing(qtbot):
    began = threading.Event()

    def work(task):
        began.set()
        while True:
            task.step()
            yield 0

    bridge = RunBridge(Run(work))
    bridge.start()
    qtbot.waitUntil(began.is_set)
    run, heard = bridge.run, []
    for signal in (bridge.progressed, bridge.finished, bridge.failed):
        signal.connect(heard.append)
    with qtbot.waitSignal(bridge.destroyed):  # by the beat that finds the run ended
        bridge.abandon()
    assert run.join(0)
    assert not heard


def test_a_run_without_news_is_not_held(qtbot):
    """An iteration of large data takes longer than a beat: no frame comes to let it go on."""
    leave = threading.Event()

    def work(task):
        yield 0
        while not leave.is_set():
            leave.wait(0.001)
        yield 1

    bridge = RunBridge(Run(work), holds=True)
    held = []
    with qtbot.waitSignal(bridge.progressed):
        bridge.start()
    bridge.release()  # the frame of the first news
    bridge.ticked.connect(lambda: held.append(bridge.run.task.held))
    qtbot.waitUntil(lambda: len(held) > 2)
    leave.set()
    with qtbot.waitSignal(bridge.finished):
        pass
    assert not any(held[:3])
