"""How many clusters: what was tried, and components that may be parts of one."""

from gmmdesk.ui.views.comparison.view import ComparisonView

__all__ = ["ComparisonView"]
