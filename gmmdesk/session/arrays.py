"""Arrays as NumPy's .npy files, read without executing or allocating anything unchecked."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

Array = npt.NDArray[Any]

# The kinds of numbers there are, in the byte order of the file.
TYPES = {name: np.dtype(name).newbyteorder("<") for name in ("f8", "i8", "i4")}
_MAX_HEADER = 1_000  # characters


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
    file = io.BytesIO(content)
    try:
        if npy.read_magic(file) != (1, 0):
            raise UnsoundError("it is of another version")
        shape, column_major, kind = npy.read_array_header_1_0(file, max_header_size=_MAX_HEADER)
    except UnsoundError:
        raise
    # What parsing the header, a Python literal, may raise.
    except (ValueError, TypeError, SyntaxError, KeyError, MemoryError, RecursionError) as error:
        raise UnsoundError("its header is damaged") from error
    if column_major or kind not in TYPES.values() or any(size < 0 for size in shape):
        raise UnsoundError("it is of another kind")
    n_bytes = kind.itemsize
    for size in shape:
        n_bytes *= size
    if len(shape) > 4 or n_bytes != len(content) - file.tell():
        raise UnsoundError("its size is wrong")
    array = np.frombuffer(content, kind, offset=file.tell()).reshape(shape)
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
