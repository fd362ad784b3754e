"""Words that may stand for a missing value, to tick."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox

from gmmdesk.ui.importing.box import Box
from gmmdesk.ui.text import plain_action, plain_tip
from gmmdesk.ui.widgets import heading

if TYPE_CHECKING:
    from gmmdesk.data.missing_offers import MissingOffer

_TITLE = "Does this stand where a value is missing?"


class OffersBox(Box):
    """A line for each word that was ever offered; hidden where there is none.

    Signals: `chosen(str, bool)` with a word, and whether it stands for a missing value.
    """

    chosen = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._layout.addWidget(heading(_TITLE))
        self._boxes: dict[str, QCheckBox] = {}
        self.hide()

    def add(self, offers: Iterable[MissingOffer]) -> None:
        """Offer these words too; one that was chosen stays, to be taken back."""
        for offer in offers:
            if offer.word in self._boxes:
                continue
            box = QCheckBox(plain_action(offer.text))
            box.setAccessibleName(f"{_TITLE} {offer.text}")
            box.setToolTip(plain_tip("The cells stay as they are, and count as missing"))
            box.clicked.connect(lambda is_on, word=offer.word: self.chosen.emit(word, is_on))
            self._boxes[offer.word] = box
            self._layout.addWidget(box)
        self.setVisible(bool(self._boxes))

    def show_chosen(self, words: Iterable[str]) -> None:
        """Tick the words that stand for a missing value."""
        chosen = set(words)
        for word, box in self._boxes.items():
            box.setChecked(word in chosen)
