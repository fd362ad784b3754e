"""Pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from tests.data.format_corpus.case import NUMBER, Case

RGB = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[9, 8, 7], [6, 5, 4], [3, 2, 1]]], np.uint8
)
PLACE = {"x": ("position", [0, 1, 2, 0, 1, 2]), "y": ("position", [0, 0, 0, 1, 1, 1])}
RGB_READ = {
    "red": (NUMBER, [255, 0, 0, 9, 6, 3]),
    "green": (NUMBER, [0, 255, 0, 8, 5, 2]),
    "blue": (NUMBER, [0, 0, 255, 7, 4, 1]),
}
GRAY = np.array([[0, 10, 255], [3, 2, 1]], np.uint8)


def picture(pixels: Any, form: str, **how: Any) -> bytes:
    sink = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(sink, form, **how)
    return sink.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    return picture(np.rot90(GRAY), "PNG", exif=exif)


ALPHA = np.dstack([RGB, np.array([[255, 0, 9], [1, 2, 3]], np.uint8)])
SIZE = "3 x 2 pixels are 6 rows"
PICTURES = [
    Case("rgb.png", picture(RGB, "PNG"), RGB_READ | PLACE, (SIZE,)),
    Case("rgb.tif", picture(RGB, "TIFF"), RGB_READ | PLACE, (SIZE,)),
    Case(
        "alpha.png",
        picture(ALPHA, "PNG"),
        RGB_READ | {"alpha": (NUMBER, [255, 0, 9, 1, 2, 3])} | PLACE,
        (SIZE,),
    ),
    Case(
        "opaque.png",
        picture(np.dstack([RGB, np.full((2, 3), 255, np.uint8)]), "PNG"),
        RGB_READ | PLACE,
        (SIZE,),
    ),
    Case(
        "gray.png", picture(GRAY, "PNG"), {"gray": (NUMBER, [0, 10, 255, 3, 2, 1])} | PLACE, (SIZE,)
    ),
    Case(
        "deep gray.png",
        picture(GRAY.astype(np.uint16) * 257, "PNG"),
        {"gray": (NUMBER, [0, 2570, 65535, 771, 514, 257])} | PLACE,
        (SIZE,),
    ),
    Case(
        "turned.png",
        turned(),
        {"gray": (NUMBER, [0, 10, 255, 3, 2, 1])} | PLACE,
        (SIZE, "turned as its camera says"),
    ),
    Case(
        "pages.tif",
        picture(RGB, "TIFF", save_all=True, append_images=[Image.fromarray(GRAY)]),
        {"gray": (NUMBER, [0, 10, 255, 3, 2, 1])} | PLACE,
        (SIZE,),
        sheet="Page 2",
        sheets=("Page 1", "Page 2"),
    ),
    Case("cut.png", picture(np.zeros((99, 99, 3), np.uint8), "PNG")[:80], error="damaged"),
    Case("head.jpg", b"\xff\xd8\xff\xe0" + bytes(50), error="damaged"),
    Case(
        "boast.png",
        picture(GRAY, "PNG").replace(b"\0\0\0\3\0\0\0\2", b"\0\1\0\0\0\1\0\0"),
        error="pixels|damaged",
    ),
]
