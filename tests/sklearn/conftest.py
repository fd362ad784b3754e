"""What scikit-learn's own tests ask for, and its threads held back."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def global_dtype(request):
    return request.param


@pytest.fixture(params=[0, 42])
def global_random_seed(request):
    return request.param


@pytest.fixture(scope="module", autouse=True)
def _one_thread_for_libraries():
    """Waking the threads of k-means for a few hundred rows takes longer than all the rest."""
    with threadpool_limits(1):
        yield
