"""Whether the numbers of a model file fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.analysis.profiles import WayBack, way_back
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.prepare import SCALINGS
from gmmdesk.data.steps.fitted import Preparation, flaw_of

if TYPE_CHECKING:
    from gmmdesk.export.model_file import ModelFile


def flaw_in(model: ModelFile, preparation: Preparation) -> str:
    """What is wrong with the numbers of `model`, which tells of `preparation`; empty if nothing."""
    d, n_components = len(model.columns), len(model.weights)
    if len(set(model.columns)) != d:
        return "a column is named twice"
    n_clusters = n_components
    if model.clusters is not None:
        if len(model.clusters) != n_components:
            return f'"clusters" must be {n_components} numbers'
        n_clusters = len(set(model.clusters))
        if set(model.clusters) != set(range(1, n_clusters + 1)) or n_clusters == n_components:
            return '"clusters" must number fewer clusters than there are components, from 1'
    if len(model.cluster_names) != n_clusters or len(set(model.cluster_names)) != n_clusters:
        return f'"cluster_names" must be {n_clusters} different names'
    if model.scaling.method not in SCALINGS:
        return f'there is no scaling "{model.scaling.method}"'
    flaw = flaw_of(preparation)
    if flaw:
        return f'"steps": {flaw}'
    if model.units is not None and not set(model.units) <= set(preparation.inputs):
        return '"units" are of columns that the model does not ask for'
    way = None if preparation.columns == model.columns else way_back(preparation)
    if preparation.columns != model.columns and (way is None or way.columns != model.columns):
        return '"columns" are neither those that the steps lead to nor those that these began with'
    if way is not None and model.fitted is None:
        return '"fitted" is missing, the mixture in the columns that the steps lead to'
    shapes = {
        "scaling.center": (model.scaling.center, (d,)),
        "scaling.scale": (model.scaling.scale, (d,)),
        "weights": (model.weights, (n_components,)),
        "means": (model.means, (n_components, d)),
        "covariances": (model.covariances, (n_components, d, d)),
    }
    if model.noise is not None:
        shapes["noise.origin"] = (model.noise.origin, (d,))
        shapes["noise.edges"] = (model.noise.edges, (d, d))
    fitted = model.fitted
    if fitted is not None:
        shapes["fitted.means"] = (fitted.means, (n_components, d))
        shapes["fitted.covariances"] = (fitted.covariances, (n_components, d, d))
        if (fitted.noise is None) != (model.noise is None):
            return '"fitted" and the model do not agree whether there is noise'
    if fitted is not None and fitted.noise is not None:
        shapes["fitted.noise.origin"] = (fitted.noise.origin, (d,))
        shapes["fitted.noise.edges"] = (fitted.noise.edges, (d, d))
    arrays = {}
    for name, (values, shape) in shapes.items():
        try:
            arrays[name] = np.array(values, dtype=np.float64)
        except ValueError:
            return f'"{name}" is ragged'
        if arrays[name].shape != shape:
            return f'"{name}" must have the shape {" x ".join(map(str, shape))}'
        if not np.isfinite(arrays[name]).all():
            return f'"{name}" holds a number that is not finite'
    if (arrays["scaling.scale"] <= 0).any():
        return '"scaling.scale" must be positive'
    if abs(arrays["weights"].sum() + (model.noise.weight if model.noise else 0.0) - 1) > 1e-6:
        return '"weights" do not add up to 1' + ", with that of the noise" * bool(model.noise)
    if model.noise is not None:
        log_volume = np.linalg.slogdet(arrays["noise.edges"])[1]
        if not np.isclose(-log_volume, model.noise.log_density, rtol=1e-9, atol=1e-6):
            return '"noise.log_density" is not that of the box'
    criteria = model.criteria
    numbers = (criteria.log_likelihood, criteria.bic, criteria.icl, criteria.aic)
    if not np.isfinite(numbers).all():
        return '"criteria" holds a number that is not finite'
    # Columns that nearly repeat others have covariances which rounding makes singular; on the way
    # from their components they are as sound as these.
    judged = "covariances" if way is None else "fitted.covariances"
    for k, covariance in enumerate(arrays[judged], start=1):
        # Columns may be of very different sizes: judge the correlations.
        spread = np.sqrt(np.abs(np.diag(covariance)))
        if not (spread > 0).all():
            return f"the covariance of cluster {k} is not positive definite"
        correlation = covariance / np.outer(spread, spread)
        if not np.allclose(correlation, correlation.T, rtol=0, atol=1e-9):
            return f"the covariance of cluster {k} is not symmetric"
        try:
            np.linalg.cholesky(correlation)
        except np.linalg.LinAlgError:
            return f"the covariance of cluster {k} is not positive definite"
    with np.errstate(over="ignore", invalid="ignore"):  # then they do not agree
        agree = fitted is None or _agree(arrays, way)
    if not agree:
        return '"fitted" is not the same mixture on the scale of the fit'
    return ""


def _agree(arrays: dict[str, FloatArray], way: WayBack | None) -> bool:
    """Whether the mixture on the scale of the fit is that in the units of the file, but rounding.

    Measured by the size of the numbers before the offset is added, and after. `way` leads from the
    columns that were fitted to those of the model, where they are others.
    """
    center, scale = arrays["scaling.center"], arrays["scaling.scale"]
    turn = np.diag(scale)
    if way is not None:
        center, turn = way.offset + way.loadings @ center, way.loadings * scale
    size, none = np.abs(turn), np.zeros(1)
    found = {
        "means": (center, arrays["fitted.means"] @ turn.T),
        "covariances": (none, turn @ arrays["fitted.covariances"] @ turn.T),
    }
    sizes = {"means": size.sum(axis=1), "covariances": size.sum(axis=1)[:, None] * size.sum(axis=1)}
    if "fitted.noise.edges" in arrays:
        found["noise.origin"] = (center, turn @ arrays["fitted.noise.origin"])
        found["noise.edges"] = (none, turn @ arrays["fitted.noise.edges"])
        sizes |= {"noise.origin": sizes["means"], "noise.edges": sizes["means"][:, None]}
    for name, (offset, moved) in found.items():
        largest = np.abs(arrays[f"fitted.{name}"]).max()
        allowed = 1e-9 * sizes[name] * largest + 1e-13 * np.abs(offset)
        is_near = np.abs(offset + moved - arrays[name]) <= allowed
        if not (is_near & np.isfinite(allowed)).all():
            return False
    return True
