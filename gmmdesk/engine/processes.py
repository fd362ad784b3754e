"""Candidates fitted at the same time, in processes of their own.

Of few rows, a pass is over before threads could share it, and between passes there is Python, of
which one thread runs at a time. What these processes tell each other are pickles (hence the S301):
they are read from pipes that nobody else has.
"""

from __future__ import annotations

import os
import pickle
import subprocess
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import IO, Any, NamedTuple, Self

from gmmdesk.engine.candidate_fits import CandidateFits, Tried
from gmmdesk.engine.parallel import ChunkMap, ThreadedMap, running
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitProgress
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.spec import FitSpec
from gmmdesk.interpreter import start_python

# A process takes about a second to load what it needs: so many candidates are there for each.
CANDIDATES_EACH = 16
# With more rows threads share each pass, and each process would hold a copy of them.
MOST_ROWS = 40_000
MOST_COLUMNS = 100
MOST_PROCESSES = 7
_BEAT = 0.02  # seconds between two looks at whether the search has been cancelled


class Fitted(NamedTuple):
    """A candidate, and the iterations that led to it; None where the process has ended."""

    place: int
    tried: Tried | None
    progress: Sequence[FitProgress]


class Processes:
    """Up to `n` processes that fit candidates of `specs` to the rows of `data`; a context manager.

    Each takes one as soon as it is up. What they answer is what `CandidateFits` in this process
    would, to the bit. Where one ends by itself, its candidate comes back without an answer.
    """

    def __init__(self, data: WeightedRows, specs: Sequence[FitSpec], n: int) -> None:
        self._rows = pickle.dumps((data, specs), pickle.HIGHEST_PROTOCOL) if n else b""
        self._threads = ThreadPoolExecutor(max(1, n), "candidates")
        self._closed = False
        self._all: list[subprocess.Popen[bytes]] = []
        self._idle: list[subprocess.Popen[bytes]] = []
        self._starting = [self._threads.submit(self._start) for _ in range(n)]
        self._fitting: dict[Future[Fitted], subprocess.Popen[bytes]] = {}

    @classmethod
    def worthwhile(
        cls, data: WeightedRows, specs: Sequence[FitSpec], n_left: int, n_threads: int
    ) -> Self:
        """As many as help to fit the `n_left` of `specs` that are left; none in a large table."""
        n, d = data.source.shape
        small = data.in_memory and n <= MOST_ROWS and d <= MOST_COLUMNS
        n_processes = min(n_threads - 1, n_left // CANDIDATES_EACH, MOST_PROCESSES)
        return cls(data, specs, n_processes if small else 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """End them, whatever they are at."""
        self._closed = True
        for process in self._all:
            process.kill()
        self._threads.shutdown()
        for process in self._all:
            for stream in _pipes(process):
                with suppress(OSError):  # what was not written yet has no reader any more
                    stream.close()
            process.wait()

    @property
    def idle(self) -> bool:
        """Whether one waits for a candidate."""
        for start in [one for one in self._starting if one.done()]:
            self._starting.remove(start)
            if process := start.result():
                self._idle.append(process)
        return bool(self._idle)

    @property
    def busy(self) -> bool:
        """Whether a candidate is with one of them."""
        return bool(self._fitting)

    def fit(self, place: int, spec: FitSpec, warm: Sequence[Parameters]) -> None:
        """Let an idle one fit `spec`, which is at this `place` among the candidates."""
        process = self._idle.pop()
        asked = self._threads.submit(_ask, process, place, spec, warm)
        self._fitting[asked] = process

    def take(self) -> list[Fitted]:
        """Those that were fitted since the last call."""
        done = [one for one in self._fitting if one.done()]
        fitted = [one.result() for one in done]
        for future, answer in zip(done, fitted, strict=True):
            process = self._fitting.pop(future)
            if answer.tried is not None:
                self._idle.append(process)
        return fitted

    def wait(self, chunk_map: ChunkMap) -> None:
        """Until one has fitted its candidate; raises Cancelled when `chunk_map` does."""
        while not wait(self._fitting, _BEAT, FIRST_COMPLETED).done:
            for _ in chunk_map(bool, (0,)):
                pass

    def _start(self) -> subprocess.Popen[bytes] | None:
        """One that has loaded what it needs and measured the rows; None where that fails."""
        try:
            process = start_python(
                "gmmdesk.engine.processes:main",
                {},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return None
        self._all.append(process)
        if self._closed:
            process.kill()
        try:
            stdin, stdout = _pipes(process)
            stdin.write(self._rows)
            stdin.flush()
            pickle.load(stdout)  # noqa: S301
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        return process


def _ask(
    process: subprocess.Popen[bytes], place: int, spec: FitSpec, warm: Sequence[Parameters]
) -> Fitted:
    stdin, stdout = _pipes(process)
    try:
        _tell(stdin, (spec, warm))
        tried, progress = pickle.load(stdout)  # noqa: S301
    except (OSError, EOFError, pickle.UnpicklingError):
        return Fitted(place, None, ())
    return Fitted(place, tried, progress)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """What it reads, and what it answers."""
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _tell(stream: IO[bytes], what: Any) -> None:
    pickle.dump(what, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def main() -> None:
    """Fit what is asked for at standard input, as long as somebody does."""
    with (
        os.fdopen(0, "rb", closefd=False) as asked,
        os.fdopen(1, "wb", closefd=False) as out,
        running(ThreadedMap(1)) as chunk_map,
    ):
        data, specs = pickle.load(asked)  # noqa: S301
        fits = CandidateFits(data, specs, chunk_map)
        _tell(out, None)
        while True:
            try:
                spec, warm = pickle.load(asked)  # noqa: S301
            except EOFError:
                return
            fitting = fits.fit(spec, warm)
            progress: list[FitProgress] = []
            while True:
                try:
                    progress.append(next(fitting))
                except StopIteration as end:
                    _tell(out, (end.value, progress))
                    break
