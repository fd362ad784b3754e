"""The iterations of runs as curves: which points belong together, and where they are seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.session.answer import HistoryPoint

_SETTLING = 0.1  # of the iterations: the first ones, which may leave the plot at its lower edge
_SQUASHED = 10.0  # times: they leave it only if they would squash the rest so much
_MOST_POINTS = 2_000  # of a curve: more than there are pixels


def worth_seeing(*curves: np.ndarray) -> tuple[float, float]:
    """Least and greatest of curves, without their first iterations if these would squash the rest.

    Each has one value at least.
    """
    n_first = int(_SETTLING * sum(map(len, curves))) + 1
    settled = (one[min(n_first, len(one) - 1) :] for one in curves)
    least, high = min(float(one.min()) for one in curves), max(float(one.max()) for one in curves)
    low = min(float(one.min()) for one in settled)
    return (least if high - least <= _SQUASHED * (high - low) else low), high


def joined(curves: Sequence[Sequence[HistoryPoint]]) -> tuple[np.ndarray, np.ndarray]:
    """Several curves as one with gaps (nan) between them, painted in one go; long ones thinned."""
    x: list[float] = []
    y: list[float] = []
    for whole in curves:
        curve = [*whole[: -1 : 1 + len(whole) // _MOST_POINTS], *whole[-1:]]
        x += [float(point.iteration) for point in curve]
        y += [point.log_likelihood for point in curve]
        x.append(math.nan)
        y.append(math.nan)
    return np.array(x[:-1]), np.array(y[:-1])


def segments(trail: Sequence[AnalysisProgress]) -> list[list[HistoryPoint]]:
    """The points of a trail on one axis, those computed from other rows apart; at least one."""
    found: list[list[HistoryPoint]] = [[]]
    offset = 0
    for one in trail:
        fit = one.scaled
        if found[-1] and found[-1][-1].n_rows != fit.n_sampled:
            offset = found[-1][-1].iteration
            found.append([])
        found[-1].append(
            HistoryPoint(
                one.candidate,
                fit.restart,
                offset + fit.iteration,
                one.log_likelihood,
                fit.n_sampled,
            )
        )
    return found


def run_of(point: HistoryPoint) -> tuple[int, int, int]:
    """What the points of one run have in common: candidate, restart and number of rows."""
    return point.candidate, point.restart, point.n_rows
