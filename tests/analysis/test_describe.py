"""What clusters are said to be is what they are."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.describe import (
    HIGH_OR_LOW,
    middle_of_all,
    separation,
    suggested_names,
    traits,
)
from gmmdesk.analysis.description import describe
from gmmdesk.analysis.unused import averages, majorities
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import parse_step
from tests.running import finish


def drained(dataset, settings):
    return finish(analyse(dataset, settings))


@pytest.fixture(scope="module")
def penguins():
    return drained(load_sample("penguins"), Settings(k_min=3, k_max=3, models=("EEE",)))


def test_effects_are_differences_in_standard_deviations(penguins):
    result, columns = penguins.result, penguins.prepared.columns
    for k, own in enumerate(traits(penguins)):
        ahead = [round(abs(t.ahead), 2) for t in own]
        assert ahead == sorted(ahead, reverse=True)
        others = [i for i in range(3) if i != k]
        for trait in own:
            j = columns.index(trait.column)
            sd = np.sqrt(result.weights @ result.covariances[:, j, j])
            mean = np.average(result.means[others, j], weights=result.weights[others])
            assert trait.effect == pytest.approx((result.means[k, j] - mean) / sd)
            assert trait.center == pytest.approx(result.means[k, j])


def test_the_majority_of_each_cluster_is_found_in_a_column_that_was_not_used(penguins):
    found = majorities(penguins)
    species = {m.category for own in found for m in own if m.column == "species"}
    assert species == {"Adelie", "Gentoo", "Chinstrap"}
    cells = np.array(penguins.dataset.column("species").cells.to_pylist())[penguins.prepared.rows]
    for k, own in enumerate(found):
        for majority in own:
            if majority.column != "species":
                continue
            here = penguins.rows.label == k
            assert majority.share == pytest.approx((cells[here] == majority.category).mean())
            assert majority.elsewhere == pytest.approx((cells[~here] == majority.category).mean())


def test_what_few_rows_of_a_cluster_say_is_not_said_of_it():
    """Nor is a share told where there is nobody to compare with."""
    rng = np.random.default_rng(2)
    lines = [
        f"{rng.normal(10 * (i % 2)):.3f},{'ab'[i % 2] if i < 8 else ''},{'no' if i % 5 else 'yes'}"
        for i in range(80)
    ]
    table = read_text("\n".join(["x,letter,said", *lines]).replace(",", "\t"))
    two = drained(table, Settings(columns=("x",), k_min=2, k_max=2, models=("V",)))
    assert {m.column for own in majorities(two) for m in own} <= {"said"}
    one = drained(table, Settings(columns=("x",), k_min=1, k_max=1, models=("V",)))
    assert majorities(one) == ((),)


def test_names_are_different_and_say_what_sets_clusters_apart(penguins):
    names = suggested_names(penguins)
    assert len(set(names)) == 3
    gentoo = int(
        np.argmax(penguins.result.means[:, penguins.prepared.columns.index("body_mass_g")])
    )
    assert "flipper_length_mm" in names[gentoo] or "body_mass_g" in names[gentoo]


def test_a_cluster_in_the_middle_is_said_to_lie_between_and_words_keep_their_capitals():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(120, 2)) + np.outer(np.repeat([0.0, 50.0, 100.0], 40), [1.0, 0.0])
    table = read_text("Gas (kWh),b\n" + "".join(f"{a:.3f},{b:.3f}\n" for a, b in rows))
    analysis = drained(table, Settings(k_min=3, k_max=3, models=("EEE",)))
    order = np.argsort(analysis.result.means[:, 0])
    said = [describe(analysis).sentences[k] for k in order]
    assert said[0].startswith("Very low Gas (kWh) (")
    assert said[1].startswith("Between the other clusters in Gas (kWh) (")
    assert suggested_names(analysis)[order[2]] == "Very high Gas (kWh)"


def test_one_group_has_no_traits():
    analysis = drained(load_sample("faithful"), Settings(k_min=1, k_max=1))
    assert all(trait.word == "" for trait in traits(analysis)[0])
    assert suggested_names(analysis) == ("Cluster 1",)
    np.testing.assert_allclose(separation(analysis), 0.0)


def test_the_column_that_tells_clusters_apart_is_told_from_one_that_does_not():
    rng = np.random.default_rng(0)
    apart = np.repeat([0.0, 10.0], 60) + rng.normal(size=120)
    rows = "".join(
        f"{a:.4f},{b:.4f},{'yes' if a > 5 else 'no'},{i}\n"
        for i, (a, b) in enumerate(zip(apart, rng.normal(size=120), strict=True))
    )
    table = read_text("apart,same,known,id\n" + rows)
    settings = Settings(columns=("apart", "same"), k_min=2, k_max=2, models=("VVI",))
    analysis = drained(table, settings)
    share, none = separation(analysis)
    assert share > 0.9
    assert none < 0.1
    assert {t.word for own in traits(analysis) for t in own if t.column == "same"} == {""}
    assert [[m.category for m in own] for own in majorities(analysis)] in (
        [["yes"], ["no"]],
        [["no"], ["yes"]],
    )


def test_what_lies_between_others_is_neither_high_nor_low():
    random = np.random.default_rng(1)
    x = np.repeat([0.0, 12.0, 200.0], [30, 40, 60]) + random.normal(size=130)
    y = np.repeat([0.0, 9.0, 0.0], [30, 40, 60]) + random.normal(size=130)
    table = read_text("x,y\n" + "".join(f"{a:.4f},{b:.4f}\n" for a, b in zip(x, y, strict=True)))
    found = drained(table, Settings(k_min=3, k_max=3, models=("VVI",)))
    order = np.argsort(found.result.means[:, found.prepared.columns.index("x")])
    words = []
    for k in order:
        [trait] = [one for one in traits(found)[k] if one.column == "x"]
        words.append(trait.word)
    assert words == ["very low", "", "very high"]


@pytest.fixture(scope="module")
def logged():
    """Three groups, even on the scale of logarithms: a few of the values are very large."""
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], [60, 60, 60])
    sales = np.exp(rng.normal(3.0 * group, 0.4))
    visits = np.exp(rng.normal(np.array([0.0, 0.2, 4.0])[group], 1.0))
    cells = "".join(f"{a!r},{b!r}\n" for a, b in np.column_stack([visits, sales]).tolist())
    steps = (parse_step("log visits"), parse_step("log sales"))
    return drained(
        read_text(f"visits,sales\n{cells}"),
        Settings(k_min=3, k_max=3, models=("VVI",), steps=steps),
    )


def test_what_is_high_is_judged_on_the_scale_of_the_fit_and_told_in_that_of_the_file(logged):
    columns = [column.numbers() for column in logged.dataset.columns]
    labels = logged.rows.label
    order = np.argsort([np.median(columns[1][labels == k]) for k in range(3)])
    for k, own in enumerate(traits(logged)):
        sales = next(trait for trait in own if trait.column == "sales")
        assert sales.center == pytest.approx(np.median(columns[1][labels == k]))
        medians = [np.log(np.median(columns[1][labels == other])) for other in range(3)]
        away = (medians[k] - np.mean(np.delete(medians, k))) / 0.4
        assert sales.effect == pytest.approx(away, rel=0.15, abs=0.3)
    said = describe(logged).sentences
    assert said[order[0]].startswith("Very low sales (")
    assert said[order[2]].startswith("Very high sales (")
    middle = next(trait for trait in traits(logged)[order[1]] if trait.column == "sales")
    assert not middle.word
    assert middle.between > 2.0


def test_separation_is_by_pairs_of_rows_of_two_clusters(logged):
    """On the scale of the words for what is high, on which it does not matter how a step bends."""
    label = logged.rows.label
    for j, found in enumerate(separation(logged)):
        x = logged.dataset.columns[j].numbers()
        pairs = [
            np.sign(np.subtract.outer(x[label == k], x[label == other])).mean()
            for k, other in ((0, 1), (0, 2), (1, 2))
        ]
        assert found == pytest.approx(np.abs(pairs).mean(), abs=0.05)


def test_a_few_huge_values_blur_neither_the_words_nor_their_order():
    """By means and spreads the column with them would come last, and none of it would be high."""
    rng = np.random.default_rng(0)
    low = np.r_[rng.normal(0, 1, 90), rng.normal(5, 3, 90), [2000.0, 3000.0]]
    plain = np.r_[rng.normal(0, 1, 90), rng.normal(1.5, 1, 92)]
    table = read_text("plain,low\n" + "".join(f"{a:.4f},{b:.4f}\n" for a, b in np.c_[plain, low]))
    settings = Settings(k_min=3, k_max=3, models=("VVI",), restarts=4)
    found = drained(table, settings)
    means = [abs(trait.effect) for trait in traits(found)[0]]
    assert means == sorted(means)  # the other way round
    first, second = traits(found)[0]
    assert abs(first.ahead) > abs(second.ahead)


def test_the_middle_of_all_rows_has_one_name(penguins, logged):
    assert middle_of_all(penguins.profiles) == "the mean of all used rows"
    assert middle_of_all(logged.profiles) == "the median of all used rows"
    both = (*penguins.profiles, *logged.profiles)
    assert middle_of_all(both).startswith("the mean of all used rows, or the median")


def bells_at(centers, sizes, seed=3):
    """Rows of bells of spread 1 along a line, with a column of 0 or 1 and one of numbers beside."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(centers)), sizes)
    x = np.array(centers, float)[group] + rng.normal(size=len(group))
    last = group == len(centers) - 1
    survived = np.where(rng.random(len(group)) < np.where(last, 0.9, 0.3), 1, 0)
    weight = np.where(last, 70.25, 50.25) + 4.0 * rng.normal(size=len(group))
    lines = (f"{a:.4f},{b},{c:.4f}\n" for a, b, c in zip(x, survived, weight, strict=True))
    table = read_text("fare,survived,weight\n" + "".join(lines))
    K = len(centers)
    settings = Settings(columns=("fare",), k_min=K, k_max=K, models=("E",), restarts=4)
    found = drained(table, settings)
    return found, np.argsort(found.result.means[:, 0])


