"""A paragraph for a paper that says what was done, in two wordings, and what it refers to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk import __version__
from gmmdesk.analysis import Analysis
from gmmdesk.analysis.candidates import bic_evidence
from gmmdesk.analysis.combining import Merging, merging_of
from gmmdesk.analysis.verdict import Choice
from gmmdesk.data.steps import HoldOut, Power, PrincipalComponents, phrase
from gmmdesk.engine import MODELS
from gmmdesk.engine.restarts import FINALISTS
from gmmdesk.engine.starts.start_rows import ENOUGH_ROWS
from gmmdesk.engine.starts.warm_starts import beside, neighbours
from gmmdesk.export.report.references import REFERENCES
from gmmdesk.export.words import k_range
from gmmdesk.task import Task
from gmmdesk.text import fixed

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
_BEFORE_RANDOM = 3  # starts: the fourth is the first from rows drawn at random


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


def _say_search(text: _Text, analysis: Analysis, component: str) -> None:
    """Where the runs began, which were followed, and what was tried at their ends.

    As `engine.restarts` does it; of a single component the estimate needs no start.
    """
    settings, n = analysis.settings, analysis.settings.restarts
    tried = {(one.model, one.n_components) for one in analysis.candidates}
    for search in analysis.after:
        tried |= {(m, k) for m in search.models for k in range(search.k_min, search.k_max + 1)}
    if settings.start is not None:
        if settings.chose_start:
            text.say("EM began from a start that was chosen by hand.")
        else:
            text.say("EM went on from a fit that had not converged.")
        return
    if max(k for _, k in tried) == 1:
        return
    starts = "one start" if n == 1 else f"up to {n} starts" if len(tried) > 1 else f"{n} starts"
    each = " of each model" if len(tried) > 1 else ""
    neighbouring = _neighbouring(tried, component)
    beside = f" and from {neighbouring}" if neighbouring else ""
    whole = _all_are_seen(analysis)
    at_quantiles = len(analysis.prepared.columns) == 1
    kinds = _listed(
        _kinds_of_start(text, n, component, seen_whole=whole, at_quantiles=at_quantiles)
    )
    if beside:
        text.say(f"EM began from {starts}{each}{beside}.")
        text.say(f"{'The start was' if n == 1 else 'Starts were'} {kinds}.")
    else:
        text.say(f"EM began from {starts}{each}: {kinds}.")
    if n > 1 or neighbouring:
        sampled = "" if whole else " on a sample"
        text.say(
            f"After short runs{sampled} (Biernacki et al., 2003) the likeliest, up to {FINALISTS}"
            " that differed in likelihood, were followed until they converged or, as their gains"
            " shrank, could not come up to one that had.",
            "biernacki2003",
        )
        if n > 1 and whole:
            partition = "partition at quantiles" if at_quantiles else "hierarchical partition"
            text.say(
                f"The run from the {partition} was followed, too, unless it led where another did."
            )
            if not at_quantiles:  # where that is said already
                text.say(
                    "It is the one with which mclust begins (Scrucca et al., 2016).", "scrucca"
                )
    if n > 1 and _are_tried_again(tried):
        text.say(
            "Each model was then tried from the solutions of those next to it, freer or as free,"
            " and took a likelier one."
        )
    if _are_moved(analysis, tried):
        where = "Where there was no neighbouring solution, " if neighbouring else "Then "
        text.say(
            f"{where}{component}s were merged and split as long as that raised the likelihood"
            " (Ueda et al., 2000).",
            "ueda",
        )


def _all_are_seen(analysis: Analysis) -> bool:
    """Whether starts are made of all rows, and no sample."""
    return analysis.result.n_rows <= ENOUGH_ROWS


def _kinds_of_start(
    text: _Text, n: int, component: str, *, seen_whole: bool, at_quantiles: bool
) -> list[str]:
    """What `n` starts are: see `StartRows.labels`."""
    kinds = ["k-means++ partitions (Arthur & Vassilvitskii, 2007)"]
    text.cited.add("arthur")
    if n > 1 and at_quantiles:
        kinds.append(
            "a partition at quantiles (as in mclust, Scrucca et al., 2016; a hierarchical one where"
            " repeated values leave a class empty)"
        )
        text.cited.add("scrucca")
    elif n > 1:
        ward = "" if seen_whole else "Ward, 1963; its last merges "
        kinds.append(
            f"a hierarchical partition ({ward}by the likelihood of {component}s with a covariance"
            " each, Fraley, 1998)"
        )
        text.cited.update(["fraley1998"] if seen_whole else ["ward", "fraley1998"])
    if n > _BEFORE_RANDOM:
        kinds.append("observations drawn at random as centres")
    return kinds if n > 2 else [f"a {kinds[0].replace('partitions', 'partition')}", *kinds[1:]]


def _neighbouring(tried: set[tuple[str, int]], component: str) -> str:
    """Which other solutions fits began from; empty where there were none."""
    near = {(k, one[1]) for model, k in tried for one in neighbours(model, k) if one in tried}
    told = ["of simpler models"] * any(k == other for k, other in near)
    told += [f"with one {component} less, split"] * any(k > other for k, other in near)
    return f"solutions {', or '.join(told)}" if told else ""


def _listed(parts: list[str]) -> str:
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _are_tried_again(tried: set[tuple[str, int]]) -> bool:
    """Whether some had others beside them: see `engine.schedule`."""
    return any(k > 1 and (other, k) in tried for model, k in tried for other in beside(model))


def _are_moved(analysis: Analysis, tried: set[tuple[str, int]]) -> bool:
    """Whether components were merged and split in some fit: see `engine.restarts.movable`."""
    settings = analysis.settings
    is_free = settings.restarts > 1 and analysis.known is None
    if not is_free or analysis.prepared.n_incomplete:
        return False
    return any(k > 2 and tried.isdisjoint(neighbours(model, k)) for model, k in tried)


def _say_estimation(text: _Text, analysis: Analysis, component: str) -> None:
    settings, result = analysis.settings, analysis.result
    text.say(
        "Parameters were estimated by maximum likelihood with the EM algorithm (Dempster et al.,"
        f" 1977; tolerance {settings.tol:g} nats per observation, seed {settings.seed}).",
        "dempster",
    )
    _say_search(text, analysis, component)
    if settings.prior == "always" or result.guarded is not None:
        text.say(
            "A conjugate prior on means and covariances kept components from collapsing (Fraley &"
            " Raftery, 2007), so that estimates are posterior modes; the likelihood in BIC and ICL"
            " is that at these, as there and in mclust.",
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
            f" combinations; the best until then has {k} {components} ({structure}; model"
            f" {best.model})."
        )
        return
    if len(analysis.candidates) == 1:
        text.say(
            f"One model was fitted, with {k} {components} ({structure}; model {best.model}).",
            "celeux",
            "scrucca",
        )
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
    value = f"{settings.criterion.upper()} = {fixed(best.value(settings.criterion), 1)}"
    how = "had the lowest value" if verdict.choice is not Choice.CHOSEN else "was chosen by hand"
    text.say(
        f"The solution with {k} {components} and {structure} (model {best.model}) {how} ({value})."
    )
    rival, difference = verdict.rival, verdict.rival_difference
    if rival is not None and difference is not None and verdict.choice is Choice.SEARCHED:
        told = f"The best solution with another number of {component}s had {rival.n_components}"
        told += f" (difference {difference:.1f}"
        if settings.criterion == "bic":
            strength = _EVIDENCE[bic_evidence(difference)]
            text.say(f"{told}; {strength} evidence by Kass & Raftery, 1995).", "kass")
        else:
            text.say(f"{told}).")


def _structure(analysis: Analysis, component: str) -> str:
    """The covariance structure in words: "variances free and covariances zero"."""
    model = analysis.result.model
    if len(model) == 1:
        kind = "equal variances" if model == "E" else "varying variances"
        return f"{kind}"
    volume, shape, orientation = tuple(model)
    if component == "profile" and orientation == "I":
        if shape == "I":
            same = "one variance for all indicators"
            return f"{same}, {_KINDS[volume]} across profiles, covariances zero"
        free = {"EE": "equal", "VV": "free"}.get(volume + shape, "partly free")
        return f"variances {free} across profiles, covariances zero"
    if component == "profile" and model in ("EEE", "VVV"):
        how = "equal" if model == "EEE" else "free"
        return f"variances and covariances {how} across profiles"
    parts = [f"{_KINDS[volume]} volume"]
    parts.append("spherical shape" if shape == "I" else f"{_KINDS[shape]} shape")
    if shape != "I":
        parts.append(f"{_KINDS[orientation]} orientation")
    return f"{', '.join(parts)}"


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
            "Combining two at a time, those by which the entropy of the classification falls most"
            f" (Baudry et al., 2010), gives the same clusters: it fell from {entropy[K - 1]:.1f} to"
            f" {entropy[C - 1]:.1f} nats.",
            "baudry",
        )
    else:
        text.say(
            "Which of them belong together was decided by judgement, otherwise than by the entropy"
            " of the classification."
        )
    text.say(
        "BIC, of the mixture, stays as it was; by the probabilities added up the integrated"
        f" completed likelihood (ICL; Biernacki et al., 2000) went from"
        f" {fixed(analysis.result.icl, 1)} to {fixed(analysis.icl, 1)}.",
        "biernacki",
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
        text.say(
            f"The same clusters were found again in {resampled.n_same} of {resampled.n} random"
            " halves of the observations (adjusted Rand index of 0.9 at least; Hennig, 2007).",
            "hennig",
        )
