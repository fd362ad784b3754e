"""Sessions of every kind, made once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gmmdesk.analysis import Finding, Settings, analyse
from gmmdesk.analysis.settings import Searched
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import HoldOut, Logarithm
from gmmdesk.session.answer import Answer, HistoryPoint
from gmmdesk.session.records import Session
from gmmdesk.session.tables import reference_to
from gmmdesk.session.view import MapState, ViewState


def analysed(dataset, **settings):
    steps, history = analyse(dataset, Settings(**settings)), []
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value, history
        history.append(
            HistoryPoint(
                progress.candidate,
                progress.scaled.restart,
                progress.scaled.iteration,
                progress.log_likelihood,
                progress.scaled.n_sampled,
            )
        )


VIEW = ViewState(
    current_cluster=1,
    map=MapState(axes=("bill_depth_mm", 2), level=0.5, region=(1.0, -2.5, 3.0, 4.0)),
    splitters={"workspace": (300, 700, 280)},
)
PASTED = "who\twidth\theight\n" + "".join(
    f"00{i}\t{i % 2 * 10 + i / 40:.3f}\t{'n/k' if i == 7 else i % 2 * 5 + i * 7 % 11}\n"
    for i in range(40)
)


def session_about(dataset, **settings):
    """A session with an answer, and the analysis it keeps."""
    analysis, history = analysed(dataset, **settings)
    analysis = analysis.changed(after=(Searched(k_min=1, k_max=9, models=("VVV", "EEE")),))
    names, colors = {0: "Chinstrap, Adélie 🐧"}, {1: "#123456"}
    answer = Answer(Finding.of(analysis), history, 1.25, names, colors, outlier_level=0.05)
    data = reference_to(dataset, None)
    session = Session(data, analysis.settings, answer, VIEW)
    return SimpleNamespace(session=session, analysis=analysis, dataset=dataset)


@pytest.fixture(scope="session")
def penguins():
    return session_about(load_sample("penguins"), k_min=1, k_max=3, models=("VVV", "EEE"))


@pytest.fixture(scope="session")
def noisy():
    return session_about(
        load_sample("penguins"), k_min=2, k_max=2, models=("VVI",), noise=True, missing="em"
    )


@pytest.fixture(scope="session")
def prepared():
    steps = (Logarithm(columns=("body_mass_g",)), HoldOut(share=0.25, seed=3))
    return session_about(load_sample("penguins"), k_min=2, k_max=2, models=("VVI",), steps=steps)


@pytest.fixture(scope="session")
def pasted():
    return session_about(read_text(PASTED), k_min=2, k_max=2, models=("VVV",))
