"""Tiles, counts and dots against plain numpy; no stray row is lost, whatever is in sight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from gmmdesk.ui.drawing import density, pictures
from gmmdesk.ui.drawing.pictures import Wanted, drawn
from gmmdesk.ui.drawing.shading import Shading
from gmmdesk.ui.drawing.stamps import stamp
from gmmdesk.ui.drawing.tiles import Tiles

INKS = np.array([[0.5, 0.5, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
SIZE = (120, 160)


def tiled(x, y):
    sample = np.arange(0, len(x), max(1, len(x) // 5_000))
    bounds = (np.nanmin(x), np.nanmax(x), np.nanmin(y), np.nanmax(y))
    return Tiles.of(density.loose(x, y), bounds, sample)


def crowd(n=40_000, seed=0):
    """Two humps with a long tail, some rows without a place."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(size=n // 2), rng.lognormal(2.0, 1.0, n // 2)])
    y = rng.normal(size=n) + np.repeat([0.0, 50.0], n // 2)
    x[::1_000] = np.nan
    return x, y


X, Y = crowd()
TILES = tiled(X, Y)
places = st.floats(0.01, 0.99)  # a region's very edge is off the screen
zooms = st.floats(-5.0, 0.3).map(lambda power: 10.0**power)


def region_around(x, y, zoom, across=0.5, up=0.5):
    """A region with a point in it, `zoom` times as large as all rows."""
    width, height = zoom * (np.nanmax(X) - np.nanmin(X)), zoom * (np.nanmax(Y) - np.nanmin(Y))
    return QRectF(x - across * width, y - up * height, width, height)


def test_every_row_with_a_place_is_in_one_tile():
    assert sorted(TILES.rows.tolist()) == np.flatnonzero(np.isfinite(X)).tolist()
    sizes = np.diff(TILES.starts)
    assert sizes.max() < 40_000 / 4  # long tails do not fill one tile with nearly all
    for first, last in zip(TILES.starts[:-1], TILES.starts[1:], strict=True):
        assert np.all(np.diff(TILES.rows[first:last]) > 0)


@given(st.integers(0, 39_999), zooms, places, places)
@settings(max_examples=60, deadline=None)
def test_rows_within_a_region_are_found(row, zoom, across, up):
    at = row if np.isfinite(X[row]) else row + 1
    region = region_around(X[at], Y[at], zoom, across, up)
    finest = 1e-6 if zoom > 1 / 300 else 1e-12  # steps of single and of double precision
    slack = finest * np.array([np.nanmax(X) - np.nanmin(X), np.ptp(Y)])

    def inside(by):
        dx, dy = by * slack
        across = (region.left() - dx <= X) & (region.right() + dx >= X)
        return set(
            np.flatnonzero(across & (region.top() - dy <= Y) & (region.bottom() + dy >= Y)).tolist()
        )

    found = set(TILES.within(region, 40_000).tolist())
    assert inside(-1) <= found <= inside(1)
    if len(found) > 1:
        assert TILES.within(region, len(found) - 1) is None


def test_counts_of_tiles_are_those_of_the_rows_in_any_order():
    region = QRectF(-3.0, -3.0, 20.0, 60.0)
    there = np.isfinite(X)
    plain = density.count(density.loose(X[there], Y[there]), region, SIZE).counts
    counts = density.count(TILES, region, SIZE).counts
    assert counts.sum() == pytest.approx(plain.sum(), abs=3)
    assert np.abs(counts - plain).sum() <= 20  # rows on the edge of two cells, in single precision


@given(zooms, places, places, st.floats(-np.pi, np.pi))
@settings(max_examples=60, deadline=None)
def test_no_stray_row_is_lost_at_any_zoom(zoom, across, up, angle):
    """A row far from all others is a dot of its own, be there thousands in sight or a few."""
    away = 1.4 * np.array([np.nanmax(X), np.nanmax(Y)])
    x, y = (
        np.append(v, a) for v, a in zip((X, Y), away * [np.cos(angle), np.sin(angle)], strict=True)
    )
    region = region_around(x[-1], y[-1], zoom, across, up)
    before = pictures.MOST_STAMPED
    for most in (before, 0):
        pictures.MOST_STAMPED = most
        found = drawn(Wanted(tiled(x, y), region, SIZE, 1.0, None, INKS))
        near = (np.abs(x - x[-1]) < 0.04 * region.width()) & (
            np.abs(y - y[-1]) < 0.04 * region.height()
        )
        pictures.MOST_STAMPED = before
        if near.sum() == 1:
            assert len(x) - 1 in found.rows


def test_a_draft_has_the_colours_of_the_full_picture(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_STAMPED", 0)
    monkeypatch.setattr(pictures, "_DRAFTED", 5_000)
    codes = (1 + (Y > 25.0)).astype(np.uint16)
    region = region_around(10.0, 25.0, 1.1)
    wanted = Wanted(TILES, region, SIZE, 1.0, Shading(codes, 1), INKS)
    draft = drawn(wanted)
    full = drawn(draft.wanted._replace(drafts=False))
    assert draft.is_draft
    assert not full.is_draft
    assert draft.picture.image == full.picture.image  # the two halves share no cell
    again = drawn(full.wanted._replace(drafts=True))
    assert not again.is_draft  # what was counted is there: other colours need no more
    assert again.picture.image == full.picture.image


def test_hidden_rows_are_not_painted():
    codes = (1 + (Y > 25.0)).astype(np.uint16)
    region = region_around(10.0, 25.0, 1.1)
    inks = np.column_stack([INKS, [1.0, 0.0, 1.0]])
    counted = density.count(TILES, region, SIZE)
    image = density.compose(TILES, counted, codes[TILES.rows], len(inks)).paint(inks)
    alpha = np.array(
        [[image.pixelColor(x, y).alpha() for x in range(SIZE[1])] for y in range(SIZE[0])]
    )
    upper, lower = alpha[: SIZE[0] // 2 - 10], alpha[SIZE[0] // 2 + 10 :]
    assert upper.any()
    assert not lower.any()


def test_the_last_dot_is_on_top_and_hidden_ones_are_not_there():
    x, y = np.array([10.5, 11.5, 30.5]), np.array([10.5, 10.5, 10.5])
    codes = np.array([1, 2, 2], np.uint16)
    image = stamp(x, y, (20, 40), diameter=5.0, codes=codes, inks=INKS)
    assert image.pixelColor(11, 9).blue() > 200  # of both, the later one's
    assert image.pixelColor(8, 9).red() > 200
    assert image.pixelColor(20, 9).alpha() == 0
    hidden = stamp(
        x, y, (20, 40), diameter=5.0, codes=codes, inks=np.column_stack([INKS, [1, 1, 0]])
    )
    assert hidden.pixelColor(10, 9).red() > 200
    assert hidden.pixelColor(30, 9).alpha() == 0


def test_a_dot_is_a_disc():
    image = stamp(
        np.array([20.5]), np.array([20.5]), (41, 41), diameter=9.0, codes=np.ones(1, int), inks=INKS
    )
    covered = [
        (x - 20) ** 2 + (y - 20) ** 2
        for x in range(41)
        for y in range(41)
        if image.pixelColor(x, y).alpha()
    ]
    assert 4.5**2 < max(covered) + 1.0 < 5.5**2 + 1.0
    assert len(covered) == pytest.approx(np.pi * 4.5**2, rel=0.4)
