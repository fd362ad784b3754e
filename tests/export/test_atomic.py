import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from gmmdesk.errors import Cancelled, ExportError
from gmmdesk.export.atomic import complete_or_absent

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


def write_half(path, error):
    with complete_or_absent(path) as file:
        file.write(b"half")
        raise error


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "out.bin"
    with complete_or_absent(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("error", [Cancelled(), KeyboardInterrupt(), RuntimeError("x")])
@pytest.mark.parametrize("existing", [True, False])
def test_whatever_goes_wrong_nothing_changes(tmp_path, error, existing):
    path = tmp_path / "out.bin"
    if existing:
        path.write_bytes(b"old")
    with pytest.raises(type(error)):
        write_half(path, error)
    assert names(tmp_path) == (["out.bin"] if existing else [])
    assert not existing or path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_errors_of_the_system_name_the_file_and_say_what_to_try(tmp_path, code, words):
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")
    with pytest.raises(ExportError, match=words) as caught:
        write_half(path, OSError(code, os.strerror(code)))
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_at_the_end_leaves_nothing(tmp_path, monkeypatch, call):
    def fail(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with (
        pytest.raises(ExportError, match="no space left"),
        complete_or_absent(tmp_path / "out.bin") as file,
    ):
        file.write(b"x")
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path):
    path = tmp_path / "full.csv"
    path.symlink_to("/dev/full")
    with pytest.raises(ExportError, match="not an ordinary file"), complete_or_absent(path):
        pass


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "folder").mkdir()
    for path, words in (
        (tmp_path / "folder", "is a folder"),
        (tmp_path / "absent" / "out.csv", "does not exist"),
        (tmp_path / ("x" * 300 + ".csv"), "cannot be written"),
        (tmp_path / "nul\0.csv", "cannot be written"),
    ):
        with pytest.raises(ExportError, match=words), complete_or_absent(path):
            pass


@posix
def test_write_protection_is_respected(tmp_path, monkeypatch):
    # Root may write anywhere, so the question is asked of a stand-in.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with (
        pytest.raises(ExportError, match=r"folder .* is write-protected"),
        complete_or_absent(tmp_path / "out.csv"),
    ):
        pass
    (tmp_path / "old.csv").write_bytes(b"old")
    with (
        pytest.raises(ExportError, match=r"old\.csv is write-protected"),
        complete_or_absent(tmp_path / "old.csv"),
    ):
        pass


@posix
def test_permissions_and_links_are_kept(tmp_path):
    real, link = tmp_path / "real.bin", tmp_path / "link.bin"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    with complete_or_absent(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@posix
def test_a_new_file_has_the_usual_permissions(tmp_path):
    with complete_or_absent(tmp_path / "out.bin") as file:
        file.write(b"new")
    (tmp_path / "usual").write_bytes(b"")
    modes = [(tmp_path / name).stat().st_mode for name in ("out.bin", "usual")]
    assert modes[0] == modes[1]


def test_what_a_killed_program_left_is_removed_later(tmp_path):
    """Not what another one is writing, which is younger, nor files of others."""
    for name, age in (("old", 90_000), ("new", 80_000)):
        for left in (tmp_path / f".gmmdesk-{name}.part", tmp_path / f"{name}.part"):
            left.write_bytes(b"half")
            then = left.stat().st_mtime - age
            os.utime(left, (then, then))
    with complete_or_absent(tmp_path / "out.bin") as file:
        file.write(b"whole")
    assert names(tmp_path) == [".gmmdesk-new.part", "new.part", "old.part", "out.bin"]
