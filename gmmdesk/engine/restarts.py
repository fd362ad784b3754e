"""The best optimum that many starts lead to: on few rows first, on all at the end.

Short runs on a small sample show which starts lead far (Biernacki, Celeux and Govaert, 2003, "small
EM"); the best few go on to their maxima on a larger one, or on the cells of a grid over all rows;
the best of those is moved to better ones as long as that succeeds; and what was found there is
polished on all rows. A grid is used only for what is wider than its cells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from gmmdesk.engine.acceleration import AcceleratedAscent
from gmmdesk.engine.arrays import IntArray
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.climbs import Bar, Iteration
from gmmdesk.engine.kernels import Kernels
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.engine.moves import ROWS_PER_COLUMN, Moves
from gmmdesk.engine.parallel import ChunkMap, look_up
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitProgress, StopReason
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows_seen import RowsSeen
from gmmdesk.engine.short_runs import FEW_ROWS, Numbered, short_runs
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start
from gmmdesk.engine.starts.seeding import stream
from gmmdesk.engine.starts.start_rows import HIERARCHICAL, StartRows
from gmmdesk.engine.together import Together

# Starts of its own that a fit keeps beside warm ones.
OWN_STARTS = 4
# So many of them, the likeliest first, go on to their maxima; those that differ in likelihood by
# less than this for a row, in nats, are taken to be on the way to the same one.
FINALISTS = 3
SAME_OPTIMUM = 2e-3
SAME_WEIGHTS = 0.02
# One that is so far behind the likeliest, in nats for a row, hardly ever overtakes it.
BEHIND = 0.08
# A short run is given up that will not even come so near, in nats for a row, to one that has ended.
WORTH_GOING_ON = 0.02
# There they end, on a sample, where less than this is left to gain for a row, in nats.
SAMPLE_TOL = 1e-4
# And on all rows no more than this is left in total, whatever their number, as far as the last
# steps project it (along a flat ridge some nats more may be): it is totals that criteria compare.
LEFT = 0.03
# A move is followed for so many iterations and has to gain more than this for a row by then; so
# many of the promising ones are tried.
MOVE_ITERATIONS = 40
MOVE_GAIN = 5e-5
MOVES_TRIED = 12
# On rows, for so many, where cells of a grid do not tell whether it was one.
ROW_ITERATIONS = 15

Runs = Generator[FitProgress, None, Ascent]


def movable(frame: Frame, spec: FitSpec) -> bool:
    """Whether moves are tried: with starts to choose from, three components, and none named.

    Nor where rows have gaps: moves look at whole rows.
    """
    named = frame.memberships is not None or frame.fixed is not None
    return spec.restarts > 1 and spec.n_components > 2 and not named and frame.gaps is None


class Restarts:
    """The runs of one fit under way: the best so far, the current one, and the samples they see."""

    def __init__(
        self,
        kernels: Kernels,
        spec: FitSpec,
        chunk_map: ChunkMap,
        warm: Sequence[Parameters] = (),
        start_rows: StartRows | None = None,
    ) -> None:
        self._best: Ascent | None = None
        self._current: Ascent | None = None
        self.seen = RowsSeen(kernels, spec, chunk_map, start_rows)
        self.frame = kernels.frame
        self.spec = spec
        self.guarded: IntArray | None = None
        self.starts: tuple[Parameters, ...] = ()
        self._chunk_map = chunk_map
        self._warm = warm
        self._n_restarts = 1
        own = max(OWN_STARTS, spec.restarts - len(warm))
        self._n_own = 1 if spec.n_components == 1 else min(spec.restarts, own)

    def from_given(self, start: Start | Parameters) -> Runs:
        """One run of plain EM, from a start that is given."""
        ascent = Ascent(self.seen.all, self.spec, self._chunk_map, like_mclust=True)
        yield from self._follow(ascent, 0, ascent.from_start(start))
        return ascent

    def from_own_starts(self) -> Runs:
        """The best ascent from `restarts` starts."""
        self._n_restarts = self._n_own + len(self._warm)
        ascent = yield from self._all(mend=False)
        if ascent.reason is StopReason.COLLAPSED and self.spec.guard == "prior":
            collapse = self.seen.collapse(ascent, self._chunk_map)
            self.guarded = None if collapse is None else collapse.rows
            self.spec = replace(self.spec, prior=self.spec.prior or ConjugatePrior())
            self._best = self._current = None
            ascent = yield from self._all(mend=False)
        if ascent.reason is StopReason.COLLAPSED:
            # Every start led there: once more, keeping up what collapses.
            ascent = yield from self._all(mend=True)
        return ascent

    def _all(self, mend: bool) -> Runs:
        """The best ascent from all starts; a collapsed one only if all collapsed."""
        short = yield from self._short_runs(mend)
        best = short[0][1]
        if best.reason is StopReason.COLLAPSED:
            return best
        event = "chosen" if len(short) > 1 else ""
        runs, enough = self._in_order(short, mend)
        for kernels in self.seen.telling_apart(best.mixture()):
            finalists = yield from self._finish(runs, kernels, mend, enough, event=event)
            restart, ascent = finalists[0]
            if (
                ascent.reason is not StopReason.COLLAPSED
                and not mend
                and not self._warm
                and movable(self.frame, self.spec)
            ):
                ascent = yield from self._move(ascent, restart)
                finalists[0] = restart, ascent
            if self._tell_apart(finalists):
                break
        return (yield from self._on_all_rows(finalists, mend))

    def _in_order(
        self, short: list[tuple[int, Ascent]], mend: bool
    ) -> tuple[list[tuple[int, Ascent]], int]:
        """Of `short` runs, the best first, those that go on before others, and how many do."""
        apart, others = _told_apart(short)
        if mend:  # what is kept up is no estimate, and the way there is slow: one is enough
            return [*apart, *others], 1
        best = short[0][1]
        least = best.objective - BEHIND * best.frame.size
        chosen = [run for run in apart[:FINALISTS] if run[1].objective >= least]
        # However far behind, mclust's run goes on: nothing is to end lower than there.
        tree = next((run for run in short if self._as_mclust(run[0])), None)
        is_sound = tree is not None and tree[1].reason is not StopReason.COLLAPSED
        if tree and is_sound and not any(_alike(tree[1], other) for _, other in chosen):
            chosen = [*chosen[: FINALISTS - 1], tree]
        left = [run for run in (*apart, *others) if run not in chosen]
        return [*chosen, *left], len(chosen)

    def _as_mclust(self, restart: int) -> bool:
        """Whether it begins as mclust does: with a tree, or quantiles, of all rows."""
        return restart == HIERARCHICAL < self._n_own and self.seen.few is self.seen.all

    def _on_all_rows(self, finalists: list[tuple[int, Ascent]], mend: bool) -> Runs:
        """The first of these that does not collapse there, from where it stands on a sample."""
        ascent = finalists[0][1]
        if ascent.frame is not self.frame:
            # From the cells of all rows, all that is left to do is a step or two.
            same = self.seen.are_cells(ascent)
            finalists = yield from self._finish(finalists, self.seen.all, mend, 1, same=same)
        return finalists[0][1] if finalists else ascent

    def _short_runs(self, mend: bool) -> Generator[FitProgress, None, list[tuple[int, Ascent]]]:
        """The runs from all starts, the best first."""
        spec = self.spec
        kernels = self.seen.few
        starts = [Numbered(self._n_own + i, mixture) for i, mixture in enumerate(self._warm)]
        for restart in range(self._n_own):
            start = self.seen.start_rows.start(spec.n_components, restart, spec.noise)
            starts.append(Numbered(restart, start, self._as_mclust(restart)))
        runs = []
        bar = Bar(behind=WORTH_GOING_ON * kernels.frame.size)
        for restart, ascent, iterations in short_runs(
            kernels, spec, starts, self._chunk_map, bar, mend=mend
        ):
            runs.append((restart, ascent))
            yield from self._follow(ascent, restart, iterations)
            self._keep_better(ascent)
        self.starts = tuple(run.mixture() for _, run in runs if run.parameters is not None)
        return self._ranked(runs)

    def _finish(
        self,
        runs: list[tuple[int, Ascent]],
        kernels: Kernels,
        mend: bool,
        enough: int,
        *,
        same: bool = False,
        event: str = "",
        least: float = -np.inf,
    ) -> Generator[FitProgress, None, list[tuple[int, Ascent]]]:
        """The first of `runs` taken to their maxima over other rows, the best first.

        Until there are `enough` that did not collapse there. Rows that are all but the `same` as
        those before leave little to do. Those are given up on the way that will not come up to
        `least`, nats, or to one before; not of a sample where all starts are its own: what slows
        down may rise again, and no other model's fit makes up for it.
        """
        gives_up = kernels is self.seen.few or bool(self._warm)
        bar = Bar(least, behind=0.0) if gives_up else Bar()
        spec = self.spec
        if self.seen.stand_for_all(kernels):
            spec = replace(spec, tol=min(spec.tol, LEFT / self.frame.size))
        else:
            spec = replace(spec, tol=max(spec.tol, SAMPLE_TOL))
        together = Together(kernels, spec, partial(look_up, self._chunk_map))
        are_few = kernels.frame.shape[0] <= FEW_ROWS and not mend
        at_once = together.most if are_few else 0
        left = deque(run for run in runs if run[1].reason is not StopReason.COLLAPSED)
        finished: list[tuple[int, Ascent]] = []
        while left and enough:
            climbs = []
            for _ in range(min(enough, max(1, at_once), len(left))):
                restart, before = left.popleft()
                ascent = AcceleratedAscent(
                    kernels, spec, self._chunk_map, mend, exact=False, bar=bar
                )
                finished.append((restart, ascent))
                climbs.append(ascent.continuing(before, same))
            made: Sequence[Iterable[Iteration]] = together.climb(climbs) if at_once else climbs
            for (restart, one), iterations in zip(finished[-len(climbs) :], made, strict=True):
                yield from self._follow(one, restart, iterations, event)
                self._keep_better(one)
                if one.reason is not StopReason.COLLAPSED:
                    enough -= 1
        return self._ranked(finished)

    def _move(self, ascent: Ascent, restart: int) -> Runs:
        """Where moves lead from `ascent`, as long as they lead upward."""
        kernels = self.seen.of(ascent)
        random = stream(self.spec.seed, 0, 1)
        while True:
            moves = Moves(ascent, kernels, random, self._chunk_map)
            higher = self._first_higher(moves, ascent, kernels)
            if higher is None:
                return ascent
            if self.seen.hide(higher):
                return higher  # no cells tell whether that is more than an accident of theirs
            higher.follow(ascent)
            ascent = AcceleratedAscent(kernels, ascent.spec, self._chunk_map, exact=False)
            yield from self._follow(ascent, restart, ascent.continuing(higher), "moved")
            self._keep_better(ascent)

    def _first_higher(self, moves: Moves, ascent: Ascent, kernels: Kernels) -> Ascent | None:
        """The first run after a move that comes out higher than `ascent`; None if none does."""
        spec = replace(ascent.spec, max_iter=min(ascent.spec.max_iter, MOVE_ITERATIONS))
        for move in moves.promising()[:MOVES_TRIED]:
            trial = AcceleratedAscent(kernels, spec, self._chunk_map, exact=False)
            for _ in trial.from_statistics(moves.after(move)):
                pass
            if trial.reason is StopReason.COLLAPSED or trial.parameters is None:
                continue
            gained = trial.objective - ascent.objective
            if gained <= MOVE_GAIN * ascent.frame.size or _shrunk(ascent, trial):
                continue
            if not self.seen.hide(trial) or self._is_higher_on_rows(trial, ascent):
                return trial
        return None

    def _is_higher_on_rows(self, one: Ascent, other: Ascent) -> bool:
        """Whether it is on a few rows too, so that it is no accident of cells of a grid."""
        kernels, spec = self.seen.few, replace(self.spec, max_iter=ROW_ITERATIONS)
        reached = []
        for mixture in (one.mixture(), other.mixture()):
            ascent = Ascent(kernels, spec, self._chunk_map, exact=False)
            for _ in ascent.from_start(mixture):
                pass
            if ascent.parameters is None or ascent.reason is StopReason.COLLAPSED:
                return False
            reached.append(ascent.objective)
        return reached[0] - reached[1] > MOVE_GAIN * kernels.frame.size

    def _ranked(self, runs: list[tuple[int, Ascent]]) -> list[tuple[int, Ascent]]:
        return sorted(runs, key=lambda run: self._rank(run[1]), reverse=True)

    def _keep_better(self, ascent: Ascent) -> None:
        if self._best is None or self._rank(ascent) > self._rank(self._best):
            self._best = ascent

    def _follow(
        self, ascent: Ascent, restart: int, iterations: Iterable[Iteration], event: str = ""
    ) -> Generator[FitProgress, None, None]:
        """Progress of `ascent`, which `event` led to."""
        self._current = ascent
        n_rows, n_sampled = self.frame.shape[0], self.seen.number(ascent)
        sound = True
        for iteration in iterations:
            if iteration.is_mended and sound:
                event, sound = "kept", False
            yield FitProgress(
                restart=restart,
                n_restarts=self._n_restarts,
                iteration=iteration.number,
                log_likelihood=self.seen.in_data_units(ascent, iteration.log_likelihood),
                gain=iteration.gain,
                compact=ascent.frame.in_data_units(iteration.parameters),
                n_rows=n_rows,
                n_sampled=n_sampled,
                size=self.frame.size,
                cells=self.frame.cells,
                event=event,
            )
            event = ""

    def _tell_apart(self, finalists: list[tuple[int, Ascent]]) -> bool:
        """Whether the rows that these ran on do: on cells no component is too narrow for them."""
        return not self.seen.are_cells(finalists[0][1]) or all(
            run.reason is not StopReason.COLLAPSED and not run.mended and not self.seen.hide(run)
            for _, run in finalists
        )

    def _rank(self, ascent: Ascent) -> tuple[bool, int, int, float]:
        """Sound before collapsed, more rows before fewer, the least mended, then the likelier.

        One without a complete iteration comes last.
        """
        if ascent.parameters is None:
            return False, 0, 0, -np.inf
        n, size = self.seen.number(ascent), ascent.frame.size
        sound = ascent.reason is not StopReason.COLLAPSED
        return sound, n, -len(ascent.mended), ascent.objective / size

    def leading(self) -> Ascent | None:
        """The ascent to show when the user stops; None when none has begun."""
        started = [ascent for ascent in (self._best, self._current) if ascent is not None]
        # Where one had to be mended, one that is not yet is on its way to collapse.
        return max(started, key=lambda one: (bool(one.mended), self._rank(one)), default=None)


def _told_apart(
    runs: list[tuple[int, Ascent]],
) -> tuple[list[tuple[int, Ascent]], list[tuple[int, Ascent]]]:
    """Of short `runs`, the best first: the best on the way to each optimum, and the others."""
    apart: list[tuple[int, Ascent]] = []
    others: list[tuple[int, Ascent]] = []
    for run in runs:
        ascent = run[1]
        near = SAME_OPTIMUM * ascent.frame.size
        is_other = ascent.reason is StopReason.COLLAPSED or (
            bool(apart) and abs(apart[-1][1].objective - ascent.objective) < near
        )
        (others if is_other else apart).append(run)
    return apart, others


def _alike(one: Ascent, other: Ascent) -> bool:
    """Whether two short runs over the same rows are on the way to the same mixture."""
    assert one.parameters is not None
    assert other.parameters is not None
    if abs(one.objective - other.objective) >= SAME_OPTIMUM * one.frame.size:
        return False
    weights, others = np.sort(one.parameters.weights), np.sort(other.parameters.weights)
    return bool(np.abs(weights - others).max() < SAME_WEIGHTS)


def _shrunk(before: Ascent, after: Ascent) -> bool:
    """Whether a move won by a component of very few rows, smaller than any before it."""
    assert before.parameters is not None
    assert after.parameters is not None
    least, size = after.parameters.weights.min(), after.frame.size
    few = ROWS_PER_COLUMN * after.frame.shape[1] / size
    return bool(least < min(few, before.parameters.weights.min()))
