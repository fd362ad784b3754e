"""Samples: the files are the data they claim to be, and blobs overlap as asked."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import datasets as yardstick

from gmmdesk.data.dataset import ColumnKind
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.samples import SAMPLES, Blobs, load_sample, make_blobs, open_table
from gmmdesk.errors import UsageError

FILES = {name: sample for name, sample in SAMPLES.items() if sample.file}


def matrix(name: str) -> np.ndarray:
    dataset = load_sample(name)
    return np.column_stack([dataset.column(column).numbers() for column in dataset.recommended])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_has_the_size_it_claims(name: str) -> None:
    sample, dataset = SAMPLES[name], load_sample(name)
    assert (dataset.n_rows, len(dataset.columns)) == (sample.n_rows, sample.n_columns)
    assert dataset.name == sample.title
    assert dataset.path is None
    assert dataset.receipt.source == f"sample:{name}"


@pytest.mark.parametrize("name", FILES)
def test_source_and_licence_lie_beside_the_file(name: str) -> None:
    folder = resources.files("gmmdesk") / "resources" / "samples"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    _, _, section = readme.partition(f"## {SAMPLES[name].file}")
    section, _, _ = section.partition("\n## ")
    assert "Source: " in section
    assert "Licence: " in section
    is_unstated = SAMPLES[name].licence.startswith("No licence")
    assert ("none of their own is stated" in section) == is_unstated
    assert f"({SAMPLES[name].n_rows:,} rows, {SAMPLES[name].n_columns} columns)" in section


@pytest.mark.parametrize("name", [name for name in FILES if FILES[name].file.endswith(".csv")])
def test_rows_are_counted_as_the_standard_library_counts_them(name: str) -> None:
    file = resources.files("gmmdesk") / "resources" / "samples" / FILES[name].file
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert {len(row) for row in rows} == {len(header)} == {FILES[name].n_columns}
    assert len(rows) == FILES[name].n_rows


def test_iris_and_wine_are_those_of_scikit_learn() -> None:
    np.testing.assert_array_equal(matrix("iris"), yardstick.load_iris().data)
    np.testing.assert_array_equal(matrix("wine"), yardstick.load_wine().data)


def test_faithful_has_its_published_moments() -> None:
    X = matrix("faithful")
    np.testing.assert_allclose(X.mean(axis=0), [3.487783, 70.897059], atol=1e-6)
    np.testing.assert_allclose(X.std(axis=0, ddof=1), [1.141371, 13.594974], atol=1e-6)


def test_penguins_lack_what_the_source_lacks() -> None:
    penguins = load_sample("penguins")
    missing = {column.name: column.n_missing for column in penguins.columns}
    measures = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    assert penguins.recommended == measures
    assert missing == dict.fromkeys(measures, 2) | {"species": 0, "island": 0, "sex": 11}
    # Means given by Horst, Hill and Gorman (2020).
    means = np.nanmean(matrix("penguins"), axis=0)
    np.testing.assert_allclose(means, [43.92193, 17.15117, 200.9152, 4201.754], rtol=1e-6)


def test_customers_offer_amounts_and_days_but_not_who_and_when() -> None:
    customers = load_sample("customers")
    assert customers.column("customer").kind is ColumnKind.IDENTIFIER
    assert customers.column("last_order").kind is ColumnKind.DATE
    X = matrix("customers")
    assert np.isfinite(X).all()
    assert (X >= 0).all()
    # 30 June 1998 less 12 December 1997, the last order of the first customer.
    assert X[0].tolist() == [25.12, 115.0, 200.0]


def test_purchases_are_those_the_customers_are_made_of() -> None:
    purchases, customers = load_sample("purchases"), load_sample("customers")
    assert purchases.recommended == ("amount_usd", "usd_per_cd")
    amounts: dict[str, float] = {}
    days: dict[str, set[object]] = {}
    cells = (
        purchases.column(name).cells.to_pylist() for name in ("customer", "date", "amount_usd")
    )
    for customer, day, amount in zip(*cells, strict=True):
        amounts[customer] = amounts.get(customer, 0.0) + float(amount)
        days.setdefault(customer, set()).add(day)
    again = [one for one in days if len(days[one]) > 1]
    assert again == customers.column("customer").cells.to_pylist()
    average = [amounts[one] / len(days[one]) for one in again]
    np.testing.assert_allclose(customers.column("average_order_usd").numbers(), average, atol=0.006)


def test_the_oil_price_fell_and_leapt_when_it_did() -> None:
    oil = load_sample("oil")
    assert oil.column("month").kind is ColumnKind.DATE
    assert oil.recommended == ("return_percent", "daily_swing_percent")
    returns = oil.column("return_percent").numbers()
    # Spot prices of 2 January, 31 January and 28 February 1986: 25.56, 18.95 and 13.23 dollars.
    expected = [100.0 * np.log(18.95 / 25.56), 100.0 * np.log(13.23 / 18.95)]
    np.testing.assert_allclose(returns[:2], expected, atol=0.006)
    months = oil.column("month").cells.to_pylist()
    assert str(months[int(returns.argmin())]).startswith("2008-10")


def test_the_photograph_is_that_of_scikit_learn_at_half_its_size() -> None:
    photo = load_sample("photo")
    assert photo.recommended == ("red", "green", "blue")
    # Twice as wide and high, but for a last row of its own.
    large = yardstick.load_sample_image("china.jpg").astype(float)
    blocks = large[:426].reshape(213, 2, 320, 2, 3).mean(axis=(1, 3))
    small = np.column_stack([photo.column(name).numbers() for name in photo.recommended])
    means = small.reshape(214, 320, 3)[:213]
    np.testing.assert_allclose(means.mean(axis=(0, 1)), blocks.mean(axis=(0, 1)), atol=1.0)
    assert np.corrcoef(means.ravel(), blocks.ravel())[0, 1] > 0.97


def test_cells_are_mostly_dark() -> None:
    cells = load_sample("cells")
    assert cells.recommended == ("side_scatter", "green", "cyan", "red")
    X = matrix("cells")
    assert np.isfinite(X).all()
    red, green = X[:, 3] > 2.0, X[:, 1] > 2.0
    assert 0.05 < red.mean() < 0.07
    assert 0.06 < green.mean() < 0.09
    # Those that glow red glow cyan too, as seen through another filter.
    assert (X[red, 2] > 1.0).mean() > 0.98


def test_an_unknown_sample_is_refused_with_the_list() -> None:
    with pytest.raises(UsageError, match=r"no sample 'fiathful'.*faithful, iris, penguins"):
        open_table("sample:fiathful")


def test_a_sample_is_opened_by_name_and_a_file_by_path(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("a,b\n1,2\n3,5\n4,4\n")
    assert open_table(file).path == file
    assert open_table(str(file)).n_rows == 3
    assert open_table("sample:faithful").n_rows == 272
    with pytest.raises(UsageError, match="no sheets"):
        open_table("sample:faithful", ReadOptions(sheet="Sheet1"))


# --- blobs -------------------------------------------------------------------------------------


def nearest_rule(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The best possible rule for round clusters of equal weight and spread."""
    return np.linalg.norm(rows[:, None] - centres[None], axis=2).argmin(axis=1)


