"""Labels of values in a catalog of SAS beside the file."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import zipfile
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from gmmdesk import cli
from gmmdesk.data import sas, sas_catalog
from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.sas_catalog import catalog_beside, read_catalog
from gmmdesk.errors import ReadError, TooLargeError

FILES = Path(__file__).parent / "sas_files"
ONE = bytes.fromhex("bff0000000000000")  # as a catalog has it
TWO = bytes.fromhex("c000000000000000")

pytestmark = pytest.mark.usefixtures("parsers_here")


@pytest.fixture
def folder(tmp_path):
    """Files of SAS and their catalogs."""
    for archive in ("haven", "pyreadstat"):
        with zipfile.ZipFile(FILES / f"{archive}.zip") as file:
            file.extractall(tmp_path)
    return tmp_path


@pytest.fixture
def survey(folder):
    """A data set of eight people, with a catalog that has SAS's usual name beside it."""
    return folder / "hadley.sas7bdat"


def said(dataset):
    return [note for note in dataset.receipt.notes if "catalog" in note]


def test_labels_come_from_the_catalog_beside_the_file(survey):
    dataset = read(survey)
    workshop, gender = dataset.column("workshop"), dataset.column("gender")
    assert workshop.cells.to_pylist() == ["R", "SAS"] * 4
    genders = ["Female"] * 3 + [None] + ["Male"] * 4
    assert gender.cells.to_pylist() == genders
    assert not workshop.is_numeric
    assert said(dataset) == [
        "The catalog formats.sas7bcat gave the labels of workshop (WORKSHOP) and gender ($GENDER)."
    ]
    receipt = dataset.receipt
    catalog = (survey.parent / "formats.sas7bcat").read_bytes()
    assert receipt.catalog == "formats.sas7bcat"
    assert receipt.catalog_sha256 == hashlib.sha256(catalog).hexdigest()
    assert receipt.sha256 == hashlib.sha256(survey.read_bytes()).hexdigest()
    numbers = read(survey, ReadOptions(kinds=(("workshop", Kind.NUMBER),)))
    assert numbers.column("workshop").numbers().tolist() == [1, 2] * 4


def test_wide_catalogs_are_read_too(folder):
    (folder / "test_formats_linux.sas7bcat").rename(folder / "Test_Data_LINUX.SAS7BCAT")
    dataset = read(folder / "test_data_linux.sas7bdat")
    assert dataset.receipt.catalog == "Test_Data_LINUX.SAS7BCAT"
    assert dataset.column("SEXA").cells.to_pylist() == ["Male", "Female", "Male"]


def test_kinds_of_missing_values_have_labels(folder):
    x = read(folder / "tagged-na.sas7bdat").column("x")
    assert x.cells.to_pylist() == ["1", "2", "3", "4", "5", "Apple", ".H", "Zebra"]
    assert x.n_missing == 3


def test_the_catalog_with_the_name_of_the_file_is_the_better_one(folder):
    own, usual = folder / "a.SAS7BCAT", folder / "Formats.sas7bcat"
    assert catalog_beside(folder / "a.sas7bdat") == folder / "formats.sas7bcat"
    (folder / "formats.sas7bcat").rename(usual)
    assert catalog_beside(folder / "A.sas7bdat") == usual
    shutil.copy(usual, own)
    assert catalog_beside(folder / "A.sas7bdat") == own
    usual.unlink()
    own.unlink()
    own.mkdir()
    assert catalog_beside(folder / "A.sas7bdat") is None
    assert catalog_beside(folder / "none" / "A.sas7bdat") is None


def test_a_catalog_that_is_not_there_is_named(survey):
    (survey.parent / "formats.sas7bcat").unlink()
    dataset = read(survey)
    (note,) = said(dataset)
    assert "as they are stored in workshop (WORKSHOP) and gender ($GENDER)" in note
    assert "called hadley.sas7bcat or formats.sas7bcat." in note
    assert dataset.column("workshop").numbers().tolist() == [1, 2] * 4
    assert dataset.receipt.catalog == dataset.receipt.catalog_sha256 == ""


def test_a_catalog_without_the_format_is_told(survey):
    shutil.copy(survey.parent / "tagged-na.sas7bcat", survey.parent / "hadley.sas7bcat")
    (note,) = said(read(survey))
    assert note.endswith("the catalog hadley.sas7bcat has no such format.")


def test_a_transport_file_has_labels_from_a_catalog(folder):
    table = pd.DataFrame({"workshop": [1.0, 2.0, 1.0], "x": [1.5, 2.5, 0.5]})
    formats = {"workshop": "WORKSHOP8.", "x": "BEST12."}
    pyreadstat.write_xport(table, folder / "t.xpt", variable_format=formats)
    assert read(folder / "t.xpt").column("workshop").cells.to_pylist() == ["R", "SAS", "R"]


def test_a_file_without_formats_has_no_catalog(folder):
    pyreadstat.write_xport(pd.DataFrame({"x": [1.5, 2.5]}), folder / "t.xpt")
    (folder / "formats.sas7bcat").write_bytes(b"damaged")
    dataset = read(folder / "t.xpt")
    assert not said(dataset)
    assert dataset.receipt.catalog == ""


