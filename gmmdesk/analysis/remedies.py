"""What may help where an answer is in doubt: changes of the settings, one click each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gmmdesk.analysis.settings import MOST_CLUSTERS, Settings
from gmmdesk.analysis.shapes_named import shape_of
from gmmdesk.data.dataset import Dataset, IntArray
from gmmdesk.data.row_names import row_called
from gmmdesk.data.steps import LeaveOutRows, Logarithm, Power, PrincipalComponents, Step
from gmmdesk.engine import MODEL_ALIASES, MODELS
from gmmdesk.text import joined

# A list of more rows is no choice by hand any more.
MOST_ROWS = 10_000
_MORE = 4  # clusters
_TIMES = 4  # as many restarts
_MOST_NAMED = 2  # columns on a button: of more, names would be cut


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change of the settings: its `text` on a button, the `tip` that says what it does.

    What comes in other words after each answer, such as one cluster less, has one `series`.
    """

    text: str
    tip: str
    _change: Callable[[Settings], dict[str, Any]]
    series: str = ""

    def changes(self, settings: Settings) -> dict[str, Any]:
        """The fields of `settings` to replace; those that already hold are none."""
        found = self._change(settings)
        return {name: value for name, value in found.items() if getattr(settings, name) != value}


def use_prior() -> Remedy:
    """A prior in every fit (Fraley and Raftery, 2007)."""
    return Remedy(
        "Use a prior",
        "A weak expectation of how wide clusters are (conjugate prior) keeps them from shrinking"
        " onto a few rows",
        lambda _settings: {"prior": "always"},
    )


def alike(model: str, n_columns: int) -> tuple[Remedy, ...]:
    """The shape in which clusters differ in nothing, of a `model`; none where they do not already.

    Those of a common covariance cannot collapse alone.
    """
    family = MODEL_ALIASES.get(model, model)
    common = family.replace("V", "E")
    shape = shape_of(common, n_columns)
    if shape is None or shape == shape_of(family, n_columns):
        return ()
    return (
        Remedy(
            f"All clusters alike ({common})",
            f"{shape}: all clusters get the same size, shape and direction, so that none can shrink"
            " alone",
            lambda _settings: {"models": (common,)},
            series="the same for all",
        ),
    )


def any_shape() -> Remedy:
    """Every model."""
    return Remedy(
        "Allow every shape",
        "Search all 14 shapes, those in which each cluster has its own included",
        lambda _settings: {"models": tuple(MODELS)},
    )


def fewer_clusters(n: int) -> Remedy:
    """At most so many clusters: a range, also where one number was asked for."""
    return Remedy(
        f"At most {n} cluster{'s' * (n != 1)}",
        "Look for fewer clusters, each of more rows",
        lambda settings: {
            "k_max": n,
            "k_min": settings.k_min if settings.k_min < n else 1,
        },
        series="fewer clusters",
    )


def more_clusters() -> Remedy:
    """A range that goes on."""
    return Remedy(
        "Allow more clusters",
        f"Search up to {_MORE} more clusters than now; those that belong together can be merged",
        lambda settings: {"k_max": min(settings.k_max + _MORE, MOST_CLUSTERS)},
    )


def more_restarts(settings: Settings) -> Remedy:
    """Several times as many starts of each fit."""
    return Remedy(
        "More restarts",
        f"Begin each fit {settings.restarts * _TIMES} times, instead of {settings.restarts}",
        lambda now: {"restarts": now.restarts * _TIMES},
    )


def allow_noise() -> Remedy:
    """A noise component."""
    return Remedy(
        "Let them belong to no cluster",
        "Some rows may belong to no cluster (a noise component spread over all rows), so that they"
        " do not pull at the clusters",
        lambda _settings: {"noise": True},
    )


def leave_out_rows(dataset: Dataset, rows: IntArray, reason: str) -> Remedy:
    """Without some rows (0-based) of a table, at most MOST_ROWS."""
    numbers = tuple(sorted(dataset.numbers_of(rows).tolist()))
    what = row_called(dataset, int(rows[0])) if len(rows) == 1 else f"these {len(rows):,} rows"
    return Remedy(
        f"Leave out {what}",
        "They stay in the export, with the reason; the step can be switched off in the Preparation",
        lambda settings: {
            "steps": (*settings.steps, LeaveOutRows(rows=numbers, reason=reason)),
        },
    )


def leave_out_columns(names: Sequence[str], used: Sequence[str]) -> Remedy:
    """Without some of the columns that were `used`."""
    return Remedy(
        f"Do without {joined(names, _MOST_NAMED)}",
        f"Untick the column{'s' * (len(names) > 1)}",
        lambda settings: {
            "columns": tuple(one for one in settings.columns or used if one not in names),
        },
    )


def straighten(advised: Sequence[Step]) -> tuple[Remedy, ...]:
    """Steps that bend skewed columns: all at once first, where there are several, then each alone.

    A logarithm is for columns above 0 that it straightens, a power for the others.
    """
    steps = [step for step in advised if isinstance(step, Logarithm | Power)]
    alone = tuple(_straighten(f"Take {_bend(step)}", [step]) for step in steps)
    if len(steps) < 2:
        return alone
    n = sum(len(step.columns) for step in steps)
    what = "both" if n == 2 else f"all {n}"
    return (_straighten(f"Straighten {what} columns", steps), *alone)


def _straighten(text: str, steps: Sequence[Logarithm | Power]) -> Remedy:
    """Steps before the one, if there is one, by which principal components take their place."""

    def change(settings: Settings) -> dict[str, Any]:
        own = settings.steps
        turns = [i for i, one in enumerate(own) if isinstance(one, PrincipalComponents)]
        at = turns[0] if turns else len(own)
        return {"steps": (*own[:at], *steps, *own[at:])}

    what = joined([_bend(step, most=len(step.columns)) for step in steps])  # all by their names
    why = ""
    if any(isinstance(step, Power) for step in steps):
        why = ": a power where values of 0 or below have no logarithm, or it straightens too little"
    return Remedy(text, f"A step of the Preparation for what is skewed, {what}{why}", change)


def _bend(step: Logarithm | Power, most: int = _MOST_NAMED) -> str:
    """What a step takes, and of which columns."""
    what = "the logarithm" if isinstance(step, Logarithm) else "a power (Yeo-Johnson)"
    n = len(step.columns)
    return f"{what} of {joined(step.columns, n) if n <= most else f'these {n} columns'}"
