"""A search as it is watched: its iterations with all that is shown of them, and those to keep."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.analysis.candidates import Candidate
from gmmdesk.analysis.file_terms import candidate
from gmmdesk.analysis.known import order_of
from gmmdesk.analysis.retracing import retraced
from gmmdesk.analysis.trail import Trail
from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import FitProgress, FitSpec, SearchProgress, Tried
from gmmdesk.engine.parallel import ChunkMap


class Watched:
    """What has been seen of a search among `specs` in `prepared` rows, so far."""

    def __init__(
        self,
        dataset: Dataset,
        prepared: Prepared,
        known: IntArray | None,
        specs: Sequence[FitSpec],
    ) -> None:
        self._dataset = dataset
        self._prepared = prepared
        self._known = known
        self._places = {spec: i for i, spec in enumerate(specs)}
        self._order: IntArray | None = None
        self._done: tuple[Candidate, ...] = ()
        self._search: SearchProgress | None = None
        self._trails: dict[FitSpec, Trail] = {}

    def seen(self, progress: SearchProgress) -> AnalysisProgress:
        """An iteration, as it is shown."""
        spec, new = progress.spec, progress.tried[len(self._done) :]
        self._search = progress
        self._done += tuple(candidate(one, self._prepared, self._dataset) for one in new)
        if spec not in self._trails:
            for resting, result in {one.spec: one.result for one in progress.tried}.items():
                if trail := self._trails.get(resting):
                    (trail.rest if resting == progress.best else trail.thin)(result)
            self._trails[spec] = Trail()
        return self._shown(spec, progress.fit, progress.share)

    def retracing(
        self, X: FloatArray, best: Tried, chunk_map: ChunkMap
    ) -> Generator[AnalysisProgress, None, Tried]:
        """Iterations of the best candidate, fitted once more to X; returns what it is now."""
        before = self._trails.get(best.spec)
        self._trails[best.spec] = Trail()
        fitting = retraced(X, self._known, best, chunk_map)
        while True:
            try:
                fit = next(fitting)
            except StopIteration as end:
                found: Tried = end.value
                if found is best:
                    del self._trails[best.spec]
                    self._trails |= {} if before is None else {best.spec: before}
                return found
            yield self._shown(best.spec, fit, 1.0)

    def leading_to(self, found: Tried) -> tuple[AnalysisProgress, ...]:
        """The iterations that led to a candidate's result; none where it was kept."""
        trail = self._trails.get(found.spec)
        if trail is None or found.result is None:
            return ()
        order = order_of(found.result.weights, self._known)
        # Which of the others were done by then is a matter of chance.
        led = trail.leading_to(found.result)
        return tuple(replace(one, order=order, candidates=(), search=None) for one in led)

    def _shown(self, spec: FitSpec, fit: FitProgress, share: float) -> AnalysisProgress:
        if self._order is None or fit.iteration == 1 or fit.event == "again":
            self._order = order_of(fit.compact.weights, self._known)
        shown = AnalysisProgress(
            prepared=self._prepared,
            candidate=self._places[spec],
            model=spec.model,
            n_components=spec.n_components,
            scaled=fit,
            order=self._order,
            candidates=self._done,
            n_candidates=len(self._places),
            share=share,
            search=self._search,
        )
        self._trails[spec].add(shown)
        return shown
