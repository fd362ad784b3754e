"""Steps seen from the answer: likelihoods, means and spreads in the units of the file."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.profiles import original_covariances, typical
from gmmdesk.data.prepare import transform
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from tests.running import finish


def answer(dataset, lines=(), **chosen):
    chosen = {"k_min": 2, "k_max": 2, "models": ("VVV",), "restarts": 2} | chosen
    steps = tuple(parse_step(line) for line in lines)
    return finish(analyse(dataset, Settings(steps=steps, **chosen), n_threads=1))


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    n = 240
    rich = rng.random(n) < 0.4
    income = np.exp(rng.normal(2.0 + 2.0 * rich, 0.4))
    age = rng.normal(40.0 - 12.0 * rich, 4.0)
    debt = rng.normal(3.0, 2.0, n) + 0.4 * (age - 40.0)
    city = np.where(rng.random(n) < 0.3, "Bern", "Rome")
    cells = zip(*(map(str, column) for column in (income, age, debt, city)), strict=True)
    return read_text("\n".join(["income\tage\tdebt\tcity", *map("\t".join, cells)]))


def density_at(analysis, values):
    """The mixture's density at rows of the file, through a table of these rows alone."""
    names = analysis.prepared.preparation.inputs
    lines = ["\t".join(names), *("\t".join(repr(float(v)) for v in row) for row in values)]
    again = transform(read_text("\n".join(lines)), analysis.prepared.preparation)
    log_density = np.full(len(values), -np.inf)
    log_scale = np.log(again.scale).sum()
    log_density[again.rows] = analysis.scaled.log_density(again.X) - log_scale + again.log_slope
    return np.exp(log_density)


@pytest.mark.parametrize(
    "line", ["log income", "log income shift=3", "box-cox income", "yeo-johnson income"]
)
def test_the_density_of_a_bent_column_integrates_to_one(table, line):
    found = answer(table, [line], columns=("income",))
    # From where the bent column begins; the rest of the negative half holds next to nothing.
    edge = np.geomspace(1e-6, 500.0, 4_001) - (3.0 if "shift" in line else 0.0)
    total = integrate.simpson(density_at(found, edge[:, None]), x=edge)
    assert total == pytest.approx(1.0, abs=2e-3)


def test_log_likelihood_is_that_of_a_mixture_of_log_normals(table):
    found = answer(table, ["log income"], columns=("income",))
    x = table.column("income").numbers()
    result = found.result
    density = sum(
        weight * stats.lognorm.pdf(x, np.sqrt(covariance[0, 0]), scale=np.exp(mean[0]))
        for weight, mean, covariance in zip(
            result.weights, result.means, result.covariances, strict=True
        )
    )
    assert result.log_likelihood == pytest.approx(np.log(density).sum(), rel=1e-10)
    np.testing.assert_allclose(found.rows.log_density, np.log(density), rtol=1e-9)
    assert found.candidates[found.best].bic == pytest.approx(result.bic)
    assert found.trail[-1].log_likelihood == pytest.approx(result.log_likelihood, rel=1e-6)


@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_all_components_are_another_view_of_the_same_mixture(table, scaling):
    columns = ("income", "age", "debt")
    plain = answer(table, columns=columns, scaling=scaling, tol=1e-10)
    turned = answer(table, ["components share=1"], columns=columns, scaling=scaling, tol=1e-10)
    assert turned.prepared.keeps_density
    assert turned.result.log_likelihood == pytest.approx(plain.result.log_likelihood, rel=1e-7)
    np.testing.assert_array_equal(turned.rows.label, plain.rows.label)
    np.testing.assert_allclose(turned.rows.log_density, plain.rows.log_density, atol=1e-3)
    for one, other in zip(turned.profiles, plain.profiles, strict=True):
        assert (one.name, one.is_mean, one.exact) == (other.name, True, True)
        np.testing.assert_allclose(one.centers, other.centers, rtol=1e-4)
        np.testing.assert_allclose(one.spreads, other.spreads, rtol=1e-3)
        assert one.center == pytest.approx(other.center, rel=1e-9)
    np.testing.assert_allclose(
        original_covariances(turned.result, turned.prepared),
        plain.result.covariances,
        rtol=1e-3,
        atol=1e-3,
    )


def test_profiles_without_steps_are_means_and_standard_deviations(table):
    found = answer(table, columns=("income", "age"))
    for j, one in enumerate(found.profiles):
        np.testing.assert_array_equal(one.centers, found.result.means[:, j])
        np.testing.assert_array_equal(one.spreads, np.sqrt(found.result.covariances[:, j, j]))
        assert one.center == found.column_means[j]
    np.testing.assert_array_equal(
        original_covariances(found.result, found.prepared), found.result.covariances
    )


def test_a_mean_of_zero_is_zero():
    """Not what scaling the column and back leaves of it."""
    table = read_text(
        "n,x\n" + "".join(f"{(0, 1, 5)[i % 3]},{i % 3 * 9 + i % 7 / 7}\n" for i in range(60))
    )
    settings = Settings(columns=("n", "x"), k_min=3, k_max=3, models=("EII",))
    centers = sorted(finish(analyse(table, settings)).profiles[0].centers)
    assert centers == [0.0, pytest.approx(1.0), pytest.approx(5.0)]


