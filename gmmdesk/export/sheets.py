"""The workbook's short sheets of numbers: Clusters, Parameters and Model comparison."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis import Analysis, Application, ScoredRows
from gmmdesk.analysis.palette import NO_COLOR, NO_NAME
from gmmdesk.analysis.profiles import in_file_columns
from gmmdesk.analysis.shapes_named import shape_of
from gmmdesk.data.dataset import Column, FloatArray, bare_unit
from gmmdesk.data.workbook_formats import SHORT_DATE
from gmmdesk.export.sheet_rows import fitted, is_moment
from gmmdesk.export.words import compared
from gmmdesk.task import Task
from gmmdesk.terms import HELD_MEANS, MODEL_MEANS, ROWS_MEAN, SHARE_MEANS, SURE_MEANS

CLUSTER_FACTS = 7  # columns of the sheet Clusters before those of the data, at most
COMPARED_FACTS = 11  # columns of the sheet Model comparison

# As whoever opens the workbook writes dates: known by its number alone.
_SHORT_DATE_NUMBER = 14

_REMARK = "Remark"  # heading of what clusters may be instead

Cell = str | float | int | bool | None


class Formats:
    """The cell formats of one workbook."""

    def __init__(self, book: Workbook, colors: Sequence[str]) -> None:
        self._book = book
        self.plain = book.add_format()
        self.header = book.add_format(
            {"bold": True, "bottom": 1, "valign": "top", "bg_color": "#EEEEEE"}
        )
        self.bold = book.add_format({"bold": True})
        self.entry = book.add_format(
            {"bg_color": "#FFF9DB", "border": 1, "border_color": "#D9D9D9"}
        )
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.fact = book.add_format({"align": "left", "valign": "top"})
        self.long_fact = book.add_format({"align": "left", "valign": "top", "num_format": "0.000"})
        self.item = book.add_format({"bold": True, "valign": "top"})
        self.whole = book.add_format({"num_format": "0"})
        self.share = book.add_format({"num_format": "0.000"})
        self.decimal = book.add_format({"num_format": "0.000"})
        self.tints = [
            book.add_format({"num_format": "0", "bg_color": tint(color)}) for color in colors
        ]
        self.no_tint = book.add_format({"num_format": "0", "bg_color": tint(NO_COLOR)})
        self.fills = [
            book.add_format({"bg_color": filled, "font_color": ink(filled)})
            for filled in (*colors, NO_COLOR)
        ]

    def number(self, pattern: str | int) -> Format:
        return self._book.add_format({"num_format": pattern})

    def chosen(self, style: Format) -> Format:
        """Like `style`, but standing out from its neighbours."""
        return self._book.add_format(
            {"num_format": style.num_format, "bold": True, "bg_color": "#FFF2CC"}
        )

    def of_input(self, column: Column) -> Format:
        """The format of a column of the file: as it looked there, where that is known."""
        if column.number_format:
            is_short = column.number_format == SHORT_DATE
            return self.number(_SHORT_DATE_NUMBER if is_short else column.number_format)
        return self.moment(column.cells) if is_moment(column.cells.type) else self.plain

    def moment(self, cells: pa.ChunkedArray) -> Format:
        """The format of a column of dates: without the time of day where there is none."""
        is_day = pa.types.is_date(cells.type) or (
            pc.all(pc.equal(pc.floor_temporal(cells, unit="day"), cells)).as_py() is not False
        )
        return self._book.add_format(
            {"num_format": "yyyy-mm-dd" if is_day else "yyyy-mm-dd hh:mm:ss"}
        )


def six_digits(values: npt.ArrayLike) -> str:
    """The number format that shows six digits of the largest of `values`, as text."""
    size = float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))
    power = math.floor(math.log10(size)) if size else 0
    if not -5 < power < 9:
        return "0.00000E+00"
    return "0." + "0" * (5 - power) if power < 5 else "0"


def tint(hex_color: str) -> str:
    """A light version of a colour, on which black text reads well."""
    return "#" + "".join(f"{round(255 - 0.3 * (255 - part)):02X}" for part in _parts(hex_color))


def ink(hex_color: str) -> str:
    """Black or white, whichever reads better on a colour (WCAG 2.2, relative luminance)."""
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(hex_color)
    ]
    luminance = sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000000" if luminance > 0.179 else "#FFFFFF"


def _parts(hex_color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(hex_color.removeprefix("#"))
    return red, green, blue


class _AllDigits(float):
    """A number that XlsxWriter writes with 17 digits where they are needed, instead of 16."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return float.__repr__(self)


