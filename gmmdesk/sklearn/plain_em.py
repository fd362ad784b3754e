"""The EM algorithm as scikit-learn runs it: no guard, no acceleration, `reg_covar` as it is."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.models.covariance import CovarianceModel, Hint, Moments
from gmmdesk.engine.models.whitening import CollapsedComponent, equalized, whiten
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.errors import FitError
from gmmdesk.sklearn.rows import Mixture, Rows

# scikit-learn counts so much of a row more in every component. It keeps the mean of an emptied one
# finite and, along the axes, the variance of a single row above 0. There that row lies at the
# origin; here at the centre of the data, where it costs no digits.
PSEUDO_ROW = 10.0 * np.finfo(np.float64).eps


class PlainEM:
    """One run of EM; `mixture` is what the last M-step found, in the frame's coordinates."""

    def __init__(
        self, rows: Rows, model: CovarianceModel, reg_covar: float, mixture: Mixture
    ) -> None:
        self.mixture = mixture
        self._rows = rows
        self._model = model
        self._reg_covar = reg_covar

    def step(self) -> float:
        """An E-step and an M-step; the log-likelihood of a row before the latter, nats."""
        statistics, log_likelihood = self._rows.expect(self.mixture)
        self.mixture = maximized(
            statistics,
            self._model,
            self._reg_covar / self._rows.unit**2,
            previous=self.mixture,
        )
        return log_likelihood


def maximized(
    statistics: Statistics,
    model: CovarianceModel,
    added: float,
    n_rows: int | None = None,
    previous: Mixture | None = None,
) -> Mixture:
    """The M-step, with `added` to the diagonal of every covariance.

    Weights are shares of `n_rows`, by default of the sum of the sizes. Raises FitError, which is
    a ValueError, when a covariance is not positive definite.
    """
    padded = with_pseudo_rows(statistics, model)
    regular = padded.plus(padded.ridge(added, np.ones(padded.means.shape[1])))
    try:
        covariances = model.covariances(
            regular, Hint(None if previous is None else previous.covariances)
        )
        whitening = whiten(covariances)
    except CollapsedComponent as collapsed:
        raise ill_defined(collapsed) from None
    if model.equal_volumes:
        covariances, whitening = equalized(covariances, whitening, padded.sizes)
    total = padded.sizes.sum() if n_rows is None else n_rows
    return Mixture(padded.sizes / total, padded.means, covariances, whitening)


def ill_defined(collapsed: CollapsedComponent) -> FitError:
    """scikit-learn's error for a covariance that is not positive definite."""
    return FitError(
        "Fitting the mixture model failed because some components have ill-defined empirical "
        "covariance (for instance caused by singleton or collapsed samples).",
        "Try to decrease the number of components, increase reg_covar, or scale the input "
        f"data. The first of them is component {collapsed.component}, counted from 0.",
    )


def with_pseudo_rows(statistics: Statistics, model: CovarianceModel) -> Statistics:
    """With a PSEUDO_ROW at the centre in every component."""
    sizes = statistics.sizes + PSEUDO_ROW
    share = (statistics.sizes / sizes)[:, None]
    padded = Statistics(sizes, statistics.means * share, statistics.scatter)
    in_one_column = model.moments is Moments.FULL and statistics.means.shape[1] == 1
    if model.moments is Moments.DIAGONAL or in_one_column:
        return padded.plus(PSEUDO_ROW * share * statistics.means**2)
    return padded
