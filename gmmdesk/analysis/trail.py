"""The iterations kept of the run that wins, to show how its clusters formed."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.engine import FitResult

_LEAST, _MOST, _BYTES = 8, 128, 1_000_000
_MOST_OF_OTHERS, _BYTES_OF_OTHERS = 32, 250_000  # of a fit that did not win: there are many
_RUNS = 8  # kept of those that may go on later, the best ones


class Trail:
    """Sifts the progress of one candidate's runs, of which one led to the result.

    A run that was left for others may go on later, and one on a sample goes on with all rows.
    """

    def __init__(self) -> None:
        self._runs: dict[int, _Run] = {}  # by restart

    def add(self, progress: AnalysisProgress) -> None:
        restart = progress.scaled.restart
        run = self._runs.get(restart)
        if run is None or not run.goes_on_with(progress):
            ranked = sorted(self._runs, key=lambda key: self._runs[key].rank)
            for worst in ranked[: max(0, len(ranked) - _RUNS)]:
                del self._runs[worst]
            run = self._runs[restart] = _Run()
        run.add(progress)

    def rest(self, result: FitResult | None) -> None:
        """Keep the run to this `result` alone: the fit has ended, though it may be tried again."""
        leading = self._run_to(result)
        self._runs = {key: run for key, run in self._runs.items() if run is leading}

    def thin(self, result: FitResult | None) -> None:
        """Keep a few iterations of the run to this `result`: the fit has ended, another is best."""
        self.rest(result)
        for run in self._runs.values():
            run.thin(min(_MOST_OF_OTHERS, _BYTES_OF_OTHERS // run.bytes_each))

    def leading_to(self, result: FitResult) -> tuple[AnalysisProgress, ...]:
        """The iterations of the run that ended with `result`."""
        return self._run_to(result).iterations if self._runs else ()

    def _run_to(self, result: FitResult | None) -> _Run:
        """The run that ended with `result`, which is the likeliest where none is known.

        The result need not be the likeliest: a run to a spurious optimum is refused. Several runs
        may reach one optimum, equally likely up to rounding, with their components in other places.
        """
        if result is None:
            return max(self._runs.values(), key=lambda run: run.rank)

        def distance(run: _Run) -> float:
            return float(np.abs(run.end.scaled.compact.means - result.means).max())

        most = max(run.rank[0] for run in self._runs.values())
        return min((run for run in self._runs.values() if run.rank[0] == most), key=distance)


class _Run:
    """Every iteration is kept until there are too many, then every second one, and so on.

    Those that an event led to are kept in any case.
    """

    def __init__(self) -> None:
        self._kept: list[AnalysisProgress] = []
        self._last: AnalysisProgress | None = None
        self._stride = 1
        self._n = 0

    @property
    def end(self) -> AnalysisProgress:
        """The last iteration."""
        assert self._last is not None
        return self._last

    @property
    def rank(self) -> tuple[int, float]:
        """What has seen more rows comes first: an estimate from a sample does not compare."""
        return self.end.scaled.n_sampled, self.end.log_likelihood

    @property
    def iterations(self) -> tuple[AnalysisProgress, ...]:
        complete = self._kept and self._kept[-1] is self.end
        return tuple(self._kept if complete else [*self._kept, self.end])

    def goes_on_with(self, progress: AnalysisProgress) -> bool:
        """Whether an iteration may follow the last one, or is it again as a run goes on."""
        before, after = self.end.scaled, progress.scaled
        return after.iteration >= before.iteration or after.n_sampled > before.n_sampled

    def add(self, progress: AnalysisProgress) -> None:
        last = None if self._last is None else self._last.scaled
        now = progress.scaled
        if last and (last.iteration, last.n_sampled) == (now.iteration, now.n_sampled):
            if now.event:  # the same again, with what led on from there
                if self._kept and self._kept[-1] is self._last:
                    self._kept.pop()
                self._kept.append(progress)
                self._last = progress
            return
        if self._n % self._stride == 0 or now.event:
            self._kept.append(progress)
            self.thin(max(_LEAST, min(_MOST, _BYTES // self.bytes_each)))
        self._n += 1
        self._last = progress

    @property
    def bytes_each(self) -> int:
        """What an iteration takes."""
        parameters = self._kept[0].scaled.compact if self._kept else self.end.scaled.compact
        return max(1, parameters.means.nbytes + parameters.covariances.nbytes)

    def thin(self, most: int) -> None:
        """Keep at most so many iterations, and those that an event led to."""
        while len(self._kept) > most:
            kept = [one for i, one in enumerate(self._kept) if i % 2 == 0 or one.scaled.event]
            if len(kept) == len(self._kept):
                break
            self._kept, self._stride = kept, 2 * self._stride
