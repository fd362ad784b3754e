"""How a pass cuts rows into chunks (what a thread takes) and tiles (what a cache holds)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.source import chunks

# Of work arrays: a share of the last cache. Tiles for the second-level cache are no faster on
# one thread, and slower on several, which then spend their time handing the interpreter around.
TILE_BYTES = 2**22
MIN_TILE = 1024  # rows
MAX_TILE = 32768
# Multiply-adds of a chunk: at most a few milliseconds, which is how soon a pass can be stopped, at
# least what pays for waking a thread, and between them enough chunks for many cores.
MAX_CHUNK_WORK = 2**25
MIN_CHUNK_WORK = 2**21
SHARES = 32

B = TypeVar("B")


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Rows start..stop-1 and work arrays of stop - start columns to use for them."""

    start: int
    stop: int
    work: tuple[FloatArray, ...]


class Tiling:
    """A plan for passes over n rows; depends on sizes only, never on the number of threads.

    `heights` are the rows of each work array a tile needs, `work` the multiply-adds for one row.
    Work arrays are made once for each thread.
    """

    def __init__(self, n: int, heights: tuple[int, ...], work: int) -> None:
        fitting = TILE_BYTES // (8 * sum(heights))
        self._tile = min(max(MIN_TILE, fitting // 256 * 256), MAX_TILE, n)
        chunk_work = min(max(MIN_CHUNK_WORK, n * work // SHARES), MAX_CHUNK_WORK)
        self._chunks = chunks(n, self._tile * max(1, chunk_work // (work * self._tile)))
        self._heights = heights
        self._local = threading.local()

    def tiles(self, chunk: slice) -> Iterator[Tile]:
        """The tiles of one chunk, in order, each with the calling thread's work arrays."""
        if not hasattr(self._local, "work"):
            self._local.work = tuple(np.empty((height, self._tile)) for height in self._heights)
        for start in range(chunk.start, chunk.stop, self._tile):
            stop = min(start + self._tile, chunk.stop)
            size = stop - start
            work = tuple(array[:, :size] for array in self._local.work)
            yield Tile(start, stop, work)

    def map(self, function: Callable[[slice], B], chunk_map: ChunkMap) -> Iterator[B]:
        """`function` of every chunk, in order."""
        return chunk_map(function, self._chunks)
