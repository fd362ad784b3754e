"""One widget above another, which can be folded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX, which PySide does not tell


class FoldingSplitter(QSplitter):
    """Of its two parts the lower is as high as the user likes, folded to its least height, or gone.

    Sizes are always those that the parts have when it is neither folded nor hidden.
    """

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setChildrenCollapsible(False)
        self._is_folded = self._is_hidden = False
        self._whole: list[int] | None = None  # sizes, while it is one of both

    def set_folded(self, on: bool) -> None:
        """Fold the lower part, which has to be as low as it can be, or unfold it."""
        self._arrange(on, self._is_hidden)

    def set_shown(self, on: bool) -> None:
        """Show the lower part, or hide it."""
        self._arrange(self._is_folded, not on)

    def _arrange(self, is_folded: bool, is_hidden: bool) -> None:
        lower = self.widget(1)
        assert lower is not None
        whole, was_whole = self.sizes(), self._whole is None
        self._is_folded, self._is_hidden = is_folded, is_hidden
        self._whole = whole if is_folded or is_hidden else None
        lower.setHidden(is_hidden)
        lower.setMaximumHeight(lower.minimumSizeHint().height() if is_folded else _NO_LIMIT)
        if not (is_folded or was_whole):
            super().setSizes(whole)

    def sizes(self) -> list[int]:
        return self._whole or super().sizes()

    def setSizes(self, sizes: Sequence[int]) -> None:
        if self._whole is None:
            super().setSizes(sizes)
        else:
            self._whole = list(sizes)
