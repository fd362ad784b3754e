"""The number of clusters is tested on a thread, of one answer at a time."""

from __future__ import annotations


def test_an_answer_whose_rows_are_not_there_yet_is_no_other(qtbot, iris):
    iris.change_settings("Choose", k_min=1, k_max=3, models=("VVV",), restarts=1)
    with qtbot.waitSignal(iris.run_ended):
        iris.start_fit()
    testing, analysis = iris.number_testing, iris.analysis
    finding = iris.contents().answer.finding
    gone = []
    testing.gave_way.connect(lambda: gone.append(True))
    testing.start()
    testing.show(finding, None)  # as where a merge is done again that nobody has kept
    testing.show(finding, analysis)
    assert testing.is_running
    assert not gone
    testing.show(None, None)
    assert not testing.is_running
    assert gone
