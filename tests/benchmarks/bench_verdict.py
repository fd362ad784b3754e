"""How often the verdict is wrong, on data whose number of clusters is known.

python tests/benchmarks/bench_verdict.py [--cases gauss,uniform] [--runs 100] [--first 0]
    [--all-models]

Each run draws its rows by its own seed and asks as the window does: the plain models, from 1 to 6
clusters, or 2 more than there are. Of every case the table gives the number of clusters there are,
in how many percent of the runs so many were found, in how many gaps set so many groups apart, and
what was claimed: clusters (each apart), fewer groups than clusters, one group of another shape, or
none. Where there is no cluster, the first two are errors: "claimed" is their share, and "shape" the
share of these in which the verdict says that the shape, not grouping, may be the cause. Rules were
chosen by seeds from 1,000 on (--first 1000), what docs/verdict.md tells is by those from 0.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis import Analysis, Claim, Settings, analyse
from gmmdesk.analysis.settings import PLAIN_MODELS
from gmmdesk.data.readers import read_text
from gmmdesk.engine import MODELS

Draw = Callable[[np.random.Generator, int, int], np.ndarray]


@dataclass(frozen=True)
class Case:
    """`n` rows in d columns, drawn from K clusters; one is none."""

    name: str
    K: int
    n: int
    d: int
    draw: Draw


def clusters(
    K: int, apart: float, tail: float = 0.0, freedom: float = 0.0, even: bool = False
) -> Draw:
    """K clusters of one spread, their centres at least `apart` spreads from each other.

    They are Gaussian; with `tail` log-normal, with `freedom` Student's t, or `even` in a cube.
    """

    def draw(random: np.random.Generator, n: int, d: int) -> np.ndarray:
        centers = np.zeros((1, d))
        while len(centers) < K:  # each beside one that is there
            step = random.normal(size=d)
            new = centers[random.integers(len(centers))] + apart * step / np.linalg.norm(step)
            if (np.linalg.norm(centers - new, axis=1) > 0.999 * apart).all():
                centers = np.vstack([centers, new])
        X = random.normal(size=(n, d))
        if tail:
            X = np.exp(tail * X) / (np.exp(tail**2 / 2) * np.sqrt(np.expm1(tail**2)))
        if freedom:
            X /= np.sqrt(random.chisquare(freedom, size=(n, 1)) / (freedom - 2.0))
        if even:
            X = random.uniform(-np.sqrt(3.0), np.sqrt(3.0), size=(n, d))
        return X + centers[random.permutation(np.arange(n) % K)]

    return draw


def ring(random: np.random.Generator, n: int, _d: int) -> np.ndarray:
    angle = random.uniform(0.0, 2.0 * np.pi, n)
    return np.column_stack([np.cos(angle), np.sin(angle)]) + 0.1 * random.normal(size=(n, 2))


def bridged(random: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Three in a line, 6 spreads apart; one row in twelve is of a wide heap beside and around."""
    X = random.normal(size=(n, d))
    X[:, 0] += 6.0 * (np.arange(n) % 3 - 1)
    wide = random.permutation(n)[: n // 12]
    X[wide] = random.normal(size=(len(wide), d)) * np.append(6.0, np.full(d - 1, 2.5))
    X[wide, 1] += 3.0
    return X


CASES = (
    *(Case("one Gaussian", 1, n, d, clusters(1, 0.0)) for n, d in ((100, 2), (500, 2), (500, 5))),
    *(Case("one, uniform", 1, n, 2, clusters(1, 0.0, even=True)) for n in (100, 500, 2000)),
    *(Case("one, skewed (log-normal)", 1, n, 2, clusters(1, 0.0, tail=0.7)) for n in (100, 500)),
    Case("one, t with 5 degrees", 1, 500, 2, clusters(1, 0.0, freedom=5.0)),
    Case("one, a ring", 1, 500, 2, ring),
    *(Case("Gaussian, 6 spreads apart", K, 500, 2, clusters(K, 6.0)) for K in (2, 3, 5, 8)),
    *(Case("Gaussian, 4 spreads apart", K, 500, 2, clusters(K, 4.0)) for K in (2, 3, 5, 8)),
    *(Case("Gaussian, 3 spreads apart", K, 500, 2, clusters(K, 3.0)) for K in (2, 3, 5, 8)),
    *(Case("t with 5 degrees, 6 apart", K, 500, 2, clusters(K, 6.0, freedom=5.0)) for K in (3, 5)),
    *(Case("skewed, 6 apart", K, 500, 2, clusters(K, 6.0, tail=0.5)) for K in (3, 5)),
    *(Case("uniform, 6 apart", K, 500, 2, clusters(K, 6.0, even=True)) for K in (3, 5)),
    *(Case("three, a few around", 3, 400, d, bridged) for d in (2, 5)),
)


def answer_on(X: np.ndarray, most: int, models: tuple[str, ...]) -> Analysis:
    header = ",".join(f"c{j}" for j in range(X.shape[1]))
    rows = (",".join(f"{value:.8f}" for value in row) for row in X)
    steps = analyse(
        read_text("\n".join([header, *rows])), Settings(k_max=most, models=models, restarts=3)
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default="", help="parts of their names, with commas")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first run")
    parser.add_argument("--all-models", action="store_true", help="14 instead of the plain four")
    options = parser.parse_args()
    models = tuple(MODELS) if options.all_models else PLAIN_MODELS
    wanted = options.cases.split(",")
    print(
        f"{'case':27} {'n':>5} {'d':>2} {'K':>2} {'K found':>8} {'groups':>7}"
        f" {'claimed':>8} {'shape':>6}  what was claimed"
    )
    for number, case in enumerate(CASES):
        if not any(part in case.name for part in wanted):
            continue
        most = max(6, case.K + 2)
        found = []
        for run in range(options.first, options.first + options.runs):
            X = case.draw(np.random.default_rng((number, run)), case.n, case.d)
            found.append(answer_on(X, most, models).verdict)
        claims = Counter(one.claim for one in found)
        claiming = [one for one in found if one.claim in (Claim.CLUSTERS, Claim.FEWER_GROUPS)]
        claimed = len(claiming)
        shape = sum(one.may_be_shape for one in claiming)
        told = f"{100 * shape / claimed:5.0f}%" if claimed else "     -"
        in_words = ", ".join(f"{claim} {100 * n / len(found):.0f}" for claim, n in claims.items())
        right = sum(one.n_clusters == case.K for one in found)
        apart = sum(one.n_groups == case.K for one in found)
        print(
            f"{case.name:27} {case.n:5} {case.d:2} {case.K:2} {100 * right / len(found):7.0f}%"
            f" {100 * apart / len(found):6.0f}% {100 * claimed / len(found):7.0f}% {told}"
            f"  {in_words}",
            flush=True,
        )


if __name__ == "__main__":
    main()
