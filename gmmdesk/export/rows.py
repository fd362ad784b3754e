"""Every row of the input with what the mixture says about it, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis import NO_SECOND, ScoredRows
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.export.cells import CellsOf
from gmmdesk.export.writers import default_names
from gmmdesk.task import Task

# Cells in a batch: enough that numpy and Arrow do the work, few enough that a batch is done
# within a frame of the window and its probabilities need little memory.
BATCH_CELLS = 200_000
LEAST_ROWS = 512
ROW_IN_FILE = "Row in the file"


def are_given(names: Sequence[str]) -> bool:
    """Whether somebody has named the clusters; only then do their names join the rows."""
    return tuple(names) != default_names(len(names))


def result_names(
    existing: Sequence[str],
    n_clusters: int,
    *,
    is_part: bool = False,
    noise: bool = False,
    held_out: bool = False,
    known: bool = False,
    named: bool = False,
) -> tuple[str, ...]:
    """Names of the columns that follow the input's: gmm_..., or gmm_2_... where those exist.

    `is_part` adds one for the row's number in the file, of which not all rows were read; `noise`
    one for the probability of no cluster, `held_out` one that marks rows which the fit has not
    seen, `known` one that marks rows whose cluster was known beforehand, `named` one for the names
    that the user gave to clusters.
    """
    parts = (
        *["row"] * is_part,
        "cluster",
        "probability",
        *(f"p{k}" for k in range(1, n_clusters + 1)),
        *["p_noise"] * noise,
        "second",
        "uncertainty",
        "log_density",
        "outlier",
        "left_out",
        *["held_out"] * held_out,
        *["known"] * known,
        *["cluster_name"] * named,
    )
    taken = set(existing)
    prefix, number = "gmm_", 2
    while any(prefix + part in taken for part in parts):
        prefix, number = f"gmm_{number}_", number + 1
    return tuple(prefix + part for part in parts)


def headings(
    existing: Sequence[str],
    names: Sequence[str],
    *,
    is_part: bool = False,
    noise: bool = False,
    held_out: bool = False,
    known: bool = False,
) -> tuple[str, ...]:
    """The same columns for people to read: `names` are the clusters' names."""
    taken = set(existing)
    parts = (
        *[ROW_IN_FILE] * is_part,
        "Cluster",
        "Probability",
        *(f"P({name})" for name in names),
        *[f"P({NO_NAME.lower()})"] * noise,
        "Second choice",
        "Uncertainty",
        "Log density",
        "Outlier",
        "Left out",
        *["Held out"] * held_out,
        *["Known beforehand"] * known,
    )
    return tuple(unique(part, taken) for part in parts)


def unique(name: str, taken: set[str]) -> str:
    """`name`, or "name (2)" and so on where it is taken; adds it to `taken`."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name} ({number})", number + 1
    taken.add(candidate)
    return candidate


def schema(scored: ScoredRows, cells_of: CellsOf, names: Sequence[str] = ()) -> pa.Schema:
    """Names and types of the columns of `batches`."""
    columns = scored.dataset.columns
    n_clusters, noise = scored.n_clusters, scored.noise is not None
    named, held_out = are_given(names), scored.prepared.held_out is not None
    known = scored.rows.known is not None
    is_part = scored.dataset.row_numbers is not None
    types = [
        *[pa.int64()] * is_part,
        pa.int32(),
        pa.float64(),
        *[pa.float64()] * (n_clusters + noise),
        pa.int32(),
        pa.float64(),
        pa.float64(),
        pa.bool_(),
        pa.string(),
        *[pa.bool_()] * held_out,
        *[pa.bool_()] * known,
        *[pa.string()] * named,
    ]
    existing = [column.name for column in columns]
    return pa.schema(
        [
            *((column.name, cells_of(column, 0, 0).type) for column in columns),
            *zip(
                result_names(
                    existing,
                    n_clusters,
                    is_part=is_part,
                    noise=noise,
                    held_out=held_out,
                    known=known,
                    named=named,
                ),
                types,
                strict=True,
            ),
        ]
    )


def batches(
    scored: ScoredRows, task: Task, cells_of: CellsOf, names: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """The rows of the input in order, their cells as `cells_of` gives them, with their results.

    Results are null where a row is left out, the reason is null where it is used; the cluster is 0
    where the row belongs to none. Where only a part of the file was read, the number of each row in
    it is the first of the results. Where the user gave `names` to the clusters, they are the last
    column. Only one batch's probabilities exist at a time. Raises Cancelled when the task is
    cancelled.
    """
    columns = scored.dataset.columns
    n_rows = scored.dataset.n_rows
    target = schema(scored, cells_of, names)
    name_of = pa.array([NO_NAME, *names], pa.string()) if are_given(names) else None
    numbers = scored.dataset.row_numbers
    size = max(LEAST_ROWS, BATCH_CELLS // len(target))
    for start in range(0, n_rows, size):
        task.step(start / n_rows)
        stop = min(n_rows, start + size)
        originals = [cells_of(column, start, stop) for column in columns]
        results = _results(scored, start, stop)
        if name_of is not None:
            results.append(name_of.take(results[0]))
        if numbers is not None:
            results.insert(0, pa.array(numbers[start:stop]))
        yield pa.RecordBatch.from_arrays([*originals, *results], schema=target)


def joined(strings: pa.Array) -> memoryview:
    """The bytes of all strings of a freshly computed array without nulls, end to end."""
    # Arrow keeps an array's strings in one buffer, so joining them costs nothing.
    return memoryview(strings.buffers()[2] or b"")[: pc.sum(pc.binary_length(strings)).as_py()]


def _results(scored: ScoredRows, start: int, stop: int) -> list[pa.Array]:
    prepared, rows = scored.prepared, scored.rows
    first, last = np.searchsorted(prepared.rows, (start, stop))
    used = slice(int(first), int(last))
    position = prepared.rows[used] - start
    empty = np.ones(stop - start, dtype=np.bool_)
    empty[position] = False

    def spread(values: npt.NDArray[np.generic], absent: npt.NDArray[np.bool_] = empty) -> pa.Array:
        full = np.zeros(stop - start, dtype=values.dtype)
        full[position] = values
        return pa.array(full, mask=absent)

    n_choices = scored.n_clusters + (scored.noise is not None)
    probabilities = np.empty((0, n_choices))
    if len(position):
        probabilities = scored.responsibilities(used)
    second = rows.second[used]
    without_second = empty.copy()
    without_second[position[second == NO_SECOND]] = True
    reasons = pa.array([None, *prepared.reasons], pa.string())
    return [
        spread(rows.label[used] + np.int32(1)),
        spread(rows.probability[used]),
        *(spread(probabilities[:, k]) for k in range(n_choices)),
        spread(second + np.int32(1), without_second),
        spread(1.0 - rows.probability[used]),
        spread(rows.log_density[used]),
        spread(rows.outliers(scored.outlier_level, used)),
        reasons.take(pa.array(prepared.left_out[start:stop])),
        *([] if prepared.held_out is None else [spread(prepared.held_out[used])]),
        *([] if rows.known is None else [spread(rows.known[used])]),
    ]
