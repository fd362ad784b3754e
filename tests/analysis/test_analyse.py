"""From a table to an answer in the units of the file."""

from __future__ import annotations

import dataclasses
import math
import weakref

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import chi2, multivariate_normal

from gmmdesk.analysis import NO_CLUSTER, NO_SECOND, Settings, analyse, choose, trail
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.trail import Trail
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.engine import MODELS
from gmmdesk.errors import Cancelled, FitError, UsageError
from gmmdesk.task import Task
from tests.running import drain


def analysed(dataset, settings, **options):
    return drain(analyse(dataset, settings, **options))


@pytest.fixture(scope="module")
def penguins():
    return load_sample("penguins")


@pytest.fixture(scope="module")
def three(penguins):
    return analysed(penguins, Settings(k_min=3, k_max=3, models=("VVV",)))[0]


def original(analysis):
    """The used rows in the units of the file, straight from the dataset."""
    columns = [analysis.dataset.column(name).numbers() for name in analysis.prepared.columns]
    return np.column_stack(columns)[analysis.prepared.rows]


def test_everything_is_in_the_units_of_the_file(three):
    X, result = original(three), three.result
    densities = np.column_stack(
        [
            w * multivariate_normal(m, S).pdf(X)
            for w, m, S in zip(result.weights, result.means, result.covariances, strict=True)
        ]
    )
    assert result.log_likelihood == pytest.approx(np.log(densities.sum(axis=1)).sum(), rel=1e-9)
    np.testing.assert_allclose(three.rows.log_density, np.log(densities.sum(axis=1)), rtol=1e-9)
    np.testing.assert_array_equal(three.rows.label, densities.argmax(axis=1))
    probability = densities.max(axis=1) / densities.sum(axis=1)
    np.testing.assert_allclose(three.rows.probability, probability, rtol=1e-7)
    np.testing.assert_allclose(three.column_means, X.mean(axis=0), rtol=1e-12)


def test_in_one_column_there_are_two_models_only(penguins):
    settings = Settings(columns=("bill_length_mm",), k_max=2, restarts=1)
    analysis, _ = analysed(penguins, settings)
    tried = [(one.n_components, one.model) for one in analysis.candidates]
    assert tried == [(1, "EEE"), (1, "VVV"), (2, "EEE"), (2, "VVV")]


def test_criteria_follow_their_formulas(three):
    n, m = len(three.prepared.rows), three.result.n_parameters
    log_likelihood = three.result.log_likelihood
    (candidate,) = three.candidates
    assert candidate.bic == pytest.approx(-2 * log_likelihood + m * math.log(n))
    assert candidate.aic == pytest.approx(-2 * log_likelihood + 2 * m)
    entropy = -2 * np.log(three.rows.probability).sum()
    assert candidate.icl == pytest.approx(candidate.bic + entropy, rel=1e-8)


def test_clusters_come_by_decreasing_weight(three):
    assert (np.diff(three.result.weights) <= 0).all()
    np.testing.assert_array_equal(three.sizes, np.bincount(three.rows.label))
    for k in range(3):
        sure = three.rows.probability[three.rows.label == k].mean()
        assert three.certainty[k] == pytest.approx(sure)


def test_scaling_does_not_change_an_affine_equivariant_answer(penguins, three):
    settings = Settings(k_min=3, k_max=3, models=("VVV",), scaling="none", restarts=10)
    plain, _ = analysed(penguins, settings)
    assert plain.result.log_likelihood == pytest.approx(three.result.log_likelihood, abs=0.05)


def test_outliers_are_the_rows_far_from_their_cluster(three):
    X, result = original(three), three.result
    far = np.array(
        [
            (x - result.means[k]) @ np.linalg.solve(result.covariances[k], x - result.means[k])
            for x, k in zip(X, three.rows.label, strict=True)
        ]
    )
    from scipy.stats import chi2

    np.testing.assert_array_equal(three.rows.outliers(0.001), far > chi2.ppf(0.999, X.shape[1]))
    np.testing.assert_array_equal(three.rows.outliers(0.05), far > chi2.ppf(0.95, X.shape[1]))


