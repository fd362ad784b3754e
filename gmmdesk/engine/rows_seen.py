"""Which rows the runs of a fit see: few to begin with, cells of a grid or a sample, then all.

A grid is used only for what is wider than its cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.density import labels
from gmmdesk.engine.kernels import Kernels, moments_for
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import Collapse
from gmmdesk.engine.rows.binning import binned, can_bin, resolves
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.sampling import Sample, telling_sample
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.seeding import stream
from gmmdesk.engine.starts.start_rows import StartRows

# Rows of the sample that decides between optima, at most: a cluster of 0.5 % keeps about 200.
SAMPLE_ROWS = 40_000

T = TypeVar("T", float, FloatArray)


def kernels_for(frame: Frame, spec: FitSpec) -> Kernels:
    """The kernels that all runs of a fit to `frame` share."""
    return Kernels(frame, spec.n_components, moments_for(frame, spec), spec.noise)


class RowsSeen:
    """The kernels for `all` rows of a fit, and for those that stand for them, made when asked for.

    `start_rows` are those that short runs see, if they were made before.
    """

    def __init__(
        self,
        kernels: Kernels,
        spec: FitSpec,
        chunk_map: ChunkMap,
        start_rows: StartRows | None = None,
    ) -> None:
        self.all = kernels
        self._frame = kernels.frame
        self._spec = spec
        self._chunk_map = chunk_map
        self._start_rows = start_rows
        self._jacobian = kernels.frame.jacobian()
        self._samples: list[tuple[Sample, Kernels]] = []
        self._telling: Sample | None = None
        self._cells: Kernels | None = None
        self._grid_hides = False

    @property
    def start_rows(self) -> StartRows:
        """The rows that short runs see."""
        if self._start_rows is None:
            self._start_rows = StartRows(self._frame, self._spec.seed, self._chunk_map)
        return self._start_rows

    @property
    def few(self) -> Kernels:
        """The kernels for the rows that short runs see."""
        return self._sampled(self.start_rows.sample)

    def telling_apart(self, *mixtures: Parameters) -> Iterator[Kernels]:
        """The kernels for the rows that optima are compared on; `mixtures` are roughly right.

        Cells of a grid, if there is one as fine as their components; and others, for where optima
        turn out to have narrower ones.
        """
        if can_bin(self._frame) and all(resolves(self._frame, one) for one in mixtures):
            cells = self._binned()
            if cells is not None:
                yield cells
        yield self._many(mixtures[0])

    def of(self, ascent: Ascent) -> Kernels:
        """The kernels that `ascent` runs on."""
        every = (self.all, self._cells, *(kernels for _, kernels in self._samples))
        return next(one for one in every if one is not None and one.frame is ascent.frame)

    def stand_for_all(self, kernels: Kernels) -> bool:
        """Whether they are those for all rows, or for cells that hold all of them."""
        return kernels in {self.all, self._cells}

    def are_cells(self, ascent: Ascent) -> bool:
        """Whether it runs on cells of a grid."""
        return self._cells is not None and ascent.frame is self._cells.frame

    def hide(self, ascent: Ascent) -> bool:
        """Whether it runs on cells of a grid that has a component too narrow for them."""
        return self.are_cells(ascent) and not resolves(self._frame, ascent.mixture())

    def number(self, ascent: Ascent) -> int:
        """The rows that `ascent` is about; of all in cells one less, as it is not these themselves.

        However few the cells are: what follows from them has seen more than a sample.
        """
        return self._frame.shape[0] - 1 if self.are_cells(ascent) else ascent.frame.shape[0]

    def in_data_units(self, ascent: Ascent, log_likelihood: T) -> T:
        """From the frame's units to the data's, and from a sample to all rows."""
        share = self._frame.size / ascent.frame.size
        return log_likelihood * share + self._jacobian

    def collapse(self, ascent: Ascent, chunk_map: ChunkMap) -> Collapse | None:
        """What `ascent` says of a collapse, with rows of X."""
        collapse = ascent.collapse(chunk_map)
        if collapse is not None and self.are_cells(ascent):
            found = labels(ascent.mixture(), self._frame.source, chunk_map)
            return replace(collapse, rows=np.flatnonzero(found == collapse.component))
        if collapse is not None:
            for sample, _ in self._samples:
                if sample.frame is ascent.frame:
                    collapse = replace(collapse, rows=sample.rows[collapse.rows])
        return collapse

    def _many(self, mixture: Parameters) -> Kernels:
        """The kernels for a sample in which no component is lost."""
        if self._frame.shape[0] > SAMPLE_ROWS and self._telling is None:
            random = stream(self._spec.seed, 0, 0)
            self._telling = telling_sample(
                self._frame, mixture, SAMPLE_ROWS, random, self._chunk_map
            )
        return self._sampled(self._telling)

    def _binned(self) -> Kernels | None:
        """The kernels for the cells of a grid over all rows; None where they hide too much."""
        if self._cells is None and not self._grid_hides:
            cells = binned(self._frame, self._chunk_map)
            self._grid_hides = cells is None
            self._cells = None if cells is None else kernels_for(cells, self._spec)
        return self._cells

    def _sampled(self, sample: Sample | None) -> Kernels:
        """The kernels for a sample; for all rows where there is none."""
        if sample is None:
            return self.all
        for known, kernels in self._samples:
            if known is sample:
                return kernels
        self._samples.append((sample, kernels_for(sample.frame, self._spec)))
        return self._samples[-1][1]
