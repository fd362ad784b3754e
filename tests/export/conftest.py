"""Analyses made by hand, so that these tests depend on no reader and no fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from gmmdesk.analysis.analysis import Analysis, Candidate, RowResults
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine.result import StopReason


@dataclass(frozen=True)
class Mixture:
    """As much of a FitResult as exports use, with the densities from scipy."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    log_likelihood: float = -123.45678901234567
    n_parameters: int = 11
    bic: float = 300.1
    icl: float = 310.2
    aic: float = 280.3
    n_iterations: int = 17
    converged: bool = True
    stop_reason: StopReason = StopReason.CONVERGED
    message: str = "The gain fell below the tolerance."
    model: str = "VVV"
    calls: list[int] = field(default_factory=list)

    def joint(self, X: np.ndarray) -> np.ndarray:
        return np.column_stack(
            [
                np.log(weight) + multivariate_normal(mean, covariance).logpdf(X).reshape(-1)
                for weight, mean, covariance in zip(
                    self.weights, self.means, self.covariances, strict=True
                )
            ]
        )

    def responsibilities(self, X: np.ndarray) -> np.ndarray:
        self.calls.append(len(X))
        joint = self.joint(X)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))


def make_analysis(
    columns: Mapping[str, Sequence[Any] | pa.Array],
    features: Sequence[str],
    *,
    n_clusters: int = 2,
    scaling: str = "standard",
    path: Path | None = None,
    **changes: Any,
) -> Analysis:
    """An analysis of `columns` in which rows with a null feature are left out."""
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
            "folder/table.csv", "CSV", 1234, "ab" * 32, encoding="utf-8", delimiter=";",
            decimal=",", notes=("Column 3 had no name.",),
        ),
        path=path,
    )  # fmt: skip
    raw = np.column_stack([dataset.column(name).numbers() for name in features])
    reasons = tuple(f"missing: {name}" for name in features)
    missing = np.isnan(raw)
    left_out = np.where(missing.any(axis=1), missing.argmax(axis=1) + 1, 0).astype(np.uint16)
    rows = np.flatnonzero(left_out == 0)
    X = raw[rows]
    center, scale = (
        (X.mean(axis=0), X.std(axis=0))
        if scaling == "standard"
        else (np.zeros(X.shape[1]), np.ones(X.shape[1]))
    )
    prepared = Prepared(
        tuple(features), np.asfortranarray((X - center) / scale), rows, center, scale,
        left_out, reasons,
    )  # fmt: skip
    weights = np.arange(n_clusters, 0, -1) / (n_clusters * (n_clusters + 1) / 2)
    means = np.quantile(X, (np.arange(n_clusters) + 0.5) / n_clusters, axis=0)
    covariance = np.cov(X, rowvar=False).reshape(X.shape[1], X.shape[1])
    mixture = Mixture(weights, means, np.stack([covariance / (k + 1) for k in range(n_clusters)]))
    mixture = Mixture(**{**vars(mixture), **changes})
    probabilities = mixture.responsibilities(X)
    mixture.calls.clear()
    order = np.argsort(-probabilities, axis=1)
    results = RowResults(
        label=order[:, 0].astype(np.int32),
        probability=probabilities.max(axis=1),
        second=(
            order[:, 1].astype(np.int32) if n_clusters > 1 else np.full(len(X), -1, dtype=np.int32)
        ),
        log_density=logsumexp(mixture.joint(X), axis=1),
        outlier=np.arange(len(X)) % 5 == 0,
    )
    candidates = (
        Candidate("EEE", n_clusters, -130.0, 9, 301.5, 311.0, 281.0, "converged"),
        Candidate("VVV", n_clusters, -123.4, 11, 300.1, 310.2, 280.3, "converged"),
        Candidate("VVV", 9, *[float("nan")] * 1, 53, *[float("nan")] * 3, "too few rows"),
    )
    return Analysis(
        dataset, Settings(columns=tuple(features), seed=7, scaling=scaling), prepared, mixture,
        candidates, 1, results,
        sizes=np.bincount(results.label, minlength=n_clusters),
        certainty=np.array(
            [results.probability[results.label == k].mean() for k in range(n_clusters)]
        ),
        column_means=X.mean(axis=0), trail=(), stopped_early=False,
    )  # fmt: skip


@pytest.fixture
def make() -> Callable[..., Analysis]:
    return make_analysis


@pytest.fixture
def analysis() -> Analysis:
    """Forty rows: awkward text, two features with gaps, a date, whole numbers."""
    rng = np.random.default_rng(0)
    height = [None if i in (3, 17) else float(value) for i, value in enumerate(rng.normal(size=40))]
    width = [None if i in (3, 30) else float(value) for i, value in enumerate(rng.normal(size=40))]
    code = [f"{i:05d}" for i in range(40)]
    text = ["=1+1", "a,b", 'say "hi"', None, "", " x ", "é <b>&", "@now", "two\nlines", "+1"] * 4
    return make_analysis(
        {"code": code, "note": text, "height": height, "count": list(range(40)), "width": width},
        ("height", "width"),
    )
