"""The answer in plain words: those of the window and of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.grouping import about_clusters
from gmmdesk.analysis.shape_words import with_all_well, with_shapes
from gmmdesk.analysis.verdict_words import AnswerWords, Ground, verdict_in_words
from gmmdesk.data.dataset import IntArray
from gmmdesk.engine import Resampled
from gmmdesk.engine.judging.shape import Shape
from gmmdesk.engine.rows.memberships import NOISE, belongs
from gmmdesk.export.words import held_out
from gmmdesk.text import count

# Fewer rows than these, in all and for each estimated number, leave an answer to chance.
_FEWEST_ROWS = 20
_ROWS_PER_PARAMETER = 3

_OWN_UNITS = (
    "The steps leave no likelihood in the units of the file: compare it, and BIC, only between"
    " answers with the same steps."
)


def answer_of(
    analysis: Analysis,
    names: Sequence[str] = (),
    resampled: Resampled | None = None,
    shapes: Sequence[Shape] = (),
    *,
    is_being_checked: bool = False,
) -> AnswerWords:
    """How many clusters, how that was decided, and whatever the user should know about it.

    Clusters are called `names` (K,), or by their numbers; `shapes` are those of its components,
    where they are known. While the clusters are looked for in halves of the rows, as
    `is_being_checked` or the analysis says, the headline is what is known so far.
    """
    settings = analysis.settings
    verdict = analysis.verdict.with_resamples(resampled)
    if is_being_checked:
        verdict = replace(verdict, is_being_checked=True)
    told = with_shapes(verdict_in_words(verdict, names), verdict, shapes, names)
    caution = "" if verdict.is_unstable else _caution(analysis)
    doubts = [Ground(caution, is_doubt=True)] if caution else []
    sentences = [_guarded(analysis)]
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
    if analysis.known is not None:
        sentences.append(_known(analysis.known))
    if settings.start is not None:
        sentences.append(f"The fit started from {settings.start.said}.")
    if not analysis.prepared.keeps_density:
        sentences.append(_OWN_UNITS)
    against = [one for one in told.grounds if one.is_doubt]
    more = (Ground(sentence) for sentence in sentences if sentence)
    grounds = (*against, *doubts, *told.grounds[len(against) :], *more)
    return AnswerWords(told.headline, with_all_well(grounds, verdict, shapes))


def _guarded(analysis: Analysis) -> str:
    """What kept the fit from collapse; where it did, or has not converged, the verdict doubts."""
    guarded = next((one for one in analysis.doubts if one.kind == "guarded"), None)
    if analysis.stopped_early or guarded is None:
        return ""
    told = about_clusters(analysis.as_told.guard_message, analysis.grouping)
    single = guarded.single
    shared = "" if single is None else f" All of these rows have {single.column} = {single.text}."
    return f"{told}{shared}"


def _known(known: IntArray) -> str:
    """How many rows were told where they belong, or where not."""
    told, kept_out = int(belongs(known).sum()), int((known < NOISE).sum())
    parts = [
        f"{count(told, 'row')} stayed where {'it is' if told == 1 else 'they are'} known to belong"
    ] * bool(told)
    parts += [
        f"{count(kept_out, 'row')} {'was' if kept_out == 1 else 'were'} kept out of clusters"
        f" that {'it' if kept_out == 1 else 'they'} cannot belong to"
    ] * bool(kept_out)
    return f"{'; '.join(parts)}." if parts else ""


def _caution(analysis: Analysis) -> str:
    n_rows, n_columns = analysis.result.n_rows, len(analysis.prepared.columns)
    if n_rows < _FEWEST_ROWS:
        return f"{count(n_rows, 'row')} are too few to tell groups from chance."
    n_components = analysis.result.n_components
    if n_rows < _ROWS_PER_PARAMETER * analysis.result.n_parameters and n_components > 1:
        noun = "cluster" if analysis.grouping is None else "component"
        clusters, columns = count(n_components, noun), count(n_columns, "column")
        return (
            f"{count(n_rows, 'row')} are few for {clusters} in {columns}: other rows might give"
            " other clusters. Fewer columns or a simpler shape make it surer."
        )
    return ""
