"""scikit-learn's own tests of its mixtures, run from where it is installed, on these classes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
import sklearn.mixture

from gmmdesk.sklearn import GaussianMixture

# Tests of functions that only scikit-learn's implementation has; no class takes part in them or
# it is asked for its private methods.
PRIVATE = {
    "test_suffstat_sk_full": "calls _estimate_gaussian_covariances_full",
    "test_suffstat_sk_tied": "calls _estimate_gaussian_covariances_tied",
    "test_suffstat_sk_diag": "calls _estimate_gaussian_covariances_diag",
    "test_gaussian_suffstat_sk_spherical": "calls _estimate_gaussian_covariances_spherical",
    "test_compute_log_det_cholesky": "calls _compute_log_det_cholesky",
    "test_gaussian_mixture_log_probabilities": "calls _estimate_log_gaussian_prob",
    "test_gaussian_mixture_precisions_init": "calls the methods _initialize and _set_parameters",
    "test_gaussian_mixture_all_init_does_not_estimate_gaussian_parameters": (
        "counts the calls of _estimate_gaussian_parameters"
    ),
}

# A fit may fail to converge in these tests; where that is the point, they ask for the warning.
pytestmark = pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")


def substituted(name: str, **classes: type) -> ModuleType:
    """A copy of the installed sklearn/mixture/tests/`name`.py that imports these classes."""
    path = Path(sklearn.mixture.__file__).parent / "tests" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{name}_of_gmmdesk", path)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.multiple(sklearn.mixture, **classes):
        spec.loader.exec_module(module)
    return module


def public_tests(module: ModuleType) -> dict[str, object]:
    tests = {
        name: value
        for name, value in vars(module).items()
        if name.startswith("test_") and name not in PRIVATE
    }
    for test in tests.values():
        test.pytestmark = [_listed(mark) for mark in getattr(test, "pytestmark", [])]
    return tests


def _listed(mark: pytest.Mark) -> pytest.Mark:
    """With values in a list: pytest no longer takes the generators that some are made by."""
    if mark.name != "parametrize":
        return mark
    names, values = mark.args
    return pytest.mark.parametrize(names, list(values), **mark.kwargs).mark


OWN = substituted("test_gaussian_mixture", GaussianMixture=GaussianMixture)
SHARED = substituted("test_mixture", GaussianMixture=GaussianMixture)
globals().update(public_tests(OWN) | public_tests(SHARED))  # where pytest looks for tests


def test_all_public_tests_are_run():
    assert OWN.GaussianMixture is GaussianMixture
    assert set(PRIVATE) < set(vars(OWN))
