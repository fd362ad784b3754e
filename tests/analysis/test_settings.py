"""Settings refuse what no analysis can be made with."""

from __future__ import annotations

import pytest

from gmmdesk.analysis.settings import MOST_CLUSTERS, PLAIN_MODELS, Settings, models_for
from gmmdesk.engine import MODELS
from gmmdesk.errors import UsageError


def test_the_number_of_clusters_has_an_end():
    assert Settings(k_max=MOST_CLUSTERS).k_max == 1_000
    with pytest.raises(UsageError, match=r"1,001 clusters .* at most 1,000"):
        Settings(k_max=MOST_CLUSTERS + 1)


def test_small_tables_are_searched_with_all_models():
    assert models_for(344) == models_for(5_000) == tuple(MODELS)
    assert models_for(5_001) == PLAIN_MODELS
