"""What is drawn takes its measures from the theme: no view has line widths of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gmmdesk.ui

UI = Path(gmmdesk.ui.__file__).parent
FILES = sorted(path for path in UI.rglob("*.py") if path.name != "theme.py")
# Of these calls, the arguments from this place on, and these keywords, are measures.
MEASURES = {"QPen": 1, "mkPen": 1, "setAlphaF": 0, "setOpacity": 0, "setPointSizeF": 0, "Curve": 3}
KEYWORDS = {"ring", "width"}


def own_measures(source: str) -> Iterator[str]:
    """The calls that say a measure as a number; all or nothing of a colour is none."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in {*MEASURES, "Dots"}:
            continue
        given = node.args[MEASURES[name] :] if name in MEASURES else []
        given += [one.value for one in node.keywords if one.arg in KEYWORDS]
        numbers = {
            one.value
            for each in given
            for one in ast.walk(each)
            if isinstance(one, ast.Constant) and isinstance(one.value, int | float)
        }
        if name in ("setAlphaF", "setOpacity"):
            numbers -= {0, 1}
        if numbers:
            yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("painter.setPen(QPen(color, 1.5))", 1),
        ("QPen(ink, 2.0 if chosen else Line.HAIR)", 1),
        ("pg.mkPen(color, width=3)", 1),
        ("color.setAlphaF(0.2)", 1),
        ("Dots(x, y, colors, size, ring=1.5)", 1),
        ("painter.setOpacity(1.0)", 0),
        ("QPen(color, Line.EDGE * ratio)", 0),
    ],
)
def test_numbers_are_found(source: str, found: int) -> None:
    assert len(list(own_measures(source))) == found


def test_widths_opacities_and_sizes_of_type_are_those_of_the_theme() -> None:
    found = {
        str(path.relative_to(UI)): calls
        for path in FILES
        if (calls := list(own_measures(path.read_text(encoding="utf-8"))))
    }
    assert found == {}
