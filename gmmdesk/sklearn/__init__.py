"""Gaussian mixtures as scikit-learn estimators, on the engine's kernels."""

try:
    # There since scikit-learn 1.6, the oldest that will do.
    from sklearn.utils.validation import validate_data as _  # noqa: F401 - asks whether it is there
except ImportError as error:
    raise ImportError(
        'gmmdesk.sklearn needs scikit-learn 1.6 or newer: pip install "gmmdesk[sklearn]"'
    ) from error

from gmmdesk.sklearn.bayesian import BayesianGaussianMixture
from gmmdesk.sklearn.gaussian import GaussianMixture

__all__ = ["BayesianGaussianMixture", "GaussianMixture"]
