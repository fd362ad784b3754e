"""How often the entropy bends at the right number of clusters, by how steep a bend has to be.

python tests/benchmarks/bench_merging.py [--cases skewed,ring] [--runs 20] [--first 0]

The cases, rows and seeds are those of bench_verdict.py, fitted alike. A line for each case in which
some run has three components, the fewest that have a bend: how many runs have, and in how many
percent of these overlap comes to the number of clusters there are for each value of
`merging.STEEPER`, 0 being a bend wherever two lines fit best; last where nothing is merged.
"""

from __future__ import annotations

import argparse

import numpy as np
from bench_verdict import CASES, answer_on

from gmmdesk.analysis.settings import PLAIN_MODELS
from gmmdesk.engine import merge_path
from gmmdesk.engine.judging import merging

STEEPER = (0.0, 1.0, 1.5, 2.0, 3.0, 5.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default="", help="parts of their names, with commas")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="seed of the first run")
    options = parser.parse_args()
    wanted = options.cases.split(",")
    factors = " ".join(f"{factor:6g}" for factor in STEEPER)
    print(f"{'case':27} {'n':>5} {'d':>2} {'K':>2} {'runs':>5} {factors} {'as is':>6}")
    for number, case in enumerate(CASES):
        if not any(part in case.name for part in wanted):
            continue
        paths = []
        for run in range(options.first, options.first + options.runs):
            X = case.draw(np.random.default_rng((number, run)), case.n, case.d)
            answer = answer_on(X, max(6, case.K + 2), PLAIN_MODELS)
            if answer.result.n_components > 2:
                paths.append(merge_path(answer.scaled, answer.prepared.fitted()))
        if not paths:
            continue
        shares = []
        for merging.STEEPER in STEEPER:
            shares.append(np.mean([path.proposed == case.K for path in paths]))
        shares.append(np.mean([len(path.entropies) == case.K for path in paths]))
        told = " ".join(f"{100 * share:5.0f}%" for share in shares)
        print(f"{case.name:27} {case.n:5} {case.d:2} {case.K:2} {len(paths):5} {told}", flush=True)


if __name__ == "__main__":
    main()
