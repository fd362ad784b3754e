"""EM runs as a sequence of steps that are asked for: a run takes them alone, or with others."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.kernels import Components, Kernel
from gmmdesk.engine.models.penalty import Penalty
from gmmdesk.engine.models.whitening import CollapsedComponent, Whitening
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.statistics import Statistics


class Point(NamedTuple):
    """A mixture, in the frame's coordinates, with what its E-step needs."""

    parameters: Parameters
    whitening: Whitening
    kernel: Kernel

    @property
    def components(self) -> Components:
        return Components.of(self.parameters, self.whitening)

    def value(self, penalty: Penalty) -> float:
        """Of a penalty there, nats."""
        return penalty.value(self.parameters, self.whitening)


class Reached(NamedTuple):
    """Where an M-step leads, and what the E-step there says: log-likelihood (nats), statistics.

    `eased` is what the M-step added to the value of its penalty, None where that is the prior's.
    """

    point: Point
    log_likelihood: float
    statistics: Statistics
    eased: float | None = None


class Step(NamedTuple):
    """An M-step from `statistics`, after one that led to `previous` covariances, and an E-step.

    `alone` makes them, and raises CollapsedComponent; nothing else can where there are no
    statistics.
    """

    statistics: Statistics | None
    previous: FloatArray | None
    alone: Callable[[], Reached]


class Iteration(NamedTuple):
    """A complete one, the `number`th of its run, in the frame's coordinates.

    `log_likelihood` is the total, in nats, `gain` what it added to that per row (nan for the
    first); it `is_mended` where a component is kept from collapsing.
    """

    number: int
    parameters: Parameters
    log_likelihood: float
    gain: float
    is_mended: bool


@dataclass(slots=True)
class Bar:
    """What runs over the same rows have to come up to, `least`, or are given up; total, nats.

    Each that ends raises it to `behind` below where that stands.
    """

    least: float = -np.inf
    behind: float = np.inf

    def note(self, objective: float) -> None:
        """A run has ended there."""
        self.least = max(self.least, objective - self.behind)


Steps = Generator[Step, Reached, None]


class _Run(Protocol):
    """Whose steps they are."""

    @property
    def history(self) -> list[float]: ...

    def iteration(self) -> Iteration:
        """The last complete one."""


class Climb:
    """The steps of a run; iterated over, it takes them alone. `step` is the next, None at the end.

    Each is sent what it reached, or is thrown the CollapsedComponent that it ended with.
    """

    def __init__(self, run: _Run, steps: Steps) -> None:
        self._run = run
        self._steps = steps
        self.step = next(steps, None)

    def __iter__(self) -> Iterator[Iteration]:
        while self.step is not None:
            iteration = self.take()
            if iteration is not None:
                yield iteration

    def take(self, reached: Reached | None = None) -> Iteration | None:
        """Take the next step, which may have been made already; the iteration that it completes.

        None where it completes none.
        """
        assert self.step is not None
        n_before = len(self._run.history)
        try:
            try:
                reached = reached or self.step.alone()
            except CollapsedComponent as collapsed:
                self.step = self._steps.throw(collapsed)
            else:
                self.step = self._steps.send(reached)
        except StopIteration:
            self.step = None
        return self._run.iteration() if len(self._run.history) > n_before else None
