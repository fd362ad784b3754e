"""Which choices are not those that a table begins with, as remedies leave them: in a few words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gmmdesk.analysis.changed import CHOICES
from gmmdesk.analysis.settings import Settings
from gmmdesk.analysis.shapes_named import named_model
from gmmdesk.engine import MODEL_ALIASES
from gmmdesk.text import count

_Say = Callable[[Settings, Settings], str]  # of the settings, and of the usual ones


@dataclass(frozen=True, slots=True)
class Unusual:
    """A choice that is `said` in words, and the `changes` of settings that make it usual again."""

    said: str
    changes: dict[str, Any]


def unusual(settings: Settings, usual: Settings) -> tuple[Unusual, ...]:
    """What differs from the `usual` settings of the same table, each choice once.

    Where the fit starts is no such choice: it holds for one fit.
    """
    fields: dict[str, list[str]] = {}
    for name, what in CHOICES.items():
        if name != "start" and getattr(settings, name) != getattr(usual, name):
            fields.setdefault(what, []).append(name)
    return tuple(
        Unusual(_SAID[names[0]](settings, usual), {name: getattr(usual, name) for name in names})
        for names in fields.values()
    )


def _number(settings: Settings, usual: Settings) -> str:
    if settings.k_min == settings.k_max:
        return f"exactly {count(settings.k_min, 'cluster')}"
    if settings.k_min == usual.k_min:
        return f"at most {count(settings.k_max, 'cluster')}"
    return f"{settings.k_min:,} to {count(settings.k_max, 'cluster')}"


def _columns(settings: Settings, usual: Settings) -> str:
    left_out = [name for name in usual.columns if name not in settings.columns]
    if len(left_out) == 1 and len(settings.columns) == len(usual.columns) - 1:
        return f"without {left_out[0]}"
    return "other columns"


def _shape(settings: Settings, _usual: Settings) -> str:
    if len(settings.models) > 1:
        return f"{len(settings.models)} shapes"
    model = MODEL_ALIASES.get(settings.models[0], settings.models[0])
    if "V" not in model:
        return f"clusters all alike ({model})"
    shape = named_model(model, len(settings.columns))
    return shape[0].lower() + shape[1:]


_SAID: dict[str, _Say] = {
    "columns": _columns,
    "steps": lambda settings, _: count(len(settings.steps), "step") + " of preparation",
    "k_min": _number,
    "k_max": _number,
    "models": _shape,
    "noise": lambda *_: "rows may belong to no cluster",
    "missing": lambda *_: "rows with gaps take part",
    "prior": lambda settings, _: f"with{'out' * (settings.prior == 'never')} a prior",
    "criterion": lambda settings, _: f"chosen by {settings.criterion.upper()}",
    "scaling": lambda *_: "columns not scaled",
    "known": lambda *_: "some rows known to belong to a cluster",
    "forbidden": lambda *_: "some rows kept out of clusters",
    "known_column": lambda settings, _: f"clusters known from {settings.known_column}",
    "restarts": lambda settings, _: count(settings.restarts, "restart"),
    "seed": lambda settings, _: f"seed {settings.seed}",
    "tol": lambda settings, _: f"tolerance {settings.tol:g}",
    "max_iter": lambda settings, _: f"up to {count(settings.max_iter, 'iteration')}",
    "regularization": lambda *_: "a regularization",
}
