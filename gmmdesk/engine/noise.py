"""The noise component: rows spread evenly over the region of the data."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Region
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.source import passes
from gmmdesk.errors import FitError


def region_of(frame: Frame, chunk_map: ChunkMap) -> Region:
    """The region that the rows take up, in the frame's coordinates.

    The smaller of two boxes around all rows, one along the columns and one along the principal
    components, as in mclust's `hypvol` (Fraley and Raftery, 1998, The Computer Journal 41,
    578-588). Where cells are missing it is the former, of which the sides that a row has are a box
    too. Raises FitError where the rows lie in a plane, which has no volume.
    """
    n, d = frame.shape
    turns = [np.eye(d)]
    if frame.gaps is None:
        turns.append(np.linalg.eigh(frame.total)[1])

    def extent(run: slice) -> FloatArray:
        z = np.empty((d, run.stop - run.start))
        frame.read(run.start, run.stop, out=z)
        turned = [z] if frame.gaps is not None else [axes.T @ z for axes in turns]
        return np.array(
            [[np.fmin.reduce(part, axis=1), -np.fmax.reduce(part, axis=1)] for part in turned]
        )

    extents = np.fmin.reduce(list(chunk_map(extent, passes(n, d))), axis=0)
    lengths = -extents.sum(axis=1)
    if not lengths.min() > 0.0:
        raise FitError(
            "The rows take up no volume, so noise has no density.",
            "Leave out constant columns, or do without noise.",
        )
    smaller = int(np.argmin(np.log(lengths).sum(axis=1)))
    axes = turns[smaller]
    return Region(axes @ extents[smaller, 0], axes * lengths[smaller])
