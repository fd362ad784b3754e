"""Candidates fitted at the same time, in processes of their own.

Of few rows, a pass is over before threads could share it, and between passes there is Python, of
which one thread runs at a time. What these processes tell each other are pickles (S301): they
are read from pipes that nobody else has.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import IO, Any, NamedTuple, Self

import numpy as np

from gmmdesk.engine.candidate_fits import CandidateFits, Trial, Tried
from gmmdesk.engine.parallel import ChunkMap, ThreadedMap, look_up, running
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitProgress
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.spec import FitSpec
from gmmdesk.interpreter import start_python

# A process takes about a second to load what it needs: so many fits are there for each.
CANDIDATES_EACH = 16
# With more rows threads share each pass, and each process would hold a copy of them.
MOST_ROWS = 40_000
MOST_COLUMNS = 100
MOST_PROCESSES = 7
# Candidates that one has at most: what it fits, and what it goes on with.
MOST_ASKED = 2
_BEAT = 0.02  # seconds between two looks at whether the search has been cancelled
_HELLO = b"gmmdesk fits candidates\n"  # said before any pickle: it is really one of these
_BESIDE = [one.name for one in fields(FitProgress) if one.name != "compact"]


class Fitted(NamedTuple):
    """A candidate, and the iterations that led to it; None where the process has ended."""

    trial: Trial
    tried: Tried | None
    progress: Sequence[FitProgress]


class Processes:
    """Up to `n` processes that fit candidates of `specs` to the rows of `data`; a context manager.

    Each takes one as soon as it is up, and may have another that waits for it. What they answer is
    what `CandidateFits` in this process would, to the bit. Where one ends by itself, its candidates
    come back without an answer.
    """

    def __init__(self, data: WeightedRows, specs: Sequence[FitSpec], n: int) -> None:
        rows = pickle.dumps((data, specs), pickle.HIGHEST_PROTOCOL) if n else b""
        self._answers: SimpleQueue[tuple[_Process, Fitted | None]] = SimpleQueue()
        self._all = [_Process(rows, self._answers) for _ in range(n)]
        self._asked: dict[_Process, int] = {}  # of those that are up: candidates they have
        self._fitted: list[Fitted] = []
        self._n_fitting = 0

    @classmethod
    def as_many_as_help(
        cls, data: WeightedRows, specs: Sequence[FitSpec], n_left: int, n_threads: int
    ) -> Self:
        """For the `n_left` fits of `specs` that are left; none in a large table."""
        n, d = data.source.shape
        small = data.in_memory and n <= MOST_ROWS and d <= MOST_COLUMNS
        n_processes = min(n_threads - 1, n_left // CANDIDATES_EACH, MOST_PROCESSES)
        return cls(data, specs, n_processes if small else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """End them, whatever they are at."""
        for process in self._all:
            process.end()

    @property
    def idle(self) -> bool:
        """Whether one has nothing to do."""
        self._hear_all()
        return 0 in self._asked.values()

    @property
    def eager(self) -> bool:
        """Whether one has nothing to do after what it is at."""
        self._hear_all()
        return min(self._asked.values(), default=MOST_ASKED) < MOST_ASKED

    @property
    def busy(self) -> bool:
        """Whether a candidate is with one of them."""
        return self._n_fitting > 0

    def fit(self, trial: Trial) -> None:
        """Let one do it that has the least to do."""
        process = min(self._asked, key=self._asked.__getitem__)
        process.ask(trial)
        self._asked[process] += 1
        self._n_fitting += 1

    def take(self) -> list[Fitted]:
        """Those that were fitted since the last call."""
        self._hear_all()
        fitted, self._fitted = self._fitted, []
        self._n_fitting -= len(fitted)
        return fitted

    def wait(self, chunk_map: ChunkMap) -> None:
        """Until one has fitted its candidate; raises Cancelled when `chunk_map` does."""
        while not self._fitted:
            with suppress(Empty):
                self._hear(_BEAT)
            look_up(chunk_map)

    def _hear_all(self) -> None:
        while not self._answers.empty():
            self._hear(0.0)

    def _hear(self, timeout: float) -> None:
        """One of them is up, or has answered; raises Empty where none does."""
        process, fitted = self._answers.get(timeout=timeout)
        if fitted is None:
            self._asked[process] = 0
            return
        self._fitted.append(fitted)
        if fitted.tried is None:
            self._asked.pop(process, None)
        elif process in self._asked:
            self._asked[process] -= 1


class _Process:
    """One of them, and the threads that talk to it: it puts itself into `answers` when it is up.

    What it is asked waits for it at its side: no time is lost between two. The threads end with
    this process, even where nobody has ended it before.
    """

    def __init__(self, rows: bytes, answers: SimpleQueue[tuple[_Process, Fitted | None]]) -> None:
        self._answers = answers
        self._asked: SimpleQueue[Trial | None] = SimpleQueue()
        self._told: SimpleQueue[Trial | None] = SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._has_ended = False
        self._thread = _thread(self._talk, rows)

    def ask(self, trial: Trial) -> None:
        """Let it fit a candidate, whose answer goes to `answers`."""
        self._asked.put(trial)

    def end(self) -> None:
        self._has_ended = True
        self._asked.put(None)
        if self._process is not None:
            self._process.kill()
        self._thread.join()

    def _talk(self, rows: bytes) -> None:
        try:
            process = start_python(
                "gmmdesk.engine.processes:main",
                {},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return
        assert process.stdin is not None
        self._process = process
        if self._has_ended:
            process.kill()
        with suppress(OSError), process:  # what is not written yet when it ends has no reader
            listening = _thread(self._listen, process)
            try:
                with suppress(OSError):
                    process.stdin.write(rows)
                    process.stdin.flush()
                while trial := self._asked.get():
                    self._told.put(trial)
                    with suppress(OSError):
                        _tell(process.stdin, trial)
            finally:
                process.kill()
                self._told.put(None)
                listening.join()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Pass on its answers; of one that has ended, that it has none."""
        assert process.stdout is not None
        if process.stdout.read(len(_HELLO)) != _HELLO:
            # It is not what was to be started, or could not load what it needs.
            process.kill()
            self._asked.put(None)
            return
        self._answers.put((self, None))
        while trial := self._told.get():
            try:
                tried, packed = pickle.load(process.stdout)  # noqa: S301 - see above
                fitted = Fitted(trial, tried, _unpacked(packed))
            except Exception:  # it has ended, or was cut short: then it is fitted elsewhere
                fitted = Fitted(trial, None, ())
            self._answers.put((self, fitted))