@pytest.mark.parametrize("content", [b"", b"?" * 5000, 3000])
def test_a_damaged_catalog_is_told_and_the_data_is_read(survey, content):
    catalog = survey.parent / "formats.sas7bcat"
    catalog.write_bytes(catalog.read_bytes()[:content] if isinstance(content, int) else content)
    dataset = read(survey)
    (note,) = said(dataset)
    assert "formats.sas7bcat, which may have their labels, is damaged" in note
    assert dataset.column("workshop").numbers().tolist() == [1, 2] * 4
    assert dataset.receipt.catalog_sha256 == hashlib.sha256(catalog.read_bytes()).hexdigest()


def test_a_catalog_that_is_too_large_is_told(survey, monkeypatch):
    monkeypatch.setattr(sas_catalog, "MAX_CATALOG_BYTES", 1 << 10)
    (note,) = said(read(survey))
    assert "more than" in note


# --- what the parser does not know --------------------------------------------------------------


def test_labels_of_ranges_are_not_taken_for_those_of_their_first_values(survey):
    catalog = survey.parent / "formats.sas7bcat"
    content = catalog.read_bytes()
    assert content.count(ONE + ONE) == 1
    catalog.write_bytes(content.replace(ONE + ONE, ONE + TWO))  # 1-2 instead of 1
    assert read_catalog(catalog).labels.keys() == {"$GENDER"}
    dataset = read(survey)
    assert dataset.column("workshop").numbers().tolist() == [1, 2] * 4
    assert dataset.column("gender").cells[0].as_py() == "Female"
    assert any("labels of ranges of values" in note for note in said(dataset))


def test_a_value_with_two_labels_has_none(survey):
    catalog = survey.parent / "formats.sas7bcat"
    catalog.write_bytes(catalog.read_bytes().replace(TWO + TWO, ONE + ONE))
    assert read_catalog(catalog).not_single == {"WORKSHOP"}


@pytest.mark.parametrize("name", ["formats", "tagged-na", "test_formats_linux"])
def test_every_format_that_the_parser_finds_is_looked_at(folder, name):
    catalog = read_catalog(folder / f"{name}.sas7bcat")
    assert catalog.labels
    assert not catalog.not_single


@pytest.mark.parametrize("at", [35, 37, 200, 204, 13_400, 13_600])
def test_a_catalog_that_cannot_be_walked_is_trusted_in_nothing(folder, at):
    path = folder / "formats.sas7bcat"
    content = bytearray(path.read_bytes())
    content[at : at + 4] = b"\xff" * 4
    path.write_bytes(content)
    catalog = read_catalog(path)
    assert set(catalog.labels) <= {"$GENDER", "WORKSHOP"}
    for name, labels in catalog.labels.items():
        assert (
            labels
            == {"$GENDER": {"m": "Male", "f": "Female"}, "WORKSHOP": {1: "R", 2: "SAS"}}[name]
        )


def index_entry(page, start):
    """Where a block begins, as a catalog of 64 bits has it."""
    entry = bytearray(96)
    entry[:4], entry[78] = b"XLSR", ord("O")
    struct.pack_into("<QH", entry, 8, page, start)
    return bytes(entry)


def test_places_beyond_all_bounds_are_none(folder):
    path = folder / "test_formats_linux.sas7bcat"
    path.write_bytes(path.read_bytes() + index_entry(2**62, 1))
    catalog = read_catalog(path)
    assert not catalog.labels
    assert catalog.not_single


def test_blocks_are_no_larger_than_the_catalog_together(folder):
    """Else the pieces of one, which others begin with too, are gone through for each of these."""
    path = folder / "test_formats_linux.sas7bcat"
    content = bytearray(path.read_bytes())
    header, page_bytes, n_links = 8192, 4096, 120  # of 32 bytes in a page
    page = 1 + (len(content) - header) // page_bytes
    links = bytearray(page_bytes)
    for i in range(1, n_links):
        struct.pack_into("<I4xHH", links, 32 * i, page, 32 * (i + 1), 0)
    entries = b"".join(index_entry(page, 32 * i) for i in range(1, n_links))
    path.write_bytes(bytes(content + links) + entries)
    assert not read_catalog(path).labels


def test_a_file_is_read_without_the_catalog_where_the_parser_crashes(survey, monkeypatch):
    """Here it raises what no parser should; apart from this process it would end its own."""
    parse = sas.parse_apart

    def crashing(*arguments, more=None, **rest):
        if more and more.get("parses_catalog", True):
            raise ReadError("It is damaged: its parser gave up.")
        return parse(*arguments, more=more or {}, **rest)

    monkeypatch.setattr(sas, "parse_apart", crashing)
    dataset = read(survey)
    assert dataset.column("workshop").numbers().tolist() == [1, 2] * 4
    assert "its parser gave up" in said(dataset)[0]


def test_a_table_that_is_too_large_is_not_tried_again_without_the_catalog(survey, monkeypatch):
    tried = []

    def refusing(*_, **more):
        tried.append(more)
        raise TooLargeError("It is large.", "", n_bytes=2, available=1)

    monkeypatch.setattr(sas, "parse_apart", refusing)
    with pytest.raises(TooLargeError):
        read(survey)
    assert len(tried) == 1


# --- what comes of it ---------------------------------------------------------------------------


def test_the_catalog_is_in_the_receipt(survey, capsys):
    assert cli.main(["inspect", str(survey)]) == 0
    sha256 = hashlib.sha256((survey.parent / "formats.sas7bcat").read_bytes()).hexdigest()
    assert f"catalog of labels formats.sas7bcat (SHA-256 {sha256})" in capsys.readouterr().out
    assert cli.main(["inspect", str(survey), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["catalog"], told["catalog_sha256"]) == ("formats.sas7bcat", sha256)
