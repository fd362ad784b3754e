"""Damaged files of every format: each is read, or refused in words, within ten seconds.

GMMDESK_FUZZ in the environment sets the number of damaged copies for each file (4 otherwise).
"""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

# Imported here once, not by each of the processes that begin from this one.
from gmmdesk.data import (
    archive,
    arff_text,
    arrow_file,
    compressed,
    cytometry,
    database_table,
    formats,
    json_text,
    labelled,
    limits,
    numpy_file,
    picture,
    readers,
    workbook_sheet,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import seemly
from gmmdesk.errors import GmmdeskError
from tests.data.format_corpus.case import CSV, Case
from tests.data.format_corpus.formats import CASES
from tests.data.workbook_files import WRITERS, cells

PARSERS = (
    *(archive, arff_text, arrow_file, compressed, cytometry, database_table, json_text, labelled),
    *(numpy_file, picture, workbook_sheet),
)
EXAMPLES = int(os.environ.get("GMMDESK_FUZZ", "4"))
SECONDS = 10
MEMORY = 1 << 30
READ, REFUSED, FAULT = b"read", b"refused", b"fault"


def parquet_file(path: Path) -> None:
    table = pa.table({"x": [1.5, None, 2.0], "s": ["a", "é", "a"], "l": [[1], [], None]})
    pa.parquet.write_table(table, path)


def workbook(ending: str) -> Callable[[Path], object]:
    table = cells(["size", "who"], [1.5, "Ann"], [2.25, "Bob"], [4.0, "Ann"])
    return lambda path: WRITERS[ending](path, table)


SOUND = [
    *(case for case in CASES if not case.error),
    Case("table.csv", CSV),
    Case("quoted.csv", 'a;"b ""c"""\n"1,5";x\n2;"y\nz"\n'),
    Case("table.parquet", parquet_file),
    *(Case(f"book{ending}", workbook(ending)) for ending in WRITERS),
]

INTERESTING = (b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\0" * 8, b"9" * 20, b"[" * 50)


@st.composite
def damages(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A few changes of bytes, anywhere in a file."""
    changes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["set", "insert", "delete", "repeat", "cut"]),
                st.floats(0, 1),
                st.integers(1, 64),
                st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from(INTERESTING)),
            ),
            min_size=1,
            max_size=6,
        )
    )

    def damage(content: bytes) -> bytes:
        for what, place, length, new in changes:
            at = int(place * len(content))
            end = at + length
            if what == "set":
                content = content[:at] + new + content[at + len(new) :]
            elif what == "insert":
                content = content[:at] + new + content[at:]
            elif what == "delete":
                content = content[:at] + content[end:]
            elif what == "repeat":
                content = content[:at] + content[at:end] * 5 + content[end:]
            elif at:
                content = content[:at]
        return content

    return damage


@pytest.mark.usefixtures("parsers_here")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that begin where this one is")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.timeout(60 + 10 * EXAMPLES)
@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_a_damaged_file_is_read_or_refused(case: Case, tmp_path):
    path = case.write(tmp_path)
    sound = path.read_bytes()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a file that hangs is not to be made smaller: it takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(damages())
    def check(damage: Callable[[bytes], bytes]) -> None:
        path.write_bytes(damage(sound) or b"?")
        said = outcome_of_reading(path, case.sheet)
        assert said.startswith((READ, REFUSED)), said.decode(errors="replace")

    check()


def outcome_of_reading(path: Path, sheet: str | None) -> bytes:
    """How reading ends, in a process of its own, which may crash where its parser runs apart."""
    listen, tell = os.pipe()
    process = os.fork()
    if process == 0:
        said = FAULT
        try:
            os.close(listen)
            sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - gone with the process
            limits.limit_memory(MEMORY)
            said = tell_of(path, sheet)
        finally:
            os.write(tell, said[:4000])
            os._exit(0)
    os.close(tell)
    try:
        if not select.select([listen], [], [], SECONDS)[0]:
            os.kill(process, signal.SIGKILL)
            return b"a hang"
        said = os.read(listen, 4096)
    finally:
        os.close(listen)
        _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        # Where a parser runs apart this is what `parse_apart` turns into words.
        return REFUSED if is_apart(path) else b"a crash"
    return said


def tell_of(path: Path, sheet: str | None) -> bytes:
    try:
        dataset = readers.read(path, ReadOptions(sheet=sheet))
        names = [column.name for column in dataset.columns]
        assert dataset.n_rows > 0
        assert len(set(names)) == len(names)
        assert all(name and name == seemly(name) for name in names), names
        assert {len(column.cells) for column in dataset.columns} == {dataset.n_rows}
        for column in dataset.columns:
            column.cells.validate(full=True)
        return READ
    except GmmdeskError as error:
        return REFUSED if error.message and error.hint else repr(error).encode()
    except BaseException as error:
        if type(error).__name__ in ("MemoryError", "PanicException") and is_apart(path):
            return REFUSED  # in the words of `parse_apart`
        return traceback.format_exc()[-3500:].encode()


def is_apart(path: Path) -> bool:
    with path.open("rb") as file:
        reader, _ = formats.find_reader(file, path)
    return reader.name not in ("CSV", "Parquet", "NumPy")