def test_search_tries_every_combination_and_takes_the_lowest_bic():
    analysis, progress = analysed(load_sample("faithful"), Settings(k_max=3))
    tried = {(c.model, c.n_components) for c in analysis.candidates}
    assert tried == {(m, k) for m in MODELS for k in (1, 2, 3)}
    best = analysis.candidates[analysis.best]
    assert best.bic == min(c.bic for c in analysis.candidates)
    assert (best.model, best.n_components) == ("EEE", 3)
    assert best.bic == pytest.approx(2314.3163, abs=0.05)  # Mclust, R 4.2.2, mclust 6.0.0: -BIC
    assert progress[-1].n_candidates == 42
    assert {one.candidate for one in progress} == set(range(42))
    numbers = [one.number for one in progress]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (1, len(progress[-1].candidates) + 1)
    assert numbers[-1] <= 42


def test_every_run_is_shown_in_an_order_of_its_own():
    """Where a fit with noise is tried again, too, whose first iteration told is no first one."""
    settings = Settings(k_max=4, noise=True, restarts=3)
    again = 0
    for one in analyse(load_sample("faithful"), settings):
        assert sorted(one.order) == list(range(one.n_components))
        if one.scaled.iteration == 1 or one.scaled.event == "again":
            assert np.diff(one.parameters.weights).max(initial=0.0) <= 0.0
            again += one.scaled.event == "again"
    assert again


def test_trail_leads_to_the_answer(three):
    log_likelihoods = [one.fit.log_likelihood for one in three.trail]
    np.testing.assert_allclose(log_likelihoods, three.result.history, rtol=1e-12)
    assert [one.scaled.iteration for one in three.trail] == list(range(1, len(three.trail) + 1))
    assert log_likelihoods[-1] == pytest.approx(three.result.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(three.trail[-1].fit.parameters.means, three.result.means, rtol=1e-6)


def test_of_fits_that_did_not_win_a_few_iterations_are_kept(monkeypatch):
    monkeypatch.setattr(trail, "_MOST_OF_OTHERS", 5)
    seen, n_kept = {}, {}
    settings = Settings(k_max=4, models=("VVI", "VII"), restarts=2)
    for progress in analyse(load_sample("faithful"), settings):
        at = progress.candidate
        seen.setdefault(at, []).append(weakref.ref(progress))
        del progress
        n_kept = {i: sum(step() is not None for step in steps) for i, steps in seen.items()}
        # The best that is done, and those of as many clusters, which are not yet, have more.
        assert sum(n > 5 + 1 for n in n_kept.values()) <= 1 + len(settings.models)
    assert len(seen) == 8
    assert min(n_kept.values()) > 0
    assert max(len(steps) for steps in seen.values()) > 20


def test_every_candidate_is_chosen_with_the_iterations_that_led_to_it():
    dataset = load_sample("penguins")
    settings = Settings(k_max=4, models=("VVI", "EEE", "VVV"), restarts=2)
    analysis, _ = analysed(dataset, settings)
    for index, one in enumerate(analysis.candidates):
        chosen = choose(analysis, index)
        assert (chosen.trail[-1].model, chosen.trail[-1].n_components) == (
            one.model,
            one.n_components,
        )
        assert {step.candidate for step in chosen.trail} == {index}
        end = chosen.trail[-1].fit
        assert end.log_likelihood == pytest.approx(chosen.result.log_likelihood, abs=1e-3)
        np.testing.assert_allclose(end.parameters.means, chosen.result.means, rtol=1e-3)
        back = choose(chosen, analysis.best)
        assert len(back.trail) == len(analysis.trail)


def test_same_answer_for_any_number_of_threads():
    dataset = load_sample("blobs?n=30000&k=3&seed=4")
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2)
    one, two = (analysed(dataset, settings, n_threads=n)[0] for n in (1, 3))
    assert one.result.log_likelihood == two.result.log_likelihood
    np.testing.assert_array_equal(one.result.covariances, two.result.covariances)
    np.testing.assert_array_equal(one.rows.probability, two.rows.probability)


def test_same_answer_and_trail_wherever_candidates_are_fitted(penguins, two_processes):
    """In processes of their own, in whatever order they are done there."""
    settings = Settings(k_max=5, models=("EII", "VVI", "EEE", "VVV"), restarts=2)
    here, _ = analysed(penguins, settings, n_threads=1)
    apart, seen = analysed(penguins, settings, n_threads=3)
    assert {one.candidate for one in seen} == set(range(20))
    assert apart.candidates == here.candidates
    assert apart.best == here.best
    assert len(apart.trail) > 1
    for one, other in zip(apart.trail, here.trail, strict=True):
        assert one.log_likelihood == other.log_likelihood
        assert (one.candidate, one.candidates) == (other.candidate, other.candidates)
        np.testing.assert_array_equal(one.fit.compact.means, other.fit.compact.means)


