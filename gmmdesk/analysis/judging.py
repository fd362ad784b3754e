"""The verdict on an answer: its grounds, gathered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gmmdesk.analysis.axes import name_of
from gmmdesk.analysis.candidates import Candidate, lowest
from gmmdesk.analysis.doubts import doubt_remedies, stray_components
from gmmdesk.analysis.found_again import steadying
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.labels import agreeing_labels
from gmmdesk.analysis.overlaps import Overlap, overlapping
from gmmdesk.analysis.periods import period_columns
from gmmdesk.analysis.remedies import Remedy, leave_out_columns, straighten
from gmmdesk.analysis.verdict import Choice, Claim, Doubted, Verdict
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.steps.advice import advise
from gmmdesk.engine import StopReason, groups_of, humped_columns, merge_path, unsure_groups
from gmmdesk.engine.judging.bent import Bent, bent_groups

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

_FEWEST_FOR_A_BEND = 3  # components: see `MergePath.proposed`


def judge(analysis: Analysis, check: Callable[[], object] = bool) -> Verdict:
    """The verdict on `analysis`, without halves: looks at some of its rows, fits nothing.

    `check` is called now and then and may raise.
    """
    if analysis.grouping is not None:
        found = analysis.uncombined.verdict
        joined = _joined(found.groups, analysis.grouping.of)
        return replace(
            found,
            groups=joined,
            sizes=tuple(analysis.sizes.tolist()),
            grouping=analysis.grouping,
            doubts=_doubted(analysis),
            stray=_stray(analysis),
            steadying=steadying(analysis, found.straightening),
            overlapped=bool(found.together),
            overlaps=_overlaps(analysis),
            across=merged_across(found, analysis.grouping),
            labelled=agreeing_labels(analysis, check),
            unsure=_still_unsure(found, joined, analysis.grouping.of),
        )
    settings, candidates = analysis.settings, analysis.candidates
    answer = candidates[analysis.best]
    k, criterion = answer.n_components, settings.criterion
    others = [one for one in candidates if one.n_components != k]
    preferred = analysis.preferred
    rival, rival_difference = _closest(others, answer, criterion)
    alike = [one for one in candidates if one.n_components == k and one is not answer]
    other_shape, shape_difference = _closest(alike, answer, criterion)
    singles = [one for one in others if one.n_components == 1]
    single = lowest(singles, "bic")
    choice = Choice.SEARCHED
    if analysis.stopped_early:
        choice = Choice.STOPPED
    elif preferred is not None and preferred != analysis.best:
        choice = Choice.CHOSEN
    elif settings.k_min == settings.k_max:
        choice = Choice.STARTED if settings.chose_start else Choice.ASKED
    at_end = ""
    if choice is Choice.SEARCHED:
        at_end = "upper" if k == settings.k_max else "lower" if k == settings.k_min > 1 else ""
    groups = groups_of(analysis.scaled, analysis.prepared.fitted())
    tailed: tuple[str, ...] = ()
    straightening: tuple[Remedy, ...] = ()
    unsure = unsure_groups(analysis.scaled, analysis.prepared.fitted(), groups)
    if len(set(groups.tolist())) < k or len(unsure):  # else they are apart whatever their tails
        advice = advise(analysis.dataset, analysis.prepared)
        tailed = tuple(name for one in advice for name in one.columns)
        straightening = straighten([one.step for one in advice])
    periods, inputs = period_columns(analysis), analysis.prepared.preparation.inputs
    timeless = [leave_out_columns([name], inputs) for name in periods if len(inputs) > 1]
    bend_of = _bend(analysis, groups, check)
    found = Verdict(
        groups=tuple(groups.tolist()),
        sizes=tuple(analysis.sizes.tolist()),
        model=analysis.result.model,
        criterion=criterion,
        choice=choice,
        n_tried=len(candidates),
        n_starts=analysis.trust.n_starts,
        n_agreeing=analysis.trust.n_agreeing,
        rival=rival,
        rival_difference=rival_difference,
        other_shape=other_shape,
        shape_difference=shape_difference,
        single_difference=None if single is None else singles[single].bic - answer.bic,
        preferred=candidates[preferred]
        if choice is Choice.CHOSEN and preferred is not None
        else None,
        at_end=at_end,
        tailed=tailed,
        n_columns=len(analysis.prepared.columns),
        doubts=_doubted(analysis),
        stray=_stray(analysis),
        unsure=tuple(unsure.tolist()),
        straightening=straightening,
        periods=periods,
        timeless=tuple(timeless),
        unfinished=_unfinished(analysis),
        bend=len(set(bend_of)),
        bend_of=bend_of,
        humped=_humped(analysis, groups),
        bent=_bent(analysis, groups, check),
        overlaps=_overlaps(analysis),
        chose_start=settings.chose_start,
        labelled=agreeing_labels(analysis, check),
    )
    helping = steadying(analysis, found.straightening, are_apart=found.are_apart)
    return replace(found, steadying=helping)


def _closest(
    others: Sequence[Candidate], answer: Candidate, criterion: str
) -> tuple[Candidate | None, float | None]:
    """The best of others by a criterion, and how much higher that is than the answer's."""
    found = lowest(others, criterion)
    if found is None:
        return None, None
    return others[found], others[found].value(criterion) - answer.value(criterion)


