"""The document: what can be undone, what is kept, and what ends with it."""

from __future__ import annotations

import gc
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from gmmdesk import analysis
from gmmdesk.analysis.identity import same_clusters
from gmmdesk.analysis.palette import color
from gmmdesk.analysis.remedies import Remedy, fewer_clusters, more_restarts
from gmmdesk.analysis.settings import KnownRows, Searched
from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.steps import LeaveOutRows, Logarithm
from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui import answers
from gmmdesk.ui.document import Document
from gmmdesk.ui.file_work import FileWork
from gmmdesk.ui.offers import try_out
from tests.records import same
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


def test_an_answer_with_other_choices_shows_its_own_rows(qtbot, iris):
    """From before the first answer, over choices made after it, to that answer."""
    find_clusters(qtbot, iris, 3)
    answer = iris.analysis
    iris.change_settings("steps", steps=(LeaveOutRows(rows=(1, 2, 3)),))
    last = iris.undo_stack.count()
    with qtbot.waitSignal(iris.prepared_changed):
        iris.go_to_step(0)
    shown = []
    iris.prepared_changed.connect(lambda: shown.append(iris.prepared))
    iris.go_to_step(last)
    assert iris.prepared is answer.prepared
    iris.go_to_step(0)  # this is prepared after anything that was begun before
    qtbot.waitUntil(lambda: len(shown) > 1)
    assert [one is answer.prepared for one in shown] == [True, False]
    assert len(shown[-1].rows) == iris.dataset.n_rows


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


