"""From a table and settings to an answer: the same calls for the window and the command line."""

from gmmdesk.analysis.analyse import analyse, choose, is_prepared_alike, prepared_as
from gmmdesk.analysis.analysis import Analysis, AnalysisProgress, HeldOutRows
from gmmdesk.analysis.application import Application, apply
from gmmdesk.analysis.candidates import BIC_EVIDENCE, MEASURES, Candidate, best_by, lowest
from gmmdesk.analysis.check import HALVES, check
from gmmdesk.analysis.finding import Finding, TrailStep
from gmmdesk.analysis.fitted_model import OUTLIER_LEVEL, FittedModel
from gmmdesk.analysis.profiles import Profile
from gmmdesk.analysis.scored import NO_CLUSTER, NO_SECOND, NoiseRows, RowResults, ScoredRows
from gmmdesk.analysis.settings import Settings
from gmmdesk.analysis.verdict import Claim, Verdict
from gmmdesk.data.prepare import MISSING

__all__ = [
    "BIC_EVIDENCE",
    "HALVES",
    "MEASURES",
    "MISSING",
    "NO_CLUSTER",
    "NO_SECOND",
    "OUTLIER_LEVEL",
    "Analysis",
    "AnalysisProgress",
    "Application",
    "Candidate",
    "Claim",
    "Finding",
    "FittedModel",
    "HeldOutRows",
    "NoiseRows",
    "Profile",
    "RowResults",
    "ScoredRows",
    "Settings",
    "TrailStep",
    "Verdict",
    "analyse",
    "apply",
    "best_by",
    "check",
    "choose",
    "is_prepared_alike",
    "lowest",
    "prepared_as",
]
