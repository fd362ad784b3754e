"""How often the diagnosis raises a false alarm, and how often it finds what is there.

Gaussian mixtures in which it should find nothing: 1 to 6 components in 2 to 5 columns, from
overlapping to far apart, with the right number of components and as the search finds them. Data
that a Gaussian mixture describes badly: a ring, two moons, two spirals, log-normal groups. Seeds of
its own, other than those its thresholds were chosen with.

    python tests/benchmarks/bench_diagnosis.py [RUNS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from sklearn.datasets import make_moons

from gmmdesk.engine import FitResult, FitSpec, candidates, fit, groups_of, search
from gmmdesk.engine.judging.bent import bent_groups
from gmmdesk.engine.judging.shape import shapes

PLAIN = ("VVV", "EEE", "VVI", "VII")  # what the window searches
SEED = 70_000
SIZES = (300, 1_000)


def gaussians(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels of a mixture, from one heap to groups far apart."""
    d, K, apart = random.integers(2, 6), random.integers(1, 7), random.uniform(1, 5)
    means = random.normal(0, apart, (K, d))
    labels = random.choice(K, n, p=0.5 / K + 0.5 * random.dirichlet(np.full(K, 3.0)))
    rows = np.empty((n, d))
    for k in range(K):
        A = random.normal(size=(d, d))
        factor = np.linalg.cholesky(A @ A.T / d + 0.1 * np.eye(d))
        own = labels == k
        rows[own] = means[k] + random.normal(size=(own.sum(), d)) @ factor.T
    return rows, np.unique(labels, return_inverse=True)[1]


def ring(random: np.random.Generator, n: int) -> np.ndarray:
    turn = random.uniform(0, 2 * np.pi, n)
    return np.c_[np.cos(turn), np.sin(turn)] + random.normal(0, 0.1, (n, 2))


def moons(random: np.random.Generator, n: int) -> np.ndarray:
    return make_moons(n, noise=0.1, random_state=int(random.integers(2**31)))[0]


def spirals(random: np.random.Generator, n: int) -> np.ndarray:
    turn = np.sqrt(random.uniform(0.1, 1, n)) * 2.5 * np.pi
    arm = random.choice([-1, 1], n)[:, None] * np.c_[np.cos(turn), np.sin(turn)]
    return arm * turn[:, None] / 7 + random.normal(0, 0.05, (n, 2))


def log_normals(random: np.random.Generator, n: int) -> np.ndarray:
    """Two groups, with a skewness of 2.3 in both columns, fitted with two components."""
    labels = random.integers(0, 2, n)[:, None]
    return np.exp(0.6 * random.normal(size=(n, 2)) + 2.5 * labels)


def searched(X: np.ndarray, numbers: range = range(1, 10)) -> FitResult:
    specs = candidates(PLAIN, numbers, FitSpec(restarts=3, tol=1e-5, guard="prior"))
    steps = search(X, specs)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.best


def judged(found: FitResult, X: np.ndarray) -> tuple[bool, bool]:
    """Whether a cluster is said to be no bell, and the rows to be bent."""
    bent = bent_groups(found, groups=groups_of(found, X))
    return any(not one.is_bell for one in shapes(found, X)), bent.is_bent


def false_alarms(run: int) -> tuple[bool, ...]:
    random = np.random.default_rng(SEED + run)
    X, labels = gaussians(random, SIZES[run % 2])
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    K = int(labels.max()) + 1
    right = fit(X, FitSpec(n_components=K, guard="prior"), start=labels)
    return (*judged(right, X), *judged(searched(X), X))


def hits(make: Callable[[np.random.Generator, int], np.ndarray], run: int) -> tuple[bool, bool]:
    X = make(np.random.default_rng(SEED + run), SIZES[run % 2])
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return judged(searched(X, range(2, 3) if make is log_normals else range(1, 10)), X)


def main(runs: int) -> None:
    with ProcessPoolExecutor() as pool:
        alarms = np.mean(list(pool.map(false_alarms, range(runs), chunksize=4)), axis=0)
        print(f"false alarms on {runs} Gaussian mixtures, {SIZES} rows in turn:")
        for name, (shape, bent) in zip(
            ("right number of components", "as searched"), alarms.reshape(2, 2), strict=True
        ):
            print(f"  {name:28} not bell-shaped {shape:6.1%}   bent {bent:6.1%}")
        print(f"found on {runs // 4} tables each:")
        for make in (ring, moons, spirals, log_normals):
            found = np.mean(list(pool.map(partial(hits, make), range(runs // 4))), axis=0)
            print(f"  {make.__name__:28} not bell-shaped {found[0]:6.1%}   bent {found[1]:6.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
