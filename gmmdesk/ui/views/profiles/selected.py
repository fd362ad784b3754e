"""What is typical of the selected rows, beside the clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gmmdesk.analysis.profiles import Typical, typical
from gmmdesk.analysis.selected import used_places
from gmmdesk.task import Task
from gmmdesk.ui.document import Document
from gmmdesk.ui.selected_facts import SelectedFacts
from gmmdesk.ui.tables.means_model import MeansModel

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis
    from gmmdesk.data.row_set import RowSet


class SelectedProfile(SelectedFacts[Typical]):
    """Put into `means` while `view` is seen."""

    def __init__(self, document: Document, means: MeansModel, view: QWidget) -> None:
        super().__init__(document, _typical, view)
        self._means = means
        self.changed.connect(self._pass_on)

    def _pass_on(self) -> None:
        found = self.found
        self._means.show_selected(found if found is not None and found.n_rows else None)


def _typical(rows: RowSet, of: Analysis, task: Task) -> Typical:
    return typical(of.prepared, used_places(rows, of.prepared), task)
