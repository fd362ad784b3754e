"""What is known about the rows: the answer, or the state of the fit; and their colours by it."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis import NO_CLUSTER, Analysis, AnalysisProgress
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import Parameters, ThreadedMap, score
from gmmdesk.errors import FitError
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.shading import ByCluster, Shading, encode

Known = Analysis | AnalysisProgress | None


def known_colors(document: Document, prepared: Prepared | None) -> Known:
    """What the rows of `prepared` are coloured by: at a moment of the timeline, what was then."""
    return _known(document, prepared, document.timeline.colors)


def known_clusters(document: Document, prepared: Prepared | None) -> Known:
    """Whose clusters are drawn over them: in slow motion, they may be half a step ahead."""
    return _known(document, prepared, document.timeline.clusters)


def _known(document: Document, prepared: Prepared | None, moment: AnalysisProgress | None) -> Known:
    analysis, progress = document.analysis, document.progress
    if analysis is not None and analysis.prepared is prepared:
        return moment or analysis
    if document.is_running and progress is not None and progress.prepared is prepared:
        return progress
    return None


def parameters_of(known: Known) -> Parameters | None:
    """The mixture in the units of `Prepared.X`, in which an offset costs no digits."""
    if isinstance(known, AnalysisProgress):
        return known.parameters
    return None if known is None else known.scaled.parameters


def grouping_of(known: Known) -> Grouping | None:
    """How its components are combined into clusters, if some are."""
    return None if known is None else known.grouping


def shade(scene: Scene, known: Known) -> Shading | None:
    """What every row is to be coloured like; while a fit runs, those of the scene's sample."""
    parameters = parameters_of(known)
    if parameters is None:
        return None
    grouping = grouping_of(known)
    n_clusters = len(parameters.weights) if grouping is None else grouping.n_clusters
    if isinstance(known, Analysis):
        label, probability = known.rows.label, known.rows.probability
        return Shading(ByCluster(label, probability, n_clusters), n_clusters)
    try:
        rows = scene.prepared.X[scene.sample]
        # One thread: the cores are the fit's.
        groups = None if grouping is None else grouping.of
        scores = score(parameters, rows, ThreadedMap(1), missing=True, groups=groups)
    except FitError:  # a component is collapsing; the fit itself deals with it
        return None
    label = np.where(scores.label < n_clusters, scores.label, NO_CLUSTER)
    codes = encode(label, scores.probability, n_clusters)
    whole = len(scene.sample) == scene.n_rows
    return Shading(codes, n_clusters, None if whole else scene.sample)
