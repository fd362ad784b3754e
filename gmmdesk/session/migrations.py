"""From the sessions of earlier versions to the present one, a step at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gmmdesk.session.records import VERSION

Json = dict[str, Any]
Migration = Callable[[Json], Json]


def _with_axes_of_the_file(session: Json) -> Json:
    """What was in sight was told in the units of the file: there axes stay in these."""
    match session:
        case {"view": {"map": {"region": [*_]} as shown} as view}:
            return {**session, "view": {**view, "map": {**shown, "as_prepared": False}}}
    return session


# The function at N makes version N + 1 of the JSON of version N.
MIGRATIONS: Mapping[int, Migration] = {
    1: lambda session: session,  # 2 has the history too, which need not be there
    2: lambda session: session,  # in 3 the history may tell how the table was read, in 2 as now
    3: lambda session: session,  # in 4 the history may tell which rows were selected
    4: lambda session: session,  # in 5 clusters may have colours that are not those of their number
    5: lambda session: session,  # in 6 the user may have chosen what counts as an outlier
    # In 7 a catalog beside the table may say what values mean, and an answer how it differs from
    # the one before.
    6: lambda session: session,
    7: lambda session: session,  # in 8 an answer may tell what had been tried before
    8: _with_axes_of_the_file,  # in 9 the axes of the map may be those on which clusters were found
    # In 10 an answer may tell whether it describes the rows better than the one before, and which
    # of its names were suggested: those of earlier versions count as typed.
    9: lambda session: session,
    10: lambda session: session,  # in 11 a start may be where another fit had got to
    # In 12 an answer may name the searches that it came after, one before may have been merged, and
    # of halves of the rows it may be told which clusters they share rows with.
    11: lambda session: session,
}


def migrated(session: Json) -> Json:
    """`session` as the present version has it; raises KeyError for a version that never was."""
    while (version := session["version"]) != VERSION:
        session = MIGRATIONS[version](session) | {"version": version + 1}
    return session
