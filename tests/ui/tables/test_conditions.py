from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from gmmdesk.analysis import Analysis, Settings, analyse
from gmmdesk.data.readers import read
from gmmdesk.errors import UsageError
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.fields import fields_of

CSV = """name,income,region,note
Ann,50000,North,
Bob,60000,South,late
Cid,,North,early
Dee,40000,West,Late and tired
Eve,75000,south,100
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conditions") / "people.csv"
    path.write_text(CSV)
    return path


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("   ", [0, 1, 2, 3, 4]),
        ("income > 50000", [1, 4]),
        ("income>=50000", [0, 1, 4]),
        ("income ≥ 50,000", [0, 1, 4]),
        ("INCOME < 50000", [3]),
        ("income ≠ 50000", [1, 3, 4]),
        ("income != 50000", [1, 3, 4]),
        ("income == 50000", [0]),
        ("region = south", [1, 4]),
        ('region = "South"', [1, 4]),
        ("region ≠ south", [0, 2, 3]),
        ("income is empty", [2]),
        ("note is empty", [0]),
        ("note is not empty", [1, 2, 3, 4]),
        ("income > 45000 and region = north", [0]),
        ("income > 45000 AND region = north and note is empty", [0]),
        ("late", [1, 3]),
        ("late and tired", [3]),
        ("100", [4]),
        ("60000", [1]),
        ("nothing like it", []),
    ],
)
def test_the_wanted_rows(path: Path, words: str, rows: list[int]) -> None:
    dataset = read(path)
    found = Wanted(words).rows(fields_of(dataset, None, ()), dataset.n_rows)
    assert np.flatnonzero(found).tolist() == rows


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("incme > 3", "no column 'incme'. Did you mean income"),
        ("income > rich", "'rich' is no value of income"),
        ("region > 3", "region holds text"),
        ("zebra is empty", "no column 'zebra'"),
    ],
)
def test_what_cannot_be_met_is_said(path: Path, words: str, message: str) -> None:
    dataset = read(path)
    with pytest.raises(UsageError, match=message):
        Wanted(words).rows(fields_of(dataset, None, ()), dataset.n_rows)


def test_numbers_are_typed_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "decimal.csv"
    path.write_text("x;y\n" + "".join(f"{i},5;{i * 1000},25\n" for i in range(20)))
    dataset = read(path)
    assert dataset.receipt.decimal == ","
    found = Wanted("y > 16.000,3", ",").rows(fields_of(dataset, None, ()), dataset.n_rows)
    assert np.flatnonzero(found).tolist() == [17, 18, 19]


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(0, 1, (60, 2)), rng.normal(9, 1, (40, 2))])
    text = io.StringIO()
    np.savetxt(text, values, "%.6f", ",", header="a,b", comments="")
    path = tmp_path_factory.mktemp("analysis") / "two.csv"
    path.write_text(text.getvalue() + "1,\n")
    steps = analyse(read(path), Settings(k_min=2, k_max=2, models=("VVV",)))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_results_are_compared_too(analysis: Analysis) -> None:
    fields = fields_of(analysis.dataset, analysis, ("Near", "Far"))
    rows = analysis.rows

    def found(words: str) -> list[int]:
        return np.flatnonzero(Wanted(words).rows(fields, 101)).tolist()

    assert found("cluster = 1") == np.flatnonzero(rows.label == 0).tolist()
    assert found("cluster = far") == np.flatnonzero(rows.label == 1).tolist()
    either = (rows.label == 1) | (rows.second == 1)
    assert found("Far") == np.flatnonzero(either).tolist()
    assert found("how sure < 99.9999 %") == np.flatnonzero(rows.probability < 0.999999).tolist()
    assert found("outlier = yes") == np.flatnonzero(rows.outlier).tolist()
    assert found("left out is not empty") == [100]
    assert found("cluster is empty") == [100]
