"""Archives that are refused before they are parsed, and how error cells become texts."""

from __future__ import annotations

import io
import zipfile

import pytest

from gmmdesk.data import limits, workbook_container
from gmmdesk.data.workbook_container import open_container
from gmmdesk.errors import ReadError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"


def archive(name: str, content: bytes, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as parts:
        parts.writestr(name, content)
    return packed.getvalue()


def opened(content: bytes) -> bytes:
    return open_container(io.BytesIO(content), "book.xlsx")[0].read()


WHOLE = archive(SHEET, b"<c/>" * 99)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_an_archive_cut_short(kept):
    whole = archive(SHEET, bytes(range(256)) * 20)
    with pytest.raises(ReadError, match="damaged or cut short"):
        opened(whole[: int(kept * len(whole))])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 900, "password"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (
            archive(SHEET, b"<c/>" * 99).replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"),
            "pass",
        ),
        (archive(SHEET, b"<c/>" * 99)[:60] + b"?" + archive(SHEET, b"<c/>" * 99)[61:], "damaged"),
        (archive(SHEET, b"<c/>" * 99, zipfile.ZIP_LZMA), "packed as in no workbook"),
    ],
)
def test_protected_and_broken_archives(content, message):
    with pytest.raises(ReadError, match=message):
        opened(content)


def test_an_archive_that_explodes_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(workbook_container, "_SMALL", 1_000_000)
    with pytest.raises(ReadError, match="unpacks to 3 MB"):
        opened(archive(SHEET, bytes(3_000_000)))


def test_an_archive_larger_than_memory(monkeypatch):
    monkeypatch.setattr(limits, "available_memory", lambda: 1_000)
    with pytest.raises(ReadError, match="memory"):
        opened(archive(SHEET, bytes(2_000)))


@pytest.mark.parametrize(
    ("part", "cell", "text"),
    [
        (SHEET, b'<c r="A7" t="e">', b'<c r="A7" t="str">'),
        (SHEET, b'<x:c t="e" s="4">', b'<x:c t="str" s="4">'),
        (SHEET, b'<c r="A7" t="n">t="e"', b'<c r="A7" t="n">t="e"'),
        (SHEET, b'<col t="e">', b'<col t="e">'),
        (
            "content.xml",
            b'<table:table-cell office:string-value="" calcext:value-type="error">',
            b'<table:table-cell calcext:value-type="error">',
        ),
    ],
)
@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
def test_cells_with_an_error_become_texts_wherever_the_blocks_end(
    monkeypatch, part, cell, text, block
):
    monkeypatch.setattr(workbook_container, "_BLOCK", block)
    before, after = b'<row><c r="A6"><v>1</v></c>', b"<v>#N/A</v></c></row>"
    content, is_kept = open_container(io.BytesIO(archive(part, before + cell + after)), "book")
    with zipfile.ZipFile(content) as parts:
        assert parts.read(part) == before + text + after
    assert is_kept


def test_a_tag_without_an_end_is_not_gathered(monkeypatch):
    monkeypatch.setattr(workbook_container, "_BLOCK", 16)
    monkeypatch.setattr(workbook_container, "_LONG_TAG", 64)
    content = b'<c t="e">' + b"x" * 1_000
    blocks = list(workbook_container._whole_tags(io.BytesIO(content)))
    assert b"".join(blocks) == content
    assert max(map(len, blocks)) < 100


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize(
    ("tag", "message"),
    [
        (b'<text:s text:c="9999999"/>', "more than 1,000,000 blanks"),
        (b"<text:s\ttext:c = '9999999' />", "more than 1,000,000 blanks"),
        (b'<text:s text:c="600000"/>' * 2, "more than 1,000,000 blanks"),
        (b'<text:s text:c="+1000000000"/>', "blanks as no"),
        (b'<text:s text:c=" 1000000000"/>', "blanks as no"),
        (b'<text:s text:c="&#49;000000000"/>', "blanks as no"),
        (b'<text:s text:c="' + b"0" * 30 + b'1000000000"/>', "blanks as no"),
        (b'<text:s text:x=">" text:c="1000000000"/>', "blanks as no"),
        (b"<text:s text:x='<' text:c='1000000000'/>", "blanks as no"),
        (b'<text:s text:c="1" text:c="1000000000"/>', "blanks as no"),
        (b'<text:s/text:c="1000000000"/>', "blanks as no"),
        (b"<text:s" + b" " * 200 + b'text:c="1000000000"/>', "blanks as no"),
    ],
)
def test_blanks_without_measure_are_refused_however_they_are_spelled(
    monkeypatch, tag, message, block
):
    monkeypatch.setattr(workbook_container, "_BLOCK", block)
    monkeypatch.setattr(workbook_container, "_LONG_TAG", 100)
    with pytest.raises(ReadError, match=message):
        opened(archive("content.xml", b"<text:p>a" + tag + b"b</text:p>"))


def test_blanks_as_programs_write_them_are_read():
    """However many rows have a few."""
    tags = b"<text:s/><text:s></text:s><text:s text:c='30'/><text:span>b</text:span><a:so/>"
    tags += b'<text:s text:c="4"/>' * 500_000
    content = archive("content.xml", b"<text:p>a" + tags + b"</text:p>")
    assert opened(content) == content
