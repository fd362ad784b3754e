"""Time of one EM iteration against scikit-learn, in one run from the same start.

python tests/benchmarks/bench_engine.py [--quick] [--model VVV] [--repeats 3]
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from gmmdesk.engine import FitProgress, FitSpec, ThreadedMap, steps

SKLEARN_NAMES = {"VVV": "full", "EEE": "tied", "VVI": "diag", "VII": "spherical"}


@dataclass(frozen=True)
class Case:
    n: int
    d: int
    K: int
    goal: float
    iterations: int

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Overlapping clusters and their labels, some of them wrong: EM takes a while."""
        random = np.random.default_rng(0)
        labels = random.integers(self.K, size=self.n)
        centers = random.normal(scale=2.5 / np.sqrt(self.d), size=(self.K, self.d))
        mixing = random.normal(size=(self.K, self.d, self.d)) / np.sqrt(self.d) + np.eye(self.d)
        X = random.normal(size=(self.n, self.d))
        for k in range(self.K):
            X[labels == k] = X[labels == k] @ mixing[k] + centers[k]
        wrong = random.random(self.n) < 0.3
        return X, np.where(wrong, random.integers(self.K, size=self.n), labels)


CASES = (
    Case(1_000_000, 2, 5, 15.0, 5),
    Case(1_000_000, 10, 8, 10.0, 3),
    Case(200_000, 30, 10, 4.0, 3),
    Case(10_000, 4, 3, 3.0, 20),
)


def own_steps(X: np.ndarray, labels: np.ndarray, case: Case, model: str) -> Iterator[FitProgress]:
    spec = FitSpec(n_components=case.K, model=model, tol=0.0, max_iter=10_000)
    return steps(X, spec, labels)


def sklearn_fit(
    X: np.ndarray, first: FitProgress, model: str, iterations: int
) -> tuple[GaussianMixture, float]:
    """scikit-learn's EM from the parameters of `first`, and its time in seconds."""
    precisions = np.linalg.inv(first.parameters.covariances)
    shaped = {
        "VVV": precisions,
        "EEE": precisions[0],
        "VVI": precisions.diagonal(axis1=1, axis2=2),
        "VII": precisions[:, 0, 0],
    }
    mixture = GaussianMixture(
        len(precisions),
        covariance_type=SKLEARN_NAMES[model],
        tol=0.0,
        reg_covar=0.0,
        max_iter=iterations,
        weights_init=first.parameters.weights,
        means_init=first.parameters.means,
        precisions_init=shaped[model],
        init_params="random_from_data",
    )
    begin = time.perf_counter()
    mixture.fit(X)
    return mixture, time.perf_counter() - begin


def run(case: Case, model: str, repeats: int) -> str:
    X, labels = case.data()
    own_times, their_times = [], []
    for _ in range(repeats):
        progress = own_steps(X, labels, case, model)
        first = next(progress)
        begin = time.perf_counter()
        last = list(islice(progress, case.iterations))[-1]
        own_times.append((time.perf_counter() - begin) / case.iterations)
        progress.close()
        _, short = sklearn_fit(X, first, model, 1)
        mixture, long = sklearn_fit(X, first, model, 1 + case.iterations)
        their_times.append((long - short) / case.iterations)
    mixture, _ = sklearn_fit(X, first, model, case.iterations)
    reference = mixture.score(X) * case.n
    difference = abs(last.log_likelihood - reference) / abs(reference)

    tracemalloc.start()
    progress = own_steps(X, labels, case, model)
    list(islice(progress, 2))
    progress.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    own, their = min(own_times), min(their_times)
    return (
        f"{case.n:>9,} x {case.d:<3} K={case.K:<3} {1e3 * their:>10.2f} ms {1e3 * own:>9.3f} ms "
        f"{their / own:>6.1f}x {case.goal:>5.0f}x {difference:>10.1e} {peak / 2**20:>8.1f} MB "
        f"{X.nbytes / 2**20:>7.1f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    parser.add_argument("--model", choices=SKLEARN_NAMES, default="VVV")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"model {options.model}, {ThreadedMap().n_threads} cores, best of {options.repeats}")
    print(
        f"{'rows x columns':>24} {'scikit-learn':>13} {'gmmdesk':>12} {'ratio':>7} {'goal':>6} "
        f"{'rel. diff.':>10} {'peak':>11} {'data':>10}"
    )
    for case in CASES:
        n = max(10_000, case.n // 20) if options.quick else case.n
        sized = Case(n, case.d, case.K, case.goal, case.iterations)
        print(run(sized, options.model, options.repeats), flush=True)


if __name__ == "__main__":
    main()
