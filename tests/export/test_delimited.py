import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmmdesk.data.readers import read
from gmmdesk.export import write
from gmmdesk.export.rows import result_names
from tests.fuzzing import cases

texts = st.lists(
    st.one_of(
        st.none(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.text(alphabet="=+-@\t\r\n\"',; a0", max_size=6),
    ),
    min_size=2,
    max_size=8,
)


def records(data, delimiter=","):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize(("ending", "delimiter"), [(".csv", ","), (".tsv", "\t")])
def test_reads_back_with_pandas(analysis, tmp_path, ending, delimiter):
    path = tmp_path / f"out{ending}"
    write(analysis, path)
    frame = pd.read_csv(
        path, sep=delimiter, dtype={"code": str}, keep_default_na=False, na_values={"width": [""]}
    )
    original = [column.name for column in analysis.dataset.columns]
    assert list(frame.columns) == [*original, *result_names(original, 2)]
    assert list(frame["code"]) == [f"{i:05d}" for i in range(40)]
    assert list(frame["note"]) == [
        text or "" for text in analysis.dataset.column("note").cells.to_pylist()
    ]
    width = analysis.dataset.column("width").numbers()
    np.testing.assert_array_equal(frame["width"], width)  # to the last digit
    assert list(frame["gmm_left_out"].iloc[[0, 3]]) == [
        "",
        "missing: height; missing: width",
    ]
    assert set(frame["gmm_outlier"]) == {"true", "false", ""}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=cases(60))
@given(texts)
def test_text_survives_whatever_it_is(with_texts, tmp_path, cells):
    path = tmp_path / "out.csv"
    write(with_texts(cells), path)
    assert [row[0] for row in records(path.read_bytes())[1:]] == [
        (text or "").replace("\0", "\ufffd") for text in cells
    ]


def test_nul_characters_are_replaced_so_that_readers_take_the_file(make, tmp_path):
    path = tmp_path / "out.csv"
    write(make({"te\0xt": ["a\0b", "c", None], "x": [1.5, 2.5, 4.0]}, ["x"]), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    column = read(path).columns[0]
    assert (column.name, column.cells.to_pylist()) == ("te\ufffdxt", ["a\ufffdb", "c", None])


def test_quotes_only_where_needed(with_texts, tmp_path):
    path = tmp_path / "out.csv"
    write(with_texts(["plain", "a,b", 'q"', "a;b", None, ""]), path)
    fields = [line.split(",0.")[0].split(",-")[0] for line in path.read_text().splitlines()[1:]]
    assert [field.split(",1.")[0] for field in fields] == [
        "plain", '"a,b"', '"q"""', "a;b", "", '""',
    ]  # fmt: skip


def test_the_utf8_mark_is_there_only_for_accents(with_texts, tmp_path):
    for texts, marked in ((["a", "b"], False), (["a", "é"], True)):
        path = tmp_path / "out.csv"
        write(with_texts(texts), path)
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") is marked
        assert pd.read_csv(path).columns[0] == "text"


def test_numbers_that_are_not_finite_are_written_as_such(make, tmp_path):
    analysis = make({"y": [float("inf"), 1e-300, 0.1, 2.0**60], "x": [1.0, 2.0, 3.0, 5.0]}, ["x"])
    write(analysis, tmp_path / "out.csv")
    assert list(pd.read_csv(tmp_path / "out.csv")["y"]) == [float("inf"), 1e-300, 0.1, 2.0**60]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_given_names_join_the_rows(analysis, tmp_path, ending):
    read = {".csv": pd.read_csv, ".tsv": pd.read_table, ".parquet": pd.read_parquet}[ending]
    path = tmp_path / f"out{ending}"
    write(analysis, path, names=["Grün", "Small"])
    frame = read(path)
    assert frame.columns[-1] == "gmm_cluster_name"
    used = frame[frame["gmm_left_out"].isna()]
    assert (used["gmm_cluster_name"] == used["gmm_cluster"].map({1: "Grün", 2: "Small"})).all()
