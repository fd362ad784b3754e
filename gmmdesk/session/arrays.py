"""Arrays as NumPy's .npy files, read without executing or allocating anything unchecked."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

Array = npt.NDArray[Any]

# The kinds of numbers there are, in the byte order of the file.
TYPES = {name: np.dtype(name).newbyteorder("<") for name in ("f8", "i8")}
# Of version 1.0, as NumPy writes it: so strict that no parser of Python's is needed.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '<(?P<kind>f8|i8)', 'fortran_order': False, "
    rb"'shape': \((?P<shape>(?:\d{1,12},? ?){0,4})\), \} *\n",
    re.DOTALL,
)


class UnsoundError(ValueError):
    """A part of a session file that is not what a session has there."""


def encoded(array: Array) -> bytes:
    """The .npy file of an array of one of `TYPES`."""
    for_file = np.asarray(array, dtype=TYPES[array.dtype.str[1:]], order="C")
    file = io.BytesIO()
    npy.write_array(file, for_file, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def decoded(content: bytes) -> Array:
    """The array in a .npy file, read-only; raises UnsoundError for anything unusual in it."""
    match = _HEADER.match(content)
    if match is None or 10 + int.from_bytes(content[8:10], "little") != match.end():
        raise UnsoundError("its header is damaged, or of another kind")
    kind = TYPES[match["kind"].decode()]
    shape = tuple(int(size) for size in match["shape"].split(b",") if size.strip())
    if math.prod(shape) * kind.itemsize != len(content) - match.end():
        raise UnsoundError("its size is wrong")
    array = np.frombuffer(content, kind, offset=match.end()).reshape(shape)
    return array.astype(kind.newbyteorder("="), copy=False)


class ArrayShelf:
    """Arrays by name, handed out as what is expected of them."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def take(self, name: str, kind: str, *shape: int | None, finite: bool = True) -> Array:
        """The array called `name`: of a kind of `TYPES`, this shape, None being any size.

        Raises UnsoundError where it is absent or another, and where a number is not `finite`.
        """
        array = self._arrays.get(name)
        if array is None:
            raise UnsoundError(f"the array {name} is missing")
        fits = len(array.shape) == len(shape) and all(
            wanted in (None, size) for wanted, size in zip(shape, array.shape, strict=True)
        )
        if not fits or array.dtype != np.dtype(kind):
            raise UnsoundError(f"the array {name} has another shape or type")
        if finite and kind == "f8" and not np.isfinite(array).all():
            raise UnsoundError(f"the array {name} holds a number that is not finite")
        return array

    def take_indices(self, name: str, below: int, *shape: int | None) -> Array:
        """An array of whole numbers from 0 up, `below` a bound."""
        array = self.take(name, "i8", *shape)
        if array.size and not (array.min() >= 0 and array.max() < below):
            raise UnsoundError(f"the array {name} points outside")
        return array
