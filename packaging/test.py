"""Checks gmmdesk on a fresh machine: python3 packaging/test.py [arguments of pytest]

Makes the environment if it is not there yet, then runs lint, formatting, types, import contracts
and tests. All of them run whichever fails; the tests come last.
"""

import sys

if sys.version_info < (3, 11):  # before anything that an older Python does not understand
    sys.exit("gmmdesk needs Python 3.11 or newer; this is Python %s." % sys.version.split()[0])

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from setup_environment import ROOT, TEST, SetupError, environment, say

CHECKS = (
    ("Lint", "ruff check"),
    ("Formatting", "ruff format --check"),
    ("Types", "mypy"),
    ("Import contracts", "lint-imports"),
)


def passes(title: str, python: Path, command: Sequence[str]) -> bool:
    """Whether `command`, a program of the environment, ends well; its output is shown."""
    say(f"\n=== {title}: {' '.join(command)}")
    program = shutil.which(command[0], path=python.parent)
    if program is None:
        say(f"{command[0]} is not installed; remove .venv and run this again.")
        return False
    return subprocess.run([program, *command[1:]], cwd=ROOT, check=False).returncode == 0


def main(arguments: Sequence[str]) -> int:
    try:
        python = environment(TEST)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped. The next run takes up where this one was.")
        return 130
    failed = [title for title, check in CHECKS if not passes(title, python, check.split())]
    if failed:
        say(f"\nFailed so far: {', '.join(failed)}. The tests follow all the same.")
    tested = passes("Tests", python, ["python", "-m", "pytest", *arguments])
    return 0 if tested and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
