"""The program in a real window, on a virtual screen with a window manager."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from gmmdesk.analysis.palette import PALETTE
from gmmdesk.data.samples import load_sample


def colors(path):
    image = QImage(str(path))
    assert not image.isNull()
    found = {}
    for y in range(0, image.height(), 2):
        for x in range(0, image.width(), 2):
            color = image.pixelColor(x, y).name()
            found[color] = found.get(color, 0) + 1
    return image, found


def near(color, found, tolerance=40):
    """How many pixels are close to a colour; antialiasing and fading change it somewhat."""
    wanted = QColor(color)
    return sum(
        n
        for name, n in found.items()
        for other in [QColor(name)]
        if abs(other.red() - wanted.red())
        + abs(other.green() - wanted.green())
        + abs(other.blue() - wanted.blue())
        < tolerance
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_window_shows_the_clusters(real_window, tmp_path, theme):
    out = tmp_path / "window.png"
    command = [sys.executable, "-m", "gmmdesk.ui.screenshot", "sample:faithful", "--k", "2"]
    command += ["--window", "--theme", theme, "--out", str(out)]
    done = subprocess.run(
        command, env=real_window, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    image, found = colors(out)
    assert (image.width(), image.height()) == (1280, 800)
    background = QColor(max(found, key=found.__getitem__))
    assert (background.lightness() < 128) == (theme == "dark")
    assert near(PALETTE[0], found) > 100
    assert near(PALETTE[1], found) > 100
    assert near(PALETTE[2], found) < near(PALETTE[1], found) / 5


def test_rows_are_selected_with_the_mouse(real_window, tmp_path):
    """The lower left of the geyser's map, which holds the short eruptions."""
    out = tmp_path / "selected.png"
    command = [sys.executable, "-m", "tests.ui.drag_in_window", str(out)]
    done = subprocess.run(
        command, env=real_window, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    values = np.array([column.numbers() for column in load_sample("faithful").columns])
    middle = (values.min(axis=1) + values.max(axis=1)) / 2
    n_wanted = int((values < middle[:, None]).all(axis=0).sum())
    n_selected, is_shown, said = done.stdout.split(" ", 2)
    assert abs(int(n_selected) - n_wanted) <= 2  # the middle is met to the pixel
    assert is_shown == "True"
    assert said.strip() == f"{n_selected} rows selected"
    assert not QImage(str(out)).isNull()


def test_screenshot_of_a_missing_file_fails_in_words(tmp_path):
    command = [sys.executable, "-m", "gmmdesk.ui.screenshot", str(tmp_path / "none.csv")]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "x.png")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "none.csv" in done.stderr
    assert "Traceback" not in done.stderr
