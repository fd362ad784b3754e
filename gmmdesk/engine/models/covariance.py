"""The covariance models: how component covariances may differ in volume, shape and orientation.

The three letters say, for volume, shape and orientation in turn, whether they are equal over the
components (E), vary (V), or are the identity (I); Sigma_k = lambda_k D_k A_k D_k^T (Banfield and
Raftery, 1993; Celeux and Govaert, 1995, table 1).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.orientation import MAX_SWEEPS, common_axes, own_axes, principal_axes
from gmmdesk.engine.models.volumes import volumes_of_one_shape
from gmmdesk.engine.rows.statistics import Statistics

# What a sum over the rows loses for each, in nats.
ROUNDING = 1e-12


class Moments(enum.Enum):
    """The second moments a model's M-step needs; the fewer, the cheaper the pass over the rows."""

    POOLED = "sum over the components"
    DIAGONAL = "variances of each component"
    FULL = "covariances of each component"


class Effort(TypedDict):
    """Arguments of `common_axes`."""

    max_sweeps: int
    check: Callable[[], object]


class Hint(NamedTuple):
    """What an inner iteration begins with, and whether it has to come to its end.

    `previous` are the covariances of the last M-step, None before there was one. Not `exact`, an
    M-step raises the likelihood as far as is cheap: enough for runs that are to be compared.
    `like_mclust` asks for mclust's update where that is not the maximum, if the likelihood does
    not fall with it. `check` is called now and then by what takes long, and raises Cancelled when
    it is to end.
    """

    previous: FloatArray | None = None
    exact: bool = True
    like_mclust: bool = False
    check: Callable[[], object] = bool

    @property
    def effort(self) -> Effort:
        """What `common_axes` may spend."""
        return {"max_sweeps": MAX_SWEEPS if self.exact else 1, "check": self.check}

    def axes(self, scatter: FloatArray) -> FloatArray:
        """The common axes (d, d) that a search for better ones begins with."""
        return principal_axes(scatter if self.previous is None else self.previous)

    def volumes(self, scatter: FloatArray, sizes: FloatArray) -> FloatArray:
        """`volumes_of_one_shape`, as far as is asked for."""
        return volumes_of_one_shape(scatter, sizes, self.previous, exact=self.exact)


@dataclass(frozen=True, slots=True)
class CovarianceModel:
    """One covariance model.

    `covariances(statistics, hint)` is the M-step, (K, d, d), or (K, d) variances where the
    moments are diagonal; of statistics with one more axis before, one M-step for each along it, if
    it need not be exact. With `equal_volumes` what it returns still has a volume for each
    component, which are then made one (see `whitening.equalized`).
    `n_parameters(K, d)` counts free covariance parameters. `axis_aligned` models estimate no
    correlations, `spherical` ones not even a variance per column. All components have one
    covariance where it is `common`, and one volume where there is a `common_volume`.
    """

    description: str
    moments: Moments
    covariances: Callable[[Statistics, Hint], FloatArray]
    n_parameters: Callable[[int, int], int]
    source: str
    axis_aligned: bool = False
    spherical: bool = False
    equal_volumes: bool = False
    common: bool = False
    common_volume: bool = False

    def total_parameters(self, n_components: int, n_columns: int) -> int:
        """Free parameters of the mixture: weights, means and covariances."""
        return (
            (n_components - 1)
            + n_components * n_columns
            + self.n_parameters(n_components, n_columns)
        )


def _symmetric(d: int) -> int:
    """Free numbers of a symmetric matrix (d, d)."""
    return d * (d + 1) // 2


def _eii(statistics: Statistics, _hint: Hint) -> FloatArray:
    d = statistics.means.shape[-1]
    volume = statistics.pooled.sum(axis=-1) / (d * statistics.sizes.sum(axis=-1))
    return np.asarray(volume[..., None, None] * np.ones_like(statistics.means))


def _vii(statistics: Statistics, _hint: Hint) -> FloatArray:
    d = statistics.means.shape[-1]
    volumes = statistics.scatter.sum(axis=-1) / (d * statistics.sizes)
    return np.repeat(volumes[..., None], d, axis=-1)


def _eei(statistics: Statistics, _hint: Hint) -> FloatArray:
    shape = statistics.pooled / statistics.sizes.sum(axis=-1, keepdims=True)
    return np.repeat(shape[..., None, :], statistics.sizes.shape[-1], axis=-2)


