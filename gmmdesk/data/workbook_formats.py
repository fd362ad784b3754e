"""How the numbers of a worksheet look: the number formats of its columns.

See ECMA-376 part 1, 18.8.30. The parser of workbooks tells values only. Formats are a matter of
looks, so what cannot be made sense of has none, and nothing is refused because of it.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, BinaryIO
from xml.etree import ElementTree

import olefile

from gmmdesk.data import opendocument_formats as opendocument
from gmmdesk.data import xls_formats, xlsb_formats
from gmmdesk.data.options import column_number

_ROWS = 200  # whose cells decide
_MOST_ELEMENTS = 2_000_000  # looked at to get there: a cell with a value is two
_MOST_IN_ROW = 100_000  # of these, which are in memory together
_MOST_BYTES = 32 << 20  # of the list of styles, unpacked
_LONGEST = 120
SHORT_DATE = "mm-dd-yy"  # as the reader of a workbook writes dates, in spite of its words
# Formats that are known by their number alone (18.8.30); 14 to 22 are dates.
_BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"},
    **{12: "# ?/?", 13: "# ??/??", 14: SHORT_DATE, 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy"},
    **{18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm"},
    **{37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)"},
    **{40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0"},
    **{48: "##0.0E+0"},
}
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Up to four parts of digits, marks, letters of dates, and text in quotes or behind a backslash.
_SOUND = re.compile(
    r"""(?:"[^"\x00-\x1f]*"|\\[^\x00-\x1f]|\[[^\[\]"\x00-\x1f]*\]"""
    r"""|[-0#?.,%/ _()*$€£¥+:;@!a-zA-Z'])+"""
)


def column_formats(
    content: BinaryIO, sheet: str, first_row: int, first_column: int, n_columns: int
) -> list[str]:
    """The number format of each column, "" where it has none of its own, or it is not known.

    It is the one of most of the first cells below row `first_row` (from 1), in `n_columns` columns
    from `first_column` (from 0) on.
    """
    columns = range(first_column, first_column + n_columns)
    try:
        content.seek(0)
        if olefile.isOleFile(content):
            counts = xls_formats.counted(content, sheet, first_row, _ROWS, _BUILT_IN)
        else:
            counts = _in_archive(content, sheet, first_row, columns)
    except Exception:  # whatever it is: the cells can be read without
        return []
    formats = []
    for j in columns:
        code = counts[j].most_common(1)[0][0] if j in counts else ""
        is_sound = len(code) <= _LONGEST and _SOUND.fullmatch(code) and code.count(";") < 4
        formats.append(code if is_sound and code not in ("General", "@") else "")
    return formats


def _in_archive(
    content: BinaryIO, sheet: str, first_row: int, columns: range
) -> dict[int, Counter[str]]:
    """How often each format is that of a cell, by column from 0."""
    with zipfile.ZipFile(content) as archive:
        if opendocument.CONTENT in archive.namelist():
            return opendocument.counted(archive, sheet, first_row, _ROWS, columns)
        if xlsb_formats.BOOK in archive.namelist():
            return xlsb_formats.counted(archive, sheet, first_row, _ROWS, _BUILT_IN)
        return _counted(archive, sheet, first_row)


def _codes(archive: zipfile.ZipFile) -> list[str]:
    """The number format of each style of cells."""
    info = archive.getinfo("xl/styles.xml")
    if info.file_size > _MOST_BYTES:
        return []
    root = ElementTree.fromstring(archive.read(info))
    own = {
        int(one.get("numFmtId", "0")): one.get("formatCode", "")
        for one in root.iterfind("{*}numFmts/{*}numFmt")
    }
    known = _BUILT_IN | own
    styles = root.iterfind("{*}cellXfs/{*}xf")
    return [known.get(int(style.get("numFmtId", "0")), "") for style in styles]


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds the sheet called so."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for one in book.iterfind("{*}sheets/{*}sheet"):
        if one.get("name") == sheet:
            target = targets[one.get(_RELATION)]
            return target[1:] if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _counted(archive: zipfile.ZipFile, sheet: str, first_row: int) -> dict[int, Counter[str]]:
    """How often each format is that of a cell, by column from 0."""
    codes = _codes(archive)
    counts: dict[int, Counter[str]] = {}
    with archive.open(_part(archive, sheet)) as part:
        for letters, row, style in _cells(part):
            if row >= first_row + _ROWS:
                break
            if row >= first_row:
                code = codes[style] if style < len(codes) else ""
                counts.setdefault(column_number(letters), Counter())[code] += 1
    return counts


def _cells(part: IO[bytes]) -> Iterator[tuple[str, int, int]]:
    """Column, row and style of each cell that has an address and is not empty."""
    n_before_row = 0
    for n, (_, element) in enumerate(ElementTree.iterparse(part)):
        if n >= _MOST_ELEMENTS or n - n_before_row >= _MOST_IN_ROW:
            return
        if element.tag.endswith("}c"):
            address = _CELL.fullmatch(element.get("r", ""))
            if address is not None and len(element):
                yield address[1], int(address[2]), int(element.get("s", "0"))
        elif element.tag.endswith("}row"):
            element.clear()
            n_before_row = n
