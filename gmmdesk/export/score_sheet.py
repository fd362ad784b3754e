"""The workbook's sheet Score new rows: type a row, and formulas say which cluster it belongs to.

The formulas are those of the engine: each value less its column's centre first, then the distance
to each mean whitened, L^-1 (z - m), and the logarithm of the summed densities taken beside the
largest. So digits survive offsets, and densities may underflow. Only functions that every
spreadsheet program has had for decades are used, and arrays only within SUMPRODUCT, where no
program needs to be told that they are some. `SUM(x,-c)` is a difference that no program rounds to
zero, as they do with `x-c` where the two nearly agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from gmmdesk.analysis.fitted_model import FittedModel, farthest_distances
from gmmdesk.analysis.grouping import Grouping, part_names
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.data.steps import LeaveOutWhere
from gmmdesk.engine.density import added
from gmmdesk.engine.kernels import Components
from gmmdesk.engine.models.whitening import whiten
from gmmdesk.export.rows import headings
from gmmdesk.export.sheet_steps import COMPLETE, guarded, rounded, sheet_steps
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


@dataclass(frozen=True, slots=True)
class _Result:
    """A column of formulas: its key, its heading, the formula for a line, and its format."""

    key: str
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
        self.taken = sheet_steps(model.preparation)
        self.typed = self.taken.typed
        self.n_numbers = len(model.preparation.inputs)
        self.centers = rounded(model.center, model.scale)
        moved = (model.center - self.centers) / model.scale
        self.components = Components.of(
            replace(model.scaled, means=model.scaled.means + moved),
            whiten(model.scaled.covariances),
        )
        self.noise = model.scaled.noise is not None
        self.K, self.d = len(model.scaled.weights), len(model.columns)
        self.grouping = model.grouping
        self.parts = part_names(model.names, model.grouping)
        self.n_choices = model.n_clusters + self.noise
        n_results = self.n_choices + 9
        self.steps_at = len(self.typed) + n_results + 1
        self.n_steps = len(self.taken.helpers) + self.d + 2 * self.K + self.noise + 7
        if self.grouping is not None:  # what components of a cluster add up to
            self.n_steps += self.n_choices + 1
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
        self.results, self.steps = list(self._results()), list(self._steps())

    # -- what is written ---------------------------------------------------------------------

    def write(self, example: Sequence[float | str] | None, task: Task) -> None:
        sheet, formats, d = self.sheet, self.formats, len(self.typed)
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
        if any(isinstance(step, LeaveOutWhere) for step in self.model.preparation.steps):
            hint += " Rows that a condition left out of the fit are scored here all the same."
        put(sheet, 1, 0, hint, formats.plain)
        for j, column in enumerate(self.typed):
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
                put(sheet, i, j, None if shown is None else shown[j], formats.entry)
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
        yield "cluster", [*range(1, self.model.n_clusters + 1), *[0] * self.noise]
        yield "name", [*self.model.names, *[NO_NAME] * self.noise]
        yield "position", [*range(1, self.n_choices + 1)]
        yield "ln(weight) + ln(normalising constant)", constants
        yield "squared distance of an outlier", [float(farthest_distances(self.d)[-1])]
        log_scales = float(np.log(self.model.scale).sum())
        yield "sum of ln(scale)", [log_scales - self.taken.log_slope]
        for name, values in self.taken.constants.values():
            yield name, list(values)

    def _write_model(self, task: Task) -> None:
        sheet, at = self.sheet, self.model_at
        last = at + max(self.d, *map(len, self.constants.values()))
        put(sheet, _HEADER, at, "Numbers of the model", self.formats.header)
        sheet.set_column(self.steps_at, last, 14, None, {"level": 1, "hidden": True})
        sheet.set_column(last + 1, last + 1, None, None, {"collapsed": True})
        for i, (name, values) in enumerate(self.constants.items(), start=_FIRST):
            self._write_line(i, name, values)
        inverses = self.components.whitening.inverses
        for k, (mean, inverse) in enumerate(zip(self.components.means, inverses, strict=True)):
            task.step()
            i = self._block(k)
            name = self.parts[k]
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
        at = {f"x{j}": j for j in range(len(self.typed))}
        at |= {one.key: j for j, one in enumerate(self.results, start=len(self.typed))}
        at |= {one.key: j for j, one in enumerate(self.steps, start=self.steps_at)}
        cells = {key: xl_rowcol_to_cell(i, j, col_abs=True) for key, j in at.items()}
        runs = {"values": ("x", len(self.typed)), "z": ("z", self.d)}
        if self.n_numbers:
            runs["numbers"] = ("x", self.n_numbers)
        runs |= {"squared": ("squared", self.K), "logs": ("log", self.K + self.noise)}
        if self.grouping is not None:
            runs["shares"] = ("share", self.n_choices)
        for name, (key, n) in runs.items():
            cells[name] = f"{cells[f'{key}0']}:{cells[f'{key}{n - 1}']}"
        for key, (name, numbers) in self.taken.constants.items():
            cells |= {f"{key}_{j}": self._constant(name, j) for j in range(len(numbers))}
        return cells

    def _heading_of(self, step: int) -> str:
        """The cell with the heading of an intermediate step."""
        return str(xl_rowcol_to_cell(_HEADER, self.steps_at + step, True, True))

    def _constant(self, name: str, j: int = 0) -> str:
        first = self.model_at + 1 + j
        row = _FIRST + list(self.constants).index(name)
        return str(xl_rowcol_to_cell(row, first, row_abs=True, col_abs=True))

    # -- the formulas ------------------------------------------------------------------------

    def _results(self) -> Iterator[_Result]:
        formats, C = self.formats, self.n_choices
        titles = headings(self.typed, self.model.names, noise=self.noise)
        cluster, probability, *shares = titles[: 2 + C]
        second, uncertainty, log_density, outlier, _left_out = titles[2 + C :]
        clusters, names = self.places["cluster"], self.places["name"]
        best = "best" if self.grouping is None else "chosen"
        yield _Result(
            "cluster", cluster, _if_scored(f"INDEX({clusters},{{{best}}})"), formats.whole
        )
        yield _Result(
            "name", "Cluster name", _if_scored(f"INDEX({names},{{{best}}})"), formats.plain, 18
        )
        far = 'IF(ISNUMBER({most}),"","too far out to be scored")'
        limited = [
            f'IF(ISNUMBER({{{helper.key}}}),"",", "&{self._heading_of(i)})'
            for i, helper in enumerate(self.taken.helpers, start=1)
            if helper.limited
        ]
        if limited:
            outside = f'"outside the range of "&MID({"&".join(limited)},3,999)'
            far = f"IF({{ready}}=1,{far},{outside})"
        yield _Result(
            "note",
            "Note",
            f'IF(COUNTA({{values}})=0,"",IF({{complete}}=1,{far},{self._lacking()}))',
            formats.plain,
            26,
        )
        largest = "1" if self.grouping is None else "MAX({shares})"
        yield _Result("probability", probability, _if_scored(f"{largest}/{{sum}}"), formats.share)
        for k, share in enumerate(shares):
            own = f"EXP({{log{k}}}-{{most}})" if self.grouping is None else f"{{share{k}}}"
            formula = _if_scored(f"{own}/{{sum}}")
            yield _Result(f"p{k}", share, formula, formats.share)
        follower = f"INDEX({clusters},{{next}})" if C > 1 else '""'
        yield _Result("second", second, _if_scored(follower), formats.whole, 15)
        yield _Result("unsure", uncertainty, _if_scored("1-{probability}"), formats.share)
        density = f"{{most}}+LN({{sum}})-{self._constant('sum of ln(scale)')}"
        if self.taken.slope:
            density += f"+{{{self.taken.slope}}}"
        yield _Result("density", log_density, _if_scored(density), formats.decimal)
        yield _Result("distance", "Distance", _if_scored("SQRT({own})"), formats.decimal)
        limit = self._constant("squared distance of an outlier")
        yield _Result("outlier", outlier, _if_scored(f"{{own}}>{limit}"), formats.plain)

    def _are_there(self) -> list[str]:
        """The tests that hold for a line that lacks nothing."""
        tests = [f"({{{key}}}>0)" for key in self.taken.codes.values()]
        numbers = [f"(COUNT({{numbers}})={self.n_numbers})"] * bool(self.n_numbers)
        return [*numbers, *tests]

    def _lacking(self) -> str:
        """What a line lacks that is not complete: numbers first, then categories."""
        numbers = [(f"ISNUMBER({{x{j}}})", j) for j in range(self.n_numbers)]
        known = [(f"{{{key}}}>0", self.typed.index(c)) for c, key in self.taken.codes.items()]
        said = []
        for what, tests in (("number", numbers), ("known category", known)):
            absent = "&".join(
                f'IF({test},"",", "&{xl_rowcol_to_cell(_HEADER, j, True, True)})'
                for test, j in tests
            )
            said += [f'"no {what} in "&MID({absent},3,999)'] * bool(tests)
        if len(said) == 1:
            return said[0]
        return f"IF({self._are_there()[0]},{said[1]},{said[0]})"

    def _steps(self) -> Iterator[_Result]:
        plain, K, d, C = self.formats.plain, self.K, self.d, self.n_choices
        yield _Result(COMPLETE, "complete", f"IF({'*'.join(self._are_there())},1,0)", plain)
        for helper in self.taken.helpers:
            yield _Result(helper.key, helper.heading, helper.formula, plain)
        for j, column in enumerate(self.model.columns):
            center = self._constant("centre of each column", j)
            scale = self._constant("scale of each column", j)
            key = self.taken.prepared[j]
            z = guarded(key, f"SUM({{{key}}},-{center})/{scale}")
            yield _Result(f"z{j}", f"{column}, scaled", z, plain)
        yield _Result("ready", "can be scored", f"IF(COUNT({{z}})={d},1,0)", plain)
        first = self.model_at + 1
        for k, name in enumerate(self.parts):
            i = self._block(k)
            mean = xl_range_abs(i, first, i, first + d - 1)
            matrix = xl_range_abs(i + 1, first, i + d, first + d - 1)
            squared = f"SUMPRODUCT(MMULT({{z}}-{mean},{matrix})^2)"
            if d == 1:  # no program agrees with another on products of single cells
                cell = xl_rowcol_to_cell(i + 1, first, True, True)
                squared = f"(({{z0}}-{xl_rowcol_to_cell(i, first, True, True)})*{cell})^2"
            formula = f'IF({{ready}}=1,{squared},"")'
            yield _Result(f"squared{k}", f"squared distance to {name}", formula, plain)
        for k in range(K + self.noise):
            title = self.parts[k] if k < K else NO_NAME
            constant = self._constant("ln(weight) + ln(normalising constant)", k)
            log = f"{constant}-{{squared{k}}}/2" if k < K else constant
            formula = f'IF({{ready}}=1,{log},"")'
            yield _Result(f"log{k}", f"ln(density) of {title}", formula, plain)
        most = 'IF({ready}=1,IF(ISNUMBER(MAX({logs})),MAX({logs}),""),"")'
        yield _Result("most", "largest", most, plain)
        yield _Result(
            "sum",
            "sum of densities, of the largest",
            _if_scored("SUMPRODUCT(EXP({logs}-{most}))"),
            plain,
        )
        likeliest = _if_scored("MATCH({most},{logs},0)")
        yield _Result("best", "position of the likeliest", likeliest, plain)
        # The first of the others that is as likely as the second largest: the likeliest, where two
        # are equally likely, is not taken twice.
        places, compared, chosen = self.places["position"], "{logs}", "{best}"
        if self.grouping is not None:
            yield from self._sums(self.grouping)
            compared, chosen = "{shares}", "{chosen}"
        others = f"({compared}=LARGE({compared},2))*({places}<>{chosen})*({C + 1}-{places})"
        following = f"{C + 1}-SUMPRODUCT(MAX({others}))" if C > 1 else '""'
        yield _Result("next", "position of the second", _if_scored(following), plain)
        own = f"IF({{best}}>{K},MIN({{squared}}),INDEX({{squared}},1,MIN({{best}},{K})))"
        yield _Result("own", "squared distance to its own", _if_scored(own), plain)

    def _sums(self, grouping: Grouping) -> Iterator[_Result]:
        """What the components of each cluster add up to, and which cluster has most."""
        plain = self.formats.plain
        names = [*self.model.names, *[NO_NAME] * self.noise]
        for cluster, name in enumerate(names):
            parts = grouping.parts(cluster) or (self.K,)  # noise is behind all components
            total = "+".join(f"EXP({{log{k}}}-{{most}})" for k in parts)
            yield _Result(f"share{cluster}", f"sum of {name}", _if_scored(total), plain)
        chosen = _if_scored("MATCH(MAX({shares}),{shares},0)")
        yield _Result("chosen", "position of the likeliest cluster", chosen, plain)

    # -- the example -------------------------------------------------------------------------

    def _scored(self, x: Sequence[float | str]) -> Sequence[Cell]:
        """What the formulas give for the typed x (m,): programs that do not compute show it."""
        model, K, taken = self.model, self.K, self.taken
        known = taken.values(x)
        z = (np.array([known[key] for key in taken.prepared]) - self.centers) / model.scale
        y = self.components.whitening.inverses @ (z - self.components.means)[:, :, None]
        squared = (y[:, :, 0] ** 2).sum(axis=1)
        logs = np.append(self.components.constants - squared / 2, [])
        if self.components.background is not None:
            logs = np.append(logs, self.components.background)
        order = np.argsort(-logs, kind="stable")
        best = int(order[0])
        densities = np.exp(logs - logs[best])
        total = float(densities.sum())
        if self.grouping is not None:
            densities = added(densities, self.grouping.of)
            order = np.argsort(-densities, kind="stable")
        chosen = int(order[0])
        sure = float(densities[chosen]) / total
        own = float(squared[best] if best < K else squared.min())
        clusters = self.constants["cluster"]
        limit = float(farthest_distances(self.d)[-1])
        units = float(np.log(model.scale).sum()) - taken.log_slope
        slope = known[taken.slope] if taken.slope else 0.0
        results: list[Cell] = [
            *(clusters[chosen], self.constants["name"][chosen], "", sure),
            *(densities / total).tolist(),
            clusters[int(order[1])] if len(order) > 1 else "",
            1.0 - sure,
            float(logs[best]) + float(np.log(total)) - units + slope,
            *(own**0.5, own > limit),
        ]
        helpers = [known[helper.key] for helper in taken.helpers]
        steps: list[Cell] = [1, *helpers, *z.tolist(), 1, *squared.tolist(), *logs.tolist()]
        steps += [float(logs[best]), total, best + 1]
        if self.grouping is not None:
            steps += [*densities.tolist(), chosen + 1]
        steps += [int(order[1]) + 1 if len(order) > 1 else "", own]
        return [*results, *steps]


def _if_scored(formula: str) -> str:
    return f'IF(ISNUMBER({{most}}),{formula},"")'
