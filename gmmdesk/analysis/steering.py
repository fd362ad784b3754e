"""Changing a mixture by hand, along the axes of a map: a start for another fit.

On the map a component shows its marginal along p axes, y = W x + c. What the hand changes is this
marginal alone. The distribution of x given y stays what it was, so that the other columns follow as
they go with y in that cluster: x = G y + e with G = S W' (W S W')^-1, the regression of x on y, and
a rest e that y says nothing about (Anderson, 2003, section 2.5). For a move this is the change of
the mean that is the least in the metric of the covariance; for a stretch or a turn, L S2 L' = T of
the marginal, it is A S A' with A = I + G (L - I) W. Neither depends on the units of the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gmmdesk.analysis.axes import MapAxis, marginal
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import MODELS, Parameters
from gmmdesk.engine.models.covariance import entry

# A component that is added is so wide, as a share of the mean component's standard deviations.
_WIDTH = 0.5
_ALIKE = 1.0 - 1e-9  # correlation of the rows along two axes, from which on they are one
_ROWS = 20_000  # that one component for all rows is estimated from


def why_not_steerable(parameters: Parameters, axes: Sequence[MapAxis]) -> str:
    """Why components cannot be dragged along one or two axes, as a sentence; empty where they can.

    A single axis may be bent: what is dragged along it is straightened by itself.
    """
    if not all(axis.is_linear for axis in axes):
        return "Distances on a t-SNE map mean nothing to a cluster: choose columns as axes."
    if len(axes) == 1:
        return ""
    if any(axis.is_bent for axis in axes):
        return (
            "A step of the preparation, as a logarithm, has bent an axis: draw the axes as prepared"
            " (above the map), or choose others."
        )
    W = np.stack([axis.direction for axis in axes])
    _, S = _moments(parameters)
    along = W @ S @ W.T
    spreads = np.sqrt(np.diag(along))
    if abs(along[0, 1]) >= _ALIKE * spreads[0] * spreads[1]:
        return "Both axes are the same: choose two different ones."
    return ""


def is_free(model: str, n_columns: int) -> bool:
    """Whether a fit of this model can keep any shapes that it starts from."""
    return entry(model, n_columns) is MODELS["VVV"]


def with_marginal(
    parameters: Parameters,
    axes: Sequence[MapAxis],
    component: int,
    mean: FloatArray,
    covariance: FloatArray,
) -> Parameters:
    """The mixture whose `component` has this mean (p,) and covariance (p, p) along the axes.

    `parameters` are in the units of `Prepared.X`, as the axes' directions. All else is unchanged.
    The covariance stays positive definite where that along the axes is.
    """
    W = np.stack([axis.direction for axis in axes])
    means, covariances = marginal(parameters, axes)
    S = parameters.covariances[component]
    G = np.linalg.solve(covariances[component], W @ S).T
    changed_means, changed = parameters.means.copy(), parameters.covariances.copy()
    changed_means[component] += G @ (mean - means[component])
    grown = S + G @ (covariance - covariances[component]) @ G.T
    changed[component] = (grown + grown.T) / 2.0
    return replace(parameters, means=changed_means, covariances=changed)


def with_component(
    parameters: Parameters, axes: Sequence[MapAxis], point: FloatArray
) -> Parameters:
    """The mixture with one more component at a point (p,) along the axes, the last one.

    In the other directions it is where rows with these values are expected, by the regression over
    all of the mixture. It has the form of the mean component, half as wide, and an equal share of
    the weight: 1 / (K + 1).
    """
    K = len(parameters.weights)
    W = np.stack([axis.direction for axis in axes])
    offsets = np.array([axis.offset for axis in axes])
    m, S = _moments(parameters)
    mean = m + S @ W.T @ np.linalg.solve(W @ S @ W.T, point - offsets - W @ m)
    shares = parameters.weights / parameters.weights.sum()
    within = np.einsum("k,kij->ij", shares, parameters.covariances)
    return Parameters(
        np.append(shares * K, 1.0) / (K + 1),
        np.concatenate([parameters.means, mean[None]]),
        np.concatenate([parameters.covariances, _WIDTH**2 * within[None]]),
    )


def without_component(parameters: Parameters, component: int) -> Parameters:
    """The mixture without one of its K > 1 components, whose weight the others share."""
    kept = np.arange(len(parameters.weights)) != component
    weights = parameters.weights[kept]
    return Parameters(weights / weights.sum(), parameters.means[kept], parameters.covariances[kept])


def one_component(prepared: Prepared) -> Parameters:
    """A mixture of one component for all rows, in the units of `Prepared.X`, of n > d rows.

    Of many rows some are looked at, evenly through the file; a value that a row lacks is taken to
    be the column's mean. A column that does not vary there gets the least spread that can be seen.
    """
    n = len(prepared.X)
    X = np.array(prepared.X[:: 1 + n // _ROWS])
    mean = np.nanmean(X, axis=0)
    X = np.where(np.isnan(X), mean, X) - mean
    S = X.T @ X / len(X)
    S += 1e-6 * np.diag(np.maximum(np.diag(S), 1e-12))
    return Parameters(np.ones(1), mean[None], S[None])


def _moments(parameters: Parameters) -> tuple[FloatArray, FloatArray]:
    """Mean (d,) and covariance (d, d) of the whole mixture."""
    shares = parameters.weights / parameters.weights.sum()
    mean = shares @ parameters.means
    away = parameters.means - mean
    within = np.einsum("k,kij->ij", shares, parameters.covariances)
    return mean, within + (shares[:, None] * away).T @ away
