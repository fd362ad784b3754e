"""The M-step: the covariance models, and what changes their estimates."""
