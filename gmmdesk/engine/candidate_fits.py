"""The candidates of a search, each fitted to the same rows from where simpler ones ended."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from gmmdesk.engine.em import fit_again, fit_frame, measured
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitProgress, FitResult
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.weighted_rows import WeightedRows
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.start_rows import StartRows
from gmmdesk.errors import FitError


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One candidate: its fit, or the error that says why there is none.

    It is `provisional` where the search was stopped before it was tried again.
    """

    spec: FitSpec
    result: FitResult | None = None
    error: FitError | None = None
    provisional: bool = False

    @property
    def sound(self) -> bool:
        """Whether it was fitted as asked: one that collapsed or was mended does not compare."""
        return self.result is not None and self.result.collapse is None


class Trial(NamedTuple):
    """A fit of the candidate `spec`, from the mixtures `warm` and from starts of its own.

    Or, where it was `found` before, from `warm` alone, to end higher if they lead there. `place` is
    that among the candidates.
    """

    place: int
    spec: FitSpec
    warm: tuple[Parameters, ...]
    found: FitResult | None = None


class CandidateFits:
    """What fits of `specs` to the same rows share: they are measured, and sampled, once.

    Raises FitError when they cannot be measured for any.
    """

    def __init__(self, data: WeightedRows, specs: Iterable[FitSpec], chunk_map: ChunkMap) -> None:
        self._data = data
        self._chunk_map = chunk_map
        self._frames = _frames(data, specs, chunk_map)
        self._start_rows: dict[tuple[bool, str, int], StartRows] = {}

    def fit(self, trial: Trial) -> Generator[FitProgress, None, Tried]:
        """One of them; yields after each iteration."""
        spec = trial.spec
        try:
            frame = self._frames[spec.noise, spec.missing]
            if isinstance(frame, FitError):
                raise frame
            key = spec.noise, spec.missing, spec.seed
            if key not in self._start_rows:
                self._start_rows[key] = StartRows(frame, spec.seed, self._chunk_map)
            rows = self._start_rows[key]
            found = trial.found
            if found is not None:
                higher = yield from fit_again(
                    frame, spec, found, self._chunk_map, others=trial.warm, start_rows=rows
                )
                return Tried(spec, found if higher is None else self._replaced(found, higher))
            result = yield from fit_frame(
                frame, spec, None, self._chunk_map, warm=trial.warm, start_rows=rows
            )
        except FitError as error:
            return Tried(spec, error=self._data.renumbered(error))
        return Tried(spec, self._data.renumbered(result))

    def _replaced(self, found: FitResult, higher: FitResult) -> FitResult:
        starts = found.starts + higher.starts
        return replace(self._data.renumbered(higher), starts=starts, guarded=found.guarded)


def _frames(
    data: WeightedRows, specs: Iterable[FitSpec], chunk_map: ChunkMap
) -> dict[tuple[bool, str], Frame | FitError]:
    """The rows as measured for candidates with and without noise and missing cells, or why not."""
    frames: dict[tuple[bool, str], Frame | FitError] = {}
    alike: dict[tuple[bool, str], list[FitSpec]] = {}
    for spec in specs:
        alike.setdefault((spec.noise, spec.missing), []).append(spec)
    for key, ones in alike.items():
        try:
            frames[key] = measured(data, ones, chunk_map)
        except FitError as error:
            frames[key] = error
    first = next(iter(frames.values()))
    if isinstance(first, FitError) and all(isinstance(one, FitError) for one in frames.values()):
        raise data.renumbered(first)
    return frames
