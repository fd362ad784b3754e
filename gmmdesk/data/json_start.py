"""JSON text that is read as far as it is asked for, and the first values in it."""

from __future__ import annotations

import codecs
import json
from typing import Any, BinaryIO

WHITE = " \t\r\n"
_CHUNK = 1 << 16  # bytes that are read at first; from then on as many again as there are


class GrowingText:
    """The text of a file so far; raises UnicodeDecodeError where it is none."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._n_bytes = 0
        self.text = ""
        self.is_whole = False
        start = file.read(_CHUNK)
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(start))()
        self._take(start)

    def grow(self) -> None:
        """Read as much again."""
        self._take(self._file.read(max(_CHUNK, self._n_bytes)))

    def whole(self) -> str:
        """All of the text."""
        while not self.is_whole:
            self._take(self._file.read())
        return self.text

    def past_white(self, position: int) -> int:
        """Where the first character from `position` on is that is no white space."""
        while True:
            while position < len(self.text) and self.text[position] in WHITE:
                position += 1
            if position < len(self.text) or self.is_whole:
                return position
            self.grow()

    def line_end(self, position: int) -> int:
        """Where the line ends in which `position` is."""
        while (end := self.text.find("\n", position)) < 0:
            if self.is_whole:
                return len(self.text)
            self.grow()
        return end

    def _take(self, more: bytes) -> None:
        before = self._n_bytes - len(self._decoder.getstate()[0])
        try:
            self.text += self._decoder.decode(more, final=not more)
        except UnicodeDecodeError as error:
            error.start += before  # in the file, not in this part of it
            raise
        self._n_bytes += len(more)
        self.is_whole = not more


def first_values(
    source: GrowingText, decoder: json.JSONDecoder, n: int
) -> tuple[list[Any], bool] | None:
    """The first n values of the list that the text is or, then with True, on its lines.

    None where it is neither a list of records or lists nor a value on each line. Raises ValueError
    for what is no JSON as far as it was read.
    """
    start = source.past_white(0)
    if source.text.startswith("[", start):
        inner = source.past_white(start + 1)
        if source.text.startswith(("{", "["), inner):
            values = _in_list(source, decoder, inner, n)
            if values is not None:
                return values, False
    values = _on_lines(source, decoder, start, n)
    return None if values is None else (values, True)


def _in_list(
    source: GrowingText, decoder: json.JSONDecoder, position: int, n: int
) -> list[Any] | None:
    """Of the list whose first value is at `position`; None where more follows after it."""
    values: list[Any] = []
    while len(values) < n:
        value, position = _value(source, decoder, position)
        values.append(value)
        position = source.past_white(position)
        if source.text.startswith("]", position):
            return values if source.past_white(position + 1) == len(source.text) else None
        if not source.text.startswith(",", position):
            raise json.JSONDecodeError("Expecting ',' delimiter", source.text, position)
        position = source.past_white(position + 1)
    return values


def _value(source: GrowingText, decoder: json.JSONDecoder, position: int) -> tuple[Any, int]:
    """The value at `position`, and where it ends: before the end of the text so far."""
    while True:
        try:
            value, end = decoder.raw_decode(source.text, position)
            if end < len(source.text) or source.is_whole:
                return value, end
        except ValueError:  # the text may only be cut off here
            if source.is_whole:
                raise
        source.grow()


def value_on_line(text: str, decoder: json.JSONDecoder, position: int, end: int) -> Any:
    """The one value from `position` to the `end` of its line; raises JSONDecodeError."""
    value, stop = decoder.raw_decode(text, position)
    if stop > end or text[stop:end].strip(WHITE):
        raise json.JSONDecodeError("Not one value on this line", text, position)
    return value


def _on_lines(
    source: GrowingText, decoder: json.JSONDecoder, position: int, n: int
) -> list[Any] | None:
    """Of a text with a value on each line; None where there is no more than one."""
    values: list[Any] = []
    while len(values) < n:
        position = source.past_white(position)
        if position >= len(source.text):
            break
        end = source.line_end(position)
        try:
            value = value_on_line(source.text, decoder, position, end)
        except ValueError:
            if not values:  # a value on several lines
                return None
            raise
        values.append(value)
        position = end + 1
    return values if len(values) > 1 else None
