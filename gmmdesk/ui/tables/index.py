"""The type of the indices that Qt's item models are asked with."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex

Index = QModelIndex | QPersistentModelIndex

ROOT = QModelIndex()  # what lines and columns of a table belong to; never changed
