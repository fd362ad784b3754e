"""Where views stand: panes side by side, each with views as tabs, and windows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from gmmdesk.session.view import Pane

_SLACK = 0.02  # of the room: what a handle between two panes takes, and rounding


class Cut(NamedTuple):
    """A room that is divided in two: `first` has it all before, `second` gets its right or lower
    part. Both stand for what lies on their side, which later cuts may divide further.

    `shares` are the parts of the whole room that the sides have along the cut.
    """

    first: Pane
    second: Pane
    is_horizontal: bool
    shares: tuple[float, float]


def cuts(panes: Sequence[Pane]) -> list[Cut]:
    """How to divide the room for `panes` to stand where they say, the first cut first.

    Places that no cuts lead to, as only a damaged file has them, come side by side.
    """
    if len(panes) < 2:
        return []
    before, after, axis = _sides(panes)
    first, second = cuts(before), cuts(after)
    start, middle = (min(pane.place[axis] for pane in side) for side in (before, after))
    shares = (max(middle - start, 0.0), max(_end(after, axis) - middle, 0.0))
    cut = Cut(
        first[0].first if first else before[0],
        second[0].first if second else after[0],
        axis == 0,
        shares,
    )
    return [cut, *first, *second]


def _sides(panes: Sequence[Pane]) -> tuple[Sequence[Pane], Sequence[Pane], int]:
    """What lies before a cut and what after it, and along which axis."""
    for axis in (0, 1):
        ordered = sorted(panes, key=lambda pane: pane.place[axis])
        for i in range(1, len(ordered)):
            before, after = ordered[:i], ordered[i:]
            if _end(before, axis) <= after[0].place[axis] + _SLACK:
                return before, after, axis
    return panes[:1], panes[1:], 0


def _end(panes: Sequence[Pane], axis: int) -> float:
    return max(pane.place[axis] + pane.place[axis + 2] for pane in panes)


def without(panes: Sequence[Pane], title: str) -> tuple[Pane, ...]:
    """The panes when a view is closed; its neighbours get the room."""
    kept = []
    freed: Pane | None = None
    for pane in panes:
        if title not in pane.views:
            kept.append(pane)
        elif len(pane.views) > 1:
            views = tuple(view for view in pane.views if view != title)
            front = pane.front if pane.front != title else views[0]
            kept.append(replace(pane, views=views, front=front))
        elif pane.window is None:
            freed = pane
    return _filled(kept, freed)


def _filled(panes: Sequence[Pane], freed: Pane | None) -> tuple[Pane, ...]:
    """With the room of a closed pane given to those that border on it along a whole side."""
    if freed is None:
        return tuple(panes)
    for axis in (0, 1):
        for is_before in (True, False):
            beside = [pane for pane in panes if _borders(pane, freed, axis, is_before=is_before)]
            if beside and abs(_length(beside, 1 - axis) - freed.place[3 - axis]) <= _SLACK:
                return tuple(_grown(p, freed, axis) if p in beside else p for p in panes)
    return tuple(panes)


def _borders(pane: Pane, freed: Pane, axis: int, *, is_before: bool) -> bool:
    """Whether a pane ends where `freed` begins, or the other way round, and is no longer."""
    if pane.window is not None:
        return False
    first, second = (pane, freed) if is_before else (freed, pane)
    touches = abs(first.place[axis] + first.place[axis + 2] - second.place[axis]) <= _SLACK
    other = 1 - axis
    starts_within = pane.place[other] >= freed.place[other] - _SLACK
    return touches and starts_within and _end([pane], other) <= _end([freed], other) + _SLACK


def _length(panes: Sequence[Pane], axis: int) -> float:
    return _end(panes, axis) - min(pane.place[axis] for pane in panes)


def _grown(pane: Pane, freed: Pane, axis: int) -> Pane:
    place = list(pane.place)
    place[axis] = min(pane.place[axis], freed.place[axis])
    place[axis + 2] = min(_length([pane, freed], axis), 1.0)
    return replace(pane, place=(place[0], place[1], place[2], place[3]))


def beside(panes: Sequence[Pane], title: str, *, below: bool) -> tuple[Pane, ...]:
    """The panes when a view moves out of its tabs, to their right or below them.

    A view that has its place for itself stays where it is.
    """
    home = next((pane for pane in panes if title in pane.views), None)
    if home is None or len(home.views) == 1:
        return tuple(panes)
    left, top, width, height = home.place
    if below:
        places = (left, top, width, height / 2), (left, top + height / 2, width, height / 2)
    else:
        places = (left, top, width / 2, height), (left + width / 2, top, width / 2, height)
    found: list[Pane] = []
    for pane in without(panes, title):
        if set(pane.views) <= set(home.views):
            found.append(replace(pane, place=places[0]))
            found.append(Pane(views=(title,), front=title, place=places[1]))
        else:
            found.append(pane)
    return tuple(found)


def among(panes: Sequence[Pane], title: str, order: Sequence[str]) -> tuple[Pane, ...]:
    """The panes when a view joins the tabs of the first pane, in the order of all views."""
    rest = without(panes, title)
    first = next((pane for pane in rest if pane.window is None), None)
    if first is None:
        return (*rest, Pane(views=(title,), front=title))
    views = tuple(sorted((*first.views, title), key=list(order).index))
    joined = replace(first, views=views, front=title)
    return tuple(joined if pane is first else pane for pane in rest)
