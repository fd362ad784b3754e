"""Opens gmmdesk on a fresh machine: python3 packaging/run.py [FILE]

Makes the environment if it is not there yet, then opens the window on FILE, or on a sample. Where
there is no display it fits FILE without a window and writes a workbook and a picture of the map
beside FILE, or into the folder "output" for a sample, and says where they are.
"""

import sys

if sys.version_info < (3, 11):  # before anything that an older Python does not understand
    sys.exit("gmmdesk needs Python 3.11 or newer; this is Python %s." % sys.version.split()[0])

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for gmmdesk.display
sys.path.insert(0, str(Path(__file__).resolve().parent))  # not there with python -P

from setup_environment import RUN, WINDOWS, end_with, environment, say

from gmmdesk.display import has_display, no_display

SAMPLE = "sample:faithful"


def results(file: str) -> Path:
    """Where the results of `file`, a path or sample:NAME, go: a path without ending.

    Beside a file, unless its folder is write-protected; else in "output" in the current folder.
    """
    is_sample = file.startswith("sample:")
    path = Path(file).absolute()
    name = file.removeprefix("sample:") if is_sample else path.stem
    name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "result"
    beside = not is_sample and path.is_file() and os.access(path.parent, os.W_OK)
    return (path.parent if beside else Path.cwd() / "output") / f"{name}-clusters"


def open_window(python: Path, file: str) -> int:
    # -P: a file called numpy.py in the current folder must not be taken for numpy.
    command = [str(python), "-P", "-m", "gmmdesk", file]
    if not WINDOWS:
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def without_window(python: Path, file: str) -> int:
    """Fit `file` and write a workbook and a picture of the map."""
    base = results(file)
    # No with_suffix: "survey.2024" has none to replace.
    workbook, picture = (base.with_name(base.name + ending) for ending in (".xlsx", ".png"))
    try:
        base.parent.mkdir(exist_ok=True)
    except OSError as error:
        print(f"{base.parent} cannot be made: {error.strerror}.", file=sys.stderr)
        return 2
    say(f"{no_display(os.environ)} Fitting {file} without a window.")
    offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    fit, draw = ("gmmdesk", "fit", "--model", "usual"), ("gmmdesk.ui.screenshot",)
    for job, out in ((fit, workbook), (draw, picture)):
        command = [python, "-P", "-m", *job, file, "--out", out]
        status = subprocess.run(command, env=offscreen, check=False).returncode
        if status:
            return status
    say(f"The workbook: {workbook}")
    say(f"The picture:  {picture}")
    return 0


def main(arguments: Sequence[str]) -> int:
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        say((__doc__ or "").strip())
        return 0 if set(arguments) & {"-h", "--help"} else 2
    file = arguments[0] if arguments else SAMPLE
    python = environment(RUN)
    return (open_window if has_display(os.environ) else without_window)(python, file)


if __name__ == "__main__":
    end_with(main)