def test_the_second_highest_of_many_is_high_too():
    """By the rest of the rows: one cluster farther on does not make it lie between the others."""
    found, order = bells_at([0, 20, 40, 60, 80], [50] * 5)
    said = [describe(found).sentences[k].split(" fare")[0] for k in order]
    assert said[:2] == ["Very low", "Low"]
    assert said[2].startswith("Between the other clusters in")
    assert said[3:] == ["High", "Very high"]


def test_it_is_said_where_a_column_is_called_high_or_low():
    """By pairs of rows, as they are: bells of spread 1 hardly differ from their rows."""
    limits = [int(share) for share in re.findall(r"(\d+) %", HIGH_OR_LOW)]
    assert limits == [71, 92]  # those of bells 0.8 and 2 apart
    found, order = bells_at([0, 12, 200], (120, 40, 40))
    fare, own = found.dataset.column("fare").numbers(), found.rows.label == order[1]
    above = 100.0 * np.greater.outer(fare[own], fare[~own]).mean()
    assert limits[0] < above < limits[1]
    assert describe(found).sentences[order[1]].startswith("High fare (12")


@pytest.mark.parametrize(("sizes", "word"), [((150, 40, 10), "Very high"), ((120, 40, 40), "High")])
def test_what_is_above_nearly_all_rows_is_very_high_though_few_lie_far_beyond(sizes, word):
    found, order = bells_at([0, 12, 200], sizes)
    said = [describe(found).sentences[k] for k in order]
    assert said[1].startswith(f"{word} fare (12")
    assert said[2].startswith("Very high fare (200")


