"""The words for people to read in workbooks: those that the window uses."""

from __future__ import annotations

from gmmdesk.analysis import Settings
from gmmdesk.engine import MODEL_ALIASES

SHAPES = {
    "EII": "Round, equally large",
    "VII": "Round",
    "EEI": "Aligned with the axes, same shape and size",
    "VEI": "Aligned with the axes, same shape",
    "EVI": "Aligned with the axes, equally large",
    "VVI": "Aligned with the axes",
    "EEE": "Same shape",
    "VEE": "Same shape and direction, own sizes",
    "EVE": "Same direction, equally large",
    "VVE": "Same direction",
    "EEV": "Same shape and size, own directions",
    "VEV": "Same shape, own sizes and directions",
    "EVV": "Any shape, equally large",
    "VVV": "Any shape",
}


MISSING = {
    "leave-out": "Rows with missing values are left out",
    "em": "Rows with missing values are used through the values they have (EM)",
}


def shape_of(model: str) -> str | None:
    """The shape of a model's clusters in plain words, as far as there are any."""
    return SHAPES.get(MODEL_ALIASES.get(model, model))


def named_model(model: str) -> str:
    """A model's shape with its name behind it: "Same shape (EEE)"."""
    name = MODEL_ALIASES.get(model, model)
    shape = shape_of(name)
    return f"{shape} ({name})" if shape else name


def k_range(settings: Settings, to: str = " to ") -> str:
    """The numbers of clusters that were asked for."""
    low, high = settings.k_min, settings.k_max
    return f"{low}" if low == high else f"{low}{to}{high}"
