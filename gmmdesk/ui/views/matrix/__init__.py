"""All used columns against each other."""

from gmmdesk.ui.views.matrix.matrix import Matrix
from gmmdesk.ui.views.matrix.view import MOST, MatrixView

__all__ = ["MOST", "Matrix", "MatrixView"]
