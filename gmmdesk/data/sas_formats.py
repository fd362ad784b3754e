"""Formats of SAS that somebody has made: what they call the values stands in another file."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Those that come with SAS: of text and plain numbers, of bytes, of amounts, and of dates and times.
_COME_WITH_SAS = re.compile(
    r"\$?[\d.]*"
    r"|\$(?:ASCII|BINARY|CHAR|EBCDIC|F|HEX|MSGCASE|OCTAL|QUOTE|REVERJ|REVERS|UPCASE|VARYING|UTF8X?)"
    r"|BEST[DX]?|[DEFZ]|COMMAX?|DOLLARX?|EUROX?|FRACT|NEGPAREN|NUMX|PERCENTN?|PVALUE"
    r"|ROMAN|SIZEK(?:B|MG)?|SSN|WORDF|WORDS|YEN"
    r"|BINARY|FLOAT|HEX|IB|IEEE|OCTAL|PD|PIB|RB|ZD|S370F[A-Z]+"
    r"|(?:B8601|E8601|IS8601|\$N8601|NLBEST|NLDAT|NLMNY|NLNUM|NLPCT|NLTIM|EURDF|EURFR|EURTO)[A-Z]*"
    r"|(?:DDMM|MMDD|MMYY|YYMM|YYWEEK|YYQ|DTMON|DTWK|DTYY|DTYEAR|WEEK|WORDDAT)[A-Z]*"
    r"|DATE|DATETIME|DATEAMPM|DAY|DOWNAME|DTDATE|HHMM|HOUR|JULDAY|JULIAN|MDYAMPM|MMSS|MONNAME"
    r"|MONTH|MONYY|QTRR?|TIME|TIMEAMPM|TOD|YEAR"
)
_WIDTH = re.compile(r"(?<=[A-Z$])\d*(?:\.\d*)?$")


def made_formats(formats: Mapping[str, str | None]) -> dict[str, str]:
    """The columns with a format that does not come with SAS, and which that is."""
    return {
        column: name
        for column, name in formats.items()
        if name and not _COME_WITH_SAS.fullmatch(bare_format(name))
    }


def bare_format(name: str) -> str:
    """The name of a format without a width: SEXF for sexf8."""
    return _WIDTH.sub("", name.upper())
