"""What is worked out only once somebody looks."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class LateView(QWidget):
    """It is renewed when it comes in sight, or at once where it is, after it was outdated.

    Behind other tabs it costs nothing. A view connects `_outdate` to what changes it, and works out
    in `_renew` what is shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_outdated = True

    @property
    def is_awaited(self) -> bool:
        """Whether somebody looks, and it is still to be renewed."""
        return self._is_outdated and self.isVisible()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renew_if_awaited()

    def _outdate(self, *_: object) -> None:
        self._is_outdated = True
        self._renew_if_awaited()

    def _renew_if_awaited(self) -> None:
        if self.is_awaited:
            self._is_outdated = False
            self._renew()

    def _renew(self) -> None:
        """Work out what is shown now."""
