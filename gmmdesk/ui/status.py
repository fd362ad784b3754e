"""The bar below: file, rows used and left out, seed, time, and the progress of file work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.icons import icon
from gmmdesk.ui.text import count, duration, plain_tip


class StatusBar(QStatusBar):
    """Facts on the left; while a file is read or written, a bar and Cancel on the right."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._facts = QLabel()
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setContentsMargins(theme.SPACE // 2, 0, theme.SPACE, 0)
        self._saved = QLabel()
        self._saved.linkActivated.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        self._what = QLabel()
        self._bar = QProgressBar()
        self._bar.setFixedWidth(180)
        self._bar.setTextVisible(False)
        self._cancel = QPushButton(icon("cancel"), "Cancel")
        self._cancel.setToolTip("Stop; nothing is changed (Esc)")
        self._cancel.clicked.connect(document.file_work.cancel)
        self.addWidget(self._facts)
        self.addWidget(self._saved)
        for widget in (self._what, self._bar, self._cancel):
            self.addPermanentWidget(widget)
        self._show_working(False)
        for signal in (
            document.dataset_changed,
            document.prepared_changed,
            document.analysis_changed,
            document.run_started,
        ):
            signal.connect(self._show_facts)
        document.file_work.started.connect(self._on_file_work_started)
        document.file_work.progressed.connect(self._on_file_work_progressed)
        document.file_work.ended.connect(lambda: self._show_working(False))
        document.exported.connect(self._on_document_exported)

    def _show_facts(self) -> None:
        document = self._document
        self._saved.clear()
        if document.dataset is None:
            self._facts.clear()
            return
        dataset = document.dataset
        facts = [dataset.path.name if dataset.path else dataset.name]
        if document.prepared is not None:
            used = f"{count(len(document.prepared.rows), 'row')} used"
            if document.prepared.n_left_out:
                used += f", {document.prepared.n_left_out:,} left out"
            facts.append(used)
        if document.analysis is not None:
            facts.append(f"seed {document.analysis.settings.seed}")
            facts.append(duration(document.elapsed()))
        self._facts.setText("  ·  ".join(facts))
        self._facts.setToolTip(plain_tip(_reasons(document)) if _reasons(document) else "")

    def _on_file_work_started(self, what: str) -> None:
        self._what.setText(what)
        self._bar.setRange(0, 0)
        self._show_working(True)

    def _on_file_work_progressed(self, fraction: float | None) -> None:
        if fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * fraction))

    def _on_document_exported(self, path: Path) -> None:
        file = QUrl.fromLocalFile(str(path)).toString()
        folder = QUrl.fromLocalFile(str(path.parent)).toString()
        name = path.name.replace("&", "&amp;").replace("<", "&lt;")
        self._saved.setText(
            f'Saved <a href="{file}">{name}</a> · <a href="{folder}">open folder</a>'
        )

    def _show_working(self, working: bool) -> None:
        for widget in (self._what, self._bar, self._cancel):
            widget.setVisible(working)


def _reasons(document: Document) -> str:
    """How many rows were left out for which reason."""
    prepared = document.prepared
    if prepared is None or not prepared.n_left_out:
        return ""
    import numpy as np

    counts = np.bincount(prepared.left_out, minlength=len(prepared.reasons) + 1)[1:]
    order = np.argsort(-counts)[:8]
    return "Left out:\n" + "\n".join(
        f"{counts[i]:,}  {prepared.reasons[i]}" for i in order if counts[i]
    )
