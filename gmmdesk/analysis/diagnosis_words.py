"""What a diagnosis found, in sentences, with what may help: the same for window and print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmmdesk.analysis import remedies
from gmmdesk.analysis.bent_words import MEAN_LITTLE, bent_in_words, chains
from gmmdesk.analysis.diagnosis import Diagnosis
from gmmdesk.analysis.doubts import (
    doubt_in_words,
    doubt_remedies,
    fewer_components,
    gathered,
    named,
    shared_in_words,
    shared_remedies,
)
from gmmdesk.analysis.found_again import (
    NOT_LOOKED_FOR,
    ONE_CLUSTER,
    WHAT_UNSTABLE_MEANS,
    WITHOUT_START,
    few_agree_in_words,
    found_again,
    is_rare,
    is_unstable,
    only_if_there,
    parts_found_again,
    unstable_in_words,
)
from gmmdesk.analysis.grouping import part_names, parts_of
from gmmdesk.analysis.outliers import OddRow
from gmmdesk.analysis.overlaps import (
    MOST_PAIRS,
    MUCH,
    SOME,
    could_be,
    overlapping,
)
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.analysis.remark import Grade, Remark
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.shape_remarks import about_shapes
from gmmdesk.analysis.two_rules import overlap_in_words
from gmmdesk.analysis.verdict_remarks import about_choice, about_ending, about_gaps, about_periods
from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.row_names import row_called, rows_called
from gmmdesk.text import count, number, percent, sentence_case

_MOST_NAMED = 3  # outliers
_MANY_OUTLIERS = 3.0  # times as many as there should be


def remarks(found: Diagnosis, names: Sequence[str]) -> tuple[Remark, ...]:
    """Everything that was found, in the order in which it matters; clusters are called `names`."""
    parts = part_names(names, found.analysis.grouping)
    return (
        *about_ending(found),
        *_about_stability(found),
        *about_choice(found),
        *about_gaps(found, names),
        *about_periods(found),
        *_about_doubts(found, parts),
        *_about_bent(found, names),
        *about_shapes(found, parts),
        *_about_overlap(found, names),
        *_about_outliers(found, parts),
    )


# -- spurious clusters --------------------------------------------------------------------------


def _about_doubts(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    about = "Does any cluster rest on few rows, or one value?"
    if not found.doubts:
        text = "No cluster rests on too few rows or has collapsed onto a few of them."
        return [Remark(about, Grade.IN_ORDER, text)]
    remarks = []
    for own in gathered(found.doubts):
        first, *others = own
        clusters = tuple(one.cluster for one in own if one.cluster is not None)
        remarks.append(
            Remark(
                about,
                Grade.IN_DOUBT if first.is_grave else Grade.TO_NOTE,
                shared_in_words(own, named(clusters, names))
                if others
                else doubt_in_words(first, names),
                shared_remedies([doubt_remedies(found.analysis, one) for one in own]),
                np.unique(np.concatenate([one.rows for one in own])),
                components=clusters,
            )
        )
    return remarks


# -- stability ----------------------------------------------------------------------------------


def _about_stability(found: Diagnosis) -> list[Remark]:
    about = "Are the clusters found again?"
    analysis = found.analysis
    verdict = analysis.verdict.with_resamples(found.resampled)
    if verdict.is_unchecked:
        return [Remark(about, Grade.IN_DOUBT, NOT_LOOKED_FOR)]
    trust, halves = verdict.trust, verdict.resampled
    again, parts = found_again(trust, halves), ""
    without = WITHOUT_START * (verdict.chose_start and halves is not None)
    if verdict.is_combined:
        parts = parts_found_again(
            verdict.parts_trust, verdict.parts_resampled, verdict.n_components
        )
        parts = f" {sentence_case(parts)}." if parts else ""
    if not (again or parts) or analysis.result.n_components == 1:
        return []
    if verdict.n_clusters == 1:
        return [Remark(about, Grade.TO_NOTE, f"{ONE_CLUSTER}{parts}")]
    if is_unstable(halves):
        text = f"{unstable_in_words(trust, halves, 'the same clusters')}{without}"
        if not verdict.is_unstable:
            return [
                Remark(about, Grade.TO_NOTE, f"{text} The verdict does not rest on them.{parts}")
            ]
        text += f" {WHAT_UNSTABLE_MEANS}{parts}"
        return [Remark(about, Grade.IN_DOUBT, text, verdict.steadying)]
    told = f"{parts}{without}".strip()
    if again:
        told = f"The same clusters were found in {again}.{without}{parts}"
    told = f"{told} {few_agree_in_words(verdict.parts_trust)}".strip()
    if is_rare(verdict.parts_trust):
        more = (remedies.more_restarts(analysis.settings),)
        return [Remark(about, Grade.TO_NOTE, told, more)]
    return [Remark(about, Grade.IN_ORDER if again else Grade.TO_NOTE, told)]


# -- bands ---------------------------------------------------------------------------------------


def _about_bent(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    about = "Is this what Gaussian clusters can describe?"
    grouping = found.analysis.grouping
    told = bent_in_words(found.bent, grouping, names)
    if not told:
        return []
    along = chains(found.bent, grouping)
    if not along:
        text = (
            f"{told} The cluster as a whole means something, the number and borders of its parts do"
            " not; density-based clustering (HDBSCAN) should find it too."
        )
        return [Remark(about, Grade.TO_NOTE, text, density=True)]
    into = "them" if len(along) == 1 else "those along each band"
    tails = " Long tails of columns can do that too: straighten them first." * bool(found.advice)
    return [
        Remark(
            about,
            Grade.IN_DOUBT,
            f"{told} Each touches the next, while there are hardly any rows straight between"
            f" others. {MEAN_LITTLE}; look at density-based clustering (HDBSCAN) beside them, or"
            f" merge {into} into one cluster.{tails}",
            remedies.straighten([one.step for one in found.advice]),
            density=True,
            chains=along,
            components=tuple(k for group in along for k in group),
        )
    ]


# -- overlap ------------------------------------------------------------------------------------


def _about_overlap(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    about = "Could rows be in the wrong cluster?"
    if found.analysis.n_clusters < 2:
        return []
    K, grouping = len(names), found.analysis.grouping
    pairs = overlapping(found.overlap, K, SOME)
    much = [pair for pair in pairs if pair[0] >= MUCH]
    wrong = 1.0 - float(np.nansum(np.diagonal(found.overlap)[:K] * _label_shares(found)))
    overall = f"Of all rows about {percent(wrong)} are expected to be in the wrong cluster."
    overall = overall.replace("about <", "less than")
    if against := found.analysis.verdict.with_resamples(found.resampled).against_sureness:
        overall += f" {only_if_there(against)}"
    fewer = fewer_components(found.analysis)
    doubts = [
        Remark(
            about,
            Grade.IN_DOUBT,
            overlap_in_words(pair, names, found.analysis.verdict),
            fewer if i == len(much) else (),  # once, below all of them
            chains=(parts := parts_of(grouping, pair[1:]),),
            components=parts,
        )
        for i, pair in enumerate(much, start=1)
    ]
    some = [pair for pair in pairs if pair[0] < MUCH][:MOST_PAIRS]
    if not pairs:
        told = f"No cluster shares {100 * SOME:g} % of its rows or more with another. {overall}"
        return [Remark(about, Grade.IN_ORDER, told)]
    told = " ".join(f"{could_be(pair, names)}." for pair in some)
    return [*doubts, Remark(about, Grade.TO_NOTE, f"{told} {overall}".strip())]


def _label_shares(found: Diagnosis) -> FloatArray:
    sizes = found.analysis.sizes
    return np.asarray(sizes / max(int(sizes.sum()), 1))


# -- outliers -----------------------------------------------------------------------------------


_UNLIKE = "Are there rows unlike all others?"


def _about_outliers(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    rare = found.outliers
    expected = number(rare.n_expected, 2) if rare.n_expected < 9.5 else f"{rare.n_expected:,.0f}"
    most = f"{100 - 100 * rare.level:g} % of that cluster's rows should"
    hidden = _odd_clusters(found, names)
    if not rare.n:
        text = f"No row lies farther from its cluster than {most} (an outlier)."
        if found.analysis.verdict.together:
            text += " But clusters that are parts of a group take in the rows far out in it, too."
            return hidden or [Remark(_UNLIKE, Grade.TO_NOTE, text)]
        return hidden or [Remark(_UNLIKE, Grade.IN_ORDER, text)]
    verb = "lies" if rare.n == 1 else "lie"
    text = (
        f"{count(rare.n, 'row')} of {rare.n_rows:,} {verb} farther from"
        f" {'its' if rare.n == 1 else 'their'} cluster than {most} (outliers); by chance about"
        f" {expected} would."
    )
    dataset = found.analysis.dataset
    farthest = rows_called(dataset, rare.rows[:_MOST_NAMED])
    text += f" {'It is' if rare.n == 1 else 'The farthest out:'} {farthest}."
    many = rare.n > _MANY_OUTLIERS * rare.n_expected and rare.n > 1
    if hidden and not many:
        return hidden  # as many as chance would give are no answer beside these
    offered = []
    if many and not found.analysis.settings.noise:
        offered.append(remedies.allow_noise())
    if rare.n <= remedies.MOST_ROWS and rare.n < len(found.analysis.prepared.rows) // 2:
        offered.append(remedies.leave_out_rows(dataset, rare.rows, "unlike all others"))
    grade = Grade.TO_NOTE if many else Grade.IN_ORDER
    return [*hidden, Remark(_UNLIKE, grade, text, tuple(offered), rare.rows)]


def _odd_clusters(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    """Small clusters of odd rows, most of which are no outliers only because they are a cluster.

    Not of those that are a part of something larger: it leads to their rows without a gap.
    """
    doubts = {one.cluster: one for one in found.doubts if one.is_grave}
    dataset, verdict, remarks = found.analysis.dataset, found.analysis.verdict, []
    for one in found.odd_clusters:
        if verdict.is_part(one.component):
            continue
        n, doubt = len(one.rows), doubts.get(one.component)
        called = rows_called(dataset, one.rows)
        holds = f"{names[one.component]} holds {count(n, 'row')} ({called})"
        n_outliers = int(np.isin(one.rows, found.outliers.rows).sum())
        counted = f"{n_outliers:,} of them are outliers"
        if n_outliers < 2:
            counted = f"{'one' if n_outliers else 'none'} of them is an outlier"
        offered: list[Remedy] = []
        if not found.analysis.settings.noise:
            offered.append(remedies.allow_noise())
        if n <= remedies.MOST_ROWS:
            offered.append(remedies.leave_out_rows(dataset, one.rows, "a cluster of its own"))
        remarks.append(
            Remark(
                _UNLIKE,
                Grade.TO_NOTE if doubt is None else Grade.IN_DOUBT,
                f"{holds} unlike those of all other clusters: a small group, or rows that are odd."
                f" By its own spread {counted}: look at them in the table.",
                tuple(offered),
                one.rows,
                components=(one.component,),
            )
        )
    return remarks


def odd_in_words(odd: OddRow, dataset: Dataset, names: Sequence[str]) -> str:
    """What makes a row of a table odd; `names` (K,) are those of the components (`part_names`)."""
    told = "; ".join(
        f"{one.column} = {number(one.value)} ({one.word};"
        f" {names[odd.cluster]} mostly {number(one.low)} to {number(one.high)})"
        for one in odd.columns
    )
    called = row_called(dataset, odd.row)
    return f"{sentence_case(called)}: {told}"


def cluster_name(cluster: int, names: Sequence[str]) -> str:
    """The name of a cluster (0-based), or what rows of none are called."""
    return names[cluster] if 0 <= cluster < len(names) else NO_NAME
