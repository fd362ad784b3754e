"""Small workbooks of every kind, written by hand: the parser reads three that no library writes."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import xlsxwriter

Cells = Mapping[tuple[int, int], object]
ERROR = object()  # in a cell: #DIV/0!


def cells(*rows: Sequence[object]) -> dict[tuple[int, int], object]:
    """The cells of a table by row and column."""
    return {(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row)}


def repack(path: Path, **parts: bytes) -> None:
    """Replace parts of the archive, named by how their paths end before the dot."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, parts.get(Path(name).stem, content))


def write_xlsx(path: Path, sheet: Cells) -> None:
    with xlsxwriter.Workbook(path) as book:
        worksheet = book.add_worksheet("S")
        for (row, column), value in sheet.items():
            if value is ERROR:
                worksheet.write_formula(row, column, "=1/0", None, "#DIV/0!")
            else:
                worksheet.write(row, column, value)


# --- .xls: records of BIFF8 (MS-XLS 2.4) in a compound file (MS-CFB 2.2) -----------------------


def write_xls(path: Path, sheet: Cells, *, looks: Sequence[str | int] = ()) -> None:
    """`looks` are the number formats of the columns: words, or the number of one that is known."""

    def record(kind: int, content: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def start(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))

    def cell(row: int, column: int, value: object) -> bytes:
        place = struct.pack("<HHH", row, column, 1 + column if column < len(looks) else 0)
        if value is ERROR:
            return record(0x0205, place + b"\7\1")
        if isinstance(value, str):
            return record(0x0204, place + struct.pack("<HB", len(value), 0) + value.encode("ascii"))
        return record(0x0203, place + struct.pack("<d", value))

    def sheet_at(position: int) -> bytes:
        return record(0x0085, struct.pack("<IBB", position, 0, 0) + b"\1\0S")

    def styles() -> Iterator[bytes]:
        own = {164 + i: look for i, look in enumerate(looks) if isinstance(look, str)}
        for number, look in own.items():
            text = look.encode("utf-16-le")
            yield record(0x041E, struct.pack("<HHB", number, len(look), 1) + text)
        for number in (0, *(164 + i if 164 + i in own else look for i, look in enumerate(looks))):
            yield record(0x00E0, struct.pack("<HH16x", 0, number))

    opening = start(0x0005) + record(0x0042, struct.pack("<H", 1200)) + b"".join(styles())
    end = record(0x000A)
    position = len(opening) + len(sheet_at(0)) + len(end)
    rows = b"".join(cell(*place, value) for place, value in sorted(sheet.items()))
    stream = opening + sheet_at(position) + end + start(0x0010) + rows + end
    path.write_bytes(compound_file("Workbook", stream))


def compound_file(name: str, stream: bytes) -> bytes:
    """A compound file with one stream: the table of sectors, the directory, then the stream."""
    sector, none, last = 512, 0xFFFFFFFF, 0xFFFFFFFE
    stream = stream.ljust(8 * sector, b"\0")  # shorter ones are kept in another way
    n_sectors = -(-len(stream) // sector)
    following = [0xFFFFFFFD, last, *range(3, n_sectors + 2), last]

    def entry(title: str, kind: int, child: int, at: int, size: int) -> bytes:
        text = title.encode("utf-16-le") + b"\0\0"
        head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, none, none, child)
        return head + bytes(36) + struct.pack("<IQ", at, size)

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0)
    header += struct.pack("<I", 0)
    directory = entry("Root Entry", 5, 1, last, 0) + entry(name, 2, none, 2, len(stream))
    table = struct.pack(f"<{len(following)}I", *following)
    return (
        header.ljust(sector, b"\xff")
        + table.ljust(sector, b"\xff")
        + directory.ljust(sector, b"\0")
        + stream.ljust(n_sectors * sector, b"\0")
    )


# --- .xlsb: records of a binary sheet (MS-XLSB 2.3) --------------------------------------------


def write_xlsb(
    path: Path, sheet: Cells, part: str = "sheet1.bin", *, looks: Sequence[str | int] = ()
) -> None:
    """`looks` are the number formats of the columns: words, or the number of one that is known."""

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    def record(kind: int, content: bytes = b"") -> bytes:
        head = [kind] if kind < 0x80 else [kind & 0x7F | 0x80, kind >> 7]
        return bytes([*head, len(content)]) + content

    def rows() -> Iterator[bytes]:
        above = -1
        for (row, column), value in sorted(sheet.items()):
            if row != above:
                yield record(0x00, struct.pack("<I13x", row))
            style = 1 + column if column < len(looks) else 0
            above, place = row, struct.pack("<II", column, style)
            if value is ERROR:
                yield record(0x03, place + b"\7")
            elif isinstance(value, str):
                yield record(0x06, place + text(value))
            else:
                yield record(0x05, place + struct.pack("<d", value))

    def styles() -> Iterator[bytes]:
        own = {164 + i: look for i, look in enumerate(looks) if isinstance(look, str)}
        yield record(0x267, struct.pack("<I", len(own)))
        for number, look in own.items():
            yield record(0x2C, struct.pack("<H", number) + text(look))
        yield (
            record(0x268)
            + record(0x272, struct.pack("<I", 1))
            + record(0x2F, struct.pack("<HH12x", 0, 14))
            + record(0x273)
        )
        yield record(
            0x269, struct.pack("<I", 1 + len(looks))
        )  # the styles of cells, after those that they are derived from
        for number in (0, *(164 + i if 164 + i in own else look for i, look in enumerate(looks))):
            yield record(0x2F, struct.pack("<HH12x", 0, number))
        yield record(0x26A)

    listed = record(0x9C, struct.pack("<II", 0, 1) + text("rId1") + text("S"))
    book = record(0x83) + record(0x99, bytes(12)) + record(0x8F) + listed + record(0x90)
    opening = record(0x81) + record(0x94, bytes(16)) + record(0x91)
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", book + record(0x84))
        if looks:
            archive.writestr("xl/styles.bin", record(0x116) + b"".join(styles()) + record(0x117))
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{kind}"'
            f' Target="worksheets/{part}"/></Relationships>',
        )
        content = opening + b"".join(rows()) + record(0x92) + record(0x82)
        archive.writestr(f"xl/worksheets/{part}", content)


# --- .ods ----------------------------------------------------------------------------------------


def write_ods(path: Path, sheet: Cells) -> None:
    """Cells that are not given, and rows, are written as often as they are repeated."""

    def repeated(tag: str, times: int, what: str) -> str:
        return f'<table:table-{tag} table:number-{what}-repeated="{times}"/>' if times else ""

    def cell(value: object) -> str:
        if value is ERROR:  # as LibreOffice does
            given, value = ' office:string-value="" calcext:value-type="error"', "#DIV/0!"
        else:
            given = "" if isinstance(value, str) else f' office:value="{value}"'
        kind = "string" if isinstance(value, str) else "float"
        return (
            f'<table:table-cell office:value-type="{kind}"{given}><text:p>{value}</text:p>'
            "</table:table-cell>"
        )

    body, below = "", 0
    for row in sorted({row for row, _ in sheet}):
        body += repeated("row", row - below, "rows") + "<table:table-row>"
        right, below = 0, row + 1
        for column in sorted(column for i, column in sheet if i == row):
            body += repeated("cell", column - right, "columns") + cell(sheet[row, column])
            right = column + 1
        body += "</table:table-row>"
    write_ods_body(path, body)


def write_ods_body(path: Path, body: str) -> None:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "calcext")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )


WRITERS = {".xlsx": write_xlsx, ".xls": write_xls, ".xlsb": write_xlsb, ".ods": write_ods}
