"""The workbook's sheets about trust: Trust, a line for each cluster, and Outliers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis.axes import title_of
from gmmdesk.analysis.diagnosis import TOLD_ROWS, Diagnosis
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.grouping import part_names
from gmmdesk.analysis.outliers import odd_rows
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.row_names import identity
from gmmdesk.export.judgement import judged
from gmmdesk.export.rows import ROW_IN_FILE
from gmmdesk.export.sheets import Cell, Formats, put, write_table
from gmmdesk.task import Task

MOST_OUTLIERS = 10_000  # more than anybody reads; each row says in Rows whether it is one
_SHAPES = {True: "bell-shaped", False: "not bell-shaped", None: "cannot be told"}


def write_diagnosis(
    sheet: Worksheet, formats: Formats, found: Diagnosis, names: Sequence[str], task: Task
) -> None:
    """One row a cluster, or a part of one: shape, overlap and doubts; below them all findings.

    Shares are of the cluster's rows: those that are expected to belong elsewhere, and to the
    cluster that most of these belong to.
    """
    plain, whole, share = formats.plain, formats.whole, formats.share
    columns = {
        "Cluster": whole,
        "Name": plain,
        "Rows": whole,
        "Shape": plain,
        "p-value": share,
        "Elsewhere": share,
        "Most to": plain,
        "Share there": share,
        "Doubts": plain,
    }
    table: list[list[Cell]] = [
        [
            *(one.cluster + 1, one.name, one.n_rows, _SHAPES[one.is_bell], one.p_value),
            *(one.elsewhere, None if one.nearest is None else names[one.nearest]),
            *(one.nearest_share, " ".join(one.doubts) or None),
        ]
        for one in judged(found, names)
    ]
    write_table(sheet, formats, list(columns), table, list(columns.values()), task=task)
    sheet.set_column(8, 8, 90)
    line = len(table) + 2
    for j, heading in enumerate(("Finding", "Question", "In words", "What may help")):
        put(sheet, line, j, heading, formats.header)
    for remark in remarks(found, names):
        line += 1
        cells = (remark.grade.capitalize(), remark.about, remark.text)
        for j, text in enumerate((*cells, "; ".join(remark.may_help) or None)):
            put(sheet, line, j, text, plain)


def write_outliers(
    sheet: Worksheet,
    formats: Formats,
    found: Diagnosis,
    dataset: Dataset,
    names: Sequence[str],
    *,
    task: Task,
) -> None:
    """One row for each column that makes a row of `dataset` odd, the strangest rows first.

    `dataset` has rows of what was diagnosed: all or some. Rows behind those whose columns were
    looked at have a line each. Rarity is the share of the cluster's rows that should lie as far
    out, the last share how much of the distance from the cluster is due to the column.
    """
    plain, whole, share = formats.plain, formats.whole, formats.share
    analysis, grouping = found.analysis, found.analysis.grouping
    of_rows = analysis.dataset
    columns = {
        "Row" if dataset.row_numbers is None else ROW_IN_FILE: whole,
        **({} if of_rows.row_identifier is None else {"Row name": plain}),
        "Nearest cluster": whole,
        "Its name": plain,
        "Rarity": formats.number("0.00000"),
        "Column": plain,
        "Value": plain,
        "Is": plain,
        "Mostly from": plain,
        "to": plain,
        "Due to it": share,
    }
    parts = part_names(names, grouping)
    rare, told = found.outliers, found.odd_rows
    if dataset is not of_rows:
        numbers = dataset.numbers_of(np.arange(dataset.n_rows))
        rare = rare.where(np.isin(of_rows.numbers_of(rare.rows), numbers))
        told = odd_rows(analysis, rare, TOLD_ROWS)

    def which(row: int) -> tuple[Cell, ...]:
        named = [] if of_rows.row_identifier is None else [identity(of_rows, row) or None]
        return (of_rows.number_of(row), *named)

    def lines() -> Iterable[Sequence[Cell]]:
        for odd in told:
            cluster = odd.cluster if grouping is None else grouping.of[odd.cluster]
            where = (*which(odd.row), cluster + 1, parts[odd.cluster], odd.rarity)
            for one in odd.columns:
                column = title_of(analysis.prepared, one.column)
                yield *where, column, one.value, one.word, one.low, one.high, one.share
        rest = slice(len(told), MOST_OUTLIERS)
        for row, rarity in zip(rare.rows[rest].tolist(), rare.rarity[rest].tolist(), strict=True):
            yield *which(row), None, None, rarity, *[None] * 6

    write_table(
        sheet, formats, list(columns), lines(), list(columns.values()), task=task, filtered=True
    )
    word = list(columns).index("Is")
    sheet.set_column(word, word, 34)
