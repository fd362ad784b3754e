"""The answer in plain words, as the window says it."""

from __future__ import annotations

from bisect import bisect_left

from gmmdesk.analysis import BIC_EVIDENCE, Analysis, lowest
from gmmdesk.export.words import held_out
from gmmdesk.ui.text import count

_NUMBER_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_SHAPE_WORDS = {
    "EII": "that are round and equally large",
    "VII": "that are round",
    "EEI": "aligned with the axes, of one shape and size",
    "VEI": "aligned with the axes, of one shape",
    "EVI": "aligned with the axes and equally large",
    "VVI": "aligned with the axes",
    "EEE": "of the same shape",
    "VEE": "of one shape and direction",
    "EVE": "of one direction and equally large",
    "VVE": "of one direction",
    "EEV": "of one shape and size",
    "VEV": "of one shape",
    "EVV": "of any shape and equally large",
    "VVV": "of any shape",
}
# Fewer rows than these, in all and for each estimated number, leave an answer to chance.
_FEWEST_ROWS = 20
_ROWS_PER_PARAMETER = 3
_HANDFUL = 5  # rows that are no group

# How well the runner-up describes the rows, by `BIC_EVIDENCE` against it.
_NEARLY = ("just as well", "almost as well", "nearly as well", "")

_OWN_UNITS = (
    "The steps leave no likelihood in the units of the file: compare it, and BIC, only between"
    " answers with the same steps."
)

CRITERION_TIP = (
    "BIC, ICL and AIC weigh how well the clusters describe the rows against how many numbers "
    "that takes; the lowest wins."
)


def answer_in_words(analysis: Analysis) -> str:
    """How many clusters, how that was decided, and whatever the user should know about it."""
    sentences = [_verdict(analysis)]
    settings, result = analysis.settings, analysis.result
    searched = settings.k_min < settings.k_max
    if searched and not analysis.stopped_early and analysis.n_clusters == settings.k_max:
        sentences.append("That is the largest number tried: allow more and look again.")
    if not analysis.stopped_early:
        told = f"{result.message} {analysis.trust.message}".strip()
        sentences.append(told.replace("Component", "Cluster").replace("component", "cluster"))
    sentences.append(_caution(analysis))
    if analysis.noise is not None:
        verb = "belongs" if analysis.noise.n_rows == 1 else "belong"
        sentences.append(f"{count(analysis.noise.n_rows, 'row')} {verb} to no cluster.")
    if analysis.prepared.n_incomplete:
        incomplete = count(analysis.prepared.n_incomplete, "row")
        sentences.append(
            f"{incomplete} with missing values took part through the values they have."
        )
    by_steps = sum(one.rows_before - one.rows_after for one in analysis.prepared.outcomes)
    if analysis.prepared.n_left_out > by_steps:
        left_out = count(analysis.prepared.n_left_out - by_steps, "row")
        why = {
            "leave-out": "a cell is missing or unreadable",
            "em": "no cell holds a value",
        }
        sentences.append(f"{left_out} left out: {why[settings.missing]}.")
    if by_steps:
        sentences.append(f"{count(by_steps, 'row')} left out by steps of the preparation.")
    sentences.append(held_out(analysis))
    if not analysis.prepared.keeps_density:
        sentences.append(_OWN_UNITS)
    return " ".join(sentence for sentence in sentences if sentence)


def _verdict(analysis: Analysis) -> str:
    k, settings = analysis.n_clusters, analysis.settings
    words = _NUMBER_WORDS[k] if k < len(_NUMBER_WORDS) else f"{k:,}"
    clusters = "cluster" if k == 1 else f"clusters {_SHAPE_WORDS[analysis.result.model]}"
    if analysis.stopped_early and len(analysis.candidates) > 1:
        tries = f"{len(analysis.candidates)} tries"
        return (
            f"Stopped early: {words.lower()} {clusters}, the best of {tries} until then. "
            "What was not tried may describe the rows better."
        )
    if analysis.stopped_early:
        return f"Stopped early at {words.lower()} {clusters}: the answer could still change."
    if settings.k_min == settings.k_max:
        return f"{words} {clusters}, as asked."
    preferred = analysis.preferred
    if preferred is not None and preferred != analysis.best:
        other = analysis.candidates[preferred]
        return (
            f"{words} {clusters}, as chosen. {settings.criterion.upper()} prefers"
            f" {count(other.n_components, 'cluster')} ({other.model})."
        )
    grounds = f"{settings.criterion.upper()}, {len(analysis.candidates)} tries"
    nearly = _runner_up(analysis)
    if k == 1:
        return f"One group describes these rows best ({grounds}): no separate clusters.{nearly}"
    return f"{words} {clusters} describe these rows best ({grounds}).{nearly}"


def _runner_up(analysis: Analysis) -> str:
    """The other number of clusters that is nearly as good, if there is one."""
    criterion, best = analysis.settings.criterion, analysis.candidates[analysis.best]
    others = [one for one in analysis.candidates if one.n_components != best.n_components]
    runner_up = lowest(others, criterion)
    if runner_up is None:
        return ""
    nearest = others[runner_up]
    difference = nearest.value(criterion) - best.value(criterion)
    how = _NEARLY[bisect_left(BIC_EVIDENCE, difference)]
    if not how:
        return ""
    k = nearest.n_components
    words = _NUMBER_WORDS[k] if k < len(_NUMBER_WORDS) else f"{k:,}"
    describe = "describes" if k == 1 else "describe"
    return f" {words} {describe} them {how} ({criterion.upper()} {difference:.1f} higher)."


def _caution(analysis: Analysis) -> str:
    n_rows, n_columns = analysis.result.n_rows, len(analysis.prepared.columns)
    if n_rows < _FEWEST_ROWS:
        return f"{count(n_rows, 'row')} are too few to tell groups from chance."
    if n_rows < _ROWS_PER_PARAMETER * analysis.result.n_parameters and analysis.n_clusters > 1:
        clusters, columns = count(analysis.n_clusters, "cluster"), count(n_columns, "column")
        return (
            f"{count(n_rows, 'row')} are few for {clusters} in {columns}: other rows might give"
            " other clusters. Fewer columns or a simpler shape make it surer."
        )
    smallest = int(analysis.sizes.argmin())
    n_smallest = int(analysis.sizes[smallest])
    if 0 < n_smallest <= _HANDFUL < n_rows / 10:
        has = f"Cluster {smallest + 1} has only {count(n_smallest, 'row')}"
        return f"{has}: look at them in the table, they may be mistakes."
    return ""
