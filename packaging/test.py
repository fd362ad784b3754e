"""Checks gmmdesk on a fresh machine: python3 packaging/test.py [arguments of pytest]

Makes the environment if it is not there yet, then runs lint, formatting, types, import contracts
and tests. All of them run whichever fails; the tests come last.
"""

import sys

if sys.version_info < (3, 11):  # before anything that an older Python does not understand
    sys.exit("gmmdesk needs Python 3.11 or newer; this is Python %s." % sys.version.split()[0])

import subprocess
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # not there with python -P

from setup_environment import ROOT, TEST, end_with, environment, say

# What to give to the interpreter of the environment.
CHECKS = (
    ("Lint", ("-m", "ruff", "check")),
    ("Formatting", ("-m", "ruff", "format", "--check")),
    ("Types", ("-m", "mypy")),
    ("Import contracts", ("-c", "import importlinter.cli as lint; lint.lint_imports_command()")),
)


def passes(title: str, python: Path, arguments: Sequence[str]) -> bool:
    """Whether `python` with `arguments` ends well; its output is shown."""
    say(f"\n=== {title}: python {' '.join(arguments)}")
    return subprocess.run([python, *arguments], cwd=ROOT, check=False).returncode == 0


def main(arguments: Sequence[str]) -> int:
    python = environment(TEST)
    failed = [title for title, check in CHECKS if not passes(title, python, check)]
    if failed:
        say(f"\nFailed so far: {', '.join(failed)}. The tests follow all the same.")
    tested = passes("Tests", python, ["-m", "pytest", "--numprocesses=auto", *arguments])
    return 0 if tested and not failed else 1


if __name__ == "__main__":
    end_with(main)
