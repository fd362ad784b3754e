"""Columns brought to one scale as they are read, for data that are not held in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import Source, as_source
from gmmdesk.errors import FitError


class StandardizedSource:
    """A Source over another, or an array: z = (x - center) / scale.

    Each column then has the mean 0 and the variance 1.

    `center` and `scale`, both (d,), are what `prepare` takes for the scaling "standard", the mean
    and the standard deviation (population), from two passes over `source` when this is made.
    `FitResult.in_units(center, scale)` brings a fit back to the units of `source`.
    Raises FitError for a column that is constant, and naming the first cell that is not finite.
    """

    def __init__(self, source: Source | npt.ArrayLike, chunk_map: ChunkMap | None = None) -> None:
        source = as_source(source)
        with running(chunk_map) as run:
            frame = make_frame(source, run)
        constant = frame.variances == 0.0
        if constant.any():
            raise FitError(
                "{column} holds the same value in every row.",
                "Leave the column out.",
                int(np.argmax(constant)),
            )
        self.shape = source.shape
        self.center = frame.center
        self.scale: FloatArray = frame.unit * np.sqrt(frame.variances)
        self._source = source

    def rows(self, start: int, stop: int) -> FloatArray:
        """Rows start..stop-1, (stop - start, d), column-major."""
        z = np.empty((self.shape[1], stop - start))
        np.subtract(self._source.rows(start, stop).T, self.center[:, None], out=z)
        z /= self.scale[:, None]
        return z.T
