"""Pictures as a video, by the encoder that the computer has."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gmmdesk.errors import ExportError
from gmmdesk.export.atomic import complete_or_absent
from gmmdesk.interpreter import APART
from gmmdesk.task import Task

Frame = npt.NDArray[np.uint8]

VIDEO = ".mp4"
_LOOK_SECONDS = 0.02  # from one look at the encoder to the next
_INSTEAD = "Save it as GIF instead."


def find_encoder() -> str | None:
    """The program that makes videos, ffmpeg, where it is installed.

    Not one that lies in the current folder, where Windows looks first: that may be the folder of a
    table that somebody has sent.
    """
    found = shutil.which("ffmpeg")
    return found if found is not None and Path(found).is_absolute() else None


def write_video(frames: Sequence[Frame], ms: int, last_ms: int, path: Path, task: Task) -> None:
    """Write pictures (height, width, 3) as MP4, each shown for `ms` milliseconds, the last longer.

    Raises ExportError, Cancelled.
    """
    encoder = find_encoder()
    if encoder is None:
        raise ExportError("Videos are made by ffmpeg, which is not installed.", _INSTEAD)
    shown = [*frames, *[frames[-1]] * max(0, round(last_ms / ms) - 1)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = _encode(encoder, shown, ms, Path(folder), task)
            with made.open("rb") as video, complete_or_absent(path) as file:
                shutil.copyfileobj(video, file)
    except OSError as error:  # of the folder for what is not there yet, which may be full
        raise ExportError(f"The video could not be made: {error}.", _INSTEAD) from None


def _encode(encoder: str, frames: Sequence[Frame], ms: int, folder: Path, task: Task) -> Path:
    """The video, made in a folder."""
    made, said = folder / f"film{VIDEO}", folder / "said.txt"
    height, width, _ = frames[0].shape
    command = [
        *(encoder, "-nostdin", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"),
        *("-r", f"1000/{ms}", "-i", "pipe:0"),
        # What every player shows: colours for pairs of pixels, which must come out even.
        *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"),
        *("-movflags", "+faststart", os.fspath(made)),
    ]
    try:
        with said.open("wb") as errors:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, **APART
            )
    except OSError as error:
        raise ExportError(f"ffmpeg could not be started: {error}.", _INSTEAD) from None
    fed = 0

    def feed() -> None:
        nonlocal fed
        assert process.stdin is not None
        with suppress(OSError), process.stdin as file:  # it may end early, and says why
            for frame in frames:
                file.write(np.ascontiguousarray(frame).tobytes())
                fed += 1

    # A thread of its own waits where the encoder takes nothing: this one can always be stopped.
    feeder = threading.Thread(target=feed, name="gmmdesk-video", daemon=True)
    feeder.start()
    try:
        while process.poll() is None:
            task.step(fed / len(frames))
            time.sleep(_LOOK_SECONDS)
    finally:
        process.kill()
        status = process.wait()
        feeder.join()
    if status != 0 or fed < len(frames) or not made.is_file():
        lines = said.read_text("utf-8", "replace").strip().splitlines()
        reason = f": {lines[-1]}" if lines else ""
        raise ExportError(f"ffmpeg could not make the video{reason}.", _INSTEAD)
    return made
