"""The workbook: XlsxWriter makes it with a pattern of the long sheet, which Arrow then fills.

Numbers are written as numbers, those in a local style ("8,1") too; text that could not be read as
the number it should be stays text.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import IO, BinaryIO
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis import Analysis, Application, ScoredRows
from gmmdesk.analysis.diagnosis import Diagnosis, diagnose
from gmmdesk.analysis.headline import marks
from gmmdesk.analysis.palette import NO_COLOR, NO_NAME
from gmmdesk.data.conditions import categories
from gmmdesk.data.dataset import bare_unit
from gmmdesk.errors import ExportError
from gmmdesk.export import sheets
from gmmdesk.export.about import write_about
from gmmdesk.export.cells import sheet_cells
from gmmdesk.export.charts import add_comparison_chart, add_sizes_chart
from gmmdesk.export.rows import are_given, batches, headings, unique
from gmmdesk.export.score_sheet import write_score_sheet
from gmmdesk.export.score_sheet.steps import sheet_steps
from gmmdesk.export.sheet_diagnosis import write_diagnosis, write_outliers
from gmmdesk.export.sheet_rows import fitted, rows_xml, too_long
from gmmdesk.export.sheets import Formats, put
from gmmdesk.task import Task

MAX_LINES = 1_048_576  # of a worksheet, its header included
MAX_COLUMNS = 16_384
_ROWS_PART = "xl/worksheets/sheet1.xml"
_CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
_ROW = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row"
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_ROW_END = b"</row>"
_ZIP64_LIMIT = 2**31 - 1
_LONGEST_ESCAPE = 7  # bytes of XML that one byte of text can become
# The fastest: the slowest makes a file one seventh smaller in twice the time (measured).
_COMPRESSION = 1
_SAMPLE = 200  # rows that decide on a column's width
_LOOKED_AT = 1_000  # rows at once, for one without gaps


def write_workbook(
    scored: ScoredRows,
    file: BinaryIO,
    names: Sequence[str],
    task: Task,
    found: Diagnosis | None = None,
) -> None:
    """Write the sheets Rows, Clusters, Parameters, Model comparison, Score new rows, Diagnosis,
    Outliers and About.

    There is no comparison and no diagnosis where a model was applied. An analysis is diagnosed
    unless that has been done: `found`.
    Raises ExportError, before anything is written, for what a worksheet cannot hold.
    """
    _check_size(scored)
    rows = _RowsSheet(scored, names)
    pattern = _workbook_with_pattern(scored, names, rows, task, found)
    with (
        zipfile.ZipFile(pattern) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as target,
    ):
        for part in source.infolist():
            content = source.read(part)
            if part.filename != _ROWS_PART:
                target.writestr(part, content)
                continue
            # Excel may offer to repair a file with ZIP64 fields: only where they are needed.
            with target.open(
                part.filename, "w", force_zip64=rows.size_bound > _ZIP64_LIMIT
            ) as sheet:
                rows.fill(content, sheet, task)


def _check_size(scored: ScoredRows) -> None:
    n_clusters, d = scored.n_clusters, len(scored.prepared.columns)
    n_components = len(scored.parameters.weights)
    sizes = {
        "The table with its results": (
            scored.dataset.n_rows,
            len(scored.dataset.columns) + n_clusters + 11,
        ),
        "The list of clusters": (
            n_clusters + 1,
            sheets.CLUSTER_FACTS + sum(2 if one.is_mean else 3 for one in scored.profiles),
        ),
        "The list of parameters": (n_components * (1 + d + d * d) + 2, 7),
    }
    for what, (n_rows, n_columns) in sizes.items():
        if n_rows >= MAX_LINES or n_columns > MAX_COLUMNS:
            raise ExportError(
                f"{what} has {n_rows:,} rows and {n_columns:,} columns; an Excel sheet holds"
                f" {MAX_LINES - 1:,} and {MAX_COLUMNS:,}.",
                "Choose CSV (.csv) or Parquet (.parquet), and .json for the parameters.",
            )


def _workbook_with_pattern(
    scored: ScoredRows,
    names: Sequence[str],
    rows: _RowsSheet,
    task: Task,
    found: Diagnosis | None,
) -> io.BytesIO:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": f"Clusters of {scored.dataset.name}"[:255]})
    colors = [scored.color(k) for k in range(scored.n_clusters)]
    formats = Formats(book, colors)
    rows.write_pattern(book.add_worksheet("Rows"), formats)
    clusters = book.add_worksheet("Clusters")
    told = marks(scored.verdict) if isinstance(scored, Analysis) else ()
    sheets.write_clusters(clusters, formats, scored, names, task, marks=told)
    add_sizes_chart(book, clusters, colors + [NO_COLOR] * (scored.noise is not None))
    sheets.write_parameters(book.add_worksheet("Parameters"), formats, scored, names, task)
    if isinstance(scored, Analysis):
        comparison = book.add_worksheet("Model comparison")
        sheets.write_comparison(comparison, formats, scored, task)
        add_comparison_chart(book, comparison, formats, scored, sheets.COMPARED_FACTS + 1)
    model = scored.fitted_model(names)
    score = book.add_worksheet("Score new rows")
    write_score_sheet(score, formats, model, _complete_row(scored), task)
    if isinstance(scored, Analysis):
        found = found or diagnose(scored, task=task)
        write_diagnosis(book.add_worksheet("Trust"), formats, found, names, task)
        outliers = book.add_worksheet("Outliers")
        write_outliers(outliers, formats, found, scored.dataset, names, task=task)
    n_cut = sum(too_long(column.cells) for column in scored.dataset.columns)
    write_about(book.add_worksheet("About"), formats, scored, names, n_cut)
    book.close()
    buffer.seek(0)
    return buffer


def _complete_row(scored: ScoredRows) -> list[float | str] | None:
    """The first used row that has a value in all m columns of the file that are asked for, (m,)."""
    prepared = scored.prepared
    known = scored.columns if isinstance(scored, Application) else {}
    steps = sheet_steps(prepared.preparation)
    columns = {name: scored.dataset.column(known.get(name, name)) for name in steps.typed}
    inputs = prepared.preparation.inputs
    for first in range(0, len(prepared.rows), _LOOKED_AT):  # most often the first of them
        rows = prepared.rows[first : first + _LOOKED_AT]
        lacks = np.zeros(len(rows), bool)
        for name in inputs:
            lacks |= np.isnan(columns[name].taken(rows).numbers())
        if not lacks.all():
            row = int(rows[lacks.argmin()])
            return [
                columns[name].number(row)
                if name in inputs
                else categories(columns[name], np.array([row]))[0].as_py()
                for name in steps.typed
            ]
    return None


class _RowsSheet:
    """The long sheet: first as a header and pattern rows, then filled.

    There is a pattern row for rows of no cluster, and one for each cluster.
    """

    def __init__(self, scored: ScoredRows, names: Sequence[str]) -> None:
        self.scored = scored
        self.names = pa.array([NO_NAME, *names], pa.string())
        # Numbers are in the cluster column as in every other format; names join them once
        # somebody has given some.
        self.named = are_given(names)
        originals = [column.name for column in scored.dataset.columns]
        self.is_part = scored.dataset.row_numbers is not None
        added = list(
            headings(
                originals,
                names,
                is_part=self.is_part,
                noise=scored.noise is not None,
                held_out=scored.prepared.held_out is not None,
                known=scored.rows.known is not None,
            )
        )
        self.n_originals = len(originals)
        self.label = len(originals) + self.is_part
        if self.named:
            added.insert(1 + self.is_part, unique("Cluster name", {*originals, *added}))
        self.headings = [*originals, *added]

    def write_pattern(self, sheet: Worksheet, formats: Formats) -> None:
        n_rows, n_columns = self.scored.dataset.n_rows, len(self.headings)
        styles = self._formats(formats)
        for j, heading in enumerate(self.headings):
            put(sheet, 0, j, heading, formats.header)
            sheet.set_column(j, j, self._width(j))
        # Headings are the names of the file, by which rows are joined back: units are notes.
        for j, column in enumerate(self.scored.dataset.columns):
            if unit := bare_unit(column.unit):
                sheet.write_comment(0, j, fitted(f"In {unit}"))
        for i, tinted in enumerate((formats.no_tint, *formats.tints), start=1):
            for j, style in enumerate(styles):
                sheet.write_blank(i, j, None, style)
            sheet.write_blank(i, self.label, None, tinted)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, n_rows, n_columns - 1)

    def fill(self, pattern: bytes, part: IO[bytes], task: Task) -> None:
        """Copy the sheet `pattern` to `part`, with the rows in place of the pattern rows."""
        header, tail = pattern.index(_ROW_END) + len(_ROW_END), pattern.index(b"</sheetData>")
        styles = [
            [cell.get("s", "0") for cell in row.iter(_CELL)]
            for row in list(ElementTree.fromstring(pattern).iter(_ROW))[1 : 1 + len(self.names)]
        ]
        of_column = [pa.array([style]) for style in styles[0]]
        of_cluster = pa.array([row[self.label] for row in styles])
        extent = xl_range(0, 0, self.scored.dataset.n_rows, len(self.headings) - 1)
        part.write(_DIMENSION.sub(f'<dimension ref="{extent}"/>'.encode(), pattern[:header]))
        line = 2
        for batch in batches(self.scored, task, sheet_cells):
            columns = list(batch.columns)
            cluster = columns[self.label]
            if self.named:
                columns.insert(self.label + 1, self.names.take(cluster))
            of_column[self.label] = of_cluster.take(pc.fill_null(cluster, 0))
            part.write(rows_xml(columns, of_column, line))
            line += len(batch)
        part.write(pattern[tail:])

    @property
    def size_bound(self) -> int:
        """Bytes that the sheet's XML cannot exceed."""
        dataset = self.scored.dataset
        text = sum(int(column.cells.nbytes) for column in dataset.columns)
        return 96 * dataset.n_rows * len(self.headings) + _LONGEST_ESCAPE * text

    def _formats(self, formats: Formats) -> list[Format]:
        """The cell format of each column; that of the cluster is changed row by row."""
        originals = [formats.of_input(column) for column in self.scored.dataset.columns]
        whole, share = formats.whole, formats.share
        n_choices = self.scored.n_clusters + (self.scored.noise is not None)
        names = [formats.plain] * self.named
        return [
            *originals,
            *[whole] * self.is_part,
            *(whole, *names, share, *[share] * n_choices),
            *(whole, share, formats.decimal, formats.plain, formats.plain),
            *[formats.plain] * (self.scored.prepared.held_out is not None),
            *[formats.plain] * (self.scored.rows.known is not None),
        ]

    def _width(self, j: int) -> int:
        longest = 0
        if j < self.n_originals:
            sample = self.scored.dataset.columns[j].cells.slice(0, _SAMPLE)
            longest = pc.max(pc.utf8_length(sample.cast(pa.string()))).as_py() or 0
        return min(40, max(9, len(self.headings[j]) + 3, longest + 1))
