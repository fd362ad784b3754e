"""A paragraph for a paper that says what was done, in two wordings, and what it refers to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk import __version__
from gmmdesk.analysis import BIC_EVIDENCE, Analysis
from gmmdesk.analysis.combining import Merging, merging_of
from gmmdesk.analysis.verdict import Choice
from gmmdesk.data.steps import HoldOut, Power, PrincipalComponents, phrase
from gmmdesk.engine import MODELS
from gmmdesk.export.words import k_range
from gmmdesk.task import Task

REFERENCES = {
    "akaike": "Akaike, H. (1974). A new look at the statistical model identification. IEEE"
    " Transactions on Automatic Control, 19(6), 716–723. doi:10.1109/TAC.1974.1100705",
    "banfield": "Banfield, J. D., & Raftery, A. E. (1993). Model-based Gaussian and non-Gaussian"
    " clustering. Biometrics, 49(3), 803–821. doi:10.2307/2532201",
    "baudry": "Baudry, J.-P., Raftery, A. E., Celeux, G., Lo, K., & Gottardo, R. (2010). Combining"
    " mixture components for clustering. Journal of Computational and Graphical Statistics, 19(2),"
    " 332–353. doi:10.1198/jcgs.2010.08111",
    "biernacki": "Biernacki, C., Celeux, G., & Govaert, G. (2000). Assessing a mixture model for"
    " clustering with the integrated completed likelihood. IEEE Transactions on Pattern Analysis"
    " and Machine Intelligence, 22(7), 719–725. doi:10.1109/34.865189",
    "box": "Box, G. E. P., & Cox, D. R. (1964). An analysis of transformations. Journal of the"
    " Royal Statistical Society, Series B, 26(2), 211–252.",
    "celeux": "Celeux, G., & Govaert, G. (1995). Gaussian parsimonious clustering models. Pattern"
    " Recognition, 28(5), 781–793. doi:10.1016/0031-3203(94)00125-6",
    "dempster": "Dempster, A. P., Laird, N. M., & Rubin, D. B. (1977). Maximum likelihood from"
    " incomplete data via the EM algorithm. Journal of the Royal Statistical Society, Series B,"
    " 39(1), 1–38. doi:10.1111/j.2517-6161.1977.tb01600.x",
    "fraley2002": "Fraley, C., & Raftery, A. E. (2002). Model-based clustering, discriminant"
    " analysis, and density estimation. Journal of the American Statistical Association, 97(458),"
    " 611–631. doi:10.1198/016214502760047131",
    "fraley2007": "Fraley, C., & Raftery, A. E. (2007). Bayesian regularization for normal mixture"
    " estimation and model-based clustering. Journal of Classification, 24(2), 155–181."
    " doi:10.1007/s00357-007-0004-5",
    "gibson": "Gibson, W. A. (1959). Three multivariate models: Factor analysis, latent structure"
    " analysis, and latent profile analysis. Psychometrika, 24(3), 229–252."
    " doi:10.1007/BF02289845",
    "hennig": "Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational"
    " Statistics & Data Analysis, 52(1), 258–271. doi:10.1016/j.csda.2006.11.025",
    "kass": "Kass, R. E., & Raftery, A. E. (1995). Bayes factors. Journal of the American"
    " Statistical Association, 90(430), 773–795. doi:10.1080/01621459.1995.10476572",
    "schwarz": "Schwarz, G. (1978). Estimating the dimension of a model. The Annals of Statistics,"
    " 6(2), 461–464. doi:10.1214/aos/1176344136",
    "scrucca": "Scrucca, L., Fop, M., Murphy, T. B., & Raftery, A. E. (2016). mclust 5:"
    " Clustering, classification and density estimation using Gaussian finite mixture models. The R"
    " Journal, 8(1), 289–317. doi:10.32614/RJ-2016-021",
    "yeo": "Yeo, I.-K., & Johnson, R. A. (2000). A new family of power transformations to improve"
    " normality or symmetry. Biometrika, 87(4), 954–959. doi:10.1093/biomet/87.4.954",
}
_CRITERIA = {
    "bic": ("Bayesian information criterion (BIC; Schwarz, 1978)", "schwarz"),
    "icl": ("integrated completed likelihood (ICL; Biernacki et al., 2000)", "biernacki"),
    "aic": ("Akaike information criterion (AIC; Akaike, 1974)", "akaike"),
}
_EVIDENCE = ("not worth more than a bare mention", "positive", "strong", "very strong")
_POWERS = {"box-cox": ("Box & Cox, 1964", "box"), "yeo-johnson": ("Yeo & Johnson, 2000", "yeo")}
# What volume, shape and orientation of a model are across clusters (Celeux and Govaert, 1995).
_KINDS = {"E": "equal", "V": "varying", "I": "axis-aligned"}
_MOST_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class Methods:
    """`mixture` and `profiles` are the paragraph in two wordings; `references` those of both."""

    mixture: str
    profiles: str
    references: tuple[str, ...]


class _Text:
    """Sentences, and what they refer to."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.cited: set[str] = set()

    def say(self, sentence: str, *cited: str) -> None:
        self.sentences.append(sentence)
        self.cited.update(cited)


