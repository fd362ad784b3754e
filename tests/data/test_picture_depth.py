"""Pictures of 16 bits a colour."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from gmmdesk.data.readers import read

pytestmark = pytest.mark.usefixtures("parsers_here")
COLORS = {1: 0, 2: 4, 3: 2, 4: 6}  # channels: PNG's type of colour
VALUES = np.array([1, 4, 7, 256, 257, 65_535, 0, 40_000, 511, 2, 300, 77])


def png(pixels, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG file of (height, width, channels) numbers of 16 bits, by its specification."""
    height, width, n_channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, COLORS[n_channels], 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def tiff(pixels, order: str) -> bytes:
    """An uncompressed TIFF file of such numbers, of either order of bytes ("<" or ">")."""
    height, width, n_channels = pixels.shape
    data = pixels.astype(f"{order}u2").tobytes()
    bits_at = 8 + 2 + 12 * 10 + 4
    start = bits_at + 2 * n_channels
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, n_channels, bits_at), (259, 3, 1, 1)),
        *((262, 3, 1, 2), (273, 4, 1, start), (277, 3, 1, n_channels), (278, 4, 1, height)),
        *((279, 4, 1, len(data)), (284, 3, 1, 1)),
    ]
    content = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    content += struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        form = "HHIHH" if kind == 3 and count == 1 else "HHII"
        content += struct.pack(order + form, *(tag, kind, count, value, 0)[: len(form)])
    content += bytes(4) + struct.pack(f"{order}{n_channels}H", *[16] * n_channels)
    return content + data


def colors(dataset):
    names = [name for name in ("red", "green", "blue", "alpha") if name in dataset.recommended]
    return np.stack([dataset.column(name).numbers() for name in names], axis=1)


@pytest.mark.parametrize("n_channels", [3, 4])
def test_all_bits_of_a_png_are_read(file, n_channels):
    pixels = VALUES.reshape(1, -1, n_channels)
    dataset = read(file(png(pixels), "p.png"))
    assert colors(dataset).tolist() == pixels[0].tolist()
    assert len(dataset.receipt.notes) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_all_bits_of_a_tiff_are_read(file, order):
    pixels = VALUES.reshape(2, 2, 3)
    dataset = read(file(tiff(pixels, order), "p.tif"))
    assert colors(dataset).tolist() == pixels.reshape(4, 3).tolist()


def test_gray_ones_are_read_as_they_are(file):
    dataset = read(file(png(VALUES.reshape(3, 4, 1)), "p.png"))
    assert dataset.column("gray").numbers().tolist() == VALUES.tolist()
    assert len(dataset.receipt.notes) == 1


@pytest.mark.parametrize(
    ("n_channels", "more"), [(2, ()), (3, ((b"tRNS", struct.pack(">HHH", 1, 4, 7)),))]
)
def test_a_note_where_the_parser_cuts_them(file, n_channels, more):
    dataset = read(file(png(VALUES.reshape(2, -1, n_channels), *more), "p.png"))
    assert any("only the upper 8" in note for note in dataset.receipt.notes)