def test_stopping_keeps_what_was_found():
    task = Task()
    steps = analyse(load_sample("faithful"), Settings(tol=0.0), task=task)
    while next(steps).candidate < 2:
        pass
    task.cancel()
    analysis, _ = drain(steps)
    assert analysis.stopped_early
    assert np.isfinite(analysis.result.log_likelihood)
    assert len(analysis.candidates) >= 2


def test_stopping_before_there_is_anything_is_cancelled():
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        next(analyse(load_sample("faithful"), Settings(), task=task))


def test_too_many_clusters_for_the_distinct_rows():
    dataset = read_text("a\tb\n" + "1\t2\n3\t5\n4\t1\n" * 10)
    with pytest.raises(FitError, match="3 distinct"):
        analysed(dataset, Settings(k_min=5, k_max=5))


def test_dependent_column_is_named():
    pairs = np.random.default_rng(0).integers(50, 99, size=(40, 2))
    rows = "\n".join(f"{a}\t{b}\t{a + b}" for a, b in pairs)
    dataset = read_text(f"length\twidth\tboth\n{rows}\n")
    with pytest.raises(FitError, match=r"^Column 'both' is a linear combination"):
        analysed(dataset, Settings(k_min=2, k_max=2, models=("VVV",)))


def test_a_row_that_hides_the_others_is_named_as_in_the_file():
    rows = np.random.default_rng(0).normal(size=(500, 2))
    lines = ["\t1.5"] * 3 + [f"{a:.4f}\t{b:.4f}" for a, b in rows] + ["1e9\t1e9"]
    dataset = read_text("a\tb\n" + "\n".join(lines) + "\n")
    with pytest.raises(FitError, match=r"^Row 504 lies so far out"):
        analysed(dataset, Settings(k_max=1, models=("VVV",)))
    analysis, _ = analysed(dataset, Settings(k_max=1, models=("VVV", "VVI")))
    assert "Row 504 lies so far out" in analysis.candidates[0].status


@pytest.mark.parametrize("seed", range(3))
def test_a_status_numbers_clusters_by_weight(seed):
    rows = np.random.default_rng(1).normal(size=(60, 2))
    lines = [f"{a:.6f}\t{b:.6f}" for a, b in rows] + ["4\t4"] * 30
    dataset = read_text("a\tb\n" + "\n".join(lines) + "\n")
    settings = Settings(k_max=2, models=("VVV",), restarts=1, seed=seed, prior="never")
    analysis, _ = analysed(dataset, settings)
    assert analysis.best == 0
    assert "component 2 was kept from collapsing onto 30 rows" in analysis.candidates[1].status


def test_collapse_names_cluster_and_rows_of_the_file():
    rng = np.random.default_rng(1)
    lines = [f"{a:.6f}\t{b:.6f}" for a, b in rng.normal(size=(60, 2))]
    lines[3] = "\t1"  # left out, so rows of the file and of the fit differ from here
    lines[20:50] = ["5\t5"] * 30
    dataset = read_text("a\tb\n" + "\n".join(lines) + "\n")
    settings = Settings(k_min=2, k_max=2, models=("VVV",), restarts=1, prior="never")
    analysis, _ = analysed(dataset, settings)
    assert analysis.result.collapse is not None
    on = analysis.result.collapse.rows
    assert set(range(20, 50)) <= set(on.tolist())
    assert f"({', '.join(str(row + 1) for row in on[:5])}, ...)" in analysis.result.message
    component = analysis.result.collapse.component
    assert f"Component {component + 1} " in analysis.result.message
    assert f"Cluster {component + 1} " in analysis.message
    assert (analysis.rows.label[np.searchsorted(analysis.prepared.rows, on)] == component).all()
    assert np.isfinite(analysis.result.means).all()


