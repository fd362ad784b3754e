"""Candidates that are fitted at the same time, in processes of their own."""

from __future__ import annotations

import dataclasses
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from contextlib import suppress

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, ThreadedMap, candidates, processes, search
from gmmdesk.errors import Cancelled
from tests.running import drain

pytestmark = pytest.mark.usefixtures("two_processes")
MOST_PROCESSES = processes.MOST_PROCESSES
MODELS = ["EII", "VII", "VVI", "EEE", "VVV"]


def no_process(asked):
    """In place of `start_python`: refuses, and notes in `asked` that it was asked."""

    def start(*_args, **_streams):
        asked.append(True)
        raise OSError("no more processes")

    return start


@pytest.fixture
def started(monkeypatch):
    """The processes that a test has started, by number."""
    pids = []
    start = processes.start_python

    def noting(*args, **streams):
        process = start(*args, **streams)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(processes, "start_python", noting)
    return pids


@pytest.fixture
def answers(monkeypatch):
    """What processes have answered."""
    answers = []
    take = processes.Processes.take

    def noting(self):
        taken = take(self)
        answers.extend(taken)
        return taken

    monkeypatch.setattr(processes.Processes, "take", noting)
    return answers


@pytest.fixture
def X():
    random = np.random.default_rng(0)
    centers = np.repeat([[0, 0], [8, 0], [0, 8]], 50, axis=0)
    X = centers + random.normal(size=(150, 2))
    return np.concatenate([X, np.full((30, 2), 20.0)])  # where some models collapse


def summary(found):
    return [
        (one.spec, str(one.error))
        if one.result is None
        else (one.spec, one.result.history.tobytes(), one.result.parameters.means.tobytes())
        for one in found.tried
    ]


def iterations(seen):
    """What is told of those of each candidate, in their order."""
    told = {}
    with np.printoptions(floatmode="unique"):
        for step in seen:
            told.setdefault(step.spec, []).append(repr(dataclasses.asdict(step.fit)))
    return told


@pytest.mark.parametrize("with_gap", [False, True])
def test_they_find_the_same_to_the_bit(X, with_gap, started, answers):
    """Errors, weights and known rows included."""
    if with_gap:
        X[3, 1] = np.nan  # what cannot be fitted comes back with its reason
    base = FitSpec(restarts=2, missing="em" if with_gap else "refuse")
    specs = [*candidates(MODELS, range(1, 6), base), FitSpec(n_components=200)]
    weights = np.where(np.arange(len(X)) % 7, 1.0, 0.0)
    known = np.where(np.arange(len(X)) < 3, 0, -1)
    given = {"weights": weights, "known": known}
    with ThreadedMap(1) as alone:
        expected, seen_alone = drain(search(X, specs, **given, chunk_map=alone))
    assert not started
    with ThreadedMap(3) as three:
        found, seen = drain(search(X, specs, **given, chunk_map=three))
    assert len(started) == 2
    assert sum(len(answer.progress) > 0 for answer in answers) > 2
    told = [one.compact for answer in answers for one in answer.progress]
    assert all(one.covariances.base is None for one in told)  # may be kept without the others
    assert summary(found) == summary(expected)
    assert iterations(seen) == iterations(seen_alone)
    assert found.best.model == expected.best.model
    assert any(one.error for one in found.tried)
    # The iterations of a fit follow each other, wherever it was made: a first one of each
    # candidate, and another of some that were tried again.
    order = [step.spec for step in seen]
    runs = [spec for spec, before in zip(order, [None, *order], strict=False) if spec != before]
    assert len(set(runs)) == sum(one.result is not None for one in found.tried)
    for step in seen:
        assert len({one.spec for one in step.tried}) == len(step.tried)  # each is told once
    again = [step.spec for step in seen if step.fit.event == "again"]
    assert Counter(runs) - Counter(set(runs)) <= Counter(again)


def test_what_was_with_one_that_ended_is_fitted_here(X, started, answers):
    specs = candidates(MODELS, range(1, 5), FitSpec(restarts=2))
    with ThreadedMap(1) as alone:
        expected, _ = drain(search(X, specs, chunk_map=alone))

    n_lost = 0
    while not n_lost and len(started) < 10:  # one that has just done all it had leaves nothing
        with ThreadedMap(2) as two:
            searching = search(X, specs, chunk_map=two)
            for step in searching:
                if len(step.tried) >= 3:
                    os.kill(started[-1], signal.SIGKILL)
                    break
            found, _ = drain(searching)
        assert summary(found) == summary(expected)
        n_lost = [answer.tried for answer in answers].count(None)
    assert n_lost in {1, 2}  # one may have waited


