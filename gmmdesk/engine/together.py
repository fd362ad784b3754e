"""Several EM runs over the same few rows, a step of all at a time.

Of few rows, a step is mostly calls, and nearly as many for one run as for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.climbs import Climb, Iteration, Point, Reached, Step
from gmmdesk.engine.kernels import LOST_MAGNITUDE, Kernels
from gmmdesk.engine.models.maximization import Maximization
from gmmdesk.engine.models.whitening import CollapsedComponent, Whitening, whiten
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.statistics import Statistics, stacked
from gmmdesk.engine.spec import FitSpec


class Together:
    """Makes the steps of several runs of a fit at once, with M-steps that are not exact.

    Those that it cannot make are left to the run: a component collapsed, or became too tight for
    the fast kernels. `check` is called before each and may raise. `most` is how many runs are worth
    it; 0 where none are, as an M-step looks at more than the statistics and a prior.
    """

    def __init__(self, kernels: Kernels, spec: FitSpec, check: Callable[[], object]) -> None:
        self._kernels = kernels
        self._n_components = spec.n_components
        self._check = check
        self._maximization = Maximization(kernels.frame, spec, check, exact=False)
        frame = kernels.frame
        special = frame.fixed is not None or frame.memberships is not None
        none = special or spec.noise or bool(spec.regularization)
        self.most = 0 if none else kernels.components_at_once // spec.n_components

    def climb(self, climbs: Sequence[Climb]) -> list[list[Iteration]]:
        """Let all come to their ends; returns their iterations."""
        made: list[list[Iteration]] = [[] for _ in climbs]
        while True:
            self._check()
            going = [place for place, climb in enumerate(climbs) if climb.step is not None]
            if not going:
                return made
            steps = [step for place in going if (step := climbs[place].step) is not None]
            for place, reached in zip(going, self.reached(steps), strict=True):
                iteration = climbs[place].take(reached)
                if iteration is not None:
                    made[place].append(iteration)

    def reached(self, steps: Sequence[Step]) -> list[Reached | None]:
        """What each leads to; None where that is left to its run."""
        reached: list[Reached | None] = [None] * len(steps)
        begun = [place for place, step in enumerate(steps) if step.statistics is not None]
        if not begun:
            return reached
        batch = stacked([s for place in begun if (s := steps[place].statistics) is not None])
        before = [c for place in begun if (c := steps[place].previous) is not None]
        previous = np.array(before) if len(before) == len(begun) else None

        def maximized(some: IntArray | slice) -> tuple[Parameters, Whitening]:
            covariances = None if previous is None else previous[some]
            return self._maximization.of_batch(batch.at(some), covariances)

        found = self._regular(len(begun), maximized)
        if found is None:
            return reached
        places, mixtures, whitening = found
        log_likelihoods, statistics = self._kernels.batched.expect(mixtures, whitening)
        for i, place in enumerate(places):
            part = slice(i * self._n_components, (i + 1) * self._n_components)
            mixture = Parameters(mixtures.weights[i], mixtures.means[i], mixtures.covariances[i])
            point = Point(mixture, whitening.only(part), self._kernels.fast)
            reached[begun[place]] = Reached(point, float(log_likelihoods[i]), statistics.at(i))
        return reached

    def expected(self, mixtures: Sequence[Parameters]) -> list[Statistics | None]:
        """What each says of the rows, in the frame's coordinates; None where it cannot tell."""
        expected: list[Statistics | None] = [None] * len(mixtures)
        if not mixtures:
            return expected
        weights, means, covariances = (
            np.array([getattr(one, name) for one in mixtures])
            for name in ("weights", "means", "covariances")
        )

        def factored(some: IntArray | slice) -> tuple[Parameters, Whitening]:
            chosen = Parameters(weights[some], means[some], covariances[some])
            flat = chosen.covariances.reshape(-1, *covariances.shape[2:])
            return chosen, whiten(flat, self._kernels.frame.typical)

        found = self._regular(len(mixtures), factored)
        if found is not None:
            places, regular, whitening = found
            _, statistics = self._kernels.batched.expect(regular, whitening)
            for i, place in enumerate(places):
                expected[place] = statistics.at(i)
        return expected

    def _regular(
        self, n: int, made: Callable[[IntArray | slice], tuple[Parameters, Whitening]]
    ) -> tuple[IntArray, Parameters, Whitening] | None:
        """Those of n mixtures, `made` at once, that the fast kernels will do for; None if none."""
        places = np.arange(n)
        some: IntArray | slice = slice(None)
        while len(places):
            try:
                mixtures, whitening = made(some)
            except CollapsedComponent as collapsed:
                some = places = np.delete(places, collapsed.component // self._n_components)
                continue
            means: FloatArray = mixtures.means.reshape(-1, mixtures.means.shape[-1])
            lost = whitening.lost_magnitudes(means).reshape(-1, self._n_components)
            will_do = lost.max(axis=1) <= LOST_MAGNITUDE
            if will_do.all():
                return places, mixtures, whitening
            some = places = places[will_do]
        return None
