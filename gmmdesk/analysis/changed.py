"""Which choices have changed since an answer was found, in plain words."""

from __future__ import annotations

from gmmdesk.analysis.settings import Settings

# Of every field of `Settings`; several can be one choice to the user.
CHOICES = {
    "columns": "the columns",
    "steps": "the preparation",
    "k_min": "the number of clusters",
    "k_max": "the number of clusters",
    "models": "the shape",
    "noise": "whether rows may belong to no cluster",
    "missing": "what becomes of rows with gaps",
    "prior": "the prior",
    "criterion": "the criterion",
    "scaling": "the scaling",
    "known": "the rows that are known to belong to a cluster",
    "forbidden": "the rows that are kept out of clusters",
    "known_column": "the column of known clusters",
    "start": "where the fit starts",
    "restarts": "the number of restarts",
    "seed": "the seed",
    "tol": "the tolerance",
    "max_iter": "the most iterations",
    "regularization": "the regularization",
}


def changed_choices(before: Settings, now: Settings) -> tuple[str, ...]:
    """What differs, each choice once."""
    changed = (
        what for name, what in CHOICES.items() if getattr(before, name) != getattr(now, name)
    )
    return tuple(dict.fromkeys(changed))
