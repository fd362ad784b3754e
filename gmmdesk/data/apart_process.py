"""The process in which a parser of untrusted bytes runs: it tells the table through a pipe.

It imports little, so that it starts at once, and may ask for as much memory as it was given.
"""

from __future__ import annotations

import json
import os
import pkgutil
import threading
from typing import IO, Any

import msgspec
import pyarrow as pa

from gmmdesk.data.limits import limit_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.errors import ReadError, TooLargeError
from gmmdesk.task import Task

_STEP = 0.005  # of all the work: less is not worth telling


class _Teller(Task):
    """A task whose progress goes through the pipe."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self._out = out

    def step(self, fraction: float | None = None, what: str | None = None) -> None:
        last = self.fraction
        super().step(fraction, what)
        moved = fraction is not None and (
            last is None or fraction >= 1.0 or abs(fraction - last) >= _STEP
        )
        if moved or what is not None:
            _say(self._out, fraction=fraction, what=what)
        else:
            self.fraction = last


def main(
    parser: str, name: str, options: dict[str, Any], memory: int | None, more: dict[str, Any]
) -> None:
    """Parse the file at standard input; `gmmdesk.data.apart` listens at standard output."""
    with os.fdopen(0, "rb", closefd=False) as file, os.fdopen(1, "wb", closefd=False) as out:
        file.seek(0)
        parse = pkgutil.resolve_name(parser)  # what it imports is no part of what the file asks for
        if memory is not None:
            limit_memory(memory)
        is_done = threading.Event()
        beat = threading.Thread(target=_beat, args=(out, is_done), daemon=True)
        beat.start()
        try:
            raw = parse(file, name, msgspec.convert(options, ReadOptions), _Teller(out), **more)
            table = raw.table()
        except TooLargeError as error:
            _say(out, error=[error.message, error.hint], figures=error.figures())
        except ReadError as error:
            _say(out, error=[error.message, error.hint])
        else:
            is_done.set()
            beat.join()
            _say(out, facts=raw.facts(), n_rows=table.num_rows, n_bytes=table.nbytes)
            with pa.ipc.new_stream(out, table.schema) as stream:
                stream.write_table(table)
    os._exit(0)  # taking down what was imported would cost as long as a small file


def _beat(out: IO[bytes], is_done: threading.Event) -> None:
    """Say something every second, so as not to go on when nobody listens any more."""
    while not is_done.wait(1):
        try:
            _say(out, fraction=None)
        except OSError:
            os._exit(1)


def _say(out: IO[bytes], **what: Any) -> None:
    out.write(json.dumps(what).encode() + b"\n")
    out.flush()
