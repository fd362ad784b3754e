"""How numbers and gaps are written: what there is to choose from, and what a user leaves of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.options import ReadOptions

# What programs write where there is no value: R, Python, databases, Excel, SAS, Weka. In a
# numeric column these count as missing.
MISSING_WORDS = (
    *("NA", "<NA>", "NaN", "nan", "NAN", "-nan", "None", "null", "NULL", "Null", "\\N"),
    *("#N/A", "#NA", ".", "?"),
)
# What people type instead. The user gets to see such cells (they count as unreadable), but they
# do not speak against the column being numeric.
TYPED_WORDS = frozenset(
    {"n/a", "n.a.", "n.a", "na", "-", "--", "---", "–", "—", "none", "missing", "unknown", "nil"}
    | {"not available", "not applicable", "no data", "tbd", "x", "xx", "..", "...", "…", "??"}
    | {"n / a", "n. a.", "n.d.", "not known", "not recorded", "no answer", "no value"}
    | {"k.a.", "k. a.", "k.a", "keine angabe", "keine angaben", "o.a.", "o. a.", "n.v.", "n. v."}
    | {"unbekannt", "fehlt", "fehlend", "inconnu", "manquant", "non disponible", "s.d."}
    | {"sin datos", "desconocido", "no disponible", "onbekend", "sconosciuto", "brak danych"}
    | {"#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"}
)
SPACES = " \u00a0\u2009\u202f"
_INFINITY = r"[-+]?(?i:inf|infinity)"


def is_gap(cells: pa.Array | pa.ChunkedArray, words: tuple[str, ...]) -> pa.Array:
    """Which cells of text hold nothing, or one of `words` (true or false, never null)."""
    held = pc.utf8_trim_whitespace(cells)
    gaps = pc.is_in(held, value_set=pa.array(("", None, *words), pa.string()))
    return gaps.combine_chunks() if isinstance(gaps, pa.ChunkedArray) else gaps


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers are written: the decimal mark and the characters that group thousands."""

    decimal: str
    thousands: str = ""

    @property
    def pattern(self) -> str:
        """A regular expression (for RE2 and Python alike) of a whole number cell."""
        digits = r"\d+"
        if self.thousands:
            digits = rf"(?:[1-9]\d{{0,2}}(?:[{self.thousands}]\d{{3}})+|\d+)"
        point = re.escape(self.decimal)
        number = rf"[-+]?(?:{digits}(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"
        return rf"^(?:{number}|{_INFINITY})$"


PLAIN = Style(".")
# The first of equally good styles is taken, so the simpler ones stand first.
STYLES = (
    PLAIN,
    Style(","),
    Style(".", ","),
    Style(",", "."),
    Style(".", SPACES),
    Style(",", SPACES),
    Style(".", "'’"),
    Style(",", "'’"),
)


@dataclass(frozen=True, slots=True)
class Conventions:
    """How numbers may be written in a table: the styles in question, and words for "missing"."""

    styles: tuple[Style, ...] = STYLES
    missing: tuple[str, ...] = MISSING_WORDS
    chosen_words: tuple[str, ...] = ()  # those of `missing` that the user has added

    @property
    def allow_plain(self) -> bool:
        """Whether text that programs write for a number may be taken for it."""
        return PLAIN in self.styles


ANY_STYLE = Conventions()


def conventions(options: ReadOptions) -> Conventions:
    """What is left in question where the user has made some choices."""
    decimals = {options.decimal} if options.decimal else {".", ","} - {options.thousands}

    def fits(style: Style) -> bool:
        if style.decimal not in decimals:
            return False
        if options.thousands is None or not style.thousands:
            return True
        return bool(options.thousands) and options.thousands in style.thousands

    words = tuple(word.strip() for word in options.missing_words)
    styles = tuple(style for style in STYLES if fits(style))
    return Conventions(styles, (*MISSING_WORDS, *words), words)
