"""scikit-learn's own tests of its mixtures, run from where it is installed, on these classes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
import sklearn.mixture

from gmmdesk.sklearn import BayesianGaussianMixture, GaussianMixture

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
    "test_log_dirichlet_norm": "calls _log_dirichlet_norm",
    "test_log_wishart_norm": "calls _log_wishart_norm",
    "test_compare_covar_type": "calls the methods _check_parameters and _initialize_parameters",
    "test_gaussian_mixture_all_init_does_not_estimate_gaussian_parameters": (
        "counts the calls of _estimate_gaussian_parameters"
    ),
}

# A fit may fail to converge in these tests; where that is the point, they ask for the warning.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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
        test.pytestmark = [_for_numpy(mark) for mark in getattr(test, "pytestmark", [])]
    return tests


def _for_numpy(mark: pytest.Mark) -> pytest.Mark:
    """Without the arrays of other libraries, and with values in a list instead of a generator."""
    if mark.name != "parametrize":
        return mark
    names, values = mark.args
    kept = list(values)
    if names.startswith("array_namespace"):
        kept = [value for value in kept if value[0] == "numpy"]
        assert kept
    return pytest.mark.parametrize(names, kept, **mark.kwargs).mark


OWN = substituted("test_gaussian_mixture", GaussianMixture=GaussianMixture)
BAYESIAN = substituted("test_bayesian_mixture", BayesianGaussianMixture=BayesianGaussianMixture)
SHARED = substituted(
    "test_mixture",
    GaussianMixture=GaussianMixture,
    BayesianGaussianMixture=BayesianGaussianMixture,
)
# Where pytest looks for tests; both classes have a test_monotonic_likelihood.
globals().update(public_tests(OWN) | public_tests(SHARED))
globals().update(
    {
        name.replace("test_", "test_of_bayes_", 1): test
        for name, test in public_tests(BAYESIAN).items()
    }
)


def test_what_is_left_out_is_there():
    assert set(PRIVATE) < set(vars(OWN) | vars(BAYESIAN))


def test_those_of_array_libraries_pass_with_numpy():
    """scipy reads the variable when it is imported, so they are skipped in this process."""
    command = [sys.executable, "-m", "pytest", __file__, "-k", "array_api", "-q", "-rs"]
    command += ["-p", "no:cacheprovider"]
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert "passed" in ended.stdout
    assert "skipped" not in ended.stdout
