"""Why rows are left out: in words, counted, a code for each row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gmmdesk.data.dataset import Column, IntArray
from gmmdesk.task import Task

Codes = npt.NDArray[np.uint16]

_CHUNK = 1 << 17
_MAX_NAMED = 5  # columns named in a row's reason
_MAX_COMBINED = 1_000  # distinct reasons beyond which a row's first one must do
_MAX_WORDINGS = 50  # distinct unreadable texts quoted per column; the rest share one reason


def with_some_value(used: list[Column], n_rows: int, task: Task) -> npt.NDArray[np.bool_]:
    """The rows that have a value in at least one of the `used` columns, (n_rows,)."""
    some = np.zeros(n_rows, np.bool_)
    for column in used:
        numbers = column.numbers()
        for start in range(0, n_rows, _CHUNK):
            task.step()
            some[start : start + _CHUNK] |= ~np.isnan(numbers[start : start + _CHUNK])
    return some


class Reasons:
    """The wordings of why rows are left out, each with a code from 1 on."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._n_columns: list[int] = []
        self._codes: dict[str, int] = {}

    def code(self, text: str, n_columns: int = 1) -> int:
        if text not in self._codes:
            self.texts.append(text)
            self._n_columns.append(n_columns)
            self._codes[text] = len(self.texts)
        return self._codes[text]

    def both(self, first: int, second: int) -> int:
        """The code of two reasons for the same row."""
        text, n_columns = self.texts[first - 1], self._n_columns[first - 1]
        if n_columns > _MAX_NAMED or len(self.texts) >= _MAX_COMBINED:
            return first
        if n_columns == _MAX_NAMED:
            return self.code(f"{text} and more", n_columns + 1)
        return self.code(f"{text}; {self.texts[second - 1]}", n_columns + 1)


def without_numbers(
    used: list[Column], n_rows: int, task: Task, kept: npt.NDArray[np.bool_] | None
) -> tuple[Codes, Reasons]:
    """Why each row is left out, (n_rows,): the columns of `used` that have no number there.

    Those that are `kept` (n_rows,) are not.
    """
    left_out = np.zeros(n_rows, np.uint16)
    reasons = Reasons()
    for column in used:
        numbers = column.numbers()
        wordings: set[str] = set()
        for start in range(0, n_rows, _CHUNK):
            task.step()
            part = left_out[start : start + _CHUNK]
            absent = np.isnan(numbers[start : start + _CHUNK])
            if kept is not None:
                absent &= ~kept[start : start + _CHUNK]
            if not absent.any():
                continue
            found = np.zeros(len(part), np.uint16)
            first, last = np.searchsorted(column.unreadable, (start, start + len(part)))
            for row in column.unreadable[first:last].tolist():
                if not absent[row - start]:
                    continue
                reason = f"unreadable: '{shortened(column.cells[row])}' in {column.name}"
                if reason not in wordings and (
                    len(wordings) >= _MAX_WORDINGS or len(reasons.texts) >= _MAX_COMBINED
                ):
                    reason = f"unreadable: text in {column.name}"
                wordings.add(reason)
                found[row - start] = reasons.code(reason)
            missing = absent & (found == 0)
            if missing.any():
                found[missing] = reasons.code(f"missing: {column.name}")
            again = np.flatnonzero(absent & (part > 0))
            part[absent & (part == 0)] = found[absent & (part == 0)]
            pairs = part[again].astype(np.uint32) << 16 | found[again]
            different, which = np.unique(pairs, return_inverse=True)
            codes = [reasons.both(pair >> 16, pair & 0xFFFF) for pair in different.tolist()]
            part[again] = np.array(codes, np.uint16)[which]
    return left_out, reasons


def without_unused(left_out: Codes, texts: list[str]) -> tuple[tuple[str, ...], IntArray]:
    """Renumber the codes in place so that every reason is some row's; the reasons left, counted."""
    n_rows = np.zeros(len(texts) + 1, np.int64)
    parts = [left_out[start : start + _CHUNK] for start in range(0, len(left_out), _CHUNK)]
    for part in parts:
        n_rows += np.bincount(part, minlength=len(n_rows))
    seen = n_rows > 0
    seen[0] = False
    codes = np.cumsum(seen, dtype=np.uint16)
    for part in parts:
        part[:] = codes[part]
    reasons = tuple(text for text, is_seen in zip(texts, seen[1:], strict=True) if is_seen)
    return reasons, n_rows[seen]


def shortened(cell: pa.Scalar, most: int = 40) -> str:
    """A cell's text on one line, with an ellipsis where it is long."""
    words = " ".join(str(cell.as_py()).split())
    return words if len(words) <= most else words[: most - 1] + "…"
