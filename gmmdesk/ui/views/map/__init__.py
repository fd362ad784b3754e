"""The map of the rows: dots or counts, coloured by cluster, with the clusters' ellipses."""

from gmmdesk.ui.views.map.view import MapView

__all__ = ["MapView"]
