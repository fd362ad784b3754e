"""Catalogs of SAS (.sas7bcat): the labels that formats give to values.

The parser (ReadStat, by way of pyreadstat) knows labels of single values only: of a range it takes
the first value, which need not even belong to it. So the blocks of the catalog are walked here too,
and formats that have anything but single values are left alone. The layout is that of ReadStat
(Evan Miller) and of catalogs in public use; a catalog with another one is trusted in no format.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyreadstat

from gmmdesk.data.limits import MAX_CATALOG_BYTES
from gmmdesk.errors import ReadError

SUFFIX = ".sas7bcat"
USUAL_NAME = f"formats{SUFFIX}"  # SAS's own, where nobody has given another

_INDEX_ENTRY = b"XLSR"
_VALUE_AT = 22  # in an entry, after what is said about it
_NUMBER_ENTRY, _TEXT_ENTRY = 48, 32  # bytes of an entry of one value, less the six before


@dataclass(frozen=True, slots=True)
class Catalog:
    """The labels of values, by the name of the format that gives them, and what was read.

    `not_single` are formats of which the labels are not known, as they are of more than values one
    by one. `flaw` says why there is nothing where the catalog cannot be read.
    """

    name: str
    sha256: str
    labels: Mapping[str, Mapping[Any, str]]
    not_single: frozenset[str] = frozenset()
    flaw: str = ""


def names_beside(name: str) -> tuple[str, str]:
    """What a catalog may be called that lies beside the file called `name`; the first is better."""
    return f"{Path(name).stem}{SUFFIX}", USUAL_NAME


def catalog_beside(path: Path) -> Path | None:
    """The catalog in the folder of a file of SAS, in whatever case its name is written."""
    try:
        found = {
            one.name.lower(): one
            for one in sorted(path.parent.iterdir(), reverse=True)
            if one.suffix.lower() == SUFFIX and one.is_file()
        }
    except OSError:  # a folder that may be entered and not listed
        return None
    return next((found[n.lower()] for n in names_beside(path.name) if n.lower() in found), None)


def read_catalog(path: Path, *, parses: bool = True) -> Catalog:
    """The catalog at `path`; without labels where it is damaged, or if it is not `parses`d.

    Raises ReadError for one that is not there any more or too large to be one.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CATALOG_BYTES + 1)
    except OSError as error:
        raise ReadError(
            f"the catalog {path.name} cannot be read: {error.strerror or error}."
        ) from None
    if len(content) > MAX_CATALOG_BYTES:
        raise ReadError(f"the catalog {path.name} has more than {MAX_CATALOG_BYTES >> 20} MB.")
    sha256 = hashlib.sha256(content).hexdigest()
    if not parses:
        return Catalog(path.name, sha256, {}, flaw="its parser gave up")
    try:
        _, facts = pyreadstat.read_sas7bcat(io.BytesIO(content), output_format="dict")
    except Exception as error:  # the parser's own kinds of error, and whatever else it stumbles on
        return Catalog(path.name, sha256, {}, flaw=" ".join(str(error).split())[:200].rstrip("."))
    labels = {name.strip().upper(): values for name, values in facts.value_labels.items()}
    single = _formats_of_single_values(content)
    return Catalog(
        path.name,
        sha256,
        {name: values for name, values in labels.items() if name in single},
        frozenset(labels.keys() - single),
    )


# --- which formats have values one by one -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are in a catalog: of 64 bits or 32, the low bytes first or last."""

    order: str
    is_wide: bool
    header_bytes: int
    page_bytes: int

    def number(self, content: bytes, at: int, n_bytes: int) -> int:
        if at > len(content):
            raise ValueError("a place beyond the end")
        kind = {2: "H", 4: "I", 8: "Q"}[n_bytes]
        return int(struct.unpack_from(self.order + kind, content, at)[0])


def _formats_of_single_values(content: bytes) -> set[str]:
    """The formats, by name, of which every entry is one value; none where that cannot be told."""
    single: set[str] = set()
    others: set[str] = set()
    try:
        layout = _layout(content)
        for block in _blocks(content, layout):
            name, values = _entries(block, layout)
            # A value that is there twice, as in formats of many labels, has no label of its own.
            is_single = None not in values and len(set(values)) == len(values)
            (single if is_single and name not in single else others).add(name)
    except (struct.error, IndexError, ValueError):
        return set()
    return single - others


def _layout(content: bytes) -> _Layout:
    if content[35] != ord("3"):  # numbers are then not where they are sought
        raise ValueError("a layout that is not known")
    order = "<" if content[37] == 1 else ">"
    header, page = struct.unpack_from(order + "2I", content, 200)
    if not (0 < header < len(content) and 0 < page < len(content)):
        raise ValueError("no sizes")
    return _Layout(order, content[32] == ord("3"), header, page)


def _blocks(content: bytes, layout: _Layout) -> Iterator[bytes]:
    """What is said of each format, put together from its pieces in the pages."""
    places = set()
    for entry in re.finditer(_INDEX_ENTRY, content):
        at = entry.start()
        if content[at + (78 if layout.is_wide else 54)] == ord("O"):
            wide = layout.is_wide
            page = layout.number(content, at + (8 if wide else 4), 8 if wide else 4)
            places.add((page, layout.number(content, at + (16 if wide else 8), 2)))
    left = len(content)  # of what no block has yet: no piece is in two
    for page, start in sorted(places):
        pieces = list(_pieces(content, layout, page, start, left))
        left -= sum(len(piece) for piece in pieces) + len(pieces) * _head(layout)
        if block := b"".join(pieces):
            yield block


def _pieces(content: bytes, layout: _Layout, page: int, start: int, left: int) -> Iterator[bytes]:
    """The pieces of a block one after the other; `left` bytes are there for them at most."""
    second, third = (8, 10) if layout.is_wide else (4, 6)
    head = _head(layout)
    while page > 0 and start > 0:
        at = layout.header_bytes + (page - 1) * layout.page_bytes + start
        page = layout.number(content, at, 4)
        start = layout.number(content, at + second, 2)
        n_bytes = layout.number(content, at + third, 2)
        left -= head + n_bytes
        if left < 0:
            raise ValueError("pieces that are in several blocks, or a chain without an end")
        yield content[at + head : at + head + n_bytes]


def _head(layout: _Layout) -> int:
    """Bytes before what a piece says."""
    return 32 if layout.is_wide else 16


def _entries(block: bytes, layout: _Layout) -> tuple[str, list[bytes | None]]:
    """The name of a format and its values as bytes, None for what is not a single one."""
    flags = layout.number(block, 2, 2)
    pad = 4 if flags & 0x08 else 0
    wide = layout.is_wide
    n_entries = layout.number(block, (50 if wide else 42) + pad, 8 if wide else 4)
    name = block[8:16]
    at = (138 if wide else 106) + (pad and pad + 16)
    if flags & (0x20 if wide else 0x80):
        name = block[at : at + 32]
        at += 32
    is_text = name.startswith(b"$")
    values: list[bytes | None] = []
    for _ in range(n_entries):
        n_bytes = layout.number(block, at + 2, 2)
        value = block[at + _VALUE_AT : at + 6 + n_bytes]
        if is_text:
            values.append(value if n_bytes == _TEXT_ENTRY else None)
        else:  # the first number and the last, and how far the last digits may be off
            first, last = value[:8], value[8:16]
            values.append(first if n_bytes == _NUMBER_ENTRY and first == last else None)
        at += 6 + n_bytes
    return name.decode("latin-1").strip().upper(), values
