"""The figures of a report: counted once from all rows, then drawn in the colours of a style."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis import NO_CLUSTER, Analysis, Candidate
from gmmdesk.analysis.axes import column_axis
from gmmdesk.analysis.bars import Bars, Mixture, count_bars
from gmmdesk.analysis.describe import separation
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.analysis.shapes_named import named_model
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.export.report.style import SMALL, THIN, WIDE, WIDTH, Style
from gmmdesk.export.report.svg import Drawing, Scale, fitted, widened, width_of, x_axis, y_axis
from gmmdesk.export.words import compared
from gmmdesk.text import count

MOST_DENSITIES = 6  # columns, the most separating ones first
_TOWERING = 2.0  # a curve higher than so many times the bars leaves the picture
_WORTH_SEEING = 3.0  # times the distance from the best to the middle candidate
_COMPARED = ("bic", "icl")
_CURVE = 160  # points of a curve
# From how sure on a row is counted where, and how strong that is drawn.
SURE = ((0.95, 1.0, "95 % sure and more"), (0.8, 0.65, "80 to 95 %"), (0.0, 0.3, "less than 80 %"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, what is to be seen on it, and what draws it in a style."""

    name: str
    caption: str
    draw: Callable[[Style], str]


def densities(analysis: Analysis) -> Figure | None:
    """The most separating columns for themselves: rows as bars, clusters as curves."""
    profiles = analysis.profiles
    order = np.argsort(-separation(analysis), kind="stable")[:MOST_DENSITIES]
    if not len(order):
        return None
    labels, K = analysis.rows.label, analysis.n_clusters

    def groups(part: slice) -> IntArray:
        return np.asarray(np.where(labels[part] == NO_CLUSTER, 1, labels[part] + 2), np.int64)

    counted = []
    for place in order:
        axis = column_axis(analysis.prepared, profiles[place].name, as_fitted=True)
        bars = count_bars(axis.values(analysis.prepared), groups, K)
        mixture = Mixture.along(analysis.scaled.parameters, axis, analysis.grouping)
        counted.append((bars, mixture))
    left_away = len(profiles) - len(order)
    caption = "Rows of each cluster as bars, on top of each other; its density as a line."
    if left_away:
        caption += f" The {len(order)} columns that separate the clusters most, of {len(profiles)}."
    return Figure("densities", caption, lambda style: _draw_densities(counted, style))


