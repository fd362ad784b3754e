"""Awkward files of all formats but text tables and workbooks: each is read as expected."""

from __future__ import annotations

import re

import pytest

from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.errors import ReadError
from tests.data.format_corpus.case import Case
from tests.data.format_corpus.formats import CASES

pytestmark = pytest.mark.usefixtures("parsers_here")


def test_there_are_many():
    assert len({case.name for case in CASES}) == len(CASES) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_read_as_expected(case: Case, tmp_path):
    path = case.write(tmp_path)
    assert path.stat().st_size < 120_000
    options = ReadOptions(sheet=case.sheet)
    if case.error:
        with pytest.raises(ReadError, match=case.error) as caught:
            read(path, options)
        assert caught.value.hint
        return
    dataset = read(path, options)
    found = {c.name: (str(c.kind), c.cells.to_pylist()) for c in dataset.columns}
    assert found == {name: (kind, list(cells)) for name, (kind, cells) in case.columns.items()}
    assert list(found) == list(case.columns)
    notes = dataset.receipt.notes
    for wanted in case.notes:
        assert any(re.search(wanted, note) for note in notes), (wanted, notes)
    assert len(notes) == len(case.notes), notes
    assert dataset.receipt.sheets == case.sheets
    assert dataset.receipt.sheet == (case.sheet or dataset.receipt.sheet)
    assert {c.name: c.label for c in dataset.columns if c.label} == case.labels
