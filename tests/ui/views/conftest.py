"""A document with a table, and with an answer."""

from __future__ import annotations

import gc

import pytest

from gmmdesk.ui.document import Document


def open_sample(qtbot, document, name):
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.open(f"sample:{name}")


def find_clusters(qtbot, document, k, **changes):
    document.change_settings("Choose", k_min=k, k_max=k, restarts=1, **changes)
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()


@pytest.fixture
def document(qtbot):
    document = Document()
    document.fitting.replays = False
    problems = []
    document.problem_raised.connect(problems.append)
    yield document
    document.close()
    assert problems == []


@pytest.fixture
def iris(qtbot, document):
    open_sample(qtbot, document, "iris")
    return document


@pytest.fixture
def clustered_iris(qtbot, iris):
    find_clusters(qtbot, iris, 3)
    assert iris.analysis is not None
    return iris


@pytest.fixture(autouse=True)
def _collected_here():
    """Collect the cycles of a test's widgets on this thread, not on whichever allocates next."""
    yield
    gc.collect()