def test_none_is_needed(X, monkeypatch):
    monkeypatch.undo()  # of what waits for them
    monkeypatch.setattr(processes, "CANDIDATES_EACH", 2)
    monkeypatch.setattr(processes, "start_python", no_process([]))
    specs = candidates(["VII", "VVV"], range(1, 4), FitSpec())
    with ThreadedMap(2) as two:
        found, _ = drain(search(X, specs, chunk_map=two))
    assert len(found.tried) == len(specs)


def test_cancelling_ends_them(X, started):
    stop = []
    specs = candidates(MODELS, range(1, 30), FitSpec(restarts=20))
    with ThreadedMap(2, lambda: bool(stop)) as two:
        searching = search(X, specs, chunk_map=two)
        for step in searching:
            if started and step.tried:
                stop.append(True)
                break
        try:
            found, _ = drain(searching)
        except Cancelled:
            pytest.fail("what was found by then is the answer")
    assert found.stopped
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


LEFT_ALONE = """
import os, signal, sys
import numpy as np
from gmmdesk.engine import FitSpec, ThreadedMap, processes, search

processes.CANDIDATES_EACH = 1
start = processes.start_python
def noting(*args, **streams):
    process = start(*args, **streams)
    print(process.pid, flush=True)
    return process
processes.start_python = noting
ask = processes.Processes.fit
fitting = []
def asking(self, *args):
    ask(self, *args)
    fitting.append(True)
processes.Processes.fit = asking
X = np.random.default_rng(0).normal(size=(20_000, 20))
specs = [FitSpec(n_components=K, restarts=50) for K in (40, 42, 44, 46)]  # that takes a while
searching = search(X, specs, chunk_map=ThreadedMap(2))
for _ in searching:
    if fitting:
        break
if sys.argv[1] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("how", ["end", "kill"])
def test_they_end_with_the_program_that_started_them(how):
    """Also where the search was left in its midst."""
    left = subprocess.run(
        [sys.executable, "-c", LEFT_ALONE, how],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert left.returncode == (0 if how == "end" else -signal.SIGKILL)
    for pid in map(int, left.stdout.split()):
        wait_for_end(pid)


def wait_for_end(pid):
    with suppress(ProcessLookupError):
        ended = os.pidfd_open(pid)
        try:
            assert select.select([ended], [], [], 20.0)[0]
        finally:
            os.close(ended)


def test_what_says_something_else_first_is_left_alone(X, tmp_path, monkeypatch):
    """Such as a line that an environment prints whenever Python starts in it."""
    (tmp_path / "sitecustomize.py").write_text("print('Welcome.', flush=True)")
    monkeypatch.undo()
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    specs = candidates(MODELS, range(1, 6), FitSpec(restarts=2))
    data = processes.WeightedRows(X, None, None)
    with processes.Processes(data, specs, 1) as one:
        for process in one._all:
            process._thread.join()
        assert not one.idle


@pytest.mark.parametrize(
    ("n", "d", "n_left", "n_threads", "expected"),
    [
        (1_000, 3, 30, 4, 3),
        (1_000, 3, 1, 4, 0),
        (1_000, 3, 4, 4, 2),
        (1_000, 3, 30, 1, 0),
        (50_000, 3, 30, 4, 0),
        (50, 200, 30, 4, 0),
        (1_000, 3, 30, 64, MOST_PROCESSES),
    ],
)
def test_how_many_are_worth_starting(monkeypatch, n, d, *, n_left, n_threads, expected):
    asked = []
    monkeypatch.setattr(processes, "MOST_PROCESSES", MOST_PROCESSES)
    monkeypatch.setattr(processes, "start_python", no_process(asked))
    data = processes.WeightedRows(np.zeros((n, d)), None, None)
    processes.Processes.as_many_as_help(data, (), n_left, n_threads).__exit__()
    assert len(asked) == expected


def test_it_imports_little():
    code = """
        import sys
        import gmmdesk.engine.processes
        print({"scipy.linalg", "scipy.special", "scipy.sparse", "numpy.f2py"} & set(sys.modules))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"
