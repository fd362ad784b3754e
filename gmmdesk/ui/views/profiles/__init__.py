"""What the clusters are like, in every column."""

from gmmdesk.ui.views.profiles.view import ProfilesView

__all__ = ["ProfilesView"]
