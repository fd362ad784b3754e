"""From a table and settings to an answer: the same calls for the window and the command line."""

from gmmdesk.analysis.analyse import analyse, choose, prepared_as
from gmmdesk.analysis.analysis import (
    BIC_EVIDENCE,
    Analysis,
    AnalysisProgress,
    Candidate,
    HeldOutRows,
    lowest,
)
from gmmdesk.analysis.application import Application, apply
from gmmdesk.analysis.check import check
from gmmdesk.analysis.finding import Finding, TrailStep
from gmmdesk.analysis.fitted_model import OUTLIER_SHARE, FittedModel
from gmmdesk.analysis.profiles import Profile
from gmmdesk.analysis.scored import NO_CLUSTER, NO_SECOND, NoiseRows, RowResults, ScoredRows
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.prepare import MISSING

__all__ = [
    "BIC_EVIDENCE",
    "MISSING",
    "NO_CLUSTER",
    "NO_SECOND",
    "OUTLIER_SHARE",
    "Analysis",
    "AnalysisProgress",
    "Application",
    "Candidate",
    "Finding",
    "FittedModel",
    "HeldOutRows",
    "NoiseRows",
    "Profile",
    "RowResults",
    "ScoredRows",
    "Settings",
    "TrailStep",
    "analyse",
    "apply",
    "check",
    "choose",
    "lowest",
    "prepared_as",
]
