"""The background worker applies results on the UI thread and leaves nothing behind."""

from __future__ import annotations

import threading
import time

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QLabel

from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker


@pytest.fixture
def worker(qapp):
    worker = LatestWorker()
    yield worker
    worker.close()


@pytest.fixture
def another(qapp):
    another = LatestWorker()
    yield another
    another.close()


def finish(qtbot, worker):
    if worker.is_busy:
        with qtbot.waitSignal(worker.became_idle):
            pass


def test_computes_on_a_thread_and_applies_on_this_one(qtbot, worker):
    threads = []

    def compute():
        threads.append(threading.current_thread())
        return 7

    results = []
    worker.submit(compute, lambda r: results.append((r, threading.current_thread())))
    assert worker.is_busy
    finish(qtbot, worker)
    assert results == [(7, threading.current_thread())]
    assert threads[0] is not threading.current_thread()


def test_only_the_newest_waiting_job_runs(qtbot, worker):
    started, go, computed, applied = threading.Event(), threading.Event(), [], []

    def first():
        started.set()
        go.wait(10)
        return 0

    worker.submit(first, applied.append)
    qtbot.waitUntil(started.is_set)
    for number in (1, 2, 3):
        worker.submit(lambda n=number: computed.append(n) or n, applied.append)
    go.set()
    finish(qtbot, worker)
    assert computed == [3]
    assert applied == [0, 3]


def test_a_cancelled_job_is_not_applied(qtbot, worker):
    started, go, applied = threading.Event(), threading.Event(), []
    worker.submit(lambda: (started.set(), go.wait(10)), applied.append)
    qtbot.waitUntil(started.is_set)
    with qtbot.waitSignal(worker.became_idle):
        worker.cancel()
    assert not worker.is_busy
    go.set()
    worker.submit(lambda: "next", applied.append)
    finish(qtbot, worker)
    assert applied == ["next"]


def test_an_error_reaches_failed_once_and_work_goes_on(qtbot, worker):
    errors, applied = [], []
    worker.failed.connect(errors.append)
    worker.submit(lambda: 1 / 0, applied.append)
    finish(qtbot, worker)
    worker.submit(lambda: 1, applied.append)
    finish(qtbot, worker)
    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert applied == [1]


def test_a_thread_that_cannot_be_started_is_an_error_like_any(qtbot, worker, monkeypatch):
    errors, applied = [], []
    worker.failed.connect(errors.append)

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        worker.submit(lambda: 1, applied.append)
        finish(qtbot, worker)
    assert [str(error) for error in errors] == ["can't start new thread"]
    worker.submit(lambda: 2, applied.append)
    finish(qtbot, worker)
    assert applied == [2]
    worker.close()  # and waits for nobody


def test_close_waits_and_refuses_further_work(qtbot, worker):
    started, ended, applied = threading.Event(), threading.Event(), []

    def compute():
        started.set()
        time.sleep(0.05)
        ended.set()

    worker.submit(compute, applied.append)
    qtbot.waitUntil(started.is_set)
    worker.close()
    assert ended.is_set()
    assert not worker.is_busy
    worker.submit(lambda: 1, applied.append)
    assert not worker.is_busy
    assert applied == []


def test_what_is_closed_or_cancelled_at_once_never_begins(qtbot, worker, another):
    begun, applied = [], []
    worker.submit(lambda: begun.append(None), applied.append)
    worker.close()
    another.submit(lambda: begun.append(None), applied.append)
    another.cancel()
    another.submit(lambda: "next", applied.append)
    finish(qtbot, another)
    assert begun == []
    assert applied == ["next"]


def test_what_waits_to_be_painted_is_painted_before_a_job_begins(qtbot, worker):
    order, label = [], QLabel("before")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    qtbot.wait(20)  # what is painted only because the window is new

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() is QEvent.Type.Paint:
                order.append("paint")
            return False

    watch = Watch()
    label.installEventFilter(watch)
    worker.submit(lambda: order.append("job"), lambda _: None)
    label.setText("after")
    finish(qtbot, worker)
    assert order == ["paint", "job"]


def test_a_deleted_worker_applies_nothing(qapp, qtbot, worker):
    other, started, go, applied = LatestWorker(), threading.Event(), threading.Event(), []
    other.submit(lambda: (started.set(), go.wait(10)), applied.append)
    qtbot.waitUntil(started.is_set)
    shiboken6.delete(other)
    go.set()
    worker.submit(lambda: 1, lambda _: None)
    finish(qtbot, worker)
    other.close()  # the thread has ended, its outcome has been posted
    qapp.processEvents()
    assert applied == []


@pytest.mark.parametrize("end", ["cancel", "close"])
def test_what_listens_to_a_task_is_stopped_and_not_waited_for(qtbot, worker, end):
    started, ended, applied, errors = threading.Event(), threading.Event(), [], []
    worker.failed.connect(errors.append)
    task = Task()

    def compute():
        started.set()
        try:
            while True:
                task.step()
        finally:
            ended.set()

    worker.submit(compute, applied.append, task)
    qtbot.waitUntil(started.is_set)
    getattr(worker, end)()
    assert ended.wait(10)
    assert task.abandoned
    worker.close()
    assert applied == errors == []


def all_computed():
    """Wait for the threads of the workers: what they have found has not been looked at yet."""
    for thread in threading.enumerate():
        if thread.name == "gmmdesk-background":
            thread.join(10)


def compute_both(qtbot, worker, another, apply, apply_other):
    started, go, computed = [], threading.Event(), []

    def compute():
        started.append(None)
        go.wait(10)
        computed.append(None)

    worker.submit(compute, apply)
    another.submit(compute, apply_other)
    qtbot.waitUntil(lambda: len(started) == 2)
    go.set()
    all_computed()
    assert len(computed) == 2


def test_the_event_loop_goes_round_between_two_outcomes(qtbot, worker, another):
    rounds, seen = [], []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: rounds.append(None))
    timer.start()
    compute_both(qtbot, worker, another, *2 * [lambda _: seen.append(len(rounds))])
    qtbot.waitUntil(lambda: len(seen) == 2)
    timer.stop()
    assert seen[0] < seen[1]


def test_others_are_applied_while_one_opens_a_dialog(qtbot, worker, another):
    applied = []

    def open_dialog(_):
        qtbot.waitUntil(lambda: applied == ["other"])
        applied.append("own")

    compute_both(qtbot, worker, another, open_dialog, lambda _: applied.append("other"))
    qtbot.waitUntil(lambda: len(applied) == 2)
    assert applied == ["other", "own"]
