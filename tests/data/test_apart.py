"""Parsers in a process of their own: what it says, and each way in which it may end."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
import xlsxwriter

import gmmdesk
from gmmdesk import interpreter
from gmmdesk.data import apart, limits
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.errors import Cancelled, ReadError, TooLargeError
from gmmdesk.task import Task
from tests.data.workbook_files import (
    cells,
    repack,
    write_ods_body,
    write_xls,
    write_xlsb,
    write_xlsx,
)

_HEADER = '{"facts": {"sheets": ["S"], "notes": []}, "n_rows": 3, "n_bytes": 24}'
_TEXT = "A" * 30_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workbook of four rows."""
    path = tmp_path / "book.xlsx"
    write_xlsx(path, cells(["size", "who"], [1.5, "Ann"], [2.25, "Bob"], [4.0, "Ann"], [None, "B"]))
    return path


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return started


class Impatient(Task):
    """Cancelled at its third step."""

    n_steps = 0

    def step(self, fraction: float | None = None, what: str | None = None) -> None:
        self.n_steps += 1
        if self.n_steps == 3:
            self.cancel()
        super().step(fraction, what)


def test_a_table_arrives_with_its_types_names_and_notes(tmp_path, processes):
    path = tmp_path / "Größe 測.xlsx"
    day = dt.datetime(2020, 5, 17, 10, 30)
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        book.add_worksheet("Blatt ä").write_row(0, 0, ["Höhe", "", "day", "n"])
        for i in range(1, 3):
            book.worksheets()[0].write_row(i, 0, [i / 3, "é", day, i])
        book.add_worksheet("Other")
    task = Task()
    dataset = read(path, task=task)
    assert [column.name for column in dataset.columns] == ["Höhe", "Column 2", "day", "n"]
    assert [c.cells.to_pylist() for c in dataset.columns] == [
        [1 / 3, 2 / 3],
        ["é", "é"],
        [day, day],
        [1, 2],
    ]
    assert dataset.receipt.sheets == ("Blatt ä", "Other")
    assert dataset.receipt.notes == ("Columns without a name were called Column 2.",)
    assert [process.returncode for process in processes] == [0]


def test_progress_is_told(path, monkeypatch):
    steps: list[tuple[float | None, str | None]] = []
    task = Task()
    monkeypatch.setattr(task, "step", lambda share=None, what=None: steps.append((share, what)))
    read(path, task=task)
    assert (1.0, "Reading the sheet") in steps


# --- what would take a process down --------------------------------------------------------------


def far_cell(path: Path) -> None:
    write_xlsx(path, {(0, 0): 1.5, (1_048_575, 16_383): 2.5})


def far_cell_xls(path: Path) -> None:
    write_xls(path, {(0, 0): 1.5, (65_535, 65_535): 2.5})


def far_cell_xlsb(path: Path) -> None:
    write_xlsb(path, {(0, 0): 1.5, (1_048_575, 16_383): 2.5}, "sheet1.dat")


