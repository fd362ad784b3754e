"""Analyses with chosen parameters, so that these tests depend on no reader and no fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gmmdesk.analysis import (
    NO_CLUSTER,
    NO_SECOND,
    Analysis,
    Candidate,
    NoiseRows,
    RowResults,
    Settings,
)
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.prepare import prepare
from gmmdesk.engine import FitResult, Noise, Parameters, Region, StopReason, Trust

NAN = float("nan")


def make_analysis(
    columns: Mapping[str, Sequence[Any] | pa.Array],
    features: Sequence[str],
    *,
    n_clusters: int = 2,
    noise: float = 0.0,
    path: Path | None = None,
    **result_fields: Any,
) -> Analysis:
    """An analysis of `columns` in which rows with a null feature are left out.

    `noise` is the weight of the noise component; there is none without.
    """
    arrays = {name: pa.array(cells) for name, cells in columns.items()}
    dataset = Dataset(
        name="table",
        columns=tuple(
            Column(
                name,
                ColumnKind.NUMBER if name in features else ColumnKind.TEXT,
                pa.chunked_array([array[: len(array) // 3], array[len(array) // 3 :]]),
                array.null_count,
            )
            for name, array in arrays.items()
        ),
        receipt=Receipt(
            source="folder/table.csv",
            format="CSV",
            n_bytes=1234,
            sha256="ab" * 32,
            encoding="utf-8",
            delimiter=";",
            decimal=",",
            notes=("Column 3 had no name.",),
        ),
        path=path,
    )
    prepared = prepare(dataset, features)
    X = prepared.X
    covariance = np.cov(X, rowvar=False).reshape(X.shape[1], X.shape[1])
    parameters = Parameters(
        (1.0 - noise) * np.arange(n_clusters, 0, -1) / (n_clusters * (n_clusters + 1) / 2),
        np.quantile(X, (np.arange(n_clusters) + 0.5) / n_clusters, axis=0),
        np.stack([covariance / (k + 1) for k in range(n_clusters)]),
        Noise(noise, Region(X.min(axis=0), np.diag(np.ptp(X, axis=0)))) if noise else None,
    )
    fields = {
        "model": "VVV",
        "log_likelihood": -123.45678901234567,
        "log_certainty": -5.05,
        "n_parameters": 11,
        "n_rows": len(X),
        "history": np.array([-200.0, -150.0, -123.45678901234567]),
        "ending": StopReason.CONVERGED,
        "n_sampled": len(X),
        "size": float(len(X)),
    }
    fields |= result_fields
    scaled = FitResult(parameters=parameters, **fields)
    result = replace(
        scaled.in_units(prepared.center, prepared.scale),
        **{name: fields[name] for name in ("log_likelihood", "history")},
    )
    scores = scaled.score(X)
    sizes = np.bincount(scores.label, minlength=n_clusters + 1)
    certainty = np.bincount(scores.label, scores.probability, n_clusters + 1)
    certainty = np.where(sizes > 0, certainty / np.maximum(sizes, 1), NAN)

    def choices(components: Any) -> Any:
        return np.select(
            [components == n_clusters, components < 0], [NO_CLUSTER, NO_SECOND], components
        ).astype(np.int32)

    return Analysis(
        dataset=dataset,
        settings=Settings(columns=tuple(features), seed=7),
        prepared=prepared,
        result=result,
        scaled=scaled,
        candidates=(
            Candidate("EEE", n_clusters, -130.0, 9, 301.5, 311.0, 281.0, "converged", True),
            Candidate("VVV", n_clusters, -123.4, 11, 300.1, 310.2, 280.3, "converged", True),
            Candidate("VVV", 9, NAN, 0, NAN, NAN, NAN, "too few rows", False),
        ),
        tried=(),
        best=1,
        rows=RowResults(
            choices(scores.label),
            scores.probability,
            choices(scores.second),
            scores.log_density - np.log(prepared.scale).sum(),
            squared_distance=np.where(np.arange(len(X)) % 5 == 0, 99.0, 1.0),
            n_values=np.full(len(X), X.shape[1], np.int32),
        ),
        sizes=sizes[:n_clusters],
        certainty=certainty[:n_clusters],
        column_means=prepared.center + prepared.scale * X.mean(axis=0),
        trust=Trust(n_starts=10, n_agreeing=7, few_rows=(1,) if n_clusters > 1 else (), flat=()),
        trail=(),
        stopped_early=False,
        noise=NoiseRows(int(sizes[-1]), noise, float(certainty[-1])) if noise else None,
    )


def make_texts(texts: Sequence[str | None]) -> Analysis:
    """An analysis whose rows carry `texts` (two at least) beside one column of numbers."""
    return make_analysis({"text": pa.array(texts, pa.string()), "x": _numbers(len(texts))}, ["x"])


def _numbers(n: int) -> list[float]:
    return np.random.default_rng(1).normal(size=n).tolist()


@pytest.fixture
def make() -> Callable[..., Analysis]:
    return make_analysis


@pytest.fixture
def with_texts() -> Callable[[Sequence[str | None]], Analysis]:
    return make_texts


@pytest.fixture
def analysis() -> Analysis:
    """Forty rows: awkward text, leading zeros, two features with gaps, whole numbers."""
    height, width = (
        [None if i in gaps else value for i, value in enumerate(_numbers(80)[part])]
        for part, gaps in ((slice(40), (3, 17)), (slice(40, 80), (3, 30)))
    )
    notes = ["=1+1", "a,b", 'say "hi"', None, "", " x ", "é <b>&", "@now", "two\nlines", "+1"]
    return make_analysis(
        {
            "code": [f"{i:05d}" for i in range(40)],
            "note": notes * 4,
            "height": height,
            "count": list(range(40)),
            "width": width,
        },
        ("height", "width"),
    )


@pytest.fixture
def noisy() -> Analysis:
    """Sixty rows in two columns, among them some of no cluster."""
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=50), rng.uniform(-9.0, 9.0, 10)])
    y = np.concatenate([rng.normal(size=50), rng.uniform(-9.0, 9.0, 10)])
    x[7] = np.nan
    return make_analysis({"x": pa.array(x, from_pandas=True), "y": y}, ("x", "y"), noise=0.2)
