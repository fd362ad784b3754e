"""The mask of missing cells: it agrees with what reading counted, and with the user's words."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.readers import read, read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.session import embedded
from gmmdesk.task import Task

TABLE = "x\tc\td\tm\n" + "".join(
    f"{i % 7 + 0.5 if i % 5 else 'zz'}\t{'ab'[i % 2] if i % 4 else 'zz'}"
    f"\t{'zz' if i % 6 == 0 else f'{i % 28 + 1:02}.05.2024'}\t{'oops' if i == 3 else i * i % 11}\n"
    for i in range(40)
)
WORDS = ReadOptions(missing_words=("zz",))


def test_the_users_words_are_missing():
    columns = {column.name: column for column in read_text(TABLE, options=WORDS).columns}
    for name, step in (("x", 5), ("c", 4), ("d", 6)):
        assert np.flatnonzero(columns[name].missing()).tolist() == list(range(0, 40, step))
    assert not columns["m"].missing().any()  # a cell that cannot be read is there
    assert columns["m"].unreadable.tolist() == [3]


@pytest.mark.parametrize("options", [ReadOptions(), WORDS])
@pytest.mark.parametrize("kind", [None, *Kind])
def test_as_many_are_missing_as_were_counted(options, kind):
    if kind is not None:
        kinds = tuple((name, kind) for name in "xcdm")
        options = ReadOptions(missing_words=options.missing_words, kinds=kinds)
    for column in read_text(TABLE, options=options).columns:
        assert column.missing().sum() == column.n_missing, column.name


def test_typed_cells_and_samples(tmp_path):
    moments = pa.array([None, 1, 2], pa.timestamp("us"))
    table = pa.table({"t": moments, "b": [True, None, False], "f": [1.5, float("nan"), 2.5]})
    pq.write_table(table, tmp_path / "t.parquet")
    missing = [column.missing().tolist() for column in read(tmp_path / "t.parquet").columns]
    assert missing == [[True, False, False], [False, True, False], [False, True, False]]
    for column in load_sample("penguins").columns:
        assert column.missing().sum() == column.n_missing


def test_a_table_inside_a_session_keeps_them():
    dataset = read_text(TABLE, options=WORDS)
    file = io.BytesIO()
    embedded.write_cells(dataset, file, Task())
    again = embedded.from_record(embedded.to_record(dataset), file.getvalue(), None, WORDS)
    for column, same in zip(dataset.columns, again.columns, strict=True):
        assert column.missing().tolist() == same.missing().tolist()


def counted(n_rows, **columns):
    """A table of two measurements and `columns` of whole numbers, by how many values these have."""
    random = np.random.default_rng(0)
    cells = {"a": random.normal(size=n_rows), "b": random.normal(size=n_rows)}
    cells |= {name: random.permutation(np.arange(n_rows) % n) for name, n in columns.items()}
    lines = zip(*(map(str, column) for column in cells.values()), strict=True)
    return read_text("\n".join([",".join(cells), *map(",".join, lines)]))


def test_whole_numbers_of_a_few_values_are_not_ticked_by_themselves():
    table = counted(400, riders=7, age=8)
    assert table.few_valued == {"riders": 7}
    assert table.suggested == ("a", "b", "age")
    assert table.recommended == ("a", "b", "riders", "age")  # which are features all the same


def test_a_few_rows_do_not_tell_whether_values_are_few():
    assert counted(139, riders=7).few_valued == {}
    assert counted(140, riders=7).few_valued == {"riders": 7}


def test_steps_of_another_size_are_measurements():
    half = "\n".join(f"{i * i % 97},{i % 5 / 2}" for i in range(300))
    assert read_text(f"a,b\n{half}\n").few_valued == {}


def test_gaps_are_no_value():
    rows = "\n".join(f"{i * i % 97},{i * i * i % 89},{i % 3 or ''}" for i in range(300))
    assert read_text(f"a,b,c\n{rows}\n").few_valued == {"c": 2}


def test_where_nearly_all_columns_are_answers_of_a_survey_all_are_ticked():
    rows = "\n".join(f"{i * i % 5},{i * i * i % 7},{i * i % 97}" for i in range(300))
    table = read_text(f"q1,q2,age\n{rows}\n")
    assert set(table.few_valued) == {"q1", "q2"}
    assert table.suggested == ("q1", "q2", "age")
