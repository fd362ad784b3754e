"""Round places along a stretch of time: years, months, days, hours, with a few words for each."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

# Steps from the coarsest on, as a number of a unit of numpy.
_STEPS = (
    *((n, "Y") for n in (500, 200, 100, 50, 20, 10, 5, 2, 1)),
    *((n, "M") for n in (6, 3, 1)),
    *((n, "D") for n in (14, 7, 2, 1)),
    *((n, "h") for n in (12, 6, 3, 1)),
    *((n, "m") for n in (30, 15, 5, 2, 1)),
    *((n, "s") for n in (30, 15, 5, 2, 1)),
)
_FEWEST = 2
# Years are counted from the year 0, and weeks begin on Monday; numpy begins with 1970-01-01.
_ORIGINS = {"Y": -1970, "D": 4}
_CLOCK = {"h", "m", "s"}
_FINENESS: tuple[Literal["D", "m", "s", "ms", "us"], ...] = ("D", "m", "s", "ms", "us")


class Tick(NamedTuple):
    """A place, 0 at the beginning and 1 at the end, and what is written there."""

    share: float
    text: str


def calendar_ticks(low: float, high: float) -> tuple[Tick, ...]:
    """A few round moments between two, in microseconds since 1970; none where they are equal."""
    begin, end = np.array([low, high]).astype(np.int64).astype("datetime64[us]")
    for n, unit in _STEPS:
        whole = (begin.astype(f"datetime64[{unit}]"), end.astype(f"datetime64[{unit}]"))
        origin = _ORIGINS.get(unit, 0)
        first, last = (int(one.astype(np.int64)) - origin for one in whole)
        numbers = np.arange(-(-first // n) * n, last + 1, n) + origin
        places = numbers.astype(f"datetime64[{unit}]")
        moments = places.astype("datetime64[us]")
        inside = (moments >= begin) & (moments <= end)
        if np.count_nonzero(inside) >= _FEWEST:
            shares = (moments - begin) / (end - begin)
            days = begin.astype("datetime64[D]") != end.astype("datetime64[D]")
            return tuple(
                Tick(float(share), said(place, unit, day=bool(days)))
                for share, place in zip(shares[inside], places[inside], strict=True)
            )
    return ()


def ends_said(low: float, high: float, *, is_clock: bool) -> tuple[str, str]:
    """Two moments, in microseconds since 1970, as fine as it takes to tell them apart.

    Where they are of no day (`is_clock`), as times. Where they are the same it is said once.
    """
    moments = np.array([low, high]).astype(np.int64).astype("datetime64[us]")
    units = _FINENESS[1:] if is_clock else _FINENESS
    for unit in units:
        first, last = np.datetime_as_string(moments, unit=unit).tolist()
        if first != last:
            break
    else:
        first, last = np.datetime_as_string(moments[0], unit=units[0]).item(), ""
    first, last = ((one.partition("T")[2] if is_clock else one) for one in (first, last))
    return first.replace("T", " "), last.replace("T", " ")


def said(moment: np.datetime64, unit: str, *, day: bool = False) -> str:
    """A moment in words, as fine as `unit`: an ISO date, or a time, with the `day` if need be."""
    text = str(moment.astype(f"datetime64[{unit}]" if unit not in _CLOCK else "datetime64[s]"))
    if unit not in _CLOCK:
        return text
    date, _, time = text.partition("T")
    time = time if unit == "s" else time[:5]
    return f"{date[-5:]} {time}" if day else time
