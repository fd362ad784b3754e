"""Every file of the corpus is read as expected."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from gmmdesk.data.dataset import Dataset
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.receipt import raw_text, unreadable_cells
from tests.data.corpus import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reading_of_awkward_files(case, tmp_path):
    dataset = read(_written(case, tmp_path), ReadOptions(**case.options))
    receipt = dataset.receipt
    asked = tuple((question.option, question.columns) for question in receipt.questions)
    assert asked == case.questions
    for found, expected in (
        (receipt.decimal, case.decimal),
        (receipt.thousands, case.thousands),
        (receipt.delimiter, case.delimiter),
        (receipt.encoding, case.found_encoding),
    ):
        assert expected is None or found == expected
    assert case.notes in " ".join(receipt.notes)
    _check_columns(dataset, case)
    _check_receipt(dataset)


def test_the_corpus_is_large():
    assert len(CASES) >= 45
    assert len({case.name for case in CASES}) == len(CASES)


def _written(case: Case, folder: Path) -> Path:
    path = folder / f"table{case.suffix}"
    if callable(case.content):
        case.content(path)
    elif isinstance(case.content, bytes):
        path.write_bytes(case.content)
    else:
        path.write_bytes(case.content.encode(case.encoding))
    return path


def _check_columns(dataset: Dataset, case: Case) -> None:
    for name, expected in case.columns.items():
        column = dataset.column(name)
        assert column.kind == expected.kind
        assert (column.unit, column.date_order) == (expected.unit, expected.order)
        assert column.recommended is (expected.kind == "number")
        if expected.cells is not None:
            assert column.cells.to_pylist() == expected.cells
        if expected.numbers is not None:
            assert np.array_equal(column.numbers(), expected.numbers, equal_nan=True)
        assert dataset.places is not None
        places = tuple(dataset.places.of(row) for row in column.unreadable.tolist())
        assert places == expected.unreadable


def _check_receipt(dataset: Dataset) -> None:
    """What holds for every table: the receipt's cells are those of its columns."""
    listed = {(cell.row, cell.column): cell.raw for cell in unreadable_cells(dataset)}
    assert len(listed) == sum(len(column.unreadable) for column in dataset.columns)
    assert dataset.receipt.cells
    for cell in dataset.receipt.cells:
        column, row = dataset.column(cell.column), cell.row - 1
        if column.is_numeric:
            value = column.number(row)
            assert cell.value == value or (cell.value is None and math.isnan(value))
        if (cell.row, cell.column) in listed:
            assert cell.value is None
            assert cell.raw.strip() == listed[cell.row, cell.column].strip()
        if column.cells.type == "string":
            assert cell.raw == raw_text(column, row)
    for finding in dataset.receipt.findings:
        assert finding.what
        assert finding.value
        assert finding.reason
