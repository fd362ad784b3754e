"""Whether there is a display to open a window on.

Qt ends the process where there is none, so who wants a window asks here first. Standard library
only: packaging/run.py asks too, with whatever Python it is run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_VARIABLES = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")


def has_display(variables: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a window can be seen; elsewhere than on Linux it always can.

    After ssh or su, and in containers, `variables` often name a display that does not answer.
    """
    if platform != "linux":
        return True
    # As in Qt: one or several of its platforms, such as "wayland-egl;xcb:arguments".
    for choice in (variables.get("QT_QPA_PLATFORM") or "wayland;xcb").lower().split(";"):
        name = choice.partition(":")[0].partition("-")[0].strip()
        if name == "wayland":
            found = _wayland_answers(variables)
        elif name == "xcb":
            found = _x_answers(variables)
        else:  # one that draws to the screen itself, or to memory
            found = name not in ("", "minimal", "offscreen", "vnc")
        if found:
            return True
    return False


def no_display(variables: Mapping[str, str]) -> str:
    """In words that there is none, with what was tried in vain."""
    tried = ", ".join(f"{name}={variables[name]}" for name in _VARIABLES if variables.get(name))
    return f"There is no display to open a window on{tried and f' ({tried})'}."


def _wayland_answers(variables: Mapping[str, str]) -> bool:
    import socket

    if not variables.get("WAYLAND_DISPLAY"):
        return False
    with socket.socket(socket.AF_UNIX) as connection:
        folder = Path(variables.get("XDG_RUNTIME_DIR", ""))
        try:
            connection.connect(str(folder / variables["WAYLAND_DISPLAY"]))
        except OSError:
            return False
    return True


def _x_answers(variables: Mapping[str, str]) -> bool:
    if not variables.get("DISPLAY"):
        return False
    # The library that Qt connects with knows every form of address, and shows the server our key.
    try:
        import ctypes

        xcb = ctypes.CDLL("libxcb.so.1")
    except (ImportError, OSError):
        return True  # it cannot be told from here; Qt says what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(os.fsencode(variables["DISPLAY"]), None))
    error: int = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return error == 0
