"""The run as a table and as a film."""

import csv
import os
import sys
import tempfile
import threading
import time

import numpy as np
import pytest
from PIL import Image

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data.samples import open_table
from gmmdesk.errors import Cancelled, ExportError
from gmmdesk.export.trail import write_film, write_table
from gmmdesk.export.video import find_encoder
from gmmdesk.task import Task
from tests.running import finish


@pytest.fixture(scope="module")
def analysis():
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2)
    return finish(analyse(open_table("sample:iris"), settings))


def test_the_table_says_what_the_trail_holds(analysis, tmp_path):
    path = tmp_path / "run.csv"
    write_table(analysis.trail, ("=1+1", "B", "C"), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(analysis.trail)
    assert not any(name.startswith(("=", "+", "-", "@")) for name in lines[0])
    for line, moment in zip(lines, analysis.trail, strict=True):
        assert float(line["log_likelihood"]) == moment.log_likelihood
        assert float(line["weight of B"]) == moment.fit.compact.weights[1]
        mean = float(line["mean of petal_length_cm in C"])
        assert mean == moment.fit.compact.means[2, moment.prepared.columns.index("petal_length_cm")]
    last = float(lines[-1]["log_likelihood"])
    assert last == pytest.approx(analysis.result.log_likelihood, abs=1e-3)


def test_the_weights_add_up_with_rows_of_no_cluster(tmp_path):
    settings = Settings(k_min=2, k_max=2, models=("VVV",), restarts=2, noise=True)
    found = finish(analyse(open_table("sample:iris"), settings))
    path = tmp_path / "run.csv"
    write_table(found.trail, ("A", "B"), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            weights = [float(value) for name, value in line.items() if name.startswith("weight")]
            assert sum(weights) == pytest.approx(1.0)


def test_the_film_has_every_picture(tmp_path):
    frames = [np.full((30, 40, 3), shade, np.uint8) for shade in (20, 120, 220)]
    path = tmp_path / "run.gif"
    write_film(frames, 100, path, Task())
    with Image.open(path) as film:
        assert (film.n_frames, film.size) == (3, (40, 30))
        for i, frame in enumerate(frames):
            film.seek(i)
            shown = np.asarray(film.convert("RGB"))
            assert np.abs(shown.astype(int) - frame).max() <= 2


def test_a_film_that_is_cancelled_leaves_nothing(tmp_path):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        write_film([np.zeros((3, 3, 3), np.uint8)], 100, tmp_path / "run.gif", task)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(analysis, tmp_path):
    with pytest.raises(ExportError, match="none"):
        write_table(analysis.trail, ("A", "B", "C"), tmp_path / "none" / "run.csv")


def encoder(tmp_path, monkeypatch, body):
    """A program in the place of ffmpeg; `made` is the path that it is to write to."""
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    lines = (f"#!{sys.executable}", "import sys", "made = sys.argv[-1]", body)
    program.write_text("\n".join(lines))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


needs_programs = pytest.mark.skipif(os.name != "posix", reason="a script is no program there")
FRAMES = [np.full((4, 6, 3), shade, np.uint8) for shade in (20, 120, 220)]


@needs_programs
def test_the_encoder_gets_every_picture_and_the_last_for_longer(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "open(made, 'wb').write(sys.stdin.buffer.read())")
    path = tmp_path / "run.mp4"
    write_film(FRAMES, 500, path, Task())
    expected = [*FRAMES, FRAMES[-1], FRAMES[-1], FRAMES[-1]]  # two seconds
    assert path.read_bytes() == b"".join(frame.tobytes() for frame in expected)


@needs_programs
def test_an_encoder_that_fails_is_quoted_and_leaves_nothing(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "sys.exit('no such codec')")
    path = tmp_path / "run.mp4"
    with pytest.raises(ExportError, match="ffmpeg could not make the video: no such codec"):
        write_film(FRAMES, 500, path, Task())
    assert not path.exists()


@needs_programs
def test_a_video_that_is_cancelled_ends_the_encoder(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "open(made, 'wb').write(sys.stdin.buffer.read())")
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        write_film(FRAMES, 500, tmp_path / "run.mp4", task)
    assert not (tmp_path / "run.mp4").exists()


@needs_programs
def test_a_video_is_given_up_while_the_encoder_takes_nothing(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "import time; time.sleep(60)")
    task = Task()
    timer = threading.Timer(0.2, task.cancel)
    timer.start()
    frames = [np.zeros((400, 600, 3), np.uint8)] * 3  # more than a pipe holds
    began = time.monotonic()
    with pytest.raises(Cancelled):
        write_film(frames, 500, tmp_path / "run.mp4", task)
    timer.join()
    assert time.monotonic() - began < 30
    assert not (tmp_path / "run.mp4").exists()


@needs_programs
def test_a_video_of_fewer_pictures_is_none(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "open(made, 'wb').write(b'short')")
    frames = [np.zeros((400, 600, 3), np.uint8)] * 3
    with pytest.raises(ExportError, match="could not make the video"):
        write_film(frames, 500, tmp_path / "run.mp4", Task())


@needs_programs
def test_a_program_in_the_current_folder_is_no_encoder(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "")
    assert find_encoder() == str(tmp_path / "bin" / "ffmpeg")
    monkeypatch.chdir(tmp_path / "bin")
    monkeypatch.setenv("PATH", ".")
    assert find_encoder() is None


@needs_programs
def test_where_nothing_can_be_kept_meanwhile_that_is_said(tmp_path, monkeypatch):
    encoder(tmp_path, monkeypatch, "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(ExportError, match=r"could not be made: .*none"):
        write_film(FRAMES, 500, tmp_path / "run.mp4", Task())


def test_without_an_encoder_it_is_said_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExportError, match="not installed"):
        write_film(FRAMES, 500, tmp_path / "run.mp4", Task())


@pytest.mark.skipif(find_encoder() is None, reason="there is no encoder")
def test_ffmpeg_makes_a_video_of_them(tmp_path):
    path = tmp_path / "run.mp4"
    write_film([frame.repeat(20, axis=0).repeat(21, axis=1) for frame in FRAMES], 200, path, Task())
    assert path.read_bytes()[4:8] == b"ftyp"
