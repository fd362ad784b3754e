"""What a remedy has changed: it is tried at once, and can be taken back."""

from __future__ import annotations

from gmmdesk.analysis.difference import changed
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.ui.banner import Banner
from gmmdesk.ui.document import Document
from gmmdesk.ui.offers import try_out


class RemedyBanner(Banner):
    """Tries a remedy by finding clusters anew; says what came of it, with a way back."""

    def __init__(self, document: Document) -> None:
        super().__init__("What the remedy has changed")
        self._document = document
        self._remedy: Remedy | None = None
        self._step = 0  # of the undo stack, before the remedy
        self._done: int | None = None  # after the fit
        self.back = self.button("Go back", "To the clusters before, and their choices", "undo")
        self.back.clicked.connect(self._on_back_clicked)
        document.run_ended.connect(self._on_document_run_ended)
        document.undo_changed.connect(self._on_document_undo_changed)

    def try_remedy(self, remedy: Remedy) -> None:
        """Change the settings as it says, and find clusters with them."""
        document = self._document
        if document.analysis is None or document.is_running:
            return
        self._remedy, self._done = remedy, None
        self._step = document.undo_stack.index()
        self.say(f"{remedy.text}: finding clusters again…", with_buttons=False)
        try_out(document, remedy)
        if not document.is_running:  # it said why not
            self._forget()

    def _forget(self) -> None:
        self._remedy = self._done = None
        self.say("")

    def _on_document_run_ended(self) -> None:
        remedy, document = self._remedy, self._document
        if remedy is None:
            return
        if document.analysis is None or document.is_stale:  # it failed
            self._forget()
            return
        self._done = document.undo_stack.index()
        end = "Stopped early" if document.analysis.stopped_early else "Done"
        found = document.difference
        told = () if found is None else changed(found, document.names)
        self.say(" ".join([f"{end}: {remedy.text}.", *(one.said for one in told)]))

    def _on_document_undo_changed(self) -> None:
        """Anything else that is done, or taken back, ends it."""
        if self._done not in (None, self._document.undo_stack.index()):
            self._forget()

    def _on_back_clicked(self) -> None:
        step = self._step
        self._forget()
        self._document.go_to_step(step)
