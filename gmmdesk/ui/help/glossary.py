"""The words of the program, explained once: the tooltips and the page Glossary say the same."""

from __future__ import annotations

from collections.abc import Mapping

from gmmdesk.terms import ROWS_MEAN, SHARE_MEANS, SURE_MEANS

GLOSSARY: Mapping[str, str] = {
    "Adjoining clusters": "Clusters with no gap between them. They may be parts of one group that"
    " is not bell-shaped; whether rows are sure of their cluster is another question.",
    "Adjusted Rand index": "How far two groupings of the same rows agree: 1 where they are the"
    " same, about 0 where they agree no more than by chance (Hubert and Arabie, 1985). 0.9 or more"
    " counts as the same clusters.",
    "AIC": "A criterion like BIC that asks less of an additional cluster, and so finds more of"
    " them (Akaike information criterion). Lower is better.",
    "Any shape": "Each cluster has its own size, stretch and direction (full covariance, VVV).",
    "Any shape, equally large": "Each cluster has its own stretch and direction, but all have one"
    " size (EVV).",
    "Axes as prepared": "Draw the columns that a step of the preparation has bent, as by a"
    " logarithm, on the scale that it made: there clusters were found, and there they are bells and"
    " ellipses. The numbers beside the axis are those of the file.",
    "BIC": "How well the clusters describe the rows, weighed against how many numbers that takes"
    " (Bayesian information criterion). Lower is better; a difference of more than 6 is strong"
    " evidence. With a prior it is that of the fit which the prior leads to, as in mclust, and not"
    " that of the highest likelihood.",
    "BIC difference": "How much higher a BIC is than the best one: up to 2 is hardly worth a"
    " mention, 2 to 6 positive, 6 to 10 strong, more very strong evidence against a combination"
    " (Kass and Raftery, 1995).",
    "Box-Cox, Yeo-Johnson": "The power of a column that makes it as symmetric as it can be;"
    " Yeo-Johnson takes numbers of 0 and below too (power transformation).",
    "Categories as columns": "Each category but the most frequent one becomes a column of 0 and 1"
    " (indicators).",
    "Centres and weights": "A cross at each centre (mean) and the share of rows there (mixing"
    " weight).",
    "Choose for me": "Try the four shapes below and all in between, such as equal sizes or"
    " directions (the 14 models of mclust), and keep the one that describes the data best.",
    "Choose for me, quickly": "Try the four shapes below only and keep the one that describes the"
    " data best: four to seven times as fast.",
    "Cluster": "Rows that lie together, described by one bell-shaped group (mixture component).",
    "Collapse": "A cluster that shrinks onto a few equal rows, where its likelihood grows without"
    " limit (a spurious cluster); a weak prior keeps clusters from it.",
    "Component": "One bell of the mixture. Each is a cluster, unless several are merged into one"
    " (mixture component).",
    "Contours of clusters": "Around the densest places with 25, 50, 75, 90 and 99 % of each cluster"
    " (component).",
    "Contours of the mixture": "Around the densest places with 25, 50, 75, 90 and 99 % of all rows,"
    " by the mixture (highest density regions).",
    "Convergence": "How well the clusters describe the rows (log-likelihood), after each step; it"
    " only rises. When it no longer does, the clusters are found.",
    "Criterion": "What makes one answer better than another: BIC, ICL or AIC.",
    "Decision regions": "To which cluster a new row would belong at each place (of largest"
    " posterior probability).",
    "Density-based clusters": "Groups of any shape, set apart by places with few rows (HDBSCAN).",
    "Discriminant direction": "The direction that separates the clusters best; the second is the"
    " next best (between and within covariances).",
    "Distances of rows": "Each dot is a row: how far it lies from the cluster's centre (squared"
    " Mahalanobis distance), against how far a row of its rank would in a bell (quantiles of the"
    " Beta distribution). Dots on the line: a bell. Above it at the right: heavy tails. Of bells"
    " all dots lie between the thin lines, in all clusters of 95 of 100 answers. That a cluster"
    " leans to one side is tested too, and does not show here.",
    "E-step": "Every row is asked again which clusters it could belong to, given the ellipses as"
    " they are (expectation step).",
    "Effect size": "How high rows of one kind are beside others: in how many more of all pairs of"
    " a row of each the one is higher than lower (Cliff's delta, from -1 to 1). What is called high"
    " is 0.43 or more, very high 0.84.",
    "Ellipse level": "How much of a cluster an ellipse surrounds (probability content of the"
    " Gaussian). Dashed: too few rows to have a shape of their own.",
    "Entropy": "How unsure rows are of their cluster, all together (in nats): 0 where each is"
    " certain.",
    "EM": "The algorithm that finds the clusters: E-step and M-step in turn, until nothing"
    " changes any more (expectation-maximization).",
    "Fading": "Rows that could belong to several clusters are fainter (membership probability).",
    "Gap": "Few rows between two clusters, where the density falls well below both: a reason to"
    " believe that these are two groups, and not one of another shape. Looked for between clusters,"
    " not within one.",
    "Gaussian mixture": "Bell-shaped groups laid over each other, each with a centre, a spread and"
    " a share of the rows (Gaussian mixture model, latent profile analysis).",
    "Heat map": "How densely the rows lie, on a scale of square roots (kernel density estimate).",
    "Held-out rows": "Rows that the fit does not see, and on which it is then judged (held-out"
    " log-likelihood).",
    "How rare": "How far out a row has to lie to count as an outlier, in every view and file:"
    " farther than so much of its cluster should (chi-square).",
    "How sure": SURE_MEANS,
    "ICL": "As BIC, but prefers clusters that lie apart (integrated completed likelihood). Lower"
    " is better. Of merged clusters it takes the probabilities added up, and so falls with every"
    " merge, and is lowest for one cluster: it does not say how far to merge. Compare it with that"
    " of fits with as many clusters.",
    "In order, to note, in doubt": "How much a finding speaks against the answer: not at all; not"
    " by itself, but it should be known; or so much that the answer may be wrong. Where several"
    " things answer one question, the worst of them counts.",
    "Iterations": "One E-step and one M-step; give up after so many. A fit that settles before is"
    " called converged.",
    "k-means": "Puts every row to the nearest centre, as if clusters were round and equally wide"
    " (k-means).",
    "Log-likelihood": "How probable the clusters make the rows as they are (in nats); higher is"
    " better, and more clusters always reach a higher one.",
    "Logarithm": "For columns with a long tail of high values: equal ratios become equal distances"
    " (logarithm, log transform).",
    "M-step": "Every cluster moves to the middle and the spread of its rows, unsure ones counted"
    " in part (maximization step).",
    "Merging": "Clusters that overlap may be parts of one that is not bell-shaped. Made one, their"
    " probabilities are added up; the density stays that of all components (Baudry et al., 2010).",
    "Missing values": "Rows that lack some are left out, or take part through the values they"
    " have; nothing is made up for those they lack (EM).",
    "Nat": "The unit of log-likelihood and entropy: one more makes the rows 2.7 times as probable"
    " (natural logarithm).",
    "No cluster": "Rows so unlike every cluster that they are taken to belong to none (noise"
    " component).",
    "Noise component": "Rows that lie scattered, far from every cluster, are then set aside as No"
    " cluster instead of stretching the clusters (noise component).",
    "Number of bars": "Fewer or more bars; in the middle there are as many as suit the rows (rule"
    " of Freedman and Diaconis).",
    "Number of clusters": "Find this many clusters (mixture components, K).",
    "Optimum": "Clusters that no further step of the fit improves (local maximum of the"
    " likelihood). Each restart leads to one, several often to the same; the likeliest is the"
    " answer.",
    "Outlier": "A row that lies farther from its cluster than nearly all of its rows should: than"
    " 999 in 1,000, unless another share is chosen under Trust > Outliers. It may belong to none"
    " (Mahalanobis distance).",
    "Overlap": "Of the rows in a line, the share that belongs to the cluster in each column"
    " (expected misclassification).",
    "Own spread": "Each cluster is as wide along the column as its rows are (own variances, V).",
    "Perhaps outliers, perhaps no group": "What the answer says of a cluster that may be chance:"
    " of rows that are scattered, or no more than a handful, or of too few or too equal rows to"
    " have a shape of their own.",
    "Principal components": "Fewer columns that hold most of the differences: the first is the"
    " direction in which the rows are spread most, each next one at right angles to it (principal"
    " component analysis).",
    "Prior": "Whether clusters are kept from shrinking onto a few equal rows: not at all, only"
    " where they would (guard), or in every answer; by a weak expectation of how wide clusters are"
    " (conjugate prior).",
    "Probability": "How sure it is that the row belongs there (probability).",
    "Restarts": "How many starting points are tried for each answer, at most: centres drawn at"
    " random, and groups of a tree; the best answer that any of them leads to is kept. Where a fit"
    " of a neighbouring number or shape leads on, its end is tried too, and fewer are drawn. How"
    " often clusters are found again is told of all that were tried.",
    "Round": "Equally wide in every column once the columns are on one scale (spherical, VII).",
    "Round, equally large": "Equally wide in every column once the columns are on one scale, and"
    " all of one size (EII).",
    "Rows": ROWS_MEAN,
    "Same direction": "All clusters are tilted alike, while each has its own size and stretch"
    " (VVE).",
    "Same direction, equally large": "All clusters are tilted alike and have one size, while each"
    " has its own stretch (EVE).",
    "Same shape": "All clusters share one size, stretch and direction (tied covariance, EEE).",
    "Same shape and direction, own sizes": "All clusters share one stretch and direction, while"
    " each has its own size (VEE).",
    "Same shape and size, own directions": "All clusters share one size and stretch, while each is"
    " tilted in its own way (EEV).",
    "Same shape, own sizes and directions": "All clusters share one stretch, while each has its"
    " own size and is tilted in its own way (VEV).",
    "Same spread": "All clusters are equally wide along the column (one variance, E).",
    "Scale": "Whether columns in large units may outweigh the others, or each counts alike"
    " (standardization).",
    "Search over numbers": "Try each number of clusters and keep the best one by the criterion"
    " (BIC).",
    "Seed": "Where the random numbers begin: the same seed gives the same answer.",
    "Sensitivity": "What would change the answer: another seed, other scales, columns transformed"
    " otherwise (sensitivity).",
    "Shape of a cluster": "Whether a cluster is bell-shaped: the distances of its rows from its"
    " centre against those of a bell (QQ plot).",
    "Share": SHARE_MEANS,
    "Skewness": "How far a column is from being symmetric: 0 where it is, positive where many small"
    " values have a long tail of large ones, as amounts of money have. It makes one group look like"
    " several; a logarithm or a power straightens it.",
    "Slow motion": "Show the two halves of each step one after the other: first the rows are asked"
    " where they belong (E-step), then the clusters move (M-step).",
    "Soft assignment": "Every row belongs to each cluster with a probability, instead of to one"
    " alone (responsibility).",
    "Spread": "How far rows of the cluster typically lie from its centre (standard deviation, but"
    " no more than half the range of its rows, which a Gaussian of few of them may exceed).",
    "Stability": "Look for the clusters again in random halves of the rows (resamples), and count"
    " how often they are found (adjusted Rand index). In fewer than six of ten: unstable.",
    "Stretched along the columns": "Wider in some columns than in others, but not tilted (diagonal"
    " covariance, VVI).",
    "Stretched along the columns, equally large": "Wider in some columns than in others, each in"
    " its own way, but not tilted, and all of one size (EVI).",
    "Stretched along the columns, same shape": "Wider in some columns than in others, all in the"
    " same way, and not tilted; each has its own size (VEI).",
    "Stretched along the columns, same shape and size": "Wider in some columns than in others, all"
    " in the same way and of one size, and not tilted (EEI).",
    "Sure rows": "The rows of each cluster from the surest to the least sure: the farther right a"
    " curve begins to fall, the clearer the cluster.",
    "t-SNE": "Rows that are alike side by side; distances between groups mislead (t-distributed"
    " stochastic neighbour embedding).",
    "Test of the number": "Is one cluster less, or one more, as good? Tables are made up by the"
    " one mixture and fitted with both (bootstrap likelihood-ratio test).",
    "Tolerance": "Stop when an iteration gains less per row (log-likelihood, nats).",
    "Uncertainty": "The darker, the less sure where a row would belong (1 - posterior"
    " probability).",
    "Unstable": "Found again in fewer than six of ten random halves of the rows: other rows of the"
    " same kind would give other clusters.",
    "Verdict": "How many clusters there are, whether there are any, and on what grounds.",
    "Why this cluster": "How many times as likely each value is in the first cluster as in the"
    " second, given the other columns in every order (Shapley values of the log density); the"
    " factors and that of the clusters' sizes multiply to how much likelier the first cluster is."
    " Centres are those of the bells, of columns that a step has bent told in the units of"
    " the file; of a cluster of several parts that of the part likeliest for the row."
    " Last: where the column alone would have to be for the row to change its cluster.",
}


def tip(term: str) -> str:
    """The tooltip of a control that stands for `term`: its entry, without the full stop."""
    return GLOSSARY[term].removesuffix(".")


def as_page() -> str:
    """The glossary as a page of the help, in Markdown."""
    entries = (f"### {term}\n\n{GLOSSARY[term]}" for term in sorted(GLOSSARY, key=str.casefold))
    return "\n\n".join(("# Glossary", *entries)) + "\n"
