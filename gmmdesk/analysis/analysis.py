"""The answer: a fitted mixture in the file's units, and what it says about every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gmmdesk.analysis import palette
from gmmdesk.analysis.candidates import Candidate, lowest
from gmmdesk.analysis.doubts import Doubt, doubts_of, recounted
from gmmdesk.analysis.fitted_model import OUTLIER_LEVEL, FittedModel
from gmmdesk.analysis.grouping import Grouping, about_clusters
from gmmdesk.analysis.judging import judge
from gmmdesk.analysis.known import known_names
from gmmdesk.analysis.profiles import Profile, profiles
from gmmdesk.analysis.ranges import Range, ranges
from gmmdesk.analysis.scored import NoiseRows, RowResults
from gmmdesk.analysis.settings import Searched, Settings
from gmmdesk.analysis.verdict import Verdict
from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import (
    FitProgress,
    FitResult,
    FitSpec,
    Parameters,
    Resampled,
    SearchProgress,
    Tried,
    Trust,
    log_jacobian,
)
from gmmdesk.engine.density import responsibilities
from gmmdesk.engine.judging.overlap import overlap
from gmmdesk.engine.judging.shape import Shape, shapes
from gmmdesk.engine.rows.memberships import UNKNOWN
from gmmdesk.text import default_name

_TIED = 0.05  # differences of a criterion are told to one decimal
_ALIKE = 0.1  # nats, of all rows: between optima lies more, as a rule


@dataclass(frozen=True, eq=False)
class AnalysisProgress:
    """The state of a running analysis.

    `candidate` counts the combinations of model and number of clusters from 0, in the order of
    those asked for; `candidates` are those done so far, and `share` is that of the work, which
    takes about that share of the time. `scaled` is the iteration in the units of
    `prepared.X`, `order` (K,) the order in which its components are shown; `grouping` tells
    how the answer combines these. `search` is how far the engine has got, while it is at it.
    """

    prepared: Prepared
    candidate: int
    model: str
    n_components: int
    scaled: FitProgress
    order: IntArray
    candidates: tuple[Candidate, ...]
    n_candidates: int
    grouping: Grouping | None = None
    share: float = 1.0
    search: SearchProgress | None = None

    @property
    def number(self) -> int:
        """Which of the fits is under way, from 1, counted as they end."""
        return min(len(self.candidates) + 1, self.n_candidates)

    @property
    def parameters(self) -> Parameters:
        """The components in the units of `prepared.X`, as shown."""
        return self.scaled.parameters.reordered(self.order)

    @cached_property
    def fit(self) -> FitProgress:
        """The iteration in the prepared columns, components as shown; made when somebody looks."""
        fit = replace(self.scaled, compact=self.scaled.compact.reordered(self.order))
        fit = fit.in_units(self.prepared.center, self.prepared.scale)
        return replace(fit, log_likelihood=self.log_likelihood)

    @property
    def log_likelihood(self) -> float:
        """The total in nats, in the file's units."""
        scaled = self.scaled
        added = log_jacobian(scaled.size, self.prepared.scale, scaled.cells)
        return scaled.log_likelihood + added + self.prepared.total_log_slope


@dataclass(frozen=True, slots=True)
class HeldOutRows:
    """How well the mixture describes `n_rows` that the fit has not seen, and those that it has.

    `log_density` and `log_density_used` are the means over their rows of the log density, nats.
    """

    n_rows: int
    log_density: float
    log_density_used: float


def _ends_with(end: FitProgress, result: FitResult) -> bool:
    """Whether a fit whose last iteration was `end` has led there, as far as that can be told."""
    is_estimate = end.n_sampled < end.n_rows
    return is_estimate or abs(end.log_likelihood - result.log_likelihood) < _ALIKE


def as_called(result: FitResult, dataset: Dataset) -> FitResult:
    """A result whose rows are those of `dataset`, with what these are called, in its sentences."""
    numbers = dataset.row_numbers
    return result if numbers is None else result.with_rows(numbers - 1)


