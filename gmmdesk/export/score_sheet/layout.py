"""Where everything is on the sheet, from left to right.

The values to fill in, what the formulas say about them, their intermediate steps, and the numbers
of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from gmmdesk.analysis.fitted_model import FittedModel, farthest_distances
from gmmdesk.analysis.grouping import part_names
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.engine.kernels import Components
from gmmdesk.engine.models.whitening import whiten
from gmmdesk.export.score_sheet.steps import rounded, sheet_steps
from gmmdesk.export.sheets import Cell

HEADER = 2  # the row of the headings; rows to fill in follow
FIRST = HEADER + 1


class ScoreLayout:
    """The numbers of a model in d columns and K components, and the cells that they are in.

    `typed` are the columns to fill in, `parts` the names of the components, `constants` the rows of
    numbers by their name, and `places` the cells of each.
    """

    def __init__(self, model: FittedModel) -> None:
        self.model = model
        self.taken = sheet_steps(model.preparation)
        self.typed = self.taken.typed
        self.n_numbers = len(model.preparation.inputs)
        self.centers = rounded(model.center, model.scale)
        moved = (model.center - self.centers) / model.scale
        self.components = Components.of(
            replace(model.scaled, means=model.scaled.means + moved),
            whiten(model.scaled.covariances),
        )
        self.noise = model.scaled.noise is not None
        self.K, self.d = len(model.scaled.weights), len(model.columns)
        self.grouping = model.grouping
        self.parts = part_names(model.names, model.grouping)
        self.n_choices = model.n_clusters + self.noise
        n_results = self.n_choices + 9
        self.steps_at = len(self.typed) + n_results + 1
        self.n_steps = len(self.taken.helpers) + self.d + 2 * self.K + self.noise + 7
        if self.grouping is not None:  # what components of a cluster add up to
            self.n_steps += self.n_choices + 1
        self.model_at = self.steps_at + self.n_steps + 1
        self.constants = dict(self._constants())
        rows = {name: FIRST + i for i, name in enumerate(self.constants)}
        self.places = {
            name: xl_range_abs(
                rows[name], self.model_at + 1, rows[name], self.model_at + len(values)
            )
            for name, values in self.constants.items()
        }
        self.matrices_at = FIRST + len(self.constants) + 1

    def _constants(self) -> Iterator[tuple[str, list[Cell]]]:
        """Rows of the model's numbers, by name."""
        constants = self.components.constants.tolist()
        if self.components.background is not None:
            constants.append(self.components.background)
        yield "centre of each column", self.centers.tolist()
        yield "scale of each column", self.model.scale.tolist()
        yield "cluster", [*range(1, self.model.n_clusters + 1), *[0] * self.noise]
        yield "name", [*self.model.names, *[NO_NAME] * self.noise]
        yield "position", [*range(1, self.n_choices + 1)]
        yield "ln(weight) + ln(normalising constant)", constants
        farthest = farthest_distances(self.d, self.model.outlier_level)
        yield "squared distance of an outlier", [float(farthest[-1])]
        log_scales = float(np.log(self.model.scale).sum())
        yield "sum of ln(scale)", [log_scales - self.taken.log_slope]
        for name, values in self.taken.constants.values():
            yield name, list(values)

    def block(self, k: int) -> int:
        """The row of cluster k's mean, below which its whitening matrix begins."""
        return self.matrices_at + k * (self.d + 2)

    def heading_of(self, step: int) -> str:
        """The cell with the heading of an intermediate step."""
        return str(xl_rowcol_to_cell(HEADER, self.steps_at + step, True, True))

    def constant(self, name: str, j: int = 0) -> str:
        """The cell of number j in a row of `constants`."""
        first = self.model_at + 1 + j
        row = FIRST + list(self.constants).index(name)
        return str(xl_rowcol_to_cell(row, first, row_abs=True, col_abs=True))
