"""Awkward files of every format but text tables and workbooks, and how each is to be read."""

from __future__ import annotations

from tests.data.format_corpus.arrays import ARRAYS, CYTOMETRY
from tests.data.format_corpus.json_texts import JSON
from tests.data.format_corpus.labelled import STATISTICS
from tests.data.format_corpus.packed import COMPRESSED
from tests.data.format_corpus.pictures import PICTURES
from tests.data.format_corpus.tables import ARFF, ARROW, DATABASES

CASES = [
    *STATISTICS,
    *JSON,
    *ARROW,
    *DATABASES,
    *ARRAYS,
    *ARFF,
    *CYTOMETRY,
    *PICTURES,
    *COMPRESSED,
]
