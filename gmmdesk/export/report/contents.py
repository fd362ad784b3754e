"""What a report says, section by section: plain values, for pages of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from gmmdesk import __version__
from gmmdesk.analysis import Analysis, Profile
from gmmdesk.analysis.description import describe
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import cluster_name, remarks
from gmmdesk.analysis.found_again import sure_in_words
from gmmdesk.analysis.headline import marks
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.analysis.remark import Remark
from gmmdesk.analysis.shapes_named import named_model
from gmmdesk.analysis.verdict_words import AnswerWords
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.sample_table import PREFIX
from gmmdesk.data.steps import phrase
from gmmdesk.errors import UsageError
from gmmdesk.export.answer import answer_of
from gmmdesk.export.provenance import now, reading_facts, versions
from gmmdesk.export.recipes import command, python_script
from gmmdesk.export.report.comparing import Comparison, comparison_of
from gmmdesk.export.report.figures import Figure, comparison, densities, sizes
from gmmdesk.export.report.methods import Methods, methods
from gmmdesk.export.report.row_map import row_map
from gmmdesk.export.report.style import CODE_LETTERS, Style
from gmmdesk.export.words import MERGED_ICL, MISSING, again_facts, combined_in_words, k_range, units
from gmmdesk.task import Task
from gmmdesk.text import alike, number, percent

_BESIDE = 4  # clusters side by side in a table that fits a page
_WIDEST = 6  # clusters in a matrix that fits a page
_CONFUSED = 0.01  # of a cluster's rows, at least, are told of where they could be
_MOST_SCRIPT = 200_000  # letters of the script that makes the numbers again
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """A cluster in words; `k` is 0-based, -1 for the rows of no cluster.

    Its `mark` says what it may be instead, if that is told.
    """

    k: int
    name: str
    rows: int
    share: str
    certainty: str
    sentence: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number as it is read, its `spread` or range, and both with all their digits."""

    text: str
    spread: str
    exact: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """Some `clusters` (0-based) side by side: a line for each column, its last value of all rows.

    `lines` are a column's name, whether its values are means, and a value for each cluster.
    """

    clusters: tuple[int, ...]
    lines: tuple[tuple[str, bool, tuple[Value, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the preparation: what it does, what it did, and how many rows were left."""

    phrase: str
    outcome: str
    rows_before: int
    rows_after: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `names` (K,) are the clusters', `colors` (K,) "#RRGGBB" as in the window.

    `signs` (K,) are their shapes, as in `palette`.

    `overlap` is a matrix; where that would be too wide it is empty, and `confused` has for each
    cluster the share of its rows that is its own, and of which others the rest could be. One that
    `is_brief` ends where what was found has been said: before rows, methods and settings.
    """

    title: str
    facts: Facts
    answer: AnswerWords
    names: tuple[str, ...]
    colors: tuple[str, ...]
    signs: tuple[int, ...]
    clusters: tuple[ClusterLine, ...]
    figures: tuple[Figure, ...]
    tables: tuple[ProfileTable, ...]
    units: str
    comparison: Comparison
    remarks: tuple[Remark, ...]
    overlap: tuple[tuple[str, tuple[str, ...]], ...]
    confused: tuple[tuple[str, str, str], ...]
    columns: tuple[str, ...]
    steps: tuple[Step, ...]
    left_out: tuple[tuple[str, int], ...]
    settings: Facts
    outcome: Facts
    methods: Methods
    command: str
    script: str
    versions: Facts
    reading: Facts
    notes: tuple[str, ...]
    date: str
    is_brief: bool = False

    def style(self, look: Style) -> Style:
        """A look with the colours of these clusters."""
        return look.with_clusters(self.colors, self.signs)


def report(analysis: Analysis, names: Sequence[str], task: Task | None = None) -> Report:
    """Judge and count `analysis`, whose clusters are called `names`, for its report.

    Looks at all rows: not for the UI thread. Raises Cancelled when the task is cancelled.
    """
    task = task or Task()
    names = tuple(names)
    found = diagnose(analysis, task=task)
    task.step(None, "Drawing the figures")
    drawn = [sizes(analysis, names)]
    for figure in (row_map(analysis, names), densities(analysis), comparison(analysis)):
        task.step()
        if figure is not None:
            drawn.append(figure)
    task.step(0.95, "Writing the report")
    prepared, receipt = analysis.prepared, analysis.dataset.receipt
    line, script = _recipes(analysis)
    return Report(
        title=f"Clusters in {PurePath(receipt.source.removeprefix(PREFIX)).name}",
        facts=_facts(analysis),
        answer=answer_of(analysis, names, analysis.resampled, found.shapes),
        names=names,
        colors=tuple(analysis.color(k) for k in range(analysis.n_clusters)),
        signs=tuple(analysis.sign(k) for k in range(analysis.n_clusters)),
        clusters=_clusters(analysis, names),
        figures=tuple(drawn),
        tables=_tables(analysis),
        units=units(analysis),
        comparison=comparison_of(analysis),
        remarks=remarks(found, names),
        overlap=_overlap(found.overlap, names) if len(found.overlap) <= _WIDEST else (),
        confused=_confused(found.overlap, names) if len(found.overlap) > _WIDEST else (),
        columns=prepared.preparation.inputs,
        steps=tuple(
            Step(phrase(one.step), one.text, one.rows_before, one.rows_after)
            for one in prepared.outcomes
        ),
        left_out=tuple(zip(prepared.reasons, prepared.n_by_reason.tolist(), strict=True)),
        settings=_settings(analysis),
        outcome=_outcome(analysis),
        methods=methods(analysis, task),
        command=line,
        script=script,
        versions=(("gmmdesk", __version__), *versions().items()),
        reading=tuple(reading_facts(receipt)),
        notes=receipt.notes,
        date=now()[:16].replace("T", " "),
    )


def _facts(analysis: Analysis) -> Facts:
    receipt, prepared = analysis.dataset.receipt, analysis.prepared
    n_in_file = receipt.rows_in_file
    is_part = n_in_file is not None and n_in_file != analysis.dataset.n_rows
    of = f" read, of {n_in_file:,} in the file" if is_part else ""
    return (
        ("File", receipt.source),
        ("Rows", f"{len(prepared.fitted_rows):,} used of {analysis.dataset.n_rows:,}{of}"),
        ("Columns", f"{len(prepared.preparation.inputs):,} used"),
        ("SHA-256", receipt.sha256),
        ("Size", f"{receipt.n_bytes:,} bytes"),
    )


def _clusters(analysis: Analysis, names: Sequence[str]) -> tuple[ClusterLine, ...]:
    verdict = analysis.verdict.with_resamples(analysis.resampled)
    in_brackets = bool(verdict.against_sureness)
    lines = [
        ClusterLine(
            k,
            names[k],
            int(analysis.sizes[k]),
            percent(float(analysis.clusters.weights[k])),
            sure_in_words(float(analysis.certainty[k]), in_brackets=in_brackets),
            sentence,
            mark,
        )
        for k, (sentence, mark) in enumerate(
            zip(describe(analysis).sentences, marks(verdict), strict=True)
        )
    ]
    noise = analysis.noise
    if noise is not None:
        share, sure = percent(noise.weight), sure_in_words(noise.certainty, in_brackets=in_brackets)
        sentence = "Rows far from every cluster, or between them."
        lines.append(ClusterLine(-1, NO_NAME, noise.n_rows, share, sure, sentence))
    return tuple(lines)


def _tables(analysis: Analysis) -> tuple[ProfileTable, ...]:
    """Means and spreads, as many clusters side by side as fit a page."""
    K = analysis.n_clusters
    n_tables = -(-K // _BESIDE)
    return tuple(
        ProfileTable(
            tuple(clusters.tolist()),
            tuple(
                (
                    one.title,
                    one.is_mean,
                    tuple(_value(one, int(k)) for k in clusters),
                    alike(one.center, one.least_spread),
                )
                for one in analysis.profiles
            ),
        )
        for clusters in np.array_split(np.arange(K), n_tables)
    )


def _value(profile: Profile, k: int) -> Value:
    center, spread = float(profile.centers[k]), float(profile.spreads[k])
    least = profile.least_spread
    told = f"± {alike(spread, least)}"
    if not profile.is_mean:
        ends = (float(profile.lows[k]), float(profile.highs[k]))
        told = " to ".join(alike(end, least) for end in ends)
    return Value(alike(center, least), told, (center, spread))


def _overlap(shares: FloatArray, names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if len(shares) < 2:
        return ()
    return tuple(
        (cluster_name(k if k < len(names) else -1, names), tuple(percent(float(s)) for s in line))
        for k, line in enumerate(shares)
    )


def _confused(shares: FloatArray, names: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """Of each cluster its own share, and where others of its rows could be, the most first."""
    called = [cluster_name(k if k < len(names) else -1, names) for k in range(len(shares))]
    lines = []
    for k, line in enumerate(shares):
        others = [j for j in np.argsort(-line, kind="stable").tolist() if j != k]
        told = [f"{called[j]} {percent(float(line[j]))}" for j in others if line[j] >= _CONFUSED]
        lines.append((called[k], percent(float(line[k])), "; ".join(told)))
    return tuple(lines)


def _settings(analysis: Analysis) -> Facts:
    settings = analysis.settings
    return (
        ("Clusters asked for", k_range(settings)),
        ("Models asked for", ", ".join(settings.models)),
        ("Chosen by", settings.criterion.upper()),
        ("Seed", str(settings.seed)),
        ("Restarts of each fit, at most", str(settings.restarts)),
        ("Scaling while fitting", settings.scaling),
        ("Missing values", MISSING[settings.missing]),
        ("Some rows may belong to no cluster", "yes" if settings.noise else "no"),
        ("Prior", settings.prior),
        ("Tolerance", f"{settings.tol:g} nats per row"),
        ("Most iterations", f"{settings.max_iter:,}"),
        ("Regularization", f"{settings.regularization:g}"),
    )


def _outcome(analysis: Analysis) -> Facts:
    result, grouping = analysis.result, analysis.grouping
    combined: Facts = ()
    icl: Facts = (("ICL", number(result.icl, 8)),)
    if grouping is not None:
        combined = (("Merged", combined_in_words(grouping)),)
        icl = (*icl, (MERGED_ICL, number(analysis.icl, 8)))
    return (
        ("Model", named_model(result.model, len(analysis.prepared.columns))),
        *combined,
        ("Log-likelihood", f"{number(result.log_likelihood, 8)} nats"),
        ("Estimated numbers (parameters)", f"{result.n_parameters:,}"),
        ("BIC", number(result.bic, 8)),
        *icl,
        ("AIC", number(result.aic, 8)),
        ("Iterations", f"{result.n_iterations:,}"),
        ("How it ended", analysis.message or analysis.as_told.stop_reason),
        *again_facts(analysis),
    )


def _recipes(analysis: Analysis) -> tuple[str, str]:
    """The command line and the script that make it again; empty where there is none."""
    try:
        script = python_script(analysis)
    except UsageError:
        script = ""
    try:
        line = command(analysis, CODE_LETTERS)
    except UsageError:
        line = ""
    return line, script if len(script) <= _MOST_SCRIPT else ""
