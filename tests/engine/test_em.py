"""Starts, restarts, hard data, and what happens when a component collapses."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest

from gmmdesk.engine import (
    MODELS,
    ArraySource,
    FitSpec,
    Parameters,
    StopReason,
    ThreadedMap,
    em,
    fit,
    restarts,
    short_runs,
    steps,
)
from gmmdesk.engine.kernels import feature, whitened
from gmmdesk.engine.rows import frame, tiles
from gmmdesk.errors import FitError

every_model = pytest.mark.parametrize("model", MODELS)
# The models whose components have nothing in common: what one does is nothing to the others.
UNSHARED = ("VII", "VVI", "VVV")


def assert_sound(result):
    """A result is finite and a mixture, whatever the data were."""
    assert np.isfinite([result.log_likelihood, result.bic, result.icl, result.aic]).all()
    assert np.isfinite(result.means).all()
    assert np.linalg.eigvalsh(result.covariances).min() > 0
    assert result.weights.sum() == pytest.approx(1.0)


def test_progress_tells_the_same_as_the_result(blobs):
    spec = FitSpec(n_components=3, tol=1e-8)
    progress = list(steps(blobs.X, spec, blobs.labels))
    result = fit(blobs.X, spec, blobs.labels)
    assert [step.log_likelihood for step in progress] == list(result.history)
    assert [step.iteration for step in progress] == list(range(1, result.n_iterations + 1))
    assert np.isnan(progress[0].gain)
    gains = np.diff(result.history) / len(blobs.X)
    np.testing.assert_allclose([step.gain for step in progress[1:]], gains, atol=1e-12)
    assert gains[-1] <= 1e-8 < gains[:-1].min()
    np.testing.assert_array_equal(progress[-1].parameters.means, result.means)


def test_log_likelihood_and_icl_belong_to_the_parameters(blobs):
    result = fit(blobs.X, FitSpec(n_components=3), blobs.labels)
    assert result.log_likelihood == pytest.approx(result.log_density(blobs.X).sum(), rel=1e-12)
    certainty = np.log(result.responsibilities(blobs.X).max(axis=1)).sum()
    assert result.icl == pytest.approx(result.bic - 2 * certainty, rel=1e-12)


def test_labels_and_their_responsibilities_are_the_same_start(blobs):
    spec = FitSpec(n_components=3, max_iter=3)
    hard = (blobs.labels[:, None] == np.arange(3)).astype(float)
    assert list(fit(blobs.X, spec, blobs.labels).history) == list(fit(blobs.X, spec, hard).history)


def test_too_few_iterations_are_told(blobs):
    result = fit(blobs.X, FitSpec(n_components=3, max_iter=2, tol=0.0), blobs.labels)
    assert result.ending is StopReason.MAX_ITERATIONS
    assert not result.converged
    assert "2 iterations" in result.message


@every_model
def test_restarts_find_the_clusters(model):
    random = np.random.default_rng(3)
    truth = np.repeat(np.arange(4), 100)
    X = np.array([[0, 0], [12, 0], [0, 12], [12, 12]])[truth] + random.normal(size=(400, 2))
    result = fit(X, FitSpec(n_components=4, model=model, restarts=4))
    pairs = np.unique(np.stack([truth, result.labels(X)]), axis=1)
    assert pairs.shape[1] == 4


def test_more_restarts_are_never_worse(make_blobs):
    X = make_blobs(300, 2, 6, seed=5).X
    found = [
        fit(X, FitSpec(n_components=6, model="EEE", restarts=number)).log_likelihood
        for number in (1, 2, 6)
    ]
    assert found == sorted(found)


def test_the_seed_decides(make_blobs):
    X = make_blobs(300, 2, 6, seed=5).X
    first, again, other = (
        fit(X, FitSpec(n_components=6, model="EEE", seed=seed)).history for seed in (1, 1, 2)
    )
    assert list(first) == list(again)
    assert list(first) != list(other)


def test_many_rows_start_from_a_sample_and_end_on_all(make_blobs):
    X = make_blobs(90_000, 2, 3).X
    progress = list(steps(X, FitSpec(n_components=3, restarts=2)))
    sizes = [step.n_sampled for step in progress]
    assert sizes == sorted(sizes)
    assert sizes[0] < 90_000 == sizes[-1]
    assert {step.n_rows for step in progress} == {90_000}
    result = fit(X, FitSpec(n_components=3, restarts=2))
    assert result.log_likelihood == pytest.approx(result.log_density(X).sum(), rel=1e-12)
    # The sample's estimate is of the right size.
    assert progress[0].log_likelihood == pytest.approx(result.log_likelihood, rel=0.05)


def test_a_small_cluster_among_many_rows_is_found():
    random = np.random.default_rng(0)
    X = np.concatenate([random.normal(size=(99_500, 2)), random.normal(8.0, 0.5, size=(500, 2))])
    result = fit(X, FitSpec(n_components=2, restarts=2))
    assert result.weights.min() == pytest.approx(0.005, rel=0.05)


# --- hard data ---------------------------------------------------------------------------------


@every_model
def test_an_offset_costs_no_digits(model, blobs):
    spec = FitSpec(n_components=3, model=model)
    near = fit(blobs.X, spec, blobs.labels)
    far = fit(blobs.X + 1e8, spec, blobs.labels)
    assert_sound(far)
    # The data themselves are rounded to 1.5e-8 there.
    assert far.log_likelihood == pytest.approx(near.log_likelihood, rel=1e-8)
    np.testing.assert_allclose(far.means - 1e8, near.means, atol=1e-6)


@pytest.mark.parametrize("model", UNSHARED)
def test_a_tight_cluster_far_out_keeps_its_digits(model):
    random = np.random.default_rng(0)
    unit = random.normal(size=(200, 2))
    tight, labels = 1e-4, np.repeat([0, 1], 200)
    X = np.concatenate([random.normal(size=(200, 2)), 50.0 + tight * unit])
    result = fit(X, FitSpec(n_components=2, model=model, max_iter=3), labels)
    alone = fit(unit, FitSpec(model=model))
    np.testing.assert_allclose(
        result.covariances[1] / tight**2, alone.covariances[0], rtol=1e-7, atol=1e-8
    )


@every_model
def test_repeated_rows_are_survived(model, blobs):
    X = np.concatenate([blobs.X[:100], np.repeat(blobs.X[:1], 50, axis=0)])
    result = fit(X, FitSpec(n_components=2, model=model, restarts=3))
    assert_sound(result)
    if result.collapse is not None:
        assert set(range(100, 150)) <= set(result.collapse.rows.tolist())
        assert result.collapse.component in result.mended
        assert f"omponent {result.collapse.component + 1} was kept from" in result.message


def test_values_that_a_sample_misses_are_found():
    """Three distinct rows among 100,000: most samples hold two of them."""
    X = np.repeat([[0.0], [1.0]], 50_000, axis=0)
    X[7] = 2.0
    for number in (1, 2):
        result = fit(X, FitSpec(n_components=3, model="VII", restarts=number))
        np.testing.assert_allclose(np.sort(result.means[:, 0]), [0.0, 1.0, 2.0], atol=1e-9)


@every_model
def test_two_clusters_and_a_far_typo(model):
    rows = np.random.default_rng(0).normal(size=(500, 2))
    rows[250:] += 10.0
    X = np.concatenate([rows, np.full((1, 2), 1e12)])
    result = fit(X, FitSpec(n_components=3, model=model, restarts=2))
    means = result.means[np.argsort(result.means[:, 0])]
    np.testing.assert_allclose(means[:2, 0], [0.0, 10.0], atol=0.3)
    assert means[2, 0] == pytest.approx(1e12)


@every_model
def test_one_row_more_than_columns(model):
    X = np.random.default_rng(0).normal(size=(4, 3))
    assert_sound(fit(X, FitSpec(model=model)))


@every_model
def test_two_components_in_few_rows(model):
    X = np.random.default_rng(0).normal(size=(8, 3))
    assert_sound(fit(X, FitSpec(n_components=2, model=model, restarts=2)))


def test_whole_numbers_and_single_precision_are_read(blobs):
    whole = np.round(blobs.X * 1000).astype(np.int32)
    spec = FitSpec(n_components=3)
    assert list(fit(whole, spec, blobs.labels).history) == list(
        fit(whole.astype(float), spec, blobs.labels).history
    )
    single = blobs.X.astype(np.float32)
    assert list(fit(single, spec, blobs.labels).history) == list(
        fit(single.astype(float), spec, blobs.labels).history
    )


@pytest.mark.parametrize("kind", ["object", "masked"])
def test_numbers_in_another_dress_are_read(kind, blobs):
    X = blobs.X.astype(object) if kind == "object" else np.ma.masked_array(blobs.X)
    spec = FitSpec(n_components=3, max_iter=2)
    assert list(fit(X, spec, blobs.labels).history) == list(
        fit(blobs.X, spec, blobs.labels.astype(np.uint64)).history
    )


# --- collapse ----------------------------------------------------------------------------------


def test_a_given_start_that_collapses_at_once(blobs):
    labels = np.zeros(600, int)
    labels[[7, 9]] = 1
    with pytest.raises(FitError, match="Component 2 collapsed onto rows 8, 10"):
        fit(blobs.X, FitSpec(n_components=2), labels)


@pytest.mark.parametrize("model", ["EVE", "VVE"])
@pytest.mark.parametrize("d", [2, 3])
def test_a_component_of_one_row_is_the_one_named(model, d):
    X = np.random.default_rng(0).normal(size=(12, d))
    labels = np.repeat([0, 1, 2], [6, 5, 1])
    with pytest.raises(FitError, match="Component 3 collapsed onto row 12"):
        fit(X, FitSpec(n_components=3, model=model), labels)


@pytest.mark.parametrize("model", ["EVE", "VVE"])
def test_a_long_m_step_can_be_stopped(model):
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 12)) @ random.normal(size=(12, 12))
    labels = np.arange(300) % 2
    asked = {}
    for name in ("VVV", model):
        asked[name] = []
        with ThreadedMap(1, lambda name=name: bool(asked[name].append(1))) as chunk_map:
            fit(X, FitSpec(n_components=2, model=name, max_iter=1), labels, chunk_map=chunk_map)
    assert len(asked[model]) > len(asked["VVV"]) + 5  # before every turn of the axes


def test_a_given_start_that_collapses_later_keeps_the_last_sound_state(blobs):
    X = np.concatenate([blobs.X, np.repeat([[30.0, 30.0, 30.0]], 20, axis=0)])
    labels = np.concatenate([np.zeros(580, int), np.ones(40, int)])
    result = fit(X, FitSpec(n_components=2), labels)
    assert result.ending is StopReason.COLLAPSED
    assert_sound(result)
    assert result.collapse.component == 1
    assert result.collapse.rows.tolist() == list(range(600, 620))
    assert "Component 2 collapsed onto 20 rows (601, 602, 603, 604, 605, ...)" in result.message


def test_regularization_prevents_collapse(blobs):
    X = np.concatenate([blobs.X, np.repeat([[30.0, 30.0, 30.0]], 20, axis=0)])
    result = fit(X, FitSpec(n_components=2, restarts=2, regularization=1e-4))
    assert result.converged
    assert result.collapse is None
    assert_sound(result)


# --- mending: every start collapsed ------------------------------------------------------------


@every_model
@pytest.mark.parametrize("typo", [1e3, 1e6, 1e8, 1e10])
@pytest.mark.parametrize("d", [1, 2])
def test_a_typo_does_not_spoil_its_neighbours(model, typo, d):
    rows = np.random.default_rng(0).normal(size=(500, d))
    X = np.concatenate([rows, np.full((1, d), typo)])
    result = fit(X, FitSpec(n_components=2, model=model, restarts=4))
    alone = fit(rows, FitSpec(model=model))
    assert result.converged
    assert_sound(result)
    if MODELS[model].equal_volumes and d > 1:
        return  # the typo alone has no shape: here it shares a cluster, which needs no mending
    kept = int(result.weights.argmax())
    # The typo is rounded in the sums: eps * typo, squared for the variance.
    np.testing.assert_allclose(result.means[kept], alone.means[0], atol=1e-6)
    if model in UNSHARED:
        np.testing.assert_allclose(
            result.covariances[kept], alone.covariances[0], rtol=1e-4, atol=1e-4
        )
        assert result.mended == (1 - kept,)
        assert result.stop_reason == (
            f"converged: component {2 - kept} was kept from collapsing onto 1 row (501)"
        )
        assert result.reordered([1, 0]).mended == (kept,)


@every_model
@pytest.mark.parametrize("d", [1, 2])
def test_half_the_rows_are_one_point(model, d):
    rows = np.random.default_rng(0).normal(size=(30, d))
    X = np.concatenate([rows, np.full((30, d), 5.0)])
    result = fit(X, FitSpec(n_components=2, model=model, restarts=4))
    assert_sound(result)
    assert result.converged
    if model in UNSHARED:
        alone = fit(rows, FitSpec(model=model))
        kept = int(np.abs(result.means[:, 0]).argmin())
        np.testing.assert_allclose(result.covariances[kept], alone.covariances[0], rtol=1e-6)
        assert result.mended == (1 - kept,)
        assert result.collapse.rows.tolist() == list(range(30, 60))


def test_a_cluster_of_fewer_rows_than_columns_is_kept():
    random = np.random.default_rng(0)
    rows = random.normal(size=(200, 4))
    X = np.concatenate([rows, 40.0 + 0.1 * random.normal(size=(3, 4))])
    result = fit(X, FitSpec(n_components=2, restarts=4))
    kept = int(result.weights.argmax())
    assert_sound(result)
    assert result.collapse.rows.tolist() == [200, 201, 202]
    alone = fit(rows, FitSpec())
    np.testing.assert_allclose(result.covariances[kept], alone.covariances[0], rtol=1e-9)


@every_model
@pytest.mark.parametrize("K", [4, 8, 12])
def test_more_components_than_clusters_in_discrete_data(model, K, mclust):
    X = np.rint(mclust["data"]["iris"])
    result = fit(X, FitSpec(n_components=K, model=model, restarts=3))
    assert_sound(result)
    again = fit(X, FitSpec(n_components=K, model=model, restarts=3))
    assert list(result.history) == list(again.history)
    assert ("kept from collapsing" in result.stop_reason) == bool(result.mended)


# --- starts: short ones, finalists --------------------------------------------------------------


def _ends(progress):
    """The log-likelihood in which each run of a fit ended: [(restart, iteration, value)]."""
    ends = []
    for before, after in itertools.pairwise([*progress, None]):
        if after is None or after.iteration <= before.iteration or after.restart != before.restart:
            ends.append((before.restart, before.iteration, before.log_likelihood))
    return ends


def test_the_likeliest_short_starts_that_differ_are_finished_and_the_best_wins(make_blobs):
    X = make_blobs(500, 2, 7, seed=2).X
    spec = FitSpec(n_components=7, restarts=6, tol=1e-8)
    ends = _ends(list(steps(X, spec)))
    short, finished = ends[:6], ends[6:]
    assert [restart for restart, _, _ in short] == list(range(6))
    assert max(iteration for _, iteration, _ in short) <= short_runs.LONGER_ITERATIONS
    apart = []
    for end in sorted(short, key=lambda end: end[2], reverse=True):
        if not apart or apart[-1][2] - end[2] >= restarts.SAME_OPTIMUM * len(X):
            apart.append(end)
    likeliest = apart[: restarts.FINALISTS]
    finalists, moved = finished[: len(likeliest)], finished[len(likeliest) :]
    assert [end[0] for end in finalists] == [end[0] for end in likeliest]
    better = max(finalists, key=lambda end: end[2])
    assert {end[0] for end in moved} <= {better[0]}  # moves go on from there
    result = fit(X, spec)
    assert result.log_likelihood == max(value for _, _, value in finished)
    assert result.n_iterations == max(finished, key=lambda end: end[2])[1]
    assert not result.mended


@pytest.mark.parametrize(("n", "n_frames"), [(90, 1), (30_000, 2), (45_000, 3)])
def test_all_runs_share_their_work_arrays(n, n_frames, monkeypatch):
    """Ten runs over a frame, short and long, mended or not: two kernels, exact and fast."""
    made = []

    class Counting(tiles.Tiling):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    for module in (feature, whitened):
        monkeypatch.setattr(module, "Tiling", Counting)
    rows = np.random.default_rng(0).normal(size=(n - n // 3, 2))
    X = np.concatenate([rows, np.full((n // 3, 2), 4.0)])
    assert fit(X, FitSpec(n_components=2, restarts=4, tol=1e-3)).mended
    assert len(made) == 2 * n_frames


def test_when_the_finalists_collapse_mending_follows(monkeypatch):
    """Cut so short that no start collapses before its end."""
    monkeypatch.setattr(short_runs, "LONGER_ITERATIONS", 1)
    X = np.concatenate([np.random.default_rng(0).normal(size=(60, 2)), np.full((30, 2), 4.0)])
    spec = FitSpec(n_components=2, restarts=3)
    progress = list(steps(X, spec))
    assert {step.restart for step in progress[:3]} == {0, 1, 2}
    result = fit(X, spec)
    assert result.converged
    assert len(result.mended) == 1
    assert result.collapse.rows.tolist() == list(range(60, 90))


# --- what cannot be fitted ---------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_cell_that_is_not_finite_is_named(bad, blobs):
    blobs.X[17, 2] = bad
    with pytest.raises(FitError, match=f"Row 18, column 3 is {bad}"):
        fit(blobs.X, FitSpec())


def test_numbers_too_large_to_square():
    with pytest.raises(FitError, match="overflow"):
        fit(np.array([[1e200, 1.0], [-1e200, 2.0], [0.0, 3.0]]), FitSpec())


@every_model
def test_a_constant_column_is_named(model, blobs):
    blobs.X[:, 1] = 0.1
    if MODELS[model].spherical:
        assert_sound(fit(blobs.X, FitSpec(n_components=2, model=model)))
    else:
        with pytest.raises(FitError, match="Column 2 holds the same value"):
            fit(blobs.X, FitSpec(n_components=2, model=model))


@every_model
def test_equal_rows_are_no_data(model):
    with pytest.raises(FitError, match="same value"):
        fit(np.full((10, 2), 3.7), FitSpec(model=model))


@every_model
def test_a_dependent_column_is_named(model, blobs):
    blobs.X[:, 2] = 2 * blobs.X[:, 0] - blobs.X[:, 1]
    if MODELS[model].axis_aligned:
        assert_sound(fit(blobs.X, FitSpec(n_components=2, model=model)))
    else:
        with pytest.raises(FitError, match="Column 3 is a linear combination"):
            fit(blobs.X, FitSpec(n_components=2, model=model))


@pytest.mark.parametrize("model", ["VVV", "EEE"])
def test_a_row_that_hides_the_others_is_named(model):
    X = np.random.default_rng(0).normal(size=(501, 2))
    X[500] = 1e9
    with pytest.raises(FitError, match="Row 501 lies so far out"):
        fit(X, FitSpec(model=model))
    X[:, 1] = -X[:, 0]
    with pytest.raises(FitError, match="Column 2 is a linear combination"):
        fit(X, FitSpec(n_components=2, model=model))


def test_what_does_not_fit_in_memory_is_refused_before_it_is_tried(monkeypatch, blobs):
    X = blobs.X[:10, :2].repeat(20, axis=1)
    monkeypatch.setattr(frame, "MEMORY", 8 * 40**2 * 30)
    with pytest.raises(FitError, match=r"VVV with 3 components, 40 columns, would need about"):
        fit(X, FitSpec(n_components=3, regularization=1e-3))
    assert fit(X, FitSpec(n_components=3, model="VVI", regularization=1e-3)).converged
    monkeypatch.setattr(frame, "MEMORY", 8)
    with pytest.raises(FitError, match="covariance of 40 columns would need"):
        fit(X, FitSpec())


@pytest.mark.parametrize("model", ["VVI", "EEE", "VVV"])
@pytest.mark.parametrize("n_threads", [1, 8])
def test_the_memory_that_is_counted_is_what_is_needed(model, n_threads):
    random = np.random.default_rng(0)
    n, d = 1500, 200
    X = random.normal(size=(n, d)) + 3.0 * (np.arange(n) % 3)[:, None]
    spec = FitSpec(n_components=3, model=model, restarts=3, max_iter=3)
    with ThreadedMap(n_threads) as chunk_map:
        of_rows = frame.make_frame(ArraySource(X), chunk_map)
        counted = em.memory(em.kernels_for(of_rows, spec), spec, n_threads)
        tracemalloc.start()
        fit(X, spec, chunk_map=chunk_map)
        peak = tracemalloc.get_traced_memory()[1] / 8
        tracemalloc.stop()
    starts = 4 * n * d  # copies of the rows, and what is made of them to find starts
    assert peak < counted + starts
    assert n_threads > 1 or peak > 0.5 * counted


def test_measuring_copies_the_rows_once():
    X = np.random.default_rng(0).normal(size=(20_000, 50))
    with ThreadedMap(1) as chunk_map:
        tracemalloc.start()
        frame.make_frame(ArraySource(X), chunk_map)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1.5 * X.nbytes


def test_a_fit_along_the_axes_holds_no_matrices():
    """Beside the data and a result in full: 40 rows in 400 columns, 3 components."""
    random = np.random.default_rng(0)
    X = random.normal(size=(40, 400)) + 8.0 * (np.arange(40) % 3)[:, None]
    spec = FitSpec(n_components=3, model="VVI", max_iter=5)
    tracemalloc.start()
    fit(X, spec, np.arange(40) % 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 400**2 * (em.AXES_MATRICES * 3 + frame.FRAME_MATRICES)


def test_names_for_one_column_are_refused_for_more(blobs):
    with pytest.raises(FitError, match="The model V is for one column, but there are 3"):
        fit(blobs.X, FitSpec(n_components=2, model="V"))
    assert fit(blobs.X[:, :1], FitSpec(n_components=2, model="E")).model == "EEE"


def test_more_components_than_distinct_rows(blobs):
    X = np.tile(blobs.X[:5], (20, 1))
    with pytest.raises(FitError, match="only 5 distinct rows"):
        fit(X, FitSpec(n_components=6, model="VVI"))


def test_fewer_rows_than_the_model_needs(blobs):
    with pytest.raises(FitError, match="3 rows are too few for the model VVV in 3 columns"):
        fit(blobs.X[:3], FitSpec())


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros(5), "shape"),
        (np.zeros((0, 2)), "shape"),
        (np.array([["a", "b"]]), "not numbers"),
        (np.array([["1", "2"], ["3", "4"]]), "not numbers"),
        ([[1.0, 2.0], [3.0]], "no array of numbers"),
        (np.array([[1.0, "a"]], dtype=object), "no array of numbers"),
        (np.ones((2, 2), complex), "of type complex128, not numbers"),
        (np.zeros((2, 2), "datetime64[D]"), r"of type datetime64\[D\], not numbers"),
        (np.zeros((2, 2), "timedelta64[s]"), r"of type timedelta64\[s\], not numbers"),
        (np.ma.masked_less(np.arange(4.0).reshape(2, 2), 1.0), "masked"),
    ],
)
def test_what_is_no_table_of_numbers(X, message):
    with pytest.raises(FitError, match=message):
        fit(X, FitSpec())


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (np.zeros(5, int), "shape"),
        (np.full(600, 3), "labels"),
        (np.full(600, 0.5), "labels"),
        (np.full((600, 3), 0.5), "no probabilities"),
        (np.full((600, 3), np.nan), "no probabilities"),
        (np.arange(600) % 2, "Component 3 has no rows"),
        ([[1.0, 0.0, 0.0], [1.0]], "no array of numbers"),
        (np.full(600, "a"), "not numbers"),
        (np.full((600, 3), "a"), "not numbers"),
        (np.full((600, 3), 1j), "not numbers"),
        (np.ma.masked_equal(np.arange(600) % 3, 2), "masked"),
    ],
)
def test_a_start_that_does_not_fit(start, message, blobs):
    with pytest.raises(FitError, match=message):
        fit(blobs.X, FitSpec(n_components=3), start)


@pytest.mark.parametrize("model", ["VVV", "VVI", "VII"])
def test_a_given_mixture_may_be_far_wider_than_the_rows_it_stands_for(model):
    """Whose spread comes out in the first step, in which the fast kernel would lose it."""
    X = np.random.default_rng(0).normal(size=(400, 2))
    X[:40] = 100.0 + 5e-7 * X[:40]
    means = np.array([[100.0, 100.0], [0.0, 0.0]])
    given = Parameters(np.array([0.1, 0.9]), means, np.tile(np.eye(2), (2, 1, 1)))
    result = fit(X, FitSpec(n_components=2, model=model), given)
    assert result.converged
    spread = np.sqrt(result.covariances[0, 0, 0])
    assert spread == pytest.approx(5e-7, rel=0.3)