def _vei(statistics: Statistics, hint: Hint) -> FloatArray:
    return hint.volumes(statistics.scatter, statistics.sizes)


def _vvi(statistics: Statistics, _hint: Hint) -> FloatArray:
    return statistics.scatter / statistics.sizes[..., None]


def _eee(statistics: Statistics, _hint: Hint) -> FloatArray:
    covariance = statistics.pooled / statistics.sizes.sum(axis=-1)[..., None, None]
    return np.repeat(covariance[..., None, :, :], statistics.sizes.shape[-1], axis=-3)


def _vee(statistics: Statistics, hint: Hint) -> FloatArray:
    return hint.volumes(statistics.scatter, statistics.sizes)


def _eve(statistics: Statistics, hint: Hint) -> FloatArray:
    scatter, sizes = statistics.scatter, statistics.sizes
    axes = common_axes(scatter, sizes, hint.axes(scatter), equal_volumes=True, **hint.effort)
    return _along(axes, statistics)


def _vve(statistics: Statistics, hint: Hint) -> FloatArray:
    """The likeliest axes; like mclust, those of EVE, unless the likelihood would fall.

    mclust's are not the maximum: it leaves the volumes out of the weights (version 6.0.0).
    """
    scatter, sizes = statistics.scatter, statistics.sizes
    start = hint.axes(scatter)
    if hint.like_mclust:
        axes = common_axes(scatter, sizes, start, equal_volumes=True, **hint.effort)
        if hint.previous is None or _rises(axes, start, hint.previous, statistics):
            return _along(axes, statistics)
    axes = common_axes(scatter, sizes, start, equal_volumes=False, **hint.effort)
    return _along(axes, statistics)


def _rises(
    axes: FloatArray, start: FloatArray, previous: FloatArray, statistics: Statistics
) -> bool:
    """Whether covariances along `axes` are at least as likely as the previous, along `start`."""
    sizes = statistics.sizes
    spread = _variances_along(axes, statistics.scatter) / sizes[:, None]
    before = _variances_along(start, previous)
    shares = _variances_along(start, statistics.scatter) / before
    with np.errstate(divide="ignore", invalid="ignore"):  # without extent: it collapses below
        gain = sizes @ np.log(before / spread).sum(axis=1) + shares.sum() - sizes.sum() * len(axes)
    return not gain < -ROUNDING * sizes.sum()


def _eev(statistics: Statistics, _hint: Hint) -> FloatArray:
    variances, axes = own_axes(statistics.scatter)
    shape = variances.sum(axis=-2) / statistics.sizes.sum(axis=-1, keepdims=True)
    return _turned(axes, shape[..., None, :])


def _vev(statistics: Statistics, hint: Hint) -> FloatArray:
    variances, axes = own_axes(statistics.scatter)
    return _turned(axes, hint.volumes(variances, statistics.sizes))


def _vvv(statistics: Statistics, _hint: Hint) -> FloatArray:
    return statistics.scatter / statistics.sizes[..., None, None]


def _along(axes: FloatArray, statistics: Statistics) -> FloatArray:
    """Sigma_k = D B_k D^T for the axes D (..., d, d): the B_k that are likeliest for them."""
    variances = _variances_along(axes, statistics.scatter) / statistics.sizes[..., None]
    return _turned(axes[..., None, :, :], variances)


def _variances_along(axes: FloatArray, scatter: FloatArray) -> FloatArray:
    """The diagonals of D^T W_k D, (..., K, d)."""
    common = axes[..., None, :, :]
    return np.asarray(((scatter @ common) * common).sum(axis=-2))


def _turned(axes: FloatArray, variances: FloatArray) -> FloatArray:
    """D_k diag(variances_k) D_k^T, exactly symmetric, (..., K, d, d)."""
    covariances = (axes * variances[..., None, :]) @ axes.swapaxes(-2, -1)
    return np.asarray((covariances + covariances.swapaxes(-2, -1)) / 2.0)


