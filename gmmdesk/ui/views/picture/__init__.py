"""A picture whose pixels are the rows."""

from gmmdesk.ui.views.picture.view import PictureView

__all__ = ["PictureView"]
