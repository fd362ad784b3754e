"""The number formats of an OpenDocument sheet, in the words of spreadsheets' own format codes.

See OpenDocument 1.3 part 3, 16.29 (data styles) and 9.1 (tables): a cell names a style, which names
a data style, whose parts say one after the other what is shown.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import IO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

CONTENT = "content.xml"
_STYLES = "styles.xml"
_MOST_ELEMENTS = 2_000_000  # looked at: a cell with text is two
_MOST_IN_ROW = 100_000  # of these, which are in memory together
_MOST_BYTES = 32 << 20  # of the list of styles, unpacked
_MOST_DIGITS = 30
_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"
_COLOR = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}color"
_PLAIN = " -/:.,()"  # what a code may hold as it is; letters are digits and dates there


class _UnknownError(Exception):
    """A data style that no format code says."""


def counted(
    archive: zipfile.ZipFile, sheet: str, first_row: int, n_rows: int, columns: range
) -> dict[int, Counter[str]]:
    """How often each format is that of a cell, by column from 0.

    Of the cells that are not empty in `columns` and `n_rows` rows from `first_row` (from 1) on.
    """
    styles = _Styles()
    info = archive.getinfo(_STYLES) if _STYLES in archive.namelist() else None
    if info is not None and info.file_size <= _MOST_BYTES:
        for element in ElementTree.fromstring(archive.read(info)).iter():
            styles.add(element)
    counts: dict[int, Counter[str]] = {}
    with archive.open(CONTENT) as part:
        for column, times, style in _cells(part, styles, sheet, first_row, first_row + n_rows):
            for j in range(max(column, columns.start), min(column + times, columns.stop)):
                counts.setdefault(j, Counter())[styles.code_of_cell(style)] += 1
    return counts


class _Styles:
    """The styles of cells and of their numbers, by name."""

    def __init__(self) -> None:
        self._data: dict[str, Element] = {}
        self._of_cells: dict[str, tuple[str, str]] = {}  # data style and parent of each
        self._codes: dict[str, str] = {}

    def add(self, element: Element) -> None:
        """Take note of an element if it is a style."""
        name = element.get(f"{_STYLE}name", "")
        if element.tag == f"{_STYLE}style":
            if element.get(f"{_STYLE}family") == "table-cell":
                data = element.get(f"{_STYLE}data-style-name", "")
                self._of_cells[name] = data, element.get(f"{_STYLE}parent-style-name", "")
        elif element.tag.startswith(_NUMBER) and element.tag.endswith("-style"):
            self._data[name] = element

    def code_of_cell(self, name: str) -> str:
        """The format code of cells of a style, "" where there is none."""
        if name not in self._codes:
            data, seen = "", {""}
            style = name
            while not data and style not in seen:
                seen.add(style)
                data, style = self._of_cells.get(style, ("", ""))
            try:
                self._codes[name] = self._code(data)
            except (_UnknownError, ValueError, KeyError):
                self._codes[name] = ""
        return self._codes[name]

    def _code(self, name: str) -> str:
        if name not in self._data:
            return ""
        element = self._data[name]
        maps = element.findall(f"{_STYLE}map")
        code = _code_of(element)
        if not maps:
            return code
        if [one.get(f"{_STYLE}condition") for one in maps] != ["value()>=0"]:
            raise _UnknownError
        return f"{_code_of(self._data[maps[0].get(f'{_STYLE}apply-style-name', '')])};{code}"


def _code_of(style: Element) -> str:
    """The format code that a data style is, without those for some values only."""
    parts = []
    for part in style:
        kind = part.tag.removeprefix(_NUMBER)
        if kind in _PARTS:
            parts.append(_PARTS[kind](part))
        elif part.tag.endswith("}text-properties"):
            parts += ["[Red]"] * (part.get(_COLOR, "").lower() == "#ff0000")
        elif not part.tag.endswith("}map"):
            raise _UnknownError
    if style.get(f"{_NUMBER}truncate-on-overflow") == "false":  # hours go on beyond the day
        first = next((i for i, part in enumerate(parts) if part[:1] in {"h", "m", "s"}), None)
        if first is None:
            raise _UnknownError
        parts[first] = f"[{parts[first]}]"
    code = "".join(parts)
    return "" if code == _GENERAL else code


_GENERAL = "General"


def _digits(part: Element) -> str:
    given = part.get(f"{_NUMBER}decimal-places")
    if given is None and part.get(f"{_NUMBER}grouping") != "true":
        return _GENERAL
    whole = "0" * _number(part, "min-integer-digits") or "#"
    if part.get(f"{_NUMBER}grouping") == "true":
        whole = f"#,{whole.rjust(3, '#')}"
    most = _number(part, "decimal-places")
    least = _number(part, "min-decimal-places", most)
    return whole + "." * (most > 0) + "0" * least + "#" * (most - least)


def _scientific(part: Element) -> str:
    exponent = "0" * max(1, _number(part, "min-exponent-digits"))
    if _number(part, "exponent-interval", 1) != 1:
        raise _UnknownError
    return f"{_digits(part)}E+{exponent}"


def _number(part: Element, name: str, otherwise: int = 0) -> int:
    number = int(part.get(_NUMBER + name, otherwise))
    if not 0 <= number <= _MOST_DIGITS:
        raise _UnknownError
    return number


def _text(part: Element) -> str:
    text = part.text or ""
    if all(c in _PLAIN or c == "%" for c in text):
        return text
    if '"' in text:
        raise _UnknownError
    return f'"{text}"'


def _dated(short: str, long: str) -> Callable[[Element], str]:
    def code(part: Element) -> str:
        return long if part.get(f"{_NUMBER}style") == "long" else short

    return code


def _month(part: Element) -> str:
    letters = _dated("m", "mm")(part)
    return f"mm{letters}" if part.get(f"{_NUMBER}textual") == "true" else letters


def _seconds(part: Element) -> str:
    places = _number(part, "decimal-places")
    return _dated("s", "ss")(part) + "." * (places > 0) + "0" * places


_PARTS: dict[str, Callable[[Element], str]] = {
    "number": _digits,
    "scientific-number": _scientific,
    "text": _text,
    "currency-symbol": _text,
    "day": _dated("d", "dd"),
    "day-of-week": _dated("ddd", "dddd"),
    "month": _month,
    "year": _dated("yy", "yyyy"),
    "hours": _dated("h", "hh"),
    "minutes": _dated("m", "mm"),
    "seconds": _seconds,
    "am-pm": lambda _part: "AM/PM",
}


def _cells(
    part: IO[bytes], styles: _Styles, sheet: str, first_row: int, end_row: int
) -> Iterator[tuple[int, int, str]]:
    """Column from 0, how many alike, and style, of the cells that are not empty in these rows.

    The styles of the part are added to `styles` on the way.
    """
    is_there, row, n_seen, n_before_row = False, 1, 0, 0
    of_columns: list[tuple[int, str]] = []
    for event, element in ElementTree.iterparse(part, ("start", "end")):
        kind = element.tag.removeprefix(_TABLE)
        if event == "start":
            n_seen += 1
            if n_seen > _MOST_ELEMENTS or n_seen - n_before_row > _MOST_IN_ROW:
                return
            if kind == "table":
                is_there, of_columns = element.get(f"{_TABLE}name") == sheet, []
            continue
        styles.add(element)
        if kind == "table" and is_there:
            return
        if kind == "table-column":
            style = element.get(f"{_TABLE}default-cell-style-name", "")
            of_columns.append((_times(element, "columns"), style))
        if kind != "table-row":
            continue
        if is_there and row + _times(element, "rows") > first_row:
            yield from _cells_of(element, of_columns)
        row += _times(element, "rows") if is_there else 0
        element.clear()
        n_before_row = n_seen
        if row >= end_row:
            return


def _cells_of(row: Element, of_columns: list[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    column = 0
    for cell in row:
        times = _times(cell, "columns")
        if cell.get(_VALUE):
            style = cell.get(f"{_TABLE}style-name") or row.get(f"{_TABLE}default-cell-style-name")
            yield column, times, style or _style_at(column, of_columns)
        column += times


def _style_at(column: int, of_columns: list[tuple[int, str]]) -> str:
    end = 0
    for times, style in of_columns:
        end += times
        if column < end:
            return style
    return ""


def _times(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", "1")))
