"""The covariance models: how component covariances may differ in volume, shape and orientation.

The three letters say, for volume, shape and orientation in turn, whether they are equal over the
components (E), vary (V), or are the identity (I); Sigma_k = lambda_k D_k A_k D_k^T (Banfield and
Raftery, 1993; Celeux and Govaert, 1995, table 1).
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.statistics import Statistics


class Moments(enum.Enum):
    """The second moments a model's M-step needs; the fewer, the cheaper the pass over the rows."""

    POOLED = "sum over the components"
    DIAGONAL = "variances of each component"
    FULL = "covariances of each component"


@dataclass(frozen=True, slots=True)
class CovarianceModel:
    """One covariance model.

    `covariances(statistics, previous)` is the M-step, (K, d, d), or (K, d) variances where the
    moments are diagonal; `previous` are the covariances of the last iteration or None, from
    which a model with an inner iteration goes on.
    `n_parameters(K, d)` counts free covariance parameters. `axis_aligned` models estimate no
    correlations, `spherical` ones not even a variance per column.
    """

    description: str
    moments: Moments
    covariances: Callable[[Statistics, FloatArray | None], FloatArray]
    n_parameters: Callable[[int, int], int]
    source: str
    axis_aligned: bool = False
    spherical: bool = False

    def total_parameters(self, n_components: int, n_columns: int) -> int:
        """Free parameters of the mixture: weights, means and covariances."""
        return (
            (n_components - 1)
            + n_components * n_columns
            + self.n_parameters(n_components, n_columns)
        )


def _vii(statistics: Statistics, _previous: FloatArray | None) -> FloatArray:
    d = statistics.means.shape[1]
    volumes = statistics.scatter.sum(axis=1) / (d * statistics.sizes)
    return np.repeat(volumes[:, None], d, axis=1)


def _vvi(statistics: Statistics, _previous: FloatArray | None) -> FloatArray:
    return statistics.scatter / statistics.sizes[:, None]


def _eee(statistics: Statistics, _previous: FloatArray | None) -> FloatArray:
    covariance = statistics.pooled / statistics.sizes.sum()
    return np.tile(covariance, (len(statistics.sizes), 1, 1))


def _vvv(statistics: Statistics, _previous: FloatArray | None) -> FloatArray:
    return statistics.scatter / statistics.sizes[:, None, None]


MODELS: dict[str, CovarianceModel] = {
    "VII": CovarianceModel(
        "spherical, varying volume",
        Moments.DIAGONAL,
        _vii,
        lambda K, _d: K,
        "Celeux and Govaert (1995), section 3.3, model lambda_k I",
        axis_aligned=True,
        spherical=True,
    ),
    "VVI": CovarianceModel(
        "diagonal, varying volume and shape",
        Moments.DIAGONAL,
        _vvi,
        lambda K, d: K * d,
        "Celeux and Govaert (1995), section 3.2, model lambda_k B_k",
        axis_aligned=True,
    ),
    "EEE": CovarianceModel(
        "ellipsoidal, equal volume, shape and orientation",
        Moments.POOLED,
        _eee,
        lambda _K, d: d * (d + 1) // 2,
        "Celeux and Govaert (1995), section 3.1, model lambda D A D^T",
    ),
    "VVV": CovarianceModel(
        "ellipsoidal, varying volume, shape and orientation",
        Moments.FULL,
        _vvv,
        lambda K, d: K * d * (d + 1) // 2,
        "Celeux and Govaert (1995), section 3.1, model lambda_k D_k A_k D_k^T",
    ),
}

# scikit-learn's names, and mclust's for one column, where all shapes are the same.
MODEL_ALIASES = {
    "full": "VVV",
    "tied": "EEE",
    "diag": "VVI",
    "spherical": "VII",
    "E": "EEE",
    "V": "VVV",
}
# Names that mean something for data of one column only.
ONE_COLUMN = ("E", "V")
