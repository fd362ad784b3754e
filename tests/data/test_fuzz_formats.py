"""Damaged files of every format: each is read, or refused in words, within ten seconds.

GMMDESK_FUZZ in the environment sets the number of damaged copies for each file (4 otherwise).
"""

from __future__ import annotations

import faulthandler
import io
import os
import select
import signal
import sys
import traceback
import zipfile
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
    workbook_formats,
    workbook_sheet,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import seemly
from gmmdesk.errors import GmmdeskError
from tests.data.format_corpus.case import CSV, Case
from tests.data.format_corpus.formats import CASES
from tests.data.workbook_files import WRITERS, cells
from tests.fuzzing import cases

PARSERS = (
    *(archive, arff_text, arrow_file, compressed, cytometry, database_table, json_text, labelled),
    *(numpy_file, picture, workbook_sheet),
)
EXAMPLES = cases(4)
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

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a file that hangs is not to be made smaller: it takes minutes
    suppress_health_check=list(HealthCheck),
)
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

    @fuzzed
    @given(damages(), st.sampled_from((None, None, 1, 2)))
    def check(damage: Callable[[bytes], bytes], row_limit: int | None) -> None:
        path.write_bytes(damage(sound) or b"?")
        said = outcome_of_reading(path, ReadOptions(sheet=case.sheet, row_limit=row_limit))
        assert said.startswith((READ, REFUSED)), said.decode(errors="replace")

    check()


@pytest.mark.usefixtures("parsers_here")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that begin where this one is")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.timeout(60 + 10 * EXAMPLES)
@pytest.mark.parametrize("ending", [".sas7bdat", ".sas7bcat"])
@pytest.mark.parametrize("archive", ["haven", "pyreadstat"])
def test_a_damaged_pair_of_sas_is_read_or_refused(archive, ending, tmp_path):
    """A data set and the catalog beside it, of which one is damaged."""
    with zipfile.ZipFile(Path(__file__).parent / "sas_files" / f"{archive}.zip") as file:
        for name in file.namelist()[:2]:
            (tmp_path / f"t{Path(name).suffix}").write_bytes(file.read(name))
    path = tmp_path / f"t{ending}"
    sound = path.read_bytes()

    @fuzzed
    @given(damages())
    def check(damage: Callable[[bytes], bytes]) -> None:
        path.write_bytes(damage(sound) or b"?")
        said = outcome_of_reading(tmp_path / "t.sas7bdat", ReadOptions())
        assert said.startswith((READ, REFUSED)), said.decode(errors="replace")

    check()


def outcome_of_reading(path: Path, options: ReadOptions) -> bytes:
    """How reading ends, in a process of its own, which may crash where its parser runs apart."""
    listen, tell = os.pipe()
    # pytest's: in the other process there is no thread of it, which would be waited for.
    faulthandler.cancel_dump_traceback_later()
    process = os.fork()
    if process == 0:
        said = FAULT
        try:
            os.close(listen)
            sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - gone with the process
            limits.limit_memory(MEMORY)
            faulthandler.dump_traceback_later(SECONDS - 1, file=tell)  # where it hangs
            said = tell_of(path, options)
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


def tell_of(path: Path, options: ReadOptions) -> bytes:
    try:
        dataset = readers.read(path, options)
        names = [column.name for column in dataset.columns]
        assert 0 < dataset.n_rows <= (options.row_limit or dataset.n_rows)
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


# --- number formats, which are found without the parser of workbooks ---------------------------

PARTS = {
    ".xlsx": ("xl/styles.xml", "xl/worksheets/sheet1.xml"),
    ".xlsb": ("xl/styles.bin", "xl/workbook.bin", "xl/worksheets/sheet1.bin"),
    ".ods": ("content.xml",),
}


@pytest.mark.parametrize("ending", PARTS)
def test_formats_of_damaged_styles_are_none_or_sound(ending, tmp_path):
    """What is damaged stands in an archive that is whole, as a damage of its own would show."""
    path = tmp_path / f"book{ending}"
    how = {"looks": ["0.0 kg", 10]} if ending == ".xlsb" else {}
    WRITERS[ending](path, cells(["size", "who"], [1.5, "Ann"], [2.25, "Bob"]), **how)
    with zipfile.ZipFile(path) as archive:
        sound = {name: archive.read(name) for name in archive.namelist()}
    if ending == ".ods":
        sound["content.xml"] = sound["content.xml"].replace(b"<office:body>", STYLES)

    @settings(max_examples=25 * EXAMPLES, deadline=None, database=None)
    @given(st.sampled_from(PARTS[ending]), damages())
    def check(part: str, damage: Callable[[bytes], bytes]) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in sound.items():
                archive.writestr(name, damage(text) if name == part else text)
        for code in workbook_formats.column_formats(content, "S", 1, 0, 3):
            assert len(code) <= 120
            assert code.isprintable()

    check()


STYLES = (
    b'<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    b' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0">'
    b'<number:number-style style:name="D"><number:number number:decimal-places="2"'
    b' number:min-integer-digits="1" number:grouping="true"/><number:text> kg</number:text>'
    b'<style:map style:condition="value()&gt;=0" style:apply-style-name="D"/></number:number-style>'
    b'<style:style style:name="c" style:family="table-cell" style:data-style-name="D"/>'
    b"</office:automatic-styles><office:body>"
)
