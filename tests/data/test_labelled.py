"""Values that files of SPSS, Stata and SAS declare as missing keep what they say."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.sas_formats import made_formats
from gmmdesk.data.sas_transport import missing_letters

pytestmark = pytest.mark.usefixtures("parsers_here")


@pytest.fixture
def survey(tmp_path):
    columns = {
        "income": [1200.5, 998.0, 830.25, 999.0, None, 997.0],
        "city": ["Ulm", "xx", "Bonn", "Ulm", "Bonn", "Ulm"],
        "sex": [1.0, 2.0, 9.0, 1.0, 2.0, 1.0],
        "born": [dt.date(1980, 1, 2), None, dt.date(1900, 1, 1), *[dt.date(1990, 5, 6)] * 3],
    }
    path = tmp_path / "survey.sav"
    first = (dt.date(1900, 1, 1) - dt.date(1582, 10, 14)).days * 86_400
    pyreadstat.write_sav(
        pd.DataFrame(columns),
        path,
        missing_ranges={
            "income": [{"lo": 998, "hi": 999}],
            "city": ["xx"],
            "sex": [9],
            "born": [first],
        },
        variable_value_labels={
            "income": {998: "refused", 999: "12"},
            "sex": {1: "male", 2: "female", 9: "male"},
        },
    )
    return path


def test_codes_are_missing_and_keep_their_text(survey):
    dataset = read(survey)
    income, city, sex, born = dataset.columns
    # A label that looks like a number, or is that of a value too, would say something else.
    assert income.cells.to_pylist() == ["1200.5", "refused", "830.25", "999", None, "997"]
    np.testing.assert_array_equal(income.numbers(), [1200.5, np.nan, 830.25, np.nan, np.nan, 997])
    assert income.missing().tolist() == [False, True, False, True, True, False]
    assert income.n_missing == 3
    assert income.recommended
    assert not len(income.unreadable)
    assert city.cells.to_pylist()[1] == "xx"
    assert city.missing().tolist().index(True) == 1
    assert sex.cells.to_pylist()[:3] == ["male", "female", "9"]
    assert sex.missing().tolist() == [False, False, True, False, False, False]
    assert born.cells.to_pylist()[1:3] == [None, None]
    assert sum("calls missing" in note for note in dataset.receipt.notes) == 1


@pytest.mark.parametrize(
    ("options", "rows"),
    [(ReadOptions(row_limit=2), [0, 1]), (ReadOptions(sample_rows=4, sample_seed=3), None)],
)
def test_codes_stay_with_their_rows(survey, options, rows):
    part, whole = read(survey, options), read(survey)
    texts = list(zip(*(column.cells.to_pylist() for column in part.columns[:3]), strict=True))
    everything = list(zip(*(column.cells.to_pylist() for column in whole.columns[:3]), strict=True))
    assert part.receipt.rows_in_file == 6
    assert texts == [everything[i] for i in rows] if rows else set(texts) < set(everything)


# How a data set of SAS begins.
SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")


def test_letters_of_sas_are_missing_and_keep_their_letter(monkeypatch, file):
    """Nothing writes such a data set but SAS: this is what the parser makes of one."""
    letters = ["A", 1.5, "_", 2.25, None, "Z", 0.5]
    facts = SimpleNamespace(
        column_names=["x", "t"],
        number_rows=7,
        variable_value_labels={},
        missing_user_values={"x": ["A", "Z", "_"]},
        readstat_variable_types={"x": "double", "t": "string"},
        column_labels=["", ""],
        file_encoding="UTF-8",
    )

    def parse(_file, *, user_missing, metadataonly=False, **_):
        cells = {"x": letters, "t": list("AbcdefZ")}
        assert user_missing or metadataonly
        return {} if metadataonly else {key: list(values) for key, values in cells.items()}, facts

    monkeypatch.setattr(pyreadstat, "read_sas7bdat", parse)
    x, t = (dataset := read(file(SAS + bytes(100), "t.sas7bdat"))).columns
    assert x.cells.to_pylist() == [".A", "1.5", "._", "2.25", None, ".Z", "0.5"]
    assert x.missing().tolist() == [True, False, True, False, True, True, False]
    np.testing.assert_array_equal(x.numbers()[[1, 3, 6]], [1.5, 2.25, 0.5])
    assert t.cells.to_pylist() == list("AbcdefZ")
    (note,) = [note for note in dataset.receipt.notes if "calls missing" in note]
    for letter in (".A 1 time", "._ 1 time", ".Z 1 time"):
        assert letter in note


@pytest.mark.parametrize("letter", [b"A", b"Z", b"_"])
@pytest.mark.parametrize("version", [5, 8])
def test_letters_in_a_transport_file_are_missing(tmp_path, letter, version):
    """The letter and seven zeros, by SAS's own TS-140; of which it is the parser tells nothing."""
    path = tmp_path / "t.xpt"
    frame = pd.DataFrame({"x": [1.5, 2.5, 3.5] * 5, "y": np.arange(15) ** 2.0})
    pyreadstat.write_xport(frame, path, file_format_version=version)
    number = bytes.fromhex("41 28 00 00 00 00 00 00")  # 2.5 as IBM wrote numbers
    content = path.read_bytes()
    assert content.count(number) == 5
    path.write_bytes(content.replace(number, letter + bytes(7), 2))
    x = read(path).column("x")
    assert x.n_missing == 2
    np.testing.assert_array_equal(x.numbers()[:6], [1.5, np.nan, 3.5, 1.5, np.nan, 3.5])
    assert x.numbers()[7] == 2.5


