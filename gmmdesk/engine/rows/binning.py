"""Many rows of one or two columns as few weighted ones: the means of the cells of a fine grid.

A mixture fitted to those is not that of the rows, but so near it that few passes over all rows are
left: a cell of width h moves a variance by about h^2 / 12.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.source import ArraySource, chunks

# Cells along each column, for one column and for two.
CELLS = {1: 2**15, 2: 2**8}
# Rows for each cell of the grid that make it worth while.
ROWS_PER_CELL = 2
# In typical deviations.
MIDDLE = 4.0


def can_bin(frame: Frame) -> bool:
    """Whether there are few enough columns and enough rows, complete and not known to belong."""
    n, d = frame.shape
    return (
        d in CELLS
        and frame.memberships is None
        and frame.gaps is None
        and n >= ROWS_PER_CELL * CELLS[d] ** d
    )


def binned(frame: Frame, chunk_map: ChunkMap) -> Frame:
    """The occupied cells of a grid over the rows: each its rows' mean, weighted by their weights.

    Cells are narrow where most rows are and widen with the distance from there, so that rows far
    out, however far, take no cells from the others.
    """
    n, d = frame.shape
    cells = CELLS[d]
    # Half the cells lie within so much of the median, the others beyond, ever wider.
    middle = MIDDLE * np.sqrt(np.where(frame.typical > 0.0, frame.typical, 1.0))[:, None]

    def sums(run: slice) -> FloatArray:
        z = np.empty((d, run.stop - run.start))
        frame.read(run.start, run.stop, out=z)
        away = z - frame.medians[:, None]
        places = (away / (middle + np.abs(away)) + 1.0) * (0.5 * cells)
        columns: IntArray = np.clip(places, 0, cells - 1).astype(np.int64)
        cell = columns[0] if d == 1 else columns[0] * cells + columns[1]
        weights = None if frame.weights is None else frame.weights[run]
        weighted = z if weights is None else z * weights
        counts = np.bincount(cell, weights, cells**d)
        return np.stack([counts, *(np.bincount(cell, row, cells**d) for row in weighted)])

    total = np.zeros((1 + d, cells**d))
    # Large runs: each comes down to as many numbers as there are cells.
    for part in chunk_map(sums, chunks(n, max(2**16, cells**d))):
        total += part
    occupied = total[0] > 0.0
    sizes, means = total[0, occupied], total[1:, occupied] / total[0, occupied]
    return replace(
        frame,
        source=ArraySource((frame.center[:, None] + frame.unit * means).T),
        total=(means * sizes) @ means.T,
        distinct=np.arange(min(len(frame.distinct), len(sizes))),
        size=float(sizes.sum()),
        weights=sizes,
    )
