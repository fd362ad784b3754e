"""What the candidates of a search wait for, whatever is done first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.engine import MODELS, FitSpec, Tried, candidates, fit
from gmmdesk.engine.candidate_fits import Trial
from gmmdesk.engine.schedule import Schedule
from gmmdesk.engine.starts.warm_starts import beside, parents, simpler

SPECS = candidates(["EII", "VII", "EEI", "VEI", "VVV"], range(1, 4), FitSpec(restarts=2))


@pytest.fixture(scope="module")
def answers():
    """Of each candidate a first answer and a second."""
    X = np.random.default_rng(0).normal(size=(60, 2))
    X[:20] += 4.0
    first = [Tried(spec, fit(X, spec)) for spec in SPECS]
    again = [replace(one, result=replace(one.result, starts=())) for one in first]
    return first, again


def answer(trial: Trial, answers: tuple[list[Tried], list[Tried]]) -> Tried:
    return answers[trial.found is not None][trial.place]


def made_of(trial: Trial) -> tuple[int, bool, list[list[list[float]]]]:
    return trial.place, trial.found is not None, [one.means.tolist() for one in trial.warm]


def through(answers, choose):
    """The trials of a search in which `choose` says which of those under way ends next."""
    schedule = Schedule(SPECS, {})
    under_way, ended = [], []
    while True:
        while (trial := schedule.next()) is not None:
            under_way.append(trial)
        if not under_way:
            return schedule, ended
        trial = under_way.pop(choose(len(under_way)))
        schedule.note(trial, answer(trial, answers))
        ended.append(trial)


def test_each_is_fitted_and_tried_again_once(answers):
    schedule, ended = through(answers, lambda _n: 0)
    firsts = [trial.place for trial in ended if trial.found is None]
    again = [trial.place for trial in ended if trial.found is not None]
    assert sorted(firsts) == list(range(len(SPECS)))
    has_some = {"EII", "VII", "EEI", "VEI"}  # no other is next to VVV
    assert sorted(again) == [
        i for i, spec in enumerate(SPECS) if spec.n_components > 1 and spec.model in has_some
    ]
    assert [one.spec for one in schedule.tried] == list(SPECS)
    kept = answers[1]
    assert all(schedule.tried[i].result is kept[i].result for i in again)


def test_what_each_waits_for(answers):
    _, ended = through(answers, lambda _n: 0)
    order = {(trial.place, trial.found is not None): i for i, trial in enumerate(ended)}
    for (place, again), i in order.items():
        spec = SPECS[place]
        for other, one in enumerate(SPECS):
            if one.n_components == spec.n_components and other != place:
                if again and one.model in beside(spec.model):
                    assert order[other, False] < i
                if again and one.model in parents(spec.model):
                    assert order[other, True] < i
                if one.model in simpler(spec.model):
                    assert order[other, False] < i
            if (one.model, one.n_components) == (spec.model, spec.n_components - 1):
                last = (other, True) in order
                assert order[other, last] < i


@given(data=st.data())
def test_starts_do_not_depend_on_what_ends_first(answers, data):
    def choose(n: int) -> int:
        return data.draw(st.integers(0, n - 1))

    _, expected = through(answers, lambda _n: 0)
    _, found = through(answers, choose)

    def starts(trials):
        return sorted(made_of(trial) for trial in trials)

    assert starts(found) == starts(expected)


def test_a_trial_given_back_is_handed_out_again(answers):
    first, _ = answers
    schedule = Schedule(SPECS, {})
    kinds = set()
    while (trial := schedule.next()) is not None:
        schedule.give_back(trial)
        same = schedule.next()
        assert made_of(same) == made_of(trial)
        kinds.add((same.found is not None, len(same.warm) > 0))
        schedule.note(same, first[same.place])
    assert kinds >= {(False, False), (False, True), (True, True)}


def test_what_is_known_already_is_not_fitted(answers):
    first, _ = answers
    schedule = Schedule(SPECS, dict(enumerate(first)))
    assert len(schedule) == 0
    assert schedule.next() is None
    assert schedule.tried == tuple(first)


@pytest.mark.parametrize("alone", [{"restarts": 1}, {"models": ["VVV"]}])
def test_without_others_or_restarts_none_is_tried_again(alone):
    specs = candidates(
        alone.get("models", MODELS), [2, 3], FitSpec(restarts=alone.get("restarts", 10))
    )
    assert len(Schedule(specs, {})) == len(specs)


def test_one_that_could_not_be_fitted_is_left_as_it_is(answers):
    first, _ = answers
    schedule = Schedule(SPECS, {})
    again, last = [], []
    while (trial := schedule.next()) is not None:
        tried = first[trial.place]
        if trial.spec.model == "EII":
            tried = Tried(tried.spec, error=None)
        if trial.found is not None:
            again.append(trial.spec.model)
        if schedule.note(trial, tried):
            last.append(trial.place)
    assert "VII" in again
    assert "EII" not in again
    assert sorted(last) == list(range(len(SPECS)))  # each once
    assert schedule.share == 1.0
