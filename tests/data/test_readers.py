"""Which reader a file gets, and files that cannot be opened."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from gmmdesk.data import limits, source
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import FILE_FILTERS, READERS, SUFFIXES, read, read_text
from gmmdesk.errors import ReadError
from gmmdesk.task import Task


def test_every_ending_belongs_to_one_reader():
    assert len(SUFFIXES) == len(set(SUFFIXES))
    assert {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods", ".parquet"} <= set(SUFFIXES)
    assert all(f"*{suffix}" in FILE_FILTERS[0] for suffix in SUFFIXES)
    assert len(FILE_FILTERS) == len(READERS) + 2


def write_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([["x", "y"], [1.5, 2], [2.5, 7]]):
            sheet.write_row(i, 0, row)


def write_parquet(path: Path) -> None:
    pq.write_table(pa.table({"x": [1.5, 2.5], "y": [2, 7]}), path)


def write_text(path: Path) -> None:
    path.write_text("x,y\n1.5,2\n2.5,7\n")


@pytest.mark.parametrize(
    ("write", "format_"),
    [(write_workbook, "Excel"), (write_parquet, "Parquet"), (write_text, "CSV")],
)
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.parquet", "t.data", "t"])
def test_content_decides_whatever_the_ending(tmp_path, write, format_, name):
    write(tmp_path / name)
    dataset = read(str(tmp_path / name))
    assert dataset.receipt.format == format_
    assert dataset.column("x").numbers().tolist() == [1.5, 2.5]
    promised = next((r.name for r in READERS if Path(name).suffix in r.suffixes), "")
    assert any(name in note for note in dataset.receipt.notes) is (promised != format_)


@pytest.mark.parametrize(
    ("content", "name", "what"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "report.xls", "a web page"),
        (b"\n<!DOCTYPE html><html></html>", "data.csv", "a web page"),
        (b'<?xml version="1.0"?><Workbook/>', "report.xls", "an XML file"),
        (b"%PDF-1.7 ...", "table.csv", "a PDF document"),
        (b"7z\xbc\xaf'\x1c" + b"\0" * 20, "table.7z", "a 7z archive"),
        (b"\0asm\1\0\0\0", "module.wasm", "of no known kind"),
        (b"\0\1\2\3" * 100, "book.xlsx", "no Excel file"),
    ],
)
def test_what_is_no_table_says_what_it_is(file, content, name, what):
    with pytest.raises(ReadError, match=what) as caught:
        read(file(content, name))
    assert ("another copy" if "Excel" in what else ".csv") in caught.value.hint


@pytest.mark.parametrize("name", ["survey.gmmdesk", "survey.zip"])
def test_a_session_is_no_table(tmp_path, name):
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("session.json", '{"format":"gmmdesk-session","version":1}')
    with pytest.raises(ReadError, match="is a gmmdesk session, not a table") as caught:
        read(tmp_path / name)
    assert f'gmmdesk fit "{name}"' in caught.value.hint


def test_an_archive_with_a_file_of_that_name_is_one(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("session.json", '[{"x": 1.5}, {"x": 2.5}]')
    assert read(tmp_path / "t.zip").column("x").numbers().tolist() == [1.5, 2.5]


def test_a_sheet_of_a_file_that_has_none(file):
    with pytest.raises(ReadError, match="has no sheets"):
        read(file("x\n1\n2\n"), ReadOptions(sheet="Sheet1"))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReadError, match="is not there"):
        read(tmp_path / "no.csv")


def test_a_folder(tmp_path):
    with pytest.raises(ReadError, match="is a folder"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_pipe_does_not_wait_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "table.csv")
    with pytest.raises(ReadError, match="is a pipe or a device") as caught:
        read(tmp_path / "table.csv")
    assert "into a file" in caught.value.hint


def test_a_device():
    with pytest.raises(ReadError, match=r"is a pipe or a device|cannot be opened"):
        read(os.devnull)


def test_a_file_that_may_not_be_read(file, monkeypatch):
    path = file("x\n1\n2\n")
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read everything

        def refuse(*args: object, **kwargs: object) -> None:
            raise PermissionError

        monkeypatch.setattr(source.Path, "open", refuse)
    with pytest.raises(ReadError, match="may not be read"):
        read(path)


@pytest.mark.parametrize("name", ["bad\0name.csv", "x" * 5_000])
def test_a_name_that_cannot_be(name):
    with pytest.raises(ReadError, match="cannot be opened"):
        read(name)


class Meddler(Task):
    """Does something to the file while it is read."""

    def __init__(self, meddle) -> None:
        super().__init__()
        self._meddle = meddle

    def step(self, fraction=None, what=None) -> None:
        super().step(fraction, what)
        if self._meddle is not None:
            self._meddle()
            self._meddle = None


def test_a_file_that_changes_while_it_is_read(file):
    path = file("x,y\n1,2\n3,4\n")

    def append() -> None:
        with path.open("a") as stream:
            stream.write("5,6\n")

    with pytest.raises(ReadError, match="changed while it was read"):
        read(path, task=Meddler(append))


def test_a_file_that_vanishes_while_it_is_read(file):
    path = file("x,y\n1,2\n3,4\n")
    with pytest.raises(ReadError, match="vanished while it was read"):
        read(path, task=Meddler(path.unlink))


def test_a_table_cut_while_it_was_written_is_not_called_damaged(file):
    path = file("x,y\n1,2\n3,4,5\n")

    def complete() -> None:
        path.write_text("x,y\n1,2\n3,4\n5,6\n")

    with pytest.raises(ReadError, match="changed while it was read"):
        read(path, task=Meddler(complete))


def test_a_file_larger_than_memory(file, monkeypatch):
    monkeypatch.setattr(limits, "available_memory", lambda: 1_000)
    with pytest.raises(ReadError, match="GB of memory"):
        read(file("x\n" + "1\n" * 1_000))


def test_too_many_columns(file):
    names = ",".join(f"x{i}" for i in range(limits.MAX_COLUMNS + 1))
    with pytest.raises(ReadError, match="16,385 columns"):
        read(file(names + "\n" + names.replace("x", "") + "\n"))


def test_this_machine_says_how_much_memory_is_free():
    available = limits.available_memory()
    assert available is None or available > 1 << 20


def test_a_sentence_is_no_table():
    with pytest.raises(ReadError, match="single line") as caught:
        read_text("Hello, world, this is a sentence.\n")
    assert "with their headings and the rows" in caught.value.hint
