"""How a covariance type lays out its matrices in arrays, and the model of the engine it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray
from gmmdesk.engine.models.covariance import MODEL_ALIASES, MODELS


@dataclass(frozen=True, slots=True)
class Layout:
    """How the matrices (d, d) of K components stand in the arrays of an estimator.

    `shape(K, d)` is the array's. `pack` makes it of matrices (K, d, d) or their diagonals (K, d),
    whichever the model computes with. `unpack(array, d)` makes matrices of it, (1, d, d) where
    they have one in common, or diagonals where `along_axes`.
    """

    shape: Callable[[int, int], tuple[int, ...]]
    pack: Callable[[FloatArray], FloatArray]
    unpack: Callable[[AnyArray, int], AnyArray]
    along_axes: bool = False


def diagonals(array: AnyArray) -> AnyArray:
    """Diagonals (K, d) of matrices (K, d, d), or what holds diagonals already."""
    return array if array.ndim == 2 else array.diagonal(axis1=1, axis2=2)


def matrices(array: FloatArray) -> FloatArray:
    """Matrices (K, d, d) with these diagonals (K, d), or what holds matrices already."""
    return array if array.ndim == 3 else array[:, :, None] * np.eye(array.shape[1])


FULL = Layout(lambda K, d: (K, d, d), matrices, lambda array, _d: array)
TIED = Layout(lambda _K, d: (d, d), lambda array: matrices(array)[0], lambda array, _d: array[None])
DIAGONAL = Layout(lambda K, d: (K, d), diagonals, lambda array, _d: array, along_axes=True)
SPHERICAL = Layout(
    lambda K, _d: (K,),
    lambda array: diagonals(array)[:, 0],
    lambda array, d: np.repeat(array[:, None], d, axis=1),
    along_axes=True,
)

# scikit-learn's own types; the 14 models have one matrix for each component, whatever their shape.
OWN_LAYOUTS = {"full": FULL, "tied": TIED, "diag": DIAGONAL, "spherical": SPHERICAL}
LAYOUTS = OWN_LAYOUTS | dict.fromkeys(MODELS, FULL)


def family(covariance_type: str) -> str:
    """The entry of MODELS that a covariance type names."""
    return MODEL_ALIASES.get(covariance_type, covariance_type)


def roots_of(precisions: AnyArray) -> AnyArray:
    """Upper triangular U with P_k = U_k U_k^T of matrices P (K, d, d), or of their diagonals."""
    if precisions.ndim == 2:
        return np.sqrt(precisions)
    # A Cholesky factor is lower triangular: that of the matrix turned around, turned back.
    return np.linalg.cholesky(precisions[:, ::-1, ::-1])[:, ::-1, ::-1]
