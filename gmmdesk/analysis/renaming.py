"""A preparation for a table in which the columns have other names."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gmmdesk.data.steps import LeaveOutWhere
from gmmdesk.data.steps.fitted import FittedStep, Levels, Mapped, Preparation, Rotation, flaw_of


def renamed(preparation: Preparation, names: Mapping[str, str]) -> Preparation | None:
    """`preparation` with its columns called as `names` say, and all that follow from them.

    None where two columns would have one name on the way.
    """
    now = {name: names.get(name, name) for name in preparation.inputs}  # by the name until now
    steps: list[FittedStep] = []
    for step in preparation.steps:
        if isinstance(step, LeaveOutWhere):
            column = names.get(step.column, step.column)
            steps.append(msgspec.structs.replace(step, column=column))
        elif isinstance(step, Levels):
            taken = msgspec.structs.replace(step, column=names.get(step.column, step.column))
            now |= {step.named(level): taken.named(level) for level in step.levels}
            steps.append(taken)
        elif isinstance(step, Mapped):
            columns = tuple(now.pop(name) for name in step.columns)
            pairs = zip(step.columns, columns, step.maps, strict=True)
            now |= {each.named(old): each.named(new) for old, new, each in pairs}
            steps.append(msgspec.structs.replace(step, columns=columns))
        elif isinstance(step, Rotation):
            columns = tuple(now.pop(name) for name in step.columns)
            now |= {name: name for name in step.names}
            steps.append(msgspec.structs.replace(step, columns=columns))
    found = msgspec.structs.replace(
        preparation,
        inputs=tuple(names.get(name, name) for name in preparation.inputs),
        columns=tuple(now[name] for name in preparation.columns),
        steps=tuple(steps),
    )
    return None if flaw_of(found) or len(set(found.inputs)) < len(found.inputs) else found
