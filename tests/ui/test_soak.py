"""A long session does not wear the interpreter out.

PySide6 6.12.0 drops one reference of None with each of several QPainter calls; after some
thousands of repaints none is left and the interpreter aborts ("none_dealloc").
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPAINTS = 5_000

# Moving the range makes the axes draw anew instead of showing a cached picture.
PROGRAM = f"""
import sys
import pyqtgraph as pg
app = pg.mkQApp()
plot = pg.PlotWidget()
plot.resize(160, 120)
plot.plot([1.0, 3.0, 2.0])
plot.show()
before = sys.getrefcount(None)
for i in range({REPAINTS}):
    plot.setXRange(i % 7, 10, padding=0)
    plot.viewport().repaint()
print(before, sys.getrefcount(None))
"""


@pytest.fixture(scope="module")
def soak() -> tuple[int, int]:
    """References to None before and after, counted in a process of its own: it may abort."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    before, after = map(int, done.stdout.split())
    return before, after


def test_repainting_keeps_the_references_of_none(soak: tuple[int, int]) -> None:
    # From Python 3.12 on None is immortal and its count never moves: there this says little.
    before, after = soak
    assert after > before - REPAINTS / 10


def test_the_release_that_drops_references_is_excluded() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8"))
    requirements = map(Requirement, project["project"]["dependencies"])
    (pyside,) = (r for r in requirements if r.name == "PySide6-Essentials")
    assert not pyside.specifier.contains("6.12.0")
    assert pyside.specifier.contains("6.11.3")
