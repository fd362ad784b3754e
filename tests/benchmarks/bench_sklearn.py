"""Time of `fit` of the mixtures of scikit-learn and of gmmdesk.sklearn, in one run.

python tests/benchmarks/bench_sklearn.py [--quick] [--bayes] [--type full] [--repeats 3]

Both begin with the same start and do the same number of iterations. With k-means as the start,
both spend the same time in scikit-learn's k-means first.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import sklearn.mixture
from bench_engine import CASES, SKLEARN_NAMES
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from gmmdesk.engine import ThreadedMap
from gmmdesk.sklearn import BayesianGaussianMixture, GaussianMixture

# By whether it is variational Bayes: scikit-learn's class and ours.
CLASSES = {
    False: (sklearn.mixture.GaussianMixture, GaussianMixture),
    True: (sklearn.mixture.BayesianGaussianMixture, BayesianGaussianMixture),
}
Mixture = GaussianMixture | BayesianGaussianMixture


def seconds(estimator: KMeans | Mixture, X: np.ndarray) -> float:
    begin = time.perf_counter()
    estimator.fit(X)
    return time.perf_counter() - begin


def run(
    classes: tuple[type, type], X: np.ndarray, K: int, options: dict[str, object], repeats: int
) -> str:
    """One line: times of both, their ratio, and how far apart likelihoods or bounds are."""
    times: dict[type, list[float]] = {each: [] for each in classes}
    kmeans = []
    for _ in range(repeats):
        fitted = [each(n_components=K, random_state=0, tol=0.0, **options) for each in classes]
        for mixture in fitted:
            times[type(mixture)].append(seconds(mixture, X))
        if options["init_params"] == "kmeans":
            kmeans.append(seconds(KMeans(K, n_init=1, random_state=0), X))
    theirs, ours = (min(times[each]) for each in classes)
    # With "tied" covariances the bound of scikit-learn's Bayesian class is an array of one number.
    bounds = [np.ravel(mixture.lower_bound_)[0] for mixture in fitted]
    apart = abs(bounds[0] - bounds[1])
    n, d = X.shape
    return (
        f"{n:>9,} x {d:<3} K={K:<3} {options['init_params']:<17} {theirs:>9.3f} s {ours:>9.3f} s "
        f"{theirs / ours:>6.1f}x {apart:>11.1e} {min(kmeans, default=0.0):>9.3f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    parser.add_argument("--bayes", action="store_true", help="the Bayesian mixtures")
    parser.add_argument("--type", choices=SKLEARN_NAMES.values(), default="full")
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{options.type}, {options.iterations} iterations, {ThreadedMap().n_threads} cores")
    print(
        f"{'rows x columns':>24} {'start':<17} {'scikit-learn':>11} {'gmmdesk':>11} {'ratio':>7} "
        f"{'nats apart':>11} {'k-means':>11}"
    )
    for case in CASES:
        X, _ = case.data()
        X = X[: max(10_000, case.n // 20)] if options.quick else X
        for init_params in ("random_from_data", "kmeans"):
            chosen = {
                "covariance_type": options.type,
                "max_iter": options.iterations,
                "init_params": init_params,
            }
            print(run(CLASSES[options.bayes], X, case.K, chosen, options.repeats), flush=True)


if __name__ == "__main__":
    main()
