"""How far two ways to group the same rows agree, in words: one table for every place."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.judging.agreement import Agreement
from gmmdesk.engine.judging.trust import SAME
from gmmdesk.text import percent

# By the adjusted Rand index, at least. From 0.65, 0.8 and 0.9 on recovery is called moderate, good
# and excellent by Steinley (2004, Properties of the Hubert-Arabie adjusted Rand index), and poor
# below. There we tell apart at 0.2: the index is Cohen's kappa of all pairs of rows (Warrens, 2008,
# On the equivalence of Cohen's kappa and the Hubert-Arabie adjusted Rand index), and a kappa up to
# 0.2 is called slight (Landis and Koch, 1977). What is nearer to 0 than 0.05 is chance, by our own
# limit.
_AGREE = (
    (1.0, "agrees fully"),
    (SAME, "agrees almost fully"),
    (0.8, "agrees well"),
    (0.65, "agrees for the most part"),
    (0.2, "agrees in part"),
    (0.05, "agrees only slightly"),
    (-1.0, "agrees no more than by chance"),
)


def agrees(index: float) -> str:
    """The words for an adjusted Rand index, after whatever agrees."""
    return next(words for least, words in _AGREE if index >= least)


def index_in_words(index: float) -> str:
    """The index, and how to read it."""
    return f"on a scale where 1 is the same and 0 is chance: {index:.3f}, adjusted Rand index"


def purity_in_words(found: Agreement) -> str:
    """Of more clusters than labels, how many rows have their cluster's label; else empty.

    Then most clusters stand for no label, and their rows do not agree one to one.
    """
    clusters, labels = (np.count_nonzero(found.table.sum(axis=axis)) for axis in (1, 0))
    if clusters <= labels:
        return ""
    return (
        f"There are more clusters than labels: {found.n_most_frequent:,} of {found.n:,} rows"
        f" ({percent(found.n_most_frequent / found.n)}) have the label that is most frequent in"
        " their cluster, a share that rises with every further cluster."
    )