def test_a_prior_takes_part_where_it_is_needed():
    rows = np.random.default_rng(1).normal(size=(60, 2))
    lines = ["\t1", *(f"{a:.6f}\t{b:.6f}" for a, b in rows), *["4\t4"] * 30]
    dataset = read_text("a\tb\n" + "\n".join(lines) + "\n")
    settings = Settings(k_max=2, models=("VVV",), restarts=2)
    analysis, _ = analysed(dataset, settings)
    one, two = analysis.candidates
    assert one.status == "converged"
    assert "with a prior: without one a component collapsed onto 30 rows (62, 63" in two.status
    assert two.sound
    assert analysis.best == 1  # 30 equal rows are a cluster
    assert "(62, 63" in analysis.result.message
    assert "without it a cluster collapsed onto 30 rows" in analysis.message
    merged = analysis.changed(grouping=Grouping((0, 0), (0,)))
    assert "without it a component collapsed onto 30 rows" in merged.message
    always, _ = analysed(dataset, replace(settings, prior="always"))
    assert always.candidates[1].log_likelihood == pytest.approx(two.log_likelihood, abs=0.05)
    assert always.candidates[0].log_likelihood < one.log_likelihood


def test_how_many_starts_agree_is_told():
    analysis, _ = analysed(
        load_sample("blobs?n=300&k=3&seed=4"), Settings(k_min=3, k_max=3, models=("VVV",))
    )
    assert analysis.trust.n_starts == 10
    assert 1 <= analysis.trust.n_agreeing <= 10


def test_stopping_on_a_sample_ends_with_the_log_likelihood_of_all_rows():
    task = Task()
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2)
    steps = analyse(load_sample("blobs?n=45000&k=3&seed=4"), settings, task=task)
    assert next(steps).scaled.n_sampled < 45_000
    task.cancel()
    result = drain(steps)[0].result
    assert result.n_sampled == result.n_rows == 45_000
    assert result.history[-1] == result.log_likelihood
    assert "estimated" not in result.message


def test_a_fit_stopped_while_it_is_mended_is_not_compared():
    rows = np.random.default_rng(1).normal(size=(60, 2))
    lines = [f"{a:.6f}\t{b:.6f}" for a, b in rows] + ["4\t4"] * 30
    dataset = read_text("a\tb\n" + "\n".join(lines) + "\n")
    task = Task()
    settings = Settings(k_min=2, k_max=2, models=("VVV",), tol=0.0, prior="never")
    steps = analyse(dataset, settings, task=task)
    while next(steps).scaled.restart < 9:
        pass
    while next(steps).scaled.restart != 1:  # in the second round
        pass
    task.cancel()
    analysis, _ = drain(steps)
    (candidate,) = analysis.candidates
    assert candidate.status == (
        "stopped: component 2 was kept from collapsing onto 30 rows (61, 62, 63, 64, 65, ...)"
    )
    assert not candidate.sound
    assert "was kept from collapsing" in analysis.result.message


@pytest.mark.parametrize(
    "changes",
    [
        {"k_min": 0},
        {"k_min": 4, "k_max": 3},
        {"models": ()},
        {"models": ("XXX",)},
        {"criterion": "luck"},
        {"scaling": "some"},
        {"missing": "guess"},
        {"prior": "sometimes"},
    ],
)
def test_settings_refuse_what_makes_no_sense(changes):
    with pytest.raises(UsageError):
        Settings(**changes)


# --- rows with missing values that take part -----------------------------------------------------


@pytest.fixture(scope="module")
def gaps():
    """Two groups in three columns; a few cells are missing, and one row has none at all."""
    random = np.random.default_rng(5)
    X = random.normal(size=(80, 3)) * [1.0, 10.0, 0.1] + [5.0, 0.0, 0.0]
    X[::2] += [6.0, 60.0, 0.6]
    cells = X.round(3).astype(str)
    absent = random.random((80, 3)) < 0.15
    absent[absent.all(axis=1), 0] = False
    absent[3] = True
    cells[absent] = ""
    text = "a,b,c,who\n" + "".join(f"{','.join(row)},r{i}\n" for i, row in enumerate(cells))
    return read_text(text)