def test_a_remedy_and_what_came_of_it_are_undone_at_once(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    first, settings, steps = iris.analysis, iris.settings, iris.undo_stack.count()
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        try_out(iris, fewer_clusters(2))
    second = iris.analysis
    assert second.n_clusters == 2
    assert iris.undo_stack.count() == steps + 1
    model = second.result.model
    assert iris.undo_stack.undoText() == (
        f"at most 2 clusters (2 clusters of shape {model} in 150 rows)"
    )
    assert iris.contents().past.texts[-1] == iris.undo_stack.undoText()
    iris.undo()
    assert iris.analysis is first
    assert iris.settings == settings
    iris.redo()
    qtbot.waitUntil(lambda: iris.analysis is not None)
    assert iris.analysis.n_clusters == 2
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        try_out(iris, fewer_clusters(2))  # which are the choices already: a step of the fit alone
    iris.undo()
    assert iris.analysis.n_clusters == 2
    assert iris.settings.k_max == 2


def test_what_was_tried_on_other_columns_is_offered_again(qtbot, iris):
    find_clusters(qtbot, iris, 3, models=("EII",))
    remedy = fewer_clusters(2)
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        try_out(iris, remedy)
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        iris.start_fit()
    assert [one.remedy for one in iris.attempts] == [remedy.text, ""]
    iris.change_settings("one less", columns=iris.settings.columns[1:])
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        iris.start_fit()
    assert [one.remedy for one in iris.attempts] == ["", "", ""]
    assert [one.n_components for one in iris.attempts] == [3, 2, 2]


def test_no_fit_begins_where_the_choices_of_a_remedy_are_refused(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    answer, settings = iris.analysis, iris.settings
    problems: list[BaseException] = []
    iris.problem_raised.disconnect()  # elsewhere there are to be none
    iris.problem_raised.connect(problems.append)
    try_out(iris, Remedy("None at all", "", lambda _settings: {"k_max": 0}))
    assert "is no range" in str(problems)
    assert not iris.is_running
    assert iris.analysis is answer
    assert iris.settings == settings


def test_a_remedy_is_one_step_where_rows_are_kept_out_too(qtbot, iris):
    find_clusters(qtbot, iris, 3, models=("EII",))
    iris.change_settings("keeping out", forbidden=(KnownRows(cluster=1, rows=(1, 2)),))
    settings, steps = iris.settings, iris.undo_stack.count()
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        try_out(iris, more_restarts(settings))
    assert iris.settings.start is not None
    assert iris.undo_stack.count() == steps + 1
    iris.undo()
    assert iris.settings == settings


def test_what_is_kept_of_a_remedy_that_is_being_tried_is_one_step_too(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    iris.change_settings("all", models=("VVV", "EEE", "VEV"), k_max=9)
    steps, settings = iris.undo_stack.count(), iris.settings
    try_out(iris, more_restarts(settings))
    qtbot.waitUntil(lambda: iris.unfinished is not None, timeout=20_000)
    past = iris.unfinished.kept_in(iris.contents(), Task()).past
    assert (past.at, len(past.texts)) == (steps + 1, steps + 1)
    assert past.states[-2].settings == settings
    assert past.texts[-1].startswith("more restarts (")
    assert past.present.answer.finding.settings == iris.settings
    iris.change_settings("seed", seed=7)
    later = iris.unfinished
    if later is not None:  # it may have ended
        assert len(later.kept_in(iris.contents(), Task()).past.texts) == steps + 3
    iris.close()


def test_what_completes_a_step_is_told(qtbot, iris):
    """That step may have been saved without it."""
    find_clusters(qtbot, iris, 3)
    try_out(iris, fewer_clusters(2))
    iris.commands.mark_saved()
    told = []
    iris.undo_changed.connect(lambda: told.append(iris.commands.is_saved))
    qtbot.waitUntil(lambda: not iris.is_running, timeout=20_000)
    assert told == [False]


def test_a_choice_made_while_a_remedy_is_tried_keeps_its_own_step(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    steps = iris.undo_stack.count()
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        try_out(iris, fewer_clusters(2))
        iris.change_settings("seed", seed=7)
    assert iris.undo_stack.count() == steps + 3
    iris.undo()  # the answer
    iris.undo()
    assert iris.settings.seed == 0
    assert iris.settings.k_max == 2


def test_time_and_iterations_are_those_of_the_answer_shown(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    first = iris.elapsed(), iris.history
    find_clusters(qtbot, iris, 5)
    assert (iris.elapsed(), iris.history) != first
    iris.undo()  # the answer with five
    assert (iris.elapsed(), iris.history) == first


def test_an_answer_too_large_to_be_kept_is_computed_again(qtbot, iris, monkeypatch):
    monkeypatch.setattr(answers, "_ROOM", 100)
    find_clusters(qtbot, iris, 2)
    iris.edits.rename(0, "First")
    first = iris.analysis
    find_clusters(qtbot, iris, 3)
    second = iris.analysis
    for move, before in ((iris.undo, first), (iris.redo, second)):
        with qtbot.waitSignal(iris.prepared_changed):
            for _ in range(2):  # the fit, and the choice before it
                move()
            assert iris.is_bringing_back
            assert iris.n_clusters == 0  # nothing is shown that does not hold
        qtbot.waitUntil(lambda: not iris.is_bringing_back)
        assert iris.analysis is not before  # its rows were let go
        assert same(iris.analysis.rows, before.rows)
        assert same(iris.analysis.prepared, before.prepared)
        assert iris.n_clusters == before.n_clusters
    for _ in range(2):
        iris.undo()
    qtbot.waitUntil(lambda: not iris.is_bringing_back)
    assert iris.names[0] == "First"


def test_a_jump_computes_the_rows_of_its_goal_only(qtbot, iris, monkeypatch):
    monkeypatch.setattr(answers, "_ROOM", 100)
    steps = {}
    for k in (2, 3, 4):
        find_clusters(qtbot, iris, k)
        steps[k] = iris.undo_stack.index()
    made = []
    iris.analysis_changed.connect(lambda: made.append(iris.n_clusters))
    iris.go_to_step(0)
    assert iris.analysis is None
    made.clear()
    with qtbot.waitSignal(iris.prepared_changed):
        iris.go_to_step(steps[3])
    qtbot.waitUntil(lambda: not iris.is_bringing_back)
    assert [n for n in made if n] == [3]
    assert (iris.settings.k_min, iris.analysis.n_clusters) == (3, 3)


def test_another_criterion_fits_nothing_again(qtbot, iris):
    iris.change_settings("few", k_min=1, k_max=2, models=("EEE",), restarts=1)
    for criterion in ("bic", "aic"):
        iris.change_settings("criterion", criterion=criterion)
        progressed = []
        iris.progressed.connect(lambda progressed=progressed: progressed.append(1))
        with qtbot.waitSignal(iris.run_ended, timeout=20_000):
            iris.start_fit()
        assert bool(progressed) == (criterion == "bic")
        assert len(iris.history) > 1  # of the fits, whenever they were done
    assert iris.analysis.verdict.criterion == "aic"


def test_an_answer_that_cannot_be_computed_again_is_said(qtbot, monkeypatch):
    document = Document()
    document.fitting.replays = False
    document.checking.automatic = False
    open_sample(qtbot, document, "iris")
    monkeypatch.setattr(answers, "_ROOM", 100)
    find_clusters(qtbot, document, 2)
    find_clusters(qtbot, document, 3)

    def full(*_):
        raise GmmdeskError("No memory.")

    monkeypatch.setattr("gmmdesk.analysis.finding.prepared_as", full)
    with qtbot.waitSignal(document.problem_raised):
        document.go_to_step(2)
    assert document.analysis is None
    assert not document.is_bringing_back
    document.close()


def test_every_change_can_be_undone(qtbot, iris):
    """Columns, choices, fits, names and colours; however many there are."""
    for i in range(100):
        iris.change_settings("choosing", seed=i + 1)
    iris.ticks.set(iris.settings.columns[0], False)
    find_clusters(qtbot, iris, 2)
    iris.edits.rename(0, "A")
    iris.edits.recolor(0, "#abcdef")
    last = iris.undo_stack.index()
    assert last == 100 + 1 + 2 + 2
    before = iris.contents()
    iris.go_to_step(0)
    assert iris.settings.seed == 0
    assert len(iris.settings.columns) == 4
    assert iris.contents().answer is None
    iris.go_to_step(last)
    assert iris.contents() == before
    assert iris.colors[0] == "#ABCDEF"
    texts = [iris.undo_stack.command(i).text() for i in (100, 102, 104)]
    found = f"Finding clusters (2 clusters of shape {iris.analysis.result.model} in 150 rows)"
    assert texts == ["Unticking sepal_length_cm", found, "Colouring A"]


def test_colours_are_given_and_taken_back(qtbot, iris):
    find_clusters(qtbot, iris, 2)
    program = iris.colors
    with qtbot.waitSignal(iris.colors_changed):
        iris.edits.recolor(1, "#010203")
    assert iris.colors == (program[0], "#010203")
    n = iris.undo_stack.count()
    iris.edits.recolor(1, "#010203")
    assert iris.undo_stack.count() == n  # nothing changed
    iris.edits.recolor(1, None)
    assert iris.colors == program
    iris.undo()
    assert iris.colors[1] == "#010203"
    iris.undo()
    assert iris.colors == program


def test_given_colours_are_exported(qtbot, iris, tmp_path):
    from openpyxl import load_workbook

    find_clusters(qtbot, iris, 2)
    iris.edits.recolor(1, "#010203")
    with qtbot.waitSignal(iris.exported):
        iris.export(tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["Clusters"]
    colors = [sheet.cell(row, 3).value for row in (2, 3)]
    assert colors == [iris.colors[0], "#010203"]
    assert sheet["C3"].fill.fgColor.rgb[-6:] == "010203"


def findings():
    """All that there are in this process."""
    return [one for one in gc.get_objects() if isinstance(one, analysis.Finding)]


def test_another_table_lets_the_old_one_go(qtbot, iris):
    others = findings()
    find_clusters(qtbot, iris, 2)
    find_clusters(qtbot, iris, 3)
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        try_out(iris, fewer_clusters(2))
    old = weakref.ref(iris.dataset)
    open_sample(qtbot, iris, "faithful")
    gc.collect()
    assert old() is None
    assert {id(one) for one in findings()} <= {id(one) for one in others}


def test_why_there_is_no_preview(qtbot, iris):
    assert iris.preview_problem is None
    columns = [column.name for column in iris.dataset.columns]
    with qtbot.waitSignal(iris.prepared_changed):
        iris.change_settings("Choose", columns=(columns[-1],))  # the species: text
    assert iris.prepared is None
    assert columns[-1] in iris.preview_problem.message


def test_superseded_work_ends_with_the_document(qtbot):
    begun, released = threading.Event(), threading.Event()
    ended = []

    def slow(task):
        begun.set()
        released.wait(10)
        ended.append("slow")

    work = FileWork()
    work.begin("slow", slow, lambda _: None)
    qtbot.waitUntil(begun.is_set)
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
        assert iris.files.is_writing
    assert not iris.files.is_writing
    assert (tmp_path / "out.csv").exists()


def test_closing_stops_what_is_being_prepared_or_chosen(qtbot, iris, monkeypatch):
    """Its threads are waited for on the UI thread."""
    find_clusters(qtbot, iris, 2, models=("VVV", "EEE"))
    started = [threading.Event(), threading.Event()]

    def endless(number, task):
        started[number].set()
        while True:
            task.step()

    monkeypatch.setattr(analysis, "choose", lambda _, __, task: endless(0, task))
    monkeypatch.setattr(analysis, "prepared_as", lambda _, __, task: endless(1, task))
    iris.edits.choose(1 - iris.analysis.best)
    qtbot.waitUntil(started[0].is_set)
    iris.go_to_step(0)  # to the columns as they were before there was an answer
    qtbot.waitUntil(started[1].is_set)
    iris.close()


def read(qtbot, document, path, **options):
    with qtbot.waitSignal(document.dataset_changed, timeout=10_000):
        document.open(str(path), ReadOptions(**options))
    qtbot.waitUntil(lambda: document.prepared is not None)


@pytest.fixture
def again(qtbot, tmp_path):
    """A document with choices for a table of its own file, and what it said."""
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "".join(f"{i}.5,{i * i % 7}.25,{i % 5}.75\n" for i in range(30)))
    document, said = Document(), []
    document.problem_raised.connect(lambda error: said.append(str(error)))
    read(qtbot, document, path)
    steps = (LeaveOutRows(rows=(3,)), Logarithm(columns=("a",)))
    document.change_settings("choosing", columns=("a", "b"), steps=steps, seed=7)
    yield SimpleNamespace(document=document, path=path, said=said)
    document.close()


def test_reading_the_same_rows_in_another_way_keeps_the_choices(qtbot, again):
    before = again.document.settings
    read(qtbot, again.document, again.path, missing_words=("7.5",))
    assert again.document.settings == before
    assert again.said == []
    assert again.document.prepared.X.shape[0] == 28  # row 3, and the one with 7.5


def test_reading_other_rows_switches_off_what_does_not_fit_and_says_so(qtbot, again):
    find_clusters(qtbot, again.document, 2, models=("VVI",))
    kinds = (("a", Kind.TEXT),)
    read(qtbot, again.document, again.path, row_limit=20, kinds=kinds)
    settings = again.document.settings
    assert settings.columns == ("b",)
    assert settings.seed == 7
    assert [step.on for step in settings.steps] == [False, False]
    assert again.document.analysis is None
    (text,) = again.said
    for part in ("Leave out row 3", "Logarithm of a", "called a now", "found again"):
        assert part in text


def test_opening_another_file_begins_anew(qtbot, again, tmp_path):
    other = tmp_path / "u.csv"
    other.write_bytes(again.path.read_bytes())
    read(qtbot, again.document, other)
    assert again.document.settings.steps == ()
    assert again.said == []


def test_clusters_keep_their_names_and_colours_as_far_as_they_are_found_again(qtbot, iris):
    find_clusters(qtbot, iris, 3, models=("VVV",))
    iris.edits.rename(0, "Large")
    iris.edits.recolor(1, "#FF0000")
    before = iris.analysis
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        iris.start_fit()  # with nothing changed
    assert iris.names == ("Large", "Cluster 2", "Cluster 3")
    assert iris.colors[1] == "#FF0000"
    find_clusters(qtbot, iris, 2, models=("VVV",))
    same = same_clusters(before, iris.analysis)
    named = {k for k, name in enumerate(iris.names) if name == "Large"}
    assert named == {k for k, j in same.items() if j == 0}


def test_another_combination_keeps_the_names_of_clusters_that_are_the_same(qtbot, iris):
    iris.change_settings("Choose", k_min=2, k_max=3, models=("VVV",), restarts=1)
    with qtbot.waitSignal(iris.run_ended, timeout=20_000):
        iris.start_fit()
    first = iris.analysis.best
    iris.edits.rename(0, "Known")
    for index in (1 - first, first):
        with qtbot.waitSignal(iris.analysis_changed, timeout=20_000):
            iris.edits.choose(index)
    assert "Known" in iris.names


def test_clusters_that_are_found_again_keep_the_colours_of_the_program(qtbot, document):
    """Groups of 40, 30 and 20 rows far from each other, and of 35 that comes and goes."""
    rng = np.random.default_rng(3)
    sizes, centers = (40, 30, 20, 35), [(0.0, 0.0), (20.0, 0.0), (0.0, 20.0), (20.0, 20.0)]
    rows = np.concatenate(
        [rng.normal(at, 1.0, (n, 2)) for n, at in zip(sizes, centers, strict=True)]
    )
    first = np.repeat(np.arange(4), sizes)
    text = "x,y\n" + "".join(f"{x},{y}\n" for x, y in rows)
    with qtbot.waitSignal(document.prepared_changed):
        document.open_text(text)

    def seen():
        """The colour and shape of each group that is there."""
        found, analysis = {}, document.analysis
        for row, label in zip(analysis.prepared.rows, analysis.rows.label, strict=True):
            found.setdefault(f"g{first[row]}", set()).add(
                (document.colors[label], document.signs[label])
            )
        assert all(len(looks) == 1 for looks in found.values())
        return {group: looks.pop() for group, looks in found.items()}

    def without(group):
        return (LeaveOutRows(rows=tuple((1 + np.flatnonzero(first == group)).tolist())),)

    find_clusters(qtbot, document, 3, models=("EEI",), steps=without(3))
    before = seen()
    assert [before[f"g{k}"] for k in range(3)] == [(color(k), k) for k in range(3)]
    find_clusters(qtbot, document, 4, models=("EEI",), steps=())
    assert seen() == before | {"g3": (color(3), 3)}  # which is the second by its size
    assert document.signs == (0, 3, 1, 2)
    document.edits.recolor(1, "#123456")
    document.edits.recolor(1, None)
    assert seen()["g3"] == (color(3), 3)
    find_clusters(qtbot, document, 3, models=("EEI",), steps=without(0))
    later = seen()
    assert later == {f"g{k}": (color(k), k) for k in (1, 2, 3)}
    find_clusters(qtbot, document, 4, models=("EEI",), steps=())
    assert seen() == later | {"g0": (color(0), 0)}  # the first that is unused
    while document.signs != (0, 1, 2):
        document.undo()
        qtbot.waitUntil(lambda: document.analysis is not None)
    assert seen() == before


def test_a_fit_takes_the_rows_that_are_prepared(qtbot, iris):
    before = iris.prepared
    find_clusters(qtbot, iris, 2)
    assert iris.analysis.prepared is before
    find_clusters(qtbot, iris, 3)
    assert iris.analysis.prepared is before
    find_clusters(qtbot, iris, 3, scaling="none")
    assert iris.analysis.prepared is not before
    assert iris.analysis.prepared.scale.tolist() == [1.0] * 4


def test_what_clusters_are_called_is_found_once(qtbot, iris):
    """Every cell of every table asks for it."""
    find_clusters(qtbot, iris, 3, models=("EEE",))
    asked = ("names", "colors", "signs", "part_names", "part_colors", "part_signs")
    before = {one: getattr(iris, one) for one in asked}
    assert all(getattr(iris, one) is before[one] for one in asked)
    iris.edits.rename(1, "Broad")
    assert iris.names[1] == iris.part_names[1] == "Broad"
    iris.undo()
    assert iris.names == before["names"]


def test_documents_that_are_closed_can_be_collected(qtbot):
    """With their steps, whichever of the two is found first: it crashed."""
    for _ in range(3):
        document = Document()
        open_sample(qtbot, document, "iris")
        document.change_settings("seed", seed=1)
        find_clusters(qtbot, document, 2, models=("EII",))
        closed = weakref.ref(document)
        document.close()
        del document
    gc.collect()
    assert closed() is None


def test_a_number_among_those_that_were_fitted_is_there_without_a_fit(qtbot, iris):
    searched = {"k_min": 1, "k_max": 4, "models": ("EEE", "VVV")}
    iris.change_settings("Choose", restarts=1, **searched)
    with qtbot.waitSignal(iris.run_ended):
        iris.start_fit()
    before, seen = iris.analysis, []
    iris.progressed.connect(lambda: seen.append(iris.progress))
    iris.change_settings("Choose", k_min=3, k_max=3, models=("VVV",))
    with qtbot.waitSignal(iris.run_ended):
        iris.start_fit()
    assert seen == []
    assert iris.analysis.candidates[0] in before.candidates
    assert iris.analysis.after == (Searched(**searched),)
    assert len(iris.analysis.trail) > 1  # how its clusters formed is not forgotten
