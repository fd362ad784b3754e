"""Short runs of EM, which show which starts lead far (Biernacki, Celeux and Govaert, 2003)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.batched_runs import Run, batch_size, batched_runs
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.models.whitening import CollapsedComponent
from gmmdesk.engine.parallel import ChunkMap, look_up
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start

# They end where they gain less than this for a row, in nats, or after so many iterations: by then
# the likelier ones lead.
SHORT_TOL = 1e-3
SHORT_ITERATIONS = 25
# Of few rows, where they are made side by side, longer ones cost little, and tell more: what lies
# apart by less for a row is little in total.
FEW_ROWS = 500
LONGER_TOL = 3e-4
LONGER_ITERATIONS = 40

Beginning = Start | Parameters


class ShortRun(NamedTuple):
    """A run from start number `restart`, whose `steps` are still to be taken.

    Where it was `made` with others at once, they only tell what is known.
    """

    restart: int
    ascent: Ascent
    steps: Iterator[None]
    made: Run | None


def short_runs(
    kernels: Kernels,
    spec: FitSpec,
    starts: Sequence[tuple[int, Beginning]],
    chunk_map: ChunkMap,
    *,
    mend: bool = False,
    least: float = -math.inf,
) -> Iterator[ShortRun]:
    """The runs from numbered `starts`, in their order; of those `mend` see `Ascent`.

    Of runs that are made at once, those whose objective soon turns out below `least`, nats, are cut
    short.
    """
    n, d = kernels.frame.shape
    at_once = 1 if mend else max(1, batch_size(kernels, spec))
    is_cheap = at_once > 1 and n <= FEW_ROWS
    tol, most = (LONGER_TOL, LONGER_ITERATIONS) if is_cheap else (SHORT_TOL, SHORT_ITERATIONS)
    short = replace(spec, tol=max(spec.tol, tol), max_iter=min(spec.max_iter, most))
    pseudo_rows = d + 1  # as many as make a covariance regular
    for first in range(0, len(starts), at_once):
        batch = starts[first : first + at_once]
        ascents = [Ascent(kernels, short, chunk_map, mend, exact=False) for _ in batch]
        runs: list[Run | None] = [None]
        if len(batch) > 1:
            begun: list[Statistics | None] = []
            for ascent, (_, start) in zip(ascents, batch, strict=True):
                try:
                    begun.append(ascent.begun(start, pseudo_rows, exact=False))
                except CollapsedComponent:
                    begun.append(None)
            runs = batched_runs(kernels, short, begun, partial(look_up, chunk_map), least)
        for (restart, start), ascent, run in zip(batch, ascents, runs, strict=True):
            steps = ascent.from_start(start, pseudo_rows) if run is None else ascent.replaying(run)
            yield ShortRun(restart, ascent, steps, run)
