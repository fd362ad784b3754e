"""The conjugate prior of a Gaussian mixture, which keeps components from collapsing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.models.covariance import CovarianceModel
from gmmdesk.engine.models.penalty import Penalty
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConjugatePrior:
    """Normal and inverse Wishart (or gamma) priors of means and covariances.

    A mean is normal about the mean of all rows, with the component's covariance over `shrinkage`.
    `degrees_of_freedom`, by default d + 2, say how firmly a covariance is held; `scale` is the
    matrix it is drawn to, as a multiple of the default: the covariance of all rows over K^(2/d),
    or the mean of their variances over it where a model is along the axes. The fit is then the
    posterior mode (Fraley and Raftery, 2007, Journal of Classification 24, 155-181).
    Raises UsageError for a value out of range.
    """

    shrinkage: float = 0.01
    degrees_of_freedom: float | None = None
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.shrinkage < math.inf:
            raise UsageError(f"The prior's shrinkage is {self.shrinkage}.", "Give a number from 0.")
        if not 0.0 < self.scale < math.inf:
            raise UsageError(f"The prior's scale is {self.scale}.", "Give a number above 0.")
        degrees = self.degrees_of_freedom
        if degrees is not None and not 0.0 < degrees < math.inf:
            raise UsageError(
                f"The prior's degrees of freedom are {degrees}.", "Give a number above 0."
            )

    def penalty(self, frame: Frame, model: CovarianceModel, n_components: int) -> Penalty:
        """The logarithm of the prior, for data in `frame`, up to a constant.

        The modes are those of the table in Fraley and Raftery (2007) for EII VII EEI VVI EEE VVV
        and the models of one column; where a part of the covariances is common and another is not,
        each component has the prior, and a common volume counts its degrees of freedom once.
        """
        d, K = frame.shape[1], n_components
        degrees = d + 2.0 if self.degrees_of_freedom is None else self.degrees_of_freedom
        # Weights may be shares of rows: of less than two there is no unbiased estimate.
        degrees_of_rows = frame.size - 1.0 if frame.size >= 2.0 else frame.size
        matrix = self.scale * K ** (-2.0 / d) * frame.total / degrees_of_rows
        counts = degrees + d + 1.0
        if model.axis_aligned:
            matrix = np.full(d, matrix.trace() / d)
            counts = degrees + 2.0
        if model.spherical:
            matrix, counts = matrix / d, counts / d
        scatter = np.tile(matrix, (K, *([1] * matrix.ndim)))
        if model.common:
            scatter /= K
        return Penalty(
            counts=np.full(K, 1.0 + (counts / K if model.common_volume else counts)),
            scatter=scatter,
            shrinkage=self.shrinkage,
            center=np.zeros(d),
        )
