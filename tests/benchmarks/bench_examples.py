"""Whether the worked examples of the help still say what the program finds.

python tests/benchmarks/bench_examples.py [NAME ...]

Does with each sample what its page says ("Do."), as the window does it, and prints whether that is
what the page tells of it: how many clusters, in how many groups, and a few of their sizes. To be
run after the search or the rules of the verdict have changed; takes some minutes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from gmmdesk.analysis import Analysis, Settings, analyse
from gmmdesk.analysis.settings import PLAIN_MODELS, models_for
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import parse_step


@dataclass(frozen=True)
class Example:
    """What a page tells: `clusters` and `groups` found with `settings`, some `sizes` among them."""

    sample: str
    clusters: int
    groups: int
    settings: dict[str, Any] = field(default_factory=dict)
    sizes: tuple[int, ...] = ()


LOGS = (parse_step("log average_order_usd days_between_orders"),)
EXAMPLES = (
    Example("faithful", 3, 2),
    Example("faithful", 2, 2, {"k_min": 2, "k_max": 2}),
    Example("iris", 3, 2, sizes=(50,)),
    Example("penguins", 4, 2),
    Example("wine", 4, 3, {"models": PLAIN_MODELS}),
    Example("customers", 9, 1),
    Example("customers", 7, 1, {"steps": LOGS}),
    Example("purchases", 9, 7, {"noise": True}),
    Example("photo", 6, 3, {"k_min": 6, "k_max": 6, "models": ("VVV",)}),
    Example("oil", 3, 1, {"steps": (parse_step("log daily_swing_percent"),)}, (360, 29, 7)),
    Example("cells", 7, 3),
    Example("blobs", 3, 3),
)


def answer(example: Example) -> Analysis:
    """What the window finds."""
    dataset = load_sample(example.sample)
    chosen = {"models": models_for(dataset.n_rows), **example.settings}
    steps = analyse(dataset, Settings(**chosen))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def main() -> None:
    asked = sys.argv[1:]
    for example in EXAMPLES:
        if asked and example.sample not in asked:
            continue
        found = answer(example)
        told = found.n_clusters, found.verdict.n_groups, set(found.sizes.tolist())
        is_same = told[:2] == (example.clusters, example.groups) and told[2] >= set(example.sizes)
        print(f"{'as told' if is_same else 'OTHERWISE':10}{example.sample:10} ", end="")
        print(f"{told[0]} clusters, {told[1]} groups: {verdict_in_words(found.verdict).headline}")


if __name__ == "__main__":
    main()
