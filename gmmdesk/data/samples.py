"""The data that come with the program, and a generator of made-up clusters.

`sample:NAME` stands for a file wherever one is asked for; `sample:blobs` takes parameters, as in
`sample:blobs?k=4&n=10000&overlap=0.3&seed=2`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from statistics import NormalDist
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pyarrow as pa

from gmmdesk.data.dataset import Column, ColumnKind, Dataset, FloatArray, IntArray, Receipt
from gmmdesk.data.options import FOUND_OUT, ReadOptions
from gmmdesk.data.sample_table import GENERATED, PREFIX, SAMPLES, Sample
from gmmdesk.errors import UsageError
from gmmdesk.task import Task

__all__ = [
    "GENERATED",
    "PREFIX",
    "SAMPLES",
    "Blobs",
    "Sample",
    "load_sample",
    "make_blobs",
    "open_table",
]


def open_table(
    source: str | Path,
    options: ReadOptions = FOUND_OUT,
    *,
    task: Task | None = None,
    hashed: bool = True,
) -> Dataset:
    """The table in the file `source`, or the sample that it names (`sample:NAME`).

    A look at the first rows needs no SHA-256 of the whole file, which is left out unless `hashed`.
    Raises ReadError for a file that cannot be read, UsageError for an unknown sample.
    """
    from gmmdesk.data.readers import read

    if not str(source).startswith(PREFIX):
        return read(Path(source), options, task=task, hashed=hashed)
    return load_sample(str(source).removeprefix(PREFIX), options, task=task)


def load_sample(
    name: str, options: ReadOptions = FOUND_OUT, *, task: Task | None = None
) -> Dataset:
    """The sample called `name`, which for blobs may carry parameters: "blobs?k=4".

    Raises UsageError for a name or a parameter that does not exist, or a value out of range.
    """
    base, _, query = name.partition("?")
    sample = SAMPLES.get(base)
    if sample is None:
        raise UsageError(f"There is no sample {base!r}.", f"Choose one of {', '.join(SAMPLES)}.")
    if base == GENERATED:
        if options != FOUND_OUT:
            raise UsageError(
                f"{PREFIX}{name} is generated, not read from a file.",
                "Leave out the options of reading.",
            )
        return _blobs_dataset(sample, name, _blob_parameters(query))
    if query:
        raise UsageError(f"The sample {base!r} takes no parameters.", f"Ask for {PREFIX}{base}.")
    from gmmdesk.data.readers import read

    folder = resources.files("gmmdesk") / "resources" / "samples"
    with resources.as_file(folder / sample.file) as path:
        dataset = read(path, options, task=task)
    receipt = replace(dataset.receipt, source=PREFIX + name)
    return replace(dataset, name=sample.title, path=None, receipt=receipt)


# --- blobs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blobs:
    """What to generate: `n` rows in `d` columns from `k` round clusters of equal weight.

    `overlap` is that of the two nearest clusters: the probability that the best possible rule
    takes a row of the one for the other, plus the reverse (Maitra and Melnykov 2010, section 2).
    0.001 is plainly apart; at 0.3 the two are hard to tell.
    Raises UsageError when a value is out of range.
    """

    n: int = 1000
    k: int = 3
    d: int = 2
    overlap: float = 0.02
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("k", 1, 100),
            ("n", self.k, 10_000_000),
            ("d", 1, 100),
            ("overlap", 1e-12, 0.99),
            ("seed", 0, 2**63 - 1),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise UsageError(
                    f"{name} = {value} is out of range for {PREFIX}{GENERATED}.",
                    f"Choose {name} from {low} to {high}.",
                )
        if self.n * self.d > 100_000_000:
            raise UsageError(
                f"{self.n} rows of {self.d} columns are too many to generate.",
                "Choose n and d so that their product is at most 100000000.",
            )


def make_blobs(blobs: Blobs) -> tuple[FloatArray, IntArray]:
    """Rows (n, d), and the cluster (n,) in 0..k-1 that each was drawn from.

    The clusters have unit variance in every direction. Two of them, a distance of `delta` apart,
    overlap by 2 Phi(-delta / 2); the centres are spread out at random and then scaled so that this
    is `overlap` for the nearest two. The same seed gives the same rows.
    """
    rng = np.random.default_rng(blobs.seed)
    centres = _spread_points(blobs.k, blobs.d, rng)
    if blobs.k > 1:
        distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)
        nearest = distances[np.triu_indices(blobs.k, 1)].min()
        centres *= -2 * NormalDist().inv_cdf(blobs.overlap / 2) / nearest
    labels = rng.permutation(np.arange(blobs.n, dtype=np.int64) % blobs.k)
    rows = rng.standard_normal((blobs.n, blobs.d))
    rows += centres[labels]
    return rows, labels


def _spread_points(k: int, d: int, rng: np.random.Generator) -> FloatArray:
    """(k, d) points in the unit cube, each the farthest from the others of ten drawn.

    Mitchell (1991), "best candidate": points drawn outright often come in near-coincident pairs,
    and scaling by the nearest pair would then put all the others out of sight.
    """
    points = rng.random((k, d))
    for i in range(1, k):
        candidates = rng.random((10, d))
        nearest = np.linalg.norm(candidates[:, None] - points[None, :i], axis=2).min(axis=1)
        points[i] = candidates[nearest.argmax()]
    return points


_PARAMETERS = {"n": int, "k": int, "d": int, "overlap": float, "seed": int}


def _blob_parameters(query: str) -> Blobs:
    values: dict[str, Any] = {}
    for key, text in parse_qsl(query, keep_blank_values=True):
        if key not in _PARAMETERS or key in values:
            raise UsageError(
                f"{PREFIX}{GENERATED} has no parameter {key!r}, or it is given twice.",
                f"Choose from {', '.join(_PARAMETERS)}.",
            )
        try:
            values[key] = _PARAMETERS[key](text)
        except ValueError:
            raise UsageError(
                f"{key} = {text!r} is no {'number' if key == 'overlap' else 'whole number'}.",
                f"Write it like {PREFIX}{GENERATED}?k=4&n=10000&overlap=0.3&seed=2.",
            ) from None
    return Blobs(**values)


def _blobs_dataset(sample: Sample, name: str, blobs: Blobs) -> Dataset:
    rows, labels = make_blobs(blobs)
    columns = [
        Column(f"x{j + 1}", ColumnKind.NUMBER, pa.chunked_array([pa.array(rows[:, j])]), 0)
        for j in range(blobs.d)
    ]
    names = pa.array([f"blob {i + 1}" for i in range(blobs.k)])
    cells = pa.chunked_array([names.take(pa.array(labels))])
    columns.append(Column("group", ColumnKind.TEXT, cells, 0, reason="text"))
    receipt = Receipt(
        source=PREFIX + name,
        format="generated",
        n_bytes=0,
        sha256="",
        notes=(
            f"{blobs.n} rows drawn from {blobs.k} round clusters in {blobs.d} columns, "
            f"overlap of the nearest two {blobs.overlap:g}, seed {blobs.seed}",
        ),
    )
    return Dataset(sample.title, tuple(columns), receipt)