def repeated_text(path: Path) -> None:
    rows = "".join(f'<row><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 20_000))
    write_xlsx(path, {(0, 0): _TEXT})
    repack(path, sheet1=f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode())


def repeated_cells(path: Path) -> None:
    cell = f'<table:table-cell office:value-type="string"{{}}><text:p>{_TEXT}</text:p>'
    wide = cell.format(' table:number-columns-repeated="300"') + "</table:table-cell>"
    times = ' table:number-rows-repeated="1000"'
    write_ods_body(path, f"<table:table-row{times}>{wide}</table:table-row>")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit memory")
@pytest.mark.parametrize(
    "write", [far_cell, far_cell_xls, far_cell_xlsb, repeated_text, repeated_cells]
)
def test_a_small_file_that_asks_for_too_much_memory(tmp_path, monkeypatch, write):
    monkeypatch.setattr(apart, "allowed_memory", lambda: 200 << 20)
    path = tmp_path / "book"
    write(path)
    with pytest.raises(ReadError, match=r"book needs more memory than the 0\.2 GB it may take"):
        read(path)


def test_a_file_that_the_parser_does_not_survive(tmp_path):
    path = tmp_path / "book.xlsb"
    write_xlsb(path, cells(["x"], [1.5]))
    path.write_bytes(path.read_bytes().replace(b'Id="rId1"', b'Id="rId2"'))
    with pytest.raises(ReadError, match="damaged"):
        read(path)


@pytest.mark.parametrize(
    ("program", "error", "message"),
    [
        ("import os; os.abort()", ReadError, "damaged or cut short: its parser gave up"),
        ("class PanicException(BaseException): ...\nraise PanicException", ReadError, "gave up"),
        ("raise MemoryError", ReadError, "more memory"),
        ("print('{\"fracti', end='')\nraise MemoryError", ReadError, "more memory"),
        ("1 / 0", RuntimeError, "ZeroDivisionError"),
        ("print('{\"fraction\": 0.5}')", RuntimeError, "failed"),
        (f"print('{_HEADER}')\nraise MemoryError", ReadError, "more memory"),
        (
            "import pyarrow as pa, sys\n"
            f"sys.stdout.buffer.write(b'{_HEADER}' + b'\\n')\n"
            "table = pa.table({'x': [1.5, 2.5]})\n"
            "stream = pa.ipc.new_stream(sys.stdout.buffer, table.schema)\n"
            "stream.write_table(table)\n"
            "sys.stdout.flush()\n"
            "raise MemoryError",
            ReadError,
            "more memory",
        ),
    ],
)
def test_a_process_that_does_not_say_all(path, monkeypatch, program, error, message):
    monkeypatch.setattr(interpreter, "_PROGRAM", program)
    with pytest.raises(error, match=message):
        read(path)


def test_a_table_larger_than_memory_is_not_taken(path, processes, monkeypatch):
    header = _HEADER.replace("24", str(1 << 60))
    monkeypatch.setattr(
        interpreter, "_PROGRAM", f"import time; print('{header}', flush=True); time.sleep(60)"
    )
    with pytest.raises(ReadError, match=r"needs about .* GB of memory"):
        read(path)
    assert processes[0].returncode is not None


def test_the_figures_of_a_file_that_is_too_large_arrive(path, monkeypatch):
    said = '{"error": ["too large", "close"], "figures": {"n_bytes": 9, "available": 5, '
    said += '"n_rows": 7, "n_fitting": null, "can_sample": false}}'
    monkeypatch.setattr(interpreter, "_PROGRAM", f"print('{said}', flush=True)")
    with pytest.raises(TooLargeError, match="too large") as caught:
        read(path)
    figures = {"n_bytes": 9, "available": 5, "n_rows": 7, "n_fitting": None, "can_sample": False}
    assert caught.value.figures() == figures
    assert caught.value.hint == "close"


def parse_too_much(_file, _name, _options, _task):
    raise TooLargeError("too large", "close", n_bytes=9, available=5, n_rows=7, n_fitting=3)


def test_a_parser_tells_the_figures_of_a_file_that_is_too_large(path):
    with path.open("rb") as file, pytest.raises(TooLargeError) as caught:
        apart.parse_apart(f"{__name__}:parse_too_much", file, "t", ReadOptions(), Task())
    figures = {"n_bytes": 9, "available": 5, "n_rows": 7, "n_fitting": 3, "can_sample": True}
    assert caught.value.figures() == figures


def test_without_a_figure_for_memory_there_is_no_limit(path, monkeypatch):
    monkeypatch.setattr(limits, "available_memory", lambda: None)
    assert read(path).n_rows == 4


def test_cancelling_ends_the_process(path, processes, monkeypatch):
    monkeypatch.setattr(interpreter, "_PROGRAM", "import time; time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(Cancelled):
        read(path, task=Impatient())
    assert time.monotonic() - start < 10
    assert processes[0].returncode is not None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("parser")]


def test_a_process_to_which_nobody_listens_ends(path):
    code = """
        import threading
        import gmmdesk.data.apart_process as process
        process.sleep = lambda *_: threading.Event().wait(60)
        process.main("gmmdesk.data.apart_process:sleep", "book.xlsx", {}, None)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with (
        path.open("rb") as file,
        subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE) as p,
    ):
        p.stdout.close()
        assert p.wait(20) == 1


# --- where it is started from --------------------------------------------------------------------


def test_it_imports_little():
    code = """
        import sys
        import gmmdesk.data.apart_process, gmmdesk.data.workbook_sheet
        print({"PySide6", "scipy", "pandas", "xlsxwriter", "clevercsv"} & set(sys.modules))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"


def test_modules_in_the_current_folder_are_none_of_its(path, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert read(path).n_rows == 4


@pytest.mark.parametrize("options", [[], ["-P"], ["-I"]])
def test_from_a_checkout_without_standard_streams(path, tmp_path, options):
    code = f"""
        import os, sys
        sys.path.insert(0, {str(Path(gmmdesk.__file__).parents[1])!r})
        for stream in range(3):
            os.close(stream)
        from gmmdesk.data.readers import read
        n_rows = read({str(path)!r}).n_rows
        open("n_rows", "w").write(str(n_rows))
    """
    command = [sys.executable, *options, "-c", textwrap.dedent(code)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "n_rows").read_text() == "4"