def _draw_densities(counted: Sequence[tuple[Bars, Mixture]], style: Style) -> str:
    across = 1 if len(counted) == 1 else 2
    gap, height, top, bottom = 24.0, 140.0, 22.0, 26.0
    width = (WIDTH - gap * (across - 1)) / across
    down = math.ceil(len(counted) / across)
    names = ", ".join(mixture.axis.title for _bars, mixture in counted)
    drawing = Drawing(WIDTH, height * down, f"Densities of {names}")
    for i, (bars, mixture) in enumerate(counted):
        left, upper = (i % across) * (width + gap), (i // across) * height
        low, high = widened(float(bars.edges[0]), float(bars.edges[-1]), 0.02)
        x = Scale(low, high, left + 4.0, left + width - 4.0, mixture.axis.scale)
        places = np.linspace(low, high, _CURVE)
        peaks = mixture.peaks[(mixture.peaks > low) & (mixture.peaks < high)]
        places = np.sort(np.append(places, peaks))
        *curves, noise = mixture.densities(places)
        total = np.nan_to_num(np.sum([*curves, noise], axis=0), posinf=0.0)
        highest = bars.highest or float(total.max()) or 1.0
        highest = max(highest, min(float(total.max()), _TOWERING * highest))
        y = Scale(0.0, 1.04 * highest, upper + height - bottom, upper + top)
        title = fitted(mixture.axis.title, 0.9 * width, SMALL + 1)  # bold letters are wider
        drawing.text(left + 4.0, upper + 13.0, title, style.ink, bold=True, size=SMALL + 1)
        _draw_bars(drawing, bars, x, y, style)
        lines = [(total, style.quiet, THIN)] if len(curves) > 1 else []
        lines += [(curve, style.cluster(k), WIDE) for k, curve in enumerate(curves)]
        lines += [(noise, style.none, THIN)] * bool(mixture.noise)
        for values, color, thickness in lines:
            seen = np.where(values <= 1.04 * highest, values, np.nan)
            drawing.polyline(np.stack([x.at(places), y.at(seen)], axis=1), color, thickness)
        x_axis(drawing, x, upper + height - bottom, "", style)
    return drawing.svg()


def _draw_bars(drawing: Drawing, bars: Bars, x: Scale, y: Scale, style: Style) -> None:
    heights = bars.densities()
    tops = np.cumsum(heights, axis=0)
    edges = x.at(bars.edges)
    gap = 0.6 if edges[1] - edges[0] > 4.0 else 0.0
    for cluster, (top, height) in enumerate(zip(tops, heights, strict=True), start=-2):
        color = style.cluster(cluster) if cluster >= 0 else style.none
        for j in np.flatnonzero(height > 0.0):
            upper, lower = y.at(np.array([top[j], top[j] - height[j]]))
            wide = edges[j + 1] - edges[j] - gap
            drawing.rect((edges[j], upper), (wide, max(lower - upper, 0.3)), color, 0.4)


def comparison(analysis: Analysis) -> Figure | None:
    """BIC and ICL over the number of clusters, or of what is merged; a line for each shape."""
    sound = [one for one in analysis.candidates if one.sound]
    if len({one.n_components for one in sound}) < 2:
        return None
    answer = named_model(analysis.result.model, len(analysis.prepared.columns))
    counted = compared(analysis)
    caption = (
        f"How well each number of {counted} describes the rows, a line for each shape; lower is"
        f" better. The ring is the answer: {answer}."
    )
    values = [_values(sound, criterion) for criterion in _COMPARED]
    if any(one.max() > _span(one)[1] for one in values):
        caption += " Lines go on above the picture, to fits that are far worse."
    if analysis.grouping is not None:
        caption += f" Its {counted} were then merged into {count(analysis.n_clusters, 'cluster')}."
    chosen = analysis.candidates[analysis.best]

    def draw(style: Style) -> str:
        return _draw_comparison(sound, chosen, counted, style)

    return Figure("comparison", caption, draw)


def _draw_comparison(
    sound: Sequence[Candidate], chosen: Candidate, counted: str, style: Style
) -> str:
    height, gap = 230.0, 20.0
    width = (WIDTH - gap) / 2
    drawing = Drawing(WIDTH, height, f"BIC and ICL by the number of {counted}")
    numbers = sorted({one.n_components for one in sound})
    for i, criterion in enumerate(_COMPARED):
        left = i * (width + gap)
        low, high = _span(_values(sound, criterion))
        y = Scale(low, high, height - 40.0, 24.0)
        x = Scale(numbers[0] - 0.4, numbers[-1] + 0.4, left + 66.0, left + width)
        drawing.text(left + 66.0, 13.0, criterion.upper(), style.ink, bold=True, size=SMALL + 1)
        y_axis(drawing, y, (left + 66.0, left + width), "", style)
        own = chosen.model
        models = [model for model in dict.fromkeys(one.model for one in sound) if model != own]
        for model in [*models, own]:
            own_ones = [one for one in sound if one.model == model]
            line = sorted((one.n_components, one.value(criterion)) for one in own_ones)
            k, v = np.array(line, float).reshape(-1, 2).T
            color = style.ink if model == own else style.quiet
            seen_k, seen_v = _below(k, v, high)
            line_at = np.stack([x.at(seen_k), y.at(seen_v)], axis=1)
            drawing.polyline(line_at, color, WIDE if model == own else 0.75)
            for at in zip(x.at(k[v <= high]), y.at(v[v <= high]), strict=True):
                drawing.circle(at, 3.0 if model == own else 1.5, color)
        if chosen.sound and chosen.value(criterion) <= high:
            at_x = float(x.at(np.array([chosen.n_components]))[0])
            at_y = float(y.at(np.array([chosen.value(criterion)]))[0])
            drawing.circle((at_x, at_y), 7.0, "none", style.ink)
        x_axis(drawing, x, height - 40.0, f"Number of {counted}", style, whole=True)
    return drawing.svg()


def _values(candidates: Sequence[Candidate], criterion: str) -> FloatArray:
    return np.array([one.value(criterion) for one in candidates])


def _span(values: FloatArray) -> tuple[float, float]:
    """From the lowest to the highest that is worth seeing, with a margin."""
    low, high = float(values.min()), float(values.max())
    high = min(high, low + _WORTH_SEEING * float(np.median(values) - low)) or high
    return widened(low, max(high, low), 0.08)


def _below(x: FloatArray, y: FloatArray, high: float) -> tuple[FloatArray, FloatArray]:
    """A line as far as it is no higher than `high`: it ends there, and is broken beyond."""
    places, values = [x[:1]], [y[:1]]
    for i in range(1, len(x)):
        if (y[i] > high) != (y[i - 1] > high):
            share = (high - y[i - 1]) / (y[i] - y[i - 1])
            places.append(np.array([x[i - 1] + share * (x[i] - x[i - 1])]))
            values.append(np.array([high]))
        places.append(x[i : i + 1])
        values.append(y[i : i + 1])
    found = np.concatenate(values)
    return np.concatenate(places), np.where(found > high, np.nan, found)


def sizes(analysis: Analysis, names: Sequence[str]) -> Figure:
    """How many rows each cluster has, and how sure these are."""
    labels, probability = analysis.rows.label, analysis.rows.probability
    lines = list(enumerate(names)) + [(NO_CLUSTER, NO_NAME)] * (analysis.noise is not None)
    counts = np.zeros((len(lines), len(SURE)), np.int64)
    level = np.searchsorted(-np.array([least for least, _, _ in SURE]), -probability, side="left")
    for line, (k, _name) in enumerate(lines):
        counts[line] = np.bincount(level[labels == k], minlength=len(SURE))[: len(SURE)]
    caption = "Rows of each cluster; the fainter, the less sure it is that they belong there."
    return Figure("sizes", caption, lambda style: _draw_sizes(lines, counts, style))


def _draw_sizes(lines: Sequence[tuple[int, str]], counts: IntArray, style: Style) -> str:
    bar, step, top = 16.0, 24.0, 26.0
    drawing = Drawing(WIDTH, top + step * len(lines) + 2.0, "Sizes of the clusters")
    room = min(200.0, max(width_of(name) for _k, name in lines) + 8.0)
    totals = counts.sum(axis=1)
    told = [f"{n:,}" for n in totals.tolist()]
    end = WIDTH - max(map(width_of, told)) - 10.0
    x = Scale(0.0, float(max(1, totals.max())), room, end)
    at = room
    for _least, strength, words in SURE:
        drawing.rect((at, 2.0), (12.0, 12.0), style.quiet, strength)
        drawing.text(at + 17.0, 12.0, words, style.quiet)
        at += 17.0 + width_of(words) + 22.0
    for line, (k, name) in enumerate(lines):
        y = top + step * line
        drawing.text(room - 8.0, y + 12.0, fitted(name, room - 8.0), style.ink, anchor="end")
        ends = x.at(np.concatenate([[0.0], np.cumsum(counts[line])]))
        for (start, stop), (_least, strength, _words) in zip(
            itertools.pairwise(ends), SURE, strict=True
        ):
            if stop > start:
                drawing.rect((start, y), (max(stop - start, 0.7), bar), style.cluster(k), strength)
        drawing.text(ends[-1] + 6.0, y + 12.0, told[line], style.quiet)
    return drawing.svg()
