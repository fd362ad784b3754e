"""From a table and settings to an answer: the same calls for the window and the command line."""

from gmmdesk.analysis.analyse import OUTLIER_SHARE, analyse, choose
from gmmdesk.analysis.analysis import (
    NO_CLUSTER,
    NO_SECOND,
    Analysis,
    AnalysisProgress,
    Candidate,
    HeldOutRows,
    NoiseRows,
    RowResults,
)
from gmmdesk.analysis.profiles import Profile
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
    "HeldOutRows",
    "NoiseRows",
    "Profile",
    "RowResults",
    "Settings",
    "analyse",
    "choose",
]
