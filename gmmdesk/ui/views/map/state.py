"""What the map has to show: the answer, or the state of the fit, or why there is nothing."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.engine import Parameters, ThreadedMap, score
from gmmdesk.errors import FitError
from gmmdesk.ui.document import Document
from gmmdesk.ui.text import count
from gmmdesk.ui.views.map.projection import Scene
from gmmdesk.ui.views.map.shading import Shading, encode

Known = Analysis | AnalysisProgress | None


def parameters_of(known: Known) -> Parameters | None:
    """The mixture in the units of `Prepared.X`, in which an offset costs no digits."""
    if isinstance(known, AnalysisProgress):
        return known.scaled.parameters.reordered(known.order)
    return None if known is None else known.scaled.parameters


def shade(scene: Scene, known: Known) -> Shading | None:
    """What every row is to be coloured like; while a fit runs, those of the scene's sample."""
    parameters = parameters_of(known)
    if parameters is None:
        return None
    n_clusters = len(parameters.weights)
    if isinstance(known, Analysis):
        return Shading(encode(known.rows.label, known.rows.probability, n_clusters), n_clusters)
    try:
        rows = scene.prepared.X[scene.sample]
        # One thread: the cores are the fit's.
        scores = score(parameters, rows, ThreadedMap(1), missing=True)
    except FitError:  # a component is collapsing; the fit itself deals with it
        return None
    label = np.where(scores.label < n_clusters, scores.label, NO_CLUSTER)
    codes = encode(label, scores.probability, n_clusters)
    whole = len(scene.sample) == scene.n_rows
    return Shading(codes, n_clusters, None if whole else scene.sample)


def why_unplaced(scene: Scene) -> str:
    """How many rows are not on the map, and why; empty where all are."""
    n_unplaced = scene.n_unplaced
    if not n_unplaced:
        return ""
    verbs = "is not on the map: it lacks" if n_unplaced == 1 else "are not on the map: they lack"
    where = "this column" if len(scene.prepared.columns) == 1 else "a column it shows"
    return f"{count(n_unplaced, 'row')} {verbs} a value in {where}."


def why_no_map(document: Document) -> str:
    """What is missing for a map, and what to do."""
    dataset = document.dataset
    if dataset is not None and not any(column.is_numeric for column in dataset.columns):
        return f"{dataset.name} has no column with numbers.\nOpen a table with measurements."
    if document.settings is None or not document.settings.columns:
        return "Tick at least one column on the left."
    problem = document.preview_problem
    return f"{problem.message}\n{problem.hint}" if problem is not None else "Preparing the map…"
