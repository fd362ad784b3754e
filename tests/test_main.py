import os
import subprocess
import sys
import types

import pytest

from gmmdesk import cli, display
from gmmdesk.__main__ import main


@pytest.fixture
def with_display(monkeypatch):
    monkeypatch.setattr(display, "has_display", lambda variables: True)


@pytest.fixture
def opened(monkeypatch, with_display):
    """What the window was asked to open; a stand-in for it, without Qt."""
    sources = []
    window = types.ModuleType("gmmdesk.ui.app")
    window.main = lambda source=None: sources.append(source) or 7
    monkeypatch.setitem(sys.modules, "gmmdesk.ui.app", window)
    return sources


@pytest.mark.parametrize(
    ("arguments", "source"), [([], None), (["a.csv"], "a.csv"), (["sample:iris"], "sample:iris")]
)
def test_without_a_command_the_window_opens(opened, arguments, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").touch()
    assert main(arguments) == 7
    assert opened == [source]


@pytest.mark.parametrize("arguments", [["samples"], ["a.csv", "b.csv"], ["--unknown"]])
def test_everything_else_is_the_command_line(opened, monkeypatch, arguments):
    seen = []
    monkeypatch.setattr(cli, "main", lambda given: seen.append(given) or 0)
    assert main(arguments) == 0
    assert seen == [arguments]
    assert opened == []


def test_a_window_that_cannot_open_says_why(with_display, monkeypatch, capsys):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "gmmdesk.ui.app":
                raise ImportError("libEGL.so.1: cannot open", name="PySide6.QtGui")

    monkeypatch.delitem(sys.modules, "gmmdesk.ui.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert main([]) == 2
    error = capsys.readouterr().err
    assert "libEGL.so.1" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("typed", ["fiit", "absent.csv", "folder/absent"])
def test_neither_a_command_nor_a_file_opens_no_window(opened, capsys, typed):
    assert main([typed]) == 2
    error = capsys.readouterr().err
    assert f"no command or file '{typed}'" in error
    assert "fit, apply, inspect, samples" in error
    assert error.count("\n") == 1
    assert opened == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize(
    "variables", [{}, {"DISPLAY": ":4077"}, {"QT_QPA_PLATFORM": "offscreen"}], ids=str
)
def test_without_a_display_one_message_says_what_works(variables):
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    others = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-m", "gmmdesk", "sample:iris"],
        env={**others, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "no display" in done.stderr
    assert "gmmdesk fit FILE" in done.stderr
    assert done.stderr.count("\n") == 1
