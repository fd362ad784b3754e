"""The kernel for rows with missing cells: each takes part through those that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.kernels.expectation import (
    LOG_2_PI,
    TINY,
    Components,
    Expectation,
    Sums,
    normalize,
)
from gmmdesk.engine.models.marginals import marginals
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.gaps import GROUP_CELLS, GROUP_MATRICES, GROUP_ROWS, Group
from gmmdesk.engine.rows.statistics import Statistics


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """What passes over the groups of rows hold, with K components in d columns."""

    n_components: int
    n_columns: int
    along_axes: bool

    def numbers(self, n_threads: int) -> int:
        """Numbers held at once by so many threads."""
        d = self.n_columns
        cells = max(GROUP_CELLS, GROUP_ROWS * d)
        matrices = 2 * d if self.along_axes else 6 * max(GROUP_MATRICES, d * d)
        return n_threads * self.n_components * (2 * cells + matrices)


class IncompleteKernel:
    """The E-step over groups of rows that have the same columns, which are exact throughout.

    The statistics are the expected ones of the complete rows, given the cells that are there; the
    log-likelihood is that of those cells. Noise is spread evenly over the sides of its region that
    a row has. See `marginals` for the formulae.
    """

    def __init__(
        self, frame: Frame, n_components: int, along_axes: bool, noise: bool = False
    ) -> None:
        assert frame.gaps is not None
        self._frame = frame
        self._groups = frame.gaps
        self._K = n_components
        self._rows = n_components + noise
        self._along_axes = along_axes
        self.tiling = GroupPlan(n_components, frame.shape[1], along_axes)

    def expect(
        self, components: Components, chunk_map: ChunkMap, *, certainty: bool = True
    ) -> Expectation:
        K, d = components.means.shape
        log_weights = components.log_weights[:, None, None]
        width = 1 + d + (d if self._along_axes else d * d)

        def group_sums(group: Group) -> Sums:
            seen = marginals(group.observed, components.whitening)
            constants = group.observed.sum(axis=1)[:, None] * LOG_2_PI + seen.log_determinants
            y = seen.whiten(group.z, components.means)
            B, m = group.rows.shape
            likely = np.empty((self._rows, B, m))
            np.einsum("bkdm,bkdm->kbm", y, y, out=likely[:K])
            likely[:K] += constants.T[:, :, None]
            likely[:K] *= -0.5
            likely[:K] += log_weights
            if components.background is not None:
                likely[K] = self._background(group, components.background)[:, None]
            sums = Sums(np.zeros((self._rows, width)))
            self._respond(group, likely.reshape(self._rows, B * m), sums)
            roots = np.sqrt(likely[:K].swapaxes(0, 1))
            sizes = likely.sum(axis=2)
            y *= roots[:, :, None]
            first = (y @ roots[..., None])[..., 0]
            deviations, scatter = seen.lifted(sizes[:K].T, first, seen.second(y))
            sums.weighted[:, 0] = sizes.sum(axis=1)
            sums.weighted[:K, 1 : 1 + d] = deviations
            sums.weighted[:K, 1 + d :] = scatter.reshape(K, -1)
            return sums

        sums = self._total(group_sums, width, chunk_map)
        statistics = self._about_means(sums.weighted, components.means)
        return Expectation(
            statistics, sums.log_likelihood, sums.log_certainty if certainty else None
        )

    def measure(
        self, read: Callable[[IntArray, FloatArray], None], chunk_map: ChunkMap
    ) -> Statistics:
        """Statistics under given responsibilities, to begin with.

        `read(rows, out)` puts those of the given rows in `out` (K, m). Missing cells are taken to
        lie at the mean of the component's others in the column, with their variance, whatever the
        row's other cells are: the first iterations find the correlations that this leaves out.
        """
        K, d = self._K, self._frame.shape[1]

        def given(group: Group) -> FloatArray:
            B, m = group.rows.shape
            likely = np.empty((self._rows, B * m))
            read(group.rows.ravel(), likely)
            likely *= group.counts.ravel()
            return likely.reshape(self._rows, B, m)

        def values(group: Group) -> Sums:
            likely = given(group)
            sizes = likely.sum(axis=2)
            sums = Sums(np.zeros((self._rows, 1 + 2 * d)))
            sums.weighted[:, 0] = sizes.sum(axis=1)
            sums.weighted[:, 1 : 1 + d] = sizes @ group.observed
            sums.weighted[:, 1 + d :] = np.einsum("kbm,bdm->kd", likely, group.z, optimize=True)
            return sums

        found = self._total(values, 1 + 2 * d, chunk_map).weighted
        sizes, cells = found[:K, 0], found[:K, 1 : 1 + d]
        means = found[:K, 1 + d :] / np.maximum(cells, TINY)

        def products(group: Group) -> Sums:
            likely = given(group)[:K].swapaxes(0, 1)
            y = group.z[:, None] - means[:, :, None]
            y *= group.observed[:, None, :, None] * np.sqrt(likely)[:, :, None]
            if self._along_axes:
                return Sums(np.einsum("bkdm,bkdm->kd", y, y))
            return Sums((y @ y.swapaxes(2, 3)).sum(axis=0).reshape(K, d * d))

        width = d if self._along_axes else d * d
        scatter = self._total(products, width, chunk_map, rows=K).weighted
        own = scatter if self._along_axes else scatter[:, :: d + 1]
        variances = np.where(cells > 0.0, own / np.maximum(cells, TINY), self._frame.variances)
        own += (sizes[:, None] - cells) * variances
        if not self._along_axes:
            scatter = scatter.reshape(K, d, d)
        return Statistics(sizes, means, scatter, float(found[K:, 0].sum()))

    def _background(self, group: Group, background: float) -> FloatArray:
        """The log weight of the noise plus its log density for each pattern, (B,)."""
        region = self._frame.region
        assert region is not None
        return background + region.log_volume - region.log_volume_of(group.observed)

    def _respond(self, group: Group, likely: FloatArray, sums: Sums) -> None:
        """Turn weighted log densities (K, B m) into responsibilities times weights, in place.

        Adds to the log-likelihood in `sums`.
        """
        if self._frame.memberships is not None:
            self._frame.memberships.restrict(group.rows.ravel(), likely)
        log_max, log_sum = np.empty((2, likely.shape[1]))
        normalize(likely, log_max, log_sum)
        counts = group.counts.ravel()
        likely *= counts
        sums.log_likelihood += float(counts @ (log_max + log_sum))
        sums.log_certainty -= float(counts @ log_sum)

    def _total(
        self,
        function: Callable[[Group], Sums],
        width: int,
        chunk_map: ChunkMap,
        rows: int | None = None,
    ) -> Sums:
        added = Sums(np.zeros((self._rows if rows is None else rows, width)))
        for sums in chunk_map(function, self._groups):
            added.add(sums)
        return added

    def _about_means(self, weighted: FloatArray, means: FloatArray) -> Statistics:
        """Statistics from sums of deviations from `means` (K, d) and of their products."""
        K, d = means.shape
        own = weighted[:K]
        sizes, first, scatter = own[:, 0], own[:, 1 : 1 + d], own[:, 1 + d :]
        shifts = first / np.maximum(sizes, TINY)[:, None]
        if self._along_axes:
            scatter = scatter - first * shifts
        else:
            scatter = scatter.reshape(K, d, d) - first[:, :, None] * shifts[:, None, :]
            scatter = (scatter + scatter.swapaxes(1, 2)) / 2.0
        return Statistics(sizes, means + shifts, scatter, float(weighted[K:, 0].sum()))
