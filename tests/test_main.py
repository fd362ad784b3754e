import sys
import types

import pytest

from gmmdesk import cli
from gmmdesk.__main__ import main


@pytest.fixture
def opened(monkeypatch):
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


def test_a_window_that_cannot_open_says_why(monkeypatch, capsys):
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
    assert "fit, inspect, samples" in error
    assert error.count("\n") == 1
    assert opened == []


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_without_a_display_one_message_says_what_works(opened, monkeypatch, capsys, platform):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if platform != "linux":  # there is always one
        assert main([]) == 7
        return
    assert main(["sample:iris"]) == 2
    error = capsys.readouterr().err
    assert "no display" in error
    assert "gmmdesk fit FILE" in error
    assert error.count("\n") == 1
    assert opened == []
