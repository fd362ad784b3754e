"""One colour for a cluster everywhere: on the map, in lists and in the workbook."""

from __future__ import annotations

# Hues kept apart for every common colour vision deficiency: Okabe & Ito (2008) without black and
# yellow (too pale on white), then the rest of Paul Tol's "muted" scheme (2021).
PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#882255",
    "#999933",
    "#332288",
    "#44AA99",
    "#AA4499",
    "#117733",
)
# Of rows that belong to no cluster, and their name.
NO_COLOR = "#808080"
NO_NAME = "No cluster"


def color(index: int) -> str:
    """The colour "#RRGGBB" of the cluster at 0-based `index`; repeats after `len(PALETTE)`."""
    return PALETTE[index % len(PALETTE)]
