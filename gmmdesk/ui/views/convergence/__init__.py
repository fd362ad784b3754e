"""How the log-likelihood climbs."""

from gmmdesk.ui.views.convergence.view import ConvergenceView

__all__ = ["ConvergenceView"]
