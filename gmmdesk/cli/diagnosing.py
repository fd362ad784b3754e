"""Whether an answer can be trusted, printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis

_MOST_ROWS = 10  # outliers that are told
_GRADE = 10  # letters, and room behind them


def check_labels(analysis: Analysis, labels: str | None) -> None:
    """Raise UsageError where `labels` is no column of the table."""
    from gmmdesk.data.refusals import no_such_column

    known = [column.name for column in analysis.dataset.columns]
    if labels is not None and labels not in known:
        raise no_such_column(analysis.dataset.name, labels, known)


def diagnosis_object(
    analysis: Analysis, names: Sequence[str] | None = None, labels: str | None = None
) -> dict[str, Any]:
    """The same facts as `describe_diagnosis` tells, as plain values.

    Raises UsageError where `labels` is no column of labels.
    """
    from gmmdesk.analysis.comparing import Comparison, against_k_means, against_labels
    from gmmdesk.analysis.diagnosis import diagnose
    from gmmdesk.export.judgement import diagnosis_summary
    from gmmdesk.export.writers import default_names

    def plain(one: Comparison) -> dict[str, Any]:
        found = one.agreement
        return {
            "groups": list(one.groups),
            "table": found.table.tolist(),
            "adjusted_rand_index": found.adjusted_rand_index if found.tells else None,
        }

    check_labels(analysis, labels)
    told = diagnosis_summary(diagnose(analysis), names or default_names(analysis.n_clusters))
    told["k_means"] = plain(against_k_means(analysis))
    if labels is not None:
        told["labels"] = {"column": labels, **plain(against_labels(analysis, labels))}
    return told


def describe_diagnosis(
    analysis: Analysis, names: Sequence[str] | None = None, labels: str | None = None
) -> list[str]:
    """What was found, the outliers, and the clusters beside k-means and a column of `labels`.

    Clusters are called `names`, or by their numbers. Raises UsageError where `labels` is no column
    of labels.
    """
    from gmmdesk.analysis.comparing import against_k_means, against_labels, comparison_in_words
    from gmmdesk.analysis.diagnosis import diagnose
    from gmmdesk.analysis.diagnosis_words import odd_in_words, remarks
    from gmmdesk.analysis.grouping import part_names
    from gmmdesk.export.writers import default_names

    check_labels(analysis, labels)
    names = names or default_names(analysis.n_clusters)
    found, parts = diagnose(analysis), part_names(names, analysis.grouping)
    lines = ["", "Can it be trusted?"]
    for remark in remarks(found, names):
        lines.append(f"{remark.grade:{_GRADE}}{remark.text}")
        if remark.may_help:
            lines.append(f"{'':{_GRADE}}What may help: {'; '.join(remark.may_help)}")
    if found.odd_rows:
        lines += ["", "Rows unlike all others:"]
        for odd in found.odd_rows[:_MOST_ROWS]:
            lines.append(f"     {odd_in_words(odd, analysis.dataset, parts)}")
        if found.outliers.n > _MOST_ROWS:
            lines.append(f"     and {found.outliers.n - _MOST_ROWS:,} more")
    lines += ["", "Beside others:", *comparison_in_words(against_k_means(analysis), names)]
    if labels is not None:
        comparison = against_labels(analysis, labels)
        lines += ["", *comparison_in_words(comparison, names), ""]
        width = max(map(len, comparison.groups))
        head = " ".join(f"{name[:12]:>12}" for name in names)
        lines.append(f"     {'':{width}} {head}")
        for group, counts in zip(comparison.groups, comparison.agreement.table.T, strict=True):
            lines.append(f"     {group:{width}} " + " ".join(f"{n:12,}" for n in counts.tolist()))
    return lines
