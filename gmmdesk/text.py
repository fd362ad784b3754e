"""Numbers and counts in words for people."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LEAST_SPREAD = 1e-7  # that is written without an exponent beside values
_NOTHING = 0.001  # of a spread
# From which on differences are told in them; a little less would be "1,000k".
_UNITS = ((999_500.0, 1e6, "M", 1), (9_950.0, 1e3, "k", 0), (999.5, 1e3, "k", 1))


def count(n: int, noun: str) -> str:
    """ "1 row", "1,204 rows"."""
    return f"{n:,} {noun if n == 1 else noun + 's'}"


def spelt(n: int) -> str:
    """A small number in letters."""
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def p_in_words(p: float, sign: str = "=") -> str:
    """A p-value as it is told: "p = 0.012", "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p {sign} {p:.3f}"


def joined(things: Sequence[str], most: int = 5) -> str:
    """The first few of `things` in words: "a", "a and b", "a, b and c", "a, b and 3 more".

    A single one more is told as well.
    """
    rest = len(things) - most
    *first, last = [*things[:most], f"{rest:,} more"] if rest > 1 else things or [""]
    return f"{', '.join(first)} and {last}" if first else last


def default_name(cluster: int) -> str:
    """What a cluster (0-based) is called until somebody names it."""
    return f"Cluster {cluster + 1}"


def is_default_name(name: str) -> bool:
    """Whether nobody has named a cluster that is called so."""
    return re.fullmatch(r"Cluster [0-9]+", name) is not None


def thousands(value: float) -> str:
    """The mark between the thousands of a value, for a format: "," from five digits on.

    As the SI brochure has it (section 5.4.4): so years are read as such.
    """
    return "," if abs(value) >= 10_000.0 else ""


def fixed(value: float, decimals: int) -> str:
    """A value with so many decimals."""
    mark = thousands(round(value, decimals))
    return f"{value:{mark}.{decimals}f}".replace("-", "−")


def number(value: float, digits: int = 4) -> str:
    """A value with so many significant digits, no needless exponent."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if -4 <= magnitude < 9:
        return fixed(value, max(0, digits - 1 - magnitude))
    return f"{value:.{digits - 1}e}".replace("-", "−")


def beside(value: float, spread: float) -> str:
    """A value with the digits that tell it from others `spread` away."""
    digits = 4
    if value and spread > 0.0 and math.isfinite(value) and math.isfinite(spread):
        digits += max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(spread)))
    return number(value, min(digits, 16))


def rough(value: float, spread: float) -> str:
    """A value with no more digits than others `spread` away leave a meaning, 3 at least.

    What is a thousand times as near to 0 is none.
    """
    if spread < math.inf and abs(value) < _NOTHING * spread:
        return "0"
    digits = 3
    if value and spread > 0.0 and math.isfinite(value) and math.isfinite(spread):
        digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(spread)) + 1
    return number(value, min(max(3, digits), 16))


def alike(value: float, spread: float) -> str:
    """A value with the decimals that two digits of a `spread` have: alike for all beside it."""
    if not (math.isfinite(value) and _LEAST_SPREAD <= spread < math.inf) or abs(value) >= 1e9:
        return beside(value, spread)
    decimals = max(0, 1 - math.floor(math.log10(spread)))
    return fixed(round(value, decimals) + 0.0, decimals)  # and no "−0"


def plain(value: float, spread: float = 0.0) -> str:
    """A value as a person would write it, beside others `spread` away: without closing zeros."""
    if value.is_integer():
        return fixed(value, 0)
    mantissa, mark, exponent = beside(value, spread).partition("e")
    if "." in mantissa:  # the zeros of 45,690 are no closing ones
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + mark + exponent


def percent(share: float) -> str:
    """A share of 1 as "23 %"; small and nearly full ones keep a digit."""
    value = 100 * share
    if not math.isfinite(value):
        return "–"
    if 0 < value < 0.05:
        return "< 0.1 %"
    if 0 < value < 9.95 or 99.5 <= value < 99.95:
        return f"{value:.1f} %"
    return f"{value:.0f} %"


def percents(first: float, second: float) -> tuple[str, str]:
    """Two shares of 1, with the digits that tell them apart: "42.1 %" and "41.9 %"."""
    told = percent(first), percent(second)
    for decimals in (1, 2):
        if told[0] != told[1]:
            break
        told = f"{100 * first:.{decimals}f} %", f"{100 * second:.{decimals}f} %"
    return told if told[0] != told[1] else (percent(first), percent(second))


def narrow(difference: float, decimals: int = 1) -> str:
    """A signed difference for a narrow column: "+12.3"; large ones as "+1.8k", "+18k", "+7.0M"."""
    for least, unit, sign, kept in _UNITS:
        if abs(difference) >= least:
            return f"{difference / unit:+,.{kept}f}{sign}".replace("-", "−")
    return f"{difference:+,.{decimals}f}".replace("-", "−")


def duration(seconds: float) -> str:
    """ "0.8 s", "2 min 05 s"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


def exact(value: float) -> str:
    """A value as it may stand in a file: all its digits, but not those of its binary form."""
    if not math.isfinite(value):
        return "–"
    is_long = value != float(f"{value:.12g}")
    if is_long and value == _single(value):  # of single precision, which has 7 to 9 digits
        for digits in (7, 8, 9):
            short = float(f"{value:.{digits}g}")
            if _single(short) == value:
                return _all_digits(short)
    return _all_digits(value)


def _all_digits(value: float) -> str:
    return f"{value:{thousands(value)}.12g}".replace("-", "−")


def _single(value: float) -> float:
    """The nearest number in single precision."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.inf


def sentence_case(words: str) -> str:
    """`words` as a sentence begins."""
    return words[:1].upper() + words[1:]


def one_line(words: str) -> str:
    """`words` in one line, without characters that are not seen or turn others around."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def shortened(words: str, most: int = 40) -> str:
    """`words` with an ellipsis in the middle when it has more than `most` characters.

    Long names differ at their ends as often as at their beginnings.
    """
    if len(words) <= most:
        return words
    tail = (most - 1) // 2
    return f"{words[: most - 1 - tail].rstrip()}…{words[len(words) - tail :].lstrip()}"
