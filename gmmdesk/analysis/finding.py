"""What an analysis found, without the rows: small enough to keep, enough to make it again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gmmdesk.analysis.analyse import prepared_as
from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.file_terms import candidate, column_means, held_out, in_file_terms
from gmmdesk.analysis.known import hold, known_labels, told_where
from gmmdesk.analysis.scored import NoiseRows, row_results
from gmmdesk.analysis.settings import Searched, Settings
from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.engine import FitProgress, FitResult, ThreadedMap, Tried, Trust
from gmmdesk.errors import Cancelled, DataError
from gmmdesk.task import Task


@dataclass(frozen=True, slots=True, eq=False)
class TrailStep:
    """An iteration of `Analysis.trail`, of which the first `n_done` candidates were done."""

    candidate: int
    model: str
    n_components: int
    scaled: FitProgress
    order: IntArray
    n_done: int
    n_candidates: int


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """An `Analysis` without what follows from the table: the fields are those of the same name.

    `columns` are the d columns that were used. Where fits began is left out: `trust` has judged it.
    Takes memory for the parameters of the mixtures that were tried, whatever the number of rows.
    """

    settings: Settings
    columns: tuple[str, ...]
    tried: tuple[Tried, ...]
    best: int
    sizes: IntArray
    certainty: FloatArray
    trust: Trust
    trail: tuple[TrailStep, ...]
    stopped_early: bool
    noise: NoiseRows | None = None
    after: tuple[Searched, ...] = ()

    @property
    def scaled(self) -> FitResult:
        """The chosen fit, in the units of `Prepared.X`."""
        result = self.tried[self.best].result
        assert result is not None
        return result

    @classmethod
    def of(cls, analysis: Analysis) -> Finding:
        """What to keep of `analysis`; how its components are combined is not part of it."""
        analysis = analysis.uncombined
        return cls(
            settings=analysis.settings,
            columns=analysis.prepared.columns,
            tried=tuple(map(_without_starts, analysis.tried)),
            best=analysis.best,
            sizes=analysis.sizes,
            certainty=analysis.certainty,
            trust=analysis.trust,
            trail=tuple(map(_step, analysis.trail)),
            stopped_early=analysis.stopped_early,
            noise=analysis.noise,
            after=analysis.after,
        )

    def analysis(
        self, dataset: Dataset, *, task: Task | None = None, n_threads: int | None = None
    ) -> Analysis:
        """The analysis again, with the rows of `dataset`, of which it was made.

        Nothing is fitted: the rows are prepared and scored as they were, which on the same machine
        gives the same numbers to the last bit. Raises DataError where the table is another one,
        Cancelled when the task is cancelled.
        """
        task = task or Task()
        prepared = prepared_as(self.settings, dataset, task)
        if prepared.columns != self.columns or len(prepared.fitted_rows) != self.scaled.n_rows:
            raise DataError(
                f"{dataset.name} is not the table in which these clusters were found.",
                "Find the clusters again.",
            )
        with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
            scores = self.scaled.score(prepared.X, chunk_map)
        labels = known_labels(self.settings, dataset)
        known = None if labels is None else labels[prepared.rows]
        if known is not None:
            scores = hold(scores, known, prepared.X, self.scaled.parameters)
        if task.cancelled:
            raise Cancelled
        candidates = tuple(candidate(one, prepared, dataset) for one in self.tried)
        rows = row_results(scores, prepared, self.scaled.n_components)
        rows = replace(rows, known=told_where(known))
        return Analysis(
            dataset=dataset,
            settings=self.settings,
            prepared=prepared,
            result=in_file_terms(self.scaled, prepared),
            scaled=self.scaled,
            candidates=candidates,
            tried=self.tried,
            best=self.best,
            rows=rows,
            sizes=self.sizes,
            certainty=self.certainty,
            noise=self.noise,
            trust=self.trust,
            column_means=column_means(prepared),
            trail=tuple(
                AnalysisProgress(
                    prepared=prepared,
                    candidate=step.candidate,
                    model=step.model,
                    n_components=step.n_components,
                    scaled=step.scaled,
                    order=step.order,
                    candidates=candidates[: step.n_done],
                    n_candidates=step.n_candidates,
                )
                for step in self.trail
            ),
            stopped_early=self.stopped_early,
            after=self.after,
            held_out=held_out(rows, prepared),
            known=known,
        ).judged(task.step)


def _without_starts(one: Tried) -> Tried:
    return one if one.result is None else replace(one, result=replace(one.result, starts=()))


def _step(progress: AnalysisProgress) -> TrailStep:
    return TrailStep(
        candidate=progress.candidate,
        model=progress.model,
        n_components=progress.n_components,
        scaled=progress.scaled,
        order=progress.order,
        n_done=len(progress.candidates),
        n_candidates=progress.n_candidates,
    )
