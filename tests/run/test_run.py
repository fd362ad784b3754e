"""A run drains its generator on one thread and ends in exactly one final state."""

from __future__ import annotations

import threading

import pytest

from gmmdesk.errors import Cancelled
from gmmdesk.run import Run, State


def ended(run: Run) -> Run:
    run.start()
    assert run.join(10)
    return run


def test_finished_run_keeps_progress_and_outcome():
    def work(task):
        yield 1
        yield 2
        return "done"

    run = ended(Run(work))
    assert (run.state, run.take()) == (State.FINISHED, [1, 2])
    assert (run.outcome, run.error) == ("done", None)
    assert run.take() == []


def test_failed_run_keeps_the_error():
    def work(task):
        yield 1
        raise ValueError("no")

    run = ended(Run(work))
    assert run.state is State.FAILED
    assert isinstance(run.error, ValueError)


def test_a_run_without_a_thread_has_failed(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    run = ended(Run(lambda task: iter(())))
    assert run.state is State.FAILED
    assert isinstance(run.error, RuntimeError)


@pytest.mark.parametrize("keeps_partial", [False, True])
def test_cancel_reaches_the_work_which_may_keep_what_it_has(keeps_partial):
    started = threading.Event()

    def work(task):
        yield 0
        started.set()
        try:
            while True:
                task.step()
        except Cancelled:
            if not keeps_partial:
                raise
        return "partial"

    run = Run(work)
    run.start()
    assert started.wait(10)
    run.cancel()
    assert run.join(10)
    assert run.state is (State.FINISHED if keeps_partial else State.CANCELLED)
    assert run.outcome == ("partial" if keeps_partial else None)


def test_work_happens_on_another_thread():
    def work(task):
        yield threading.get_ident()

    assert ended(Run(work)).take() != [threading.get_ident()]


def test_a_run_that_was_never_started_can_be_joined():
    assert Run(lambda task: iter(())).join(0)
