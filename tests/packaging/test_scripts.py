"""The two commands of the README: what they do with and without a display, and when refused."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "packaging"


@pytest.mark.parametrize("script", ["run.py", "test.py"])
def test_a_python_that_is_too_old_can_read_the_line_that_says_so(script: str) -> None:
    source = (FOLDER / script).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    check = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))
    # Nothing but `import sys` may run before.
    assert [ast.unparse(node) for node in tree.body[1:check]] == ["import sys"]


@pytest.mark.parametrize("script", ["run.py", "test.py"])
def test_a_safe_path_does_not_hide_what_a_script_imports(script: str, tmp_path: Path) -> None:
    code = f"import runpy; runpy.run_path({str(FOLDER / script)!r})"
    command = [sys.executable, "-I", "-S", "-c", code]  # nor does it need the environment
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("sample:faithful", "output/faithful-clusters"),
        ("sample:blobs?k=4&n=100", "output/blobs-k-4-n-100-clusters"),
        ("My survey.2024.xlsx", "My-survey.2024-clusters"),
        ("folder/a.csv", "folder/a-clusters"),
        ("absent.csv", "output/absent-clusters"),
        ("...", "output/result-clusters"),
    ],
)
def test_results_lie_beside_the_file_and_are_named_after_it(
    run_script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    file: str,
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name in ("My survey.2024.xlsx", "folder/a.csv"):
        (tmp_path / name).touch()
    assert run_script.results(file) == tmp_path / expected


def test_beside_a_file_in_a_protected_folder_nothing_is_written(
    run_script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_script.os, "access", lambda path, mode: False)
    assert run_script.results("a.csv") == tmp_path / "output" / "a-clusters"


@pytest.fixture
def ready(run_script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A current folder, with an environment that is ready: this interpreter's."""
    monkeypatch.setattr(run_script, "environment", lambda purpose: Path(sys.executable))
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="there is always a display")
def test_without_a_display_the_workbook_and_the_picture_are_made(
    run_script: ModuleType,
    ready: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DISPLAY", ":4077")  # one that does not answer
    table = ready / "two groups.csv"
    table.write_text("a,b\n" + "".join(f"{i % 2 * 9 + i * 0.1},{i * i % 7}\n" for i in range(7)))
    assert run_script.main([str(table)]) == 0
    workbook, picture = (ready / f"two-groups-clusters.{ending}" for ending in ("xlsx", "png"))
    assert workbook.read_bytes().startswith(b"PK")
    assert picture.read_bytes().startswith(b"\x89PNG")
    said = capfd.readouterr().out
    assert "no display" in said
    last = said.splitlines()[-2:]
    assert str(workbook) in last[0]
    assert str(picture) in last[1]


@pytest.mark.skipif(sys.platform != "linux", reason="there is always a display")
def test_without_a_display_a_file_that_cannot_be_read_ends_with_its_status(
    run_script: ModuleType, ready: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_script.main([str(ready / "absent.csv")]) == 2
    captured = capfd.readouterr()
    assert "absent.csv" in captured.err
    assert "Traceback" not in captured.err
    assert "The workbook" not in captured.out


@pytest.mark.skipif(os.name != "posix", reason="the window replaces the script on POSIX only")
def test_with_a_display_the_window_takes_the_place_of_the_script(
    run_script: ModuleType, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = []

    def execv(program: str, command: list[str]) -> None:
        replaced.append((program, command))
        raise SystemExit

    monkeypatch.setattr(run_script, "has_display", lambda variables: True)
    monkeypatch.setattr(run_script.os, "execv", execv)
    with pytest.raises(SystemExit):
        run_script.main([])
    ((program, command),) = replaced
    assert program == sys.executable
    assert command[1:] == ["-P", "-m", "gmmdesk", "sample:faithful"]


def test_more_than_one_file_is_refused_with_the_usage(
    run_script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_script.main(["a.csv", "b.csv"]) == 2
    assert "packaging/run.py [FILE]" in capsys.readouterr().out


@pytest.mark.parametrize("script", ["run", "test"])
def test_a_set_up_that_fails_or_is_stopped_says_so(
    script: str,
    setup_environment: ModuleType,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module = request.getfixturevalue(f"{script}_script")
    monkeypatch.setattr(sys, "argv", [f"{script}.py"])

    def end(error: BaseException) -> object:
        def environment(purpose: object) -> Path:
            raise error

        monkeypatch.setattr(module, "environment", environment)
        with pytest.raises(SystemExit) as ended:
            setup_environment.end_with(module.main)
        return ended.value.code

    assert end(setup_environment.SetupError("The disk is full.")) == 1
    assert capsys.readouterr().err == "The disk is full.\n"
    assert end(KeyboardInterrupt()) == 130
    assert "Stopped" in capsys.readouterr().out


def test_a_name_that_the_console_cannot_show_is_said_all_the_same(
    setup_environment: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    setup_environment.say("Fitting \udcff.csv")
    assert capsys.readouterr().out == "Fitting ?.csv\n"


@pytest.mark.parametrize(("failing", "status"), [(set(), 0), ({"Lint"}, 1), ({"Tests"}, 1)])
def test_all_checks_run_and_the_tests_come_last(
    test_script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failing: set[str],
    status: int,
) -> None:
    ran = []

    def passes(title: str, python: Path, command: list[str]) -> bool:
        ran.append((title, command))
        return title not in failing

    monkeypatch.setattr(test_script, "environment", lambda purpose: Path(sys.executable))
    monkeypatch.setattr(test_script, "passes", passes)
    assert test_script.main(["-k", "em"]) == status
    titles = [title for title, _ in ran]
    assert titles == ["Lint", "Formatting", "Types", "Import contracts", "Tests"]
    assert ran[-1][1] == ["-m", "pytest", "--numprocesses=auto", "-k", "em"]
    assert ("Failed so far: Lint" in capsys.readouterr().out) == ("Lint" in failing)


def test_a_check_passes_when_its_program_does(
    test_script: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    python = Path(sys.executable)
    assert test_script.passes("Good", python, ["-c", "print('well')"])
    assert not test_script.passes("Bad", python, ["-c", "raise SystemExit(3)"])
    assert "=== Good: python -c print('well')\nwell\n" in capfd.readouterr().out


@pytest.mark.parametrize("title", ["Lint", "Types", "Import contracts"])
def test_a_check_is_a_module_of_the_environment(
    test_script: ModuleType, capfd: pytest.CaptureFixture[str], title: str
) -> None:
    # A program in the environment's folder names, in its first line, where it was made.
    arguments = dict(test_script.CHECKS)[title]
    assert test_script.passes(title, Path(sys.executable), [*arguments, "--help"])
    assert "usage:" in capfd.readouterr().out.lower()


@pytest.mark.skipif(os.name != "posix", reason="needs bash")
def test_ci_runs_the_same_script() -> None:
    script = FOLDER.parent / ".ci" / "run"
    assert os.access(script, os.X_OK)
    checked = subprocess.run(["bash", "-n", script], capture_output=True, check=False)
    assert checked.returncode == 0
    assert script.read_text("utf-8").rstrip().endswith("exec python3 packaging/test.py")
