"""The prior of a Bayesian mixture: as the caller states it, and in the coordinates of a fit."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.bayes.weights import WEIGHTS
from gmmdesk.engine.models.covariance import MODELS, Moments, entry
from gmmdesk.engine.models.whitening import CollapsedComponent, dependent_column, whiten
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.source import real_numbers
from gmmdesk.errors import FitError, UsageError

# The models that there are conjugate priors for here: "full", "tied", "diag" and "spherical".
BAYESIAN_MODELS = ("VVV", "EEE", "VVI", "VII")


@dataclass(frozen=True, slots=True, eq=False)
class Hyperparameters:
    """The numbers of a prior, in the coordinates of one fit.

    `mean` is (d,), `covariance` the scale S_0 = W_0^-1 of the covariances: (d, d), or while a fit
    along the axes runs its diagonal (d,). `added_variances` (d,) are added to those that rows show.
    """

    weight_type: str
    weight_concentration: float
    mean_precision: float
    mean: FloatArray
    degrees_of_freedom: float
    covariance: FloatArray
    added_variances: FloatArray

    def in_units(self, center: FloatArray, scale: FloatArray) -> Hyperparameters:
        """The same for x = center + scale * z, where these are of z; both (d,)."""
        factors = np.multiply.outer(scale, scale) if self.covariance.ndim == 2 else scale**2
        return replace(
            self,
            mean=center + scale * self.mean,
            covariance=self.covariance * factors,
            added_variances=self.added_variances * scale**2,
        )

    def in_full(self) -> Hyperparameters:
        """With `covariance` (d, d)."""
        if self.covariance.ndim == 2:
            return self
        return replace(self, covariance=np.diag(self.covariance))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BayesianPrior:
    """The prior of a mixture's weights, means and covariances, in the data's units.

    `weight_type` is "dirichlet_process" or "dirichlet_distribution"; `weight_concentration` (by
    default 1 / K) says how evenly rows are spread over components: the smaller, the fewer have any.
    Given its precision Lambda, a component's mean is normal about `mean` (d,) (by default that of
    all rows) with the precision `mean_precision` times Lambda. Lambda has a Wishart prior with
    `degrees_of_freedom` nu_0 (by default d) and the scale matrix S_0^-1: `covariance` S_0 is
    (d, d), along the axes its diagonal (d,) or (d, d), or one number for all columns (by default
    the covariance of all rows, or for a spherical model the mean of their variances). Bishop (2006,
    equations 10.39 and 10.40), with beta_0, m_0, nu_0 and W_0^-1.

    `reg_covar` is added to the variances that a component's rows show. The covariances of an E-step
    have a part of S_0 in any case, so that it is seldom needed; with it the bound may fall.
    Raises UsageError for a value out of range.
    """

    weight_type: str = "dirichlet_process"
    weight_concentration: float | None = None
    mean_precision: float = 1.0
    mean: npt.ArrayLike | None = None
    degrees_of_freedom: float | None = None
    covariance: npt.ArrayLike | None = None
    reg_covar: float = 0.0

    def __post_init__(self) -> None:
        if self.weight_type not in WEIGHTS:
            raise UsageError(
                f"There is no weight_type '{self.weight_type}'.",
                f"Choose one of {', '.join(WEIGHTS)}.",
            )
        for name in ("weight_concentration", "mean_precision", "degrees_of_freedom"):
            value = getattr(self, name)
            if value is not None and not _number(value) > 0.0:
                raise UsageError(f"The prior's {name} is {value!r}.", "Give a number above 0.")
        if not _number(self.reg_covar) >= 0.0:
            raise UsageError(
                f"The prior's reg_covar is {self.reg_covar!r}.", "Give a number from 0 up."
            )

    def resolved(
        self, frame: Frame, family: str, n_components: int, regularization: float = 0.0
    ) -> Hyperparameters:
        """With the defaults for the rows of `frame`, in its coordinates.

        `regularization` is a share of each column's variance that is added as `reg_covar` is.
        Raises FitError when the prior does not fit the columns.
        """
        d = frame.shape[1]
        concentration = self.weight_concentration
        degrees = float(d if self.degrees_of_freedom is None else self.degrees_of_freedom)
        if degrees <= d - 1.0:
            raise FitError(
                f"The prior's degrees of freedom are {degrees}.",
                f"In {d} columns they have to be above {d - 1}.",
            )
        return Hyperparameters(
            weight_type=self.weight_type,
            weight_concentration=1.0 / n_components if concentration is None else concentration,
            mean_precision=self.mean_precision,
            mean=self._mean(frame),
            degrees_of_freedom=degrees,
            covariance=self._covariance(frame, family),
            added_variances=self.reg_covar / frame.unit**2 + regularization * frame.variances,
        )

    def check(self, resolved: Hyperparameters) -> None:
        """Raise FitError when nothing keeps a component without rows from collapsing.

        `resolved` are these for some rows: their covariance is not positive definite.
        """
        covariances = resolved.covariance[None]
        try:
            whiten(covariances)
        except CollapsedComponent:
            pass
        else:
            if covariances.ndim == 2 or dependent_column(covariances[0]) is None:
                return
        if self.covariance is not None:
            raise FitError(
                "The prior's covariance is not positive definite.",
                "Give one that is, such as the columns' variances on its diagonal.",
            )
        own = covariances[0] if covariances.ndim == 2 else covariances[0].diagonal()
        if (own <= 0.0).any():
            raise FitError(
                "{column} holds the same value in every row.",
                "Leave the column out, or give the prior a covariance.",
                int(np.argmax(own <= 0.0)),
            )
        raise FitError(
            "{column} is a linear combination of the columns before it.",
            "Leave it out, give the prior a covariance, or use a model without correlations such "
            "as VVI.",
            dependent_column(covariances[0]),
        )

    def _mean(self, frame: Frame) -> FloatArray:
        if self.mean is None:
            return np.zeros(frame.shape[1])
        mean = _finite(self.mean, "mean")
        if mean.shape != frame.center.shape:
            raise FitError(
                f"The prior's mean has the shape {mean.shape}.",
                f"Give one number for each column, {frame.center.shape}.",
            )
        return np.asarray((mean - frame.center) / frame.unit)

    def _covariance(self, frame: Frame, family: str) -> FloatArray:
        """In the form that the model computes with."""
        d = frame.shape[1]
        model = MODELS[family]
        if self.covariance is None:
            matrix = self._of_rows(frame)
            if model.spherical:
                matrix = np.eye(d) * (matrix.trace() / d)
        else:
            given = _finite(self.covariance, "covariance")
            if given.ndim == 0 or (given.shape == (d,) and model.axis_aligned):
                given = np.diag(np.broadcast_to(given, d))
            if given.shape != (d, d):
                raise FitError(
                    f"The prior's covariance has the shape {given.shape}.",
                    f"Give a matrix ({d}, {d}), or for a model without correlations ({d},).",
                )
            if not np.allclose(given, given.T, atol=1e-12 * np.abs(given).max()):
                raise FitError("The prior's covariance is not symmetric.", "Give one that is.")
            matrix = (given + given.T) / (2.0 * frame.unit**2)
            own = matrix.diagonal()
            if model.axis_aligned and (matrix != np.diag(own)).any():
                raise FitError(
                    f"The prior's covariance has correlations, but the model {family} has none.",
                    f"Give variances, ({d},), or use the model VVV.",
                )
            if model.spherical and (own != own[0]).any():
                raise FitError(
                    f"The prior's covariance has unequal variances, but {family} has equal ones.",
                    "Give one number, or use the model VVI.",
                )
        if entry(family, d).moments is Moments.DIAGONAL:
            return matrix.diagonal().copy()
        return matrix

    def _of_rows(self, frame: Frame) -> FloatArray:
        if not frame.size > 1.0:
            raise FitError(
                f"The weights add up to {frame.size:g} rows, too few for a covariance of all rows.",
                "Give the prior a covariance.",
            )
        return np.asarray(frame.total / (frame.size - 1.0))


def _number(value: object) -> float:
    """`value` where it is a finite number, else nan."""
    number = float(value) if isinstance(value, numbers.Real) else math.nan
    return number if math.isfinite(number) else math.nan


def _finite(values: npt.ArrayLike, name: str) -> FloatArray:
    array = real_numbers(values, f"The prior's {name} is").astype(np.float64)
    if not np.isfinite(array).all():
        raise FitError(f"The prior's {name} is not finite.", "Give finite numbers.")
    return array
