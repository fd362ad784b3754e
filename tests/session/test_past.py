"""The history of a session comes back; one that does not fit together is refused."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.options import FOUND_OUT, ReadOptions
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import Resampled
from gmmdesk.errors import ReadError
from gmmdesk.session.files import read_session, write_session
from gmmdesk.session.past import MAX_FINDINGS, MAX_STEPS, Past, State
from tests.session.conftest import session_about


def read_changed(path, change):
    """Read the session at `path` after a change of the JSON of its history."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    session = json.loads(parts["session.json"])
    change(session["past"])
    parts["session.json"] = json.dumps(session).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return read_session(path)


@pytest.fixture(scope="module")
def worked(penguins):
    """A session in which two fits were made and named, and the last two changes taken back."""
    made = penguins
    first = session_about(made.dataset, k_min=2, k_max=2, models=("EEE",)).session
    present = made.session
    commas = ReadOptions(decimal=",")
    named = present.answer._replace(given_names={0: "Gentoo"})
    weights = named.finding.scaled.weights
    strange = named._replace(outlier_level=0.01)
    merged = named._replace(grouping=Grouping.combining([0] * len(weights), weights))
    states = (
        State(first.settings, None, FOUND_OUT),
        State(first.settings, first.answer, FOUND_OUT),
        State(present.settings, first.answer, commas),
        State(present.settings, present.answer, FOUND_OUT),
        State(present.settings, named, FOUND_OUT),
        State(msgspec.structs.replace(present.settings, seed=9), named, commas),
        State(present.settings, merged, FOUND_OUT),
        State(present.settings, strange, FOUND_OUT),
    )
    texts = ("finding", "changing", "finding", "renaming", "the seed", "merging", "outliers")
    return replace(present, past=Past(states, texts, 3))


def test_every_step_comes_back(worked, tmp_path):
    write_session(worked, tmp_path / "s.gmmdesk")
    again = read_session(tmp_path / "s.gmmdesk")[0]
    past, before = again.past, worked.past
    assert (past.texts, past.at, past.is_cut) == (before.texts, before.at, False)
    assert past.present.answer is again.answer
    for state, old in zip(past.states, before.states, strict=True):
        assert state.settings == old.settings
        assert state.options == old.options
        if old.answer is None:
            assert state.answer is None
            continue
        assert state.answer.names() == old.answer.names()
        assert state.answer.given_colors == old.answer.given_colors
        assert state.answer.grouping == old.answer.grouping
        assert state.answer.history == old.answer.history
        assert (state.answer.finding.sizes == old.answer.finding.sizes).all()
    assert past.states[1].answer is past.states[2].answer  # nothing changed in between
    assert past.states[3].answer.finding is past.states[4].answer.finding
    assert past.states[6].answer.finding is past.states[4].answer.finding
    assert past.states[6].answer.names() == ("Gentoo + 2 more",)


def test_one_more_change_takes_the_place_of_those_taken_back(worked):
    past = worked.past._replace(at=1)
    state = past.states[2]._replace(answer=None)
    longer = past.followed_by("changing one's mind", state)
    assert longer.states == (*past.states[:2], state)
    assert longer.texts == (past.texts[0], "changing one's mind")
    assert longer.present is state


def test_what_a_change_came_to_takes_the_place_of_the_change(worked):
    """A fit that a change has begun is one step with it, and its text says what came of both."""
    past = worked.past
    state = past.states[past.at]
    done = past.completed_by(state._replace(answer=None), "3 clusters of shape VVV in 300 rows")
    assert done.at == past.at
    assert len(done.states) == len(past.states)
    assert done.states[done.at].answer is None
    assert done.states[: done.at] == past.states[: past.at]
    text = done.texts[done.at - 1]
    assert text.startswith(past.texts[past.at - 1])
    assert text.endswith("(3 clusters of shape VVV in 300 rows)")
    assert done.texts[: done.at - 1] == past.texts[: past.at - 1]


def test_what_was_done_long_ago_is_cut_off(worked):
    one = worked.past.states[0]
    many = Past((one,) * (MAX_STEPS + 51), ("x",) * (MAX_STEPS + 50), MAX_STEPS + 40)
    cut = many.cut()
    assert (len(cut.texts), cut.at, cut.is_cut) == (MAX_STEPS, MAX_STEPS, True)
    answer = worked.answer
    fits = [answer._replace(finding=replace(answer.finding)) for _ in range(MAX_FINDINGS + 3)]
    states = tuple(State(one.settings, fit, FOUND_OUT) for fit in fits)
    cut = Past(states, ("x",) * (len(fits) - 1), len(fits) - 2).cut()
    assert cut.states == states[2 : MAX_FINDINGS + 2]
    assert cut.present == states[-2]
    assert cut.is_cut


