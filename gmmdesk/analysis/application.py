"""A fitted model applied to another table: what it says about every row, and whether it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.analysis.drift import ColumnDrift, drifts
from gmmdesk.analysis.fitted_model import OUTLIER_SHARE, FittedModel
from gmmdesk.analysis.matching import match_columns
from gmmdesk.analysis.scored import NoiseRows, RowResults, summed
from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.new_rows import prepare_new
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import Parameters, ThreadedMap, score
from gmmdesk.engine.density import responsibilities
from gmmdesk.errors import FitError
from gmmdesk.task import Task

# So many times as many outliers as there should be are worth a word.
MANY_OUTLIERS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """A model applied to the rows of a table.

    `renamed` are the table's columns that stand for columns of the model with other names, by
    these; `extra` are numeric columns that the model does not use. `drift` compares each used
    column with the model's idea of it. Else as `ScoredRows`; `prepared.columns` are named as in the
    table.
    """

    dataset: Dataset
    model: FittedModel
    prepared: Prepared
    rows: RowResults
    sizes: npt.NDArray[np.int64]
    certainty: npt.NDArray[np.float64]
    noise: NoiseRows | None
    renamed: Mapping[str, str]
    extra: tuple[str, ...]
    drift: tuple[ColumnDrift, ...]

    @property
    def n_clusters(self) -> int:
        return self.model.n_clusters

    @property
    def parameters(self) -> Parameters:
        """The mixture in the units of the file."""
        return self.model.parameters

    @property
    def log_likelihood(self) -> float:
        """The total over the used rows in nats, in the units of the file."""
        return float(self.rows.log_density.sum())

    @property
    def n_outliers(self) -> int:
        """Rows that fit no cluster."""
        return int(self.rows.outlier.sum())

    def fitted_model(self, names: Sequence[str]) -> FittedModel:
        """The model, its clusters called `names`."""
        return replace(self.model, names=tuple(names))

    def responsibilities(self, used: slice) -> FloatArray:
        """Probabilities (m, K) of a run of the used rows; with noise (m, K + 1), its own last."""
        return responsibilities(
            self.model.scaled, self.prepared.X[used], missing=self.model.missing == "em"
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know before trusting this, in sentences."""
        said = [f"'{there}' was taken for '{name}'." for name, there in self.renamed.items()]
        said += [one.message for one in self.drift if one.differs]
        n, n_used = self.n_outliers, len(self.prepared.rows)
        if n > 1 and n > MANY_OUTLIERS * OUTLIER_SHARE * n_used:
            said.append(
                f"{n:,} of {n_used:,} rows ({n / n_used:.1%}) fit no cluster;"
                f" {OUTLIER_SHARE:.1%} would be usual."
            )
        return tuple(said)


def apply(
    model: FittedModel,
    dataset: Dataset,
    mapping: Mapping[str, str] | None = None,
    *,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Application:
    """Say of every row of `dataset` which cluster of `model` it belongs to.

    Columns are found by their names, those in `mapping` (model's name to file's name) as it says;
    names that differ in case, spaces and marks only are taken for the same. Raises UsageError where
    a column is missing, DataError where one holds no numbers or no row can be scored, and Cancelled
    when the task is cancelled.
    """
    task = task or Task()
    matching = match_columns(model.columns, dataset, mapping)
    columns = matching.complete(dataset.name)
    prepared = prepare_new(
        dataset, columns, model.center, model.scale, missing=model.missing, task=task
    )
    task.step(0.5, "Scoring")
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        try:
            scores = score(model.scaled, prepared.X, chunk_map, missing=model.missing == "em")
        except FitError as error:
            raise error.naming(prepared.columns, prepared.rows) from None
    about = summed(scores, prepared, model.scaled)
    return Application(
        dataset=dataset,
        model=model,
        prepared=prepared,
        rows=about.rows,
        sizes=about.sizes,
        certainty=about.certainty,
        noise=about.noise,
        renamed={
            name: there for name, there in zip(model.columns, columns, strict=True) if name != there
        },
        extra=matching.extra,
        drift=drifts(columns, prepared.X, model.center, model.scale, model.scaled),
    )
