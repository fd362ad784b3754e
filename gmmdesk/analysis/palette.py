"""One colour and shape for a cluster everywhere: on the map, in lists and in the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count

# Kept apart for every common colour vision deficiency, on light and dark paper: Okabe & Ito (2008)
# without black and yellow (too pale on white), two of Paul Tol's "muted" scheme (2021), then what
# lies farthest from all before it, however it is seen. Numbers on the map tell clusters apart too.
PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#882255",
    "#999933",
    "#9988FF",
    "#664400",
    "#88BB77",
    "#6655CC",
    "#EE4455",
    "#FF88AA",
    "#AAAACC",
    "#663377",
    "#7788DD",
    "#BB4455",
    "#BB77BB",
    "#FF8855",
)
# Of rows that belong to no cluster, and their name.
NO_COLOR = "#808080"
NO_NAME = "No cluster"
_CHARACTERS, _NO_CHARACTER = "●▲■◆▼✚★", "✖"


def color(index: int) -> str:
    """The colour "#RRGGBB" of the cluster at 0-based `index`; repeats after `len(PALETTE)`."""
    return PALETTE[index % len(PALETTE)]


def character(index: int) -> str:
    """What comes next to the shape at 0-based `index` in text; of no cluster for -1."""
    return _NO_CHARACTER if index < 0 else _CHARACTERS[index % len(_CHARACTERS)]


def sign(cluster: int, signs: Sequence[int]) -> int:
    """The index here of a cluster's (0-based) shape, and of its colour unless it has its own.

    It is the one of `signs`, or the cluster's number where there are not so many.
    """
    return signs[cluster] if 0 <= cluster < len(signs) else cluster


def signs_after(n: int, kept: Mapping[int, int]) -> tuple[int, ...]:
    """The signs of `n` clusters of which some have `kept` theirs: the others get unused ones.

    Empty where each has that of its number.
    """
    unused = (index for index in count() if index not in kept.values())
    signs = tuple(kept[k] if k in kept else next(unused) for k in range(n))
    return () if signs == tuple(range(n)) else signs


# Of a colour against its background, for things that are no text (WCAG 2.2, 1.4.11).
LEAST_CONTRAST = 3.0
_STEP = 0.02  # of white, by which a dark colour is lightened until it stands out
_DARK = 0.2  # the luminance of paper below which colours are lightened


@lru_cache(maxsize=512)
def readable(name: str, paper: str) -> str:
    """The colour `name`, lightened where it would drown in a dark `paper`; all "#RRGGBB"."""
    ground, found = _luminance(paper), name
    color = _parts(name)
    while ground < _DARK and (_luminance(found) + 0.05) / (ground + 0.05) < LEAST_CONTRAST:
        color = [part + _STEP * (1.0 - part) for part in color]
        found = "#" + "".join(f"{round(255.0 * part):02X}" for part in color)
    return found


def _parts(name: str) -> list[float]:
    """Red, green and blue, each 0..1."""
    return [part / 255.0 for part in bytes.fromhex(name.removeprefix("#"))]


def _luminance(name: str) -> float:
    """Relative luminance of an sRGB colour, 0..1 (WCAG 2.2)."""
    parts = _parts(name)
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(a * b for a, b in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
