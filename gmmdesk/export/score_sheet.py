"""The workbook's sheet Score new rows: type a row, and formulas say which cluster it belongs to.

The formulas are those of the engine: each value less its column's centre first, then the distance
to each mean whitened, L^-1 (z - m), and the logarithm of the summed densities taken beside the
largest. So digits survive offsets, and densities may underflow. Only functions that every
spreadsheet program has had for decades are used, and arrays only within SUMPRODUCT, where no
program needs to be told that they are some. `SUM(x,-c)` is a difference that no program rounds to
zero, as they do with `x-c` where the two nearly agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis.fitted_model import FittedModel, farthest_distances
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.data.dataset import FloatArray
from gmmdesk.engine.kernels import Components
from gmmdesk.engine.models.whitening import whiten
from gmmdesk.export.rows import headings
from gmmdesk.export.sheets import Cell, Formats, put
from gmmdesk.task import Task

# More numbers than these make a sheet that is slow to open and to work with.
MOST_COLUMNS = 200
MOST_CLUSTERS = 200
MOST_NUMBERS = 60_000  # of the whitening matrices
MOST_FORMULAS = 6_000
LEAST_LINES, MOST_LINES = 20, 100

_HEADER = 2  # the row of the headings; rows to fill in follow
_FIRST = _HEADER + 1


def write_score_sheet(
    sheet: Worksheet,
    formats: Formats,
    model: FittedModel,
    example: FloatArray | None,
    task: Task,
) -> None:
    """Write the sheet for `model`; its first line is the `example` (d,), in the file's units."""
    K, d = model.n_clusters, len(model.columns)
    if model.preparation.steps:
        put(sheet, 0, 0, "Steps have prepared the columns of this model.", formats.bold)
        put(
            sheet,
            1,
            0,
            "Formulas cannot take them again. To score new rows, save the model (.json) and use"
            " 'gmmdesk apply', or 'Apply to another file' in the window.",
            formats.plain,
        )
        return
    if d > MOST_COLUMNS or K > MOST_CLUSTERS or K * d * d > MOST_NUMBERS:
        put(sheet, 0, 0, "This model is too large for formulas in a sheet.", formats.bold)
        put(
            sheet,
            1,
            0,
            f"It has {K:,} clusters in {d:,} columns. Formulas are written for up to"
            f" {MOST_CLUSTERS} clusters, {MOST_COLUMNS} columns, and {MOST_NUMBERS:,} for clusters"
            " x columns x columns. To score new rows, save the model (.json) and use"
            " 'gmmdesk apply', or 'Apply to another file' in the window.",
            formats.plain,
        )
        return
    _ScoreSheet(sheet, formats, model).write(example, task)


@dataclass(frozen=True, slots=True)
class _Result:
    """A column of formulas: its heading, the formula for a line, and its format."""

    heading: str
    formula: str
    style: Format
    width: int = 12


