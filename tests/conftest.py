"""What every test gets: no screen, no trace in the user's home, and nothing left running."""

from __future__ import annotations

import gc
import multiprocessing
import os
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

# Before anything imports Qt. QT_QPA_PLATFORM=xcb in the environment shows the windows of the tests.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CUPS_SERVER"] = os.devnull  # no printers: a server that does not answer is waited for

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
# GMMDESK_FUZZ=10000 tries so many cases of every property that states no number of its own.
hypothesis.settings.register_profile(
    "fuzz", deadline=None, max_examples=int(os.environ.get("GMMDESK_FUZZ", "100"))
)
hypothesis.settings.load_profile(
    "fuzz" if "GMMDESK_FUZZ" in os.environ else "ci" if os.environ.get("CI") else "local"
)

_GRACE = 5.0  # seconds that threads and processes which were told to end may take to do so


# --- the user's home ---------------------------------------------------------------------------

_HOMES = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "roaming",
    "LOCALAPPDATA": "local",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
}


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, where this test's settings, caches and logs go."""
    home = next(_homes)
    home.mkdir()
    for variable, folder in _HOMES.items():
        monkeypatch.setenv(variable, str(home / folder))
    from PySide6.QtCore import QSettings  # pytest-qt has imported it already

    # QSettings reads the environment once per process; this moves it for every test.
    for file_format in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
        QSettings.setPath(file_format, QSettings.Scope.UserScope, str(home / "config"))
    return home


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests share the cores already: a search starts no processes where none are asked for."""
    monkeypatch.setattr("gmmdesk.engine.processes.MOST_PROCESSES", 0)


@pytest.fixture
def two_processes(_one_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search starts two processes, and waits for them: else it may be over before they are up."""
    from gmmdesk.engine import processes

    def enter(self: processes.Processes) -> processes.Processes:
        while len(self._asked) < len(self._all):
            self._hear(30.0)
        return self

    monkeypatch.setattr(processes, "MOST_PROCESSES", 2)
    monkeypatch.setattr(processes, "CANDIDATES_EACH", 2)
    monkeypatch.setattr(processes.Processes, "__enter__", enter)


# --- nothing left running ----------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread, a process, an active timer or a window behind.

    Set up before, and so checked after, the test's other fixtures.
    """
    threads = set(threading.enumerate())
    timers, windows = set(_active_timers()), set(_windows())
    yield
    latest = time.monotonic() + _GRACE
    while set(threading.enumerate()) - threads and time.monotonic() < latest:
        time.sleep(0.005)  # not join, of which one that is just being started knows nothing
    for process in multiprocessing.active_children():
        process.join(_GRACE)
    left: list[object] = [*set(threading.enumerate()) - threads]
    left += multiprocessing.active_children()
    _delete_what_should_be()
    if set(_active_timers()) - timers or set(_windows()) - windows:
        gc.collect()  # widgets are often held by reference cycles only
        _delete_what_should_be()
    left += [*set(_active_timers()) - timers, *set(_windows()) - windows]
    assert not left, f"the test left behind: {', '.join(map(repr, left))}"


def _active_timers() -> Iterator[QTimer]:
    """Every running QTimer that Python code made or has seen."""
    from PySide6.QtCore import QCoreApplication, QTimer

    if QCoreApplication.instance() is None:
        return
    import shiboken6

    for wrapper in shiboken6.getAllValidWrappers():
        if isinstance(wrapper, QTimer) and wrapper.isActive():
            yield wrapper


def _windows() -> Iterator[QWidget]:
    """Every window without a parent, save menus, which pyqtgraph keeps for the next plot."""
    from PySide6.QtWidgets import QApplication, QMenu

    if QApplication.instance() is None:
        return
    for widget in QApplication.topLevelWidgets():
        if widget.parent() is None and not isinstance(widget, QMenu):
            yield widget


def _delete_what_should_be() -> None:
    """Carry out `deleteLater`, which otherwise waits for the next event loop."""
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


# --- a real screen -----------------------------------------------------------------------------


@pytest.fixture
def real_window(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment for subprocesses: a virtual screen of 1600 x 1000 with a window manager."""
    for program in ("Xvfb", "openbox"):
        if shutil.which(program) is None:
            message = f"{program} is not installed: python3 packaging/test.py installs it as root"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    environment = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    log = (tmp_path / "screen.log").open("wb")
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str, pass_fds: tuple[int, ...] = ()) -> None:
        running.append(
            subprocess.Popen(command, stdout=log, stderr=log, env=environment, pass_fds=pass_fds)
        )

    try:
        # Xvfb takes a display number that is free and says which, once it is ready.
        read, write = os.pipe()
        screen = ["-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
        start("Xvfb", "-displayfd", str(write), *screen, pass_fds=(write,))
        os.close(write)
        environment["DISPLAY"] = ":" + _line_from(read, "Xvfb")
        environment["QT_QPA_PLATFORM"] = "xcb"
        # openbox runs the startup command once it manages the screen.
        ready = tmp_path / "openbox-is-ready"
        os.mkfifo(ready)
        read = os.open(ready, os.O_RDWR)
        start("openbox", "--startup", f"sh -c 'echo ready > {ready}'")
        _line_from(read, "openbox")
        yield environment
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(_GRACE)
        log.close()


def _line_from(descriptor: int, program: str) -> str:
    """The line that `program` writes when it is ready; closes `descriptor`."""
    line = b""
    try:
        # Up to the end of the line: Xvfb gives up if nobody reads that.
        while not line.endswith(b"\n") and select.select([descriptor], [], [], 20)[0]:
            line += os.read(descriptor, 100) or b"\n"
    finally:
        os.close(descriptor)
    assert line.strip(), f"{program} did not start"
    return line.decode().strip()
