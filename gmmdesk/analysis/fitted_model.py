"""A fitted mixture without its rows: all that it takes to score others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.data.dataset import FloatArray
from gmmdesk.engine import Parameters

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

# A row is an outlier when only one row in a thousand of its cluster should lie farther out.
OUTLIER_SHARE = 0.001


def farthest_distances(n_columns: int) -> FloatArray:
    """The squared distance beyond which a row with values in 1..d columns is an outlier, (d,).

    The squared Mahalanobis distance of a Gaussian row is chi-square distributed, with a degree of
    freedom for each value that the row has.
    """
    from scipy.special import chdtri

    return np.asarray(chdtri(np.arange(1, n_columns + 1), OUTLIER_SHARE))


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A mixture of K clusters in d `columns`, and how their values are brought to its scale.

    `scaled` is the mixture of z where x = center + scale * z is in the units of the file, `center`
    and `scale` are (d,). `names` are those of the clusters. `missing` says what becomes of rows
    that lack a value: they are left out ("leave-out") or scored by the others ("em"). `origin` says
    in words where the model comes from.
    """

    columns: tuple[str, ...]
    center: FloatArray
    scale: FloatArray
    model: str
    scaled: Parameters
    names: tuple[str, ...]
    missing: str = "leave-out"
    origin: str = ""

    @classmethod
    def of(cls, analysis: Analysis, names: Sequence[str]) -> FittedModel:
        """What `analysis` found, its clusters called `names`."""
        prepared = analysis.prepared
        return cls(
            columns=prepared.columns,
            center=prepared.center,
            scale=prepared.scale,
            model=analysis.result.model,
            scaled=analysis.scaled.parameters,
            names=tuple(names),
            missing=analysis.settings.missing,
            origin=f"fitted to {analysis.dataset.receipt.source}",
        )

    @property
    def n_clusters(self) -> int:
        return len(self.scaled.weights)

    @cached_property
    def parameters(self) -> Parameters:
        """The mixture in the units of the file."""
        return self.scaled.in_units(self.center, self.scale)
