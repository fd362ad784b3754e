"""Gaussian mixtures by the EM algorithm and by variational Bayes.

numpy and scipy only, no clock, no printing, no files.
"""

from gmmdesk.engine.bayes import (
    BayesianPrior,
    BayesianProgress,
    BayesianResult,
    bayesian_steps,
    fit_bayesian,
)
from gmmdesk.engine.candidate_fits import Tried
from gmmdesk.engine.density import RowScores, score
from gmmdesk.engine.em import fit, steps
from gmmdesk.engine.judging.merging import MergePath, merge_path
from gmmdesk.engine.judging.optima import Optimum, optima
from gmmdesk.engine.judging.overlap import overlap
from gmmdesk.engine.judging.separation import groups_of, humped_columns, unsure_groups
from gmmdesk.engine.judging.stability import LikelihoodRatio, Resampled, likelihood_ratio, resampled
from gmmdesk.engine.judging.trust import Trust, trust
from gmmdesk.engine.models.covariance import MODEL_ALIASES, MODELS
from gmmdesk.engine.models.fixed import Fixed
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.engine.parallel import ChunkMap, ThreadedMap
from gmmdesk.engine.parameters import Noise, Parameters, Region
from gmmdesk.engine.result import Collapse, FitProgress, FitResult, StopReason, log_jacobian
from gmmdesk.engine.rows.source import ArraySource, Source
from gmmdesk.engine.selection import (
    CRITERIA,
    SearchProgress,
    SearchResult,
    candidates,
    search,
)
from gmmdesk.engine.simulation import simulate
from gmmdesk.engine.spec import GUARDS, FitSpec

__all__ = [
    "CRITERIA",
    "GUARDS",
    "MODELS",
    "MODEL_ALIASES",
    "ArraySource",
    "BayesianPrior",
    "BayesianProgress",
    "BayesianResult",
    "ChunkMap",
    "Collapse",
    "ConjugatePrior",
    "FitProgress",
    "FitResult",
    "FitSpec",
    "Fixed",
    "LikelihoodRatio",
    "MergePath",
    "Noise",
    "Optimum",
    "Parameters",
    "Region",
    "Resampled",
    "RowScores",
    "SearchProgress",
    "SearchResult",
    "Source",
    "StopReason",
    "ThreadedMap",
    "Tried",
    "Trust",
    "bayesian_steps",
    "candidates",
    "fit",
    "fit_bayesian",
    "groups_of",
    "humped_columns",
    "likelihood_ratio",
    "log_jacobian",
    "merge_path",
    "optima",
    "overlap",
    "resampled",
    "score",
    "search",
    "simulate",
    "steps",
    "trust",
    "unsure_groups",
]
