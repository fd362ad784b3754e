"""One column cut at its quantiles: what mclust begins with there."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray


def quantile_labels(values: FloatArray, n_components: int) -> IntArray | None:
    """Labels (n,) of `values` (n,) in so many classes of about as many rows each.

    Where equal values make quantiles coincide, they are taken closer until enough are apart, and
    the narrowest classes are joined with the next: `qclass` of mclust 6.0.0. None where that leaves
    a class without rows, or too few values differ.
    """
    ordered = np.sort(values)
    if len(np.unique(ordered)) <= n_components:
        return None
    limits, n_classes = ordered[:1], n_components
    while len(limits) <= n_components:
        places = np.linspace(0.0, len(ordered) - 1.0, n_classes + 1)
        limits = np.unique(np.interp(places, np.arange(len(ordered)), ordered))
        n_classes += 1
    n_joined = len(limits) - 1 - n_components
    narrowest = np.argsort(np.diff(limits), kind="stable")[:n_joined]
    inner = np.delete(limits, narrowest)[1:-1]
    labels = np.searchsorted(inner, values, side="right")
    return labels if np.bincount(labels, minlength=n_components).all() else None
