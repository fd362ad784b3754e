"""The words for people to read in workbooks: those that the window uses."""

from __future__ import annotations

from gmmdesk.analysis import Settings
from gmmdesk.engine import MODEL_ALIASES

SHAPES = {
    "VVV": "Any shape",
    "EEE": "Same shape",
    "VVI": "Aligned with the axes",
    "VII": "Round",
}


def shape_of(model: str) -> str | None:
    """The shape of a model's clusters in plain words, as far as there are any."""
    return SHAPES.get(MODEL_ALIASES.get(model, model))


def named_model(model: str) -> str:
    """A model's shape with its name behind it: "Same shape (EEE)"."""
    name = MODEL_ALIASES.get(model, model)
    shape = shape_of(name)
    return f"{shape} ({name})" if shape else name


def k_range(settings: Settings) -> str:
    """The numbers of clusters that were asked for."""
    low, high = settings.k_min, settings.k_max
    return f"{low}" if low == high else f"{low} to {high}"
