"""Compressed files and archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np

from tests.data.format_corpus.arrays import GRID, GRID_READ, npz
from tests.data.format_corpus.case import CSV, CSV_READ, RECORDS, Case


def archive(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name.replace("__", "."), content)
    return sink.getvalue()


COMPRESSED = [
    Case("t.csv.gz", gzip.compress(CSV), CSV_READ),
    Case("two streams.csv.gz", gzip.compress(CSV[:12]) + gzip.compress(CSV[12:]), CSV_READ),
    Case("t.csv.bz2", bz2.compress(CSV), CSV_READ),
    Case("t.json.xz", lzma.compress(RECORDS.encode()), CSV_READ),
    Case(
        "t.gz", gzip.compress(RECORDS.encode()), CSV_READ, ("JSON file in spite|text table|JSON",)
    ),
    Case("plain.csv.gz", CSV, CSV_READ, ("read as a text table",)),
    Case("one.zip", archive(t__csv=CSV), CSV_READ, ("that of t.csv in one.zip",)),
    Case(
        "choose.zip",
        archive(a__csv=b"q\n1\n3\n", b__json=RECORDS.encode()),
        CSV_READ,
        ("that of b.json",),
        sheet="b.json",
        sheets=("a.csv", "b.json"),
    ),
    Case(
        "within.zip",
        archive(a__csv=CSV, n__npz=npz(u=np.arange(4), grid=GRID)),
        GRID_READ,
        ("that of n.npz",),
        sheet="n.npz \u203a grid",
        sheets=("a.csv", "n.npz \u203a u", "n.npz \u203a grid"),
    ),
    Case("no such.zip", archive(a__csv=CSV, b__csv=CSV), error="holds no file 'c'", sheet="c"),
    Case("twice.csv.gz", gzip.compress(gzip.compress(CSV)), error="a packed file again"),
    Case("zip in zip.zip", archive(a__zip=archive(t__csv=CSV)), error="a packed file again"),
    Case("cut.csv.gz", gzip.compress(CSV)[:-6], error="damaged or cut short"),
    Case("spoilt.csv.xz", lzma.compress(CSV)[:40] + bytes(40), error="damaged"),
    Case("nothing.zip", archive(), error="holds no files"),
    Case("nothing.gz", gzip.compress(b""), error="empty once unpacked"),
    Case("outside.zip", archive(**{"../../x__csv": CSV}), CSV_READ, ("that of ../../x.csv",)),
]
