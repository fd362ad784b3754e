"""The formulas of the sheet: what a line that was filled in says, and the steps to it.

`{...}` in a formula stands for a cell of its own line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.export.rows import headings
from gmmdesk.export.score_sheet.layout import HEADER, ScoreLayout
from gmmdesk.export.score_sheet.steps import COMPLETE, guarded
from gmmdesk.export.sheets import Formats


@dataclass(frozen=True, slots=True)
class Result:
    """A column of formulas: its key, its heading, the formula for a line, and its format."""

    key: str
    heading: str
    formula: str
    style: Format
    width: int = 12


def results(layout: ScoreLayout, formats: Formats) -> Iterator[Result]:
    """What is said of a line: `headings` of the rows, and a note where nothing can be."""
    C = layout.n_choices
    titles = headings(layout.typed, layout.model.names, noise=layout.noise)
    cluster, probability, *shares = titles[: 2 + C]
    second, uncertainty, log_density, outlier, _left_out = titles[2 + C :]
    clusters, names = layout.places["cluster"], layout.places["name"]
    best = "best" if layout.grouping is None else "chosen"
    yield Result("cluster", cluster, _if_scored(f"INDEX({clusters},{{{best}}})"), formats.whole)
    yield Result(
        "name", "Cluster name", _if_scored(f"INDEX({names},{{{best}}})"), formats.plain, 18
    )
    far = 'IF(ISNUMBER({most}),"","too far out to be scored")'
    limited = [
        f'IF(ISNUMBER({{{helper.key}}}),"",", "&{layout.heading_of(i)})'
        for i, helper in enumerate(layout.taken.helpers, start=1)
        if helper.limited
    ]
    if limited:
        outside = f'"outside the range of "&MID({"&".join(limited)},3,999)'
        far = f"IF({{ready}}=1,{far},{outside})"
    yield Result(
        "note",
        "Note",
        f'IF(COUNTA({{values}})=0,"",IF({{complete}}=1,{far},{_lacking(layout)}))',
        formats.plain,
        26,
    )
    largest = "1" if layout.grouping is None else "MAX({shares})"
    yield Result("probability", probability, _if_scored(f"{largest}/{{sum}}"), formats.share)
    for k, share in enumerate(shares):
        own = f"EXP({{log{k}}}-{{most}})" if layout.grouping is None else f"{{share{k}}}"
        formula = _if_scored(f"{own}/{{sum}}")
        yield Result(f"p{k}", share, formula, formats.share)
    follower = f"INDEX({clusters},{{next}})" if C > 1 else '""'
    yield Result("second", second, _if_scored(follower), formats.whole, 15)
    yield Result("unsure", uncertainty, _if_scored("1-{probability}"), formats.share)
    density = f"{{most}}+LN({{sum}})-{layout.constant('sum of ln(scale)')}"
    if layout.taken.slope:
        density += f"+{{{layout.taken.slope}}}"
    yield Result("density", log_density, _if_scored(density), formats.decimal)
    yield Result("distance", "Distance", _if_scored("SQRT({own})"), formats.decimal)
    limit = layout.constant("squared distance of an outlier")
    yield Result("outlier", outlier, _if_scored(f"{{own}}>{limit}"), formats.plain)


def steps(layout: ScoreLayout, formats: Formats) -> Iterator[Result]:
    """From the typed values to the densities and which are the largest."""
    plain, K, d, C = formats.plain, layout.K, layout.d, layout.n_choices
    yield Result(COMPLETE, "complete", f"IF({'*'.join(_are_there(layout))},1,0)", plain)
    for helper in layout.taken.helpers:
        yield Result(helper.key, helper.heading, helper.formula, plain)
    for j, column in enumerate(layout.model.columns):
        center = layout.constant("centre of each column", j)
        scale = layout.constant("scale of each column", j)
        key = layout.taken.prepared[j]
        z = guarded(key, f"SUM({{{key}}},-{center})/{scale}")
        yield Result(f"z{j}", f"{column}, scaled", z, plain)
    yield Result("ready", "can be scored", f"IF(COUNT({{z}})={d},1,0)", plain)
    first = layout.model_at + 1
    for k, name in enumerate(layout.parts):
        i = layout.block(k)
        mean = xl_range_abs(i, first, i, first + d - 1)
        matrix = xl_range_abs(i + 1, first, i + d, first + d - 1)
        squared = f"SUMPRODUCT(MMULT({{z}}-{mean},{matrix})^2)"
        if d == 1:  # no program agrees with another on products of single cells
            cell = xl_rowcol_to_cell(i + 1, first, True, True)
            squared = f"(({{z0}}-{xl_rowcol_to_cell(i, first, True, True)})*{cell})^2"
        formula = f'IF({{ready}}=1,{squared},"")'
        yield Result(f"squared{k}", f"squared distance to {name}", formula, plain)
    for k in range(K + layout.noise):
        title = layout.parts[k] if k < K else NO_NAME
        constant = layout.constant("ln(weight) + ln(normalising constant)", k)
        log = f"{constant}-{{squared{k}}}/2" if k < K else constant
        formula = f'IF({{ready}}=1,{log},"")'
        yield Result(f"log{k}", f"ln(density) of {title}", formula, plain)
    most = 'IF({ready}=1,IF(ISNUMBER(MAX({logs})),MAX({logs}),""),"")'
    yield Result("most", "largest", most, plain)
    yield Result(
        "sum",
        "sum of densities, of the largest",
        _if_scored("SUMPRODUCT(EXP({logs}-{most}))"),
        plain,
    )
    likeliest = _if_scored("MATCH({most},{logs},0)")
    yield Result("best", "position of the likeliest", likeliest, plain)
    # The first of the others that is as likely as the second largest: the likeliest, where two
    # are equally likely, is not taken twice.
    places, compared, chosen = layout.places["position"], "{logs}", "{best}"
    if layout.grouping is not None:
        yield from _sums(layout, formats, layout.grouping)
        compared, chosen = "{shares}", "{chosen}"
    others = f"({compared}=LARGE({compared},2))*({places}<>{chosen})*({C + 1}-{places})"
    following = f"{C + 1}-SUMPRODUCT(MAX({others}))" if C > 1 else '""'
    yield Result("next", "position of the second", _if_scored(following), plain)
    own = f"IF({{best}}>{K},MIN({{squared}}),INDEX({{squared}},1,MIN({{best}},{K})))"
    yield Result("own", "squared distance to its own", _if_scored(own), plain)


def _sums(layout: ScoreLayout, formats: Formats, grouping: Grouping) -> Iterator[Result]:
    """What the components of each cluster add up to, and which cluster has most."""
    plain = formats.plain
    names = [*layout.model.names, *[NO_NAME] * layout.noise]
    for cluster, name in enumerate(names):
        parts = grouping.parts(cluster) or (layout.K,)  # noise is behind all components
        total = "+".join(f"EXP({{log{k}}}-{{most}})" for k in parts)
        yield Result(f"share{cluster}", f"sum of {name}", _if_scored(total), plain)
    chosen = _if_scored("MATCH(MAX({shares}),{shares},0)")
    yield Result("chosen", "position of the likeliest cluster", chosen, plain)


def _are_there(layout: ScoreLayout) -> list[str]:
    """The tests that hold for a line that lacks nothing."""
    tests = [f"({{{key}}}>0)" for key in layout.taken.codes.values()]
    numbers = [f"(COUNT({{numbers}})={layout.n_numbers})"] * bool(layout.n_numbers)
    return [*numbers, *tests]


def _lacking(layout: ScoreLayout) -> str:
    """What a line lacks that is not complete: numbers first, then categories."""
    numbers = [(f"ISNUMBER({{x{j}}})", j) for j in range(layout.n_numbers)]
    known = [(f"{{{key}}}>0", layout.typed.index(c)) for c, key in layout.taken.codes.items()]
    said = []
    for what, tests in (("number", numbers), ("known category", known)):
        absent = "&".join(
            f'IF({test},"",", "&{xl_rowcol_to_cell(HEADER, j, True, True)})' for test, j in tests
        )
        said += [f'"no {what} in "&MID({absent},3,999)'] * bool(tests)
    if len(said) == 1:
        return said[0]
    return f"IF({_are_there(layout)[0]},{said[1]},{said[0]})"


def _if_scored(formula: str) -> str:
    return f'IF(ISNUMBER({{most}}),{formula},"")'
