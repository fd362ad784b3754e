"""A model applied to other rows, and what is said about them."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import multivariate_normal

from gmmdesk.analysis import Application, Settings, analyse, apply
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import parse_step
from gmmdesk.errors import Cancelled, DataError, UsageError
from gmmdesk.task import Task
from gmmdesk.text import percent
from tests.running import finish

QUICK = Settings(k_min=3, k_max=3, models=("VVV",), restarts=1)
NAMES = ("Small", "Middle", "Large")


def fitted(dataset, settings=QUICK):
    return finish(analyse(dataset, settings))


@pytest.fixture(scope="module")
def penguins():
    return fitted(load_sample("penguins"))


@pytest.fixture(scope="module")
def model(penguins):
    return penguins.fitted_model(NAMES)


def text_of(columns, header=None):
    """A table as text, from arrays by name."""
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    lines = [",".join("" if np.isnan(x) else repr(x) for x in row) for row in rows]
    return "\n".join([",".join(header or columns), *lines]) + "\n"


def values(dataset, columns):
    return {name: dataset.column(name).numbers() for name in columns}


def same_rows(application, analysis):
    for name in ("label", "probability", "second", "log_density", "squared_distance", "n_values"):
        np.testing.assert_array_equal(
            getattr(application.rows, name), getattr(analysis.rows, name), name
        )
    whole = slice(0, len(analysis.prepared.rows))
    np.testing.assert_array_equal(
        application.responsibilities(whole), analysis.responsibilities(whole)
    )


@pytest.mark.parametrize(
    "changes", [{}, {"noise": True}, {"missing": "em"}, {"scaling": "none"}], ids=str
)
def test_the_file_of_the_fit_gets_the_same_numbers(changes):
    dataset = load_sample("penguins")
    analysis = fitted(dataset, replace(QUICK, **changes))
    application = apply(analysis.fitted_model(NAMES), dataset)
    same_rows(application, analysis)
    np.testing.assert_array_equal(application.prepared.rows, analysis.prepared.rows)
    np.testing.assert_array_equal(application.prepared.left_out, analysis.prepared.left_out)
    np.testing.assert_array_equal(application.sizes, analysis.sizes)
    np.testing.assert_array_equal(application.certainty, analysis.certainty)
    assert application.noise == analysis.noise
    assert application.log_likelihood == pytest.approx(analysis.result.log_likelihood, rel=1e-12)
    assert application.warnings == ()


@pytest.mark.parametrize(
    "lines",
    [["log body_mass_g"], ["log body_mass_g", "components number=2"], ["hold-out share=0.2"]],
)
def test_what_steps_have_learnt_is_applied_too(lines):
    dataset = load_sample("penguins")
    analysis = fitted(dataset, replace(QUICK, steps=tuple(map(parse_step, lines))))
    application = apply(analysis.fitted_model(NAMES), dataset)
    same_rows(application, analysis)
    assert [one.name for one in application.profiles] == [one.name for one in analysis.profiles]
    columns = values(dataset, dataset.recommended)
    header = [name.upper() for name in columns]
    same_rows(apply(analysis.fitted_model(NAMES), read_text(text_of(columns, header))), analysis)


def test_far_from_zero_too():
    rng = np.random.default_rng(0)
    x = 1e8 + 1e-6 * np.concatenate([rng.normal(0, 1, 60), rng.normal(6, 1, 60)])
    dataset = read_text(text_of({"x": x, "y": rng.normal(size=120)}))
    analysis = fitted(dataset, Settings(k_min=2, k_max=2, models=("VVI",), restarts=1))
    same_rows(apply(analysis.fitted_model(NAMES[:2]), dataset), analysis)


def test_other_rows_have_the_densities_of_the_mixture(penguins, model):
    columns = values(penguins.dataset, model.columns)
    some = {name: cells[5:40:5] + 0.3 for name, cells in columns.items()}
    application = apply(model, read_text(text_of(some)))
    X = np.column_stack(list(some.values()))
    result = penguins.result
    joint = np.column_stack(
        [
            weight * multivariate_normal(mean, covariance).pdf(X)
            for weight, mean, covariance in zip(
                result.weights, result.means, result.covariances, strict=True
            )
        ]
    )
    np.testing.assert_allclose(
        application.rows.log_density, np.log(joint.sum(axis=1)), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(
        application.responsibilities(slice(0, 9)),
        joint / joint.sum(axis=1, keepdims=True),
        rtol=1e-8,
        atol=1e-12,
    )


def test_order_and_other_columns_do_not_matter(penguins, model):
    columns = values(penguins.dataset, model.columns)
    shuffled = dict(reversed(columns.items())) | {"new": np.arange(344.0) ** 1.5}
    application = apply(model, read_text(text_of(shuffled)))
    assert application.prepared.columns == model.columns
    assert application.extra == ("new",)
    same_rows(application, penguins)


def test_one_row_is_enough(model):
    header = ",".join(model.columns)
    application = apply(model, read_text(f"{header}\n39.1,18.7,181,3750\n"))
    assert application.sizes.sum() == 1
    assert application.drift[0].differs is False


def test_names_that_differ_in_case_and_marks_are_the_same(penguins, model):
    columns = values(penguins.dataset, model.columns)
    header = ["Bill Length (mm)", "bill-depth-mm", "FLIPPER_LENGTH_MM", "body_mass_g"]
    dataset = read_text(text_of(columns, header))
    application = apply(model, dataset)
    same_rows(application, penguins)
    assert application.renamed == dict(zip(model.columns[:3], header[:3], strict=True))
    assert "'Bill Length (mm)' was taken for 'bill_length_mm'." in application.warnings


def test_another_name_has_to_be_given(penguins, model):
    columns = values(penguins.dataset, model.columns)
    header = [*model.columns[:3], "body_mass_in_grams"]
    dataset = read_text(text_of(columns, header))
    with pytest.raises(UsageError, match="lacks the column 'body_mass_g'") as caught:
        apply(model, dataset)
    assert "'body_mass_in_grams' for 'body_mass_g'" in caught.value.hint
    same_rows(apply(model, dataset, {"body_mass_g": "body_mass_in_grams"}), penguins)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"body": "x"}, "model has no column 'body'"),
        ({"body_mass_g": "x"}, "has no column 'x'"),
        ({"body_mass_g": "island", "bill_depth_mm": "island"}, "stands for two"),
    ],
)
def test_a_mapping_that_cannot_be(model, mapping, words):
    with pytest.raises(UsageError, match=words):
        apply(model, load_sample("penguins"), mapping)


def test_a_column_of_text_cannot_be_used(model):
    with pytest.raises(DataError, match="'island' holds no numbers"):
        apply(model, load_sample("penguins"), {"body_mass_g": "island"})


def test_rows_that_cannot_be_scored_are_left_out_with_the_reason(model):
    header = ",".join(model.columns)
    rows = ["39.1,18.7,181,3750", "39.1,,181,3750", "39.1,18.7,inf,3750", "39.1,a lot,181,3750"]
    application = apply(model, read_text("\n".join([header, *rows, *[rows[0]] * 20])))
    assert application.prepared.rows.tolist() == [0, *range(4, 24)]
    reasons = application.prepared.reasons
    assert [code and reasons[code - 1] for code in application.prepared.left_out[:4].tolist()] == [
        0,
        "missing: bill_depth_mm",
        "infinite: flipper_length_mm",
        "unreadable: 'a lot' in bill_depth_mm",
    ]
    assert application.prepared.n_by_reason.tolist() == [1, 1, 1]
    with pytest.raises(DataError, match="no value that can be used"):
        apply(model, read_text("\n".join([header, rows[1], rows[1]])))
    with pytest.raises(DataError, match=r"No row of .* can be scored: missing"):
        apply(model, read_text("\n".join([header, "39.1,,181,3750", ",18.7,181,3750"])))


def test_rows_that_fit_no_cluster_are_named_the_farthest_out_first(penguins, model):
    columns = values(penguins.dataset, model.columns)
    usual = apply(model, read_text(text_of(columns)))
    n = len(penguins.prepared.rows)
    columns = {name: numbers.copy() for name, numbers in columns.items()}
    columns["body_mass_g"][[7, 20]] = 20_000.0, 40_000.0
    application = apply(model, read_text(text_of(columns)))
    found = application.outlier_rows
    assert found[:2].tolist() == [20, 7]
    assert len(found) == application.n_outliers == len(set(usual.outlier_rows) | {7, 20})
    assert application.outliers_said.startswith(f"{len(found)} rows ({percent(len(found) / n)})")
    assert "fit no cluster (outliers): rows 21, 8" in application.outliers_said
    near = {name: numbers[:1] for name, numbers in columns.items()}
    one = apply(model, read_text(text_of(near)))
    assert one.outliers_said == "Every row fits a cluster (no outliers)"


@pytest.mark.parametrize(("times", "said"), [(1000.0, "1,000 times"), (0.1, "1/10 times")])
def test_another_unit_is_named(penguins, model, times, said):
    columns = values(penguins.dataset, model.columns)
    columns["body_mass_g"] = columns["body_mass_g"] * times
    application = apply(model, read_text(text_of(columns)))
    (drift,) = [one for one in application.drift if one.differs]
    assert drift.column == "body_mass_g"
    assert drift.factor == pytest.approx(times)
    assert said in drift.message
    assert any("fit no cluster" in warning for warning in application.warnings)


@pytest.mark.parametrize(
    ("name", "unit", "there", "said"),
    [
        ("area (m²)", "", "floor area [ft²]", "in ft² by this file, in m² by the model's"),
        ("area", "m²", "floor area (ft²)", "in ft² by this file, in m² by the model's"),
        ("area (m²)", "", "floor area (m²)", ""),
        ("area (m²)", "", "floor area", ""),
        ("area (m²)", "", "floor area (m2)", ""),
        ("dose (\N{MICRO SIGN}g)", "", "dose [\N{GREEK SMALL LETTER MU}g]", ""),
        ("score (before)", "", "score (after)", ""),
    ],
)
def test_units_in_names_are_compared(name, unit, there, said):
    rows = [f"{i % 2 * 5 + i * 7 % 11 / 10};{i % 3}" for i in range(40)]
    head = [f"{name};n", *[f"{unit};kg"] * bool(unit)]
    settings = Settings(k_min=1, k_max=1, models=("VVV",), columns=(name, "n"))
    analysis = fitted(read_text("\n".join([*head, *rows])), settings)
    model = analysis.fitted_model(["all"])
    application = apply(model, read_text("\n".join([f"{there};n", *rows])), {name: there})
    told = [warning for warning in application.warnings if "by the model's" in warning]
    assert len(told) == bool(said)
    assert all(said in warning for warning in told)


def test_another_range_is_named(penguins, model):
    columns = values(penguins.dataset, model.columns)
    spread = np.nanstd(columns["bill_depth_mm"])
    columns["bill_depth_mm"] = columns["bill_depth_mm"] + 2.0 * spread
    application = apply(model, read_text(text_of(columns)))
    (drift,) = [one for one in application.drift if one.differs]
    assert (drift.column, drift.factor) == ("bill_depth_mm", 1.0)
    assert drift.file.mean - drift.model.mean == pytest.approx(2.0 * spread, rel=0.05)
    assert "bill_depth_mm: 21.09 ± 1.97 in this file, 17.1" in drift.message


def test_the_moments_of_the_model_are_those_of_rows_drawn_from_it():
    analysis = fitted(load_sample("penguins"), replace(QUICK, noise=True))
    rows, _ = analysis.result.simulate(40_000, seed=1)
    application = apply(analysis.fitted_model(NAMES), load_sample("penguins"))
    for j, drift in enumerate(application.drift):
        assert drift.model.mean == pytest.approx(rows[:, j].mean(), abs=0.05 * rows[:, j].std())
        assert drift.model.spread == pytest.approx(rows[:, j].std(), rel=0.03)


def test_it_can_be_cancelled(model):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        apply(model, load_sample("penguins"), task=task)


def test_an_application_knows_its_model_by_other_names(model):
    application = apply(model, load_sample("penguins"))
    assert isinstance(application, Application)
    assert application.fitted_model("abc").names == ("a", "b", "c")
    np.testing.assert_allclose(application.parameters.means, model.parameters.means)


RENAMED_STEPS = [
    ([], set()),
    (["leave-out age > 60", "log income", "components share=1"], {"age in years > 60"}),
    (["log income"], {"outside the range of log(Lohn)"}),
    (
        ["leave-out city = Bonn reason=far", "yeo-johnson debt", "indicators city"],
        {"far", "a category that was not fitted: Ort"},
    ),
]


@pytest.mark.parametrize(
    ("lines", "reasons"), RENAMED_STEPS, ids=[", ".join(lines) for lines, _ in RENAMED_STEPS]
)
def test_reasons_are_said_in_the_names_of_the_file(lines, reasons):
    rng = np.random.default_rng(0)
    header, there = ["income", "age", "debt", "city"], ["Lohn", "age in years", "income", "Ort"]
    rows = [
        [*map(repr, (10.0 + rng.gamma(3.0), 40.0 + rng.normal(), rng.normal())), city]
        for city in ["Rome", "Oslo"] * 40
    ]
    table = read_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    settings = replace(QUICK, k_min=2, k_max=2, steps=tuple(map(parse_step, lines)))
    analysis = fitted(table, replace(settings, columns=tuple(header[:3])))
    rows[0][0], rows[1][1], rows[2][2] = "", "??", "inf"
    rows[3] = ["-5", "70", "1", "Paris"]
    rows[4][3] = "Bonn"
    other = read_text("\n".join(",".join(row) for row in [there, *rows]) + "\n")
    mapping = dict(zip(header, there, strict=True))
    model = analysis.fitted_model(("a", "b"))
    asked = {name: mapping[name] for name in model.preparation.needed}
    application = apply(model, other, asked)
    reasons = {"missing: Lohn", "unreadable: '??' in age in years", "infinite: income"} | reasons
    assert {one.removeprefix("Leave out ") for one in application.prepared.reasons} == reasons
    # Nothing else depends on the names.
    assert application.prepared.columns == model.columns
    assert application.prepared.preparation == model.preparation
    np.testing.assert_array_equal(application.rows.label[-75:], analysis.rows.label[-75:])
    np.testing.assert_array_equal(
        application.rows.log_density[-75:], analysis.rows.log_density[-75:]
    )


def test_names_that_would_meet_on_the_way_stay_those_of_the_model():
    rng = np.random.default_rng(1)
    columns = dict(zip("abc", rng.normal(5.0, 1.0, (3, 60)), strict=True))
    settings = replace(QUICK, k_min=1, k_max=1, steps=(parse_step("log a"),))
    analysis = fitted(read_text(text_of(columns)), settings)
    columns["c"][7] = np.nan
    other = read_text(text_of(columns, ["a", "log(a)", "x"]))
    application = apply(analysis.fitted_model(["all"]), other, {"b": "log(a)", "c": "x"})
    assert application.prepared.reasons == ("missing: c",)
    assert len(application.prepared.rows) == 59