@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_what_is_missing_is_not_needed(gaps, scaling):
    settings = Settings(
        columns=("a", "b", "c"), k_min=2, k_max=2, models=("VVV",), missing="em", scaling=scaling
    )
    analysis = analysed(gaps, settings)[0]
    result, X = analysis.result, original(analysis)
    assert analysis.prepared.rows.tolist() == [i for i in range(80) if i != 3]
    assert analysis.prepared.n_incomplete == np.isnan(X).any(axis=1).sum() > 20
    densities = np.zeros((len(X), 2))
    distances = np.zeros((len(X), 2))
    for i, x in enumerate(X):
        o = ~np.isnan(x)
        for k in range(2):
            mean, covariance = result.means[k][o], result.covariances[k][np.ix_(o, o)]
            densities[i, k] = result.weights[k] * multivariate_normal(mean, covariance).pdf(x[o])
            y = x[o] - mean
            distances[i, k] = chi2(o.sum()).sf(y @ np.linalg.solve(covariance, y))
    log_densities = np.log(densities.sum(axis=1))
    np.testing.assert_allclose(analysis.rows.log_density, log_densities, rtol=1e-7)
    assert result.log_likelihood == pytest.approx(log_densities.sum(), rel=1e-9)
    label = densities.argmax(axis=1)
    np.testing.assert_array_equal(analysis.rows.label, label)
    outlier = distances[np.arange(len(X)), label] < 0.001
    np.testing.assert_array_equal(analysis.rows.outliers(0.001), outlier)
    shares = densities / densities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(analysis.responsibilities(slice(0, 9)), shares[:9], atol=1e-9)
    np.testing.assert_allclose(analysis.column_means, np.nanmean(X, axis=0), rtol=1e-12)


def test_complete_rows_give_the_same_answer_either_way(penguins):
    numbers = [penguins.column(name).numbers() for name in ("bill_length_mm", "bill_depth_mm")]
    complete = np.column_stack([x[~np.isnan(x)] for x in numbers])
    table = read_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in complete.tolist()))
    settings = {"k_min": 2, "k_max": 2, "models": ("VVV", "EEE"), "restarts": 2}
    one = analysed(table, Settings(**settings))[0]
    both = analysed(table, Settings(missing="em", **settings))[0]
    np.testing.assert_array_equal(one.result.means, both.result.means)
    assert one.result.log_likelihood == both.result.log_likelihood


@pytest.fixture(scope="module")
def scattered():
    rng = np.random.default_rng(5)
    blobs = [rng.normal(center, 0.5, (80, 2)) for center in ((0.0, 100.0), (6.0, 106.0))]
    X = np.concatenate([*blobs, rng.uniform((-20.0, 80.0), (30.0, 130.0), (30, 2))])
    table = read_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in X.tolist()))
    settings = Settings(k_min=2, k_max=2, models=("VVI",), restarts=3, noise=True)
    return analysed(table, settings)[0]


def test_rows_may_belong_to_no_cluster(scattered):
    X, result, rows = original(scattered), scattered.result, scattered.rows
    density = result.noise.weight * math.exp(result.noise.log_density)
    densities = np.column_stack(
        [
            *(
                w * multivariate_normal(m, S).pdf(X)
                for w, m, S in zip(result.weights, result.means, result.covariances, strict=True)
            ),
            np.full(len(X), density),
        ]
    )
    order = np.argsort(-densities, axis=1)
    order[order == 2] = NO_CLUSTER
    np.testing.assert_array_equal(rows.label, order[:, 0])
    np.testing.assert_allclose(rows.log_density, np.log(densities.sum(axis=1)), rtol=1e-9)
    shares = densities / densities.sum(axis=1, keepdims=True)
    possible = np.sort(shares, axis=1)[:, 1] > 1e-200  # others are all but zero
    np.testing.assert_array_equal(rows.second[possible], order[possible, 1])
    np.testing.assert_allclose(scattered.responsibilities(slice(0, None)), shares, atol=1e-9)
    noise = scattered.noise
    assert noise.n_rows == (rows.label == NO_CLUSTER).sum() == pytest.approx(30, abs=4)
    assert scattered.sizes.sum() + noise.n_rows == len(X)
    assert scattered.sizes.shape == scattered.certainty.shape == (2,)
    assert result.weights.sum() + noise.weight == pytest.approx(1.0)
    assert noise.certainty == pytest.approx(rows.probability[rows.label == NO_CLUSTER].mean())
    # The region of uniform noise is all that the rows take up: a box around them.
    assert result.noise.log_density >= -math.log(np.ptp(X, axis=0).prod()) - 1e-9


def test_the_way_to_an_answer_has_noise_too(scattered):
    assert all(step.fit.parameters.noise is not None for step in scattered.trail)


