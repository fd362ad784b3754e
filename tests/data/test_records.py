"""Reading a part of the rows: the same ones from every format, with their places in the file."""

from __future__ import annotations

import csv
import gzip
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data import limits
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read, read_text
from gmmdesk.errors import TooLargeError

N = 400


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same table in three formats; among the lines of text are blank and double ones."""
    folder = tmp_path_factory.mktemp("formats")
    names = [f"row {i}" for i in range(N)]
    values = [i + 0.5 for i in range(N)]
    with (folder / "t.csv").open("w", newline="") as file:
        file.write("name,value\n")
        for i in range(N):
            file.write("\n" * (i % 7 == 0))
            csv.writer(file, lineterminator="\n").writerow([names[i], values[i]])
    pq.write_table(
        pa.table({"name": names, "value": values}), folder / "t.parquet", row_group_size=90
    )
    with xlsxwriter.Workbook(folder / "t.xlsx") as book:
        page = book.add_worksheet()
        for i, row in enumerate([("name", "value"), *zip(names, values, strict=True)]):
            page.write_row(i, 0, row)
    return folder


@pytest.mark.parametrize("options", [{"sample_rows": 50, "sample_seed": 3}, {"row_limit": 50}])
def test_every_format_gives_the_same_rows(files, options):
    tables = [read(files / f"t.{e}", ReadOptions(**options)) for e in ("csv", "parquet", "xlsx")]
    values = [table.column("value").numbers().tolist() for table in tables]
    assert values[0] == values[1] == values[2]
    assert len(values[0]) == 50
    assert values[0] == sorted(values[0])
    for table in tables:
        assert [f"row {value - 0.5:.0f}" for value in values[0]] == table.column(
            "name"
        ).cells.to_pylist()
        assert "50 rows" in table.receipt.notes[0]
    lines = (files / "t.csv").read_text().splitlines()
    for row in range(50):
        assert lines[tables[0].places.of(row) - 1].endswith(f",{values[0][row]}")
        assert tables[2].places.of(row) == values[0][row] - 0.5 + 2


def test_another_seed_draws_others_and_the_same_one_the_same(files):
    drawn = [
        read(files / "t.csv", ReadOptions(sample_rows=50, sample_seed=seed))
        .column("value")
        .numbers()
        .tolist()
        for seed in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_more_rows_than_there_are(files):
    for ending in ("csv", "parquet", "xlsx"):
        for options in ({"row_limit": 9_999}, {"sample_rows": 9_999}, {"row_limit": N}):
            table = read(files / f"t.{ending}", ReadOptions(**options))
            assert table.n_rows == N
            assert not any("were read" in note for note in table.receipt.notes)


def test_a_sample_keeps_the_file_s_hash(files):
    whole = read(files / "t.csv")
    part = read(files / "t.csv", ReadOptions(row_limit=3))
    assert part.receipt.sha256 == whole.receipt.sha256
    assert part.receipt.rows_in_file is None
    assert read(files / "t.csv", ReadOptions(sample_rows=3)).receipt.rows_in_file == N
    assert read(files / "t.csv", ReadOptions(row_limit=3), hashed=False).receipt.sha256 == ""


def test_a_file_too_large_says_what_would_fit_and_a_part_of_it_is_read(file, monkeypatch):
    path = file("x,y\n" + "1.5,2\n2.5,4\n" * 50_000)
    monkeypatch.setattr(limits, "available_memory", lambda: 500_000)
    with pytest.raises(TooLargeError, match=r"GB of memory for \d{2,3},\d{3} rows") as caught:
        read(path)
    error = caught.value
    assert error.n_rows == pytest.approx(100_000, rel=0.2)
    assert error.n_bytes > error.available == 500_000
    assert 0 < error.n_fitting < error.n_rows
    with pytest.raises(TooLargeError, match="for 90,000 rows"):
        read(path, ReadOptions(row_limit=90_000))
    part = read(path, ReadOptions(sample_rows=1_000))
    assert part.n_rows == 1_000
    assert part.receipt.rows_in_file == 100_000


def test_short_cells_take_more_memory_than_their_text(file, monkeypatch):
    path = file("x,y\n" + "1,2\n" * 50_000)  # 200 kB; two numbers a row are 800 kB
    monkeypatch.setattr(limits, "available_memory", lambda: 1_000_000)
    with pytest.raises(TooLargeError):
        read(path)


@pytest.mark.parametrize("ending", ["json", "json.gz"])
@pytest.mark.usefixtures("parsers_here")
def test_records_that_take_much_more_memory_than_their_text(tmp_path, monkeypatch, ending):
    path = tmp_path / f"t.{ending}"
    pack = gzip.compress if ending.endswith("gz") else bytes
    path.write_bytes(pack(json.dumps([{"x": 1.5, "t": 'a":b'}] * 10_000).encode()))
    monkeypatch.setattr(limits, "available_memory", lambda: 2_000_000)
    with pytest.raises(TooLargeError) as caught:
        read(path)
    assert caught.value.n_rows == 10_000
    assert 2_000_000 < caught.value.n_bytes < 4_000_000
    assert not caught.value.can_sample
    assert caught.value.hint.endswith("the first rows.")
    with pytest.raises(TooLargeError):
        read(path, ReadOptions(sample_rows=1_000))
    assert read(path, ReadOptions(row_limit=1_000)).n_rows == 1_000


def test_a_parquet_file_too_large(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": np.arange(100_000) / 7}), path)
    monkeypatch.setattr(limits, "available_memory", lambda: 500_000)
    with pytest.raises(TooLargeError) as caught:
        read(path)
    assert caught.value.n_rows == 100_000
    assert read(path, ReadOptions(row_limit=1_000)).n_rows == 1_000


cells = st.text(st.sampled_from(list("ab ,\n\"';é")), min_size=1, max_size=6).filter(
    lambda cell: cell.strip()
)


@given(st.lists(st.tuples(cells, cells), min_size=2, max_size=40), st.data())
def test_any_part_of_any_table_is_that_part_of_the_whole(rows, data):
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("first name", "second name"), *rows])
    fixed = {"delimiter": ",", "header_rows": 1, "skip_rows": 0}
    whole = read_text(buffer.getvalue(), ReadOptions(**fixed))
    count = data.draw(st.integers(1, len(rows)))
    chosen = data.draw(
        st.sampled_from([{"row_limit": count}, {"sample_rows": count, "sample_seed": 5}])
    )
    part = read_text(buffer.getvalue(), ReadOptions(**fixed, **chosen))
    assert part.n_rows == count
    assert whole.places is not None
    assert part.places is not None
    where = {whole.places.of(row): row for row in range(whole.n_rows)}
    for name in ("first name", "second name"):
        expected = whole.column(name).cells.to_pylist()
        rows_of_part = [where[part.places.of(row)] for row in range(count)]
        assert part.column(name).cells.to_pylist() == [expected[row] for row in rows_of_part]


numbers = st.decimals(-(10**7), 10**7, places=3)


@given(
    st.lists(numbers, min_size=2, max_size=20),
    st.sampled_from([(".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'")]),
    st.sampled_from([";", "\t", "|"]),
)
def test_numbers_in_a_style_that_is_chosen_always_come_back(values, style, delimiter):
    decimal, thousands = style
    marks = str.maketrans({",": thousands, ".": decimal})
    lines = [f"{value:,}".translate(marks) + f"{delimiter}x" for value in values]
    options = ReadOptions(
        decimal=decimal, thousands=thousands, delimiter=delimiter, header_rows=1, skip_rows=0
    )
    dataset = read_text("\n".join([f"size{delimiter}name", *lines]), options)
    column = dataset.column("size")
    assert not dataset.receipt.questions
    assert not len(column.unreadable)
    assert column.numbers().tolist() == [float(value) for value in values]


@given(st.lists(numbers, min_size=2, max_size=20), st.sampled_from([".", ","]))
def test_numbers_are_read_right_or_asked_about(values, decimal):
    marks = str.maketrans({",": "." if decimal == "," else ",", ".": decimal})
    lines = [f"{value:,}".translate(marks) + ";x" for value in values]
    dataset = read_text("\n".join(["size;name", *lines]))
    if not any(question.option == "decimal" for question in dataset.receipt.questions):
        assert dataset.column("size").numbers().tolist() == [float(value) for value in values]
