"""A display counts when it answers, and when what is drawn on it can be seen."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gmmdesk.display import has_display, no_display

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always one")
DEAD = ":4077"  # a number that no server takes


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": DEAD}, False),
        ({"DISPLAY": "no display"}, False),
        ({"DISPLAY": "\udcff"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/no/such/folder"}, False),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": DEAD}, False),
        ({"QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "Minimal"}, False),
        ({"QT_QPA_PLATFORM": "vnc:port=5901"}, False),
        ({"QT_QPA_PLATFORM": "xcb;offscreen", "DISPLAY": DEAD}, False),
        ({"QT_QPA_PLATFORM": "linuxfb"}, True),
    ],
)
@linux_only
def test_a_name_alone_is_no_display(variables: Mapping[str, str], expected: bool) -> None:
    assert has_display(variables) is expected


@linux_only
def test_an_x_server_that_answers_is_a_display(real_window: dict[str, str]) -> None:
    assert has_display(real_window)
    display = {"DISPLAY": real_window["DISPLAY"]}
    assert has_display(display)
    assert has_display({**display, "WAYLAND_DISPLAY": "none"})  # Qt takes the other
    assert not has_display({**display, "QT_QPA_PLATFORM": "wayland"})
    assert not has_display({**display, "QT_QPA_PLATFORM": "offscreen"})


@linux_only
def test_a_wayland_server_that_answers_is_a_display(tmp_path: Path) -> None:
    variables = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        assert not has_display(variables)
        server.listen()
        assert has_display(variables)
        assert has_display({"WAYLAND_DISPLAY": str(tmp_path / "wayland-7"), "DISPLAY": DEAD})
        assert has_display({**variables, "QT_QPA_PLATFORM": "xcb;wayland-egl"})
        assert not has_display({**variables, "QT_QPA_PLATFORM": "xcb"})


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_there_is_always_one(platform: str) -> None:
    assert has_display({"DISPLAY": DEAD}, platform)


def test_what_was_tried_is_named() -> None:
    assert no_display({"DISPLAY": ""}) == "There is no display to open a window on."
    assert no_display({"DISPLAY": DEAD, "HOME": "/"}).endswith(f"on (DISPLAY={DEAD}).")
