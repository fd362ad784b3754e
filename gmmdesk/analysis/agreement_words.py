"""How far two ways to group the same rows agree, in words: one table for every place."""

from __future__ import annotations

from gmmdesk.engine.judging.trust import SAME

# By the adjusted Rand index, at least. From 0.65, 0.8 and 0.9 on recovery is called moderate, good
# and excellent by Steinley (2004, Properties of the Hubert-Arabie adjusted Rand index), and poor
# below. There we tell apart at 0.2: the index is Cohen's kappa of all pairs of rows (Warrens, 2008,
# On the equivalence of Cohen's kappa and the Hubert-Arabie adjusted Rand index), and a kappa up to
# 0.2 is called slight (Landis and Koch, 1977). What is nearer to 0 than 0.05 is chance, by our own
# limit.
_AGREE = (
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
