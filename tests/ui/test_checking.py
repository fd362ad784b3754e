"""Halves of the rows are tried on a thread, one answer at a time, and what came out is kept."""

from __future__ import annotations

import pytest

from gmmdesk.analysis.check import HALVES
from gmmdesk.analysis.shape_words import verdict_with_shapes
from gmmdesk.engine import Resampled
from gmmdesk.export.answer import answer_of
from gmmdesk.session.files import read_session, write_session
from gmmdesk.session.records import Session
from gmmdesk.session.tables import reference_to
from gmmdesk.ui.checking import LATER_MS
from tests.ui.conftest import find_clusters


@pytest.fixture
def checking(qtbot, iris):
    """Of a document with an answer that nobody has checked."""
    iris.checking.automatic = False
    find_clusters(qtbot, iris, 2, models=("EII",))
    assert iris.checking.found is None
    return iris.checking


def finished(qtbot, checking):
    qtbot.waitUntil(lambda: not checking.is_running, timeout=60_000)


def test_what_is_found_comes_bit_by_bit_and_is_kept(qtbot, checking, iris):
    counts = []
    checking.changed.connect(lambda: counts.append(checking.found and checking.found.n))
    checking.start()
    assert checking.is_running
    finished(qtbot, checking)
    found = checking.found
    assert found.n == HALVES
    seen = [count for count in counts if count]
    assert seen == sorted(seen)
    assert checking.known(iris.contents().answer.finding) == found
    assert iris.contents().resampled == found


def test_another_answer_ends_it_and_the_first_goes_on_from_there(qtbot, checking, iris):
    checking.start()
    qtbot.waitUntil(lambda: checking.found is not None, timeout=60_000)
    first = checking.found.agreements
    find_clusters(qtbot, iris, 3, models=("EII",))
    assert not checking.is_running
    assert checking.found is None
    iris.undo()
    qtbot.waitUntil(lambda: iris.analysis is not None and iris.analysis.n_clusters == 2)
    assert checking.is_running
    assert iris.contents().resampled is None  # a part of the halves is not for a session
    assert checking.found.agreements[: len(first)] == first
    checking.stop()
    finished(qtbot, checking)


def test_it_can_be_stopped_and_begun_again(qtbot, checking):
    checking.start()
    qtbot.waitUntil(lambda: checking.found is not None, timeout=60_000)
    checking.stop()
    finished(qtbot, checking)
    assert 0 < checking.found.n <= HALVES
    checking.start()
    finished(qtbot, checking)
    assert checking.found.n == HALVES


def test_an_answer_is_looked_at_before_it_is_checked(qtbot, iris):
    checking = iris.checking
    checking.automatic = True
    find_clusters(qtbot, iris, 2, models=("EII",))
    assert checking.is_running
    assert checking.settled is None
    checking.stop()
    assert not checking.is_running
    assert checking.found is None
    qtbot.wait(2 * LATER_MS)
    assert not checking.is_running
    checking.start()
    finished(qtbot, checking)
    assert checking.settled.n == HALVES


def test_what_is_exported_says_nothing_of_halves_before_the_window_does(qtbot, checking, iris):
    checking.start()
    qtbot.waitUntil(lambda: checking.found is not None, timeout=60_000)
    assert checking.is_running
    assert iris.analysis_as_shown.resampled is None
    assert answer_of(iris.analysis_as_shown).headline.startswith("Still checking. So far: ")
    assert verdict_with_shapes(iris.analysis_as_shown).headline.startswith("Still checking")
    finished(qtbot, checking)
    assert iris.analysis_as_shown.resampled is checking.settled
    assert "Still" not in answer_of(iris.analysis_as_shown).headline
    assert checking.settled.n == HALVES


def test_another_table_leaves_nothing_of_the_answer(qtbot, checking, iris):
    checking.start()
    qtbot.waitUntil(lambda: checking.found is not None, timeout=60_000)
    checking.forget()
    assert not checking.is_running
    assert checking.found is None
    assert not checking.can_start


def remembered(checking, iris):
    """As when a session is opened that has kept what two halves said of the answer."""
    finding = iris.contents().answer.finding
    checking.remember(finding, Resampled((1.0, 0.5)))
    checking.automatic = True
    checking.show(None, None)
    checking.show(finding, iris.analysis)


def test_what_an_early_session_kept_does_not_tell_of_merged_clusters(qtbot, checking, iris):
    remembered(checking, iris)
    iris.edits.merge((0, 1))
    qtbot.waitUntil(lambda: iris.analysis.grouping is not None)
    assert checking.is_running
    finished(qtbot, checking)
    assert checking.settled.tells_of_clusters


def test_what_is_remembered_is_not_looked_for_again(qtbot, checking, iris):
    remembered(checking, iris)
    assert checking.found.agreements == (1.0, 0.5)
    assert not checking.is_running


def test_what_was_found_of_every_answer_is_kept_and_brought_back(qtbot, checking, iris):
    first = iris.contents().answer.finding
    checking.remember(first, Resampled((1.0, 0.5)))
    find_clusters(qtbot, iris, 3, models=("EII",))
    contents = iris.contents()
    assert contents.past.checked == {first: Resampled((1.0, 0.5))}
    checking.forget()
    iris.set_contents(contents, {})
    assert checking.known(first) == Resampled((1.0, 0.5))


def test_what_was_found_of_merged_clusters_is_there_again_with_the_session(
    qtbot, checking, iris, tmp_path
):
    find_clusters(qtbot, iris, 3, models=("EII",))
    iris.edits.merge((0, 1))
    qtbot.waitUntil(lambda: iris.analysis.grouping is not None)
    checking.start()
    finished(qtbot, checking)
    before = iris.analysis.verdict.with_resamples(checking.settled).resampled
    contents = iris.contents()
    data = reference_to(contents.dataset, None)
    saved = Session(data, contents.settings, contents.answer, resampled=contents.resampled)
    write_session(saved, tmp_path / "s.gmmdesk", embed=contents.dataset)
    session, _ = read_session(tmp_path / "s.gmmdesk")
    checking.automatic = True
    iris.set_contents(
        contents._replace(answer=session.answer, resampled=session.resampled, past=None), {}
    )
    qtbot.waitUntil(lambda: iris.analysis is not None)
    assert not checking.is_running
    assert before.n == HALVES
    assert iris.analysis.verdict.with_resamples(checking.settled).resampled == before