class _ScoreSheet:
    """Where everything is, from left to right.

    The values to fill in, what the formulas say about them, their intermediate steps, and the
    numbers of the model. `{...}` in a formula stands for a cell of its own line.
    """

    def __init__(self, sheet: Worksheet, formats: Formats, model: FittedModel) -> None:
        self.sheet, self.formats, self.model = sheet, formats, model
        # Short numbers, which every program reads without an error of rounding; with an offset of
        # 1e8 the last digit of the true centre would be the eighth of a probability.
        self.centers = np.array(
            [
                round(center, -math.floor(math.log10(scale)))
                for center, scale in zip(model.center.tolist(), model.scale.tolist(), strict=True)
            ]
        )
        moved = (model.center - self.centers) / model.scale
        self.components = Components.of(
            replace(model.scaled, means=model.scaled.means + moved),
            whiten(model.scaled.covariances),
        )
        self.noise = model.scaled.noise is not None
        self.K, self.d = model.n_clusters, len(model.columns)
        self.n_choices = self.K + self.noise
        n_results = self.n_choices + 9
        self.steps_at = self.d + n_results + 1
        self.n_steps = self.d + self.K + self.n_choices + 6
        self.model_at = self.steps_at + self.n_steps + 1
        self.constants = dict(self._constants())
        rows = {name: _FIRST + i for i, name in enumerate(self.constants)}
        self.places = {
            name: xl_range_abs(
                rows[name], self.model_at + 1, rows[name], self.model_at + len(values)
            )
            for name, values in self.constants.items()
        }
        self.matrices_at = _FIRST + len(self.constants) + 1

    # -- what is written ---------------------------------------------------------------------

    def write(self, example: FloatArray | None, task: Task) -> None:
        sheet, formats, d = self.sheet, self.formats, self.d
        formulas = [*self._results(), *self._steps()]
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
        put(sheet, 1, 0, hint, formats.plain)
        for j, column in enumerate(self.model.columns):
            put(sheet, _HEADER, j, column, formats.header)
            sheet.set_column(j, j, min(40, max(12, len(column) + 2)))
        at = [*range(d, self.steps_at - 1), *range(self.steps_at, self.model_at - 1)]
        for j, result in zip(at, formulas, strict=True):
            put(sheet, _HEADER, j, result.heading, formats.header)
            sheet.set_column(j, j, max(result.width, min(40, len(result.heading) + 2)))
        for i in range(_FIRST, _FIRST + n_lines):
            task.step()
            shown = example if i == _FIRST else None
            values: Sequence[Cell] = [""] * len(at) if shown is None else self._scored(shown)
            for j in range(d):
                put(sheet, i, j, None if shown is None else float(shown[j]), formats.entry)
            line = self._cells_of(i)
            for j, result, value in zip(at, formulas, values, strict=True):
                sheet.write_formula(i, j, result.formula.format(**line), result.style, value)
        self._write_model(task)
        last = _FIRST + n_lines - 1
        for number, tinted in enumerate(formats.tints, start=1):
            rule = {"type": "cell", "criteria": "==", "value": number, "format": tinted}
            sheet.conditional_format(_FIRST, d, last, d, rule)
        sheet.freeze_panes(_FIRST, 0)

    def _constants(self) -> Iterator[tuple[str, list[Cell]]]:
        """Rows of the model's numbers, by name."""
        constants = self.components.constants.tolist()
        if self.components.background is not None:
            constants.append(self.components.background)
        yield "centre of each column", self.centers.tolist()
        yield "scale of each column", self.model.scale.tolist()
        yield "cluster", [*range(1, self.K + 1), *[0] * self.noise]
        yield "name", [*self.model.names, *[NO_NAME] * self.noise]
        yield "position", [*range(1, self.n_choices + 1)]
        yield "ln(weight) + ln(normalising constant)", constants
        yield "squared distance of an outlier", [float(farthest_distances(self.d)[-1])]
        yield "sum of ln(scale)", [float(np.log(self.model.scale).sum())]

    def _write_model(self, task: Task) -> None:
        sheet, at = self.sheet, self.model_at
        last = at + max(self.d, self.n_choices)
        put(sheet, _HEADER, at, "Numbers of the model", self.formats.header)
        sheet.set_column(self.steps_at, last, 14, None, {"level": 1, "hidden": True})
        sheet.set_column(last + 1, last + 1, None, None, {"collapsed": True})
        for i, (name, values) in enumerate(self.constants.items(), start=_FIRST):
            self._write_line(i, name, values)
        inverses = self.components.whitening.inverses
        for k, (mean, inverse) in enumerate(zip(self.components.means, inverses, strict=True)):
            task.step()
            i = self._block(k)
            name = self.model.names[k]
            self._write_line(i, f"mean of {name}, scaled", mean.tolist())
            for j, line in enumerate(inverse.T.tolist(), start=1):
                self._write_line(i + j, f"whitening of {name}, {self.model.columns[j - 1]}", line)

    def _write_line(self, i: int, name: str, values: list[Cell]) -> None:
        put(self.sheet, i, self.model_at, name, self.formats.plain)
        for j, value in enumerate(values, start=self.model_at + 1):
            put(self.sheet, i, j, value, self.formats.plain)

    # -- where it is -------------------------------------------------------------------------

    def _block(self, k: int) -> int:
        """The row of cluster k's mean, below which its whitening matrix begins."""
        return self.matrices_at + k * (self.d + 2)

    def _cells_of(self, i: int) -> dict[str, str]:
        """The addresses that formulas of row i use, by what they are."""
        d, K, C, at = self.d, self.K, self.n_choices, self.steps_at

        def run(first: int, n: int) -> str:
            one = xl_rowcol_to_cell(i, first, col_abs=True)
            return f"{one}:{xl_rowcol_to_cell(i, first + n - 1, col_abs=True)}"

        cells = {"values": run(0, d), "z": run(at + 1, d), "squared": run(at + 1 + d, K)}
        cells["logs"] = run(at + 1 + d + K, C)
        singles = {"ready": at, "cluster": d, "probability": d + 3}
        singles |= {f"x{j}": j for j in range(d)} | {f"z{j}": at + 1 + j for j in range(d)}
        singles |= {f"squared{k}": at + 1 + d + k for k in range(K)}
        singles |= {f"log{k}": at + 1 + d + K + k for k in range(C)}
        rest = at + 1 + d + K + C
        singles |= {name: rest + n for n, name in enumerate(("most", "sum", "best", "next", "own"))}
        return cells | {name: xl_rowcol_to_cell(i, j, col_abs=True) for name, j in singles.items()}

    def _constant(self, name: str, j: int = 0) -> str:
        first = self.model_at + 1 + j
        row = _FIRST + list(self.constants).index(name)
        return str(xl_rowcol_to_cell(row, first, row_abs=True, col_abs=True))

    # -- the formulas ------------------------------------------------------------------------

    def _results(self) -> Iterator[_Result]:
        formats, C = self.formats, self.n_choices
        titles = headings(self.model.columns, self.model.names, noise=self.noise)
        cluster, probability, *shares = titles[: 2 + C]
        second, uncertainty, log_density, outlier, _left_out = titles[2 + C :]
        clusters, names = self.places["cluster"], self.places["name"]
        yield _Result(cluster, _if_scored(f"INDEX({clusters},{{best}})"), formats.whole)
        yield _Result("Cluster name", _if_scored(f"INDEX({names},{{best}})"), formats.plain, 18)
        lacking = "&".join(
            f'IF(ISNUMBER({{x{j}}}),"",", "&{xl_rowcol_to_cell(_HEADER, j, True, True)})'
            for j in range(self.d)
        )
        yield _Result(
            "Note",
            f'IF(COUNTA({{values}})=0,"",IF({{ready}}=1,IF(ISNUMBER({{most}}),"",'
            f'"too far out to be scored"),"no number in "&MID({lacking},3,999)))',
            formats.plain,
            26,
        )
        yield _Result(probability, _if_scored("1/{sum}"), formats.share)
        for k, share in enumerate(shares):
            yield _Result(share, _if_scored(f"EXP({{log{k}}}-{{most}})/{{sum}}"), formats.share)
        follower = f"INDEX({clusters},{{next}})" if C > 1 else '""'
        yield _Result(second, _if_scored(follower), formats.whole, 15)
        yield _Result(uncertainty, _if_scored("1-{probability}"), formats.share)
        units = self._constant("sum of ln(scale)")
        yield _Result(log_density, _if_scored(f"{{most}}+LN({{sum}})-{units}"), formats.decimal)
        yield _Result("Distance", _if_scored("SQRT({own})"), formats.decimal)
        limit = self._constant("squared distance of an outlier")
        yield _Result(outlier, _if_scored(f"{{own}}>{limit}"), formats.plain)

    def _steps(self) -> Iterator[_Result]:
        plain, K, d, C = self.formats.plain, self.K, self.d, self.n_choices
        yield _Result("complete", f"IF(COUNT({{values}})={d},1,0)", plain)
        for j, column in enumerate(self.model.columns):
            center = self._constant("centre of each column", j)
            scale = self._constant("scale of each column", j)
            z = f"SUM({{x{j}}},-{center})/{scale}"
            yield _Result(f"{column}, scaled", f'IF({{ready}}=1,{z},"")', plain)
        first = self.model_at + 1
        for k, name in enumerate(self.model.names):
            i = self._block(k)
            mean = xl_range_abs(i, first, i, first + d - 1)
            matrix = xl_range_abs(i + 1, first, i + d, first + d - 1)
            squared = f"SUMPRODUCT(MMULT({{z}}-{mean},{matrix})^2)"
            if d == 1:  # no program agrees with another on products of single cells
                cell = xl_rowcol_to_cell(i + 1, first, True, True)
                squared = f"(({{z0}}-{xl_rowcol_to_cell(i, first, True, True)})*{cell})^2"
            yield _Result(f"squared distance to {name}", f'IF({{ready}}=1,{squared},"")', plain)
        for k in range(C):
            title = self.model.names[k] if k < K else NO_NAME
            constant = self._constant("ln(weight) + ln(normalising constant)", k)
            log = f"{constant}-{{squared{k}}}/2" if k < K else constant
            yield _Result(f"ln(density) of {title}", f'IF({{ready}}=1,{log},"")', plain)
        yield _Result("largest", 'IF({ready}=1,IF(ISNUMBER(MAX({logs})),MAX({logs}),""),"")', plain)
        yield _Result(
            "sum of densities, of the largest",
            _if_scored("SUMPRODUCT(EXP({logs}-{most}))"),
            plain,
        )
        yield _Result("position of the likeliest", _if_scored("MATCH({most},{logs},0)"), plain)
        # The first of the others that is as likely as the second largest: the likeliest, where two
        # are equally likely, is not taken twice.
        places = self.places["position"]
        others = f"({{logs}}=LARGE({{logs}},2))*({places}<>{{best}})*({C + 1}-{places})"
        following = f"{C + 1}-SUMPRODUCT(MAX({others}))" if C > 1 else '""'
        yield _Result("position of the second", _if_scored(following), plain)
        own = f"IF({{best}}>{K},MIN({{squared}}),INDEX({{squared}},1,MIN({{best}},{K})))"
        yield _Result("squared distance to its own", _if_scored(own), plain)

    # -- the example -------------------------------------------------------------------------

    def _scored(self, x: FloatArray) -> Sequence[Cell]:
        """What the formulas give for the row x (d,): programs that do not compute show it."""
        model, K = self.model, self.K
        z = (x - self.centers) / model.scale
        y = self.components.whitening.inverses @ (z - self.components.means)[:, :, None]
        squared = (y[:, :, 0] ** 2).sum(axis=1)
        logs = np.append(self.components.constants - squared / 2, [])
        if self.components.background is not None:
            logs = np.append(logs, self.components.background)
        order = np.argsort(-logs, kind="stable")
        best = int(order[0])
        densities = np.exp(logs - logs[best])
        total = float(densities.sum())
        own = float(squared[best] if best < K else squared.min())
        clusters = self.constants["cluster"]
        limit = float(farthest_distances(self.d)[-1])
        results: list[Cell] = [
            *(clusters[best], self.constants["name"][best], "", 1.0 / total),
            *(densities / total).tolist(),
            clusters[int(order[1])] if len(order) > 1 else "",
            1.0 - 1.0 / total,
            float(logs[best]) + float(np.log(total)) - float(np.log(model.scale).sum()),
            *(own**0.5, own > limit),
        ]
        steps: list[Cell] = [1, *z.tolist(), *squared.tolist(), *logs.tolist()]
        steps += [float(logs[best]), total, best + 1]
        steps += [int(order[1]) + 1 if len(order) > 1 else "", own]
        return [*results, *steps]


def _if_scored(formula: str) -> str:
    return f'IF(ISNUMBER({{most}}),{formula},"")'