@pytest.mark.parametrize("overlap", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("d", [1, 2, 7])
def test_two_blobs_overlap_as_asked(overlap: float, d: int) -> None:
    n = 100_000
    rows, labels = make_blobs(Blobs(n=n, k=2, d=d, overlap=overlap, seed=4))
    centres = np.array([rows[labels == i].mean(axis=0) for i in range(2)])
    wrong = nearest_rule(rows, centres) != labels
    measured = wrong[labels == 0].mean() + wrong[labels == 1].mean()
    # The standard error of the sum of two shares, each of n / 2 rows.
    error = np.sqrt(2 * (overlap / 2) * (1 - overlap / 2) / (n / 2))
    assert abs(measured - overlap) < 5 * error


def test_the_nearest_two_of_many_blobs_overlap_as_asked() -> None:
    rows, labels = make_blobs(Blobs(n=600_000, k=6, overlap=0.3, seed=2))
    centres = np.array([rows[labels == i].mean(axis=0) for i in range(6)])
    distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    # 0.3 = 2 Phi(-delta / 2), so delta = 2 * 1.0364334.
    assert distances.min() == pytest.approx(2.0728668, abs=0.03)
    spreads = [np.cov(rows[labels == i].T) for i in range(6)]
    np.testing.assert_allclose(spreads, [np.eye(2)] * 6, atol=0.03)


@given(
    n=st.integers(20, 200), k=st.integers(1, 9), d=st.integers(1, 5), seed=st.integers(0, 2**63 - 1)
)
def test_blobs_are_of_equal_size_and_repeatable(n: int, k: int, d: int, seed: int) -> None:
    blobs = Blobs(n=n, k=k, d=d, seed=seed)
    rows, labels = make_blobs(blobs)
    assert rows.shape == (n, d)
    sizes = np.bincount(labels, minlength=k)
    assert len(sizes) == k
    assert sizes.max() - sizes.min() <= 1
    again, _ = make_blobs(blobs)
    np.testing.assert_array_equal(rows, again)


def test_blobs_take_parameters() -> None:
    name = "sample:blobs?k=4&n=500&d=3&overlap=0.3&seed=2"
    dataset = open_table(name)
    assert dataset.n_rows == 500
    assert dataset.recommended == ("x1", "x2", "x3")
    assert set(dataset.column("group").cells.to_pylist()) == {f"blob {i}" for i in (1, 2, 3, 4)}
    assert dataset.receipt.source == name
    rows, _ = make_blobs(Blobs(n=500, k=4, d=3, overlap=0.3, seed=2))
    np.testing.assert_array_equal(dataset.column("x2").numbers(), rows[:, 1])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("k=0", "k = 0 is out of range.*from 1 to 100"),
        ("k=5&n=4", "n = 4 is out of range.*from 5"),
        ("overlap=1", "overlap = 1.0 is out of range"),
        ("overlap=nan", "overlap = nan is out of range"),
        ("k=three", "k = 'three' is no whole number"),
        ("k=", "k = '' is no whole number"),
        ("overlap=a lot", "overlap = 'a lot' is no number"),
        ("size=3", "no parameter 'size'.*n, k, d, overlap, seed"),
        ("k=3&k=4", "'k', or it is given twice"),
        ("n=10000000&d=100", "too many to generate"),
    ],
)
def test_wrong_parameters_are_refused(query: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_sample(f"blobs?{query}")


def test_only_blobs_take_parameters() -> None:
    with pytest.raises(UsageError, match="'iris' takes no parameters"):
        load_sample("iris?k=3")
