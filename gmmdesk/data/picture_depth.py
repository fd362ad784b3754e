"""Pictures of two bytes a colour, of which the parser takes the upper one only."""

from __future__ import annotations

import sys
from typing import BinaryIO

from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

CUT_NOTE = "Of colours of 16 bits only the upper 8 were read."

_NATIVE = {"N": "B" if sys.byteorder == "little" else "L"}
_OTHER_ORDER = {"B": "L", "L": "B"} | _NATIVE


def is_deep(image: Image.Image) -> bool:
    """Whether the parser will cut the colours of a picture, which it has not loaded yet."""
    return image.mode not in ("I", "I;16", "F") and any(";16" in mode for mode in _raw_modes(image))


def lower_bytes(
    file: BinaryIO, formats: tuple[str, ...], page: int, upright: Image.Image
) -> Image.Image | None:
    """The lower bytes of the colours in `file`, turned as the upper ones in `upright` are.

    The parser takes them for the upper ones when it is told the other order of bytes. None where
    it knows only one order for this kind of picture.
    """
    if upright.mode not in ("RGB", "RGBA") or "transparency" in upright.info:
        return None
    file.seek(0)
    low = Image.open(file, formats=formats)
    low.seek(page)
    tiles = []
    for tile in low.tile:
        arguments = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        kind, _, order = str(arguments[0]).partition(";16")
        if kind != upright.mode or order not in _OTHER_ORDER:
            return None
        changed = (f"{kind};16{_OTHER_ORDER[order]}", *arguments[1:])
        tiles.append(tile._replace(args=changed if isinstance(tile.args, tuple) else changed[0]))
    low.tile = tiles
    low.load()
    return ImageOps.exif_transpose(low)


def _raw_modes(image: Image.Image) -> list[str]:
    """How the pixels lie in the file, as the parser calls it."""
    tiles = image.tile if isinstance(image, ImageFile) else []
    return [str(tile.args[0] if isinstance(tile.args, tuple) else tile.args) for tile in tiles]
