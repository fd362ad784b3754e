"""From the sessions of earlier versions to the present one, a step at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gmmdesk.session.records import VERSION

Json = dict[str, Any]
Migration = Callable[[Json], Json]

# The function at N makes version N + 1 of the JSON of version N.
MIGRATIONS: Mapping[int, Migration] = {}


def migrated(
    session: Json, migrations: Mapping[int, Migration] = MIGRATIONS, to: int = VERSION
) -> Json:
    """`session` as the version `to` has it; raises KeyError for a version that never was."""
    while (version := session["version"]) != to:
        session = migrations[version](session) | {"version": version + 1}
    return session