def test_what_lies_among_the_rest_is_not_said_to_be_near_an_average_far_from_it():
    rng = np.random.default_rng(0)
    x = [*rng.normal(0, 0.1, 200), *rng.normal(0, 3, 200), *rng.normal(100, 1, 60)]
    table = read_text("x\n" + "".join(f"{value:.4f}\n" for value in x))
    found = drained(table, Settings(k_min=3, k_max=3, models=("V",), restarts=4))
    for said, (trait,) in zip(describe(found).sentences, traits(found), strict=True):
        is_far = trait.center > 50.0
        assert abs(trait.effect) > 5.0  # the average of the others lies where none of them is
        assert said.startswith("Very high x" if is_far else "Neither high nor low among the other")


def test_numbers_in_columns_that_were_not_used_are_told_too():
    """Those of a few whole numbers as categories, all others on average."""
    found, order = bells_at([0, 20], [80, 80])
    said = [describe(found).sentences[k] for k in order]
    survived = found.dataset.column("survived").numbers()
    weight = found.dataset.column("weight").numbers()
    high = found.rows.label == order[1]
    share, elsewhere = survived[high].mean(), survived[~high].mean()
    assert f"have survived = 1 ({100 * elsewhere:.0f} % elsewhere)" in said[1]
    assert f"{100 * share:.0f} % have survived" in said[1]
    assert "have survived = 0" in said[0]
    [one] = averages(found)[order[1]]
    assert one.mean == pytest.approx(weight[high].mean())
    assert one.elsewhere == pytest.approx(weight[~high].mean())
    within = np.sqrt((weight[high].var() + weight[~high].var()) / 2)
    assert one.effect == pytest.approx((one.mean - one.elsewhere) / within, rel=1e-3)
    assert said[1].endswith(f"On average weight is {one.mean:.1f} ({one.elsewhere:.1f} elsewhere).")


