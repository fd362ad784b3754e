"""What was counted for the matrix serves all colours; pictures are those of a fresh count."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.matrix_cells import Frame, draw_cells, is_counted
from gmmdesk.ui.drawing.miniature import MOST_DOTS
from tests.ui.drawing.test_geometry import prepared_from

PAPER, NEUTRAL = QColor("white"), QColor("gray")


def table(n):
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=n).astype(np.int32)
    prepared = prepared_from(rng.normal(size=(n, 3)) + 4.0 * label[:, None])
    rows = SimpleNamespace(label=label, probability=rng.uniform(0.5, 1.0, n))
    return prepared, SimpleNamespace(n_clusters=2, rows=rows), label


def bits(image):
    return np.frombuffer(image.constBits(), np.uint32)


def assert_alike(one, other):
    for pictures, again in ((one.pictures, other.pictures), (one.selected, other.selected)):
        assert (pictures is None) == (again is None)
        for place in pictures or ():
            np.testing.assert_array_equal(bits(pictures[place]), bits(again[place]))
    for histogram, again in zip(one.histograms, other.histograms, strict=True):
        np.testing.assert_array_equal(histogram.bars.counts, again.bars.counts)
        np.testing.assert_array_equal(histogram.selected, again.selected)


@pytest.mark.parametrize("n", [200, 3 * MOST_DOTS])
def test_a_change_of_colours_or_selection_counts_nothing_again(n, monkeypatch):
    prepared, analysis, label = table(n)
    frame = Frame(prepared, (0, 1, 2), QSize(60, 40), 1.0)
    some = RowSet.of_mask(label == 1)

    def drawn(before, analysis=analysis, selection=None, **look):
        look = Look(paper=PAPER, **look)
        return draw_cells(frame, analysis, selection, look=look, neutral=NEUTRAL, before=before)

    grey = drawn(None, analysis=None)
    first = drawn(grey)
    assert_alike(first, drawn(None))
    assert bits(first.pictures[0, 1]).tolist() != bits(grey.pictures[0, 1]).tolist()
    marked = drawn(first, selection=some)
    assert_alike(marked, drawn(None, selection=some))

    def refuse(*_arguments, **_names):
        raise AssertionError

    fresh = drawn(None, selection=some, chosen=frozenset({1}))
    for name in ("count", "compose"):
        monkeypatch.setattr(f"gmmdesk.ui.drawing.density.{name}", refuse)
    if n > MOST_DOTS:  # few rows are painted as they are, many are counted
        assert_alike(drawn(marked, selection=some, chosen=frozenset({1})), fresh)
        with pytest.raises(AssertionError):
            drawn(None)


def test_rows_of_other_columns_or_sizes_are_counted_anew():
    prepared, analysis, _label = table(3 * MOST_DOTS)
    look = Look(paper=PAPER)
    first = draw_cells(
        Frame(prepared, (0, 1), QSize(60, 40), 1.0), analysis, None, look=look, neutral=NEUTRAL
    )
    for frame in (
        Frame(prepared, (0, 2), QSize(60, 40), 1.0),
        Frame(prepared, (0, 1), QSize(50, 40), 1.0),
        Frame(prepared, (0, 1), QSize(60, 40), 2.0),
    ):
        again = draw_cells(frame, analysis, None, look=look, neutral=NEUTRAL, before=first)
        assert_alike(again, draw_cells(frame, analysis, None, look=look, neutral=NEUTRAL))


def test_a_draft_is_of_evenly_chosen_rows(monkeypatch):
    prepared, analysis, label = table(3 * MOST_DOTS)
    monkeypatch.setattr("gmmdesk.ui.drawing.matrix_cells._DRAFTED", MOST_DOTS)
    frame = Frame(prepared, (0, 1), QSize(60, 40), 1.0)
    look, some = Look(paper=PAPER), RowSet.of_mask(label == 1)
    draft = draw_cells(frame.draft, analysis, some, look=look, neutral=NEUTRAL)
    of_clusters = draft.histograms[0].bars.counts[2:].sum(axis=1)
    np.testing.assert_array_equal(of_clusters, np.bincount(label[::3]))
    assert draft.histograms[0].selected.sum() == label[::3].sum()
    assert not is_counted(draft, frame, analysis)
    full = draw_cells(frame, analysis, some, look=look, neutral=NEUTRAL, before=draft)
    assert is_counted(full, frame, analysis)
    assert_alike(full, draw_cells(frame, analysis, some, look=look, neutral=NEUTRAL))
