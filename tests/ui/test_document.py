"""The document: what can be undone, what is kept, and what ends with it."""

from __future__ import annotations

import gc
import threading
import weakref

from gmmdesk.ui import document as document_module
from gmmdesk.ui.file_work import FileWork
from tests.ui.conftest import find_clusters, open_sample


def test_undo_goes_back_to_before_the_first_answer(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    with qtbot.waitSignal(iris.prepared_changed):
        iris.undo()
    assert iris.analysis is None
    assert iris.prepared is not None
    assert (iris.settings.k_min, iris.settings.k_max) == (3, 3)
    iris.undo()  # the choice made before it
    assert (iris.settings.k_min, iris.settings.k_max) == (1, 9)


def test_nothing_is_undone_while_a_fit_runs(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    first = iris.analysis
    iris.change_settings("Choose", k_min=1, k_max=9, restarts=20)
    with qtbot.waitSignal(iris.progressed):
        iris.start_fit()
    iris.change_settings("Choose", restarts=3)
    assert iris.undo_stack.canUndo()
    iris.undo()
    assert iris.settings.restarts == 3
    assert iris.analysis is None
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        iris.stop_fit()
    iris.undo()
    assert iris.analysis is first


def test_time_and_iterations_are_those_of_the_answer_shown(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    first = iris.elapsed(), iris.history
    find_clusters(qtbot, iris, 5)
    assert (iris.elapsed(), iris.history) != first
    iris.undo()  # the answer with five
    assert (iris.elapsed(), iris.history) == first


def test_an_answer_too_large_to_be_kept_cannot_be_undone(qtbot, iris, monkeypatch):
    monkeypatch.setattr(document_module, "_KEPT_FOR_UNDO", 100)
    find_clusters(qtbot, iris, 2)
    assert not iris.undo_stack.canUndo()


def test_another_table_lets_the_old_one_go(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    find_clusters(qtbot, iris, 3)
    old = weakref.ref(iris.dataset)
    open_sample(qtbot, iris, "faithful")
    gc.collect()
    assert old() is None


def test_why_there_is_no_preview(qtbot, iris):
    assert iris.preview_problem is None
    columns = [column.name for column in iris.dataset.columns]
    with qtbot.waitSignal(iris.prepared_changed):
        iris.change_settings("Choose", columns=(columns[-1],))  # the species: text
    assert iris.prepared is None
    assert columns[-1] in iris.preview_problem.message


def test_superseded_work_ends_with_the_document(qtbot):
    released = threading.Event()
    ended = []

    def slow(task):
        released.wait(10)
        ended.append("slow")

    work = FileWork()
    work.begin("slow", slow, lambda _: None)
    with qtbot.waitSignal(work.ended):
        work.begin("quick", lambda task: None, lambda _: None)
    released.set()
    work.close()
    assert ended == ["slow"]


def test_an_export_that_supersedes_reading_is_an_export(qtbot, iris, tmp_path):
    find_clusters(qtbot, iris, 2)
    iris.open("sample:faithful")
    with qtbot.waitSignal(iris.exported):
        iris.export(tmp_path / "out.csv")
        assert iris.is_exporting
    assert not iris.is_exporting
    assert (tmp_path / "out.csv").exists()
