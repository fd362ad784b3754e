"""Several EM runs over the same few rows, an iteration of all at a time.

Of few rows, an iteration is mostly calls, and nearly as many for one run as for all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.kernels import LOST_MAGNITUDE, Kernels
from gmmdesk.engine.models.maximization import Maximization
from gmmdesk.engine.models.whitening import CollapsedComponent, Whitening
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import StopReason
from gmmdesk.engine.rows.statistics import Statistics, stacked
from gmmdesk.engine.spec import FitSpec

# After so many iterations, runs that are far below others hardly ever come out above them.
LOOK = 3


class Iteration(NamedTuple):
    """A mixture in the frame's coordinates, its log-likelihood and that of its prior, nats."""

    parameters: Parameters
    log_likelihood: float
    log_prior: float

    @property
    def objective(self) -> float:
        return self.log_likelihood + self.log_prior


class Run(NamedTuple):
    """The iterations of a run, and why it ended."""

    iterations: list[Iteration]
    reason: StopReason


def batch_size(kernels: Kernels, spec: FitSpec) -> int:
    """How many runs of a fit are worth an iteration of all at a time; 0 where none are.

    None are where an M-step looks at more than the statistics and a prior.
    """
    frame = kernels.frame
    special = frame.fixed is not None or frame.memberships is not None
    if special or spec.noise or spec.regularization:
        return 0
    return kernels.components_at_once // spec.n_components


def batched_runs(
    kernels: Kernels,
    spec: FitSpec,
    starts: Sequence[Statistics | None],
    check: Callable[[], object],
    least: float = -math.inf,
) -> list[Run | None]:
    """Plain EM from each of `starts` that there is, with M-steps that are not exact.

    None for a run that has to go alone: a component collapsed, or became too tight for the fast
    kernels. One ends early where its objective is below `least`, nats, after LOOK iterations.
    `check` is called before each iteration and may raise.
    """
    least_rise = spec.tol * kernels.frame.size
    maximization = Maximization(kernels.frame, spec, check, exact=False)
    iterations: list[list[Iteration]] = [[] for _ in starts]
    runs: list[Run | None] = [None] * len(starts)
    begun = {place: start for place, start in enumerate(starts) if start is not None}
    if not begun:
        return runs
    going = _Going(np.array([*begun]), stacked([*begun.values()]), None)
    while True:
        check()
        maximized = _maximized(maximization, going)
        if maximized is None:
            return runs
        going, mixtures, whitening = maximized
        log_likelihoods, statistics = kernels.batched.expect(mixtures, whitening)
        for i, place in enumerate(going.places):
            parameters = Parameters(mixtures.weights[i], mixtures.means[i], mixtures.covariances[i])
            part = slice(i * spec.n_components, (i + 1) * spec.n_components)
            log_prior = 0.0
            if spec.prior is not None:
                log_prior = maximization.log_prior(parameters, whitening.only(part))
            before = iterations[place]
            before.append(Iteration(parameters, float(log_likelihoods[i]), log_prior))
            if len(before) > 1 and before[-1].objective - before[-2].objective <= least_rise:
                runs[place] = Run(before, StopReason.CONVERGED)
            elif len(before) == spec.max_iter or (
                len(before) == LOOK and before[-1].objective < least
            ):
                runs[place] = Run(before, StopReason.MAX_ITERATIONS)
        left = np.array([runs[place] is None for place in going.places])
        going = _Going(going.places[left], statistics.at(left), mixtures.covariances[left])


class _Going(NamedTuple):
    """Runs whose next step is the M-step from `statistics`, after one of these covariances."""

    places: IntArray
    statistics: Statistics
    covariances: FloatArray | None

    def at(self, places: AnyArray) -> _Going:
        """Some of them."""
        covariances = None if self.covariances is None else self.covariances[places]
        return _Going(self.places[places], self.statistics.at(places), covariances)


def _maximized(
    maximization: Maximization, going: _Going
) -> tuple[_Going, Parameters, Whitening] | None:
    """The runs that can go on, and where their M-steps lead; None where none can."""
    while len(going.places):
        n_components = going.statistics.sizes.shape[1]
        try:
            mixtures, whitening = maximization.of_batch(going.statistics, going.covariances)
        except CollapsedComponent as collapsed:
            fit = np.arange(len(going.places)) != collapsed.component // n_components
        else:
            means = mixtures.means.reshape(-1, mixtures.means.shape[-1])
            lost = whitening.lost_magnitudes(means).reshape(-1, n_components)
            fit = lost.max(axis=1) <= LOST_MAGNITUDE
            if fit.all():
                return going, mixtures, whitening
        going = going.at(fit)
    return None
