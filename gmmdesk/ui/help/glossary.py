"""The words of the program, explained once: the tooltips and the page Glossary say the same."""

from __future__ import annotations

from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "AIC": "A criterion like BIC that asks less of an additional cluster, and so finds more of"
    " them (Akaike information criterion). Lower is better.",
    "Any shape": "Each cluster has its own size, stretch and direction (full covariance, VVV).",
    "Aligned with the axes": "Stretched along the columns, not tilted (diagonal covariance, VVI).",
    "BIC": "How well the clusters describe the rows, weighed against how many numbers that takes"
    " (Bayesian information criterion). Lower is better; a difference of more than 6 is strong"
    " evidence.",
    "Choose for me": "Try the four shapes below and all in between, such as equal sizes or"
    " directions (the 14 models of mclust), and keep the one that describes the data best.",
    "Choose for me, quickly": "Try the four shapes below only and keep the one that describes the"
    " data best: four to seven times as fast.",
    "Cluster": "Rows that lie together, described by one bell-shaped group (mixture component).",
    "Collapse": "A cluster that shrinks onto a few equal rows, where its likelihood grows without"
    " limit; a weak prior keeps clusters from it.",
    "Convergence": "How well the clusters describe the rows (log-likelihood), after each step; it"
    " only rises. When it no longer does, the clusters are found.",
    "Criterion": "What makes one answer better than another: BIC, ICL or AIC.",
    "E-step": "Every row is asked again which clusters it could belong to, given the ellipses as"
    " they are (expectation step).",
    "Effect size": "How far apart two means are, in standard deviations (Cohen's d); 0.8 or more"
    " is called large.",
    "EM": "The algorithm that finds the clusters: E-step and M-step in turn, until nothing"
    " changes any more (expectation-maximization).",
    "Gap": "Few rows between two clusters, where the density falls well below both: a reason to"
    " believe that these are two groups, and not one of another shape.",
    "Gaussian mixture": "Bell-shaped groups laid over each other, each with a centre, a spread and"
    " a share of the rows (Gaussian mixture model, latent profile analysis).",
    "Held-out rows": "Rows that the fit does not see, and on which it is then judged (held-out"
    " log-likelihood).",
    "How sure": "How sure it is, on average, that these rows belong here (mean probability).",
    "ICL": "As BIC, but prefers clusters that lie apart (integrated completed likelihood). Lower"
    " is better.",
    "Iterations": "One E-step and one M-step; give up after so many.",
    "Log-likelihood": "How probable the clusters make the rows as they are (in nats); higher is"
    " better, and more clusters always reach a higher one.",
    "M-step": "Every cluster moves to the middle and the spread of its rows, unsure ones counted"
    " in part (maximization step).",
    "Missing values": "Rows that lack some are left out, or take part through the values they"
    " have; nothing is made up for those they lack (EM).",
    "No cluster": "Rows so unlike every cluster that they are taken to belong to none (noise"
    " component).",
    "Noise component": "Rows that lie scattered, far from every cluster, are then set aside as No"
    " cluster instead of stretching the clusters (noise component).",
    "Number of clusters": "Find this many clusters (mixture components, K).",
    "Outlier": "A row in a place where the clusters lead one to expect hardly any (low density).",
    "Overlap": "Of the rows in a line, the share that belongs to the cluster in each column"
    " (expected misclassification).",
    "Prior": "Whether clusters are kept from shrinking onto a few equal rows: only where they"
    " would, in every answer, or not at all (conjugate prior).",
    "Restarts": "How many starting points are tried for each answer, at most; the best answer"
    " that any of them leads to is kept.",
    "Round": "Equally wide in every column once the columns are on one scale (spherical, VII).",
    "Rows": "How many rows belong here rather than anywhere else.",
    "Same shape": "All clusters share one size, stretch and direction (tied covariance, EEE).",
    "Scale": "Whether columns in large units may outweigh the others, or each counts alike"
    " (standardization).",
    "Search over numbers": "Try each number of clusters and keep the best one by the criterion"
    " (BIC).",
    "Seed": "Where the random numbers begin: the same seed gives the same answer.",
    "Share": "The part of all rows that belongs here, unsure ones counted in part (mixing weight).",
    "Slow motion": "Show the two halves of each step one after the other: first the rows are asked"
    " where they belong (E-step), then the clusters move (M-step).",
    "Soft assignment": "Every row belongs to each cluster with a probability, instead of to one"
    " alone (responsibility).",
    "Stability": "Look for the clusters again in random halves of the rows, and count how often"
    " they are found (adjusted Rand index).",
    "Sure rows": "The rows of each cluster from the surest to the least sure: the farther right a"
    " curve begins to fall, the clearer the cluster.",
    "Test of the number": "Is one cluster less, or one more, as good? Tables are made up by the"
    " one mixture and fitted with both (bootstrap likelihood-ratio test).",
    "Tolerance": "Stop when an iteration gains less per row (log-likelihood, nats).",
    "Verdict": "How many clusters there are, whether there are any, and on what grounds.",
}


def tip(term: str) -> str:
    """The tooltip of a control that stands for `term`: its entry, without the full stop."""
    return GLOSSARY[term].removesuffix(".")


def as_page() -> str:
    """The glossary as a page of the help, in Markdown."""
    entries = (f"### {term}\n\n{GLOSSARY[term]}" for term in sorted(GLOSSARY, key=str.casefold))
    return "\n\n".join(("# Glossary", *entries)) + "\n"
