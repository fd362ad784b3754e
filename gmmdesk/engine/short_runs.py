"""Short runs of EM, which show which starts lead far (Biernacki, Celeux and Govaert, 2003)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.climbs import Bar, Climb, Iteration
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.parallel import ChunkMap, look_up
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start
from gmmdesk.engine.together import Together

# They end where they gain less than this for a row, in nats, or after so many iterations: by then
# the likelier ones lead.
SHORT_TOL = 1e-3
SHORT_ITERATIONS = 25
# Of few rows, where they are made side by side, longer ones cost little, and tell more: what lies
# apart by less for a row is little in total.
FEW_ROWS = 500
LONGER_TOL = 3e-4
LONGER_ITERATIONS = 40


class Numbered(NamedTuple):
    """A start, and the restart that it is.

    It may begin `as_mclust` does, with an exact M-step from the rows of each component alone. Else
    all get some more, so that none with few collapses at once.
    """

    restart: int
    start: Start | Parameters
    as_mclust: bool = False


class ShortRun(NamedTuple):
    """A run from start number `restart`, and its `iterations`, made already or still to be."""

    restart: int
    ascent: Ascent
    iterations: Iterable[Iteration]


def short_runs(
    kernels: Kernels,
    spec: FitSpec,
    starts: Sequence[Numbered],
    chunk_map: ChunkMap,
    bar: Bar,
    *,
    mend: bool = False,
) -> Iterator[ShortRun]:
    """The runs from numbered `starts`, in their order; of `mend` and the `bar` see `Ascent`."""
    n, d = kernels.frame.shape
    together = Together(kernels, spec, partial(look_up, chunk_map))
    at_once = 0 if mend else together.most
    is_cheap = at_once > 1 and n <= FEW_ROWS
    tol, most = (LONGER_TOL, LONGER_ITERATIONS) if is_cheap else (SHORT_TOL, SHORT_ITERATIONS)
    short = replace(spec, tol=max(spec.tol, tol), max_iter=min(spec.max_iter, most))
    pseudo_rows = d + 1  # as many as make a covariance regular
    for first in range(0, len(starts), max(1, at_once)):
        batch = starts[first : first + max(1, at_once)]
        ascents = [Ascent(kernels, short, chunk_map, mend, exact=False, bar=bar) for _ in batch]
        made: Sequence[Iterable[Iteration]]
        if at_once:
            made = together.climb(_climbs(batch, ascents, together, pseudo_rows))
        else:
            made = [
                ascent.from_start(one.start, pseudo_rows, as_mclust=one.as_mclust)
                for one, ascent in zip(batch, ascents, strict=True)
            ]
        for one, ascent, iterations in zip(batch, ascents, made, strict=True):
            yield ShortRun(one.restart, ascent, iterations)


def _climbs(
    starts: Sequence[Numbered], ascents: Sequence[Ascent], together: Together, pseudo_rows: float
) -> list[Climb]:
    """Each from its start; what mixtures expect is found at once."""
    begun = [*zip(starts, ascents, strict=True)]
    mixtures = [
        ascent.placed(one.start) for one, ascent in begun if isinstance(one.start, Parameters)
    ]
    expected = iter(together.expected(mixtures))
    climbs = []
    for one, ascent in begun:
        statistics: Statistics | None = None
        if isinstance(one.start, Parameters):
            statistics = next(expected)
        elif not one.as_mclust:
            statistics = ascent.begun(one.start, pseudo_rows)
        climbs.append(
            ascent.from_start(one.start, pseudo_rows, as_mclust=one.as_mclust)
            if statistics is None
            else ascent.from_statistics(statistics)
        )
    return climbs
