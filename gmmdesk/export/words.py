"""The words for people to read in workbooks: those that the window uses."""

from __future__ import annotations

from collections.abc import Iterator

from gmmdesk.analysis import Analysis, Settings
from gmmdesk.analysis.found_again import HALVES, RESTARTS, in_halves, in_restarts
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.settings import Searched
from gmmdesk.text import number, sentence_case

MISSING = {
    "leave-out": "Rows with missing values are left out",
    "em": "Rows with missing values are used through the values they have (EM)",
}

MERGED_ICL = "ICL of the merged clusters"
MERGED_ICL_MEANS = (
    "BIC of the mixture, which merging leaves as it is, - 2 sum of ln(probability of each row's"
    " merged cluster): how far it lies below the ICL of the components shows how much surer rows"
    " are (Baudry et al., 2010). It falls with every merge: compare it with that of fits with as"
    " many clusters."
)


def compared(analysis: Analysis) -> str:
    """What the candidates are compared by the number of: once merged, clusters are counted anew."""
    return "clusters" if analysis.grouping is None else "components"


def units(analysis: Analysis) -> str:
    """In which units numbers are where steps have changed columns; empty where none has."""
    prepared = analysis.prepared
    if not prepared.outcomes or prepared.columns == prepared.preparation.inputs:
        return ""
    sentences = []
    if all(one.is_mean for one in analysis.profiles):
        sentences.append("Means and spreads are in the units of the file.")
    else:
        sentences.append(
            "Of columns that a step has bent, the median of each cluster is given in the units of"
            " the file, with the range of the middle 68 % of its rows; there is no covariance in"
            " these units."
        )
    if not all(one.exact for one in analysis.profiles):
        sentences.append(
            "They are what the principal components that were kept hold of the columns: spreads"
            " are too small by what was left away."
        )
    sentences.append(
        "Densities and log-likelihood are in the units of the file too."
        if prepared.keeps_density
        else "Densities and log-likelihood are those of the columns that were fitted, as these"
        " have none in the units of the file: compare them only between fits with the same steps."
    )
    return " ".join(sentences)


def combined_in_words(grouping: Grouping) -> str:
    """Which components are which cluster, both counted from 1."""
    told = []
    for cluster in range(grouping.n_clusters):
        *others, last = (str(k + 1) for k in grouping.parts(cluster))
        if others:
            told.append(f"components {', '.join(others)} and {last} are cluster {cluster + 1}")
        else:
            told.append(f"component {last} is cluster {cluster + 1}")
    said = "; ".join(told)
    return (
        f"{sentence_case(said)}. Their probabilities are added up; likelihood, criteria (but"
        f" for the {MERGED_ICL}) and outliers are those of the components."
    )


def held_out(analysis: Analysis) -> str:
    """How well rows are described that the fit has not seen; empty where there are none."""
    judged = analysis.held_out
    if judged is None:
        return ""
    noun = "row" if judged.n_rows == 1 else "rows"
    return (
        f"{judged.n_rows:,} {noun} held out: mean log density {number(judged.log_density)} nats,"
        f" against {number(judged.log_density_used)} of the rows that were fitted."
    )


def k_range(settings: Settings | Searched, to: str = " to ") -> str:
    """The numbers of clusters that were asked for."""
    low, high = settings.k_min, settings.k_max
    return f"{low}" if low == high else f"{low}{to}{high}"


def again_facts(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """How often the clusters were found again, as far as anybody has looked."""
    verdict = analysis.verdict.with_resamples(analysis.resampled)
    restarts, halves = in_restarts(verdict.trust), in_halves(verdict.resampled)
    for what, told in ((RESTARTS, restarts), (HALVES, halves)):
        if told:
            yield what, told
