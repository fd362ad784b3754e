"""The combinations that were tried: a line for each shape, a column for each number of clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis import MEASURES, Candidate, best_by
from gmmdesk.analysis.candidates import bic_evidence
from gmmdesk.analysis.shapes_named import named_model, shape_of
from gmmdesk.ui.help.glossary import GLOSSARY
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import count, exact, narrow, percent, plain_tip
from gmmdesk.ui.theme import Opacity

Role = Qt.ItemDataRole

NOT_FITTED = "NA"


def _meaning(model: str, n_columns: int) -> str:
    """What the word for a model's shape means, where it has one."""
    return GLOSSARY.get(shape_of(model, n_columns) or "", "")


class ComparisonModel(QAbstractTableModel):
    """How far each combination is from the best one by one of `MEASURES`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.measure = "bic"
        self.n_columns = 0
        self._noun = "cluster"
        self.candidates: Sequence[Candidate] = ()
        self.best: int | None = None
        self._chosen: int | None = None
        self._models: list[str] = []
        self._numbers: list[int] = []
        self._places: dict[tuple[str, int], int] = {}

    def show_candidates(
        self,
        candidates: Sequence[Candidate],
        measure: str,
        chosen: int | None,
        n_columns: int = 0,
        noun: str = "cluster",
    ) -> None:
        """Show these, of rows with `n_columns`; `chosen` is the index of the answer's.

        They are compared by the number of what the `noun` says: once merged, clusters are others.
        """
        self.beginResetModel()
        self.n_columns, self._noun = n_columns, noun
        self.candidates, self.measure, self._chosen = candidates, measure, chosen
        self.best = best_by(candidates, measure)
        self._models = list(dict.fromkeys(one.model for one in candidates))
        self._numbers = sorted({one.n_components for one in candidates})
        self._places = {(one.model, one.n_components): i for i, one in enumerate(candidates)}
        self.endResetModel()

    def candidate_at(self, index: Index) -> int | None:
        """The candidate in a cell, if that combination was tried."""
        if not index.isValid():
            return None
        return self._places.get((self._models[index.row()], self._numbers[index.column()]))

    def index_of(self, candidate: int) -> QModelIndex:
        """The cell of a candidate."""
        one = self.candidates[candidate]
        return self.index(self._models.index(one.model), self._numbers.index(one.n_components))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._models)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._numbers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        is_across = orientation is Qt.Orientation.Horizontal
        if section >= len(self._numbers if is_across else self._models):
            return None  # a header asks for those that were, while it is told of others
        if is_across:
            number_ = self._numbers[section]
            if role == Role.DisplayRole:
                return f"{number_:,}"
            return count(number_, self._noun) if role == Role.ToolTipRole else None
        model = self._models[section]
        if role == Role.DisplayRole:
            shape = shape_of(model, self.n_columns)
            return f"{model} · {shape[:1].lower()}{shape[1:]}" if shape else model
        if role == Role.ToolTipRole:
            of = model, self.n_columns
            return plain_tip(". ".join(filter(None, (named_model(*of), _meaning(*of)))))
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        place = self.candidate_at(index)
        if place is None:
            return None
        one = self.candidates[place]
        if role == Role.DisplayRole:
            return self._text(place)
        if role == Role.ToolTipRole:
            return plain_tip(self.described(place))
        if role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Role.FontRole and place == self._chosen:
            font = QFont(QApplication.font())
            font.setWeight(QFont.Weight.Bold)
            return font
        colors = QApplication.palette()
        if role == Role.ForegroundRole and not one.sound:
            return colors.brush(QPalette.ColorRole.PlaceholderText)
        if role == Role.BackgroundRole and one.sound and self.best is not None:
            if self.measure != "bic":  # what differences of the others mean nobody has said
                return None
            strength = Opacity.CLOSE[bic_evidence(self.difference(place))]
            tint = QColor(colors.color(QPalette.ColorRole.Accent))
            tint.setAlphaF(strength)
            return tint if strength else None
        return None

    def difference(self, place: int) -> float:
        """How far a candidate's value lies above the best one's."""
        if self.best is None:
            return math.nan
        candidates, measure = self.candidates, self.measure
        return candidates[place].value(measure) - candidates[self.best].value(measure)

    def described(self, place: int) -> str:
        """A candidate in words, line by line."""
        one = self.candidates[place]
        title = f"{named_model(one.model, self.n_columns)}, {count(one.n_components, self._noun)}"
        if math.isnan(one.bic):
            return f"{title}\nCould not be fitted: {one.status}"
        lines = [title]
        for key, measure in MEASURES.items():
            value = one.value(key)
            if math.isfinite(value):
                shown = exact(round(value, 3)) if measure.ranks else percent(value)
                away = f" ({self._text(place)})" if key == self.measure and measure.ranks else ""
                lines.append(f"{measure.name} {shown}{away}")
        lines += [
            f"Log-likelihood {exact(round(one.log_likelihood, 3))},"
            f" {count(one.n_parameters, 'parameter')}",
        ]
        if not one.sound:
            lines.append(f"A {self._noun} collapsed: it is not compared with the others.")
        if one.unfinished:
            lines.append("The fit had not converged: with more iterations it may be better.")
        return "\n".join(lines)

    def _text(self, place: int) -> str:
        value, measure = self.candidates[place].value(self.measure), MEASURES[self.measure]
        if math.isnan(value):
            return NOT_FITTED
        if not measure.ranks:
            return percent(value)
        if place == self.best:
            return "best"
        difference = self.difference(place)
        if math.isnan(difference):
            return "–"
        # Nine of them stand side by side; the tip is exact.
        return narrow(difference, measure.decimals if abs(difference) < 100 else 0)