MODELS: dict[str, CovarianceModel] = {
    "EII": CovarianceModel(
        "spherical, equal volume",
        Moments.DIAGONAL,
        _eii,
        lambda _K, _d: 1,
        "Celeux and Govaert (1995), section 3.3, model lambda I",
        axis_aligned=True,
        spherical=True,
        common=True,
        common_volume=True,
    ),
    "VII": CovarianceModel(
        "spherical, varying volume",
        Moments.DIAGONAL,
        _vii,
        lambda K, _d: K,
        "Celeux and Govaert (1995), section 3.3, model lambda_k I",
        axis_aligned=True,
        spherical=True,
    ),
    "EEI": CovarianceModel(
        "diagonal, equal volume and shape",
        Moments.DIAGONAL,
        _eei,
        lambda _K, d: d,
        "Celeux and Govaert (1995), section 3.2, model lambda B",
        axis_aligned=True,
        common=True,
        common_volume=True,
    ),
    "VEI": CovarianceModel(
        "diagonal, varying volume, equal shape",
        Moments.DIAGONAL,
        _vei,
        lambda K, d: d + K - 1,
        "Celeux and Govaert (1995), section 3.2, model lambda_k B",
        axis_aligned=True,
    ),
    "EVI": CovarianceModel(
        "diagonal, equal volume, varying shape",
        Moments.DIAGONAL,
        _vvi,
        lambda K, d: K * d - K + 1,
        "Celeux and Govaert (1995), section 3.2, model lambda B_k",
        axis_aligned=True,
        equal_volumes=True,
        common_volume=True,
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
        lambda _K, d: _symmetric(d),
        "Celeux and Govaert (1995), section 3.1, model lambda D A D^T",
        common=True,
        common_volume=True,
    ),
    "VEE": CovarianceModel(
        "ellipsoidal, varying volume, equal shape and orientation",
        Moments.FULL,
        _vee,
        lambda K, d: _symmetric(d) + K - 1,
        "Celeux and Govaert (1995), section 3.1, model lambda_k D A D^T",
    ),
    "EVE": CovarianceModel(
        "ellipsoidal, equal volume and orientation, varying shape",
        Moments.FULL,
        _eve,
        lambda K, d: _symmetric(d) + (K - 1) * (d - 1),
        "Celeux and Govaert (1995), section 3.1, model lambda D A_k D^T; Browne and McNicholas"
        " (2014)",
        equal_volumes=True,
        common_volume=True,
    ),
    "VVE": CovarianceModel(
        "ellipsoidal, varying volume and shape, equal orientation",
        Moments.FULL,
        _vve,
        lambda K, d: _symmetric(d) + (K - 1) * d,
        "Celeux and Govaert (1995), section 3.1, model lambda_k D A_k D^T; Browne and McNicholas"
        " (2014)",
    ),
    "EEV": CovarianceModel(
        "ellipsoidal, equal volume and shape, varying orientation",
        Moments.FULL,
        _eev,
        lambda K, d: K * _symmetric(d) - (K - 1) * d,
        "Celeux and Govaert (1995), section 3.1, model lambda D_k A D_k^T",
        common_volume=True,
    ),
    "VEV": CovarianceModel(
        "ellipsoidal, varying volume and orientation, equal shape",
        Moments.FULL,
        _vev,
        lambda K, d: K * _symmetric(d) - (K - 1) * (d - 1),
        "Celeux and Govaert (1995), section 3.1, model lambda_k D_k A D_k^T",
    ),
    "EVV": CovarianceModel(
        "ellipsoidal, equal volume, varying shape and orientation",
        Moments.FULL,
        _vvv,
        lambda K, d: K * _symmetric(d) - (K - 1),
        "Celeux and Govaert (1995), section 3.1, model lambda D_k A_k D_k^T",
        equal_volumes=True,
        common_volume=True,
    ),
    "VVV": CovarianceModel(
        "ellipsoidal, varying volume, shape and orientation",
        Moments.FULL,
        _vvv,
        lambda K, d: K * _symmetric(d),
        "Celeux and Govaert (1995), section 3.1, model lambda_k D_k A_k D_k^T",
    ),
}


def entry(family: str, n_columns: int) -> CovarianceModel:
    """The model to compute with: in one column there are two only, equal and varying variance."""
    if n_columns > 1:
        return MODELS[family]
    return MODELS["EEE" if family.startswith("E") else "VVV"]


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


def distinct(models: Iterable[str], n_columns: int) -> tuple[str, ...]:
    """Those of the models (or aliases) that differ in so many columns, the first of each kind.

    In one column EEE and VVV come before those that are the same as these.
    """
    kinds: dict[int, str] = {}
    families = {name: MODEL_ALIASES.get(name, name) for name in models}
    own_first = sorted(
        families, key=lambda name: MODELS[families[name]] is not entry(families[name], n_columns)
    )
    for name in own_first:
        kinds.setdefault(id(entry(families[name], n_columns)), name)
    return tuple(kinds.values())
