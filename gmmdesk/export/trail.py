"""The run that found the answer, iteration by iteration: as a table, and as a film."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.export.atomic import complete_or_absent
from gmmdesk.export.video import VIDEO, Frame, write_video
from gmmdesk.task import Task

_LAST_MS = 2_000  # for which the last picture of a film stands
_COLORS = 255  # of a film: one more is the transparent one


def write_table(trail: Sequence[AnalysisProgress], names: Sequence[str], path: Path) -> None:
    """Write a line for each iteration as CSV: likelihood, weights and means of the clusters.

    Log-likelihoods are totals in nats, means in the units of the prepared columns. Raises
    ExportError.
    """
    columns = trail[0].prepared.columns
    head = ["iteration", "rows", "log_likelihood", "gain_per_row"]
    for name in names:
        # A word first: a name from the file may begin like a formula.
        head += [f"weight of {name}", *(f"mean of {column} in {name}" for column in columns)]
    text = io.StringIO(newline="")
    table = csv.writer(text)
    has_noise = trail[-1].scaled.compact.noise is not None
    head += ["weight of no cluster"] * has_noise
    table.writerow(head)
    for moment in trail:
        fit = moment.fit
        line = [fit.iteration, fit.n_sampled, repr(fit.log_likelihood), repr(float(fit.gain))]
        for weight, mean in zip(fit.compact.weights, fit.compact.means, strict=True):
            line += [repr(float(weight)), *(repr(float(value)) for value in mean)]
        if fit.compact.noise is not None:
            line.append(repr(float(fit.compact.noise.weight)))
        table.writerow(line)
    with complete_or_absent(path) as file:
        file.write(text.getvalue().encode("utf-8-sig"))


def write_film(frames: Sequence[Frame], ms: int, path: Path, task: Task) -> None:
    """Write pictures (height, width, 3), each shown for `ms` milliseconds, the last one longer.

    The ending of `path` decides: an MP4 video, else an animated GIF, which plays over and over.
    Raises ExportError, Cancelled.
    """
    if path.suffix.lower() == VIDEO:
        write_video(frames, ms, _LAST_MS, path, task)
    else:
        _write_gif(frames, ms, path, task)


def _write_gif(frames: Sequence[Frame], ms: int, path: Path, task: Task) -> None:
    from PIL import Image

    pictures = []
    for i, frame in enumerate(frames):
        task.step(i / len(frames))
        picture = Image.fromarray(frame)
        pictures.append(picture.quantize(_COLORS, dither=Image.Dither.NONE))
    content = io.BytesIO()
    first, *others = pictures
    first.save(
        content,
        "GIF",
        save_all=True,
        append_images=others,
        duration=[ms] * len(others) + [_LAST_MS],
        loop=0,
    )
    with complete_or_absent(path) as file:
        file.write(content.getbuffer())