@pytest.mark.parametrize("version", [5, 8])
@pytest.mark.parametrize("n_rows", [1, 30])
def test_a_transport_file_of_sas_tells_kinds_of_missing_values(tmp_path, version, n_rows):
    """pyreadstat writes none: those of the file are made in its bytes, as SAS has them."""
    rows = [f"p{i}" for i in range(n_rows)]
    values = [1.5 + i for i in range(n_rows)]
    values[0] = np.nan
    frame = pd.DataFrame({"name": rows, "a": values, "b": values, "c": values})
    path = tmp_path / "t.xpt"
    pyreadstat.write_xport(frame, path, file_format_version=version)
    content, plain = path.read_bytes(), b"." + bytes(7)
    missing = 3 * plain  # in the first row, one beside the other
    assert content.count(missing) == 1
    path.write_bytes(content.replace(missing, b"A" + bytes(7) + b"_" + bytes(7) + plain))
    dataset = read(path)
    assert [dataset.column(name).numbers()[1:].tolist() for name in "abc"] == [values[1:]] * 3
    assert [dataset.column(name).n_missing for name in "abc"] == [1] * 3
    assert [dataset.column(name).cells[0].as_py() for name in "abc"] == [".A", "._", None]
    assert any("a (.A 1 time)" in note for note in dataset.receipt.notes)
    # A file that does not fit together is read without.
    letters = path.read_bytes().replace(b"NAMESTR", b"NAMESTX").replace(b"NAMSTV8", b"NAMSTX8")
    with (tmp_path / "t").open("w+b") as file:
        file.write(letters)
        assert missing_letters(file, n_rows) == {}
        file.truncate(len(letters) - 80 * 3)
        assert missing_letters(file, n_rows) == {}


def test_answers_on_a_scale_are_numbers_where_that_is_chosen(tmp_path):
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"agree": [1.0, 3.0, 2.0, 9.0], "x": [1.5, 2.5, 3.5, 4.5]}),
        path,
        variable_value_labels={"agree": {1: "no", 2: "partly", 3: "yes", 9: "no answer"}},
        missing_ranges={"agree": [9]},
    )
    found = read(path)
    assert found.column("agree").cells.to_pylist() == ["no", "yes", "partly", "no answer"]
    assert "Choose the kind number" in " ".join(found.receipt.notes)
    chosen = read(path, ReadOptions(kinds=(("agree", Kind.NUMBER),))).column("agree")
    assert chosen.recommended
    assert not len(chosen.unreadable)
    np.testing.assert_array_equal(chosen.numbers(), [1, 3, 2, np.nan])


def test_formats_that_come_with_sas_give_no_labels():
    names = "BEST12 $1 $CHAR8 12 8.2 DATE9 YYMMDD10 YYMMDDN8 TIME20.3 DATETIME E8601DT MMYY7 YEAR4"
    names += (
        " COMMA10.2 DOLLAR12.2 Z5 F3 E10 BESTD12.4 $BINARY8 IEEE8 PD8.2 RB8 ZD5 S370FPD4 FLOAT4"
    )
    names += " NLMNY15.2 NLPCT7.1 NLNUM8 EURDFDD10 SIZEKMG10 OCTAL6 $REVERS8"
    assert made_formats({name: name for name in names.split()}) == {}
    assert made_formats({"none": None}) == {}
    made = {
        "sex": "SEXF",
        "a": "$A",
        "grade": "GRADE3",
        "x": "AGEGRP2.",
        "best": "BESTOF3",
        "n": "NLEVEL",
    }
    assert made_formats(made) == made


def test_labels_in_a_catalog_of_sas_are_said_not_to_be_read(tmp_path):
    path = tmp_path / "t.xpt"
    table = pd.DataFrame({"sex": [1.0, 2.0, 1.0], "x": [1.5, 2.5, 0.5]})
    pyreadstat.write_xport(table, path, variable_format={"sex": "SEXF8.", "x": "BEST12."})
    (note,) = [note for note in read(path).receipt.notes if "catalog" in note]
    assert "as they are stored in sex (SEXF8)" in note
