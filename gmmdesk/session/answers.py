"""An answer as records and arrays, and back; nothing is believed that was read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmmdesk.analysis import Candidate, Finding, NoiseRows, TrailStep
from gmmdesk.engine import FitProgress, FitResult, Noise, Parameters, Region
from gmmdesk.engine.covariance import MODELS
from gmmdesk.engine.result import Collapse
from gmmdesk.session.answer import Answer, HistoryPoint
from gmmdesk.session.arrays import Array, ArrayShelf, UnsoundError
from gmmdesk.session.records import (
    AnswerRecord,
    CandidateRecord,
    FitRecord,
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
    arrays = _fit_arrays(finding.scaled)
    arrays["sizes"], arrays["certainty"] = finding.sizes.astype("i8"), finding.certainty
    trail = finding.trail
    if trail:
        arrays |= _trail_arrays(trail)
    points = answer.history
    arrays["course"] = np.array([point[:3] for point in points], "i4").reshape(-1, 3)
    arrays["course_log_likelihood"] = np.array([point.log_likelihood for point in points], "f8")
    record = AnswerRecord(
        settings=finding.settings,
        columns=finding.columns,
        fit=_fit_record(finding.scaled),
        candidates=tuple(map(_candidate_record, finding.candidates)),
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
        ),
        stopped_early=finding.stopped_early,
        elapsed=answer.elapsed,
        names=tuple(sorted(answer.given_names.items())),
        colors=tuple(sorted(answer.given_colors.items())),
    )
    return record, arrays


def from_record(record: AnswerRecord, shelf: ArrayShelf) -> Answer:
    """The answer again; raises UnsoundError where record and arrays do not fit together."""
    scaled = _fit(record.fit, len(record.columns), shelf)
    K, d = scaled.means.shape
    if record.best >= len(record.candidates):
        raise UnsoundError("the chosen candidate is none of the list")
    for indices in (record.trust.few_rows, record.trust.flat):
        _check_components(indices, K)
    for given, what in ((record.names, "names"), (record.colors, "colours")):
        named = [index for index, _ in given]
        _check_components(named, K)
        if len(set(named)) < len(named):
            raise UnsoundError(f"a cluster has two {what}")
    if (record.fit.noise_weight is None) != (record.noise is None):
        raise UnsoundError("what it says about noise is contradictory")
    finding = Finding(
        settings=record.settings,
        columns=record.columns,
        scaled=scaled,
        candidates=tuple(map(_candidate, record.candidates)),
        best=record.best,
        sizes=shelf.take_indices("sizes", _MAX_ROWS, K),
        certainty=shelf.take("certainty", "f8", K, finite=False),
        trust=record.trust,
        trail=() if record.trail is None else _trail(record.trail, K, d, shelf),
        stopped_early=record.stopped_early,
        noise=None
        if record.noise is None
        else NoiseRows(record.noise.n_rows, record.noise.weight, nan_or(record.noise.certainty)),
    )
    course = shelf.take("course", "i4", None, 3)
    likelihoods = shelf.take("course_log_likelihood", "f8", len(course), finite=False)
    history = [
        HistoryPoint(candidate, restart, iteration, log_likelihood)
        for (candidate, restart, iteration), log_likelihood in zip(
            course.tolist(), likelihoods.tolist(), strict=True
        )
    ]
    answer = Answer(finding, history, record.elapsed, dict(record.names), dict(record.colors))
    if len(set(answer.names())) < K:
        raise UnsoundError("two clusters have the same name")
    return answer


# --- the fit -----------------------------------------------------------------------------------


def _fit_record(fit: FitResult) -> FitRecord:
    return FitRecord(
        model=fit.model,
        log_likelihood=float(fit.log_likelihood),
        log_certainty=float(fit.log_certainty),
        n_parameters=int(fit.n_parameters),
        n_rows=int(fit.n_rows),
        ending=fit.ending,
        n_sampled=int(fit.n_sampled),
        size=float(fit.size),
        regularization=fit.regularization,
        mended=tuple(map(int, fit.mended)),
        collapsed=None if fit.collapse is None else int(fit.collapse.component),
        collapse_kept=fit.collapse is not None and fit.collapse.kept,
        missing=fit.missing,
        noise_weight=None if fit.noise is None else float(fit.noise.weight),
    )


def _fit_arrays(fit: FitResult) -> dict[str, Array]:
    parameters = fit.parameters
    arrays: dict[str, Array | None] = {
        "weights": parameters.weights,
        "means": parameters.means,
        "covariances": parameters.covariances,
        "history": fit.history,
        "cells": fit.cells,
        "collapse_rows": None if fit.collapse is None else fit.collapse.rows.astype("i8"),
        "guarded": None if fit.guarded is None else fit.guarded.astype("i8"),
    }
    if parameters.noise is not None:
        region = parameters.noise.region
        arrays |= {"noise_origin": region.origin, "noise_edges": region.edges}
    return {name: array for name, array in arrays.items() if array is not None}


def _fit(record: FitRecord, d: int, shelf: ArrayShelf) -> FitResult:
    if record.model not in MODELS:
        raise UnsoundError(f"there is no model {record.model}")
    weights = shelf.take("weights", "f8", None)
    K = len(weights)
    noise = None
    if record.noise_weight is not None:
        origin, edges = shelf.take("noise_origin", "f8", d), shelf.take("noise_edges", "f8", d, d)
        noise = Noise(record.noise_weight, Region(origin, edges))
        if not np.isfinite(noise.log_density):
            raise UnsoundError("the region of the noise has no volume")
    if not K or (weights < 0).any() or abs(weights.sum() + (record.noise_weight or 0) - 1) > 1e-6:
        raise UnsoundError("the weights do not add up to 1")
    covariances = shelf.take("covariances", "f8", K, d, d)
    _check_covariances(covariances)
    _check_components((*record.mended, *_some(record.collapsed)), K)
    collapse = None
    if record.collapsed is not None:
        rows = shelf.take_indices("collapse_rows", record.n_rows, None)
        collapse = Collapse(record.collapsed, rows, record.collapse_kept)
    guarded = None
    if "guarded" in shelf:
        guarded = shelf.take_indices("guarded", record.n_rows, None)
    return FitResult(
        model=record.model,
        parameters=Parameters(weights, shelf.take("means", "f8", K, d), covariances, noise),
        log_likelihood=record.log_likelihood,
        log_certainty=record.log_certainty,
        n_parameters=record.n_parameters,
        n_rows=record.n_rows,
        history=shelf.take("history", "f8", None),
        ending=record.ending,
        n_sampled=record.n_sampled,
        size=record.size,
        regularization=record.regularization,
        mended=record.mended,
        collapse=collapse,
        guarded=guarded,
        missing=record.missing,
        cells=shelf.take("cells", "f8", d) if "cells" in shelf else None,
    )


def _check_covariances(covariances: Array) -> None:
    for k, covariance in enumerate(covariances, start=1):
        spread = np.sqrt(np.abs(np.diag(covariance)))
        flaw = UnsoundError(f"the covariance of cluster {k} is not positive definite")
        if not (spread > 0).all():
            raise flaw
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            correlation = covariance / spread / spread[:, None]
        if not np.allclose(correlation, correlation.T, rtol=0, atol=1e-9):
            raise flaw
        try:
            np.linalg.cholesky(correlation)
        except np.linalg.LinAlgError:
            raise flaw from None


def _check_components(indices: Sequence[int], K: int) -> None:
    if not all(0 <= index < K for index in indices):
        raise UnsoundError("a cluster is named that is not there")


def _some(index: int | None) -> tuple[int, ...]:
    return () if index is None else (index,)


# --- candidates and trail ----------------------------------------------------------------------


def _candidate_record(candidate: Candidate) -> CandidateRecord:
    return CandidateRecord(
        model=candidate.model,
        n_components=candidate.n_components,
        log_likelihood=number(candidate.log_likelihood),
        n_parameters=candidate.n_parameters,
        bic=number(candidate.bic),
        icl=number(candidate.icl),
        aic=number(candidate.aic),
        status=candidate.status,
        sound=candidate.sound,
    )


def _candidate(record: CandidateRecord) -> Candidate:
    return Candidate(
        model=record.model,
        n_components=record.n_components,
        log_likelihood=nan_or(record.log_likelihood),
        n_parameters=record.n_parameters,
        bic=nan_or(record.bic),
        icl=nan_or(record.icl),
        aic=nan_or(record.aic),
        status=record.status,
        sound=record.sound,
    )


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
                ),
                order=order[s],
                n_done=n_done,
                n_candidates=record.n_candidates,
            )
        )
    return tuple(steps)
