"""The iterations kept of the run that wins, to show how its clusters formed."""

from __future__ import annotations

from gmmdesk.analysis.analysis import AnalysisProgress

_MOST = 64
_BYTES = 1_000_000


class Trail:
    """Sifts the progress of one candidate's runs; `best` is that of the likeliest so far.

    Every iteration is kept until there are too many, then every second one, and so on.
    """

    def __init__(self) -> None:
        self._best: list[AnalysisProgress] = []
        self._run: list[AnalysisProgress] = []
        self._last: AnalysisProgress | None = None
        self._stride = 1

    def add(self, progress: AnalysisProgress) -> None:
        if self._last is None or progress.scaled.restart != self._last.scaled.restart:
            self._settle()
            self._run, self._stride = [], 1
        if progress.scaled.iteration % self._stride == 0:
            self._run.append(progress)
            parameters = progress.scaled.compact
            size = parameters.means.nbytes + parameters.covariances.nbytes
            if len(self._run) > max(8, min(_MOST, _BYTES // max(size, 1))):
                self._stride *= 2
                self._run = [
                    kept for kept in self._run if kept.scaled.iteration % self._stride == 0
                ]
        self._last = progress

    @property
    def best(self) -> tuple[AnalysisProgress, ...]:
        self._settle()
        return tuple(self._best)

    def _settle(self) -> None:
        if self._last is None:
            return
        run = self._run if self._run and self._run[-1] is self._last else [*self._run, self._last]
        if not self._best or run[-1].log_likelihood > self._best[-1].log_likelihood:
            self._best = run
