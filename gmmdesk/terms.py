"""What the numbers of a cluster mean: one wording for window, workbook and report."""

from __future__ import annotations

ROWS_MEAN = "How many rows belong here rather than anywhere else: each is counted once."
SHARE_MEANS = (
    "The part of all rows that belongs here, where a row that could be of several clusters counts"
    " in part in each (mixing weight): it need not be the number of rows over that of all."
)
SURE_MEANS = (
    "How sure it is, on average, that these rows belong here, given that these clusters are there"
    " (mean probability). It says nothing of whether they are: that is the verdict."
)
HELD_MEANS = (
    "Means and spreads are those of the model as far as rows can have them: where its bells reach"
    " beyond the rows of a cluster, such as below zero, they end at the least and greatest value"
    " there. Medians, and what lies below and above, are those of the rows. The model's own numbers"
    " are among the parameters."
)
MODEL_MEANS = (
    "Weights, means and spreads of clusters are those of the model: of the rows in which it was"
    " found. Rows, how sure they are and outliers are of this file."
)
