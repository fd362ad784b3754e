"""The steps on a table: what they do, in which order, and to new rows."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.preprocessing import PowerTransformer

from gmmdesk.data.conditions import fulfils
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.prepare import prepare, transform
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import (
    HoldOut,
    Power,
    Preparation,
    PrincipalComponents,
    parse_step,
)
from gmmdesk.data.steps.fitted import Mapped, Rotation, flaw_of
from gmmdesk.data.steps.maps import Log
from gmmdesk.errors import DataError


def steps(*lines):
    return tuple(parse_step(line) for line in lines)


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(3)
    n = 120
    income, age = rng.lognormal(3.0, 1.0, n), rng.normal(40.0, 9.0, n)
    debt = rng.normal(0.0, 5.0, n) + income / 10
    city = np.array(["Bern", "Rome", "Oslo"])[rng.integers(3, size=n)]
    cells = [income.astype(str), age.astype(str), debt.astype(str), city]
    cells[1][5] = cells[2][9] = cells[3][11] = ""
    rows = ["\t".join(row) for row in zip(*cells, strict=True)]
    return read_text("\n".join(["income\tage\tdebt\tcity", *rows]))


def original(dataset, name, rows):
    return dataset.column(name).numbers()[rows]


COLUMNS = ("income", "age", "debt")
ANY = steps(
    "log income",
    "yeo-johnson debt",
    "box-cox age",
    "leave-out income > 60",
    "leave-out-rows 3,7,20-30 reason=checked",
    "leave-out city = Rome",
    "indicators city",
    "components share=0.95",
    "hold-out share=0.25 seed=4",
    "drop age",
)


def test_no_steps_change_nothing(dataset):
    plain, off = (
        prepare(dataset, COLUMNS),
        prepare(dataset, COLUMNS, steps=[msgspec.structs.replace(step, on=False) for step in ANY]),
    )
    np.testing.assert_array_equal(plain.X, off.X)
    assert (plain.columns, plain.reasons, off.outcomes) == (off.columns, off.reasons, ())
    assert plain.log_slope is None
    assert plain.preparation.inputs == plain.columns == COLUMNS


# --- rows --------------------------------------------------------------------------------------


def test_rows_are_left_out_by_condition_with_the_reason(dataset):
    found = prepare(
        dataset, COLUMNS, "none", steps=steps("leave-out income > 60 reason='too rich'")
    )
    income = dataset.column("income").numbers()
    complete = ~np.isnan(dataset.column("age").numbers() + dataset.column("debt").numbers())
    assert found.rows.tolist() == np.flatnonzero(complete & (income <= 60)).tolist()
    counted = dict(zip(found.reasons, found.n_by_reason.tolist(), strict=True))
    n = int((complete & (income > 60)).sum())
    assert counted == {"missing: age": 1, "missing: debt": 1, "too rich": n}
    (outcome,) = found.outcomes
    assert (outcome.rows_before, outcome.rows_after) == (118, 118 - n)
    assert outcome.text == f"Left out {n} of 118 rows."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("leave-out n = 2", [2]),
        ("leave-out n != 2", [1, 3, 4, 5, 6]),
        ("leave-out n < 2", [1]),
        ("leave-out n <= 2", [1, 2]),
        ("leave-out n >= 4", [4, 5, 6]),
        ("leave-out who = Ann", [1, 4]),
        ("leave-out who = ' ANN '", [1, 4]),
        ("leave-out who != Ann", [2, 5]),
        ("leave-out who ≠ ann", [2, 5]),
        ("leave-out who contains N", [1, 4]),
        ("leave-out who is-empty", [3, 6]),
        ("leave-out who is empty", [3, 6]),
        ("leave-out who is-not-empty", [1, 2, 4, 5]),
        ("leave-out day > 2024-03", [4, 5]),
        ("leave-out day = 2024", [1, 2, 3, 4, 5]),
        ("leave-out day >= 2024-03-01", [3, 4, 5]),
        ("leave-out n contains 4", [4]),
    ],
)
def test_conditions(line, expected):
    dataset = read_text(
        "n\tx\twho\tday\n1\t2.5\tAnn\t2024-01-05\n2\t3.5\tBob\t2024-02-05\n"
        "3\t7.5\t\t2024-03-05\n4\t1.5\tAnn\t2024-04-05\n5\t0.5\tCem\t2024-05-05\n"
        "6\t0.7\tNA\t\n"
    )
    step = parse_step(line)
    rows = np.arange(6)
    found = fulfils(dataset.column(step.column), rows, step.operator, step.value)
    assert (rows[found] + 1).tolist() == expected
    backwards = fulfils(dataset.column(step.column), rows[::-1], step.operator, step.value)
    assert backwards.tolist() == found[::-1].tolist()


def test_what_a_condition_means_is_learnt_with_the_table_it_was_written_for():
    there = read_text("x\td\n" + "".join(f"{i},5\t{i + 1:02}.05.2024\n" for i in range(20)))
    here = read_text("x\td\n" + "".join(f"{i}.5\t05/{i + 1:02}/2024\n" for i in range(20)))
    assert (there.receipt.decimal, here.column("d").date_order) == (",", "month-first")
    lines = steps("leave-out x > 7,5", "leave-out d <= 3.5.2024", "leave-out d contains zz")
    fitted = prepare(there, ["x"], "none", steps=lines)
    assert [step.value for step in fitted.preparation.steps] == [7.5, "2024-05-03", "zz"]
    again = transform(here, fitted.preparation)
    assert fitted.rows.tolist() == again.rows.tolist() == [3, 4, 5, 6, 7]
    assert fitted.reasons == again.reasons


def test_indicators_leave_the_users_words_for_missing_alone():
    rows = "".join(f"{i % 7}.5\t{'zz' if i % 10 == 0 else 'ab'[i % 2]}\n" for i in range(60))
    for words, columns in (((), ("x", "c = a", "c = zz")), (("zz",), ("x", "c = a"))):
        table = read_text("x\tc\n" + rows, ReadOptions(missing_words=words))
        found = prepare(table, ["x"], steps=steps("indicators c"))
        assert set(found.columns) == set(columns)
        assert found.n_left_out == (6 if words else 0)


def test_rows_are_left_out_by_hand(dataset):
    found = prepare(dataset, ["income"], steps=steps("leave-out-rows 2,4-5,4 reason='two firms'"))
    assert set(range(120)) - set(found.rows.tolist()) == {1, 3, 4}
    assert found.reasons == ("two firms",)
    again = prepare(dataset, ["income"], steps=steps("leave-out-rows 2,4-5", "leave-out-rows 5-6"))
    assert again.outcomes[1].text.startswith("Left out 1 of 117 rows. 1 of those chosen had")


def test_steps_see_the_rows_that_earlier_ones_leave(dataset):
    rich = "leave-out income > 60"
    first, last = (
        prepare(dataset, COLUMNS, steps=steps(*lines))
        for lines in ((rich, "box-cox income"), ("box-cox income", rich))
    )
    assert first.rows.tolist() == last.rows.tolist()
    power = first.preparation.steps[1].maps[0].power
    other = last.preparation.steps[0].maps[0].power
    assert power != other
    assert first.outcomes[1].rows_before == last.outcomes[1].rows_after


def test_a_dropped_column_costs_no_rows(dataset):
    found = prepare(dataset, COLUMNS, steps=steps("drop age reason='asked too late'"))
    assert found.columns == ("income", "debt")
    assert found.n_left_out == 1
    assert "lacks 1 of 120 values" in found.outcomes[0].text


def test_held_out_rows_stay_the_same_whatever_else_is_done(dataset):
    hold = "hold-out share=0.25 seed=4"
    found = [
        prepare(dataset, COLUMNS, steps=steps(*lines))
        for lines in ((hold,), ("log income", hold), (hold, "leave-out income > 60"))
    ]
    held = [set(one.rows[one.held_out].tolist()) for one in found]
    assert held[0] == held[1]
    assert held[2] < held[0]
    assert 25 <= found[0].n_held_out <= 30
    assert len(found[0].fitted()) == len(found[0].fitted_rows) == 118 - found[0].n_held_out
    other = prepare(dataset, COLUMNS, steps=steps("hold-out share=0.25 seed=5"))
    assert set(other.rows[other.held_out].tolist()) != held[0]


def test_nothing_is_learnt_from_held_out_rows(dataset):
    lines = ("yeo-johnson debt", "box-cox income", "components number=2", "hold-out share=0.25")
    held = prepare(dataset, COLUMNS, steps=steps(*lines))
    numbers = ",".join(str(row + 1) for row in held.rows[held.held_out])
    without = prepare(dataset, COLUMNS, steps=steps(f"leave-out-rows {numbers}", *lines[:3]))
    assert held.preparation.steps == without.preparation.steps[0:]
    np.testing.assert_array_equal(held.fitted(), without.X)
    plain = prepare(dataset, COLUMNS, steps=steps("hold-out share=0.25"))
    np.testing.assert_allclose(plain.fitted().mean(axis=0), 0.0, atol=1e-14)


# --- columns -----------------------------------------------------------------------------------


def test_logarithm(dataset):
    found = prepare(dataset, ["age", "income"], "none", steps=steps("log income"))
    assert found.columns == ("age", "log(income)")
    np.testing.assert_array_equal(found.X[:, 1], np.log(original(dataset, "income", found.rows)))
    shifted = prepare(dataset, ["income", "debt"], steps=steps("log debt shift=30"))
    assert shifted.columns == ("income", "log(debt + 30)")


def test_yeo_johnson_and_scaling_are_those_of_scikit_learn(dataset):
    found = prepare(dataset, COLUMNS, steps=steps("yeo-johnson income age debt"))
    X = np.stack([original(dataset, name, found.rows) for name in COLUMNS], axis=1)
    expected = PowerTransformer().fit_transform(X)
    np.testing.assert_allclose(found.X, expected, atol=1e-4)


@pytest.mark.parametrize("scaling", ["standard", "none"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_principal_components_are_those_of_scikit_learn(dataset, scaling, number):
    found = prepare(dataset, COLUMNS, scaling, steps=steps(f"components number={number}"))
    X = np.stack([original(dataset, name, found.rows) for name in COLUMNS], axis=1)
    Z = (X - X.mean(axis=0)) / (X.std(axis=0) if scaling == "standard" else 1.0)
    pca = PCA(number).fit(Z)
    signs = np.sign(pca.components_[np.arange(number), np.abs(pca.components_).argmax(axis=1)])
    np.testing.assert_allclose(found.X, pca.transform(Z) * signs, atol=1e-10)
    rotation = found.preparation.steps[0]
    np.testing.assert_allclose(rotation.shares[:number], pca.explained_variance_ratio_)
    assert sum(rotation.shares) == pytest.approx(1.0)
    assert found.keeps_density == (number == 3)


def test_a_share_of_the_variance_decides_how_many_components(dataset):
    whole = prepare(dataset, COLUMNS, steps=steps("components share=1"))
    assert len(whole.columns) == 3
    shares = np.cumsum(whole.preparation.steps[0].shares)
    for number, share in enumerate(shares, start=1):
        found = prepare(dataset, COLUMNS, steps=[PrincipalComponents(share=float(share) - 1e-6)])
        assert len(found.columns) == number


def test_indicators(dataset):
    found = prepare(dataset, ["income"], "none", steps=steps("indicators city"))
    cities = np.array(dataset.column("city").cells.to_pylist(), object)
    counts = {name: (cities == name).sum() for name in ("Bern", "Rome", "Oslo")}
    base, second, third = sorted(counts, key=lambda name: (-counts[name], name))
    assert found.columns == ("income", f"city = {second}", f"city = {third}")
    for j, name in ((1, second), (2, third)):
        np.testing.assert_array_equal(found.X[:, j], cities[found.rows] == name)
    assert found.reasons == ("missing: city",)
    assert not found.keeps_density
    assert base in found.outcomes[0].text
    kept = prepare(dataset, ["income"], missing="em", steps=steps("indicators city"))
    assert np.isnan(kept.X[11, 1:]).all()


def test_missing_values_take_part_where_they_can(dataset):
    found = prepare(dataset, COLUMNS, missing="em", steps=steps("log income", "box-cox age"))
    assert found.n_incomplete == 2
    assert np.isfinite(found.log_slope).all()
    turned = prepare(dataset, COLUMNS, missing="em", steps=steps("components number=3"))
    assert turned.n_incomplete == 0
    assert set(turned.reasons) == {"missing: age", "missing: debt"}


# --- the way back, and new rows ----------------------------------------------------------------


def values_back(found):
    prepared_values = found.center + found.scale * found.X
    return {
        one.name: one.back(one.offset + prepared_values[:, one.at] @ one.weights)
        for one in found.originals
    }


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("log income",),
        ("box-cox age", "yeo-johnson debt", "components share=1"),
        ("log income", "yeo-johnson log(income)"),
        ("indicators city", "components share=1"),
        ("drop age", "components number=2"),
    ],
)
def test_columns_come_back_in_their_units(dataset, lines):
    found = prepare(dataset, COLUMNS, steps=steps(*lines))
    back = values_back(found)
    for one in found.originals:
        assert one.exact
        if one.name in COLUMNS:
            np.testing.assert_allclose(
                back[one.name], original(dataset, one.name, found.rows), rtol=1e-9, atol=1e-9
            )
    assert set(back) >= set(COLUMNS) - {"age"}


def test_lost_components_are_said_to_be_lost(dataset):
    found = prepare(dataset, COLUMNS, steps=steps("components number=2"))
    assert [one.exact for one in found.originals] == [False] * 3


@settings(max_examples=60)
@given(
    st.permutations(ANY).flatmap(lambda some: st.integers(0, len(some)).map(lambda n: some[:n])),
    st.sampled_from(["standard", "none"]),
    st.sampled_from(["leave-out", "em"]),
)
def test_new_rows_are_prepared_as_those_that_were_fitted(dataset, chosen, scaling, missing):
    try:
        found = prepare(dataset, COLUMNS, scaling, missing=missing, steps=chosen)
    except DataError:  # such as a column that is gone by then
        return
    kept = msgspec.json.decode(msgspec.json.encode(found.preparation), type=Preparation)
    assert kept == found.preparation
    again = transform(dataset, kept)
    by_hand = [i for i, row in enumerate(again.rows) if row in set(found.rows.tolist())]
    assert again.rows[by_hand].tolist() == found.rows.tolist()
    if not any(step.on for step in chosen):
        np.testing.assert_allclose(again.X[by_hand], found.X, rtol=1e-12, atol=1e-12)
    else:
        np.testing.assert_array_equal(again.X[by_hand], found.X)
    if found.log_slope is not None:
        np.testing.assert_array_equal(again.log_slope[by_hand], found.log_slope)
    assert again.columns == found.columns
    # Every outcome continues where the one before ended.
    for before, after in zip(found.outcomes, found.outcomes[1:], strict=False):
        assert before.rows_after == after.rows_before
        assert before.columns_after == after.columns_before


def test_single_rows_are_prepared_like_all(dataset):
    found = prepare(dataset, COLUMNS, steps=steps("yeo-johnson debt", "components number=2"))
    for row in (0, 17, 60):
        one = read_text(
            "income\tage\tdebt\n"
            + "\t".join(str(dataset.column(name).cells[row].as_py()) for name in COLUMNS)
            + "\n"
        )
        at = found.rows.tolist().index(row)
        np.testing.assert_array_equal(transform(one, found.preparation).X[0], found.X[at])


def test_new_rows_that_cannot_be_prepared_are_left_out(dataset):
    found = prepare(
        dataset, COLUMNS, steps=steps("log income", "indicators city", "leave-out age > 90")
    )
    new = read_text(
        "city\tdebt\tage\tincome\nBern\t1.5\t30.5\t10.5\nParis\t1.5\t30.5\t10.5\n"
        "Rome\t2.5\t40.5\t-3\n\t2.5\t40.5\t3.5\nRome\tinf\t40.5\t3.5\nOslo\t2.5\t95\t3.5\n"
    )
    again = transform(new, found.preparation)
    assert again.rows.tolist() == [0]
    said = [again.reasons[code - 1] if code else "" for code in again.left_out.tolist()]
    assert said == [
        "",
        "a category that was not fitted: city",
        "outside the range of log(income)",
        "missing: city",
        "infinite: debt",
        "Leave out age > 90",
    ]
    assert found.preparation.needed == ("income", "age", "debt", "city")


def test_density_slope_is_that_of_the_columns(dataset):
    """Against the determinant of the numeric Jacobian of the whole preparation."""
    found = prepare(
        dataset,
        COLUMNS,
        steps=steps("log income", "yeo-johnson debt", "box-cox age", "components share=1"),
    )
    row = int(found.rows[10])
    x = np.array([original(dataset, name, [row])[0] for name in COLUMNS])

    def prepared_values(x):
        text = "income\tage\tdebt\n" + "\t".join(repr(float(v)) for v in x) + "\n"
        again = transform(read_text(text), found.preparation)
        return (again.center + again.scale * again.X)[0]

    jacobian = np.empty((3, 3))
    for j in range(3):
        h = np.zeros(3)
        h[j] = 1e-5 * abs(x[j])
        jacobian[:, j] = (prepared_values(x + h) - prepared_values(x - h)) / (2 * h[j])
    assert found.log_slope[10] == pytest.approx(np.linalg.slogdet(jacobian)[1], abs=1e-6)


# --- what cannot be done -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (("log debt",), "have no logarithm", "Yeo-Johnson"),
        (("box-cox debt",), "have no logarithm", "Leave those rows out"),
        (("log debtt",), "'debtt' is not among", "Tick it"),
        (("components number=2", "log income"), "'income' is not among those", "move"),
        (("components number=2", "components number=1"), "components already", "once"),
        (("components number=7",), "no 7 principal", "fewer"),
        (("indicators city", "indicators city"), "'city = .*' already", "once"),
        (("indicators income",), "118 categories", "fewer"),
        (("leave-out nothing > 1",), "no column 'nothing'", "income, age"),
        (("leave-out age > old",), "'old' is not one", "number"),
        (("leave-out income > 0",), "leave 0 rows", "Switch off"),
        (("leave-out-rows 121",), "no row 121", "Correct"),
        (("hold-out share=0.1", "hold-out share=0.2"), "Two steps hold out", "Switch"),
        (("log income", "log income"), "'income' is not among", "move"),
        (("drop age", "drop income", "drop debt"), "drop every column", "Switch off"),
        (("leave-out city != Rome", "indicators city"), "no two categories", "another"),
    ],
)
def test_steps_that_cannot_be_done_are_named(dataset, lines, message, hint):
    with pytest.raises(DataError, match=message) as caught:
        prepare(dataset, COLUMNS, steps=steps(*lines))
    assert hint in caught.value.hint


def test_a_name_that_is_taken_is_refused():
    dataset = read_text("x\tlog(x)\n1\t2.5\n2\t3.5\n5\t1.5\n")
    with pytest.raises(DataError, match=r"a column 'log\(x\)' already"):
        prepare(dataset, ["x", "log(x)"], steps=steps("log x"))


def test_off_is_not_taken_and_undone_is_as_before(dataset):
    on = steps("log income", "components number=2")
    off = (msgspec.structs.replace(on[0], on=False), on[1])
    np.testing.assert_array_equal(
        prepare(dataset, COLUMNS, steps=off).X, prepare(dataset, COLUMNS, steps=on[1:]).X
    )


def test_a_word_for_a_missing_value_is_no_category():
    found = prepare(load_sample("penguins"), steps=steps("indicators sex"))
    assert found.columns[-1] == "sex = female"
    counted = dict(zip(found.reasons, found.n_by_reason.tolist(), strict=True))
    assert counted["missing: sex"] == 9


@pytest.mark.parametrize("name", ["customers", "wine", "penguins"])
def test_samples(name):
    sample = load_sample(name)
    found = prepare(
        sample,
        steps=[
            Power(columns=sample.recommended),
            PrincipalComponents(share=0.8),
            HoldOut(share=0.1),
        ],
    )
    assert 1 <= len(found.columns) < len(sample.recommended) + 1
    np.testing.assert_array_equal(transform(sample, found.preparation).X, found.X)


def test_a_new_value_beyond_all_numbers_is_left_out():
    rng = np.random.default_rng(0)
    x = -np.exp(rng.normal(size=60))  # whose power is far above 1
    table = read_text("x\ty\n" + "".join(f"{v!r}\t{i % 7}\n" for i, v in enumerate(x.tolist())))
    found = prepare(table, ["x", "y"], steps=steps("yeo-johnson x"))
    assert found.preparation.steps[0].maps[0].power > 1.5
    again = transform(read_text("x\ty\n1e250\t1.5\n-2.5\t2.5\n"), found.preparation)
    assert again.rows.tolist() == [1]
    assert again.reasons == ("outside the range of Yeo-Johnson(x)",)


@pytest.mark.parametrize("late", ["yeo-johnson PC1", "log PC2 shift=10"])
def test_components_are_not_bent(dataset, late):
    with pytest.raises(DataError, match=r"'PC.' is a principal component.*Put this step before"):
        prepare(dataset, COLUMNS, steps=steps("components number=2", late))


def test_a_model_file_that_bends_or_turns_components_is_unsound(dataset):
    fitted = prepare(dataset, COLUMNS, steps=steps("components number=2")).preparation
    (rotation,) = fitted.steps
    bent = Mapped(columns=("PC1",), maps=(Log(shift=100.0),))
    turned = Rotation(
        columns=("PC1", "PC2"),
        center=(0.0, 0.0),
        scale=(1.0, 1.0),
        loadings=((1.0, 0.0), (0.0, 1.0)),
        shares=(0.5, 0.5),
    )
    for step, columns in ((bent, ("log(PC1 + 100)", "PC2")), (turned, ("PC1", "PC2"))):
        unsound = msgspec.structs.replace(fitted, columns=columns, steps=(rotation, step))
        assert flaw_of(unsound) == "a step changes principal components"
    assert flaw_of(fitted) == ""
    # Those of a table whose own columns are called so are none.
    named = read_text("PC1\tPC2\n" + "".join(f"{i}.5\t{i * i % 7}.25\n" for i in range(20)))
    found = prepare(named, steps=steps("log PC1"))
    assert flaw_of(found.preparation) == ""


def test_the_fit_sees_the_rows_that_are_not_held_out(dataset):
    found = prepare(dataset, COLUMNS, steps=steps("hold-out share=0.25"))
    seen = found.fitted()
    np.testing.assert_array_equal(seen, found.X[~found.held_out])
    assert seen.flags.f_contiguous