@dataclass(frozen=True, eq=False)
class Analysis:
    """A finished analysis.

    `result` is in the prepared columns, which are the file's own where no step has changed them,
    its clusters in the order of their numbers (see `order_of`); its log-likelihoods are in the
    file's units where it has a density in these (`prepared.keeps_density`). `scaled` is the same in
    the units of `prepared.X`, in which far offsets and small spreads cost no digits. `sizes` (K,)
    counts the rows of each cluster, `certainty` (K,) is the mean of their probabilities (nan where
    there are none), `column_means` (d,) are those of all rows, `trust` says how far `result` is to
    be trusted, `held_out` how well it describes rows that it has not seen. `noise` is about the
    rows of no cluster, None where each has to have one: its rows and weight are what `sizes` and
    the clusters' weights lack. `best` is the index of the chosen one among `candidates`, which are
    in the units of the file what `tried` are in those of `prepared.X`; `searched` are these as the
    search left them, for another to go on with; some were fitted in searches that it came `after`,
    see `Cells`. `trail` holds some
    iterations of the run that won, oldest first, to show how the clusters formed, `trails` those of
    all fits of which they are known. `colors` (K,) are
    those that the clusters are shown in, as "#RRGGBB"; where it is empty, those of the palette.
    `signs` (C,) are their shapes, likewise, see `palette.sign`.
    `resampled` says how often halves of the rows led to the same clusters, None where nobody has
    looked, or where that `is_being_checked`. `known` (n,) says where rows of X were known to
    belong, as `known_labels` does; None where nothing was. Rows are outliers at
    `outlier_level`, see `RowResults.outliers`.

    Each of the K components of the mixture is a cluster, unless a `grouping` combines some: then
    `rows`, `sizes`, `certainty`, `colors`, `clusters` and all that follows are about these C
    clusters, and `of_components` is the same answer with nothing combined.

    Where only some rows are here, to be written, `whole` is the analysis that these are of: it is
    what is judged and diagnosed.
    """

    dataset: Dataset
    settings: Settings
    prepared: Prepared
    result: FitResult
    scaled: FitResult
    candidates: tuple[Candidate, ...]
    tried: tuple[Tried, ...]
    best: int
    rows: RowResults
    sizes: npt.NDArray[np.int64]
    certainty: npt.NDArray[np.float64]
    column_means: npt.NDArray[np.float64]
    trust: Trust
    trail: tuple[AnalysisProgress, ...]
    stopped_early: bool
    noise: NoiseRows | None = None
    held_out: HeldOutRows | None = None
    colors: tuple[str, ...] = ()
    signs: tuple[int, ...] = ()
    resampled: Resampled | None = None
    is_being_checked: bool = False
    known: IntArray | None = None
    grouping: Grouping | None = None
    of_components: Analysis | None = None
    whole: Analysis | None = None
    trails: Mapping[FitSpec, tuple[AnalysisProgress, ...]] = field(default_factory=dict)
    searched: tuple[Tried, ...] = ()
    after: tuple[Searched, ...] = ()
    outlier_level: float = OUTLIER_LEVEL

    def led_by(self, trails: Mapping[FitSpec, tuple[AnalysisProgress, ...]]) -> Analysis:
        """The same, with the iterations of its fit where they are among these of many fits."""
        led = trails.get(self.tried[self.best].spec, ())
        if led and not _ends_with(led[-1].scaled, self.scaled):  # the same model, fitted once more
            led = ()
        return self.changed(
            trails=trails,
            trail=tuple(
                replace(
                    one,
                    prepared=self.prepared,
                    candidate=self.best,
                    candidates=self.candidates[: self.best],
                    n_candidates=len(self.candidates),
                )
                for one in led
            ),
        )

    def changed(self, **changes: Any) -> Analysis:
        """With other fields that leave the clusters as they are: how these are coloured or checked.

        All that was made of the rows, which takes long, stays.
        """
        found = replace(self, **changes)
        made = vars(self).keys() - {one.name for one in fields(self)}
        vars(found).update({name: vars(self)[name] for name in made})
        return found

    @property
    def as_told(self) -> FitResult:
        """The result, to be put into words: its rows are those that people know by number."""
        return as_called(self.result, self.dataset)

    @property
    def message(self) -> str:
        """What the user should know about how the fit went; empty when all went well."""
        return about_clusters(self.as_told.message, self.grouping)

    @cached_property
    def icl(self) -> float:
        """ICL of the clusters, lower is better: bic - 2 sum_i ln max_c p_ic over the fitted rows.

        Of those that are made of several components p_ic are the probabilities added up, while BIC
        is that of the mixture, which stays as it is (Baudry et al., 2010, section 2).
        """
        if self.grouping is None:
            return float(self.result.icl)
        held_out = self.prepared.held_out
        sure = self.rows.probability if held_out is None else self.rows.probability[~held_out]
        return float(self.result.bic - 2.0 * np.log(sure).sum())

    @property
    def has_prior(self) -> bool:
        """Whether the fit used a prior: always, or as a component would have collapsed without."""
        return self.settings.prior == "always" or self.result.guarded is not None

    @property
    def n_clusters(self) -> int:
        return len(self.sizes)

    @property
    def uncombined(self) -> Analysis:
        """The same answer in which each component is a cluster."""
        return self if self.of_components is None else self.of_components

    @property
    def parameters(self) -> Parameters:
        """The mixture in the file's units."""
        return self.result.parameters

    @cached_property
    def scaled_clusters(self) -> Parameters:
        """The clusters in the units of `prepared.X`: of those combined, mean and covariance."""
        scaled = self.scaled.parameters
        return scaled if self.grouping is None else self.grouping.moments(scaled)

    @property
    def clusters(self) -> Parameters:
        """The same in the prepared columns."""
        if self.grouping is None:
            return self.result.parameters
        return self.scaled_clusters.in_units(self.prepared.center, self.prepared.scale)

    def fitted_model(self, names: Sequence[str]) -> FittedModel:
        """The mixture without the rows, its clusters called `names`."""
        return FittedModel.of(self, names)

    @cached_property
    def known_names(self) -> tuple[str, ...] | None:
        """The components' names by the column that says where rows belong, None without one."""
        labels = known_names(self.settings, self.dataset)
        others = (default_name(k) for k in range(len(labels), self.result.n_components))
        return (*labels, *others) if labels else None

    @property
    def preferred(self) -> int | None:
        """The index of the candidate with the lowest criterion, None where none is sound.

        The answer, where it is as low: a single cluster is the same by several models.
        """
        criterion, answer = self.settings.criterion, self.candidates[self.best]
        found = lowest(self.candidates, criterion)
        if found is None or not answer.sound:
            return found
        higher = answer.value(criterion) - self.candidates[found].value(criterion)
        return self.best if higher < _TIED else found

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """The clusters in each column as the user knows it, in the units of the file."""
        if self.whole is not None:
            return self.whole.profiles
        found = profiles(self.result, self.prepared, self.column_means)
        if self.grouping is not None:
            found = tuple(one.combined(self.result.parameters, self.grouping) for one in found)
        return tuple(one.held(own) for one, own in zip(found, self.ranges, strict=True))

    @cached_property
    def ranges(self) -> tuple[Range, ...]:
        """Between which values the rows of each cluster lie, in each column of `profiles`."""
        return ranges(self.dataset, self.prepared, self.rows.label, self.n_clusters)

    @property
    def part_sizes(self) -> IntArray:
        """The rows of each component, (K,); of one that is a cluster alone those of the cluster.

        Once others are combined, a row may be likelier to be of these together.
        """
        sizes = self.uncombined.sizes
        if self.grouping is None:
            return sizes
        of = np.array(self.grouping.of)
        return np.where(np.bincount(of)[of] == 1, self.sizes[of], sizes)

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """The components that may be made of nothing, and why; made with the verdict."""
        if self.whole is not None:
            return self.whole.doubts
        if self.of_components is not None:
            return tuple(recounted(one, self) for one in self.of_components.doubts)
        return doubts_of(self)

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """How far each component is from a bell, by 50,000 rows: takes some seconds."""
        other = self.whole or self.of_components
        if other is not None:
            return other.shapes
        return shapes(self.scaled, self.prepared.fitted(), self.settings.seed)

    @cached_property
    def overlap(self) -> FloatArray:
        """Whose rows could be another's (C, C), of 200,000 rows; see `engine.judging.overlap`."""
        if self.whole is not None:
            return self.whole.overlap
        of = None if self.grouping is None else self.grouping.of
        return overlap(self.scaled, self.prepared.X, of)

    def judged(self, check: Callable[[], object]) -> Analysis:
        """The same, with all that its verdict needs to look at rows for, where nobody waits.

        `check` is called now and then and may raise.
        """
        _ = self.profiles
        vars(self)["_judged"] = judge(self, check)
        return self

    @property
    def verdict(self) -> Verdict:
        """How many clusters there are, and on what grounds."""
        if self.whole is not None:
            return self.whole.verdict
        judged = self._judged.with_resamples(self.resampled)
        return replace(judged, is_being_checked=self.is_being_checked, after=self.after)

    @cached_property
    def _judged(self) -> Verdict:
        return judge(self)

    def color(self, cluster: int) -> str:
        """The colour of a cluster (0-based), "#RRGGBB"."""
        if self.colors:
            return self.colors[cluster]
        return palette.color(cluster if self.grouping is None else self.grouping.leads[cluster])

    def sign(self, cluster: int) -> int:
        """Which of the palette's shapes a cluster (0-based) has."""
        if self.signs:
            return self.signs[cluster]
        return cluster if self.grouping is None else self.grouping.leads[cluster]

    def responsibilities(self, used: slice | IntArray) -> FloatArray:
        """Probabilities (m, C) of some rows of X, a run or by number: those behind `rows`, nearly.

        With noise (m, C + 1), its own last.
        """
        found = self.scaled.responsibilities(self.prepared.X[used])
        if self.known is not None:
            rows = np.flatnonzero(self.known[used] != UNKNOWN)
            held = self.prepared.X[used][rows], self.known[used][rows]
            found[rows] = responsibilities(
                self.scaled.parameters, held[0], missing=True, known=held[1]
            )
        return found if self.grouping is None else self.grouping.added(found)
