"""Makes the environment that gmmdesk runs in, from Python and nothing else.

`environment()` returns the interpreter of `.venv` in the project folder, with everything
installed. What is done is noted in `.venv` and not done again until pyproject.toml, the pinned
versions or the interpreter change; a set-up that was interrupted is taken up by the next run.
Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = Path("packaging", "constraints.txt")
WINDOWS = sys.platform == "win32"
SYSTEM_PACKAGES = "system packages"

# Read off the dynamic sections of PySide6's libraries (QtCore, QtGui, QtDBus, and the xcb, wayland
# and offscreen platform plugins), and tried on a minimal Debian.
QT_PACKAGES = {
    "libegl1": "Qt draws through EGL and links to it even without a screen",
    "libgl1": "the same for OpenGL",
    "libglib2.0-0": "Qt's event loop",
    "libdbus-1-3": "light or dark scheme, and file dialogs of the desktop",
    "libfontconfig1": "finding fonts",
    "libfreetype6": "drawing fonts",
    "fonts-dejavu-core": "a font, so that text is not boxes",
    "libxkbcommon0": "keyboard layouts",
    "libxkbcommon-x11-0": "keyboard layouts on X11",
    "libx11-6": "X11 windows, as are the rest",
    "libx11-xcb1": "X11",
    "libxcb1": "X11",
    "libxcb-cursor0": "mouse cursors",
    "libxcb-glx0": "OpenGL on X11",
    "libxcb-icccm4": "talking to the window manager",
    "libxcb-image0": "pictures",
    "libxcb-keysyms1": "keys",
    "libxcb-randr0": "several screens",
    "libxcb-render0": "drawing",
    "libxcb-render-util0": "drawing",
    "libxcb-shape0": "windows that are not rectangles",
    "libxcb-shm0": "fast pictures",
    "libxcb-sync1": "smooth resizing",
    "libxcb-util1": "X11",
    "libxcb-xfixes0": "the clipboard",
    "libxcb-xkb1": "keyboard layouts on X11",
    "libwayland-client0": "Wayland windows",
    "libwayland-cursor0": "mouse cursors on Wayland",
}
TEST_PACKAGES = {
    "xvfb": "a screen in memory, for tests of the real window",
    "openbox": "a window manager for it",
}


class SetupError(Exception):
    """The environment cannot be made; says why and what to try."""


@dataclass(frozen=True)
class Purpose:
    """What an environment is for: its name, an extra of pyproject.toml, and Debian packages."""

    name: str
    extra: str
    packages: Mapping[str, str]


RUN = Purpose("run", "", QT_PACKAGES)
TEST = Purpose("test", "[dev]", {**QT_PACKAGES, **TEST_PACKAGES})


def environment(purpose: Purpose, root: Path = ROOT) -> Path:
    """The interpreter of the project's own environment, made ready for `purpose`.

    Raises SetupError when something is missing that cannot be installed from here.
    """
    venv = root / ".venv"
    python = venv / ("Scripts/python.exe" if WINDOWS else "bin/python")
    stamp = venv / f"ready-to-{purpose.name}"
    done = noted(stamp)
    if done == {SYSTEM_PACKAGES, fingerprint(root, python)}:
        return python
    say(f"Setting up gmmdesk to {purpose.name}, in {venv}. Later starts skip this.")
    complete = SYSTEM_PACKAGES in done or install_system_packages(
        {**purpose.packages, **venv_package()}
    )
    if fingerprint(root, python) not in done:
        if not works(python) or is_moved(venv):
            make_venv(venv)
        say("Installing the Python packages (the first time about 300 MB, a few minutes) ...")
        install_python_packages(python, purpose.extra, root)
    finished = [SYSTEM_PACKAGES] * complete + [fingerprint(root, python)]
    stamp.write_text("\n".join(finished), encoding="utf-8")
    return python


def end_with(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run the `main` of a script and exit; what stops it is said without a traceback."""
    try:
        status = main(sys.argv[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        say("Stopped. What was set up is kept for the next run.")
        status = 130
    sys.exit(status)


def say(message: str) -> None:
    # The name of a file may hold what this console cannot show.
    encoding = sys.stdout.encoding or "utf-8"
    print(message.encode(encoding, "replace").decode(encoding), flush=True)


# --- what is done already ----------------------------------------------------------------------


def noted(stamp: Path) -> set[str]:
    """What `stamp` says is done: a fingerprint, and whether the system packages are there."""
    try:
        return set(stamp.read_text(encoding="utf-8").splitlines())
    except OSError:
        return set()


def fingerprint(root: Path, python: Path) -> str:
    """A hash of all that decides what is installed: requirements, pins and interpreter."""
    try:
        # Of the interpreter that the environment was made from: it may since have gone.
        status = python.stat()
    except OSError:
        return "no interpreter"
    digest = hashlib.sha256(f"{root} {status.st_size} {status.st_mtime_ns}".encode())
    for file in (Path("pyproject.toml"), CONSTRAINTS):
        digest.update((root / file).read_bytes())
    return digest.hexdigest()


# --- Python ------------------------------------------------------------------------------------


def works(python: Path) -> bool:
    """Whether `python` starts, is new enough, and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return run([python, "-c", check]).returncode == 0
    except OSError:
        return False


def is_moved(venv: Path) -> bool:
    """Whether `venv` was made elsewhere: its programs would start the interpreter there."""
    try:
        lines = (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    made_by = (line for line in lines if line.startswith("command = "))
    return any(not line.endswith(f" {venv}") for line in made_by)


def venv_package() -> dict[str, str]:
    """The part of Python that Debian ships apart from it, where it is missing."""
    if importlib.util.find_spec("ensurepip"):
        return {}
    major, minor = sys.version_info[:2]
    return {f"python{major}.{minor}-venv": "making the environment"}


def make_venv(venv: Path) -> None:
    """A new, empty environment at `venv`; whatever is there is removed."""
    importlib.invalidate_caches()  # its package may have been installed a moment ago
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            f"This Python ({sys.executable}) cannot make environments: its module ensurepip is "
            f"missing.\nWhat to try: install it with the packages of your system (on Debian and "
            f"its kin {', '.join(venv_package())}), or run this with a Python from python.org, "
            f"which has it."
        )
    say(f"Making {venv} with Python {sys.version.split()[0]} ...")
    done = run([sys.executable, "-m", "venv", "--clear", venv])
    if done.returncode:
        raise SetupError(
            f"The environment {venv} cannot be made:\n{last_lines(done.stdout)}\n"
            "Is the folder writable, and is there room on the disk?"
        )


def install_python_packages(python: Path, extra: str, root: Path) -> None:
    """gmmdesk itself, so that the checkout runs, and what it needs, in the pinned versions."""
    pip = f"-m pip install --quiet --no-input --disable-pip-version-check --editable .{extra}"
    done = run([python, *pip.split(), "--constraint", CONSTRAINTS], cwd=root)
    if done.returncode:
        raise SetupError(
            f"pip could not install the packages. It said:\n{last_lines(done.stdout)}\n"
            f"What to try: is there a network connection (behind a proxy, set HTTPS_PROXY), about "
            f"1.5 GB of room on the disk, and a 64-bit Python for which the packages are made "
            f"(this is {sys.version.split()[0]}; 3.11 to 3.13 are safe)? Then run this again: what "
            f"was done is kept."
        )


# --- Debian ------------------------------------------------------------------------------------


def install_system_packages(wanted: Mapping[str, str]) -> bool:
    """Whether the `wanted` packages are there: installed if missing, where we may.

    On other systems than Debian and its kin there is nothing to check: True.
    Raises SetupError when apt-get fails.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        return True
    missing = missing_packages(wanted)
    if not missing:
        return True
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0:
        say(not_root_message(missing, wanted))
        return False
    say(f"Installing {len(missing)} system packages: {', '.join(missing)} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in ("apt-get update", f"{command} --yes"):
        done = run(step.split(), env=quiet)
    if done.returncode:
        raise SetupError(
            f"apt-get failed. It said:\n{last_lines(done.stdout)}\nWhat to try: {command}"
        )
    return True


def missing_packages(
    wanted: Iterable[str], query: Callable[[Sequence[str]], str] | None = None
) -> list[str]:
    """Those of `wanted` that dpkg does not know as installed, in order.

    `query` returns dpkg's "name status" lines for the names it is given.
    """
    wanted = list(wanted)
    # Since 2024 some libraries have "t64" at the end of their name, for 64-bit time.
    lines = (query or dpkg_status)([*wanted, *(f"{name}t64" for name in wanted)]).splitlines()
    installed = {line.split()[0] for line in lines if line.split()[1:] == ["installed"]}
    return [name for name in wanted if not {name, f"{name}t64"} & installed]


def dpkg_status(names: Sequence[str]) -> str:
    # It fails when it does not know some of the names, and prints the others all the same.
    layout = "--showformat=${Package} ${db:Status-Status}\n"
    command = ["dpkg-query", "--show", layout, *names]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    ).stdout


def not_root_message(missing: Sequence[str], why: Mapping[str, str]) -> str:
    return "\n".join(
        [
            "These system packages are missing, and only an administrator can install them:",
            *(f"  {name}: {why[name]}" for name in missing),
            f"Ask for, or run: sudo apt-get install --no-install-recommends {' '.join(missing)}",
        ]
    )


# --- commands ----------------------------------------------------------------------------------


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to the end, with standard error among the standard output, both kept."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def last_lines(text: str, count: int = 15) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:])
