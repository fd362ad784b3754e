"""The workbook's sheet About: what was read and how, what was done, and what the numbers mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlsxwriter.worksheet import Worksheet

from gmmdesk import __version__
from gmmdesk.analysis import Analysis, Application, ScoredRows
from gmmdesk.analysis.found_again import HALVES, HALVES_MEAN, RESTARTS, RESTARTS_MEAN
from gmmdesk.analysis.shape_words import verdict_with_shapes
from gmmdesk.analysis.shapes_named import named_model
from gmmdesk.data.dataset import with_unit
from gmmdesk.data.seeds import MOST_SEED
from gmmdesk.data.steps import phrase
from gmmdesk.engine.rows.memberships import NOISE, belongs
from gmmdesk.export.provenance import now, reading_facts, versions
from gmmdesk.export.sheets import Cell, Formats, put
from gmmdesk.export.words import (
    MERGED_ICL,
    MERGED_ICL_MEANS,
    MISSING,
    again_facts,
    combined_in_words,
    k_range,
    units,
)
from gmmdesk.terms import MODEL_MEANS, ROWS_MEAN, SHARE_MEANS, SURE_MEANS

_CONVENTIONS = (
    (
        "Cluster",
        "Numbered from 1, by decreasing weight unless an earlier fit gave the clusters their"
        " numbers, or rows were known to belong to them; 0 where the row belongs to no cluster."
        " Empty where the row was left out.",
    ),
    ("Probability", "How sure the cluster is: P(cluster | row). Uncertainty is 1 - probability."),
    (
        "Log density",
        "ln of the mixture's density at the row's values, in nats, in the file's units.",
    ),
    (
        "Outlier",
        "TRUE where less than a small share of the cluster's rows (the outlier level) should lie"
        " as far from its centre: by the squared Mahalanobis distance, against chi-square with a"
        " degree of freedom for each used column in which the row has a value. A row of no cluster"
        " is compared with the nearest. The sheet Outliers lists these rows; its Rarity is that"
        " share.",
    ),
    ("Rows (of a cluster)", ROWS_MEAN),
    ("Weight", SHARE_MEANS),
    ("How sure", SURE_MEANS),
    (
        "Spread",
        "Standard deviation: the square root of the covariance's diagonal, or half the range of the"
        " cluster's rows where that is less, as in a cluster of few rows which a prior makes wider"
        " than they are.",
    ),
    (RESTARTS, RESTARTS_MEAN),
    (HALVES, HALVES_MEAN),
    ("Log-likelihood", "Total over the used rows, in nats, in the file's units."),
    ("BIC", "-2 log-likelihood + parameters x ln(rows used). Lower is better."),
    ("ICL", "BIC - 2 sum of ln(probability of each row's cluster). Lower is better."),
    (MERGED_ICL, MERGED_ICL_MEANS),
    ("AIC", "-2 log-likelihood + 2 x parameters. Lower is better."),
    (
        "Compared",
        "A fit in which a cluster collapsed, or had to be kept from it, can reach any likelihood:"
        " its numbers say nothing, and it is chosen only if there is no other.",
    ),
)


def write_about(
    sheet: Worksheet, formats: Formats, scored: ScoredRows, names: Sequence[str], n_cut: int
) -> None:
    """One fact a row; `n_cut` cells of the file hold more text than a worksheet's can."""
    put(sheet, 0, 0, "Item", formats.header)
    put(sheet, 0, 1, "Value", formats.header)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    for i, (item, value) in enumerate(_facts(scored, names, n_cut), start=1):
        put(sheet, i, 0, item, formats.item)
        style = formats.wrapped if isinstance(value, str) else formats.fact
        put(sheet, i, 1, value, formats.long_fact if item == "Log-likelihood" else style)
    sheet.freeze_panes(1, 0)


def _facts(scored: ScoredRows, names: Sequence[str], n_cut: int) -> Iterator[tuple[str, Cell]]:
    yield "Program", f"gmmdesk {__version__}"
    yield "Date", now()
    yield from _about_the_file(scored)
    if isinstance(scored, Analysis):
        yield from _about_the_fit(scored, names)
    elif isinstance(scored, Application):
        yield from _about_the_application(scored)
    if n_cut:
        yield "Text cut", f"{n_cut} cells hold more text than Excel can; marked where they are cut."
    for library, number in versions().items():
        yield f"Version of {library}", number
    for term, meaning in _CONVENTIONS:
        yield f"Meaning of {term}", meaning


