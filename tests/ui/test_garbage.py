"""Cycles are collected, and on the UI thread only."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from gmmdesk.ui.garbage import GarbageCollector


@pytest.fixture
def automatic(garbage):
    """As Python begins; the other tests of windows have it otherwise."""
    gc.enable()
    yield
    gc.disable()


class Cycle:
    def __init__(self):
        self.me = self


def test_collects_on_the_ui_thread_only(qtbot, automatic):
    parent = QObject()
    collector = GarbageCollector(parent)
    collected_on = []
    first = Cycle()
    weakref.finalize(first, lambda: collected_on.append(threading.current_thread()))
    del first
    collector.start()
    try:

        def make_garbage():
            for _ in range(50_000):
                Cycle()

        thread = threading.Thread(target=make_garbage)
        thread.start()
        thread.join()
        assert not collected_on
        qtbot.waitUntil(lambda: bool(collected_on))
    finally:
        collector.stop()
    assert collected_on == [threading.main_thread()]
    assert gc.isenabled()
