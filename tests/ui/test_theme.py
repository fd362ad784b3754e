"""What is drawn takes its measures from the theme: no view has line widths of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QPushButton

import gmmdesk.ui
from gmmdesk.ui import theme
from gmmdesk.ui.icons import icon

UI = Path(gmmdesk.ui.__file__).parent
FILES = sorted(path for path in UI.rglob("*.py") if path.name != "theme.py")
# Of these calls, the arguments from this place on, and these keywords, are measures.
MEASURES = {
    "QPen": 1,
    "mkPen": 1,
    "mkBrush": 3,
    "setAlphaF": 0,
    "setAlpha": 0,
    "setOpacity": 0,
    "setPointSizeF": 0,
    "Curve": 3,
}
KEYWORDS = {"ring", "width"}


def own_measures(source: str) -> Iterator[str]:
    """The calls that say a measure as a number; all or nothing of a colour is none.

    Also where the number stands at the head of the file, under a name.
    """
    tree = ast.parse(source)
    named = {
        target.id: one.value
        for one in tree.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in {*MEASURES, "Dots"}:
            continue
        given = node.args[MEASURES[name] :] if name in MEASURES else []
        given += [one.value for one in node.keywords if one.arg in KEYWORDS]
        used = [one for each in given for one in ast.walk(each)]
        for one in used:  # which grows, as one name may stand for another
            if isinstance(one, ast.Name) and one.id in named:
                used += [part for part in ast.walk(named[one.id]) if part not in used]
        numbers = {
            one.value
            for one in used
            if isinstance(one, ast.Constant) and isinstance(one.value, int | float)
        }
        if name in ("setAlphaF", "setOpacity", "setAlpha"):
            numbers -= {0, 255 if name == "setAlpha" else 1}
        if numbers:
            yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("painter.setPen(QPen(color, 1.5))", 1),
        ("QPen(ink, 2.0 if chosen else Line.HAIR)", 1),
        ("pg.mkPen(color, width=3)", 1),
        ("color.setAlphaF(0.2)", 1),
        ("color.setAlpha(255 // (rank + 1))", 1),
        ("pg.mkBrush(red, green, blue, 40)", 1),
        ("_FILL = 0.15\ncolor.setAlphaF(_FILL)\nother.setAlphaF(_FILL)", 2),
        ("_TINTS = (0.3, 0.1)\n_OF = _TINTS\ncolor.setAlphaF(_OF[0])", 1),
        ("Dots(x, y, colors, size, ring=1.5)", 1),
        ("painter.setOpacity(1.0)", 0),
        ("color.setAlpha(255)", 0),
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


def test_buttons_of_dialogs_have_no_icons(qtbot, qapp):
    theme.install(qapp)
    box = QDialogButtonBox()
    qtbot.addWidget(box)
    button = QPushButton(icon("help"), "Close", box)  # as Qt makes them on some desktops
    box.addButton(button, QDialogButtonBox.ButtonRole.RejectRole)
    box.show()
    assert button.icon().isNull()


@pytest.mark.parametrize("asked", ["pixelMetric", "styleHint"])
def test_sizes_and_hints_are_not_answered_from_python(asked, qapp):
    # They are asked for 20,000 times where a file is opened, which the window would feel.
    theme.install(qapp)
    assert asked not in vars(type(qapp.style()))
