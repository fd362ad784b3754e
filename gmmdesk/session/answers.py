"""An answer as records and arrays, and back; nothing is believed that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

import msgspec
import numpy as np

from gmmdesk.analysis import Finding, NoiseRows, TrailStep
from gmmdesk.analysis.attempts import Attempt
from gmmdesk.analysis.described import Described
from gmmdesk.analysis.difference import Difference
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.dataset import FloatArray
from gmmdesk.engine import FitProgress, Noise, Parameters, Region
from gmmdesk.session import fits
from gmmdesk.session.answer import Answer, HistoryPoint
from gmmdesk.session.arrays import Array, ArrayShelf, UnsoundError
from gmmdesk.session.records import (
    AnswerRecord,
    AttemptRecord,
    DescribedRecord,
    DifferenceRecord,
    Event,
    NoiseRecord,
    TrailRecord,
    nan_or,
    number,
)

_MAX_ROWS = 2**53
_STEP_COUNTS = ("restart", "n_restarts", "iteration", "n_rows", "n_sampled", "n_done")


def to_record(answer: Answer) -> tuple[AnswerRecord, dict[str, Array]]:
    """The record of `answer`, and the arrays beside it."""
    finding = answer.finding
    tried, arrays = fits.to_records(finding.tried)
    arrays["sizes"], arrays["certainty"] = finding.sizes.astype("i8"), finding.certainty
    trail = finding.trail
    if trail:
        arrays |= _trail_arrays(trail)
    points = answer.history
    counts = [(one.candidate, one.restart, one.iteration, one.n_rows) for one in points]
    arrays["course"] = np.array(counts, "i8").reshape(-1, 4)
    arrays["course_log_likelihood"] = np.array([point.log_likelihood for point in points], "f8")
    record = AnswerRecord(
        settings=finding.settings,
        columns=finding.columns,
        tried=tried,
        best=finding.best,
        trust=finding.trust,
        noise=None
        if finding.noise is None
        else NoiseRecord(
            n_rows=finding.noise.n_rows,
            weight=finding.noise.weight,
            certainty=number(finding.noise.certainty),
        ),
        trail=None
        if not trail
        else TrailRecord(
            candidate=trail[0].candidate,
            model=trail[0].model,
            n_candidates=trail[0].n_candidates,
            noise=trail[0].scaled.compact.noise is not None,
            events=_events(trail),
        ),
        stopped_early=finding.stopped_early,
        after=finding.after,
        elapsed=answer.elapsed,
        names=tuple(sorted(answer.given_names.items())),
        colors=tuple(sorted(answer.given_colors.items())),
        combined=() if answer.grouping is None else answer.grouping.followed,
        signs=answer.signs,
        outlier_level=answer.outlier_level,
        suggested=answer.suggested,
        difference=None
        if answer.difference is None
        else DifferenceRecord(
            together=answer.difference.together,
            names=answer.difference.names,
            n_rows=answer.difference.n_rows,
            attempts=tuple(AttemptRecord(**asdict(one)) for one in answer.difference.attempts),
            described=None
            if answer.difference.described is None
            else DescribedRecord(**asdict(answer.difference.described)),
        ),
    )
    return record, arrays


def from_record(record: AnswerRecord, shelf: ArrayShelf) -> Answer:
    """The answer again; raises UnsoundError where record and arrays do not fit together."""
    d = len(record.columns)
    tried = fits.from_records(record.tried, d, shelf)
    best = tried[record.best].result if record.best < len(tried) else None
    if best is None:
        raise UnsoundError("the chosen candidate is none that was fitted")
    K = best.n_components
    for indices in (record.trust.few_rows, record.trust.flat):
        fits.check_components(indices, K)
    if (best.noise is None) != (record.noise is None):
        raise UnsoundError("what it says about noise is contradictory")
    finding = Finding(
        settings=record.settings,
        columns=record.columns,
        tried=tried,
        best=record.best,
        sizes=shelf.take_indices("sizes", _MAX_ROWS, K),
        certainty=shelf.take("certainty", "f8", K, finite=False),
        trust=record.trust,
        trail=() if record.trail is None else _trail(record.trail, K, d, shelf),
        stopped_early=record.stopped_early,
        after=record.after,
        noise=None
        if record.noise is None
        else NoiseRows(record.noise.n_rows, record.noise.weight, nan_or(record.noise.certainty)),
    )
    course = shelf.take_indices("course", _MAX_ROWS, None, 4)
    likelihoods = shelf.take("course_log_likelihood", "f8", len(course), finite=False)
    history = [
        HistoryPoint(candidate, restart, iteration, log_likelihood, n_rows)
        for (candidate, restart, iteration, n_rows), log_likelihood in zip(
            course.tolist(), likelihoods.tolist(), strict=True
        )
    ]
    for given, what in ((record.names, "names"), (record.colors, "colours")):
        if len({index for index, _ in given}) < len(given):
            raise UnsoundError(f"a cluster has two {what}")
    answer = Answer(
        finding,
        history,
        record.elapsed,
        dict(record.names),
        dict(record.colors),
        grouping_of(record.combined, best.weights),
        record.signs,
        record.outlier_level,
        None if record.difference is None else _difference(record.difference, K),
        record.suggested,
    )
    check_given(answer)
    return answer


def _difference(record: DifferenceRecord, K: int) -> Difference:
    widths = {len(counts) for counts in record.together}
    if len(record.together) != K or widths != {len(record.names)}:
        raise UnsoundError("it is contradictory how it differs from the answer before")
    attempts = tuple(Attempt(**msgspec.structs.asdict(one)) for one in record.attempts)
    if any(one.n_same > one.n_halves for one in attempts):
        raise UnsoundError("it is contradictory how steady the answers before were")
    described = record.described
    return Difference(
        record.together,
        record.names,
        record.n_rows,
        attempts,
        None if described is None else Described(**msgspec.structs.asdict(described)),
    )


def grouping_of(followed: Sequence[int], weights: FloatArray) -> Grouping | None:
    """How components (K,) are combined, where each goes by the one that it follows.

    Raises UnsoundError where this is none.
    """
    if not followed:
        return None
    fits.check_components(followed, len(weights))
    if len(followed) != len(weights) or any(followed[lead] != lead for lead in followed):
        raise UnsoundError("it is contradictory which components are one cluster")
    return Grouping.led(followed, weights)


def check_given(answer: Answer) -> None:
    """Raise UnsoundError for names, colours and signs of clusters that cannot be."""
    K = answer.finding.scaled.n_components
    for given in (answer.given_names, answer.given_colors):
        fits.check_components(list(given), K)
    if answer.signs and (len(answer.signs) != K or len(set(answer.signs)) < K):
        raise UnsoundError("it is contradictory which colours the clusters have")
    if len(set(answer.names())) < (K if answer.grouping is None else answer.grouping.n_clusters):
        raise UnsoundError("two clusters have the same name")


# --- the trail ---------------------------------------------------------------------------------


def _events(trail: Sequence[TrailStep]) -> tuple[Event, ...]:
    """What led to each step beside iterations; nothing where nothing did."""
    events = cast(tuple[Event, ...], tuple(step.scaled.event for step in trail))
    return events if any(events) else ()


def _trail_arrays(trail: Sequence[TrailStep]) -> dict[str, Array]:
    progress = [step.scaled for step in trail]
    parameters = [one.compact for one in progress]
    arrays = {
        "trail_order": np.array([step.order for step in trail], "i8"),
        "trail_counts": np.array(
            [
                [getattr(one, name) for name in _STEP_COUNTS[:-1]] + [step.n_done]
                for one, step in zip(progress, trail, strict=True)
            ],
            "i8",
        ),
        "trail_numbers": np.array(
            [(one.log_likelihood, one.gain, one.size) for one in progress], "f8"
        ),
        "trail_weights": np.array([one.weights for one in parameters]),
        "trail_means": np.array([one.means for one in parameters]),
        "trail_covariances": np.array([one.covariances for one in parameters]),
    }
    if progress[0].cells is not None:
        arrays["trail_cells"] = np.array([one.cells for one in progress], "f8")
    noises = [one.noise for one in parameters if one.noise is not None]
    if noises:
        arrays["trail_noise_weight"] = np.array([noise.weight for noise in noises], "f8")
        arrays["trail_noise_origin"] = np.array([noise.region.origin for noise in noises])
        arrays["trail_noise_edges"] = np.array([noise.region.edges for noise in noises])
    return arrays


def _trail(record: TrailRecord, K: int, d: int, shelf: ArrayShelf) -> tuple[TrailStep, ...]:
    order = shelf.take_indices("trail_order", K, None, K)
    S = len(order)
    if (np.sort(order, axis=1) != np.arange(K)).any():
        raise UnsoundError("the order of the clusters is none")
    counts = shelf.take_indices("trail_counts", _MAX_ROWS, S, len(_STEP_COUNTS)).tolist()
    numbers = shelf.take("trail_numbers", "f8", S, 3, finite=False).tolist()
    weights = shelf.take("trail_weights", "f8", S, K)
    means = shelf.take("trail_means", "f8", S, K, d)
    try:
        covariances = shelf.take("trail_covariances", "f8", S, K, d, d)
        variances = np.einsum("skjj->skj", covariances)
    except UnsoundError:
        covariances = variances = shelf.take("trail_covariances", "f8", S, K, d)
    if not (variances > 0).all() or (weights < 0).any():
        raise UnsoundError("the trail holds a cluster that is none")
    cells = shelf.take("trail_cells", "f8", S, d) if "trail_cells" in shelf else None
    noises: list[Noise | None] = [None] * S
    if record.noise:
        shares = shelf.take("trail_noise_weight", "f8", S).tolist()
        origins = shelf.take("trail_noise_origin", "f8", S, d)
        edges = shelf.take("trail_noise_edges", "f8", S, d, d)
        noises = [Noise(w, Region(*box)) for w, *box in zip(shares, origins, edges, strict=True)]
    events = record.events or ("",) * S
    if len(events) != S:
        raise UnsoundError("it is contradictory how many iterations there were")
    steps = []
    for s in range(S):
        named = dict(zip(_STEP_COUNTS, counts[s], strict=True))
        n_done = named.pop("n_done")
        log_likelihood, gain, size = numbers[s]
        steps.append(
            TrailStep(
                candidate=record.candidate,
                model=record.model,
                n_components=K,
                scaled=FitProgress(
                    **named,
                    log_likelihood=log_likelihood,
                    gain=gain,
                    size=size,
                    compact=Parameters(weights[s], means[s], covariances[s], noises[s]),
                    cells=None if cells is None else cells[s],
                    event=events[s],
                ),
                order=order[s],
                n_done=n_done,
                n_candidates=record.n_candidates,
            )
        )
    return tuple(steps)
