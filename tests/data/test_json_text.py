"""Numbers in JSON of which a float64 is another one."""

from __future__ import annotations

import math

import pytest

from gmmdesk.data import json_text, limits
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.errors import ReadError, TooLargeError
from gmmdesk.task import Task

pytestmark = pytest.mark.usefixtures("parsers_here")


@pytest.mark.parametrize("word", ["1e400", "-1e999", "0.1234567890123456789"])
def test_what_a_number_would_lose_stays_text(file, word):
    path = file(f'[{{"x": {word}}}, {{"x": 2.5}}, {{"x": 7}}]', "t.json")
    column = read(path).column("x")
    assert column.cells.to_pylist() == [word, "2.5", "7"]
    assert column.kind == "number"
    assert column.numbers().tolist() == [float(word), 2.5, 7.0]


@pytest.mark.parametrize("word", ["0.10000000000000001", "1.5e300", "12345.678901234567", "5e-324"])
def test_what_programs_write_stays_a_number(file, word):
    column = read(file(f'[{{"x": {word}}}, {{"x": 2.5}}]', "t.json")).column("x")
    assert column.cells.to_pylist() == [float(word), 2.5]


def test_infinity_is_what_it_says(file):
    column = read(file('[{"x": Infinity}, {"x": 2.5}]', "t.json")).column("x")
    assert column.cells.to_pylist() == [math.inf, 2.5]


def test_a_name_that_comes_very_often_in_a_record_takes_no_time_to_number(tmp_path):
    """To look from 2 on for each would take hours: 10,000 values are 50 million looks."""
    n = 10_000
    path = tmp_path / "t.json"
    path.write_text("[{" + ",".join(f'"a":{i}' for i in range(n)) + "}]", encoding="utf-8")
    dataset = read(path)
    names = [column.name for column in dataset.columns]
    assert names[:3] == ["a", "a (2)", "a (3)"]
    assert names[-1] == f"a ({n})"
    assert dataset.columns[-1].cells[0].as_py() == n - 1


@pytest.mark.parametrize("n_digits", [1_500, 5_000])  # Python reads 4,300 of a whole number
@pytest.mark.parametrize("row_limit", [None, 2])
@pytest.mark.parametrize(
    "shape", ['[{{"x": 1}}, {{"x": {0}}}, {{"x": 3}}]', '{{"x": 1}}\n{{"x": {0}}}\n{{"x": 3}}\n']
)
def test_a_number_of_thousands_of_digits_keeps_them(file, shape, row_limit, n_digits):
    word = "7" * n_digits
    dataset = read(file(shape.format(word), "t.json"), ReadOptions(row_limit=row_limit))
    assert dataset.column("x").cells.to_pylist() == ["1", word, "3"][:row_limit]


def test_what_is_no_json_is_told_beside_such_a_number_too(file):
    with pytest.raises(ReadError, match=r"no JSON: Expecting ',' delimiter, line 1, character"):
        read(file(f'[{{"x": {"7" * 5_000}}} {{"x": 2}}]', "t.json"))


def test_how_many_records_were_read_is_told(file, monkeypatch):
    monkeypatch.setattr(json_text, "_BEAT", 10)
    said = []

    class Listening(Task):
        def step(self, fraction=None, what=None):
            said.append(what)
            super().step(fraction, what)

    read(file('[{"x": 1}' + ', {"x": 2}' * 24 + "]", "t.json"), task=Listening())
    assert [what for what in said if what and "records" in what] == [
        "Reading: 10 records",
        "Reading: 20 records",
    ]


@pytest.mark.parametrize("colon", [":", ": ", " : "])
def test_the_room_that_records_need_does_not_depend_on_spaces(tmp_path, monkeypatch, colon):
    path = tmp_path / "t.json"
    path.write_text("[" + ",".join(f'{{"x"{colon}1.5,"y"{colon}2}}' for _ in range(20_000)) + "]")
    monkeypatch.setattr(limits, "available_memory", lambda: 3_000_000)
    with path.open("rb") as file, pytest.raises(TooLargeError):
        json_text.parse_json(file, "t.json", ReadOptions(), Task())
