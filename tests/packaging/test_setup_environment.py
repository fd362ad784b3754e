"""Set-up: done once, redone when something changed, taken up when interrupted, never silent."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


class Commands:
    """Stands in for the programs that set-up starts; notes them, and fails those it is told to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log: list[str] = []
        self.failing = ""
        self.output = ""

    def __call__(self, command: Sequence[object], **_: object) -> subprocess.CompletedProcess[str]:
        line = " ".join(map(str, command))
        self.log.append(line)
        failed = bool(self.failing) and self.failing in line
        if "-m venv" in line and not failed:
            (self.root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
            (self.root / ".venv" / "bin" / "python").write_text("made")
        return subprocess.CompletedProcess(command, int(failed), self.output)

    def count(self, part: str) -> int:
        return sum(part in line for line in self.log)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("numpy==2.4.6\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    return tmp_path


@pytest.fixture
def commands(
    setup_environment: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(project)
    monkeypatch.setattr(setup_environment, "run", commands)
    monkeypatch.setattr(setup_environment, "works", Path.exists)
    monkeypatch.setattr(setup_environment, "install_system_packages", lambda packages: True)
    monkeypatch.setattr(setup_environment, "WINDOWS", False)
    return commands


def test_the_second_start_does_nothing(
    setup_environment: ModuleType, project: Path, commands: Commands
) -> None:
    python = setup_environment.environment(setup_environment.RUN, project)
    assert python == project / ".venv" / "bin" / "python"
    assert (commands.count("-m venv"), commands.count("pip install")) == (1, 1)
    commands.log.clear()
    assert setup_environment.environment(setup_environment.RUN, project) == python
    assert commands.log == []


def test_tests_need_more_than_running_does(
    setup_environment: ModuleType, project: Path, commands: Commands
) -> None:
    setup_environment.environment(setup_environment.RUN, project)
    setup_environment.environment(setup_environment.TEST, project)
    assert commands.count("-m venv") == 1
    assert commands.count("--editable . ") == 1
    assert commands.count("--editable .[dev] ") == 1


@pytest.mark.parametrize(
    "file", ["pyproject.toml", "packaging/constraints.txt", ".venv/bin/python"]
)
def test_a_change_of_what_is_needed_installs_anew(
    setup_environment: ModuleType, project: Path, commands: Commands, file: str
) -> None:
    setup_environment.environment(setup_environment.RUN, project)
    (project / file).write_text("changed!")
    setup_environment.environment(setup_environment.RUN, project)
    assert commands.count("pip install") == 2


def test_an_interpreter_that_is_gone_makes_the_environment_anew(
    setup_environment: ModuleType, project: Path, commands: Commands
) -> None:
    python = setup_environment.environment(setup_environment.RUN, project)
    python.unlink()
    python.symlink_to(project / "removed-by-an-upgrade")
    (python.parent / "python").unlink()
    setup_environment.environment(setup_environment.RUN, project)
    assert (commands.count("-m venv"), commands.count("pip install")) == (2, 2)


@pytest.mark.parametrize(("made_at", "times"), [("", 1), ("-before-it-was-moved", 2)])
def test_an_environment_that_was_made_elsewhere_is_made_anew(
    setup_environment: ModuleType, project: Path, commands: Commands, made_at: str, times: int
) -> None:
    setup_environment.environment(setup_environment.RUN, project)
    command = f"command = python3 -m venv --clear {project}{made_at}/.venv"
    (project / ".venv" / "pyvenv.cfg").write_text(f"version = 3.11.7\n{command}\n")
    (project / ".venv" / "ready-to-run").write_text("of another folder")
    setup_environment.environment(setup_environment.RUN, project)
    assert (commands.count("-m venv"), commands.count("pip install")) == (times, 2)


def test_a_python_says_where_it_made_an_environment(
    setup_environment: ModuleType, tmp_path: Path
) -> None:
    venv = tmp_path / "a folder" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    assert not setup_environment.is_moved(venv)
    venv.parent.rename(tmp_path / "another")
    assert setup_environment.is_moved(tmp_path / "another" / ".venv")
    assert not setup_environment.is_moved(tmp_path / "absent")


def test_a_python_without_ensurepip_is_told_what_to_try(
    setup_environment: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(setup_environment.SetupError, match=r"What to try: .*python3.*-venv"):
        setup_environment.make_venv(project / ".venv")


def test_what_was_interrupted_is_taken_up(
    setup_environment: ModuleType, project: Path, commands: Commands
) -> None:
    commands.failing = "pip install"
    with pytest.raises(setup_environment.SetupError):
        setup_environment.environment(setup_environment.RUN, project)
    commands.failing = ""
    setup_environment.environment(setup_environment.RUN, project)
    assert (commands.count("-m venv"), commands.count("pip install")) == (1, 2)


def test_a_failing_pip_is_quoted_with_what_to_try(
    setup_environment: ModuleType, project: Path, commands: Commands
) -> None:
    commands.failing = "pip install"
    commands.output = "\n".join([*(f"line {i}" for i in range(50)), "ERROR: no route to host"])
    with pytest.raises(setup_environment.SetupError) as caught:
        setup_environment.environment(setup_environment.RUN, project)
    message = str(caught.value)
    assert "ERROR: no route to host" in message
    assert "line 3\n" not in message
    assert "network connection" in message


def test_missing_system_packages_are_looked_for_again_but_pip_is_not_run_again(
    setup_environment: ModuleType,
    project: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def not_root(packages: object) -> bool:
        asked.append(packages)
        return False

    monkeypatch.setattr(setup_environment, "install_system_packages", not_root)
    for _ in range(2):
        setup_environment.environment(setup_environment.RUN, project)
    assert len(asked) == 2
    assert commands.count("pip install") == 1


def test_an_environment_without_pip_does_not_work(
    setup_environment: ModuleType, tmp_path: Path
) -> None:
    assert setup_environment.works(Path(sys.executable))
    assert not setup_environment.works(tmp_path / "no-such-python")
    if os.name == "posix":
        broken = tmp_path / "python"
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
        assert not setup_environment.works(broken)


# --- Debian ------------------------------------------------------------------------------------


def test_packages_are_missing_unless_dpkg_says_installed(setup_environment: ModuleType) -> None:
    status = "libegl1 installed\nlibgl1 config-files\nlibglib2.0-0t64 installed\nxvfb unknown\n"
    missing = setup_environment.missing_packages(
        ["libegl1", "libgl1", "libglib2.0-0", "xvfb", "openbox"], lambda names: status
    )
    assert missing == ["libgl1", "xvfb", "openbox"]


@pytest.fixture
def debian(
    setup_environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Commands:
    commands = Commands(tmp_path)
    monkeypatch.setattr(setup_environment, "run", commands)
    monkeypatch.setattr(setup_environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup_environment, "dpkg_status", lambda names: "libgl1 installed")
    monkeypatch.setattr(setup_environment.os, "geteuid", lambda: 0, raising=False)
    return commands


WANTED = {"libegl1": "drawing", "libgl1": "more drawing"}


def test_root_installs_what_is_missing_and_no_more(
    setup_environment: ModuleType, debian: Commands
) -> None:
    assert setup_environment.install_system_packages(WANTED)
    assert debian.log == [
        "apt-get update",
        "apt-get install --no-install-recommends libegl1 --yes",
    ]


def test_others_are_told_what_is_missing_why_and_the_command(
    setup_environment: ModuleType,
    debian: Commands,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(setup_environment.os, "geteuid", lambda: 1000, raising=False)
    assert not setup_environment.install_system_packages(WANTED)
    assert debian.log == []
    said = capsys.readouterr().out
    assert "libegl1: drawing" in said
    assert "libgl1" not in said
    assert "sudo apt-get install --no-install-recommends libegl1\n" in said


def test_a_failing_apt_get_is_quoted(setup_environment: ModuleType, debian: Commands) -> None:
    debian.failing, debian.output = "apt-get install", "E: no space left"
    with pytest.raises(setup_environment.SetupError, match="E: no space left"):
        setup_environment.install_system_packages(WANTED)


def test_other_systems_are_left_alone(
    setup_environment: ModuleType, debian: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_environment.shutil, "which", lambda name: None)
    assert setup_environment.install_system_packages(WANTED)
    assert debian.log == []


# --- the pinned versions -----------------------------------------------------------------------


def test_every_requirement_is_pinned_to_a_version_that_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    pins = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")  # so no address, no option, no range
            pins[canonicalize_name(name, validate=True)] = version
    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["dev"], *extras["sklearn"]]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), text
