"""A mixture to start a fit from: that of an answer with one more component on some rows."""

from __future__ import annotations

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.selected import used_places
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import Parameters
from gmmdesk.errors import UsageError


def with_component_at(analysis: Analysis, selected: RowSet) -> Parameters:
    """The mixture of `analysis` and a component at the selected rows, in the prepared columns.

    Its mean and covariance are those of the rows, the latter with d + 1 further rows that are
    spread as in the mean cluster: so it exists for a single row too. Its weight is the share of the
    rows. Raises UsageError where no selected row has all values.
    """
    prepared, mixture = analysis.prepared, analysis.scaled.parameters
    X = prepared.X[used_places(selected, prepared)]
    X = X[~np.isnan(X).any(axis=1)]
    if not len(X):
        raise UsageError(
            "None of these rows takes part with all its values.", "Select rows that do."
        )
    (n, d), K = X.shape, len(mixture.weights)
    shares = mixture.weights / mixture.weights.sum()
    within = np.einsum("k,kij->ij", shares, mixture.covariances)
    centered = X - X.mean(axis=0)
    covariance = (centered.T @ centered + (d + 1) * within) / (n + d + 1)
    weight = min(n / len(prepared.rows), 0.5)
    return Parameters(
        np.append((1.0 - weight) * shares, weight),
        np.concatenate([mixture.means, X.mean(axis=0)[None]]),
        np.concatenate([mixture.covariances.reshape(K, d, d), covariance[None]]),
    ).in_units(prepared.center, prepared.scale)
