"""Pictures: each pixel a row, with its colour and its place. Runs in a process of its own."""

from __future__ import annotations

import warnings
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image, ImageOps, UnidentifiedImageError

from gmmdesk.data.apart import damaged
from gmmdesk.data.limits import MAX_FRAMES, MAX_PIXELS, check_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.picture_depth import CUT_NOTE, is_deep, lower_bytes
from gmmdesk.data.raw import RawTable
from gmmdesk.data.row_sample import chosen_rows
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_FORMATS = ("PNG", "JPEG", "TIFF")
_BYTES_PER_PIXEL = 16  # unpacked and turned
_BYTES_PER_ROW = 24  # as columns, and on their way from one process to the other
_MANY = 2_000_000  # pixels: more take a while to cluster
# What the parser calls the kinds of pixels, and the columns that become of them.
_GRAY = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "I": "I", "I;16": "I;16", "F": "F"}
_GRAY |= {"I;16B": "I", "I;16L": "I", "I;16N": "I"}
_WHY = "the pixel's place, not its colour"


def parse_picture(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The pixels of a picture, row by row: red, green, blue (or gray), alpha if it varies, x, y.

    x counts from the left, y from the top, both from 0, the way viewers turn it. Of several
    pictures in one file (pages) the one that `options` name, or the first.
    Raises ReadError for a damaged picture and for one with more pixels than may be.
    """
    task.step(0.0, "Reading")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_FORMATS) as image:
                titles, wanted = _pages(image, name, options.sheet)
                _check_size(image, name, options)
                deep = is_deep(image)
                image.load()
                upright = ImageOps.exif_transpose(image)
                page = titles.index(wanted)
                low = lower_bytes(file, _FORMATS, page, upright) if deep else None
                raw = _pixels(upright, low, options, task)
                if deep and low is None:
                    raw.notes.append(CUT_NOTE)
                if upright is not image and upright.size != image.size:
                    raw.notes.append("The picture was turned as its camera says.")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ReadError(
            f"{name} has more than {MAX_PIXELS:,} pixels.", "Save a smaller copy of it."
        ) from None
    except (MemoryError, ReadError):
        raise
    except UnidentifiedImageError:
        raise damaged(name, f"no {', '.join(_FORMATS)} picture") from None
    except Exception as error:  # plugins stumble in any way
        raise damaged(name, f"{error or type(error).__name__}") from None
    if len(titles) == MAX_FRAMES:
        raw.notes.append(f"Of more pictures than {MAX_FRAMES:,} only these can be chosen from.")
    if len(titles) > 1:
        raw.sheets = tuple(titles)
        raw.interpretation["sheet"] = wanted
    return raw


def _pages(image: Image.Image, name: str, wanted: str | None) -> tuple[list[str], str]:
    """The pictures in the file, and the one to read, at which `image` then stands."""
    n_frames = 1
    if image.format == "TIFF":
        while n_frames < MAX_FRAMES:
            try:
                image.seek(n_frames)
            except EOFError:
                break
            n_frames += 1
        image.seek(0)
    titles = [f"Page {i}" for i in range(1, n_frames + 1)]
    wanted = wanted or titles[0]
    if wanted not in titles:
        raise ReadError(f"{name} has no picture '{wanted}'.", f"Its last one is {titles[-1]}.")
    image.seek(titles.index(wanted))
    return titles, wanted


def _check_size(image: Image.Image, name: str, options: ReadOptions) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ReadError(
            f"{name} has {width:,} x {height:,} pixels; at most {MAX_PIXELS:,} can be read.",
            "Save a smaller copy of it.",
        )
    n_pixels = width * height
    n_wanted = min(options.most_rows or n_pixels, n_pixels)
    n_bytes = n_pixels * _BYTES_PER_PIXEL + n_wanted * _BYTES_PER_ROW
    check_memory(n_bytes, name, n_pixels, n_wanted)


def _pixels(
    image: Image.Image, low: Image.Image | None, options: ReadOptions, task: Task
) -> RawTable:
    """The table of the pixels that are asked for.

    All have to be unpacked for that, as the parser knows no part of a picture, which takes a small
    share of the time. `low` are the lower bytes of their colours where these have two.
    """
    width, height = image.size
    notes = [f"{width:,} x {height:,} pixels are {width * height:,} rows."]
    rows = chosen_rows(width * height, options)
    if rows is None and width * height > _MANY:
        notes.append("So many rows take a while: a smaller copy shows the same colours.")
    kind = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode in _GRAY:
        kind = _GRAY[image.mode] if image.mode != "L" or kind == "RGB" else "LA"
    elif image.mode not in ("RGB", "RGBA", "P", "PA", "RGBX"):
        notes.append(f"Colours were turned from {image.mode} to red, green and blue.")
    channels: npt.NDArray[Any] = np.asarray(image if image.mode == kind else image.convert(kind))
    channels = channels.reshape(height * width, -1)
    lower = None if low is None else np.asarray(low).reshape(height * width, -1)
    task.step(0.4)
    # What columns there are does not depend on the rows that are asked for.
    has_alpha = channels.shape[1] in (2, 4) and any(
        np.ptp(part[:, -1]) for part in (channels, lower) if part is not None
    )
    if rows is not None:
        channels, lower = channels[rows], None if lower is None else lower[rows]
    if lower is not None:
        channels = channels.astype(np.uint16) << 8 | lower
    names = ["gray"] if channels.shape[1] < 3 else ["red", "green", "blue"]
    task.step(0.5)
    columns = {title: channels[:, j] for j, title in enumerate(names)}
    if has_alpha:
        columns["alpha"] = channels[:, -1]
    if rows is None:
        columns["x"] = np.tile(np.arange(width, dtype=np.int32), height)
        columns["y"] = np.repeat(np.arange(height, dtype=np.int32), width)
    else:
        y, x = np.divmod(rows.astype(np.int32), width)
        columns |= {"x": x, "y": y}
    arrays = [pa.chunked_array([pa.array(np.ascontiguousarray(c))]) for c in columns.values()]
    kinds = {
        title: ("position", _WHY) if title in ("x", "y") else ("number", "") for title in columns
    }
    return RawTable(
        list(columns),
        arrays,
        notes,
        kinds=kinds,
        picture=(width, height),
        is_chosen=True,
        rows_in_file=width * height,
    )
