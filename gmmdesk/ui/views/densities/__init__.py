"""Every used column for itself."""

from gmmdesk.ui.views.densities.view import DensitiesView

__all__ = ["DensitiesView"]
