"""What is typical of the chosen cluster: in words, and in the units of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QVBoxLayout, QWidget

from gmmdesk.analysis.describe import HIGH_OR_LOW
from gmmdesk.analysis.description import Descriptions, describe
from gmmdesk.text import default_name, is_default_name
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.plain_table import plain_table
from gmmdesk.ui.tables.profile_model import ProfileModel
from gmmdesk.ui.widgets import Label, heading, secondary

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis


class ProfilePanel(QWidget):
    """The chosen cluster's name, what it is, and its means and spreads: as high as these are."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._descriptions: Descriptions | None = None
        self._describer = LatestWorker(self)
        self._describer.failed.connect(document.problem_raised)
        self._heading = heading("")
        self._description = Label()
        self._description.setWordWrap(True)
        self._description.setAccessibleName("What the cluster is")
        self._description.setToolTip(
            "The columns in which the cluster is high or low beside the rest of the rows, and what"
            " most of its rows have, or have on average, in columns that were not used."
            f" {HIGH_OR_LOW}"
        )
        self._hint = secondary()
        self._table = plain_table(
            ProfileModel(document, self), "Means and spreads of the chosen cluster"
        )
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._table.setSizeAdjustPolicy(QAbstractItemView.SizeAdjustPolicy.AdjustToContents)
        self._table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        for widget in (self._heading, self._description, self._hint, self._table):
            layout.addWidget(widget)

        document.analysis_changed.connect(self._describe)
        for signal in (
            document.names_changed,
            document.timeline.moved,
            document.current_cluster_changed,
        ):
            signal.connect(self._show)
        self._describe()

    @property
    def is_busy(self) -> bool:
        """Whether the clusters are being described."""
        return self._describer.is_busy

    @property
    def description(self) -> str:
        """What is said of the chosen cluster."""
        return self._description.text()

    def suggest_names(self) -> None:
        """Call every cluster that the user has not named what sets it apart."""
        analysis = self._document.analysis
        if self._descriptions is None or analysis is None:
            return
        suggested, present = self._descriptions.names, self._document.names
        before = self._document.suggested_names
        own = [not (is_default_name(one) or one in before) for one in present]
        kept = {name for name, is_own in zip(present, own, strict=True) if is_own}
        names = [
            present[k] if own[k] else default_name(k) if new in kept else new
            for k, new in enumerate(suggested)
        ]
        taken = [name for name, is_own in zip(names, own, strict=True) if not is_own]
        self._document.edits.rename_all(names, [one for one in suggested if one in taken])

    def close_worker(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._describer.close()

    def _describe(self) -> None:
        analysis = self._document.analysis
        self._descriptions = None
        self._show()
        if analysis is None:
            self._describer.cancel()
            return

        def show(found: Descriptions) -> None:
            if analysis is self._document.analysis:
                self._descriptions = found
                self._show()

        self._describer.submit(lambda: describe(analysis), show)

    def _show(self) -> None:
        document = self._document
        current = document.current_cluster if document.analysis is not None else None
        chosen = current is not None
        self._heading.setText("Profile" if current is None else document.names[current])
        analysis = document.analysis
        is_answer = document.timeline.is_at_end
        if not chosen or analysis is None:
            hint = "Choose a cluster, in the list or on the map, to see what is typical of it."
        else:
            hint = _typical(analysis) if is_answer else "As it was at this step of the fit."
        self._hint.setText(hint)
        found = self._descriptions
        told = found.sentences if found is not None and is_answer else ()
        words = told[current] if current is not None and current < len(told) else ""
        self._description.setText(words)
        self._description.setVisible(bool(words))
        self._table.setVisible(chosen)
        self.setVisible(analysis is not None)


def _typical(analysis: Analysis) -> str:
    """What the numbers of the profile are."""
    if not all(one.is_mean for one in analysis.profiles):
        return (
            "In the units of the file: means and spreads; of columns that a step has bent, medians"
            " and the range of the middle 68 % of the rows:"
        )
    if not all(one.exact for one in analysis.profiles):
        return "Means and spreads in the units of the file, as far as the components hold them:"
    return "Means and spreads in the units of the file:"
