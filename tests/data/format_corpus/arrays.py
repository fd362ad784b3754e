"""Arrays of NumPy and events of flow cytometry."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import flowio
import numpy as np

from tests.data.format_corpus.case import CSV_READ, DATE, ID, NUMBER, TEXT, Case


def npy(array: Any, **how: Any) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, **how)
    return sink.getvalue()


def npz(**arrays: Any) -> bytes:
    sink = io.BytesIO()
    np.savez_compressed(sink, **arrays)
    return sink.getvalue()


GRID = np.array([[1.5, 2.0], [2.5, 7.0], [0.5, 1.0]])
GRID_READ = {"x1": (NUMBER, [1.5, 2.5, 0.5]), "x2": (NUMBER, [2.0, 7.0, 1.0])}
FIELDS = np.array(
    [(1, 2.5, "é", b"x", True), (7, 3.5, "b", b"", False)],
    dtype=[("i", ">i4"), ("f", "f2"), ("u", "U3"), ("s", "S2"), ("t", "?")],
)
ARRAYS = [
    Case("grid.npy", npy(GRID), GRID_READ),
    Case("columns first.npy", npy(np.asfortranarray(GRID)), GRID_READ),
    Case("big endian.npy", npy(GRID.astype(">f8")), GRID_READ),
    Case("line.npy", npy(np.array([3, 1, 2])), {"x1": (NUMBER, [3, 1, 2])}),
    Case("gaps.npy", npy(np.array([3.0, np.nan, 2])), {"x1": (NUMBER, [3.0, None, 2.0])}),
    Case(
        "fields.npy",
        npy(FIELDS),
        {
            "i": (NUMBER, [1, 7]),
            "f": (NUMBER, [2.5, 3.5]),
            "u": (ID, ["é", "b"]),
            "s": (ID, ["x", None]),
            "t": (TEXT, [True, False]),
        },
        ("2 or more than 8 bytes",),
    ),
    Case(
        "complex.npy",
        npy(np.array([1 + 2j, 3 - 4j])),
        {"x1 (real)": (NUMBER, [1.0, 3.0]), "x1 (imaginary)": (NUMBER, [2.0, -4.0])},
    ),
    Case(
        "days.npy",
        npy(np.array(["2020-01-01", "NaT"], "M8[D]")),
        {"x1": (DATE, [dt.datetime(2020, 1, 1), None])},
    ),
    Case(
        "columns.npz",
        npz(x=GRID[:, 0], y=GRID[:, 1].astype(int)),
        CSV_READ,
        sheets=("(all columns)", "x", "y"),
    ),
    Case(
        "choose.npz", npz(a=np.arange(4), grid=GRID), GRID_READ, sheet="grid", sheets=("a", "grid")
    ),
    Case("objects.npy", npy(np.array([None, {}]), allow_pickle=True), error="Python objects"),
    Case("cube.npy", npy(np.zeros((2, 2, 2))), error="3 dimensions"),
    Case("scalar.npy", npy(np.array(1.5)), error="0 dimensions"),
    Case("nothing.npy", npy(np.empty((0, 3))), error="no rows"),
    Case(
        "boast.npy",
        npy(GRID).replace(b"(3, 2)", b"(3, 9999999999)").replace(b"  \n", b"\n"),
        error="damaged",
    ),
    Case("cut.npy", npy(GRID)[:-5], error="damaged"),
    Case("wide.npy", npy(np.zeros((1, 20_000), np.int8)), error="20,000 columns"),
]


def fcs(events: list[float], channels: list[str], stains: list[str], **text: str) -> bytes:
    sink = io.BytesIO()
    flowio.create_fcs(sink, events, channels, stains, text or None)
    return sink.getvalue()


FCS_FILE = fcs([1.5, 2.0, 0.0, 2.5, 7.0, 1.0], ["FSC-A", "FL1-A", "Time"], ["", "CD3", ""])
CYTOMETRY = [
    Case(
        "cells.fcs",
        FCS_FILE,
        {"FSC-A": (NUMBER, [1.5, 2.5]), "CD3": (NUMBER, [2.0, 7.0]), "Time": (DATE, [0.0, 1.0])},
        ("as stored in the file: no compensation",),
        labels={"CD3": "channel FL1-A"},
    ),
    Case(
        "compensated.fcs",
        fcs([1.5, 2.0, 2.5, 7.0], ["A", "B"], ["x", "x"], spillover="2,A,B,1,0,0,1"),
        {"x": (NUMBER, [1.5, 2.5]), "x (2)": (NUMBER, [2.0, 7.0])},
        ("Repeated", "as stored", "matrix for compensation, which was not used"),
        labels={"x": "channel A", "x (2)": "channel B"},
    ),
    Case("cut.fcs", FCS_FILE[:-10], error="damaged"),
    Case("no names.fcs", FCS_FILE.replace(b"$P", b"$Q"), error="damaged"),
    Case("head.fcs", FCS_FILE[:60], error="damaged"),
]
