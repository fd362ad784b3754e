"""A fit that runs, at one moment."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data.samples import load_sample
from gmmdesk.session.answer import HistoryPoint
from gmmdesk.task import Task
from gmmdesk.ui.contents import Contents
from gmmdesk.ui.fits import Unfinished


def test_the_course_of_a_fit_is_its_own_among_those_of_other_starts():
    """One start after the other is tried, then the best of them goes on."""
    dataset = load_sample("iris")
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=5)
    contents = Contents(dataset, settings, None)
    points, n_looked, went_on = [], 0, False
    for progress in analyse(dataset, settings):
        now = progress.scaled
        points.append(
            HistoryPoint(
                *(progress.candidate, now.restart, now.iteration),
                *(progress.log_likelihood, now.n_sampled),
            )
        )
        went_on = went_on or now.event == "chosen"
        if now.event != "chosen" and now.iteration % 10:
            continue
        unfinished = Unfinished(dataset, settings, progress, tuple(points), 1.0, None, None)
        fit = unfinished.kept_in(contents, Task()).answer.finding.scaled
        assert len(fit.history) == now.iteration
        assert (np.diff(fit.history) >= -1e-9).all()
        n_looked += 1
    assert went_on
    assert n_looked > 5
