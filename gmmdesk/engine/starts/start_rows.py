"""The rows that short runs see, and starts from them: made once for all fits to the same rows."""

from __future__ import annotations

from functools import cached_property

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.sampling import Sample, even_sample
from gmmdesk.engine.starts.given import Start
from gmmdesk.engine.starts.hierarchy import TREE_ROWS, Hierarchy
from gmmdesk.engine.starts.quantiles import quantile_labels
from gmmdesk.engine.starts.seeding import start_labels, stream

# At most so many rows, and of fewer than five times as many only a share, as long as enough are
# left: a cluster of 0.5 % keeps about 50 of 10,000.
MOST_ROWS = 10_000
SHARE = 5
ENOUGH_ROWS = 2_000
# The restart that begins with the partition that mclust begins with.
HIERARCHICAL = 1


class StartRows:
    """All rows of `frame`, or an even sample of them, chosen by `seed`."""

    def __init__(self, frame: Frame, seed: int, chunk_map: ChunkMap) -> None:
        n = frame.shape[0]
        most = min(MOST_ROWS, max(ENOUGH_ROWS, n // SHARE))
        self.sample: Sample | None = None
        self.frame = frame
        if n > most:
            self.sample = even_sample(frame, most, stream(seed, 0), chunk_map)
            self.frame = self.sample.frame
        self._seed = seed
        self._chunk_map = chunk_map
        self._made: dict[tuple[int, int], IntArray] = {}
        self._starts: dict[tuple[int, int, bool], Start] = {}

    def start(self, n_components: int, restart: int, noise: bool) -> Start:
        """From these `labels`."""
        key = n_components, restart, noise
        if key not in self._starts:
            labels = self.labels(n_components, restart)
            self._starts[key] = Start(labels, len(labels), n_components, noise)
        return self._starts[key]

    def labels(self, n_components: int, restart: int) -> IntArray:
        """Labels of `frame`'s rows to begin restart 0, 1, ... with.

        The first and all later even ones are k-means++, the second is hierarchical, or of quantiles
        in one column, other odd ones are distinct rows at random. Every model begins with the same,
        so they are kept.
        """
        if (n_components, restart) not in self._made:
            self._made[n_components, restart] = self._make(n_components, restart)
        return self._made[n_components, restart]

    def _make(self, n_components: int, restart: int) -> IntArray:
        if restart == HIERARCHICAL:
            labels = self._like_mclust(n_components)
        else:
            labels = start_labels(self._Z, n_components, restart, self._seed, self._chunk_map)
        if self.frame.memberships is not None:
            labels = self.frame.memberships.settle(labels, n_components)
        return labels

    def _like_mclust(self, n_components: int) -> IntArray:
        cut = None
        if self._Z.shape[1] == 1:
            cut = quantile_labels(self._Z[:, 0], n_components)
        return self._hierarchy.labels(n_components) if cut is None else cut

    @cached_property
    def _Z(self) -> FloatArray:
        return self.frame.standardized()

    @cached_property
    def _hierarchy(self) -> Hierarchy:
        # Few rows, which are all there are, are worth a tree of each; of a sample time counts.
        most = len(self._Z) if self.sample is None else TREE_ROWS
        random = stream(self._seed, 2)  # the stream of the restart it is
        return Hierarchy(self._Z, random, self._chunk_map, most)
