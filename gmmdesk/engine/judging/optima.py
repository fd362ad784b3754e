"""The distinct optima that starts lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.density import score
from gmmdesk.engine.em import fit
from gmmdesk.engine.judging.trust import SAME, adjusted_rand_index
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitResult, StopReason
from gmmdesk.engine.rows.source import Source, evenly_spaced
from gmmdesk.engine.spec import FitSpec
from gmmdesk.errors import FitError

# Optima are found, and their likelihoods compared, on so many rows, evenly spaced.
OPTIMA_ROWS = 20_000

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """A mixture that `n_reached` starts led to.

    `log_likelihood` is the mean over the rows it was compared on, in nats. The answer itself is
    among the optima, even where no start led straight to it.
    """

    parameters: Parameters
    log_likelihood: float
    n_reached: int
    is_answer: bool


def optima(
    result: FitResult,
    X: Source | npt.ArrayLike,
    spec: FitSpec,
    chunk_map: ChunkMap | None = None,
) -> tuple[Optimum, ...]:
    """The optima around `result`, which `spec` was fitted to X (n, d) with, the likeliest first.

    Each start's short run is followed to its end; those that come out with the same clusters
    (adjusted Rand index of at least SAME) are one optimum, for which the likeliest of them stands.
    Runs that collapse are none.
    """
    rows = evenly_spaced(X, OPTIMA_ROWS)
    found: list[tuple[IntArray, Optimum]] = []
    with running(chunk_map) as run:
        for mixture, is_answer in _ends(result, rows, spec, run):
            scores = score(mixture.in_full(), rows, run, missing=result.missing)
            one = Optimum(mixture, float(scores.log_density.mean()), int(not is_answer), is_answer)
            for i, (clusters, known) in enumerate(found):
                if adjusted_rand_index(scores.label, clusters) >= SAME:
                    found[i] = clusters, _together(known, one)
                    break
            else:
                found.append((scores.label, one))
    return tuple(sorted((one for _, one in found), key=lambda one: -one.log_likelihood))


def _ends(
    result: FitResult, rows: Source | npt.ArrayLike, spec: FitSpec, run: ChunkMap
) -> Iterator[tuple[Parameters, bool]]:
    """The answer, and where each start's run ends; whether it is the answer."""
    yield result.parameters, True
    for start in result.starts:
        try:
            end = fit(rows, replace(spec, restarts=1), start, chunk_map=run)
        except FitError:
            continue
        if end.ending is not StopReason.COLLAPSED and not end.mended:
            yield end.parameters, False


def _together(known: Optimum, one: Optimum) -> Optimum:
    """Two runs to the same clusters: the answer stands for both, else the likelier."""
    likelier = one if one.log_likelihood > known.log_likelihood else known
    shown = known if known.is_answer else likelier
    return replace(shown, n_reached=known.n_reached + one.n_reached)