def _thread(target: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, name="candidates", daemon=True)
    thread.start()
    return thread


def _tell(stream: IO[bytes], what: Any) -> None:
    pickle.dump(what, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _packed(progress: Sequence[FitProgress]) -> tuple[Any, ...]:
    """Iterations of a fit as few objects: a pickle of these takes a tenth of the time."""
    mixtures = [one.compact for one in progress]
    return (
        [attrgetter(*_BESIDE)(one) for one in progress],
        np.array([one.weights for one in mixtures]),
        np.array([one.means for one in mixtures]),
        np.array([one.covariances for one in mixtures]),
        [one.noise for one in mixtures],
    )


def _unpacked(packed: tuple[Any, ...]) -> list[FitProgress]:
    # Copies: else who keeps one iteration would keep the arrays of all.
    return [
        FitProgress(
            compact=Parameters(weights.copy(), means.copy(), covariances.copy(), noise),
            **dict(zip(_BESIDE, beside, strict=True)),
        )
        for beside, weights, means, covariances, noise in zip(*packed, strict=True)
    ]


def main() -> None:
    """Fit what is asked for at standard input, as long as somebody does."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    asked: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_hear, args=(asked,), daemon=True).start()
    with running(ThreadedMap(1)) as chunk_map:
        data, specs = asked.get()
        fits = CandidateFits(data, specs, chunk_map)
        out.write(_HELLO)
        out.flush()
        while True:
            fitting = fits.fit(asked.get())
            progress: list[FitProgress] = []
            while True:
                try:
                    progress.append(next(fitting))
                except StopIteration as end:
                    _tell(out, (end.value, _packed(progress)))
                    break


def _hear(asked: SimpleQueue[Any]) -> None:
    """Pass on what is asked; end this process at once when nobody is there any more."""
    try:
        with os.fdopen(0, "rb", closefd=False) as stream:
            while True:
                asked.put(pickle.load(stream))  # noqa: S301 - see above
    finally:
        os._exit(0)
