"""What the axes of the map can be besides columns."""

from __future__ import annotations

from gmmdesk.ui.help.glossary import tip

AxisKey = str | int  # a column's name, or one of the following, which sessions keep

COMPONENTS = (1, 2)
DISCRIMINANTS = (11, 12)
EMBEDDED = (21, 22)

TITLES = {
    1: "Principal component 1",
    2: "Principal component 2",
    11: "Discriminant direction 1",
    12: "Discriminant direction 2",
    21: "t-SNE 1",
    22: "t-SNE 2",
}
TIPS = {
    1: tip("Principal components"),
    2: tip("Principal components"),
    11: tip("Discriminant direction"),
    12: tip("Discriminant direction"),
    21: tip("t-SNE"),
    22: tip("t-SNE"),
}
