"""One widget above another, which can be folded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX, which PySide does not tell


class FoldingSplitter(QSplitter):
    """Of its two parts the lower is as high as the user likes, or folded to its least height.

    Sizes are always those that the parts have when it is not folded.
    """

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setChildrenCollapsible(False)
        self._unfolded: list[int] | None = None  # sizes, while it is folded

    def set_folded(self, on: bool) -> None:
        """Fold the lower part, which has to be as low as it can be, or unfold it."""
        lower = self.widget(1)
        assert lower is not None
        if on:
            self._unfolded = self.sizes()
            lower.setMaximumHeight(lower.minimumSizeHint().height())
        elif self._unfolded is not None:
            sizes, self._unfolded = self._unfolded, None
            lower.setMaximumHeight(_NO_LIMIT)
            self.setSizes(sizes)

    def sizes(self) -> list[int]:
        return self._unfolded or super().sizes()

    def setSizes(self, sizes: Sequence[int]) -> None:
        if self._unfolded is None:
            super().setSizes(sizes)
        else:
            self._unfolded = list(sizes)
