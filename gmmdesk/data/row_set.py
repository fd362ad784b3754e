"""Some of the rows of a table, as a frozen set of one byte a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.data.dataset import BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RowSet:
    """The rows of a table of n rows that are True in `mask` (n,), `count` of them."""

    mask: BoolArray
    count: int

    @classmethod
    def of_mask(cls, mask: BoolArray) -> RowSet:
        """Take the mask over: nobody may change it afterwards."""
        mask.flags.writeable = False
        return cls(mask, int(np.count_nonzero(mask)))

    @classmethod
    def of_rows(cls, rows: npt.ArrayLike, n_rows: int) -> RowSet:
        """Those of `n_rows` with these numbers (m,), from 0, in any order."""
        mask = np.zeros(n_rows, np.bool_)
        mask[np.asarray(rows, np.intp)] = True
        return cls.of_mask(mask)

    @classmethod
    def nothing(cls, n_rows: int) -> RowSet:
        """None of `n_rows`."""
        return cls.of_mask(np.zeros(n_rows, np.bool_))

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return len(self.mask)

    def rows(self) -> IntArray:
        """The numbers of the rows, (count,), from 0 upward."""
        return np.flatnonzero(self.mask)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowSet):
            return NotImplemented
        return self.count == other.count and bool(np.array_equal(self.mask, other.mask))

    def __hash__(self) -> int:
        return hash((self.n_rows, self.count))

    def __or__(self, other: RowSet) -> RowSet:
        return RowSet.of_mask(self.mask | other.mask)

    def __and__(self, other: RowSet) -> RowSet:
        return RowSet.of_mask(self.mask & other.mask)

    def __sub__(self, other: RowSet) -> RowSet:
        return RowSet.of_mask(self.mask & ~other.mask)

    def __invert__(self) -> RowSet:
        return RowSet.of_mask(~self.mask)

    def bits(self) -> bytes:
        """The set as a bit a row, the first row in the highest bit of the first byte."""
        return np.packbits(self.mask).tobytes()

    @classmethod
    def of_bits(cls, bits: bytes, n_rows: int) -> RowSet:
        """What `bits` are about; raises ValueError where they are not about `n_rows` rows."""
        if len(bits) != -(-n_rows // 8):
            raise ValueError(f"{len(bits)} bytes are no bits of {n_rows} rows")
        mask = np.unpackbits(np.frombuffer(bits, np.uint8), count=n_rows)
        return cls.of_mask(mask.view(np.bool_))

    def packed(self) -> PackedRows:
        """The set in a bit a row: for what is kept for long."""
        return PackedRows(self.bits(), self.n_rows)


@dataclass(frozen=True, slots=True)
class PackedRows:
    """The `bits` of a `RowSet` of a table of `n_rows`."""

    bits: bytes
    n_rows: int

    def unpacked(self) -> RowSet:
        return RowSet.of_bits(self.bits, self.n_rows)

    @property
    def is_empty(self) -> bool:
        return not any(self.bits)
