"""How reports look: the colours of light and dark, and the sizes of what is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gmmdesk.analysis import palette

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
WIDTH = 640.0  # of a figure, in its own units, of which 96 are an inch
TEXT, SMALL = 12.0, 11.0  # of letters, in the same units
WIDE, THIN = 2.0, 1.0  # of lines
CODE_LETTERS = 84  # of a line, that fit beside each other on paper
LEVEL = 0.9  # of a cluster's rows, that its ellipse surrounds

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Style:
    """Colours "#RRGGBB" of text, quieter text, lines behind and paper, and of K clusters.

    `signs` (K,) are the shapes of these, as in `palette`.
    """

    ink: str
    quiet: str
    grid: str
    paper: str
    clusters: tuple[str, ...] = ()
    signs: tuple[int, ...] = ()
    none: str = palette.NO_COLOR

    def with_clusters(self, colors: Sequence[str], signs: Sequence[int] = ()) -> Style:
        """With these colours for the clusters, lightened where they would drown in the paper.

        And with the shapes that `signs` say, or else those of their numbers.
        """
        checked = [
            one if _COLOR.fullmatch(one) else palette.color(k) for k, one in enumerate(colors)
        ]
        readable = tuple(palette.readable(one, self.paper) for one in checked)
        none = palette.readable(self.none, self.paper)
        return replace(self, clusters=readable, signs=tuple(signs), none=none)

    def cluster(self, k: int) -> str:
        """The colour of a cluster (0-based), that of no cluster for -1."""
        return self.clusters[k] if k >= 0 else self.none

    def mark(self, k: int) -> str:
        """The shape of a cluster (0-based), that of no cluster for -1, as a character."""
        return palette.character(palette.sign(k, self.signs))

    @property
    def colors(self) -> tuple[str, ...]:
        """All of them, in an order that is the same for every style."""
        return (self.ink, self.quiet, self.grid, self.paper, self.none, *self.clusters)


LIGHT = Style(ink="#16202B", quiet="#55616E", grid="#D9DEE4", paper="#FFFFFF")
DARK = Style(ink="#E6EAEE", quiet="#A3AEBA", grid="#3A444E", paper="#171C21")
