"""Which rows of a file are read, by number, where not all of them are asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gmmdesk.data.options import ReadOptions


def chosen_rows(n_rows: int, options: ReadOptions) -> npt.NDArray[np.int64] | None:
    """The rows (0-based, in order) that are asked for of `n_rows`; None for all of them.

    The same number of rows and seed give the same rows, whatever the format of the file.
    """
    if options.sample_rows is not None:
        if options.sample_rows >= n_rows:
            return None
        rng = np.random.default_rng(options.sample_seed)
        return np.sort(rng.choice(n_rows, options.sample_rows, replace=False)).astype(np.int64)
    if options.row_limit is not None and options.row_limit < n_rows:
        return np.arange(options.row_limit, dtype=np.int64)
    return None
