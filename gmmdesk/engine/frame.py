"""The data as the kernels see them: moved to their mean and brought to a common unit."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.source import ArraySource, Source, chunks, take
from gmmdesk.errors import FitError


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A source in the coordinates z = (x - center) / unit in which sums lose no digits.

    `unit` is one number, a power of two near the widest column's standard deviation: every model
    is equivariant to that, which scaling each column would not leave the spherical ones.
    `total` is sum_i z_i z_i^T, (d, d); `variances` are its mean diagonal, (d,), the yardstick
    for "small" in every column.
    """

    source: Source
    center: FloatArray
    unit: float
    total: FloatArray
    variances: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        return self.source.shape

    def read(self, start: int, stop: int, out: FloatArray) -> None:
        """Rows start..stop-1 into `out`, features first: (d, stop - start)."""
        np.subtract(self.source.rows(start, stop).T, self.center[:, None], out=out)
        out *= 1.0 / self.unit

    @property
    def scale(self) -> FloatArray:
        """`unit` for every column, (d,)."""
        return np.full(self.shape[1], self.unit)

    def sampled(self, rows: IntArray) -> Frame:
        """The given rows only (sorted indices), held in memory, in the same coordinates."""
        source = ArraySource(take(self.source, rows))
        sample = replace(self, source=source)
        z = np.empty(source.shape[::-1])
        sample.read(0, len(rows), out=z)
        return replace(sample, total=z @ z.T)

    def standardized(self) -> FloatArray:
        """Every row with each column at unit variance, (n, d): a copy, for few rows."""
        n, d = self.shape
        z = np.empty((d, n))
        self.read(0, n, out=z)
        z /= np.sqrt(np.where(self.variances > 0, self.variances, 1.0))[:, None]
        return np.ascontiguousarray(z.T)

    def jacobian(self) -> float:
        """What to add to a log-likelihood in these coordinates to have it in the data's, nats."""
        n, d = self.shape
        return -n * d * math.log(self.unit)


def make_frame(source: Source, chunk_map: ChunkMap) -> Frame:
    """Measure `source` in two passes: its mean, then second moments about it.

    Raises FitError naming the first cell that is not finite.
    """
    n, d = source.shape
    runs = chunks(n, max(256, 2**17 // d))

    def extent(run: slice) -> FloatArray:
        """Sum, least and greatest of each column."""
        part = source.rows(run.start, run.stop)
        finite = np.isfinite(part)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            raise FitError(
                f"Row {run.start + row + 1}, column {column + 1} is {part[row, column]}.",
                "Leave out rows with missing or infinite values.",
            )
        total = part.sum(axis=0, dtype=np.float64)
        return np.stack([total, part.min(axis=0), part.max(axis=0)])

    with np.errstate(over="ignore"):
        extents = np.stack(list(chunk_map(extent, runs)))
        least, greatest = extents[:, 1].min(axis=0), extents[:, 2].max(axis=0)
        constant = least == greatest
        center = np.where(constant, least, extents[:, 0].sum(axis=0) / n)

        def second_moments(run: slice) -> FloatArray:
            z = np.subtract(source.rows(run.start, run.stop).T, center[:, None])
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray(z @ z.T)

        total = np.sum(list(chunk_map(second_moments, runs)), axis=0)
    if not (np.isfinite(center).all() and np.isfinite(total).all()):
        raise FitError(
            "The data hold numbers so large that their squares overflow.", "Rescale the columns."
        )
    widest = math.sqrt(total.diagonal().max() / n)
    unit = 2.0 ** round(math.log2(widest)) if widest > 0 else 1.0
    total = total / unit**2
    return Frame(source, center, unit, total, total.diagonal() / n)
