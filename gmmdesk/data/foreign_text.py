"""Text that its format calls UTF-8, and is not: read in the encoding it is most likely in."""

from __future__ import annotations

FOREIGN = "Text that is not UTF-8 was read as Western European (Windows-1252)"  # of columns

# Windows-1252 has five bytes without a character; Latin-1 has a control character for each.
_LIKELY = ("utf-8", "cp1252", "latin-1")


class ForeignText(str):
    """A text whose bytes were not UTF-8."""

    __slots__ = ()


def decoded(raw: bytes) -> str:
    """The text in `raw`: a ForeignText, read as Western European, where it is not UTF-8."""
    for encoding in _LIKELY:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if encoding == "utf-8" else ForeignText(text)
    raise AssertionError("Latin-1 has every byte")


def decoded_lines(content: bytes, encoding: str) -> tuple[str, list[str]]:
    """The text of a file in `encoding`, judged by its beginning, and a note where it is not."""
    try:
        return content.decode(encoding), []
    except UnicodeDecodeError:
        pass
    if encoding.startswith("utf-16") or encoding.startswith("utf-32"):
        note = f"Characters that {encoding} does not have became '\N{REPLACEMENT CHARACTER}'."
        return content.decode(encoding, "replace"), [note]
    lines = [decoded(line) for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    n_foreign = sum(type(line) is ForeignText for line in lines)
    note = f"{n_foreign:,} lines that are not UTF-8 were read as Western European (Windows-1252)."
    return "\n".join(lines), [note] if n_foreign else []
