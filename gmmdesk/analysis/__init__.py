"""From a table and settings to an answer: the same calls for the window and the command line."""

from gmmdesk.analysis.analyse import analyse
from gmmdesk.analysis.analysis import (
    NO_CLUSTER,
    NO_SECOND,
    Analysis,
    AnalysisProgress,
    Candidate,
    NoiseRows,
    RowResults,
)
from gmmdesk.analysis.fitted_model import OUTLIER_SHARE, FittedModel
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.prepare import MISSING

__all__ = [
    "MISSING",
    "NO_CLUSTER",
    "NO_SECOND",
    "OUTLIER_SHARE",
    "Analysis",
    "AnalysisProgress",
    "Candidate",
    "FittedModel",
    "NoiseRows",
    "RowResults",
    "Settings",
    "analyse",
]
