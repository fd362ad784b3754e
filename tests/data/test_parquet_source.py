"""A Parquet file as rows for a fit: the same numbers as in memory, whatever its row groups."""

from __future__ import annotations

import decimal
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmmdesk import data
from gmmdesk.data import ParquetSource, StandardizedSource, parquet_source
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.prepare import prepare
from gmmdesk.data.readers import read
from gmmdesk.engine import FitSpec, Source, ThreadedMap, fit
from gmmdesk.errors import DataError, FitError, ReadError

N = 7_003


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(parquet_source, "BLOCK_NUMBERS", 0)
    monkeypatch.setattr(parquet_source, "MIN_BLOCK", 500)


@pytest.fixture
def X() -> FloatArray:
    random = np.random.default_rng(0)
    X = random.normal(size=(N, 3)) * [1.0, 5.0, 0.1] + [0.0, 1e4, 3.0]
    X[::3] += [4.0, 10.0, -0.3]
    return X


@pytest.fixture
def write(tmp_path):
    def write(columns, **options):
        path = tmp_path / "table.parquet"
        if not isinstance(columns, dict):
            columns = dict(zip("abcdefgh", columns.T, strict=False))
        pq.write_table(pa.table(columns), path, **options)
        return path

    return write


def all_rows(source: Source) -> FloatArray:
    return np.asarray(source.rows(0, source.shape[0]))


@pytest.mark.parametrize("row_group_size", [1, 77, 500, 1_001, 10_000])
@pytest.mark.parametrize("kept_bytes", [0, 2**20])
def test_any_run_of_rows_in_any_order(write, X, row_group_size, kept_bytes):
    path = write(X, row_group_size=row_group_size)
    random = np.random.default_rng(1)
    with ParquetSource(path, kept_bytes=kept_bytes) as source:
        assert isinstance(source, Source)
        assert source.shape == X.shape
        assert source.columns == ("a", "b", "c")
        for start in (0, 499, 500, N - 1, 0, *random.integers(N, size=40)):
            stop = min(N, start + random.choice([1, 400, 1_300]))
            np.testing.assert_array_equal(source.rows(start, stop), X[start:stop])


def test_rows_are_asked_for_from_many_threads(write, X):
    with ParquetSource(write(X, row_group_size=2_000), kept_bytes=0) as source:

        def read_run(start):
            return source.rows(start, min(start + 90, N))

        with ThreadPoolExecutor(6) as executor:
            rows = list(executor.map(read_run, range(0, N, 90)))
    np.testing.assert_array_equal(np.concatenate(rows), X)


def test_a_pass_decodes_every_row_once(write, X, monkeypatch):
    decoded = []
    numbers = parquet_source._numbers

    def counting(column):
        decoded.append(len(column))
        return numbers(column)

    monkeypatch.setattr(parquet_source, "_numbers", counting)
    with ParquetSource(write(X), ["b"], kept_bytes=2**15) as source, ThreadedMap(3) as chunk_map:
        runs = [slice(start, min(start + 333, N)) for start in range(0, N, 333)]
        for passes in (1, 2, 3):
            for _ in chunk_map(lambda run: source.rows(run.start, run.stop).sum(), runs):
                pass
            assert sum(decoded) == passes * N


@pytest.mark.parametrize("row_group_size", [123, 100_000])
@pytest.mark.parametrize("model", ["VVV", "EEE", "VVI"])
def test_a_fit_is_that_of_the_array_to_the_last_bit(write, X, row_group_size, model):
    spec = FitSpec(n_components=2, model=model, max_iter=5, tol=0.0)
    with ParquetSource(write(X, row_group_size=row_group_size), kept_bytes=0) as source:
        streamed = fit(source, spec)
        labels = streamed.labels(source)
    in_memory = fit(X, spec)
    np.testing.assert_array_equal(streamed.history, in_memory.history)
    np.testing.assert_array_equal(streamed.means, in_memory.means)
    np.testing.assert_array_equal(streamed.covariances, in_memory.covariances)
    np.testing.assert_array_equal(labels, in_memory.labels(X))


def test_types_of_numbers(write):
    columns = {
        "half": pa.array([1.5, None, -2.0], pa.float16()),
        "single": pa.array([0.1, None, 3.0], pa.float32()),
        "double": pa.array([0.1, None, float("nan")]),
        "whole": pa.array([2**60 + 1, None, -1]),
        "unsigned": pa.array([2**64 - 1, None, 0], pa.uint64()),
        "decimal": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")]),
        "repeating": pa.array([7, None, 7]).dictionary_encode(),
        "text": pa.array(["1", "2", "3"]),
        "truth": pa.array([True, None, False]),
    }
    with ParquetSource(write(columns, row_group_size=2)) as source:
        assert source.columns == tuple(columns)[:7]
        rows = all_rows(source)
    assert rows.dtype == np.float64
    expected = [
        [1.5, float(np.float32(0.1)), 0.1, float(2**60 + 1), float(2**64 - 1), 1.25, 7.0],
        [np.nan] * 7,
        [-2.0, 3.0, np.nan, -1.0, 0.0, -3.5, 7.0],
    ]
    np.testing.assert_array_equal(rows, expected)


