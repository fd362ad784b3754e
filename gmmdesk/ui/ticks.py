"""Which columns of a document's table are chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gmmdesk.errors import GmmdeskError

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.ui.document import Document


class Ticks:
    """Ticks and unticks columns, undoably, keeping the order of the file."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._columns: tuple[str, ...] = ()  # those that `_ticked` are
        self._ticked: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        """Whether the column called `name` is chosen."""
        settings = self._document.settings
        columns = settings.columns if settings is not None else ()
        if columns is not self._columns:
            self._columns, self._ticked = columns, frozenset(columns)
        return name in self._ticked

    def set(self, name: str, on: bool) -> None:
        """Choose a column or leave it out."""
        if on != (name in self):
            self._choose(
                f"{'ticking' if on else 'unticking'} {name}",
                lambda column: on if column == name else column in self,
            )

    def set_suggested(self) -> None:
        """Choose the columns that look like measurements."""
        if self._document.dataset is not None:
            suggested = set(self._document.dataset.suggested)
            self._choose("ticking suggested columns", suggested.__contains__)

    def clear(self) -> None:
        """Choose no column."""
        self._choose("unticking all columns", lambda _column: False)

    @staticmethod
    def none_ticked(dataset: Dataset) -> GmmdeskError:
        """Why nothing can be found while no column is chosen."""
        if any(column.is_numeric for column in dataset.columns):
            return GmmdeskError(
                "No column is ticked.", "Tick at least one column with measurements."
            )
        return GmmdeskError(
            f"{dataset.name} has no column with numbers.", "Open a table that holds measurements."
        )

    def _choose(self, text: str, wanted: Callable[[str], bool]) -> None:
        dataset = self._document.dataset
        if dataset is not None:
            names = (column.name for column in dataset.columns)
            self._document.change_settings(
                text, columns=tuple(name for name in names if wanted(name))
            )
