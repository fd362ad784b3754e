"""Choices that are remembered for each file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gmmdesk.data.options import FOUND_OUT, Kind, ReadOptions
from gmmdesk.ui.remembered import recall, remember

OPTIONS = ReadOptions(decimal=",", kinds=(("a", Kind.TEXT),))


def store(home: Path) -> Path:
    (found,) = home.rglob("reading.json")
    return found


def test_choices_come_back_by_the_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    remember(Path("t.csv"), OPTIONS)
    assert recall(tmp_path / "t.csv") == OPTIONS
    assert recall(tmp_path / "other.csv") is None


def test_no_choices_forget_the_earlier_ones(tmp_path):
    remember(tmp_path / "t.csv", OPTIONS)
    remember(tmp_path / "t.csv", FOUND_OUT)
    assert recall(tmp_path / "t.csv") is None


def test_nothing_is_written_where_there_is_nothing_to_remember(tmp_path, home):
    remember(tmp_path / "t.csv", FOUND_OUT)
    assert not list(home.rglob("reading.json"))


def test_only_the_newest_are_kept(tmp_path):
    for i in range(205):
        remember(tmp_path / f"{i}.csv", OPTIONS)
    assert recall(tmp_path / "4.csv") is None
    assert recall(tmp_path / "5.csv") == OPTIONS
    assert recall(tmp_path / "204.csv") == OPTIONS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version": 2, "files": []}',
        b'{"version": 1, "files": [{"path": 3}]}',
        b'{"version": 1, "files": "none"}',
    ],
)
def test_a_broken_file_is_no_matter(tmp_path, home, content):
    remember(tmp_path / "t.csv", OPTIONS)
    store(home).write_bytes(content)
    assert recall(tmp_path / "t.csv") is None
    remember(tmp_path / "t.csv", OPTIONS)
    assert recall(tmp_path / "t.csv") == OPTIONS


@pytest.mark.parametrize("options", ['{"decimal": "x"}', '{"strange": 1}', "7"])
def test_choices_of_another_version_are_forgotten(tmp_path, home, options):
    remember(tmp_path / "t.csv", OPTIONS)
    entry = f'{{"path": "{tmp_path / "t.csv"}", "options": {options}}}'
    store(home).write_text(f'{{"version": 1, "files": [{entry}]}}')
    assert recall(tmp_path / "t.csv") is None


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "file"))
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    remember(tmp_path / "t.csv", OPTIONS)
    assert recall(tmp_path / "t.csv") is None
