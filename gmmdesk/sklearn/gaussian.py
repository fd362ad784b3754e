"""GaussianMixture: maximum likelihood by EM, with the parameters and attributes of scikit-learn."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import sklearn

from gmmdesk.engine.arrays import AnyArray, FloatArray
from gmmdesk.engine.models.covariance import MODELS, Moments
from gmmdesk.sklearn.base import BaseMixture, Run
from gmmdesk.sklearn.checks import check_shape, checked_means, checked_precisions, checked_weights
from gmmdesk.sklearn.layouts import LAYOUTS, family, roots_of
from gmmdesk.sklearn.plain_em import PlainEM, maximized, with_pseudo_rows
from gmmdesk.sklearn.rows import Mixture, Rows, rooted
from gmmdesk.sklearn.seeds import ARRAY_API_SEEDS, SEEDS


class GaussianMixture(BaseMixture):
    """A drop-in for `sklearn.mixture.GaussianMixture`, many times as fast on many rows.

    Parameters, attributes, methods and errors are scikit-learn's, and from the same
    `random_state` so are the numbers: plain EM, stopped when the log-likelihood per row changes
    by less than `tol` (nats). All is computed in double precision, and given back in that of X.

    Parameters
    ----------
    n_components : int, default=1
        K, the number of components.
    covariance_type : str, default="full"
        scikit-learn's "full", "tied", "diag" or "spherical", or one of the 14 models of the
        mclust family, "EII" to "VVV" (`gmmdesk.engine.MODELS`).
    tol, reg_covar, max_iter, n_init : default=1e-3, 1e-6, 100, 1
        When to stop; what is added to the diagonal of the covariances; iterations at most;
        starts, of which the likeliest is kept.
    init_params : {"kmeans", "k-means++", "random", "random_from_data"}, default="kmeans"
        How a start is found, with scikit-learn's k-means and draws.
    weights_init, means_init, precisions_init : array-like, default=None
        A start that is given, in the shapes of `weights_`, `means_` and `precisions_`.
    random_state : int, RandomState or None, default=None
    warm_start : bool, default=False
        Whether a further `fit` goes on where the last one ended.
    verbose, verbose_interval : int, default=0, 10

    Attributes
    ----------
    weights_ : (K,)
    means_ : (K, d)
    covariances_, precisions_, precisions_cholesky_
        (K, d, d) for "full" and the 14 models, (d, d) for "tied", (K, d) for "diag", (K,) for
        "spherical". The Cholesky factors U are upper triangular: a precision is U U^T.
    converged_, n_iter_ : bool, int
        Of the likeliest run.
    lower_bound_, lower_bounds_ : float, list
        The mean log-likelihood of a row before the last M-step, and before each.
    n_features_in_, feature_names_in_ : int, (d,)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseMixture._parameter_constraints,
        "weights_init": ["array-like", None],
        "means_init": ["array-like", None],
        "precisions_init": ["array-like", None],
    }

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-6,
        max_iter: int = 100,
        n_init: int = 1,
        init_params: str = "kmeans",
        weights_init: npt.ArrayLike | None = None,
        means_init: npt.ArrayLike | None = None,
        precisions_init: npt.ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
    ) -> None:
        super().__init__(
            n_components=n_components,
            covariance_type=covariance_type,
            tol=tol,
            reg_covar=reg_covar,
            max_iter=max_iter,
            n_init=n_init,
            init_params=init_params,
            random_state=random_state,
            warm_start=warm_start,
            verbose=verbose,
            verbose_interval=verbose_interval,
        )
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init

    def aic(self, X: npt.ArrayLike) -> float:
        """Akaike's information criterion on X (n, d); lower is better."""
        total, _n = self._total(X)
        return 2.0 * self._n_parameters() - 2.0 * total

    def bic(self, X: npt.ArrayLike) -> float:
        """The Bayesian information criterion on X (n, d); lower is better."""
        total, n = self._total(X)
        return self._n_parameters() * math.log(n) - 2.0 * total

    def _total(self, X: npt.ArrayLike) -> tuple[float, int]:
        """The log-likelihood of all rows of X, nats, and their number."""
        log_densities = self.score_samples(X)
        return float(log_densities.sum(dtype=np.float64)), len(log_densities)

    def _n_parameters(self) -> int:
        K, d = self.means_.shape
        return MODELS[family(self.covariance_type)].total_parameters(K, d)

    def _check_start(self, d: int) -> None:
        self._given(d)
        if sklearn.get_config()["array_api_dispatch"] and self.init_params not in ARRAY_API_SEEDS:
            raise NotImplementedError(
                f"Allowed `init_params` are {ARRAY_API_SEEDS} if 'array_api_dispatch' is enabled. "
                f"You passed init_params={self.init_params!r}, which are not implemented to work "
                "with 'array_api_dispatch' enabled. Please disable 'array_api_dispatch' to use "
                f"init_params={self.init_params!r}."
            )

    def _given(self, d: int) -> tuple[AnyArray | None, AnyArray | None, AnyArray | None]:
        """The start's weights, means and roots of precisions, as far as the caller gave them."""
        K, layout = self.n_components, LAYOUTS[self.covariance_type]
        weights = means = roots = None
        if self.weights_init is not None:
            weights = checked_weights(self.weights_init, K).astype(np.float64)
        if self.means_init is not None:
            means = checked_means(self.means_init, K, d)
        if self.precisions_init is not None:
            precisions = checked_precisions(self.precisions_init, self.covariance_type, K, d)
            roots = roots_of(layout.unpack(precisions.astype(np.float64), d))
        return weights, means, roots

    def _begin(self, rows: Rows, X: AnyArray, random_state: np.random.RandomState | None) -> Run:
        model = self._model(rows.shape[1])
        start = self._last(rows) if random_state is None else self._first(rows, X, random_state)
        return PlainEM(rows, model, self.reg_covar, start)

    def _last(self, rows: Rows) -> Mixture:
        """Where the last fit ended, in the frame's coordinates."""
        K, d = self.n_components, rows.shape[1]
        layout = LAYOUTS[self.covariance_type]
        check_shape(self.weights_, (K,), "weights")
        check_shape(self.means_, (K, d), "means")
        check_shape(self.precisions_cholesky_, layout.shape(K, d), "precisions_cholesky")
        roots = layout.unpack(self.precisions_cholesky_, d)
        return self._rooted(rows, self.weights_, rows.inward(self.means_), roots)

    def _first(self, rows: Rows, X: AnyArray, random_state: np.random.RandomState) -> Mixture:
        """A new start in the frame's coordinates: what the caller gave, the rest from a seed."""
        n, d = rows.shape
        weights, means, roots = self._given(d)
        inward = None if means is None else rows.inward(means)
        if weights is not None and inward is not None and roots is not None:
            return self._rooted(rows, weights, inward, roots)
        model = self._model(d)
        statistics = SEEDS[self.init_params](rows, X, self.n_components, random_state)
        if self.covariance_type == "tied" and round(statistics.sizes.sum()) < n:
            # Few rows make this start, but scikit-learn takes them for all. The covariance is too
            # large by far; it is what the same random_state gives there.
            statistics = rows.against_all(statistics)
        if roots is None:
            found = maximized(statistics, model, self.reg_covar / rows.unit**2, n)
        else:
            padded = with_pseudo_rows(statistics, model)
            found = self._rooted(rows, padded.sizes / n, padded.means, roots)
        return replace(
            found,
            weights=found.weights if weights is None else weights,
            means=found.means if inward is None else inward,
        )

    def _rooted(
        self, rows: Rows, weights: AnyArray, inward: FloatArray, roots: AnyArray
    ) -> Mixture:
        along_axes = self._model(rows.shape[1]).moments is Moments.DIAGONAL
        return rooted(weights.astype(np.float64), inward, roots * rows.unit, along_axes)

    def _adopt(self, run: Run, rows: Rows, dtype: np.dtype[Any]) -> None:
        assert isinstance(run, PlainEM)
        mixture = rows.leave(run.mixture)
        pack = LAYOUTS[self.covariance_type].pack
        inverses = mixture.whitening.inverses
        roots = inverses if inverses.ndim == 2 else inverses.transpose(0, 2, 1)
        self.weights_ = mixture.weights.astype(dtype)
        self.means_ = mixture.means.astype(dtype)
        self.covariances_ = pack(mixture.covariances).astype(dtype)
        self.precisions_ = pack(mixture.whitening.precisions).astype(dtype)
        self.precisions_cholesky_ = pack(roots).astype(dtype)

    def _log_weights(self) -> FloatArray:
        with np.errstate(divide="ignore"):  # a weight of 0 is allowed
            return np.asarray(np.log(self.weights_, dtype=np.float64))
