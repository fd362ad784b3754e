"""What a crash leaves is found, whole, and by one program only."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gmmdesk.data.readers import read
from gmmdesk.errors import ExportError
from gmmdesk.session import recovery
from gmmdesk.session.files import read_session
from gmmdesk.session.recovery import Recovery, left_behind
from tests.records import same
from tests.session.conftest import PASTED, session_about

N_DEATHS = 100


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as Unix does it")
def test_killed_at_any_moment_nothing_that_was_saved_is_lost(tmp_path):
    """The last save before death is there and whole, or the one that death came into."""
    script = [sys.executable, "-m", "tests.session.crashes", str(tmp_path), str(N_DEATHS)]
    seed = str(int.from_bytes(os.urandom(4)))
    root = Path(__file__).parents[2]
    run = subprocess.run([*script, seed], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"seed {seed}: {run.stderr}"
    deaths = json.loads(run.stdout)["deaths"]
    assert len(deaths) == N_DEATHS
    for death in deaths:
        for said, found in (("autosaved", "recovered"), ("saves", "saved")):
            number = death[said]
            allowed = (number, number + 1) if number else (-1, 1)
            assert death[found] in allowed, f"seed {seed}: {death}"
        assert death["left"] == (death["recovered"] != -1)
        assert death["rest"] == []  # of what was recovered and discarded nothing stays
    assert sum(death["autosaved"] > 0 for death in deaths) > N_DEATHS // 10


def test_a_lock_without_anything_to_be_locked_is_removed(tmp_path):
    """As it stays behind where death comes between the two."""
    (tmp_path / "00aa.lock").touch()
    assert left_behind(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def kept(tmp_path):
    """A recovery in use, as that of a program that runs."""
    recovery = Recovery(tmp_path / "state")
    yield recovery
    recovery.clear()


def forgotten(kept):
    """Let go of what is kept as a crash does: the lock is the system's again."""
    kept._lock.release()
    kept._lock = None


def test_a_pasted_table_is_kept_and_written_once(kept, pasted, tmp_path):
    kept.save(pasted.session, pasted.dataset)
    (table,) = (tmp_path / "state").glob("*/table-*")
    written = table.stat().st_mtime_ns
    kept.save(replace(pasted.session, kept_for=tmp_path / "mine.gmmdesk"), pasted.dataset)
    assert table.stat().st_mtime_ns == written
    forgotten(kept)
    (left,) = left_behind(tmp_path / "state")
    assert left.session.kept_for == tmp_path / "mine.gmmdesk"
    session, found = read_session(left.path)
    assert not found.changed
    assert found.dataset.path is None
    assert found.dataset.receipt == pasted.dataset.receipt
    assert same(session.answer.finding.analysis(found.dataset).rows, pasted.analysis.rows)
    left.discard()
    assert list((tmp_path / "state").iterdir()) == []


def test_a_table_in_a_file_is_referred_to(kept, tmp_path):
    file = tmp_path / "things.csv"
    file.write_text(PASTED.replace("\t", ","))
    made = session_about(read(file), k_min=2, k_max=2, models=("VVV",))
    kept.save(made.session, made.dataset)
    assert not list((tmp_path / "state").glob("*/table-*"))
    forgotten(kept)
    (left,) = left_behind(tmp_path / "state")
    assert read_session(left.path)[1].dataset.path == file
    left.release()


def test_programs_do_not_take_what_is_another_s(kept, penguins, tmp_path):
    base = tmp_path / "state"
    kept.save(penguins.session, penguins.dataset)
    assert left_behind(base) == []  # it runs
    forgotten(kept)
    (left,) = left_behind(base)
    assert left_behind(base) == []  # somebody else is asked about it
    left.release()
    (left,) = left_behind(base)  # "later" is now
    left.discard()
    assert left_behind(base) == []


def test_what_is_saved_by_the_user_is_kept_no_more(kept, penguins, tmp_path):
    kept.save(penguins.session, penguins.dataset)
    kept.clear()
    assert list((tmp_path / "state").iterdir()) == []
    kept.save(penguins.session, penguins.dataset)
    assert len(list((tmp_path / "state").iterdir())) == 2


def test_a_folder_without_a_session_is_removed(tmp_path):
    (tmp_path / "state" / "abc").mkdir(parents=True)
    (tmp_path / "state" / "abc" / ".gmmdesk-1.part").write_bytes(b"half")
    assert left_behind(tmp_path / "state") == []
    assert list((tmp_path / "state").iterdir()) == []


def test_a_damaged_session_stops_nothing(kept, penguins, tmp_path):
    (tmp_path / "state" / "abc").mkdir(parents=True)
    (tmp_path / "state" / "abc" / "session.gmmdesk").write_bytes(b"nonsense")
    kept.save(penguins.session, penguins.dataset)
    forgotten(kept)
    (left,) = left_behind(tmp_path / "state")
    left.discard()
    assert (tmp_path / "state" / "abc").exists()


def test_without_a_folder_there_is_nothing(tmp_path):
    assert left_behind(tmp_path / "none") == []
    (tmp_path / "file").touch()
    assert left_behind(tmp_path / "file") == []


def test_a_folder_that_goes_away_comes_back(kept, pasted, tmp_path):
    import shutil

    kept.save(pasted.session, pasted.dataset)
    (folder,) = (path for path in (tmp_path / "state").iterdir() if path.is_dir())
    shutil.rmtree(folder)
    kept.save(pasted.session, pasted.dataset)
    forgotten(kept)
    (left,) = left_behind(tmp_path / "state")
    assert read_session(left.path)[1].dataset is not None
    left.discard()


def test_a_full_disk_is_named_and_what_was_kept_stays(kept, penguins, tmp_path, monkeypatch):
    kept.save(penguins.session, penguins.dataset)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ExportError, match="no space left"):
            kept.save(penguins.session, penguins.dataset)
    forgotten(kept)
    (left,) = left_behind(tmp_path / "state")
    assert left.session.settings == penguins.session.settings
    left.discard()


def test_a_place_where_nothing_can_be_written_is_named(penguins, tmp_path):
    (tmp_path / "state").touch()
    with pytest.raises(ExportError, match="cannot be written"):
        Recovery(tmp_path / "state").save(penguins.session, penguins.dataset)


def test_the_folder_is_the_user_s(home):
    assert home in recovery.recovery_folder().parents