def methods(analysis: Analysis, task: Task | None = None) -> Methods:
    """What was done, as far as it was: each sentence is true of this analysis.

    Raises Cancelled when the task is cancelled.
    """
    merging = None if analysis.grouping is None else merging_of(analysis, task)
    mixture, profiles = _Text(), _Text()
    n, d = analysis.result.n_rows, len(analysis.prepared.preparation.inputs)
    columns = _columns(analysis)
    mixture.say(
        f"A finite mixture of {'multivariate ' * (d > 1)}Gaussian distributions (Fraley & Raftery,"
        f" 2002) was fitted to {n:,} observations of {columns} with gmmdesk {__version__}.",
        "fraley2002",
    )
    profiles.say(
        "Latent profile analysis (Gibson, 1959), that is, a finite mixture of Gaussian"
        f" distributions (Fraley & Raftery, 2002), was run on {n:,} cases with {columns} as"
        f" {'indicators' if d > 1 else 'indicator'}, with gmmdesk {__version__}.",
        "gibson",
        "fraley2002",
    )
    for text, component in ((mixture, "component"), (profiles, "profile")):
        _say_rows(text, analysis)
        _say_estimation(text, analysis, component)
        _say_choice(text, analysis, component)
        _say_combining(text, analysis, component, merging)
        _say_outcome(text, analysis, component)
    cited = sorted(mixture.cited | profiles.cited, key=lambda key: REFERENCES[key])
    return Methods(
        " ".join(mixture.sentences),
        " ".join(profiles.sentences),
        tuple(REFERENCES[key] for key in cited),
    )


def _columns(analysis: Analysis) -> str:
    inputs = analysis.prepared.preparation.inputs
    noun = "variable" if len(inputs) == 1 else "variables"
    if len(inputs) > _MOST_COLUMNS:
        return f"{len(inputs)} {noun}"
    return f"{len(inputs)} {noun} ({', '.join(inputs)})"


def _say_rows(text: _Text, analysis: Analysis) -> None:
    prepared, settings = analysis.prepared, analysis.settings
    by_steps = sum(one.rows_before - one.rows_after for one in prepared.outcomes)
    missing = prepared.n_left_out - by_steps
    if missing > 0:
        verb = "observation was" if missing == 1 else "observations were"
        why = "without any value" if settings.missing == "em" else "with missing values"
        text.say(f"{missing:,} {verb} excluded, {why} in these variables.")
    if prepared.n_incomplete:
        text.say(
            f"{prepared.n_incomplete:,} observations with missing values contributed through the"
            " likelihood of their observed values, which assumes that values are missing at random"
            " (Dempster et al., 1977).",
            "dempster",
        )
    done = [one.step for one in prepared.outcomes if not isinstance(one.step, HoldOut)]
    if done:
        told = "; ".join(f"{phrase(step)[:1].lower()}{phrase(step)[1:]}" for step in done)
        text.say(f"Before the fit these steps were taken in turn: {told}.")
        for step in done:
            if isinstance(step, Power):
                author, key = _POWERS[step.method]
                text.say(f"Exponents were estimated by maximum likelihood ({author}).", key)
        if any(isinstance(step, PrincipalComponents) for step in done):
            text.say("Principal components are those of the standardized variables.")
    if prepared.n_held_out:
        text.say(f"{prepared.n_held_out:,} observations were held out of the fit at random.")
    if settings.scaling == "standard":
        text.say("Variables were standardized for the fit; all results are in original units.")


def _starts(analysis: Analysis) -> str:
    settings = analysis.settings
    if settings.start is not None:
        return "a start that was chosen by hand"
    starts = f"{settings.restarts} {'start' if settings.restarts == 1 else 'starts'}"
    if len(analysis.candidates) == 1:
        return starts
    return f"up to {starts} for each model, and from the solutions of neighbouring models"


def _say_estimation(text: _Text, analysis: Analysis, component: str) -> None:
    settings, result = analysis.settings, analysis.result
    text.say(
        "Parameters were estimated by maximum likelihood with the EM algorithm (Dempster et al.,"
        f" 1977) from {_starts(analysis)} (tolerance {settings.tol:g} nats per observation, seed"
        f" {settings.seed}).",
        "dempster",
    )
    if settings.prior == "always" or result.guarded is not None:
        text.say(
            "A conjugate prior on means and covariances kept components from collapsing (Fraley &"
            " Raftery, 2007), so that estimates are posterior modes.",
            "fraley2007",
        )
    if settings.noise:
        text.say(
            f"A further {component} of uniform density took up observations that belong to none"
            " (Banfield & Raftery, 1993).",
            "banfield",
        )