def test_without_a_second_choice_there_is_no_noise_in_its_place(penguins):
    settings = {"k_min": 1, "k_max": 1, "models": ("VVV",), "restarts": 1}
    alone = analysed(penguins, Settings(**settings))[0]
    assert set(alone.rows.second) == {NO_SECOND}
    assert alone.noise is None
    beside = analysed(penguins, Settings(noise=True, **settings))[0]
    assert {*beside.rows.label, *beside.rows.second} == {0, NO_CLUSTER}


def test_choosing_another_candidate_is_the_answer_of_a_search_for_it_alone(penguins):
    found, _ = analysed(penguins, Settings(k_min=2, k_max=3, models=("VVV", "EEE"), restarts=2))
    for index, candidate in enumerate(found.candidates):
        other = choose(found, index)
        assert (other.best, other.candidates) == (index, found.candidates)
        assert other.result.log_likelihood == pytest.approx(candidate.log_likelihood, rel=1e-12)
        X = original(other)
        np.testing.assert_array_equal(other.result.labels(X), other.rows.label)
        np.testing.assert_allclose(other.result.log_density(X), other.rows.log_density, rtol=1e-9)
        np.testing.assert_array_equal(other.sizes, np.bincount(other.rows.label))
    again = choose(other, found.best)
    np.testing.assert_array_equal(again.rows.log_density, found.rows.log_density)


def test_a_candidate_that_failed_cannot_be_chosen():
    table = read_text("x,y\n" + "".join(f"{i % 3}.5,{i % 2}.5\n" for i in range(24)))
    settings = Settings(columns=("x", "y"), k_min=5, k_max=7, models=("VII",), restarts=1)
    found, _ = analysed(table, settings)
    failed = [i for i, one in enumerate(found.candidates) if math.isnan(one.bic)]
    assert failed  # there are 6 distinct rows
    for index in failed:
        with pytest.raises(UsageError, match="could not be fitted"):
            choose(found, index)


def test_the_trail_is_of_the_run_that_led_to_the_answer(three):
    """Also where another reached the same optimum with its components in other places."""
    trail = Trail()
    for step in three.trail:
        trail.add(step)
        turned = step.scaled.compact.reordered(np.array([1, 2, 0]))
        other = dataclasses.replace(
            step.scaled,
            restart=step.scaled.restart + 1,
            compact=turned,
            log_likelihood=step.scaled.log_likelihood + 1e-9,
        )
        trail.add(dataclasses.replace(step, scaled=other))
    result = dataclasses.replace(three.scaled, parameters=three.trail[-1].scaled.compact.in_full())
    led = trail.leading_to(result)
    assert [step.scaled.restart for step in led] == [step.scaled.restart for step in three.trail]


def test_the_run_to_the_result_is_kept_though_a_refused_one_led_higher(three):
    trail = Trail()
    for step in three.trail:
        trail.add(step)
    last = three.trail[-1].scaled
    refused = dataclasses.replace(
        last,
        restart=last.restart + 1,
        log_likelihood=last.log_likelihood + 50.0,
        compact=last.compact.reordered(np.array([1, 2, 0])),
    )
    trail.add(dataclasses.replace(three.trail[-1], scaled=refused))
    result = dataclasses.replace(three.scaled, parameters=last.compact.in_full())
    trail.thin(result)
    led = trail.leading_to(result)
    assert len(led) > 1
    assert [step.scaled.restart for step in led] == [last.restart] * len(led)


def test_the_answer_of_a_search_can_be_watched(penguins):
    settings = Settings(columns=("bill_length_mm", "flipper_length_mm"), k_max=4, restarts=4)
    answer, _ = analysed(penguins, settings)
    first, *_, last = answer.trail
    assert len(answer.trail) > 5
    assert first.scaled.restart < 4  # a start of its own
    assert len(answer.result.history) == last.scaled.iteration


def test_iterations_before_a_move_do_not_count_toward_the_most():
    random = np.random.default_rng(1)
    wide, tight = random.normal(size=(500, 2)) * 3, random.normal(size=(10, 2)) * 0.05
    beside = random.normal(loc=(8.0, 0.0), size=(83, 2))
    rows = np.vstack([wide, tight + 1.0, beside]).tolist()
    dataset = read_text("a\tb\n" + "\n".join(f"{x:.5f}\t{y:.5f}" for x, y in rows))
    settings = Settings(k_min=3, k_max=3, models=("VVV",), max_iter=5, restarts=5)
    found, _ = analysed(dataset, settings)
    assert found.result.n_iterations > 5
    assert found.verdict.unfinished == 5
