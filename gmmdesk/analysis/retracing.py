"""A fit that began where others had ended, from starts of its own: how its clusters form."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.engine import FitProgress, StopReason, Tried, steps
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.restarts import LEFT
from gmmdesk.errors import Cancelled, FitError

# Of so many iterations there is something to see.
ENOUGH_TO_SEE = 10


def retraced(
    X: FloatArray, known: IntArray | None, found: Tried, chunk_map: ChunkMap
) -> Generator[FitProgress, None, Tried]:
    """What was `found` for the rows X, or as good a fit from starts of its own if they lead there.

    Cancelling ends it with what was found.
    """
    assert found.result is not None
    fitting = steps(X, found.spec, known=known, chunk_map=chunk_map)
    while True:
        try:
            yield next(fitting)
        except StopIteration as end:
            own = end.value
            break
        except (Cancelled, FitError):
            return found
    is_as_good = (
        own.ending is not StopReason.STOPPED
        and own.collapse is None
        and (own.guarded is None) == (found.result.guarded is None)
        and own.log_likelihood > found.result.log_likelihood - LEFT
    )
    if not is_as_good:
        return found
    # By the starts that it had before its answer is judged, unless none of them leads so high.
    is_new = own.log_likelihood > found.result.log_likelihood + LEFT
    starts = found.result.starts + (own.starts if is_new else ())
    return replace(found, result=replace(own, starts=starts))