def test_columns_are_chosen_in_any_order(write):
    nested = pa.array([{"x": 1.0}, {"x": 2.0}])
    path = write({"p": nested, "p.x": [3.0, 4.0], "q": [5, 6], "r": ["s", "t"]})
    with ParquetSource(path, ["q", "p.x"]) as source:
        np.testing.assert_array_equal(all_rows(source), [[5.0, 3.0], [6.0, 4.0]])
    with ParquetSource(path) as source:
        assert source.columns == ("p.x", "q")


@pytest.mark.parametrize(
    ("columns", "message", "hint"),
    [
        (["lenght"], "table.parquet has no column 'lenght'.", "Did you mean 'length'?"),
        (["kind"], "Column 'kind' holds no numbers but values of type string.", "Leave it out"),
        (["length"] * 2, "Column 'length' is named twice.", "Name each column once."),
    ],
)
def test_columns_that_cannot_be_used(write, columns, message, hint):
    path = write({"length": [1.0, 2.0], "kind": ["a", "b"]})
    with pytest.raises(DataError) as error:
        ParquetSource(path, columns)
    assert error.value.message == message
    assert hint in error.value.hint


def test_without_a_column_of_numbers(write):
    with pytest.raises(DataError, match=r"no column of numbers. Its columns: kind"):
        ParquetSource(write({"kind": ["a", "b"]}))


def test_columns_of_the_same_name(tmp_path):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table([[1.0], [2.0], [3.0]], names=["x", "x", "y"]), path)
    with pytest.raises(DataError, match="has 2 columns 'x'"):
        ParquetSource(path)
    with ParquetSource(path, ["y"]) as source:
        assert all_rows(source) == 3.0


def test_a_missing_cell_is_named_by_the_fit(write, X):
    X[4_321, 1] = np.nan
    table = {"a": X[:, 0], "b": pa.array(X[:, 1], from_pandas=True)}
    with (
        ParquetSource(write(table, row_group_size=1_000)) as source,
        pytest.raises(FitError, match="Row 4322, column 2 is nan"),
    ):
        fit(source, FitSpec(n_components=2))


def test_files_that_cannot_be_read(tmp_path, write):
    with pytest.raises(ReadError, match="is not there"):
        ParquetSource(tmp_path / "absent.parquet")
    with pytest.raises(ReadError, match="has no rows"):
        ParquetSource(write({"a": pa.array([], pa.float64())}))
    path = tmp_path / "text.parquet"
    path.write_text("no table")
    with pytest.raises(ReadError, match="damaged or no Parquet file") as error:
        ParquetSource(path)
    assert error.value.hint


def test_a_damaged_part(write, X):
    path = write(X, row_group_size=1_000, compression="zstd")
    content = bytearray(path.read_bytes())
    at = pq.read_metadata(path).row_group(4).column(1).data_page_offset
    content[at : at + 2_000] = bytes(2_000)
    path.write_bytes(content)
    with ParquetSource(path, kept_bytes=0) as source:
        np.testing.assert_array_equal(source.rows(0, 1_000), X[:1_000])
        with pytest.raises(ReadError, match=r"table.parquet is damaged"):
            source.rows(4_000, 5_000)
        np.testing.assert_array_equal(source.rows(5_000, 6_000), X[5_000:6_000])


@pytest.mark.parametrize("other", ["longer", "shorter", "younger"])
def test_a_file_that_changes_meanwhile(write, X, other):
    with ParquetSource(write(X), kept_bytes=0) as source:
        source.rows(0, 10)
        path = write({"longer": np.vstack([X, X]), "shorter": X[:10], "younger": X}[other])
        if other == "younger":
            os.utime(path, ns=(0, 0))
        with pytest.raises(ReadError, match="changed while it was read"):
            source.rows(6_000, 6_010)


def test_a_file_that_vanishes_meanwhile(write, X):
    with ParquetSource(path := write(X), kept_bytes=0) as source:
        source.rows(0, 10)
        source.close()
        path.unlink()
        with pytest.raises(ReadError, match="vanished while it was read"):
            source.rows(6_000, 6_010)


def test_closing_lets_go_of_the_file_until_rows_are_asked_for(write, X):
    source = ParquetSource(write(X))
    for _ in range(2):
        np.testing.assert_array_equal(source.rows(3, 9), X[3:9])
        source.close()


def test_standard_scaling_is_that_of_a_table_in_memory(write, X):
    path = write(X, row_group_size=1_500)
    prepared = prepare(read(path))
    with ParquetSource(path) as source:
        scaled = StandardizedSource(source)
        assert isinstance(scaled, Source)
        np.testing.assert_allclose(scaled.center, prepared.center, rtol=1e-14)
        np.testing.assert_allclose(scaled.scale, prepared.scale, rtol=1e-13)
        np.testing.assert_allclose(all_rows(scaled), prepared.X, rtol=0, atol=1e-11)
        result = fit(scaled, FitSpec(n_components=2)).in_units(scaled.center, scaled.scale)
        labels = result.labels(source)
    expected = fit(prepared.X, FitSpec(n_components=2)).in_units(prepared.center, prepared.scale)
    assert result.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-11)
    np.testing.assert_array_equal(labels, expected.labels(X))


def test_a_constant_column_has_no_scale(write, X):
    X[:, 1] = 5.0
    with (
        ParquetSource(write(X)) as source,
        pytest.raises(FitError, match="Column 2 holds the same value in every row"),
    ):
        StandardizedSource(source)


def test_the_package_has_no_other_name():
    assert data.ParquetSource is parquet_source.ParquetSource
    with pytest.raises(AttributeError, match="no attribute 'CsvSource'"):
        _ = data.CsvSource
