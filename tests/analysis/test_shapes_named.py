"""A shape is called the same wherever it is spoken of, and a remedy names what it changes."""

from __future__ import annotations

import pytest

from gmmdesk.analysis.remedies import alike
from gmmdesk.analysis.shapes_named import SHAPES, shape_told
from gmmdesk.engine import MODELS


@pytest.mark.parametrize("model", list(MODELS))
def test_every_shape_is_told_in_the_words_of_its_label(model: str) -> None:
    first = SHAPES[model].replace(",", "").split()[0].lower()
    assert first in shape_told(model, 2)


def test_shapes_are_told_apart() -> None:
    assert len({shape_told(model, 2) for model in MODELS}) == len(MODELS)
    assert {shape_told(model, 1) for model in MODELS} == {"that are equally wide", "of any width"}


@pytest.mark.parametrize(
    ("model", "n_columns", "shape", "common"),
    [
        ("VVV", 2, "Same shape", "EEE"),
        ("VEV", 2, "Same shape", "EEE"),
        ("EEV", 2, "Same shape", "EEE"),
        ("VVI", 2, "Stretched along the columns, same shape and size", "EEI"),
        ("VII", 2, "Round, equally large", "EII"),
        ("VVV", 1, "Same spread", "EEE"),
    ],
)
def test_what_makes_clusters_alike_tells_the_shape_that_it_sets(
    model, n_columns, shape, common
) -> None:
    (remedy,) = alike(model, n_columns)
    assert remedy.text == f"All clusters alike ({common})"
    assert remedy.tip.startswith(f"{shape}: ")
    assert remedy._change(None) == {"models": (common,)}


@pytest.mark.parametrize("model", ["EEE", "EEI", "EII"])
def test_clusters_that_are_alike_are_not_made_so(model: str) -> None:
    assert alike(model, 2) == ()
