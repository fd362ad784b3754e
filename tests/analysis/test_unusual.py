"""What is said of choices that are not as usual."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gmmdesk.analysis import Settings
from gmmdesk.analysis.changed import CHOICES
from gmmdesk.analysis.settings import KnownRows
from gmmdesk.analysis.unusual import unusual
from gmmdesk.data.steps import parse_step

USUAL = Settings(columns=("a", "b", "c"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"prior": "always", "k_max": 6, "models": ("EEI",)},
            ["at most 6 clusters", "clusters all alike (EEI)", "with a prior"],
        ),
        ({"k_min": 3, "k_max": 3}, ["exactly 3 clusters"]),
        ({"k_min": 2, "k_max": 5}, ["2 to 5 clusters"]),
        ({"models": ("VVI",)}, ["stretched along the columns (VVI)"]),
        ({"models": ("VVI", "VVV")}, ["2 shapes"]),
        ({"columns": ("a", "c")}, ["without b"]),
        ({"steps": (parse_step("log a"),)}, ["1 step of preparation"]),
        ({"prior": "never", "restarts": 40}, ["without a prior", "40 restarts"]),
        ({}, []),
    ],
)
def test_what_is_said(changes, said):
    assert [one.said for one in unusual(replace(USUAL, **changes), USUAL)] == said


def test_every_choice_is_said_and_can_be_taken_back():
    rows = (KnownRows(cluster=1, rows=(1,)),)
    settings = Settings(
        columns=("a",),
        k_min=2,
        k_max=3,
        models=("VVV",),
        criterion="icl",
        seed=5,
        restarts=2,
        scaling="none",
        missing="em",
        tol=1e-9,
        max_iter=7,
        regularization=0.1,
        noise=True,
        prior="never",
        steps=(parse_step("log a"),),
        known=rows,
        known_column="d",
        forbidden=rows,
    )
    found = unusual(settings, USUAL)
    changes = {name: value for one in found for name, value in one.changes.items()}
    assert set(changes) == set(CHOICES) - {"start"}
    assert replace(settings, **changes) == USUAL
