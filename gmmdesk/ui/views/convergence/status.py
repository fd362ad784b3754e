"""The line above the curve: how far the fit is, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.engine import FitProgress, StopReason
from gmmdesk.ui import text
from gmmdesk.ui.document import Document
from gmmdesk.ui.timeline import Timeline

_LEAST_GAIN = 0.005  # nats, of all rows: two decimals of the log-likelihood are shown

_ENDINGS = {
    StopReason.CONVERGED: "Converged after {iterations}",
    StopReason.MAX_ITERATIONS: "Not converged: stopped at the limit of {most}",
    StopReason.STOPPED: "Stopped early, after {iterations}",
    StopReason.COLLAPSED: "A cluster collapsed after {iterations}; the last sound state is shown",
}


def running_lines(document: Document, progress: AnalysisProgress | None) -> list[str]:
    """How far the fit is, in full and ever shorter; `progress` is what the curve ends with."""
    elapsed = text.duration(document.elapsed())
    if progress is None:
        return [f"Starting · {elapsed}"]
    fit = progress.fit
    where = [f"Iteration {fit.iteration}"]
    if progress.n_candidates > 1:
        clusters = text.count(progress.n_components, "cluster")
        where.insert(0, f"{progress.model}, {clusters}")
    if document.is_replaying:
        where.insert(0, "Replay")
    likely = f"log-likelihood {_nats(fit.log_likelihood)}"
    detail = [_gain_in_words(fit)] if math.isfinite(fit.gain) else []
    return _shortened((*where, likely), detail, [elapsed])


def final_lines(document: Document, n_before: int) -> list[str]:
    """What came of the fit, in full and ever shorter.

    It had `n_before` iterations on a sample of the rows, before those on all.
    """
    analysis = document.analysis
    if analysis is None:
        return [""]
    moment = document.timeline.clusters
    if moment is not None:
        return _moment_lines(document.timeline, moment)
    result = analysis.result
    iterations = text.count(n_before + result.n_iterations, "iteration")
    if n_before:
        iterations += f" ({result.n_iterations:,} on all rows)"
    most = text.count(analysis.settings.max_iter, "iteration")
    ending = _ENDINGS[result.ending].format(iterations=iterations, most=most)
    if analysis.stopped_early and result.ending is not StopReason.STOPPED:
        ending = f"Search stopped early · {ending}"
    likely = f"log-likelihood {_nats(result.log_likelihood)}"
    lines = _shortened((ending, likely), [], [text.duration(document.elapsed())])
    return list(dict.fromkeys((*lines, ending.partition(";")[0])))


def _moment_lines(timeline: Timeline, moment: AnalysisProgress) -> list[str]:
    fit = moment.scaled
    step = f"Step {(timeline.position + 1) // 2 + 1} of {len(timeline.trail)}"
    likely = f"log-likelihood {_nats(moment.log_likelihood)}"
    estimated = f"estimated from {text.count(fit.n_sampled, 'row')}"
    return _shortened((step, likely), [estimated] * (fit.n_sampled < fit.n_rows), [])


def _shortened(parts: Sequence[str], detail: Sequence[str], elapsed: Sequence[str]) -> list[str]:
    """All of it in a line, then ever less: without the detail, the time, the last of the parts."""
    lines = ((*parts, *detail, *elapsed), (*parts, *elapsed), parts, parts[:-1])
    return list(dict.fromkeys(" · ".join(line) for line in lines))


def _nats(value: float) -> str:
    return text.fixed(value, 2)


def _gain_in_words(fit: FitProgress) -> str:
    """What an iteration added; nothing where the log-likelihood beside it looks the same."""
    if abs(fit.gain) * fit.n_rows < _LEAST_GAIN:
        return "no gain"
    return f"gain {_small(fit.gain)} per row"


def _small(value: float) -> str:
    return f"{value:.1e}".replace("-", "−")
