from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gmmdesk.analysis import Analysis, Settings, analyse
from gmmdesk.data.conditions import fulfils
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read, read_text
from gmmdesk.data.steps import LeaveOutWhere, parse_step
from gmmdesk.errors import GmmdeskError, UsageError
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.fields import fields_of
from tests.running import finish

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
        ("income <> 50000", [1, 3, 4]),
        ("income => 60000", [1, 4]),
        ("income =< 50000", [0, 3]),
        ("income is empty", [2]),
        ("note is empty", [0]),
        ("note is not empty", [1, 2, 3, 4]),
        ("income > 45000 and region = north", [0]),
        ("income > 45000 AND region = north and note is empty", [0]),
        ("income > 45000 and late", [1]),
        ("note contains TIRED", [3]),
        ("note = late and tired", [3]),
        ("note = late and tired and income < 50000", [3]),
        ("note = late and income > 1", [1]),
        ("note = late and income > 1 and region = South", [1]),
        ("note contains late and region = west", [3]),
        ("note contains late and tired and region = west", [3]),
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


def test_the_example_to_type_instead_tells_rows_apart() -> None:
    fields = fields_of(read_text("year\n1970\n1971\n1973\n1974\n"), None, ())
    with pytest.raises(UsageError) as error:
        Wanted("zebra > 3").rows(fields, 4)
    shown = error.value.hint.removeprefix("Write it like ").removesuffix(".")
    assert 0 < Wanted(shown).rows(fields, 4).sum() < 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("incme > 3", "no column 'incme'. Did you mean income"),
        ("income > rich", "'income' holds numbers; 'rich' is not one"),
        ("region > 3", "'region' holds text"),
        ("region =", "nothing to compare column 'region'"),
        ("income > 0,9", "The decimal mark is a point here: write 0.9"),
        ("income > 1,50", "holds numbers; '1,50' is not one"),
        ("income = NA", "'NA' stands for a missing value"),
        ("zebra is empty", "no column 'zebra'"),
        ("come > 3", "Did you mean income > 3"),
        ("> 3", "missing before “> 3”. Write it like income > 3"),
        ("income > 3 and < 9", "missing before “< 9”. Write it like income < 9"),
        ('"income > 3', "not closed. Close it behind the name: income > 58000"),
        ("income > 3 and", "Another condition is missing after “and”"),
        ("income > 3 & region = x", "Write “and” between two conditions"),
        ("income > 3 or income < 2", "not by “or”. Ask for income > 3 and then for income < 2"),
        ("region = north or region = south", "not by “or”"),
        ("income 50", "No cell has “income 50” in it. .*write income = 50"),
        ("region = north and income over 7", "write income > 7"),
        ("Income between 3 and 5", "write income ≥ 3 and income ≤ 5"),
        ("income is missing", "write income is empty"),
        ('"note" like tired', "write note contains tired"),
        ("note is not late", "write note ≠ late"),
    ],
)
def test_what_cannot_be_met_is_said(path: Path, words: str, message: str) -> None:
    dataset = read(path)
    with pytest.raises(UsageError, match=message):
        Wanted(words).rows(fields_of(dataset, None, ()), dataset.n_rows)


def test_names_and_values_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    names = "country,profit and loss,a=b,x is empty,O'Neil,x"
    cells = [
        "Trinidad and Tobago,1,a=b,1,d'Or,1",
        "Trinidad,2,a and b = c,2,x,2",
        "Tobago,3,c,3,y,3",
        "France,4,c,4,y,",
    ]
    path.write_text("\n".join([names, *(4 * cells)]) + "\n")
    dataset = read(path)
    fields = fields_of(dataset, None, ())

    for words, rows in (
        ("country = Trinidad and Tobago", [0]),
        ('country = "Trinidad and Tobago"', [0]),
        ("country = Trinidad and Tobago and x > 1", []),
        ("country = Trinidad and profit and loss > 1", [1]),
        ("profit and loss > 1 and profit and loss < 4", [1, 2]),
        ('"profit and loss" ≥ 3', [2, 3]),
        ("a=b = a=b", [0]),
        ('"a=b" = "a=b"', [0]),
        ("a=b = a and b = c", [1]),
        ("x is empty > 2", [2, 3]),
        ("x is empty is empty", []),
        ("x is empty", [3]),
        ("O'Neil = d'Or and country ≠ France", [0]),
    ):
        found = Wanted(words).rows(fields, dataset.n_rows)
        assert np.flatnonzero(found[:4]).tolist() == rows, words


