"""What the shapes of clusters are called, wherever one is spoken of or chosen."""

from __future__ import annotations

from dataclasses import dataclass

from gmmdesk.engine import MODEL_ALIASES


@dataclass(frozen=True, slots=True)
class _Words:
    """A shape as a `label`, and as it is `told` of clusters: "three clusters of any shape"."""

    label: str
    told: str


_SHAPES = {
    "EII": _Words("Round, equally large", "that are round and equally large"),
    "VII": _Words("Round", "that are round"),
    "EEI": _Words(
        "Stretched along the columns, same shape and size",
        "stretched along the columns, of the same shape and size",
    ),
    "VEI": _Words(
        "Stretched along the columns, same shape",
        "stretched along the columns, of the same shape",
    ),
    "EVI": _Words(
        "Stretched along the columns, equally large",
        "stretched along the columns and equally large",
    ),
    "VVI": _Words("Stretched along the columns", "stretched along the columns"),
    "EEE": _Words("Same shape", "of the same shape"),
    "VEE": _Words(
        "Same shape and direction, own sizes", "of the same shape and direction, with own sizes"
    ),
    "EVE": _Words("Same direction, equally large", "of the same direction and equally large"),
    "VVE": _Words("Same direction", "of the same direction"),
    "EEV": _Words(
        "Same shape and size, own directions", "of the same shape and size, with own directions"
    ),
    "VEV": _Words(
        "Same shape, own sizes and directions", "of the same shape, with own sizes and directions"
    ),
    "EVV": _Words("Any shape, equally large", "of any shape and equally large"),
    "VVV": _Words("Any shape", "of any shape"),
}
# Along a single column there are no shapes. By the first letter of a model, which is about size.
_SPREADS = {
    "E": _Words("Same spread", "that are equally wide"),
    "V": _Words("Own spread", "of any width"),
}
SHAPES = {model: words.label for model, words in _SHAPES.items()}


def shape_of(model: str, n_columns: int) -> str | None:
    """The shape of a model's clusters in plain words, as far as there are any."""
    words = _words(model, n_columns)
    return None if words is None else words.label


def shape_told(model: str, n_columns: int) -> str:
    """The same as it goes on "three clusters": "of any shape"."""
    words = _words(model, n_columns)
    return f"({model})" if words is None else words.told


def named_model(model: str, n_columns: int) -> str:
    """A model's shape with its name behind it: "Same shape (EEE)"."""
    name = MODEL_ALIASES.get(model, model)
    shape = shape_of(name, n_columns)
    return f"{shape} ({name})" if shape else name


def _words(model: str, n_columns: int) -> _Words | None:
    name = MODEL_ALIASES.get(model, model)
    return _SPREADS.get(name[0]) if n_columns == 1 else _SHAPES.get(name)
