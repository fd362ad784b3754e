"""Variational Bayes as scikit-learn runs it: no check of the prior, no other stopping rule."""

from __future__ import annotations

from gmmdesk.engine.bayes import Hyperparameters, Posterior
from gmmdesk.engine.bayes.ascent import entropy
from gmmdesk.engine.bayes.posterior import updated
from gmmdesk.engine.bayes.result import bound_shift
from gmmdesk.engine.models.covariance import CovarianceModel
from gmmdesk.engine.models.whitening import CollapsedComponent
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.sklearn.plain_em import ill_defined, with_pseudo_rows
from gmmdesk.sklearn.rows import Rows


class Variational:
    """One run; `posterior` is what the last update found, in the frame's coordinates."""

    def __init__(
        self, rows: Rows, model: CovarianceModel, prior: Hyperparameters, posterior: Posterior
    ) -> None:
        self.posterior = posterior
        self.prior = prior
        self._rows = rows
        self._model = model
        n_components = len(posterior.means)
        self._shift = bound_shift(prior, n_components, rows.shape[0], rows.units[1])

    def step(self) -> float:
        """Responsibilities and the update from them; the lower bound after it, total, nats."""
        components = self.posterior.components
        expectation = self._rows.expected(components)
        self.posterior = posterior_of(self.prior, expectation.statistics, self._model)
        return self.posterior.lower_bound(entropy(components, expectation)) + self._shift


def posterior_of(
    prior: Hyperparameters, statistics: Statistics, model: CovarianceModel
) -> Posterior:
    """The update, with scikit-learn's part of a row in every component; FitError as with EM."""
    try:
        return updated(prior, with_pseudo_rows(statistics, model), model)
    except CollapsedComponent as collapsed:
        raise ill_defined(collapsed) from None
