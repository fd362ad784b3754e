"""A document with an answer."""

from __future__ import annotations

import gc

import pytest

from tests.ui.conftest import find_clusters


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
