"""Parsers of untrusted bytes in a process of their own.

Libraries that parse make room for whatever a file asks for, and those in C take their process down
where there is no such room, or where the file is made to: a few hundred bytes are enough to ask for
more memory than any computer has. So each runs in a process (`apart_process`) that may be stopped,
run out of memory or abort: then there is a message, and the window is still there.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import IO, Any, BinaryIO, cast

import msgspec
import pyarrow as pa

from gmmdesk.data.limits import allowed_memory, check_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.errors import ReadError, TooLargeError
from gmmdesk.interpreter import start_python
from gmmdesk.task import Task

_BEAT = 0.02  # seconds between two looks at the task

# What Python, Rust and C++ say on standard error when a request for memory was refused.
_OUT_OF_MEMORY = ("MemoryError", "memory allocation", "bad_alloc")
_NOTHING: Mapping[str, Any] = {}
_MEMORY_HINT = "Close other programs, or open a part of the file."


def parse_apart(
    parser: str,
    file: BinaryIO,
    name: str,
    options: ReadOptions,
    task: Task,
    *,
    more: Mapping[str, Any] = _NOTHING,
    memory_hint: str = _MEMORY_HINT,
) -> RawTable:
    """The table in `file`, as the function `parser` ("module:function") finds it.

    That takes a file, its name, the options and a task, and `more` by name, which JSON can hold;
    it returns a RawTable or raises ReadError.
    `file` is a real one: the process gets it as its standard input.
    Raises ReadError as the parser does, and for a file with which it crashes or needs more memory
    than it may take; Cancelled, having ended the process, when the task is cancelled.
    """
    task.step(None, "Opening the file")
    memory = allowed_memory()
    request = {
        "parser": parser,
        "name": name,
        "options": msgspec.to_builtins(options),
        "memory": memory,
        "more": dict(more),
    }
    with (
        start_python(
            "gmmdesk.data.apart_process:main",
            request,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        ThreadPoolExecutor(2, "parser") as pool,
    ):
        stdout, stderr = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stderr)
        try:
            listening = pool.submit(_listen, stdout, name, task)
            complaints = pool.submit(stderr.read)
            while not wait([listening], _BEAT).done:
                task.step()
            if table := listening.result():
                return table
        except BaseException:
            process.kill()
            raise
        said = complaints.result().decode(errors="replace")
        raise _failure(process.wait(), said, name, memory, memory_hint)


def damaged(name: str, error: Exception | str, hint: str = "") -> ReadError:
    """What there is to say of a file that its parser cannot make sense of."""
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if len(reason) > 200:
        reason = reason[:200] + "\N{HORIZONTAL ELLIPSIS}"
    return ReadError(
        f"{name} is damaged or cut short: {reason}.",
        hint or "Copy or download it again, or save it again from the program it came from.",
    )


def _listen(stream: IO[bytes], name: str, task: Task) -> RawTable | None:
    """What the process says: lines of JSON, then an Arrow stream; None when that is cut short."""
    try:
        for line in stream:
            said = json.loads(line)
            if "figures" in said:
                raise TooLargeError(*said["error"], **said["figures"])
            if "error" in said:
                raise ReadError(*said["error"])
            if "fraction" not in said:
                break
            task.step(said["fraction"], said.get("what"))
        else:
            return None
        check_memory(said["n_bytes"], name)
        table = pa.ipc.open_stream(stream).read_all()
    except (ValueError, OSError):
        return None
    if table.num_rows < said["n_rows"]:
        return None
    return RawTable.from_facts(table, said["facts"])


def _failure(
    status: int, complaints: str, name: str, memory: int | None, memory_hint: str
) -> Exception:
    """Why a process ended that has not said all."""
    if status == -9 or any(word in complaints for word in _OUT_OF_MEMORY):
        most = "there is" if memory is None else f"the {memory / 2**30:.1f} GB it may take"
        return ReadError(f"{name} needs more memory than {most}.", memory_hint)
    if status in (0, 1) and "PanicException" not in complaints:
        return RuntimeError(f"the process that parses {name} failed:\n{complaints}")
    return damaged(name, "its parser gave up")
