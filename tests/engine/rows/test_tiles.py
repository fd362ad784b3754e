"""How passes are cut: soon stopped, within a little memory for each thread."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import ArraySource, ThreadedMap
from gmmdesk.engine.kernels import DiagonalKernel, WhitenedKernel
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.tiles import MAX_CHUNK_WORK, MIN_TILE, USUAL_TILE, Tiling


@pytest.mark.parametrize("work", [10, 1000, 30_000, 100_000, 10**6, 10**7])
def test_a_chunk_is_little_work_in_whole_tiles(work):
    tiling = Tiling(10**6, (30, 5, 1), work)
    lengths = {chunk.stop - chunk.start for chunk in tiling._chunks[:-1]}
    (length,) = lengths
    assert length * work <= max(MAX_CHUNK_WORK, MIN_TILE * work)
    (tile,) = {tile.stop - tile.start for tile in tiling.tiles(tiling._chunks[0])}
    assert length % tile == 0
    assert tile >= (USUAL_TILE if work <= MAX_CHUNK_WORK // USUAL_TILE else MIN_TILE)


@pytest.mark.parametrize(("kernel", "megabytes"), [(WhitenedKernel, 4), (DiagonalKernel, 26)])
def test_many_columns_take_little_memory_for_each_thread(kernel, megabytes):
    X = np.random.default_rng(0).normal(size=(3000, 300))
    with ThreadedMap(1) as chunk_map:
        tiling = kernel(make_frame(ArraySource(X), chunk_map), 9).tiling
    (tile,) = tiling.tiles(slice(0, 1))
    assert sum(array.base.nbytes for array in tile.work) < megabytes * 2**20


def test_rows_of_work_arrays_begin_with_a_cache_line():
    tiling = Tiling(1003, (3, 1, 2), 10)
    for tile in tiling.tiles(slice(0, 1003)):
        for array in tile.work:
            assert [row.ctypes.data % 64 for row in array] == [0] * len(array)
            assert array.shape[1] == tile.stop - tile.start


def test_arranged_work_arrays_are_made_once_for_each_width():
    calls = []

    def arrange(work):
        calls.append(work[0].shape[1])
        return (*work, work[0][1:])

    tiling = Tiling(100_000, (3, 1), 100_000, arrange=arrange)
    for _ in range(2):
        for chunk in tiling._chunks:
            for tile in tiling.tiles(chunk):
                assert tile.work[2].shape == (2, tile.stop - tile.start)
    assert len(calls) == len(set(calls)) == 2  # all but the last tile are alike


def test_work_arrays_are_used_again():
    tiling = Tiling(100_000, (3, 1), 100_000)
    seen = set()

    def first(chunk):
        for tile in tiling.tiles(chunk):
            seen.add(id(tile.work[0].base))
        return chunk.start

    for n_threads in (1, 3, 3):
        with ThreadedMap(n_threads) as chunk_map:
            assert list(tiling.map(first, chunk_map)) == [chunk.start for chunk in tiling._chunks]
    assert len(seen) <= 3
    assert len(tiling._chunks) > 20


def test_what_the_arrays_hold_is_known():
    """Rows of one tile for a chunk are read once, whoever takes the chunk; of more, every time."""
    for n, work, held in [(5_000, 10, True), (100_000, 1_000, True), (100_000, 10, False)]:
        tiling = Tiling(n, (2,), work)
        for turn in range(3):
            for chunk in tiling._chunks:
                for tile in tiling.tiles(chunk):
                    assert not tile.held or (tile.work[0] == tile.start).all()
                    tile.work[0][...] = tile.start
                    if turn:
                        assert tile.held == (held and len(tiling._chunks) == 1)


def test_few_tiles_are_equal_shares():
    tiling = Tiling(10_000, (100,), 370)
    lengths = [tile.stop - tile.start for chunk in tiling._chunks for tile in tiling.tiles(chunk)]
    assert sum(lengths) == 10_000
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) <= 128
