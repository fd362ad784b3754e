"""Whatever is in a file and whatever is chosen about it: a table or a message, and nothing else."""

from __future__ import annotations

import warnings

from hypothesis import given, settings
from hypothesis import strategies as st

from gmmdesk.data.options import DATE_ORDERS, DECIMALS, QUOTES, THOUSANDS, Kind, ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.receipt import unreadable_cells
from gmmdesk.errors import GmmdeskError
from tests.fuzzing import cases

PIECES = [
    *("a", "b c", "1", "1.5", "2,5", "1.234", "1,234", "-", "NA", "-999", "é", "“x”", "1e308"),
    *("inf", "1/2/2020", "31.02.2019", "2020-01-05", "12%", "$3", "cm", "kg", "007", "\u22121"),
    *("1\u00a0234", '"', "'", ",", ";", "\t", "|", " ", "\n", "\r\n", "\r", "\n\n", "\ufeff"),
    *("sep=;\n", "#"),
]
pieces = st.sampled_from(PIECES)
contents = st.one_of(
    st.lists(pieces, max_size=60).map("".join).map(str.encode),
    st.tuples(
        st.lists(pieces, max_size=30).map("".join),
        st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-32", "utf-8-sig"]),
    ).map(lambda pair: pair[0].encode(pair[1])),
    st.binary(max_size=200),
)


def maybe(values):
    return st.one_of(st.none(), values)


chosen = {
    "encoding": maybe(st.sampled_from(["utf-8", "utf-16", "latin-1", "cp1252", "ascii", "utf-7"])),
    "delimiter": maybe(st.sampled_from([",", ";", "\t", "|", " ", "^", "a", "1"])),
    "quote": maybe(st.sampled_from(list(QUOTES))),
    "skip_rows": maybe(st.integers(0, 4)),
    "header_rows": maybe(st.integers(0, 4)),
    "units_row": maybe(st.booleans()),
    "decimal": maybe(st.sampled_from(list(DECIMALS))),
    "thousands": maybe(st.sampled_from(list(THOUSANDS))),
    "date_order": maybe(st.sampled_from(list(DATE_ORDERS))),
    "missing_words": st.lists(st.sampled_from(["-999", "1", "a", "1.5"]), max_size=2).map(tuple),
    "kinds": st.dictionaries(
        st.sampled_from(["a", "Column 1", "Column 2"]), st.sampled_from(list(Kind)), max_size=2
    ).map(lambda kinds: tuple(kinds.items())),
    "row_limit": maybe(st.integers(1, 5)),
    "sample_rows": maybe(st.integers(1, 5)),
}


@settings(max_examples=cases(200))
@given(contents, st.data())
def test_any_file_with_any_choice_is_a_table_or_a_message(tmp_path_factory, content, data):
    path = tmp_path_factory.mktemp("any") / "table.csv"
    path.write_bytes(content)
    names = data.draw(st.sets(st.sampled_from(sorted(chosen)), max_size=6))
    try:
        options = ReadOptions(**{name: data.draw(chosen[name], name) for name in sorted(names)})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            dataset = read(path, options)
    except GmmdeskError:
        return
    assert dataset.columns
    assert dataset.n_rows >= 1
    if options.most_rows is not None:
        assert dataset.n_rows <= options.most_rows
    for column in dataset.columns:
        assert len(column.cells) == dataset.n_rows
        assert column.name
        kind = options.kind(column.name)
        assert kind is not Kind.LEAVE_OUT or not column.is_numeric
    assert all(cell.raw for cell in unreadable_cells(dataset))
    assert dataset.receipt.cells
    asked = {question.option for question in dataset.receipt.questions}
    assert all(getattr(options, option) is None for option in asked)