def _bend(analysis: Analysis, groups: IntArray, check: Callable[[], object]) -> tuple[int, ...]:
    """The cluster of each component by overlap; looked at only where gaps set fewer groups apart.

    Empty where it comes to no number, as the curve of the entropy has no bend.
    """
    if len(set(groups.tolist())) == len(groups) or len(groups) < _FEWEST_FOR_A_BEND:
        return ()
    path = merge_path(analysis.scaled, analysis.prepared.fitted(), check)
    if path.overlapping and path.proposed == len(groups):
        return ()
    return tuple(path.groups(path.proposed).tolist())


def _bent(analysis: Analysis, groups: IntArray, check: Callable[[], object]) -> Bent:
    """The components that lie along bands; those with a gap between them do not touch."""
    stray = stray_components(analysis)
    alone = [-1 - k if k in stray else group for k, group in enumerate(groups.tolist())]
    return bent_groups(analysis.scaled, check, alone)


def _humped(analysis: Analysis, groups: IntArray) -> tuple[str, ...]:
    """The columns in which what has no gap looks like several humps all the same."""
    columns = humped_columns(analysis.scaled.parameters, groups).tolist()
    return tuple(dict.fromkeys(name_of(analysis.prepared, column) for column in columns))


def _unfinished(analysis: Analysis) -> int:
    # Those before a move of components count as iterations, but not toward the most of them.
    at_limit = analysis.result.ending is StopReason.MAX_ITERATIONS
    return analysis.settings.max_iter if at_limit else 0


def _overlaps(analysis: Analysis) -> tuple[Overlap, ...]:
    if analysis.n_clusters < 2:
        return ()
    return tuple(overlapping(analysis.overlap, analysis.n_clusters))


def _doubted(analysis: Analysis) -> tuple[Doubted, ...]:
    """The grave doubts about components, with what may help."""
    grave = (one for one in analysis.doubts if one.is_grave)
    return tuple(Doubted(one, doubt_remedies(analysis, one)) for one in grave)


def _stray(analysis: Analysis) -> tuple[int, ...]:
    """The clusters (0-based) of which every component is one of stray rows."""
    stray, grouping = stray_components(analysis.uncombined), analysis.grouping
    if grouping is None:
        return tuple(sorted(stray))
    every = range(grouping.n_clusters)
    return tuple(c for c in every if stray.issuperset(grouping.parts(c)))


def merged_across(found: Verdict, grouping: Grouping) -> tuple[int, ...]:
    """The clusters (0-based) with components that gaps set apart which are no chance, as was
    `found` of the components; rows that are no group make no gap.
    """
    if found.claim is Claim.NONE:
        return ()
    sure = {k: group for k, group in found.gathered.items() if group not in found.unsure}
    every = range(grouping.n_clusters)
    groups = [{sure[k] for k in grouping.parts(c) if k in sure} for c in every]
    return tuple(c for c in every if len(groups[c]) > 1)


def _still_unsure(found: Verdict, joined: Sequence[int], of: Sequence[int]) -> tuple[int, ...]:
    """The groups in `joined` (C,) of clusters, by component in `of` (K,), whose gap may be chance.

    Those of which each group of components was unsure in what was `found` of these.
    """
    parts: dict[int, set[int]] = {}
    for group, cluster in zip(found.groups, of, strict=True):
        parts.setdefault(joined[cluster], set()).add(group)
    return tuple(sorted(group for group, own in parts.items() if own <= set(found.unsure)))


def _joined(groups: Sequence[int], of: Sequence[int]) -> tuple[int, ...]:
    """The group of each cluster, where `groups` (K,) are those of components, `of` their clusters.

    Clusters are in one group where components of theirs are.
    """
    found = list(range(max(of) + 1))
    for group in set(groups):
        own = {found[cluster] for cluster, other in zip(of, groups, strict=True) if other == group}
        found = [min(own) if one in own else one for one in found]
    places = sorted(set(found))
    return tuple(places.index(one) for one in found)
