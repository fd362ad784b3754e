"""A fitted model applied to another table: what it says about every row, and whether it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.analysis.drift import ColumnDrift, drifts
from gmmdesk.analysis.fitted_model import FittedModel
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.matching import is_other_unit, match_columns, stated_unit
from gmmdesk.analysis.profiles import Profile, profiles
from gmmdesk.analysis.renaming import renamed
from gmmdesk.analysis.scored import NoiseRows, RowResults, summed
from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared, transform
from gmmdesk.data.row_names import rows_called
from gmmdesk.data.steps.fitted import Preparation
from gmmdesk.engine import Parameters, ThreadedMap, score
from gmmdesk.engine.density import responsibilities
from gmmdesk.errors import DataError, FitError
from gmmdesk.task import Task
from gmmdesk.text import count, percent

# So many times as many outliers as there should be are worth a word.
MANY_OUTLIERS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """A model applied to the rows of a table.

    `columns` are the table's columns by those that the model asks for; `extra` are numeric columns
    that it does not use. `drift` compares each prepared column with the model's idea of it. Else as
    `ScoredRows`.
    """

    dataset: Dataset
    model: FittedModel
    prepared: Prepared
    rows: RowResults
    sizes: npt.NDArray[np.int64]
    certainty: npt.NDArray[np.float64]
    noise: NoiseRows | None
    columns: Mapping[str, str]
    profiles: tuple[Profile, ...]
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
    def grouping(self) -> Grouping | None:
        """How components of the model are combined, if some are."""
        return self.model.grouping

    @property
    def clusters(self) -> Parameters:
        """The clusters in the units of the file."""
        return self.model.clusters

    @property
    def log_likelihood(self) -> float:
        """The total over the used rows in nats, in the units of the file."""
        return float(self.rows.log_density.sum())

    @property
    def n_outliers(self) -> int:
        """Rows that fit no cluster."""
        return int(self.rows.outliers(self.outlier_level).sum())

    @property
    def outlier_rows(self) -> IntArray:
        """Those rows of the table (0-based), the farthest out first."""
        found = np.flatnonzero(self.rows.outliers(self.outlier_level))
        order = np.argsort(-self.rows.squared_distance[found], kind="stable")
        return self.prepared.rows[found[order]]

    @property
    def outliers_said(self) -> str:
        """How many rows fit no cluster, and which, in a sentence without its end."""
        rows, n_used = self.outlier_rows, len(self.prepared.rows)
        if not len(rows):
            return "Every row fits a cluster (no outliers)"
        fit = "fits" if len(rows) == 1 else "fit"
        said = f"{count(len(rows), 'row')} ({percent(len(rows) / n_used)}) {fit} no cluster"
        order = " (the farthest out first)" if len(rows) > 1 else ""
        return f"{said} (outliers): {rows_called(self.dataset, rows)}{order}"

    @property
    def shares_before(self) -> tuple[float, ...]:
        """The share that each cluster had of the rows it was found in; that of no cluster last.

        Unsure rows count in part (mixing weights): the model keeps no others.
        """
        noise = self.parameters.noise
        own = tuple(map(float, self.clusters.weights))
        return own if noise is None else (*own, float(noise.weight))

    @property
    def outlier_level(self) -> float:
        """That of the model."""
        return self.model.outlier_level

    @property
    def outliers(self) -> npt.NDArray[np.int64]:
        """The outliers among the rows of each cluster, then among those of no cluster, (K + 1,)."""
        labels = self.rows.label[self.rows.outliers(self.outlier_level)]
        return np.bincount(
            np.where(labels < 0, self.n_clusters, labels), minlength=self.n_clusters + 1
        )

    def color(self, cluster: int) -> str:
        """The colour of a cluster (0-based), "#RRGGBB"."""
        return self.model.color(cluster)

    def fitted_model(self, names: Sequence[str]) -> FittedModel:
        """The model, its clusters called `names`."""
        return replace(self.model, names=tuple(names))

    def responsibilities(self, used: slice) -> FloatArray:
        """Probabilities (m, K) of a run of the used rows; with noise (m, K + 1), its own last."""
        found = responsibilities(
            self.model.scaled, self.prepared.X[used], missing=self.model.missing == "em"
        )
        return found if self.grouping is None else self.grouping.added(found)

    @property
    def renamed(self) -> dict[str, str]:
        """The columns that have another name in the table."""
        return {name: there for name, there in self.columns.items() if name != there}

    def _other_units(self) -> list[str]:
        """The columns whose unit in this file is stated to be another than that of the model."""
        said = []
        for name, other in self.columns.items():
            unit = stated_unit(name, self.model.units.get(name, ""))
            there = stated_unit(other, self.dataset.column(other).unit)
            if is_other_unit(unit, there):
                said.append(
                    f"{name}: in {there} by this file, in {unit} by the model's; values are taken"
                    " as they are."
                )
        return said

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know before trusting this, in sentences."""
        said = [f"'{there}' was taken for '{name}'." for name, there in self.renamed.items()]
        said += self._other_units()
        said += [one.message for one in self.drift if one.differs]
        n, n_used = self.n_outliers, len(self.prepared.rows)
        if n > 1 and n > MANY_OUTLIERS * self.outlier_level * n_used:
            said.append(
                f"Many more rows fit no cluster, {percent(n / n_used)}, than would be usual,"
                f" {100 * self.outlier_level:g} %: these rows may be of another kind."
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
    preparation = model.preparation
    matching = match_columns(
        preparation.needed, dataset, mapping, numeric=preparation.inputs, units=model.units
    )
    columns = dict(zip(preparation.needed, matching.complete(dataset.name), strict=True))
    for name in preparation.inputs:
        column = dataset.column(columns[name])
        if not column.is_numeric:
            raise DataError(
                f"Column '{column.name}' holds no numbers: {column.reason or column.kind}.",
                f"Give a column of numbers for '{name}'.",
            )
    # What is said of clusters is in the units of the model, whatever the file states.
    prepared = replace(_prepared(dataset, preparation, columns, task), units=model.units)
    if not len(prepared.rows):
        raise DataError(
            f"No row of {dataset.name} can be scored:"
            f" {'; '.join(prepared.reasons[:3]) or 'it has none'}.",
            "Check that the columns are those that the model asks for.",
        )
    task.step(0.5, "Scoring")
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        try:
            scores = score(
                model.scaled,
                prepared.X,
                chunk_map,
                missing=model.missing == "em",
                groups=None if model.grouping is None else model.grouping.of,
            )
        except FitError as error:
            raise error.naming(prepared.columns, dataset.numbers_of(prepared.rows)) from None
    about = summed(scores, prepared, model.scaled_clusters)
    middle = model.center + model.scale * np.nanmean(prepared.X, axis=0)
    told = profiles(model.parameters, prepared, middle)
    if model.grouping is not None:
        told = tuple(one.combined(model.parameters, model.grouping) for one in told)
    return Application(
        dataset=dataset,
        model=model,
        prepared=prepared,
        rows=about.rows,
        sizes=about.sizes,
        certainty=about.certainty,
        noise=about.noise,
        columns=columns,
        profiles=told,
        extra=matching.extra,
        drift=drifts(prepared.columns, prepared.X, model.center, model.scale, model.scaled),
    )


def _prepared(
    dataset: Dataset, preparation: Preparation, columns: Mapping[str, str], task: Task
) -> Prepared:
    """The rows prepared; why some are left out is said in the table's names if that can be."""
    said = renamed(preparation, columns)
    if said is None:
        return transform(_renamed(dataset, columns), preparation, task)
    prepared = transform(dataset, said, task)
    return replace(prepared, columns=preparation.columns, preparation=preparation)


def _renamed(dataset: Dataset, columns: Mapping[str, str]) -> Dataset:
    """The table with the model's names for the columns that it asks for."""
    names = {there: name for name, there in columns.items()}
    return replace(
        dataset,
        columns=tuple(
            replace(column, name=names.get(column.name, column.name))
            for column in dataset.columns
            if column.name in names or column.name not in columns
        ),
    )