def test_an_or_within_a_value_is_a_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "or.csv"
    path.write_text("answer,x\n" + "yes or x = 2,1\nno,2\n" * 6)
    dataset = read(path)
    fields = fields_of(dataset, None, ())
    for words in ("answer = yes or x = 2", '"answer" = "yes or x = 2"', "yes or x"):
        assert Wanted(words).rows(fields, 12).tolist() == [True, False] * 6


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("inc", ["income"]),
        ("N", ["name", "income", "region", "note"]),
        ('"note" ', ["note"]),
        ("income > 3", []),
        ("note is empty", []),
        ("zebra", []),
        ("", []),
    ],
)
def test_words_are_looked_for_in_names_of_columns_too(
    path: Path, words: str, named: list[str]
) -> None:
    fields = fields_of(read(path), None, ())
    assert [fields[j].name for j in Wanted(words).named(fields)] == named


CELLS = ["France", " france", "FRANCE ", "Trinidad and Tobago", "NA", "zz", ""]


@pytest.mark.parametrize("words", [(), ("zz",)])
@pytest.mark.parametrize(
    "condition",
    [
        *(f"{name} is {empty}" for name in ("who", "n", "d") for empty in ("empty", "not empty")),
        *(
            f"who {sign} {value}"
            for sign in ("=", "≠", "contains")
            for value in ("france", "'ZZ '")
        ),
        *(f"n {sign} 2,000.5" for sign in ("=", "≠", "<", "≤", ">", "≥", "contains")),
        *(f"d {sign} 13.5.2024" for sign in ("=", "≠", "<", "≤", ">", "≥")),
        *(f"d {sign} 2024-05" for sign in ("=", "≠", "<", "≤", ">", "≥")),
        *("who > a", "n = zz", "d = zz", "d > 31.5", "n > 0,9", "n = oops"),
    ],
)
def test_the_table_and_the_steps_find_the_same(words: tuple[str, ...], condition: str) -> None:
    rows = "".join(
        f"{CELLS[i % 7]}\t{'zz' if i % 9 == 0 else 'oops' if i == 11 else f'{i}00.5'}"
        f"\t{'zz' if i % 8 == 0 else f'{i % 28 + 1:02}.{5 + i % 3:02}.2024'}\n"
        for i in range(80)
    )
    dataset = read_text("who\tn\td\n" + rows, ReadOptions(missing_words=words))
    step = parse_step(f"leave-out {condition}")
    assert isinstance(step, LeaveOutWhere)
    lines, fields = np.arange(80), fields_of(dataset, None, ())

    def by_step() -> list[bool]:
        column = dataset.column(step.column)
        return fulfils(column, lines, step.operator, step.value).tolist()

    def by_search() -> list[bool]:
        return Wanted(condition).rows(fields, 80).tolist()

    assert _answer(by_search) == _answer(by_step)


def _answer(find: Callable[[], list[bool]]) -> list[bool] | str:
    try:
        return find()
    except GmmdeskError as error:
        return str(error)


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
    return finish(analyse(read(path), Settings(k_min=2, k_max=2, models=("VVV",))))


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
    assert found("outlier = yes") == np.flatnonzero(rows.outliers(0.001)).tolist()
    assert found("left out is not empty") == [100]
    assert found("cluster is empty") == [100]


def test_words_in_a_column_of_numbers_are_found(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    cells = ["k.A." if i % 7 == 3 else f"{i},5" for i in range(30)]
    path.write_text("a;b\n" + "".join(f"{cell};{i * 2}\n" for i, cell in enumerate(cells)))
    dataset = read(path)
    found = Wanted("k.a.", ",").rows(fields_of(dataset, None, ()), dataset.n_rows)
    assert np.flatnonzero(found).tolist() == [3, 10, 17, 24]
