"""Why a row belongs to its cluster, in sentences and by column."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from gmmdesk.analysis.diagnosis_words import cluster_name
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.why import Why, why
from gmmdesk.analysis.why_words import spoken, why_in_words
from gmmdesk.data.row_names import row_called
from gmmdesk.errors import UsageError
from gmmdesk.text import plain, rough
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import GLOSSARY
from gmmdesk.ui.tables.text_model import TextModel, text_table
from gmmdesk.ui.widgets import Label

_TIP = GLOSSARY["Why this cluster"]


class WhyPanel(QWidget):
    """Explains one row of the answer at a time, in the background."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._row: int | None = None
        self._found: Why | None = None
        self._worker = worker(self)
        self._worker.failed.connect(self._on_worker_failed)
        self.said = Label()
        self.said.setWordWrap(True)
        self.said.setAccessibleName("Why this cluster")
        self.said.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.model = TextModel(self)
        self.table = text_table(self.model, "What each column says", fills=False)
        self.table.setToolTip(_TIP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.said)
        layout.addWidget(self.table, 1)
        document.names_changed.connect(self._say)
        document.outliers_changed.connect(lambda: self.show_row(self._row))

    @property
    def is_busy(self) -> bool:
        return self._worker.is_busy

    @property
    def found(self) -> Why | None:
        """What is shown."""
        return self._found

    def show_row(self, row: int | None) -> None:
        """Explain a row of the table (0-based), or none."""
        self._row = row
        analysis, shown = self._document.analysis, self._document.analysis_as_shown
        if row is None or shown is None:
            self._worker.cancel()
            self._show(None)
            return

        def show(found: Why) -> None:
            if analysis is self._document.analysis:
                self._show(found)

        self._worker.submit(lambda: why(shown, row), show)

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()

    def _on_worker_failed(self, error: BaseException) -> None:
        self._show(None)
        if isinstance(error, UsageError):
            self.said.setText(str(error))
        else:
            self._document.problem_raised.emit(error)

    def _show(self, found: Why | None) -> None:
        self._found = found
        self._say()

    def _say(self) -> None:
        found, names = self._found, self._document.names
        self.said.setText("" if found is None else "\n".join(why_in_words(found, names)))
        if found is None:
            self.model.show_lines((), ())
            return
        first, second = (cluster_name(k, names) for k in (found.first, found.second))
        flips = {flip.column: flip for flip in found.flips}
        lines = []
        for one in found.evidence:
            flip = flips.get(one.column)
            lines.append(
                (
                    one.column,
                    plain(one.value),
                    rough(one.first, one.spread),
                    rough(one.second, one.spread),
                    spoken(one.nats, first, second),
                    "" if flip is None else f"{flip.text} ({cluster_name(flip.to, names)})",
                )
            )
        lines.append(("Cluster sizes", "", "", "", spoken(found.size, first, second), ""))
        if found.first_has_parts or found.second_has_parts:
            lines.append(("All parts", "", "", "", spoken(found.rest, first, second), ""))
        centres = (
            _centre(found.first, first, has_parts=found.first_has_parts),
            _centre(found.second, second, has_parts=found.second_has_parts),
        )
        headings = ("Column", "Value", *centres, "Speaks", "Would change at")
        self.model.show_lines(headings, lines, right=(1, 2, 3))


def _centre(cluster: int, name: str, *, has_parts: bool) -> str:
    """What a column with the values of a cluster is called; noise has none."""
    if cluster == NO_CLUSTER:
        return name
    return f"{name}, nearest part" if has_parts else f"{name}, centre"


class WhyDialog(QDialog):
    """The same for a row that was looked at elsewhere."""

    def __init__(self, document: Document, row: int, parent: QWidget | None) -> None:
        super().__init__(parent)
        dataset = document.dataset
        called = "this row" if dataset is None else row_called(dataset, row)
        self.setWindowTitle(f"Why {called} is in its cluster")
        self.panel = WhyPanel(document)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.panel, 1)
        layout.addWidget(buttons)
        self.resize(720, 420)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.finished.connect(lambda _result: self.panel.close_workers())
        self.panel.show_row(row)
