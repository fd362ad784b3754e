"""How a pass cuts rows into chunks (what a thread takes) and tiles (what a cache holds)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.source import chunks

# Of work arrays: a share of the last cache. Tiles for the second-level cache of a core are a little
# faster on one thread, but several threads then spend their time handing the interpreter around:
# each time that one has to wait for it costs as much as a call that takes 50 microseconds.
TILE_BYTES = 2**22
USUAL_TILE = 256  # rows at least, unless they are more work than a chunk should be
MIN_TILE = 128  # rows at least in any case: with fewer, matrix products are slow
MAX_TILE = 65536
LONG = 8192  # from so many rows on, a tile's length is one that is easily cut into runs
# Multiply-adds of a chunk: at most a few milliseconds, which is how soon a pass can be stopped, at
# least what pays for waking a thread, and between them enough chunks for many cores.
MAX_CHUNK_WORK = 2**25
MIN_CHUNK_WORK = 2**23
SHARES = 32

# Numbers in a line of the cache, and in the widest vector register.
LINE = 8

B = TypeVar("B")
Work = tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Rows start..stop-1 and work arrays of stop - start columns to use for them.

    `held` says that the arrays were last used for these very rows: what was read then is there.
    """

    start: int
    stop: int
    work: Work
    held: bool


class Tiling:
    """A plan for passes over n rows; depends on sizes only, never on the number of threads.

    `heights` are the rows of each work array a tile needs, `work` the multiply-adds for one row,
    `result` the numbers that a chunk comes down to. Work arrays are kept for the next chunk: there
    are as many sets as chunks that were under way at once. They hold zeros when they are made;
    `arrange` turns a tile's arrays into those that it gets, such as views of their parts. Tiles are
    `length` times as long as usual.
    """

    def __init__(
        self,
        n: int,
        heights: tuple[int, ...],
        work: int,
        result: int = 0,
        *,
        arrange: Callable[[Work], Work] = tuple,
        length: float = 1.0,
    ) -> None:
        self._tile = tile_rows(n, heights, work, length)
        chunk_work = min(max(MIN_CHUNK_WORK, n * work // SHARES), MAX_CHUNK_WORK)
        self._chunks = chunks(n, self._tile * max(1, chunk_work // (work * self._tile)))
        self._heights = heights
        self._result = result
        self._arrange = arrange
        self._spare: dict[int, _WorkArrays] = {}  # by the row where what they hold begins

    def tiles(self, chunk: slice) -> Iterator[Tile]:
        """The tiles of one chunk, in order, with work arrays that no other chunk uses meanwhile."""
        arrays = self._spare_arrays(chunk.start)
        for start in range(chunk.start, chunk.stop, self._tile):
            stop = min(start + self._tile, chunk.stop)
            held, arrays.holding = arrays.holding == (start, stop), (start, stop)
            yield Tile(start, stop, arrays.of_width(stop - start), held)
        self._spare[start] = arrays

    def _spare_arrays(self, start: int) -> _WorkArrays:
        """Those that hold the tile at `start` if there are any; each step cannot be interrupted."""
        arrays = self._spare.pop(start, None)
        if arrays is None:
            try:
                arrays = self._spare.popitem()[1]
            except KeyError:
                arrays = _WorkArrays(self._heights, self._tile, self._arrange)
        return arrays

    def numbers(self, n_threads: int) -> int:
        """Numbers held at once: work arrays, the results of chunks under way, and their sum."""
        threads, under_way = (min(n, len(self._chunks)) for n in (n_threads, 2 * n_threads))
        return threads * sum(self._heights) * self._tile + (under_way + 1) * self._result

    def map(self, function: Callable[[slice], B], chunk_map: ChunkMap) -> Iterator[B]:
        """`function` of every chunk, in order."""
        return chunk_map(function, self._chunks)


class _WorkArrays:
    """One set of work arrays, and what `arrange` made of them for tiles of each width."""

    def __init__(
        self, heights: tuple[int, ...], columns: int, arrange: Callable[[Work], Work]
    ) -> None:
        self._arrays = tuple(_aligned(height, columns) for height in heights)
        self._arrange = arrange
        self._arranged: dict[int, Work] = {}
        self.holding = 0, 0

    def of_width(self, width: int) -> Work:
        if width not in self._arranged:  # the full width and that of the last tile
            self._arranged[width] = self._arrange(tuple(a[:, :width] for a in self._arrays))
        return self._arranged[width]


def tile_rows(n: int, heights: tuple[int, ...], work: int, length: float = 1.0) -> int:
    """Rows of a tile: `length` times as many as fit a cache with work arrays of these heights.

    A few less where tiles would else be few and the last one short: threads share them.
    """
    fitting = int(length * TILE_BYTES) // (8 * max(1, sum(heights)))
    brief = MAX_CHUNK_WORK // work
    most = min(MAX_TILE, max(MIN_TILE, brief // MIN_TILE * MIN_TILE), n)
    rows = min(max(USUAL_TILE, fitting // 64 * 64), most)
    share = -(-n // -(-n // rows))
    step = 64 if share < LONG else 256
    return min(rows, -(-share // step) * step)


def _aligned(height: int, columns: int) -> FloatArray:
    """Zeros (height, columns), each row beginning with a line of the cache.

    Vector instructions take twice as long for numbers that lie across two lines.
    """
    stride = -(-columns // LINE) * LINE
    buffer = np.zeros(height * stride + LINE)
    first = -(buffer.ctypes.data // buffer.itemsize) % LINE
    rows = buffer[first : first + height * stride].reshape(height, stride)
    return rows[:, :columns]
