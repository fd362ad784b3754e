"""Time and log-likelihoods of the search over all 14 models and 1 to 9 components, against mclust.

python tests/benchmarks/bench_models.py [--restarts 10] [--columns 5] [--rows 10000]

mclust takes part in the same run where R and it are installed (on Debian: r-cran-mclust); else only
the times of gmmdesk are printed. Both fit the same rows, columns scaled to one spread.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine

from gmmdesk.data.samples import load_sample
from gmmdesk.engine import MODELS, FitSpec, SearchResult, candidates, search, simulate
from gmmdesk.engine.parameters import Parameters

COMPONENTS = range(1, 10)
# mclust stops early: by its tolerance of 1e-5 relative, an ascent may have this left.
ALLOWED = 1e-3
# Of many rows it makes its starts from a random sample, which decides about a cell here and there.
R_PROGRAM = """
suppressMessages(library(mclust))
set.seed(1)
files <- commandArgs(trailingOnly = TRUE)
X <- read.csv(files[1])
time <- system.time(fits <- Mclust(X, G = 1:9, verbose = FALSE))["elapsed"]
bic <- fits$BIC
df <- outer(1:9, colnames(bic), Vectorize(function(g, m) nMclustParams(m, ncol(X), g)))
logs <- (unclass(bic)[1:9, ] + df * log(nrow(X))) / 2
write.csv(data.frame(time = time, logs, check.names = FALSE), files[2], row.names = FALSE)
"""


def blobs(n: int, d: int) -> np.ndarray:
    """Rows of five ellipsoids that overlap a little."""
    random = np.random.default_rng(0)
    roots = np.eye(d) + random.normal(size=(5, d, d)) / (2 * d)
    mixture = Parameters(
        np.full(5, 0.2), random.normal(scale=2.5, size=(5, d)), roots @ roots.transpose(0, 2, 1)
    )
    return simulate(mixture, n)[0]


def iris() -> np.ndarray:
    dataset = load_sample("iris")
    return np.column_stack([dataset.column(name).numbers() for name in dataset.recommended])


def scattered() -> Iterator[tuple[str, np.ndarray]]:
    """Tables of clusters that differ much in size and spread: many optima for few components."""
    wine, cancer = load_wine().data, load_breast_cancer().data
    yield "wine", wine[:, [0, 6, 9, 12]]
    yield "cancer", cancer[:, [0, 1, 4, 5, 8, 9]]
    random = np.random.default_rng(5)
    made = ((200, 3, 4, 3.0), (500, 4, 6, 2.5), (1_411, 5, 5, 2.0), (2_000, 2, 7, 4.0))
    for n, d, K, apart in made:
        centers = apart * random.normal(size=(K, d))
        shapes = 0.5 * random.normal(size=(K, d, d)) + np.eye(d)
        of = random.integers(K, size=n)
        noise = np.einsum("nij,nj->ni", shapes[of], random.normal(size=(n, d)))
        yield f"{n:,} x {d}", centers[of] + noise


def searched(X: np.ndarray, restarts: int) -> tuple[SearchResult, float]:
    """The search as the application runs it, and its time in seconds."""
    begin = time.perf_counter()
    steps = search(X, candidates(MODELS, COMPONENTS, FitSpec(restarts=restarts, tol=1e-5)))
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            return finished.value, time.perf_counter() - begin


def of_mclust(X: np.ndarray) -> tuple[dict[tuple[str, int], float], float] | None:
    """Log-likelihood of each cell and the time in seconds; None without R and mclust."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        rows, found = Path(folder, "rows.csv"), Path(folder, "found.csv")
        np.savetxt(
            rows, X, delimiter=",", header=",".join(f"x{j}" for j in range(X.shape[1])), comments=""
        )
        run = subprocess.run(
            ["Rscript", "-e", R_PROGRAM, rows, found], capture_output=True, text=True, check=False
        )
        if run.returncode:
            print(json.dumps(run.stderr[-300:]))
            return None
        names, *lines = found.read_text().splitlines()
    models = [name.strip('"') for name in names.split(",")][1:]
    table = [line.split(",") for line in lines]
    cells = {
        (model, K): float(line[1 + i]) if line[1 + i] != "NA" else math.nan
        for K, line in enumerate(table, start=1)
        for i, model in enumerate(models)
    }
    return cells, float(table[0][0])


def report(name: str, X: np.ndarray, restarts: int) -> None:
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    found, own_time = searched(X, restarts)
    line = f"{name:>12}: gmmdesk {own_time:6.2f} s"
    reference = of_mclust(X)
    if reference is not None:
        cells, their_time = reference
        differences = {
            (one.spec.model, one.spec.n_components): one.result.log_likelihood
            - cells[one.spec.model, one.spec.n_components]
            for one in found.tried
            if one.result is not None
        }
        lower = {cell: d for cell, d in differences.items() if d < -ALLOWED}
        line += f", mclust {their_time:6.2f} s ({own_time / their_time:.1f}x its time)"
        line += f"; of {len(differences)} cells {len(lower)} lower"
        line += "".join(f" {model},{K}:{d:.2f}" for (model, K), d in lower.items())
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=5)
    options = parser.parse_args()
    report("iris", iris(), options.restarts)
    rows = blobs(options.rows, options.columns)
    report(f"{options.rows:,} x {options.columns}", rows, options.restarts)
    for name, table in scattered():
        report(name, table, options.restarts)


if __name__ == "__main__":
    main()
