"""What the axes of the map can be besides columns."""

from __future__ import annotations

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
    1: "The direction in which the rows are spread most",
    2: "The next one at right angles to it",
    11: "The direction that separates the clusters best (between and within covariances)",
    12: "The next best",
    21: "Rows that are alike side by side; distances mislead",
    22: "Rows that are alike side by side; distances mislead",
}
