"""Why rows are not on the map, or why there is none."""

from __future__ import annotations

from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.text import count

_PROPOSED = "These axes were chosen for you, to show the clusters apart; choose others above."


def why_unplaced(scene: Scene) -> str:
    """How many rows are not on the map, and why; empty where all are."""
    n_unplaced = scene.n_unplaced
    if not n_unplaced:
        return ""
    if not scene.is_linear:
        placed = scene.n_rows - n_unplaced
        return (
            f"{count(n_unplaced, 'row')} are left out of this picture: t-SNE has placed {placed:,}"
            " rows, an even choice of those that have every value."
        )
    verbs = "is not on the map: it lacks" if n_unplaced == 1 else "are not on the map: they lack"
    where = "this column" if len(scene.prepared.columns) == 1 else "a column it shows"
    return f"{count(n_unplaced, 'row')} {verbs} a value in {where}."


def notes(scene: Scene | None, *, marginal: bool, proposed: bool = False) -> str:
    """What must be said of the map.

    `marginal` where something shown follows from both axes, `proposed` where the program has chosen
    these.
    """
    if scene is None:
        return ""
    said = [_PROPOSED if proposed else "", why_unplaced(scene)]
    if not scene.is_linear:
        said.append(
            "Rows side by side are alike, but distances between groups, their sizes and their gaps"
            " mislead; clusters have no shape here."
        )
    d = len(scene.prepared.columns)
    if marginal and d > 2:
        said.append(
            "Regions and contours are those of the mixture along these two axes (its marginal):"
            f" with all {d} columns, rows may belong elsewhere."
        )
    return " ".join(filter(None, said))


def why_no_map(document: Document) -> str:
    """What is missing for a map, and what to do."""
    dataset = document.dataset
    if dataset is not None and not any(column.is_numeric for column in dataset.columns):
        return f"{dataset.name} has no column with numbers.\nOpen a table with measurements."
    if document.settings is None or not document.settings.columns:
        return "Tick at least one column on the left."
    problem = document.preview_problem
    return f"{problem.message}\n{problem.hint}" if problem is not None else "Preparing the map…"