def test_profiles_of_a_bent_column_are_medians_and_quantiles(table):
    found = answer(table, ["log income"], columns=("income", "age"))
    income, age = found.profiles
    assert (income.is_mean, age.is_mean) == (False, True)
    rows = table.column("income").numbers()
    mean, deviation = found.result.means[:, 0], np.sqrt(found.result.covariances[:, 0, 0])
    of_model = income.in_mixture(found.result.parameters)
    for level, name in (
        (0.5, "centers"),
        (stats.norm.cdf(-1), "lows"),
        (stats.norm.cdf(1), "highs"),
    ):
        of_rows = [np.quantile(rows[found.rows.label == k], level) for k in range(2)]
        np.testing.assert_allclose(getattr(income, name), of_rows, rtol=1e-9)
        expected = stats.lognorm.ppf(level, deviation, scale=np.exp(mean))
        held = np.clip(expected, rows.min(), rows.max())
        np.testing.assert_allclose(getattr(of_model, name), held, rtol=1e-9)
    assert income.center == pytest.approx(np.median(table.column("income").numbers()), rel=1e-3)
    assert original_covariances(found.result, found.prepared) is None
    assert found.prepared.columns == ("log(income)", "age")


def test_lost_components_have_no_density_in_the_file(table):
    found = answer(table, ["components number=2"], columns=("income", "age", "debt"))
    assert not found.prepared.keeps_density
    scores = found.scaled.score(found.prepared.X)
    np.testing.assert_allclose(found.rows.log_density, scores.log_density)  # of the components
    assert not any(one.exact for one in found.profiles)
    assert found.result.means.shape == (2, 2)


def test_held_out_rows_are_scored_but_not_fitted(table):
    lines = ["log income", "hold-out share=0.3 seed=1"]
    found = answer(table, lines, columns=("income", "age"))
    held = found.prepared.held_out
    assert found.held_out.n_rows == held.sum() == 72
    assert found.result.n_rows == 240 - 72
    assert len(found.rows.label) == 240
    assert found.sizes.sum() == 240
    assert found.result.log_likelihood == pytest.approx(found.rows.log_density[~held].sum())
    assert found.held_out.log_density == pytest.approx(found.rows.log_density[held].mean())
    assert found.held_out.log_density_used == pytest.approx(
        found.result.log_likelihood / found.result.n_rows
    )
    rows = ",".join(str(row + 1) for row in np.flatnonzero(held))
    without = answer(table, [f"leave-out-rows {rows}", "log income"], columns=("income", "age"))
    assert without.result.log_likelihood == found.result.log_likelihood
    np.testing.assert_array_equal(without.result.means, found.result.means)


def test_missing_cells_take_no_part_in_the_slope():
    rng = np.random.default_rng(1)
    x, y = np.exp(rng.normal(size=60)), rng.normal(size=60)
    cells = [
        f"{a if i % 5 else ''}\t{b if i % 7 else ''}"
        for i, (a, b) in enumerate(zip(x, y, strict=True))
    ]
    table = read_text("\n".join(["x\ty", *cells]))
    found = answer(table, ["log x"], k_min=1, k_max=1, missing="em")
    mean, covariance = found.result.means[0], found.result.covariances[0]
    for at, row in enumerate(found.prepared.rows):
        seen = np.array([row % 5 > 0, row % 7 > 0])
        value = np.array([np.log(x[row]), y[row]])[seen]
        expected = stats.multivariate_normal(mean[seen], covariance[np.ix_(seen, seen)])
        log_density = expected.logpdf(value) - (np.log(x[row]) if seen[0] else 0.0)
        assert found.rows.log_density[at] == pytest.approx(log_density, abs=1e-9)
    assert found.result.log_likelihood == pytest.approx(found.rows.log_density.sum())


def test_indicators_are_columns_of_shares(table):
    found = answer(table, ["indicators city"], columns=("income", "age"), k_min=1, k_max=1)
    city = found.profiles[-1]
    share = np.mean([cell == "Bern" for cell in table.column("city").cells.to_pylist()])
    assert city.name == "city = Bern"
    assert city.centers[0] == pytest.approx(share)


def test_what_is_typical_of_some_rows_is_told_as_of_clusters(table):
    """Mean and standard deviation where steps are linear, else median and quantiles."""
    found = answer(table, ["log income", "components share=1"], columns=("income", "age", "debt"))
    chosen = np.arange(240) % 3 == 0
    told = typical(found.prepared, chosen)
    assert told.n_rows == 80
    values = [table.column(name).numbers()[chosen] for name in ("income", "age", "debt")]
    names = [one.name for one in found.prepared.originals]
    for j, (name, x) in enumerate(zip(names, values, strict=True)):
        middle, low, high = x.mean(), x.mean() - x.std(), x.mean() + x.std()
        if name == "income":
            middle, low, high = np.exp(np.quantile(np.log(x), stats.norm.cdf([0.0, -1.0, 1.0])))
        got = (told.centers[j], told.lows[j], told.highs[j])
        np.testing.assert_allclose(got, (middle, low, high), rtol=1e-10)
    nothing = typical(found.prepared, np.zeros(240, np.bool_))
    assert nothing.n_rows == 0
    assert np.isnan(nothing.centers).all()
