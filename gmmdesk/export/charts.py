"""The workbook's charts: how large the clusters are, and how well each number of them does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.palette import color
from gmmdesk.export.sheets import Cell, Formats, put
from gmmdesk.export.words import compared

_MOST_BARS = 60  # that can be told apart
_WIDTH, _HEIGHT = 640, 360  # pixels
_MARKERS = ("circle", "square", "diamond", "triangle", "x")


def add_sizes_chart(book: Workbook, sheet: Worksheet, colors: Sequence[str]) -> None:
    """Bars as long as the clusters are large, in their colours, below the sheet Clusters' table."""
    n_bars = len(colors)
    if n_bars > _MOST_BARS:
        return
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "Rows",
            "categories": [sheet.name, 1, 1, n_bars, 1],
            "values": [sheet.name, 1, 3, n_bars, 3],
            "points": [{"fill": {"color": filled}} for filled in colors],
            "gap": 40,
            "data_labels": {"value": True},
        }
    )
    chart.set_title({"name": "Rows in each cluster", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_size({"width": _WIDTH, "height": max(200, 90 + 28 * n_bars)})
    sheet.insert_chart(n_bars + 2, 1, chart)


def add_comparison_chart(
    book: Workbook, sheet: Worksheet, formats: Formats, analysis: Analysis, column: int
) -> None:
    """A table of the criterion by clusters and model from `column` on, and a line for each model.

    Only where several numbers of clusters were compared.
    """
    criterion = analysis.settings.criterion
    values = {
        (one.model, one.n_components): one.value(criterion)
        for one in analysis.candidates
        if one.sound and np.isfinite(one.value(criterion))
    }
    numbers = sorted({K for _model, K in values})
    models = sorted({model for model, _K in values})
    if len(numbers) < 2:
        return
    label = f"{criterion.upper()} by {compared(analysis)}"
    put(sheet, 0, column, label, formats.header)
    sheet.set_column(column, column, len(label) + 2)
    for j, model in enumerate(models, start=column + 1):
        put(sheet, 0, j, model, formats.header)
        for i, K in enumerate(numbers, start=1):
            value: Cell = values.get((model, K))
            put(sheet, i, j, value, formats.decimal)
    for i, K in enumerate(numbers, start=1):
        put(sheet, i, column, K, formats.whole)
    sheet.set_column(column + 1, column + len(models), 14)
    last = len(numbers)
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for j, model in enumerate(models):
        chart.add_series(
            {
                "name": model,
                "categories": [sheet.name, 1, column, last, column],
                "values": [sheet.name, 1, column + 1 + j, last, column + 1 + j],
                "line": {"color": color(j), "width": 1.5},
                "marker": {
                    "type": _MARKERS[j % len(_MARKERS)],
                    "size": 6,
                    "fill": {"color": color(j)},
                    "border": {"color": color(j)},
                },
            }
        )
    chart.set_title({"name": f"{criterion.upper()}: lower is better", "name_font": {"size": 12}})
    chart.set_x_axis(
        {
            "name": compared(analysis).capitalize(),
            "min": numbers[0] - 1,
            "max": numbers[-1] + 1,
            "major_unit": max(1, (numbers[-1] - numbers[0]) // 10),
            "major_gridlines": {"visible": False},
        }
    )
    chart.set_y_axis({"num_format": "#,##0", **_range(list(values.values()))})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": _WIDTH, "height": _HEIGHT})
    sheet.insert_chart(last + 2, column, chart)


def _range(values: list[float]) -> dict[str, float]:
    """Around the values, rounded outwards: spreadsheets would begin at zero."""
    low, high = min(values), max(values)
    step = 10.0 ** np.floor(np.log10(high - low)) if high > low else 1.0
    return {"min": float(np.floor(low / step) * step), "max": float(np.ceil(high / step) * step)}
