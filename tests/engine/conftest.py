"""Data that the engine's tests share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Blobs:
    """Rows X (n, d) drawn from K overlapping ellipsoids, and the ellipsoid of each row."""

    X: np.ndarray
    labels: np.ndarray


def make_blobs(n: int, d: int, K: int, seed: int = 0) -> Blobs:
    random = np.random.default_rng(seed)
    labels = np.arange(n) % K
    X = random.normal(size=(n, d))
    for k in range(K):
        shape = np.eye(d) + random.normal(size=(d, d)) / (2 * d)
        X[labels == k] = X[labels == k] @ shape + random.normal(scale=2.0, size=d)
    return Blobs(X, labels)


@pytest.fixture(name="make_blobs")
def make_blobs_fixture():
    return make_blobs


@pytest.fixture
def blobs() -> Blobs:
    return make_blobs(600, 3, 3)


@pytest.fixture(scope="session")
def mclust() -> dict[str, Any]:
    """Reference values; the file says how they were made."""
    return json.loads((Path(__file__).parent / "data" / "mclust.json").read_text())
