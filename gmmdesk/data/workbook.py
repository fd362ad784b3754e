"""Excel and OpenDocument workbooks: one sheet as a table.

The parser of workbooks makes room for whatever a file asks for, and takes its process down when
there is no such room: a few hundred bytes are enough to ask for more than any computer has. So it
runs in a process of its own (`workbook_sheet`), which may be stopped, run out of memory or abort.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from typing import IO, Any, BinaryIO, cast

import msgspec
import pyarrow as pa

from gmmdesk.data.dataset import Finding, Places
from gmmdesk.data.limits import allowed_memory, check_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.data.workbook_container import FAR_CELLS_HINT, damaged
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BEAT = 0.02  # seconds between two looks at the task

# The same modules as here, wherever they come from, and none from the current folder.
_PROGRAM = (
    "import json, sys; request = json.loads(sys.argv[1]); sys.path[:] = request.pop('path');"
    " from gmmdesk.data.workbook_sheet import main; main(**request)"
)
# Neither Ctrl+C nor a console's window is for it.
_APART: dict[str, Any] = {"process_group": 0}
if sys.platform == "win32":
    _APART = {"creationflags": subprocess.CREATE_NO_WINDOW}


def read_workbook(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table on the sheet that `options` name, or on the first that holds one; hidden ones last.

    `file` is a real one: the process that parses it gets it as its standard input.
    Raises ReadError for a workbook that is damaged, protected, or larger unpacked than it may
    be, and for a sheet that is not there or empty.
    """
    task.step(None, "Opening the workbook")
    memory = allowed_memory()
    request = {
        "path": [*map(str, sys.path)],
        "name": name,
        "options": msgspec.to_builtins(options),
        "memory": memory,
    }
    with (
        subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, json.dumps(request)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **_APART,
        ) as process,
        ThreadPoolExecutor(2, "workbook") as pool,
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
        raise _failure(process.wait(), complaints.result().decode(errors="replace"), name, memory)


def _listen(stream: IO[bytes], name: str, task: Task) -> RawTable | None:
    """What the process says: lines of JSON, then an Arrow stream; None when that is cut short."""
    try:
        for line in stream:
            said = json.loads(line)
            if "error" in said:
                raise ReadError(*said["error"])
            if "fraction" not in said:
                break
            task.step(said["fraction"], "Reading the sheet")
        else:
            return None
        check_memory(said["n_bytes"], name)
        table = pa.ipc.open_stream(stream).read_all()
    except (ValueError, OSError):
        return None
    if table.num_rows < said["n_rows"]:
        return None
    return RawTable(
        table.column_names,
        table.columns,
        said["notes"],
        {"sheet": said["sheet"]},
        tuple(said["sheets"]),
        findings=[Finding(**finding) for finding in said["findings"]],
        units=said["units"],
        places=Places("row of the sheet", said["first_row"]),
    )


def _failure(status: int, complaints: str, name: str, memory: int | None) -> Exception:
    """Why a process ended that has not said all."""
    if "MemoryError" in complaints or "memory allocation" in complaints or status == -9:
        most = "there is" if memory is None else f"the {memory / 2**30:.1f} GB it may take"
        return ReadError(f"{name} needs more memory than {most}.", FAR_CELLS_HINT)
    if status in (0, 1) and "PanicException" not in complaints:
        return RuntimeError(f"the process that reads workbooks failed:\n{complaints}")
    return damaged(name, "the parser of workbooks gave up")
