"""Samples that stand for all rows."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, ThreadedMap, fit
from gmmdesk.engine.rows import sampling
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.sampling import even_sample, telling_sample
from gmmdesk.engine.rows.source import as_source


@pytest.fixture
def chunk_map():
    with ThreadedMap(1) as serial:
        yield serial


@pytest.fixture
def rare():
    """A cluster of 20 among 20,000 rows: the last ones."""
    random = np.random.default_rng(0)
    return np.concatenate(
        [random.normal(size=(19_980, 2)), random.normal([6.0, 6.0], 0.2, size=(20, 2))]
    )


def test_an_even_sample_has_distinct_rows_in_order(rare, chunk_map):
    frame = make_frame(as_source(rare), chunk_map)
    sample = even_sample(frame, 500, np.random.default_rng(0), chunk_map)
    assert len(sample.rows) == 500
    assert np.diff(sample.rows).min() > 0
    np.testing.assert_array_equal(sample.frame.source.rows(0, 500), rare[sample.rows])


@pytest.mark.parametrize("pool", [sampling.POOL_NUMBERS, 20_000])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_telling_sample_holds_what_fits_badly_and_sums_to_the_whole(
    pool, weighted, rare, chunk_map, monkeypatch
):
    monkeypatch.setattr(sampling, "POOL_NUMBERS", pool)
    counts = np.tile([1.0, 3.0], 10_000) if weighted else None
    frame = make_frame(as_source(rare), chunk_map, 1, counts)
    mixture = fit(rare[:19_980], FitSpec()).parameters
    sample = telling_sample(frame, mixture, 2_000, np.random.default_rng(0), chunk_map)
    assert len(sample.rows) == pytest.approx(2_000, rel=0.1)
    assert np.diff(sample.rows).min() > 0
    # All of them, of those that were looked at, and each counts as often as it should.
    far = sample.rows >= 19_980
    assert far.sum() >= (20 if pool > 40_000 else 4)
    assert sample.frame.weights[far].sum() == pytest.approx(40 if weighted else 20, rel=0.8)
    assert sample.frame.weights.sum() == pytest.approx(frame.size, rel=0.1)
    sums = sample.frame.weights @ rare[sample.rows]
    whole = (np.ones(20_000) if counts is None else counts) @ rare
    np.testing.assert_allclose(sums / frame.size, whole / frame.size, atol=0.1)


def test_every_distinct_row_that_is_known_is_in_a_sample(chunk_map):
    X = np.repeat([[0.0], [1.0]], 5_000, axis=0)
    X[7] = 2.0
    frame = make_frame(as_source(X), chunk_map, 3)
    mixture = fit(X, FitSpec()).parameters
    for sample in (
        even_sample(frame, 50, np.random.default_rng(0), chunk_map),
        telling_sample(frame, mixture, 50, np.random.default_rng(0), chunk_map),
    ):
        assert set(np.unique(X[sample.rows])) == {0.0, 1.0, 2.0}
        assert np.diff(sample.rows).min() > 0
        assert len(sample.frame.distinct) == 3


def test_mixtures_along_the_axes_tell_by_the_same_distances(make_blobs):
    """With variances only, as runs of such models hold them."""
    from gmmdesk.engine import Parameters, score

    X = make_blobs(300, 3, 2).X
    variances = np.array([[1.0, 4.0, 0.25], [2.0, 0.5, 1.0]])
    compact = Parameters(np.array([0.4, 0.6]), X[:2], variances)
    np.testing.assert_allclose(
        score(compact, X).squared_distance, score(compact.in_full(), X).squared_distance
    )
