"""A mixture in the columns as the user knows them, as far as these are straight there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.ranges import Range
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps.fitted import Original
from gmmdesk.engine import Noise, Parameters, Region


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """The d columns in which rows are explained, and the `mixture` in them.

    They are those of the file, before a step has bent them (`originals`: the way back), wherever
    each prepared row comes from one row of the file; where steps have lost something they are the
    prepared ones. `offset` (d,) is taken off them. Rows z of `Prepared.X` are y = `loadings` z.
    `ranges` are those of the components in each.
    """

    originals: tuple[Original, ...]
    mixture: Parameters
    offset: FloatArray
    loadings: FloatArray
    ranges: tuple[Range, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.originals)

    def rows(self, Z: FloatArray) -> FloatArray:
        """Rows (m, d) of `Prepared.X` in these columns, nan where a cell is missing."""
        absent = np.isnan(Z)
        y = np.where(absent, 0.0, Z) @ self.loadings.T
        y[(absent.astype(np.float64) @ (self.loadings.T != 0.0)) > 0.0] = np.nan
        return np.asarray(y)

    def in_file(self, column: int, y: FloatArray) -> FloatArray:
        """Values of one of the columns in the units of the file."""
        return self.originals[column].back(self.offset[column] + y)

    def in_file_by_component(self, Y: FloatArray) -> FloatArray:
        """A row (K, d) for each component, in the units of the file and within its rows."""
        told = self.values(Y)
        return np.stack([one.held(told[:, j]) for j, one in enumerate(self.ranges)], axis=1)

    def values(self, Y: FloatArray) -> FloatArray:
        """Rows (m, d) in the units of the file."""
        return np.stack([self.in_file(j, Y[:, j]) for j in range(Y.shape[1])], axis=1)


def straight(analysis: Analysis) -> Straight:
    """The columns in which rows of `analysis` are explained."""
    prepared = analysis.prepared
    found = prepared.originals
    d = len(prepared.columns)
    ranges = analysis.uncombined.ranges
    if len(found) != d or not all(one.exact for one in found):
        found = tuple(
            Original(name, np.array([j]), np.ones(1)) for j, name in enumerate(prepared.columns)
        )
        ranges = (Range.unknown(len(analysis.scaled.weights)),) * d
    loadings, offset = np.zeros((d, d)), np.empty(d)
    for j, one in enumerate(found):
        loadings[j, one.at] = one.weights * prepared.scale[one.at]
        offset[j] = one.offset + one.weights @ prepared.center[one.at]
    scaled = analysis.scaled.parameters
    noise = scaled.noise
    if noise is not None:
        region = Region(loadings @ noise.region.origin, loadings @ noise.region.edges)
        noise = Noise(noise.weight, region)
    covariances = loadings @ scaled.covariances @ loadings.T
    mixture = replace(
        scaled,
        means=scaled.means @ loadings.T,
        covariances=0.5 * (covariances + covariances.swapaxes(1, 2)),
        noise=noise,
    )
    return Straight(found, mixture, offset, loadings, ranges)
