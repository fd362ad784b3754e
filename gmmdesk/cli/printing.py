"""What the command line prints: for people as aligned lines, for programs as JSON."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis, Application
    from gmmdesk.data.dataset import Column, Dataset
    from gmmdesk.data.prepare import Prepared

_WIDTH = 100  # characters of a line of text
_MOST_COLUMNS = 6  # whose means fit on a line of the summary
_ENDINGS = {
    "converged": "converged",
    "max_iterations": "not converged",
    "stopped": "stopped",
    "collapsed": "ended by a collapse",
}


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' * (number != 1)}"


def print_json(value: object) -> None:
    import msgspec  # writes null for what JSON cannot hold, such as nan

    _print_bytes(msgspec.json.encode(value) + b"\n")


def print_text(text: str) -> None:
    """For programs: UTF-8, whatever the console can show."""
    _print_bytes(text.encode())


def _print_bytes(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def print_lines(lines: Sequence[str]) -> None:
    # A console that cannot show a letter of a column's name shows a question mark instead.
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.rstrip().encode(encoding, "replace").decode(encoding))


def describe_fit(
    analysis: Analysis,
    outputs: Sequence[Path],
    names: Sequence[str] = (),
    *,
    merges: bool = False,
) -> list[str]:
    """The answer for people; `merges` where clusters that overlap were to be merged."""
    from gmmdesk.analysis.headline import marks

    result, prepared = analysis.result, analysis.prepared
    n_clusters, n_rows = analysis.n_clusters, analysis.dataset.n_rows
    clusters = "1 cluster" if n_clusters == 1 else f"{n_clusters} clusters"
    if analysis.grouping is not None:
        clusters += f" merged from {result.n_components} components"
    chosen = ""
    if len(analysis.candidates) > 1:
        criterion = analysis.settings.criterion.upper()
        chosen = f", chosen by {criterion} among {len(analysis.candidates)} fits"
    lines = [
        f"{analysis.dataset.name}: {clusters} (model {result.model}{chosen})",
        *_verdict(analysis, names),
        f"from {len(prepared.fitted_rows):,} of {n_rows:,} rows in {len(prepared.columns)} columns"
        + (f", {prepared.n_incomplete:,} with missing values" if prepared.n_incomplete else ""),
        f"log-likelihood {result.log_likelihood:.6g}, BIC {result.bic:.6g}, ICL {result.icl:.6g},"
        f" AIC {result.aic:.6g} (lower is better)",
        f"{_count(result.n_iterations, 'iteration')}, {_ENDINGS[result.ending]}."
        f" {analysis.message}",
        *_about_steps(analysis),
        *_about_combining(analysis, merges=merges),
        "",
    ]
    shown = analysis.profiles[:_MOST_COLUMNS]
    centers = (f"{'mean' if one.is_mean else 'median'} {one.name}" for one in shown)
    remarks = marks(analysis.verdict)
    is_marked = any(remarks)
    table = [["cluster", "rows", "weight", "sure", *["remark"] * is_marked, *centers]]
    for k in range(n_clusters):
        certainty = analysis.certainty[k]
        table.append(
            [
                str(k + 1),
                f"{analysis.sizes[k]:,}",
                f"{analysis.clusters.weights[k]:.1%}",
                f"{certainty:.1%}" if analysis.sizes[k] else "-",
                *[remarks[k]] * is_marked,
                *(f"{one.centers[k]:.4g}" for one in shown),
            ]
        )
    if analysis.noise is not None:
        noise = analysis.noise
        sure = f"{noise.certainty:.1%}" if noise.n_rows else "-"
        table.append(
            [
                "none",
                f"{noise.n_rows:,}",
                f"{noise.weight:.1%}",
                sure,
                *[""] * is_marked,
                *["-"] * len(shown),
            ]
        )
    lines += _aligned(table, right=True)
    if len(analysis.profiles) > len(shown):
        lines.append(f"and {len(analysis.profiles) - len(shown)} more columns")
    lines += _left_out(prepared)
    if outputs:
        lines += ["", *(f"written: {path}" for path in outputs)]
    return lines


def _verdict(analysis: Analysis, names: Sequence[str]) -> list[str]:
    """How many clusters, and below it what speaks against them and for them."""
    from gmmdesk.analysis.shape_words import verdict_with_shapes

    told = verdict_with_shapes(analysis, names)
    lines = textwrap.wrap(told.headline, _WIDTH)
    for one in told.grounds:
        mark = "!" if one.is_doubt else "-"
        lines += textwrap.wrap(
            one.text, _WIDTH, initial_indent=f"  {mark} ", subsequent_indent="    "
        )
    return lines


def describe_application(application: Application, outputs: Sequence[Path]) -> list[str]:
    model, prepared = application.model, application.prepared
    n_used = len(prepared.rows)
    marked = "; files of rows mark them as outliers" * bool(outputs and application.n_outliers)
    lines = [
        f"{application.dataset.name}: {n_used:,} of {_count(application.dataset.n_rows, 'row')}"
        f" scored with the model {model.model} of {_count(model.n_clusters, 'cluster')}",
        f"({model.origin})",
        f"log-likelihood {application.log_likelihood:.6g}",
        *textwrap.wrap(f"{application.outliers_said}{marked}", _WIDTH),
        "",
    ]
    table = [["cluster", "name", "rows", "share", "before", "sure"]]
    groups = [
        (str(k + 1), name, int(application.sizes[k]), float(application.certainty[k]))
        for k, name in enumerate(model.names)
    ]
    if application.noise is not None:
        groups.append(("none", "-", application.noise.n_rows, application.noise.certainty))
    for (number, name, size, certainty), before in zip(
        groups, application.shares_before, strict=True
    ):
        sure = f"{certainty:.1%}" if size else "-"
        share = f"{size / n_used:.1%}"
        table.append([number, name, f"{size:,}", share, f"{before:.1%}", sure])
    lines += _aligned(table, right=True)
    lines += ["before: the share (weight) in the rows in which the clusters were found"]
    lines += _left_out(prepared)
    if application.extra:
        lines += ["", f"columns not used: {', '.join(application.extra)}"]
    if application.warnings:
        lines += ["", *(f"note: {warning}" for warning in application.warnings)]
    if outputs:
        lines += ["", *(f"written: {path}" for path in outputs)]
    return lines


def _left_out(prepared: Prepared) -> list[str]:
    """How many rows were left out, and why."""
    if not prepared.n_left_out:
        return []
    lines = ["", f"left out: {_count(prepared.n_left_out, 'row')}"]
    for reason, n in zip(prepared.reasons, prepared.n_by_reason.tolist(), strict=True):
        lines.append(f"  {n:,} {reason}")
    return lines


def _about_combining(analysis: Analysis, *, merges: bool) -> list[str]:
    """Which components are which cluster, where several are one, or why none are."""
    from gmmdesk.export.words import MERGED_ICL, combined_in_words

    if analysis.grouping is None:
        few = analysis.result.n_components < 3
        why = "nothing can be told of fewer than three"
        if not few:
            why = "nothing overlaps enough, or each merge makes rows about as much surer (no bend)"
        return [f"No clusters were merged: {why}."] * merges
    told = f"{combined_in_words(analysis.grouping)} {MERGED_ICL}: {analysis.icl:.6g}."
    return textwrap.wrap(told, _WIDTH)


def _about_steps(analysis: Analysis) -> list[str]:
    """What the steps did, and what that means for the numbers."""
    from gmmdesk.data.steps import phrase
    from gmmdesk.export.words import held_out, units

    lines = [
        f"{number}. {phrase(outcome.step)}. {outcome.text}"
        for number, outcome in enumerate(analysis.prepared.outcomes, start=1)
    ]
    return (
        ["" for _ in lines[:1]] + lines + list(filter(None, (units(analysis), held_out(analysis))))
    )


def receipt(dataset: Dataset) -> dict[str, Any]:
    import msgspec

    from gmmdesk.data.missing_offers import missing_offers
    from gmmdesk.data.receipt import unreadable_cells

    questions = [
        {**msgspec.to_builtins(question), "text": question.text}
        for question in dataset.receipt.questions
    ]
    options = {name: getattr(dataset.options, name) for name in dataset.options.chosen()}
    return {
        **msgspec.to_builtins(dataset.receipt),
        "questions": questions,
        "options": options,
        "missing_offers": [
            {"word": one.word, "columns": one.columns, "n_cells": one.n_cells, "reason": one.reason}
            for one in missing_offers(dataset)
        ],
        "unreadable_cells": [
            {"row": cell.row, "place": cell.place, "column": cell.column, "raw": cell.raw}
            for cell in unreadable_cells(dataset)
        ],
        "place": dataset.places.what if dataset.places is not None else "",
        "name": dataset.name,
        "n_rows": dataset.n_rows,
        "n_columns": len(dataset.columns),
        "columns": [
            {
                "name": column.name,
                "label": column.label,
                "kind": column.kind,
                "recommended": column.recommended,
                "reason": column.reason,
                "unit": column.unit,
                "date_order": column.date_order,
                "n_missing": column.n_missing,
                "n_unreadable": len(column.unreadable),
                "unreadable": [
                    {"row": dataset.number_of(row), "text": text}
                    for row, text in _unreadable(column)
                ],
            }
            for column in dataset.columns
        ],
    }


def describe_table(dataset: Dataset) -> list[str]:
    from gmmdesk.data.missing_offers import missing_offers
    from gmmdesk.export.provenance import reading_facts

    receipt = dataset.receipt
    reading = [f"{what.lower()} {answer}" for what, answer in reading_facts(receipt)]
    lines = [
        f"{receipt.source}: {dataset.n_rows:,} rows, {len(dataset.columns)} columns",
        ", ".join([*reading, f"{receipt.n_bytes:,} bytes"]),
        f"SHA-256 {receipt.sha256}",
        "",
    ]
    table = [["use", "column", "type", "missing", "unreadable", "remark"]]
    for column in dataset.columns:
        examples = ", ".join(
            f"row {dataset.number_of(row)}: {text!r}{_place(dataset, row)}"
            for row, text in _unreadable(column)
        )
        table.append(
            [
                "yes" if column.recommended else "no",
                column.name,
                str(column.kind),
                f"{column.n_missing:,}" if column.n_missing else "-",
                f"{len(column.unreadable):,}" if len(column.unreadable) else "-",
                "; ".join(filter(None, (column.label, column.reason, examples))),
            ]
        )
    lines += _aligned(table, right=False)
    if len(receipt.sheets) > 1:
        lines += ["", f"sheets: {', '.join(receipt.sheets)}"]
    if receipt.findings:
        found = [[f"{f.what}:", f.value, f.reason] for f in receipt.findings]
        lines += ["", *_aligned(found, right=False)]
    if receipt.questions:
        from gmmdesk.cli.reading import answers

        lines += ["", *(f"question: {q.text} {answers(q)}." for q in receipt.questions)]
    if offers := missing_offers(dataset):
        lines += [""]
        for offer in offers:
            say = f"Say --na={shlex.quote(offer.word)} if it stands for a missing value."
            lines.append(f"question: {offer.text}. {say}")
    if receipt.notes:
        lines += ["", *(f"note: {note}" for note in receipt.notes)]
    return lines


def _unreadable(column: Column, most: int = 3) -> list[tuple[int, str]]:
    """The first unreadable cells: row, from 0, and text."""
    return [(int(row), str(column.cells[int(row)].as_py())) for row in column.unreadable[:most]]


def _place(dataset: Dataset, row: int) -> str:
    """Where in the file a row stands, if that is known and not the same."""
    places = dataset.places
    return "" if places is None else f" ({places.what} {places.of(row)})"


def _aligned(table: Sequence[Sequence[str]], *, right: bool) -> list[str]:
    """Lines in which the cells of each column start, or end, below each other."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    align = str.rjust if right else str.ljust
    return [
        "  ".join(align(cell, width) for cell, width in zip(row, widths, strict=True))
        for row in table
    ]
