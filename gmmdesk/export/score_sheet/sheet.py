"""The workbook's sheet Score new rows: type a row, and formulas say which cluster it belongs to.

The formulas are those of the engine: each value less its column's centre first, then the distance
to each mean whitened, L^-1 (z - m), and the logarithm of the summed densities taken beside the
largest. So digits survive offsets, and densities may underflow. Only functions that every
spreadsheet program has had for decades are used, and arrays only within SUMPRODUCT, where no
program needs to be told that they are some. `SUM(x,-c)` is a difference that no program rounds to
zero, as they do with `x-c` where the two nearly agree.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis.fitted_model import FittedModel
from gmmdesk.data.dataset import with_unit
from gmmdesk.data.steps import LeaveOutWhere
from gmmdesk.export.score_sheet.example import scored
from gmmdesk.export.score_sheet.formulas import results, steps
from gmmdesk.export.score_sheet.layout import FIRST, HEADER, ScoreLayout
from gmmdesk.export.score_sheet.steps import sheet_steps
from gmmdesk.export.sheets import Cell, Formats, put
from gmmdesk.task import Task

# More numbers than these make a sheet that is slow to open and to work with.
MOST_COLUMNS = 200
MOST_CLUSTERS = 200
MOST_NUMBERS = 60_000  # of the whitening matrices
MOST_FORMULAS = 6_000
LEAST_LINES, MOST_LINES = 20, 100


def write_score_sheet(
    sheet: Worksheet,
    formats: Formats,
    model: FittedModel,
    example: Sequence[float | str] | None,
    task: Task,
) -> None:
    """Write the sheet for `model`; its first line is the `example` (m,), in the file's units.

    It has a number or a category for each of the m columns of the file that the model asks for.
    """
    K, d = len(model.scaled.weights), len(model.columns)
    n_typed = len(sheet_steps(model.preparation).typed)
    if max(d, n_typed) > MOST_COLUMNS or K > MOST_CLUSTERS or K * d * d > MOST_NUMBERS:
        put(sheet, 0, 0, "This model is too large for formulas in a sheet.", formats.bold)
        put(
            sheet,
            1,
            0,
            f"It has {K:,} clusters in {max(d, n_typed):,} columns. Formulas are written for up to"
            f" {MOST_CLUSTERS} clusters, {MOST_COLUMNS} columns, and {MOST_NUMBERS:,} for clusters"
            " x columns x columns. To score new rows, save the model (.json) and use"
            " 'gmmdesk apply', or 'Apply to another file' in the window.",
            formats.plain,
        )
        return
    _ScoreSheet(sheet, formats, model).write(example, task)


class _ScoreSheet:
    """The lines to fill in, and the numbers of the model behind them."""

    def __init__(self, sheet: Worksheet, formats: Formats, model: FittedModel) -> None:
        self.sheet, self.formats, self.layout = sheet, formats, ScoreLayout(model)
        self.results = list(results(self.layout, formats))
        self.steps = list(steps(self.layout, formats))

    def write(self, example: Sequence[float | str] | None, task: Task) -> None:
        sheet, formats, d = self.sheet, self.formats, len(self.layout.typed)
        formulas = [*self.results, *self.steps]
        n_lines = max(LEAST_LINES, min(MOST_LINES, MOST_FORMULAS // len(formulas)))
        put(
            sheet,
            0,
            0,
            "Type or paste rows into the yellow cells: the columns beside them say which cluster"
            " each belongs to.",
            formats.bold,
        )
        hint = (
            f"{n_lines} lines are ready; for more, copy the last one down as a whole. The steps of"
            " the computation are in the hidden columns on the right."
        )
        if example is not None:
            hint = f"The first line is a row of the file, as an example: overwrite it. {hint}"
        if any(isinstance(step, LeaveOutWhere) for step in self.layout.model.preparation.steps):
            hint += " Rows that a condition left out of the fit are scored here all the same."
        put(sheet, 1, 0, hint, formats.plain)
        units = self.layout.model.units
        for j, name in enumerate(self.layout.typed):
            column = with_unit(name, units.get(name, ""))
            put(sheet, HEADER, j, column, formats.header)
            sheet.set_column(j, j, min(40, max(12, len(column) + 2)))
        at = [
            *range(d, self.layout.steps_at - 1),
            *range(self.layout.steps_at, self.layout.model_at - 1),
        ]
        for j, result in zip(at, formulas, strict=True):
            put(sheet, HEADER, j, result.heading, formats.header)
            sheet.set_column(j, j, max(result.width, min(40, len(result.heading) + 2)))
        for i in range(FIRST, FIRST + n_lines):
            task.step()
            shown = example if i == FIRST else None
            values: Sequence[Cell] = [""] * len(at) if shown is None else scored(self.layout, shown)
            for j in range(d):
                put(sheet, i, j, None if shown is None else shown[j], formats.entry)
            line = self._cells_of(i)
            for j, result, value in zip(at, formulas, values, strict=True):
                sheet.write_formula(i, j, result.formula.format(**line), result.style, value)
        self._write_model(task)
        last = FIRST + n_lines - 1
        for number, tinted in enumerate(formats.tints, start=1):
            rule = {"type": "cell", "criteria": "==", "value": number, "format": tinted}
            sheet.conditional_format(FIRST, d, last, d, rule)
        sheet.freeze_panes(FIRST, 0)

    def _write_model(self, task: Task) -> None:
        sheet, at = self.sheet, self.layout.model_at
        last = at + max(self.layout.d, *map(len, self.layout.constants.values()))
        put(sheet, HEADER, at, "Numbers of the model", self.formats.header)
        sheet.set_column(self.layout.steps_at, last, 14, None, {"level": 1, "hidden": True})
        sheet.set_column(last + 1, last + 1, None, None, {"collapsed": True})
        for i, (name, values) in enumerate(self.layout.constants.items(), start=FIRST):
            self._write_line(i, name, values)
        inverses = self.layout.components.whitening.inverses
        for k, (mean, inverse) in enumerate(
            zip(self.layout.components.means, inverses, strict=True)
        ):
            task.step()
            i = self.layout.block(k)
            name = self.layout.parts[k]
            self._write_line(i, f"mean of {name}, scaled", mean.tolist())
            for j, line in enumerate(inverse.T.tolist(), start=1):
                self._write_line(
                    i + j, f"whitening of {name}, {self.layout.model.columns[j - 1]}", line
                )

    def _write_line(self, i: int, name: str, values: list[Cell]) -> None:
        put(self.sheet, i, self.layout.model_at, name, self.formats.plain)
        for j, value in enumerate(values, start=self.layout.model_at + 1):
            put(self.sheet, i, j, value, self.formats.plain)

    def _cells_of(self, i: int) -> dict[str, str]:
        """The addresses that formulas of row i use, by what they are."""
        at = {f"x{j}": j for j in range(len(self.layout.typed))}
        at |= {one.key: j for j, one in enumerate(self.results, start=len(self.layout.typed))}
        at |= {one.key: j for j, one in enumerate(self.steps, start=self.layout.steps_at)}
        cells = {key: xl_rowcol_to_cell(i, j, col_abs=True) for key, j in at.items()}
        runs = {"values": ("x", len(self.layout.typed)), "z": ("z", self.layout.d)}
        if self.layout.n_numbers:
            runs["numbers"] = ("x", self.layout.n_numbers)
        runs |= {
            "squared": ("squared", self.layout.K),
            "logs": ("log", self.layout.K + self.layout.noise),
        }
        if self.layout.grouping is not None:
            runs["shares"] = ("share", self.layout.n_choices)
        for name, (key, n) in runs.items():
            cells[name] = f"{cells[f'{key}0']}:{cells[f'{key}{n - 1}']}"
        for key, (name, numbers) in self.layout.taken.constants.items():
            cells |= {f"{key}_{j}": self.layout.constant(name, j) for j in range(len(numbers))}
        return cells
