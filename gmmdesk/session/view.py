"""How things are looked at: plain data, whatever the theme."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Size = Annotated[int, Meta(ge=0, le=1_000_000)]


class MapState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the map shows.

    `axes` are names of columns, 1 and 2 for the principal components, 11 and 12 for discriminant
    directions, 21 and 22 for t-SNE; None leaves their choice to the program. Columns that a step
    has bent are drawn `as_prepared`, on the scale on which clusters were found, or in the units of
    the file. `region` is what is in sight (left, lower, width, height) on these axes, None where
    that is everything. `levels` are those of the ellipses, where there may be several; None means
    `level`, the only one there once was. Most of the others say whether a layer is shown. Rows are
    coloured by their cluster, by how sure that is, or by `color_column`; `hidden` are clusters, or
    groups of that column, that are not shown (-1 for none of them, -2 where it is unknown).
    """

    axes: tuple[str | int, str | int] | None = None
    level: float = 0.9
    levels: Annotated[tuple[float, ...], Meta(max_length=8)] | None = None
    points: bool = True
    shapes: bool = True
    heat: bool = False
    regions: bool = False
    uncertainty: bool = False
    contours: bool = False
    component_contours: bool = False
    outliers: bool = False
    ellipses: bool = True
    ellipse_axes: bool = False
    labels: bool = True
    legend: bool = True
    legend_beside: bool = False
    fades: bool = True
    color_by: Literal["cluster", "certainty", "column"] = "cluster"
    color_column: str = ""
    hidden: Annotated[tuple[int, ...], Meta(max_length=1_000)] = ()
    as_prepared: bool = True
    locked: bool = False
    region: tuple[float, float, float, float] | None = None


_Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
_Pixels = Annotated[float, Meta(ge=-100_000.0, le=100_000.0)]


class Pane(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Views that share a place as tabs, by their titles; `front` is the one that is seen.

    `place` is left, top, width and height as parts of the room for views. A view in a window of
    its own has `window` instead, the same in pixels of the screen.
    """

    views: Annotated[tuple[str, ...], Meta(min_length=1, max_length=32)]
    front: str = ""
    place: tuple[_Fraction, _Fraction, _Fraction, _Fraction] = (0.0, 0.0, 1.0, 1.0)
    window: tuple[_Pixels, _Pixels, _Pixels, _Pixels] | None = None


class ViewState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The chosen cluster (0-based), the map, and the sizes of the parts of each splitter.

    `tab` is the title of the view that is in front, `panes` are the places of those that are open;
    without any they are arranged as at first.
    """

    current_cluster: Annotated[int, Meta(ge=0)] | None = None
    map: MapState | None = None
    tab: str = ""
    panes: Annotated[tuple[Pane, ...], Meta(max_length=32)] = ()
    splitters: dict[str, Annotated[tuple[_Size, ...], Meta(max_length=16)]] = {}
