"""Many rows of one or two columns as few weighted ones: the means of the cells of a fine grid.

A mixture fitted to those is not that of the rows, but so near it that few passes over all rows are
left: a cell of width h moves a variance by about h^2 / 12.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.source import ArraySource, chunks

# Cells along each column, for one column and for two.
CELLS = {1: 2**15, 2: 2**8}
# Rows for each cell of the grid that make it worth while.
ROWS_PER_CELL = 2
# In typical deviations.
MIDDLE = 4.0
# Cells: in a component that is as narrow, they hide a twelfth of its variance.
NARROWEST = 1.0
# A cell with so many rows shows how these lie in it: spread evenly, their variance would be a
# twelfth of its width squared. With less than this share of that they are crowded, and of all rows
# no more than so many may be. Equal ones, as numbers that are rounded, lose nothing in a cell.
FILLED = 30.0
CROWDED = 0.25 / 12.0
EQUAL = 1e-9
HIDDEN = 0.005


def can_bin(frame: Frame) -> bool:
    """Whether there are few enough columns and enough rows, complete and not known to belong."""
    n, d = frame.shape
    return (
        d in CELLS
        and frame.memberships is None
        and frame.gaps is None
        and n >= ROWS_PER_CELL * CELLS[d] ** d
    )


def resolves(frame: Frame, mixture: Parameters) -> bool:
    """Whether no component, in the data's units, is narrower than the cells where it lies.

    One that is has less extent in the cells than its rows have, or none: it may collapse there, and
    is likelier than it should be until then.
    """
    middle = frame.unit * _middle(frame)
    away = np.abs(mixture.means - frame.center - frame.unit * frame.medians)
    # The derivative of a row's place, see `binned`.
    widths = 2.0 * (middle + away) ** 2 / (middle * CELLS[frame.shape[1]])
    in_cells = mixture.in_full().covariances / (widths[:, :, None] * widths[:, None, :])
    return bool(np.linalg.eigvalsh(in_cells).min() > NARROWEST**2)


def binned(frame: Frame, chunk_map: ChunkMap) -> Frame | None:
    """The occupied cells of a grid over the rows: each its rows' mean, weighted by their weights.

    Cells are narrow where most rows are and widen with the distance from there, so that rows far
    out, however far, take no cells from the others. None where many rows are crowded in their
    cells, as those of a cluster that is narrower: what is fitted to the cells would miss it.
    """
    n, d = frame.shape
    cells = CELLS[d]
    middle = _middle(frame)[:, None]

    def sums(run: slice) -> FloatArray:
        z = np.empty((d, run.stop - run.start))
        frame.read(run.start, run.stop, out=z)
        away = z - frame.medians[:, None]
        places = (away / (middle + np.abs(away)) + 1.0) * (0.5 * cells)
        columns: IntArray = np.clip(places, 0, cells - 1).astype(np.int64)
        cell = columns[0] if d == 1 else columns[0] * cells + columns[1]
        within = places - columns - 0.5
        summed = np.concatenate([z, within, within**2])
        weights = None if frame.weights is None else frame.weights[run]
        if weights is not None:
            summed *= weights
        counts = np.bincount(cell, weights, cells**d)
        return np.stack([counts, *(np.bincount(cell, row, cells**d) for row in summed)])

    total = np.zeros((1 + 3 * d, cells**d))
    # Large runs: each comes down to as many numbers as there are cells.
    for part in chunk_map(sums, chunks(n, max(2**16, cells**d))):
        total += part
    occupied = total[0] > 0.0
    sizes = total[0, occupied]
    means, offsets, squares = (total[1:, occupied] / sizes).reshape(3, d, -1)
    variances = squares - offsets**2
    is_crowded = ((variances > EQUAL) & (variances < CROWDED)).any(axis=0) & (sizes >= FILLED)
    if sizes[is_crowded].sum() > HIDDEN * sizes.sum():
        return None
    return replace(
        frame,
        source=ArraySource((frame.center[:, None] + frame.unit * means).T),
        total=(means * sizes) @ means.T,
        distinct=np.arange(min(len(frame.distinct), len(sizes))),
        size=float(sizes.sum()),
        weights=sizes,
    )


def _middle(frame: Frame) -> FloatArray:
    """How far from the median half the cells reach, (d,); the others lie beyond, ever wider."""
    return np.asarray(MIDDLE * np.sqrt(np.where(frame.typical > 0.0, frame.typical, 1.0)))