def _about_the_file(scored: ScoredRows) -> Iterator[tuple[str, Cell]]:
    receipt, prepared = scored.dataset.receipt, scored.prepared
    yield "File", receipt.source
    yield "SHA-256", receipt.sha256
    yield "Size in bytes", receipt.n_bytes
    yield from reading_facts(receipt)
    for note in receipt.notes:
        yield "Note on reading", note
    n_rows, n_in_file = scored.dataset.n_rows, receipt.rows_in_file
    yield "Rows in the file", n_in_file or n_rows
    if n_in_file not in (None, n_rows):
        yield "Rows read", n_rows
    yield "Rows used", len(prepared.fitted_rows)
    if prepared.n_incomplete:
        yield "Used rows that lack a value", prepared.n_incomplete
    if isinstance(scored, Analysis) and scored.held_out is not None:
        yield "Rows held out (not fitted)", scored.held_out.n_rows
        yield "Mean log density of used rows", scored.held_out.log_density_used
        yield "Mean log density of held-out rows", scored.held_out.log_density
    yield "Rows left out", prepared.n_left_out
    yield "Outlier level (share of a cluster that should lie as far out)", scored.outlier_level
    for reason, count in zip(prepared.reasons, prepared.n_by_reason.tolist(), strict=True):
        yield f"Left out, {reason}"[:255], count
    units_of = prepared.units
    named = (with_unit(name, units_of.get(name, "")) for name in prepared.preparation.inputs)
    yield "Columns used", ", ".join(named)
    for at, outcome in enumerate(prepared.outcomes, start=1):
        yield f"Step {at}", f"{phrase(outcome.step)}. {outcome.text}"
    if prepared.preparation.steps:
        yield "Columns fitted", ", ".join(prepared.columns)


def _about_the_fit(analysis: Analysis, names: Sequence[str]) -> Iterator[tuple[str, Cell]]:
    result, settings = analysis.result, analysis.settings
    n_columns = len(analysis.prepared.columns)
    if analysis.prepared.outcomes:
        yield "Units", units(analysis)
    yield "Model", named_model(result.model, n_columns)
    yield "Clusters", analysis.n_clusters
    if analysis.grouping is not None:
        yield "Components", result.n_components
        yield "Merged", combined_in_words(analysis.grouping)
        yield MERGED_ICL, analysis.icl
    told = verdict_with_shapes(analysis, names)
    yield "Verdict", told.headline
    for ground in told.grounds:
        yield "What to doubt" if ground.is_doubt else "Ground", ground.text
    if len(analysis.candidates) > 1:
        yield (
            "Chosen by",
            f"{settings.criterion.upper()} among {len(analysis.candidates)} candidates",
        )
    yield "Clusters asked for", k_range(settings)
    yield "Models asked for", ", ".join(named_model(one, n_columns) for one in settings.models)
    # Spreadsheets round what has more digits, unless it is a text.
    yield "Seed", settings.seed if settings.seed <= MOST_SEED else str(settings.seed)
    yield "Restarts of each fit, at most", settings.restarts
    yield "Scaling while fitting", settings.scaling
    yield "Missing values", MISSING[settings.missing]
    yield "Tolerance (nats per row)", settings.tol
    yield "Most iterations", settings.max_iter
    yield "Regularization", settings.regularization
    yield "Rows may belong to no cluster (noise)", "yes" if settings.noise else "no"
    if analysis.known is not None:
        counted = (
            ("Rows with a known cluster", belongs(analysis.known)),
            ("Rows kept out of clusters", analysis.known < NOISE),
        )
        yield from ((item, int(rows.sum())) for item, rows in counted if rows.any())
    if settings.start is not None:
        yield "Started from", settings.start.said
    if settings.known_column:
        yield "Column of known clusters", settings.known_column
    yield "Prior", settings.prior
    yield "Log-likelihood", float(result.log_likelihood)
    yield "Iterations", int(result.n_iterations)
    yield "Converged", bool(result.converged)
    yield "Stop reason", analysis.as_told.stop_reason
    if analysis.message:
        yield "How the fit ended", analysis.message
    yield from again_facts(analysis)
    if analysis.stopped_early:
        yield "Stopped early", "The analysis was stopped by the user; this is its last state."


def _about_the_application(application: Application) -> Iterator[tuple[str, Cell]]:
    model = application.model
    yield "Model applied", model.origin
    yield "Model", named_model(model.model, len(model.columns))
    yield "Clusters", application.n_clusters
    if application.grouping is not None:
        yield "Merged", combined_in_words(application.grouping)
    yield "What is of the model", MODEL_MEANS
    yield "Columns of the model", ", ".join(model.columns)
    yield "Missing values", MISSING[model.missing]
    yield "Log-likelihood", application.log_likelihood
    yield "Rows that fit no cluster (outliers)", application.n_outliers
    if application.n_outliers:
        said = f"{application.outliers_said}: filter the column Outlier of the sheet Rows."
        yield "Which fit no cluster", said
    for warning in application.warnings:
        yield "What to doubt", warning