def _say_choice(text: _Text, analysis: Analysis, component: str) -> None:
    settings, verdict, best = (
        analysis.settings,
        analysis.verdict,
        analysis.candidates[analysis.best],
    )
    n_models, k = len({one.model for one in analysis.candidates}), best.n_components
    components = component if k == 1 else f"{component}s"
    structure = _structure(analysis, component)
    criterion, key = _CRITERIA[settings.criterion]
    if analysis.stopped_early:
        text.say(
            f"The search was stopped before its end, after {len(analysis.candidates)} of the"
            f" combinations; the best until then has {k} {components} ({structure})."
        )
        return
    if len(analysis.candidates) == 1:
        text.say(f"One model was fitted, with {k} {components} ({structure}).", "celeux", "scrucca")
        return
    compared = f"{n_models} covariance structures" if n_models > 1 else "one covariance structure"
    if n_models == len(MODELS):
        compared = "all 14 covariance structures"
    ks = f"{k_range(settings)} {component}s" if settings.k_max > 1 else f"1 {component}"
    text.say(
        f"Solutions with {ks} and {compared} of the parsimonious family (Celeux & Govaert, 1995; in"
        f" the nomenclature of mclust, Scrucca et al., 2016) were compared by the {criterion}.",
        "celeux",
        "scrucca",
        key,
    )
    value = f"{settings.criterion.upper()} = {best.value(settings.criterion):,.1f}"
    how = "had the lowest value" if verdict.choice is not Choice.CHOSEN else "was chosen by hand"
    text.say(f"The solution with {k} {components} and {structure} {how} ({value}).")
    rival, difference = verdict.rival, verdict.rival_difference
    if rival is not None and difference is not None and verdict.choice is Choice.SEARCHED:
        told = f"The best solution with another number of {component}s had {rival.n_components}"
        told += f" (difference {difference:.1f}"
        if settings.criterion == "bic":
            strength = _EVIDENCE[int(np.searchsorted(BIC_EVIDENCE, difference))]
            text.say(f"{told}; {strength} evidence by Kass & Raftery, 1995).", "kass")
        else:
            text.say(f"{told}).")


def _structure(analysis: Analysis, component: str) -> str:
    """The covariance structure in words: "variances free and covariances zero (model VVI)"."""
    model = analysis.result.model
    if len(model) == 1:
        kind = "equal variances" if model == "E" else "varying variances"
        return f"{kind} (model {model})"
    volume, shape, orientation = tuple(model)
    if component == "profile" and orientation == "I":
        if shape == "I":
            same = "one variance for all indicators"
            return f"{same}, {_KINDS[volume]} across profiles, covariances zero (model {model})"
        free = {"EE": "equal", "VV": "free"}.get(volume + shape, "partly free")
        return f"variances {free} across profiles, covariances zero (model {model})"
    if component == "profile" and model in ("EEE", "VVV"):
        how = "equal" if model == "EEE" else "free"
        return f"variances and covariances {how} across profiles (model {model})"
    parts = [f"{_KINDS[volume]} volume"]
    parts.append("spherical shape" if shape == "I" else f"{_KINDS[shape]} shape")
    if shape != "I":
        parts.append(f"{_KINDS[orientation]} orientation")
    return f"{', '.join(parts)} (model {model})"


def _say_combining(
    text: _Text, analysis: Analysis, component: str, merging: Merging | None
) -> None:
    if merging is None:
        return
    K, C = analysis.result.n_components, analysis.n_clusters
    clusters = "cluster" if C == 1 else "clusters"
    text.say(
        f"The {K} {component}s were combined into {C} {clusters}; posterior probabilities of"
        f" {component}s of one cluster were added up."
    )
    # Nobody keeps whether it was done by hand: so only what is true of the clusters is said.
    if merging.place_of(analysis.grouping) is not None:
        entropy = merging.path.entropies
        text.say(
            "The same come of combining two at a time such that the entropy of the classification"
            f" falls most (Baudry et al., 2010): it fell from {entropy[K - 1]:.1f} to"
            f" {entropy[C - 1]:.1f} nats.",
            "baudry",
        )
    else:
        text.say(
            "Which of them belong together was decided by judgement, otherwise than by the entropy"
            " of the classification."
        )


def _say_outcome(text: _Text, analysis: Analysis, component: str) -> None:
    result = analysis.result
    certain = analysis.certainty[np.isfinite(analysis.certainty)]
    if analysis.n_clusters > 1 and len(certain):
        noun = "latent profile" if component == "profile" else "posterior"
        assigned = component if analysis.grouping is None else "cluster"
        text.say(
            f"Observations were assigned to the {assigned} with the highest posterior probability;"
            f" average {noun} probabilities ranged from {certain.min():.2f} to {certain.max():.2f}."
        )
    if not result.converged:
        text.say("The EM algorithm had not converged when it ended.")
    resampled = analysis.verdict.resampled
    if resampled is not None and resampled.n:
        found = "clusters" if analysis.grouping is None else f"{component}s"
        text.say(
            f"The same {found} were found again in {resampled.n_same} of {resampled.n} random"
            " halves of the observations (adjusted Rand index of 0.9 at least; Hennig, 2007).",
            "hennig",
        )
