"""Time of one EM iteration against scikit-learn, in one run from the same start.

Beside it stand the floating-point operations of the two matrix products of a pass, how fast they
went by, what share that is of the rate at which this machine multiplies large matrices (one on
every core at once, measured in the same run), and the share of the time that exponentials take.
In few columns neither bounds a pass: that is how fast numbers go from cache to cache between the
steps of numpy, and that threads take turns at the interpreter between them.

python tests/benchmarks/bench_engine.py [--quick] [--model VVV] [--repeats 3]
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from gmmdesk.engine import FitProgress, FitSpec, ThreadedMap, steps

SKLEARN_NAMES = {"VVV": "full", "EEE": "tied", "VVI": "diag", "VII": "spherical"}
# Features of a row beside the columns themselves and 1, for d columns.
SECOND_ORDER = {
    "VVV": lambda d: d * (d + 1) // 2,
    "EEE": lambda _d: 0,
    "VVI": lambda d: d,
    "VII": lambda d: d,
}


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

    def operations(self, model: str) -> float:
        """Floating-point operations of both products, Theta Phi and R Phi^T."""
        features = 1 + self.d + SECOND_ORDER[model](self.d)
        return 2 * 2.0 * self.n * self.K * features


@dataclass(frozen=True)
class Machine:
    """What all cores together do at once: operations per second, exponentials per second."""

    products: float
    exponentials: float

    @classmethod
    def measured(cls) -> Machine:
        size, numbers = 768, 2**14
        random = np.random.default_rng(0)
        matrix = random.normal(size=(size, size))
        exponents = -random.exponential(size=numbers)

        def multiply() -> None:
            np.matmul(matrix, matrix)

        def exponentiate() -> None:
            out = np.empty(numbers)
            for _ in range(50):
                np.exp(exponents, out=out)

        return cls(2.0 * size**3 * _rate(multiply), 50.0 * numbers * _rate(exponentiate))


def _rate(function: Callable[[], None], calls: int = 10, repeats: int = 9) -> float:
    """Calls per second when every core makes some at once: the best of a few times."""
    cores = ThreadedMap().n_threads

    def make(_core: int) -> None:
        for _ in range(calls):
            function()

    best = 0.0
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(cores) as executor:
        for _ in range(repeats):
            begin = time.perf_counter()
            list(executor.map(make, range(cores)))
            best = max(best, cores * calls / (time.perf_counter() - begin))
    return best


CASES = (
    Case(1_000_000, 2, 5, 25.0, 5),
    Case(1_000_000, 10, 8, 20.0, 3),
    Case(200_000, 30, 10, 8.0, 3),
    Case(200_000, 50, 20, 6.0, 2),
    Case(10_000, 4, 3, 4.0, 20),
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


def run(case: Case, model: str, repeats: int, machine: Machine) -> str:
    X, labels = case.data()
    own_times, shorts, longs = [], [], []
    for _ in range(repeats):
        progress = own_steps(X, labels, case, model)
        first = next(progress)
        begin = time.perf_counter()
        last = list(islice(progress, case.iterations))[-1]
        own_times.append((time.perf_counter() - begin) / case.iterations)
        progress.close()
        shorts.append(sklearn_fit(X, first, model, 1)[1])
        longs.append(sklearn_fit(X, first, model, 1 + case.iterations)[1])
    mixture, _ = sklearn_fit(X, first, model, case.iterations)
    reference = mixture.score(X) * case.n
    difference = abs(last.log_likelihood - reference) / case.n

    tracemalloc.start()
    progress = own_steps(X, labels, case, model)
    list(islice(progress, 2))
    progress.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    # Of each the best: one disturbed fit would make a difference as large as one likes.
    own, their = min(own_times), (min(longs) - min(shorts)) / case.iterations
    operations = case.operations(model)
    exponentials = case.n * case.K / machine.exponentials
    return (
        f"{case.n:>9,} x {case.d:<3} K={case.K:<3} {1e3 * their:>10.2f} ms {1e3 * own:>9.3f} ms "
        f"{their / own:>6.1f}x {case.goal:>5.0f}x {difference:>10.1e} {peak / 2**20:>8.1f} MB "
        f"{X.nbytes / 2**20:>7.1f} MB {operations / 1e9:>7.3f} {operations / own / 1e9:>8.1f} "
        f"{operations / own / machine.products:>7.0%} {exponentials / own:>6.0%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    parser.add_argument("--model", choices=SKLEARN_NAMES, default="VVV")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    machine = Machine.measured()
    print(
        f"model {options.model}, {ThreadedMap().n_threads} cores, best of {options.repeats}; "
        f"together {machine.products / 1e9:.1f} GFLOP/s in large matrix products and "
        f"{machine.exponentials / 1e6:.0f} million exponentials/s"
    )
    print(
        f"{'rows x columns':>24} {'scikit-learn':>13} {'gmmdesk':>12} {'ratio':>7} {'goal':>6} "
        f"{'diff./row':>10} {'peak':>11} {'data':>10} {'GFLOP':>7} {'GFLOP/s':>8} {'of max.':>7} "
        f"{'exp':>6}"
    )
    for case in CASES:
        n = max(10_000, case.n // 20) if options.quick else case.n
        sized = Case(n, case.d, case.K, case.goal, case.iterations)
        print(run(sized, options.model, options.repeats, machine), flush=True)


if __name__ == "__main__":
    main()
