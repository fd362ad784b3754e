"""What the mixtures of this package have in common: scikit-learn's fit loop and its questions."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.models.covariance import CovarianceModel, entry
from gmmdesk.engine.parallel import running
from gmmdesk.sklearn.checks import FLOATS
from gmmdesk.sklearn.evaluation import Density
from gmmdesk.sklearn.layouts import LAYOUTS, family
from gmmdesk.sklearn.narration import Narration
from gmmdesk.sklearn.rows import Rows
from gmmdesk.sklearn.seeds import SEEDS


class Run(Protocol):
    """One way to a maximum, from one start."""

    def step(self) -> float:
        """One iteration; the lower bound per row at the E-step in it, nats."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A run that ended, and the lower bound of each of its iterations."""

    run: Run
    bounds: list[float]
    converged: bool

    @property
    def bound(self) -> float:
        return self.bounds[-1] if self.bounds else -np.inf


class BaseMixture(DensityMixin, BaseEstimator, ABC):
    """A mixture as an estimator; subclasses say how one run begins and what its result is."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "covariance_type": [StrOptions(set(LAYOUTS))],
        "tol": [Interval(Real, 0.0, None, closed="left")],
        "reg_covar": [Interval(Real, 0.0, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "init_params": [StrOptions(set(SEEDS))],
        "random_state": ["random_state"],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
        "verbose_interval": [Interval(Integral, 1, None, closed="left")],
    }

    weights_: AnyArray
    means_: AnyArray
    covariances_: AnyArray
    precisions_cholesky_: AnyArray
    lower_bound_: float

    def __init__(
        self,
        *,
        n_components: int,
        covariance_type: str,
        tol: float,
        reg_covar: float,
        max_iter: int,
        n_init: int,
        init_params: str,
        random_state: int | np.random.RandomState | None,
        warm_start: bool,
        verbose: int,
        verbose_interval: int,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval

    @abstractmethod
    def _check_start(self, d: int) -> None:
        """Raise ValueError when what the caller gave of a start does not fit d columns."""

    @abstractmethod
    def _begin(self, rows: Rows, X: AnyArray, random_state: np.random.RandomState | None) -> Run:
        """A run from a new start, or without `random_state` from where the last fit ended."""

    @abstractmethod
    def _adopt(self, run: Run, rows: Rows, dtype: np.dtype[Any]) -> None:
        """Set the attributes for the parameters that `run` found."""

    @abstractmethod
    def _log_weights(self) -> FloatArray:
        """What to add to the log densities of the components, (K,), nats."""

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Estimate the parameters from X (n, d); `y` is ignored.

        The likeliest of `n_init` runs is kept; with `warm_start`, a further call goes on where
        the last one ended. Warns with ConvergenceWarning when `max_iter` iterations were not
        enough. Raises ValueError for parameters or data that cannot be used, and when a
        covariance is not positive definite.
        """
        self._fit(self._checked(X))
        return self

    def fit_predict(self, X: npt.ArrayLike, y: object = None) -> IntArray:
        """`fit`, then the component of each row of X: (n,)."""
        checked = self._checked(X)
        self._fit(checked)
        return self._density().labels(checked)

    def predict(self, X: npt.ArrayLike) -> IntArray:
        """The likeliest component of each row of X (n, d): (n,)."""
        checked = self._checked_again(X)
        return self._density().labels(checked)

    def predict_proba(self, X: npt.ArrayLike) -> AnyArray:
        """The probability of each component for each row of X (n, d): (n, K)."""
        checked = self._checked_again(X)
        return self._density().responsibilities(checked)

    def score_samples(self, X: npt.ArrayLike) -> AnyArray:
        """The log density of each row of X (n, d), nats: (n,)."""
        checked = self._checked_again(X)
        return self._density().log_density(checked)

    def score(self, X: npt.ArrayLike, y: object = None) -> float:
        """The mean log density of the rows of X (n, d), nats; `y` is ignored."""
        return float(self.score_samples(X).mean())

    def sample(self, n_samples: int = 1) -> tuple[FloatArray, IntArray]:
        """Random rows (n_samples, d) from the mixture, and their components (n_samples,).

        Sorted by component. Raises ValueError when `n_samples` is below 1.
        """
        check_is_fitted(self)
        if n_samples < 1:
            raise ValueError(
                f"Invalid value for 'n_samples': {n_samples} . The sampling requires at least one "
                "sample."
            )
        random = check_random_state(self.random_state)
        d = self.means_.shape[1]
        weights = self.weights_.astype(
            np.float64
        )  # in single precision they may add to more than 1
        sizes = random.multinomial(n_samples, weights / weights.sum())
        layout = LAYOUTS[self.covariance_type]
        K = len(sizes)
        spreads = layout.unpack(self.covariances_, d)
        spreads = np.broadcast_to(spreads, (K, *spreads.shape[1:]))
        parts = [
            mean + random.standard_normal(size=(size, d)) * np.sqrt(spread)
            if layout.along_axes
            else random.multivariate_normal(mean, spread, int(size))
            for mean, spread, size in zip(self.means_, spreads, sizes, strict=True)
        ]
        return np.vstack(parts), np.repeat(np.arange(K), sizes)

    def _model(self, d: int) -> CovarianceModel:
        return entry(family(self.covariance_type), d)

    def _checked(self, X: npt.ArrayLike) -> AnyArray:
        """X as an array (n, d) of floats that can be fitted; its columns are those from now on."""
        self._validate_params()
        array: AnyArray = validate_data(self, X, dtype=FLOATS, ensure_min_samples=2)
        n, d = array.shape
        if n < self.n_components:
            raise ValueError(
                "Expected n_samples >= n_components "
                f"but got n_components = {self.n_components}, n_samples = {n}"
            )
        self._check_start(d)
        return array

    def _checked_again(self, X: npt.ArrayLike) -> AnyArray:
        """X as an array (n, d) of floats with the columns that were fitted."""
        check_is_fitted(self)
        array: AnyArray = validate_data(self, X, dtype=FLOATS, reset=False)
        return array

    def _fit(self, X: AnyArray) -> None:
        warm = self.warm_start and hasattr(self, "converged_")
        random_state = None if warm else check_random_state(self.random_state)
        narration = Narration(self.verbose, self.verbose_interval)
        best: _Outcome | None = None
        with running(None) as chunk_map:
            rows = Rows(X, self.n_components, self._model(X.shape[1]), chunk_map)
            for number in range(1 if warm else self.n_init):
                narration.begins(number)
                run = self._begin(rows, X, random_state)
                outcome = self._climbed(run, self.lower_bound_ if warm else -np.inf, narration)
                if best is None or outcome.bound > best.bound or best.bound == -np.inf:
                    best = outcome
        assert best is not None  # n_init is at least 1
        if self.max_iter and not best.converged:
            warnings.warn(
                "Best performing initialization did not converge. Try different init parameters, "
                "or increase max_iter, tol, or check for degenerate data.",
                ConvergenceWarning,
                stacklevel=3,
            )
        self._adopt(best.run, rows, X.dtype)
        self.converged_ = best.converged
        self.n_iter_ = len(best.bounds)
        self.lower_bound_ = best.bound
        self.lower_bounds_ = best.bounds

    def _climbed(self, run: Run, bound: float, narration: Narration) -> _Outcome:
        """Iterate until the lower bound, `bound` so far, changes by less than `tol`."""
        bounds: list[float] = []
        converged = False
        while len(bounds) < self.max_iter and not converged:
            before, bound = bound, run.step()
            bounds.append(bound)
            narration.iterated(len(bounds), bound - before)
            converged = abs(bound - before) < self.tol
        if self.max_iter:
            narration.ends(bound, converged)
        return _Outcome(run, bounds, converged)

    def _density(self) -> Density:
        roots = LAYOUTS[self.covariance_type].unpack(
            self.precisions_cholesky_, self.means_.shape[1]
        )
        return Density(self._log_weights(), self.means_, roots)
