"""Variational Bayes: Gaussian mixtures with posteriors, on the same kernels as EM."""

from gmmdesk.engine.bayes.fit import bayesian_steps, fit_bayesian
from gmmdesk.engine.bayes.posterior import Posterior
from gmmdesk.engine.bayes.prior import BAYESIAN_MODELS, BayesianPrior, Hyperparameters
from gmmdesk.engine.bayes.result import BayesianProgress, BayesianResult
from gmmdesk.engine.bayes.weights import WEIGHTS, Dirichlet, StickBreaking

__all__ = [
    "BAYESIAN_MODELS",
    "WEIGHTS",
    "BayesianPrior",
    "BayesianProgress",
    "BayesianResult",
    "Dirichlet",
    "Hyperparameters",
    "Posterior",
    "StickBreaking",
    "bayesian_steps",
    "fit_bayesian",
]