def put(sheet: Worksheet, row: int, column: int, value: Cell, style: Format) -> None:
    """Write one cell: text as text whatever it looks like, nothing for nan and None."""
    if isinstance(value, str):
        value = fitted(value)
        if value.startswith("<r>") and value.endswith("</r>"):
            # XlsxWriter takes such text for XML of its own; in two pieces it stays text.
            sheet.write_rich_string(row, column, value[:1], style, value[1:], style)
        else:
            sheet.write_string(row, column, value, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif value is None or not math.isfinite(value):
        sheet.write_blank(row, column, None, style)
    else:
        number = _AllDigits(value) if isinstance(value, float) else value
        sheet.write_number(row, column, number, style)


def write_table(
    sheet: Worksheet,
    formats: Formats,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    styles: Sequence[Format],
    *,
    task: Task,
    filtered: bool = False,
) -> None:
    """Write a header and `rows` below it, a style for each column."""
    i = 0
    for j, heading in enumerate(header):
        put(sheet, 0, j, heading, formats.header)
        sheet.set_column(j, j, min(40, max(14, len(heading) + 3)))
    for i, row in enumerate(rows, start=1):
        if i % 100 == 0:
            task.step()
        for j, (value, style) in enumerate(zip(row, styles, strict=True)):
            put(sheet, i, j, value, style)
    sheet.freeze_panes(1, 0)
    if filtered:
        sheet.autofilter(0, 0, i, len(header) - 1)


def write_clusters(
    sheet: Worksheet,
    formats: Formats,
    scored: ScoredRows,
    names: Sequence[str],
    task: Task,
    *,
    marks: Sequence[str] = (),
) -> None:
    """One row a cluster: name, colour, rows, weight, how sure, mean and spread of each column.

    Of a column that a step has bent, median and the range of the middle 68 % of the rows. With
    noise the last row is about the rows of no cluster, which have none of these. Where some have
    `marks` (K,), a column says what these clusters may be instead.
    """
    weights = scored.clusters.weights
    header = ["Cluster", "Name", "Colour", "Rows", "Weight", "How sure"]
    is_marked = any(marks)
    header += [_REMARK] * is_marked
    typical: list[FloatArray] = []  # (K,) for each column of the header that follows
    for one in scored.profiles:
        if one.is_mean:
            header += [f"Mean of {one.title}", f"Spread of {one.title}"]
            typical += [one.centers, one.spreads]
        else:
            header += [
                f"Median of {one.title}",
                f"16 % below: {one.title}",
                f"16 % above: {one.title}",
            ]
            typical += [one.centers, one.lows, one.highs]
    table: list[list[Cell]] = []
    for k in range(scored.n_clusters):
        line: list[Cell] = [k + 1, names[k], scored.color(k), int(scored.sizes[k])]
        line += [float(weights[k]), float(scored.certainty[k])]
        line += [marks[k] or None] if is_marked else []
        line += [float(values[k]) for values in typical]
        table.append(line)
    if scored.noise is not None:
        noise = scored.noise
        facts: list[Cell] = [0, NO_NAME, NO_COLOR, noise.n_rows, noise.weight, noise.certainty]
        table.append([*facts, *[None] * (is_marked + len(typical))])
    styles = [formats.whole, formats.plain, formats.plain, formats.whole]
    styles += [formats.share, formats.share, *[formats.plain] * is_marked]
    styles += [formats.number(six_digits(values)) for values in typical]
    write_table(sheet, formats, header, table, styles, task=task)
    for heading, meaning in (
        ("Rows", ROWS_MEAN),
        ("Weight", SHARE_MEANS),
        ("How sure", SURE_MEANS),
    ):
        sheet.write_comment(0, header.index(heading), meaning)
    if typical:
        meaning = MODEL_MEANS if isinstance(scored, Application) else HELD_MEANS
        sheet.write_comment(0, len(header) - len(typical), meaning)
    for i, (line, fill) in enumerate(zip(table, formats.fills, strict=False), start=1):
        put(sheet, i, 2, line[2], fill)
    sheet.freeze_panes(1, 2)


def write_parameters(
    sheet: Worksheet, formats: Formats, scored: ScoredRows, names: Sequence[str], task: Task
) -> None:
    """One row a number, with all its digits: weights, then means, then covariances in full.

    In the columns of the file, also where all principal components have taken their place; in
    those that were fitted where a step has bent a column or lost something of it. With noise its
    weight and log density (nats) follow the weights. Where clusters are made of several components
    of the mixture, the numbers are of these, which a column more counts. Where the file states
    units, a last column has those of the numbers.
    """
    grouping = scored.grouping
    of = range(len(scored.parameters.weights)) if grouping is None else grouping.of
    columns, mixture = in_file_columns(scored.parameters, scored.prepared.preparation)
    units = {name: bare_unit(unit) for name, unit in scored.prepared.units.items()}

    def lines() -> Iterable[Sequence[Cell]]:
        for k, weight in enumerate(mixture.weights.tolist()):
            yield "weight", of[k] + 1, names[of[k]], None, None, weight, k + 1, None
        if mixture.noise is not None:
            yield "noise weight", 0, NO_NAME, None, None, float(mixture.noise.weight), None, None
            yield "noise log density", 0, NO_NAME, None, None, mixture.noise.log_density, None, None
        for k, mean in enumerate(mixture.means.tolist()):
            for column, value in zip(columns, mean, strict=True):
                unit = units.get(column)
                yield "mean", of[k] + 1, names[of[k]], column, None, value, k + 1, unit
        for k, covariance in enumerate(mixture.covariances.tolist()):
            for column, row in zip(columns, covariance, strict=True):
                for other, value in zip(columns, row, strict=True):
                    pair = column, other
                    unit = _product(*(units.get(one) for one in pair))
                    yield "covariance", of[k] + 1, names[of[k]], *pair, value, k + 1, unit

    shown = {
        **dict.fromkeys(("parameter", "cluster", "name", "column", "column_2", "value"), True),
        "component": grouping is not None,
        "unit": not units.keys().isdisjoint(columns),
    }
    header = [heading for heading, is_shown in shown.items() if is_shown]
    rows = (list(compress(line, shown.values())) for line in lines())
    styles = [formats.plain] * len(header)
    write_table(sheet, formats, header, rows, styles, task=task, filtered=True)
    sheet.set_column(5, 5, 24)


def _product(unit: str | None, other: str | None) -> str | None:
    """The unit of a product of two numbers; None where one of theirs is not known."""
    if not unit or not other:
        return None
    plain = [one if one.isalpha() else f"({one})" for one in (unit, other)]
    return f"{plain[0]}²" if unit == other else "·".join(plain)


def write_comparison(sheet: Worksheet, formats: Formats, analysis: Analysis, task: Task) -> None:
    """One row a candidate, in the order they were tried; the chosen one is marked."""
    plain, whole, decimal = formats.plain, formats.whole, formats.decimal
    columns = {
        "Model": plain,
        compared(analysis).capitalize(): whole,
        "Log-likelihood": decimal,
        "Parameters": whole,
        "BIC": decimal,
        "ICL": decimal,
        "AIC": decimal,
        "Status": plain,
        "Shape": plain,
        "Compared": plain,
        "Chosen": plain,
    }
    n_columns = len(analysis.prepared.columns)
    table: list[tuple[Cell, ...]] = [
        (
            *(tried.model, tried.n_components, tried.log_likelihood, tried.n_parameters or None),
            *(tried.bic, tried.icl, tried.aic, tried.status, shape_of(tried.model, n_columns)),
            "yes" if tried.sound else "no",
            "chosen" if i == analysis.best else None,
        )
        for i, tried in enumerate(analysis.candidates)
    ]
    write_table(
        sheet, formats, list(columns), table, list(columns.values()), task=task, filtered=True
    )
    chosen = {style: formats.chosen(style) for style in (plain, whole, decimal)}
    for j, (value, style) in enumerate(zip(table[analysis.best], columns.values(), strict=True)):
        put(sheet, analysis.best + 1, j, value, chosen[style])
    sheet.set_column(7, 7, 40)
    sheet.set_column(8, 8, 22)