def test_a_pasted_table_cannot_be_read_again(worked):
    one = worked.past.of_one_reading()
    assert one.states == worked.past.states[3:5]
    assert (one.texts, one.at, one.is_cut) == (("renaming",), 0, True)
    assert Past(one.states, one.texts, 1).of_one_reading().is_cut is False


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (lambda past: past.update(at=8), "more steps"),
        (lambda past: past.update(at=1), "leads elsewhere"),
        (lambda past: past["states"][3].update(options=None), "leads elsewhere"),
        (lambda past: past["states"][2]["options"].update(decimal="x"), "no decimal mark"),
        (lambda past: past["texts"].pop(), "more steps"),
        (lambda past: past["states"][0].update(settings=None), "makes no choices"),
        (lambda past: past["states"][1]["answer"].update(fit=2), "not there"),
        (lambda past: past["states"][4]["answer"].update(names=[[7, "x"]]), "sound session"),
        (lambda past: past["states"][4]["answer"].update(names=[[0, "Cluster 2"]]), "same name"),
        (lambda past: past["answers"].clear(), "not there"),
        (lambda past: past["states"][6]["answer"].update(combined=[1, 0, 2]), "one cluster"),
        (lambda past: past["states"][6]["answer"].update(combined=[9]), "not there"),
    ],
)
def test_a_history_that_does_not_fit_is_refused(worked, tmp_path, change, flaw):
    path = tmp_path / "s.gmmdesk"
    write_session(worked, path)
    with pytest.raises(ReadError, match=flaw) as caught:
        read_changed(path, change)
    assert caught.value.hint


SOME, OTHER, NONE = (RowSet.of_rows(rows, 40).packed() for rows in ([1, 2], [39], []))


def test_selected_rows_come_back_with_every_step(worked, tmp_path):
    states = worked.past.states
    moments = [(states[0], NONE), (states[0], SOME), (states[1], SOME), (states[3], None)]
    moments += [(states[3], OTHER), (states[3], NONE)]
    past = Past.of(moments, ("select", "find", "find", "select", "nothing"), 4)
    assert past.texts == ("select", "find", "find", "select", "nothing")
    write_session(replace(worked, past=past), tmp_path / "s.gmmdesk")
    again = read_session(tmp_path / "s.gmmdesk")[0].past
    assert again.selected == past.selected == (NONE, SOME, SOME, None, OTHER, NONE)
    assert (again.texts, again.at) == (past.texts, past.at)
    assert again.of_one_reading().selected == past.selected


def test_selected_rows_are_kept_as_far_as_there_is_room(worked, monkeypatch):
    state, other = worked.past.states[0], worked.past.states[1]
    moments = [(state, NONE), (state, SOME), (other, SOME), (other, OTHER), (other, OTHER)]
    texts = ("far", "find", "near", "nothing happened")
    monkeypatch.setattr("gmmdesk.session.past.MAX_SELECTED", 10)  # bytes: two of three
    past = Past.of(moments, texts, 4)
    assert past.selected == (None, SOME, SOME, OTHER)
    assert (past.texts, past.at) == (("far", "find", "near"), 3)
    monkeypatch.setattr("gmmdesk.session.past.MAX_SELECTED", 5)
    past = Past.of(moments, texts, 4)
    assert (past.selected, past.texts, past.at) == ((None, None, OTHER), ("find", "near"), 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda past: past["states"][1].update(selected=2),
        lambda past: past.update(tables=[40]),
        lambda past: past.update(tables=[40, 99]),
        lambda past: past.update(tables=[10**12, 40]),
    ],
)
def test_selected_rows_that_are_not_there_are_refused(worked, tmp_path, change):
    state, path = worked.past.states[3], tmp_path / "s.gmmdesk"
    write_session(replace(worked, past=Past.of([(state, NONE), (state, SOME)], ("x",), 1)), path)
    with pytest.raises(ReadError, match="selected rows that are not there"):
        read_changed(path, change)


def test_what_halves_of_the_rows_said_of_earlier_answers_comes_back(worked, tmp_path):
    earlier = worked.past.states[1].answer.finding
    told = Resampled((1.0, -1.0), (np.array([[80, 1], [2, 90]]), np.empty((2, 0), np.int64)))
    past = worked.past._replace(checked={earlier: told})
    write_session(replace(worked, past=past), tmp_path / "s.gmmdesk")
    found = read_session(tmp_path / "s.gmmdesk")[0].past
    known = found.checked[found.states[1].answer.finding]
    assert known == told
    assert [table.tolist() for table in known.tables] == [[[80, 1], [2, 90]], [[], []]]
    assert known.of_clusters((0, 0)) == told.of_clusters((0, 0))


def test_what_halves_of_the_rows_said_of_the_answer_comes_back(worked, tmp_path):
    n = len(worked.answer.finding.scaled.weights)
    told = Resampled((1.0,), (np.eye(n, dtype=np.int64),))
    write_session(replace(worked, resampled=told), tmp_path / "s.gmmdesk")
    found = read_session(tmp_path / "s.gmmdesk")[0].resampled
    assert found == told
    assert found.tables[0].tolist() == told.tables[0].tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"agreements": [[2.0]]},
        {"agreements": [[1.0]], "shared": [[[[1], [2]], [[1], [2]]]]},  # of two halves
        {"agreements": [[1.0]], "shared": [[[[1, 2]]]]},  # of one component
        {"agreements": [[1.0]], "shared": [[[[1, 2], [3]]]]},
        {"agreements": [[1.0]], "shared": [[[[-1], [2]]]]},
    ],
)
def test_agreements_that_are_none_are_refused(worked, tmp_path, change):
    write_session(worked, tmp_path / "s.gmmdesk")
    with pytest.raises(ReadError):
        read_changed(tmp_path / "s.gmmdesk", lambda past: past.update(change))
