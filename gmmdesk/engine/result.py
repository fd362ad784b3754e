"""What a fit yields while it runs and returns when it ends: frozen values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class StopReason(enum.StrEnum):
    """Why a fit ended."""

    CONVERGED = "converged"
    MAX_ITERATIONS = "max_iterations"
    STOPPED = "stopped"  # by the user; the last complete iteration is kept
    COLLAPSED = "collapsed"  # a component shrank onto too few rows; the last sound one is kept


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A mixture: weights (K,), means (K, d), covariances (K, d, d)."""

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class FitProgress:
    """The state after one iteration.

    `log_likelihood` is the total over the rows, in nats, of `parameters`; `gain` what the
    iteration added per row (nan for the first).
    """

    restart: int
    n_restarts: int
    iteration: int
    log_likelihood: float
    gain: float
    parameters: Parameters