@pytest.mark.parametrize("values", [(1.5, 3.25), (17.77, 3.33), (4.5, 4.5)])
def test_numbers_that_are_one_in_each_cluster_are_told_whatever_rounding_leaves(values):
    rng = np.random.default_rng(0)
    lines = (f"{9 * (i % 2) + rng.normal():.3f},{values[i % 2]}\n" for i in range(80))
    unlike = "0,9.5\n"  # another value, which no fit sees: a column of one is none of numbers
    steps = (parse_step("leave-out-rows 1"),)
    settings = Settings(columns=("x",), k_min=2, k_max=2, models=("E",), steps=steps)
    told = [
        one
        for own in averages(drained(read_text("x,y\n" + unlike + "".join(lines)), settings))
        for one in own
    ]
    assert all(one.within == 0.0 for one in told)
    apart = sorted(set(values)) if len(set(values)) > 1 else []
    assert sorted(one.mean for one in told) == pytest.approx(apart)


def test_numbers_too_large_to_be_squared_tell_nothing():
    rng = np.random.default_rng(0)
    lines = "".join(f"{9 * (i % 2) + rng.normal():.3f},{rng.normal():.3f}e200\n" for i in range(80))
    found = drained(
        read_text("x,huge\n" + lines), Settings(columns=("x",), k_min=2, k_max=2, models=("E",))
    )
    assert averages(found) == ((), ())


def test_columns_that_say_the_same_are_told_once():
    rng = np.random.default_rng(0)
    lines = "".join(
        f"{rng.normal(9 * (i % 2)):.3f},{i % 2 + 1},{('one', 'two')[i % 2]}\n" for i in range(80)
    )
    table = read_text("x,class,name\n" + lines)
    found = drained(table, Settings(columns=("x",), k_min=2, k_max=2, models=("E",)))
    assert [[one.column for one in own] for own in majorities(found)] == [["class"], ["class"]]
