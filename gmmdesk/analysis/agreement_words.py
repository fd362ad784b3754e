"""How far two ways to group the same rows agree, in words: one table for every place."""

from __future__ import annotations

from gmmdesk.engine.judging.trust import SAME

# By the adjusted Rand index, at least. From 0.65 on Steinley (2004, Properties of the
# Hubert-Arabie adjusted Rand index, p. 395) calls them moderate, good and excellent. What is below
# he calls poor; as the index of a table of pairs is Cohen's kappa (Warrens, 2008), it is told apart
# at 0.2, below which Landis and Koch (1977) call agreement slight.
_AGREE = (
    (SAME, "agrees almost fully"),
    (0.8, "agrees well"),
    (0.65, "agrees for the most part"),
    (0.2, "agrees in part"),
    (-1.0, "agrees little more than by chance"),
)


def agrees(index: float) -> str:
    """The words for an adjusted Rand index, after whatever agrees."""
    return next(words for least, words in _AGREE if index >= least)


def index_in_words(index: float) -> str:
    """The index, and how to read it."""
    return f"adjusted Rand index {index:.3f}, of 1 at most; by chance 0"
