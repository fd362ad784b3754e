"""The parameters of a start that the caller gives: scikit-learn's checks, in its words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_array

from gmmdesk.engine.arrays import AnyArray
from gmmdesk.engine.models.covariance import MODELS, Moments
from gmmdesk.sklearn.layouts import LAYOUTS, OWN_LAYOUTS, SPHERICAL, TIED, family

FLOATS = [np.float64, np.float32]


def check_shape(array: AnyArray, shape: tuple[int, ...], name: str) -> None:
    """Raise ValueError when `array` has another shape."""
    if array.shape != shape:
        raise ValueError(
            f"The parameter '{name}' should have the shape of {shape}, but got {array.shape}"
        )


def checked_weights(weights: npt.ArrayLike, K: int) -> AnyArray:
    """`weights` as an array (K,) of probabilities that add up to 1, or ValueError."""
    array: AnyArray = check_array(weights, dtype=FLOATS, ensure_2d=False)
    check_shape(array, (K,), "weights")
    least, greatest = array.min(), array.max()
    if least < 0.0 or greatest > 1.0:
        # The two are the wrong way round in scikit-learn, whose tests compare the whole sentence.
        raise ValueError(
            "The parameter 'weights' should be in the range [0, 1], but got "
            f"max value {least:.5f}, min value {greatest:.5f}"
        )
    if abs(1.0 - array.sum()) > (1e-6 if array.dtype == np.float32 else 1e-8):
        raise ValueError(
            "The parameter 'weights' should be normalized, "
            f"but got sum(weights) = {array.sum():.5f}"
        )
    return array


def checked_means(means: npt.ArrayLike, K: int, d: int) -> AnyArray:
    """`means` as an array (K, d), or ValueError."""
    array: AnyArray = check_array(means, dtype=FLOATS, ensure_2d=False)
    check_shape(array, (K, d), "means")
    return array


def checked_precisions(precisions: npt.ArrayLike, covariance_type: str, K: int, d: int) -> AnyArray:
    """`precisions` as an array in the layout of `covariance_type`, or ValueError.

    Positive definite, and where all components share one matrix, or none has correlations, so.
    """
    layout = LAYOUTS[covariance_type]
    array: AnyArray = check_array(precisions, dtype=FLOATS, ensure_2d=False, allow_nd=True)
    name = f"{covariance_type} precision"
    check_shape(array, layout.shape(K, d), name)
    if layout.along_axes:
        if (array <= 0.0).any():
            raise ValueError(f"'{name}' should be positive")
        return array
    matrices = layout.unpack(array, d)
    _check_positive_definite(matrices, name)
    model = MODELS[family(covariance_type)]
    if model.axis_aligned and (matrices[:, ~np.eye(d, dtype=bool)] != 0.0).any():
        raise ValueError(f"'{name}' should be diagonal")
    if model.moments is Moments.POOLED and (matrices != matrices[0]).any():
        raise ValueError(f"'{name}' should be the same for all components")
    return array


def checked_mean_prior(mean: npt.ArrayLike, d: int) -> AnyArray:
    """`mean` as an array (d,), or ValueError."""
    array: AnyArray = check_array(mean, dtype=FLOATS, ensure_2d=False)
    check_shape(array, (d,), "means")
    return array


def checked_covariance_prior(covariance: npt.ArrayLike, covariance_type: str, d: int) -> AnyArray:
    """`covariance` as an array of one covariance in the layout of its type, or ValueError."""
    name = f"{covariance_type} covariance_prior"
    layout = OWN_LAYOUTS[covariance_type]
    shape = layout.shape(1, d)
    if layout is SPHERICAL:
        check_shape(np.asarray(covariance), (), name)
        return np.asarray(covariance)  # a number above 0, as the constraints on parameters say
    array: AnyArray = check_array(covariance, dtype=FLOATS, ensure_2d=False)
    check_shape(array, shape if layout is TIED else shape[1:], name)
    # What is wrong is said of a precision in scikit-learn.
    name = f"{covariance_type} precision"
    if not layout.along_axes:
        _check_positive_definite(array[None], name)
    elif (array <= 0.0).any():
        raise ValueError(f"'{name}' should be positive")
    return array


def _check_positive_definite(matrices: AnyArray, name: str) -> None:
    symmetric = np.isclose(matrices, matrices.transpose(0, 2, 1)).all()
    if not (symmetric and (np.linalg.eigvalsh(matrices) > 0.0).all()):
        raise ValueError(f"'{name}' should be symmetric, positive-definite")
