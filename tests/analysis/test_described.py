"""Whether an answer describes the rows better than the one before is told in the file's units."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from scipy import stats

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.described import Described, described_in_words
from gmmdesk.analysis.difference import Difference, changed
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import HoldOut, Logarithm, Power, PrincipalComponents, parse_step
from gmmdesk.text import fixed
from tests.running import finish

BASE = Settings(k_min=2, k_max=2, models=("EEE",), restarts=2)
ONE = Settings(k_min=1, k_max=1, models=("VVI",), restarts=1)


def table_of(X):
    return read_text("a,b\n" + "\n".join(f"{a:.6f},{b:.6f}" for a, b in X) + "\n")


@pytest.fixture(scope="module")
def table():
    X = np.random.default_rng(4).normal(5.0, 1.0, size=(90, 2)) + np.repeat([[0], [9]], 45, axis=0)
    return table_of(X)


@pytest.fixture(scope="module")
def skewed():
    """Of a log-normal column and a normal one, 200 rows."""
    random = np.random.default_rng(7)
    return table_of(np.column_stack([random.lognormal(2.0, 0.8, 200), random.normal(size=200)]))


def found(table, base=ONE, **changes):
    return finish(analyse(table, msgspec.structs.replace(base, **changes)))


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"k_min": 3, "k_max": 3}, ""),
        ({"scaling": "none"}, ""),
        ({"steps": (Logarithm(columns=("a",)),)}, ""),
        ({"steps": (PrincipalComponents(number=2),)}, ""),
        ({"steps": (parse_step("leave-out-rows 3"),)}, "rows"),
        ({"columns": ("a",)}, "columns"),
        ({"steps": (PrincipalComponents(number=1),)}, "steps"),
    ],
)
def test_answers_are_compared_where_rows_and_columns_are_the_same(table, changes, obstacle):
    told = Described.of(found(table, BASE), found(table, BASE, **changes))
    assert told.obstacle == obstacle
    assert ("cannot be compared" in described_in_words(told)) is bool(obstacle)


def test_as_many_other_rows_are_not_the_same(table):
    one, other = (
        found(table, BASE, steps=(parse_step(step),))
        for step in ("leave-out-rows 3", "leave-out-rows 4")
    )
    assert Described.of(one, other).obstacle == "rows"


def test_answers_with_the_same_lossy_step_compare_with_each_other(table):
    steps = (PrincipalComponents(number=1),)
    told = Described.of(
        found(table, BASE, steps=steps), found(table, BASE, steps=steps, k_min=1, k_max=1)
    )
    assert not told.obstacle
    assert not told.is_bent
    assert described_in_words(told).startswith(
        "These clusters describe the rows worse than those before"
    )


def test_another_scaling_describes_the_rows_as_well(table):
    plain = msgspec.structs.replace(BASE, models=("VVV",))
    told = Described.of(found(table, plain), found(table, plain, scaling="none"))
    assert told.now == pytest.approx(told.before, abs=1e-3)
    assert "about as well as those before" in described_in_words(told)


def test_with_a_prior_it_is_said_of_which_fit_the_bic_is(table):
    before = found(table, BASE)
    plain, prior = (
        described_in_words(replace(Described.of(before, before), has_prior=has_prior))
        for has_prior in (False, True)
    )
    assert "prior" not in plain
    assert "lower is better; with a prior, of the fit it leads to)" in prior
    always = found(table, BASE, prior="always")
    assert Described.of(before, always).has_prior
    assert not Described.of(before, before).has_prior


def test_after_a_logarithm_it_is_the_bic_of_a_log_normal_density(skewed):
    """In closed form: the greatest likelihood of a log-normal and a normal column, 4 parameters."""
    told = Described.of(found(skewed), found(skewed, steps=(Logarithm(columns=("a",)),)))
    a, b = (skewed.column(name).numbers() for name in "ab")
    logs = np.log(a)
    column_b = stats.norm(b.mean(), b.std()).logpdf(b).sum()
    before = stats.norm(a.mean(), a.std()).logpdf(a).sum() + column_b
    now = stats.lognorm(s=logs.std(), scale=math.exp(logs.mean())).logpdf(a).sum() + column_b
    penalty = 4 * math.log(200)
    assert told.before == pytest.approx(penalty - 2 * before, rel=1e-9)
    assert told.now == pytest.approx(penalty - 2 * now, rel=1e-9)
    assert described_in_words(told) == (
        "In the units of the file these clusters describe the rows better than those before (BIC"
        f" {fixed(told.now, 1)}, before {fixed(told.before, 1)}; lower is better)."
    )


def test_after_a_power_its_density_counts_and_the_power_is_a_parameter(skewed):
    step = Power(columns=("a",), method="box-cox")
    told = Described.of(found(skewed), found(skewed, steps=(step,)))
    a, b = (skewed.column(name).numbers() for name in "ab")
    bent, power = stats.boxcox(a)
    column_a = stats.norm(bent.mean(), bent.std()).logpdf(bent).sum()
    column_a += (power - 1.0) * np.log(a).sum()  # the Jacobian
    column_b = stats.norm(b.mean(), b.std()).logpdf(b).sum()
    assert told.now == pytest.approx(5 * math.log(200) - 2 * (column_a + column_b), rel=1e-7)
    assert "; each power that was fitted counts as a parameter" in described_in_words(told)


def test_an_answer_after_a_power_has_one_number_beside_whatever_others(skewed):
    """Where it was bent first it counted the power, and not beside the next of the same steps."""
    steps = (Power(columns=("a",), method="box-cox"),)
    plain, bent = found(skewed), found(skewed, steps=steps)
    first, then = Described.of(plain, bent), Described.of(bent, found(skewed, BASE, steps=steps))
    assert then.before == first.now == pytest.approx(bent.result.bic + math.log(200))
    assert then.n_powers == (1, 1)
    assert not then.is_bent
    assert (
        "lower is better; each power that was fitted counts as a parameter)"
        in described_in_words(then)
    )


def test_rows_that_no_fit_has_seen_do_not_count(skewed):
    """A row that was held out has no logarithm: it is left out, and tells nothing of either fit."""
    hold_out = HoldOut(share=0.2, seed=0)
    held = found(skewed, steps=(hold_out,)).prepared
    X = np.column_stack([skewed.column(name).numbers() for name in "ab"])
    X[held.rows[held.held_out][0], 0] = -1.0
    table = table_of(X)
    before = found(table, steps=(hold_out,))
    now = found(table, steps=(hold_out, Logarithm(columns=("a",))))
    assert now.prepared.X.size < before.prepared.X.size
    assert "better than those before" in described_in_words(Described.of(before, now))


@pytest.mark.parametrize("changes", [{"prior": "always"}, {"k_min": 2, "k_max": 2}])
def test_what_shrinks_onto_alike_rows_is_not_what_others_are_worse_than(changes):
    """Of the cluster of alike rows that was kept up, any likelihood could have come out."""
    X = np.random.default_rng(0).normal(size=(80, 2)) + np.repeat([[0], [9]], 40, axis=0)
    table = table_of(np.vstack([X, np.tile([[20.0, 3.0]], (12, 1))]))
    base = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2, prior="never")
    told = Described.of(found(table, base), found(table, base, **changes))
    assert told.obstacle == "shrunk"
    assert not told.is_worse
    assert "compared with before: of clusters that have shrunk" in described_in_words(told)


def test_a_step_that_makes_the_description_worse_is_told_so(table):
    """Two bells on either side: a logarithm bends the one apart that was round."""
    told = Described.of(found(table, BASE), found(table, BASE, steps=(Logarithm(columns=("a",)),)))
    assert told.now > told.before
    assert "the rows worse than those before" in described_in_words(told)
    found_ = Difference(((45, 0), (0, 45)), ("one", "two"), (90, 90), described=told)
    assert [one.is_doubt for one in changed(found_, ("one", "two"))] == [False, True]
