"""A fitted mixture without its rows: all that it takes to score others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.analysis import palette
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps.fitted import Preparation
from gmmdesk.engine import Parameters

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

# A row is an outlier when no larger share of its cluster's rows should lie as far out: this one,
# unless the user chooses another.
OUTLIER_LEVEL = 0.001


def farthest_distances(n_columns: int, level: float) -> FloatArray:
    """The squared distance beyond which a row with values in 1..d columns is an outlier, (d,).

    The squared Mahalanobis distance of a Gaussian row is chi-square distributed, with a degree of
    freedom for each value that the row has: a share of `level` lies beyond.
    """
    from scipy.special import chdtri

    return np.asarray(chdtri(np.arange(1, n_columns + 1), level))


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A mixture of K components, and how a table becomes the rows that it scores.

    `scaled` is the mixture of z where x = center + scale * z is in the d prepared `columns`, to
    which `preparation` leads. `names` are those of the clusters, `origin` says in words where the
    model comes from. `colors` are those that the clusters are shown in, "#RRGGBB"; where it is
    empty, those of the palette; likewise their shapes, `signs`. Each component is a cluster, unless
    a `grouping` combines some. `units` are those that the file stated, by its columns. Rows are
    outliers where at most a share of `outlier_level` of their cluster's should lie as far out.
    """

    preparation: Preparation
    model: str
    scaled: Parameters
    names: tuple[str, ...]
    origin: str = ""
    colors: tuple[str, ...] = ()
    signs: tuple[int, ...] = ()
    grouping: Grouping | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    outlier_level: float = OUTLIER_LEVEL

    @classmethod
    def of(cls, analysis: Analysis, names: Sequence[str]) -> FittedModel:
        """What `analysis` found, its clusters called `names`."""
        return cls(
            preparation=analysis.prepared.preparation,
            model=analysis.result.model,
            scaled=analysis.scaled.parameters,
            names=tuple(names),
            origin=f"fitted to {analysis.dataset.receipt.source}",
            colors=analysis.colors,
            signs=analysis.signs,
            grouping=analysis.grouping,
            units=analysis.prepared.units,
            outlier_level=analysis.outlier_level,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        return self.preparation.columns

    @cached_property
    def center(self) -> FloatArray:
        """(d,)"""
        return np.array(self.preparation.center)

    @cached_property
    def scale(self) -> FloatArray:
        """(d,)"""
        return np.array(self.preparation.scale)

    @property
    def missing(self) -> str:
        """What becomes of rows that lack a value: they are left out, or scored by the others."""
        return self.preparation.missing

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

    @property
    def n_clusters(self) -> int:
        return len(self.scaled.weights) if self.grouping is None else self.grouping.n_clusters

    @cached_property
    def scaled_clusters(self) -> Parameters:
        """The clusters on the scale of the fit: of those combined, mean and covariance."""
        return self.scaled if self.grouping is None else self.grouping.moments(self.scaled)

    @cached_property
    def clusters(self) -> Parameters:
        """The same in the units of the prepared columns."""
        return self.scaled_clusters.in_units(self.center, self.scale)

    @cached_property
    def parameters(self) -> Parameters:
        """The mixture in the units of the prepared columns."""
        return self.scaled.in_units(self.center, self.scale)
