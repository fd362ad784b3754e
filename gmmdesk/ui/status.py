"""The bar below: file, rows used and left out, seed, time, and the progress of what goes on."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.icons import icon
from gmmdesk.ui.number_testing import GAVE_WAY
from gmmdesk.ui.text import count, duration, plain_tip
from gmmdesk.ui.widgets import Label

if TYPE_CHECKING:  # numpy: not before the window is up
    from gmmdesk.data.prepare import Prepared

_MOST_REASONS = 8
_NAME_WIDTH = 240  # pixels of a file's name in a sentence
SAID_MS = 6_000  # for which a message stands
_TEST_ENDED = "The number of clusters was tested: Choose K says what came out."


class _Work(QWidget):
    """What goes on, a bar and Cancel; hidden while there is nothing."""

    def __init__(self, cancel: Callable[[], object], tip: str) -> None:
        super().__init__()
        self._what = Label(elided=Qt.TextElideMode.ElideMiddle)
        self._bar = QProgressBar()
        self._bar.setFixedWidth(180)
        self._bar.setTextVisible(False)
        self._cancel = QPushButton(icon("cancel"), "Cancel")
        self._cancel.setToolTip(tip)
        self._cancel.clicked.connect(cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._what, self._bar, self._cancel):
            layout.addWidget(widget)
        self.hide()

    def begin(self, what: str) -> None:
        self._what.setText(what)
        self._bar.setAccessibleName(what)
        self._cancel.setAccessibleName(f"Cancel: {what}")  # two may go on at a time
        self.show_fraction(None)
        self.show()

    def show_fraction(self, fraction: float | None) -> None:
        self._bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._bar.setValue(round(1000 * fraction))


class StatusBar(QStatusBar):
    """Facts on the left; on the right bars and Cancel while something goes on: files, a test."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._facts = Label()
        self._facts.setContentsMargins(theme.SPACE // 2, 0, theme.SPACE, 0)
        self._saved = QLabel()
        self._saved.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._saved.linkActivated.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        self._test = _Work(document.number_testing.stop, "Stop the test; it says nothing then")
        self._file = _Work(document.file_work.cancel, "Stop; nothing is changed (Esc)")
        self.addWidget(self._facts)
        self._chosen = Label()
        self._chosen.setToolTip("The others are pale. A click beside all clusters ends it too")
        self._chosen.hide()
        self.addWidget(self._chosen)
        self.addWidget(self._saved)
        self.addPermanentWidget(self._test)
        self.addPermanentWidget(self._file)
        self._saved.hide()  # else Tab would stop there
        for signal in (
            document.dataset_changed,
            document.prepared_changed,
            document.analysis_changed,
            document.run_started,
        ):
            signal.connect(self._show_facts)
        for signal in (document.current_cluster_changed, document.names_changed):
            signal.connect(self._show_chosen)
        document.file_work.started.connect(self._file.begin)
        document.file_work.progressed.connect(self._file.show_fraction)
        document.file_work.ended.connect(self._file.hide)
        testing = document.number_testing
        testing.changed.connect(self._show_test)
        testing.finished.connect(lambda: self.showMessage(_TEST_ENDED, SAID_MS))
        testing.gave_way.connect(lambda: self.showMessage(GAVE_WAY, SAID_MS))
        document.exported.connect(self.show_saved)

    def _show_facts(self) -> None:
        document = self._document
        self._saved.hide()
        if document.dataset is None:
            return
        dataset = document.dataset
        name = dataset.path.name if dataset.path else dataset.name
        facts = []
        if document.prepared is not None:
            used = f"{count(len(document.prepared.fitted_rows), 'row')} used"
            if document.prepared.n_incomplete:
                used += f" ({document.prepared.n_incomplete:,} with missing values)"
            if document.prepared.n_held_out:
                used += f", {document.prepared.n_held_out:,} held out"
            if document.prepared.n_left_out:
                used += f", {document.prepared.n_left_out:,} left out"
            facts.append(used)
        if document.analysis is not None:
            facts.append(f"seed {document.analysis.settings.seed}")
            facts.append(duration(document.elapsed()))
        self._facts.setText("  ·  ".join([self._short(name), *facts]))
        self._facts.setToolTip(plain_tip("\n".join([name, *facts, *_reasons(document.prepared)])))

    def _show_chosen(self) -> None:
        """Which cluster is chosen, or how many are, and how that ends."""
        current, names = self._document.current_cluster, self._document.names
        is_chosen = current is not None and current < len(names)
        name = names[current] if current is not None and is_chosen else ""
        n = len(self._document.chosen_clusters)
        what = f"{n} clusters are" if n > 1 else f"{self._short(name)} is"
        self._chosen.setText(f"{what} chosen (Esc: none)")
        self._chosen.setVisible(is_chosen)

    def _show_test(self) -> None:
        testing = self._document.number_testing
        if not testing.is_running:
            self._test.hide()
        elif self._test.isHidden():
            self._test.begin("Testing the number of clusters")
        self._test.show_fraction(testing.fraction)

    def show_saved(self, path: Path) -> None:
        """Say which file was written, with links to it and its folder."""
        file, folder = (QUrl.fromLocalFile(str(which)).toString() for which in (path, path.parent))
        self._saved.setText(
            f'Saved <a href="{html.escape(file)}">{html.escape(self._short(path.name))}</a>'
            f' · <a href="{html.escape(folder)}">open folder</a>'
        )
        self._saved.setToolTip(plain_tip(str(path)))
        self._saved.show()

    def _short(self, name: str) -> str:
        """A file's name with an ellipsis in its middle when it is long."""
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)


def _reasons(prepared: Prepared | None) -> list[str]:
    """How many rows were left out for which reason; the most frequent reasons."""
    if prepared is None or not prepared.n_left_out:
        return []
    counted = zip(prepared.n_by_reason.tolist(), prepared.reasons, strict=True)
    frequent = sorted(counted, key=lambda pair: -pair[0])
    return ["Left out:", *(f"{n:,}  {reason}" for n, reason in frequent[:_MOST_REASONS])]
