"""What a fit yields while it runs and returns when it ends: frozen values only."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.density import RowScores, labels, log_density, responsibilities, score
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Noise, Parameters
from gmmdesk.engine.rows.source import Source
from gmmdesk.engine.simulation import simulate
from gmmdesk.errors import row_numbers


class StopReason(enum.StrEnum):
    """Why a fit ended."""

    CONVERGED = "converged"
    MAX_ITERATIONS = "max_iterations"
    STOPPED = "stopped"  # by the user; the last complete iteration is kept
    COLLAPSED = "collapsed"  # a component shrank onto too few rows; the last sound one is kept


@dataclass(frozen=True, slots=True, eq=False)
class FitProgress:
    """The state after one iteration.

    `compact` are the parameters, along the axes with variances (K, d) only. `log_likelihood` is
    the total over the rows, in nats, of `parameters`; `gain` what the iteration added per row (nan
    for the first). While starts are tried on a sample of `n_sampled` of the `n_rows` rows,
    `log_likelihood` is an estimate from it. `size` is the sum of the row weights, without weights
    `n_rows`; `cells` (d,) that of the rows that have each column, None where no cell is missing.
    `event` tells what has led here and was no iteration of EM: "chosen" among several starts,
    "moved" (two components merged and one split), "kept" from collapse, "again" where a fit
    began anew from where another model had ended.
    """

    restart: int
    n_restarts: int
    iteration: int
    log_likelihood: float
    gain: float
    compact: Parameters
    n_rows: int
    n_sampled: int
    size: float
    cells: FloatArray | None = None
    event: str = ""

    @property
    def parameters(self) -> Parameters:
        """With covariances (K, d, d)."""
        return self.compact.in_full()

    def in_units(self, center: FloatArray, scale: FloatArray) -> FitProgress:
        """The same for x = center + scale * z, where z (n, d) was fitted; both (d,)."""
        return replace(
            self,
            log_likelihood=self.log_likelihood + log_jacobian(self.size, scale, self.cells),
            compact=self.compact.in_units(center, scale),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Collapse:
    """A component (0-based) that shrank onto `rows` (indices of X, ascending) or lost them all.

    Or would have: `kept` when a floor under its covariance kept it from that.
    """

    component: int
    rows: IntArray
    kept: bool = False

    @property
    def clause(self) -> str:
        """Which component and which rows, both counted from 1."""
        named = f"component {self.component + 1}"
        if self.kept:
            return f"{named} was kept from collapsing{self._onto}"
        return f"{named} collapsed{self._onto}" if len(self.rows) else f"{named} lost all its rows"

    @property
    def _onto(self) -> str:
        return _onto(self.rows)


def _onto(rows: IntArray) -> str:
    n = len(rows)
    if n == 0:
        return ""
    return f" onto {n:,} {'row' if n == 1 else 'rows'} ({row_numbers(rows)})"


@dataclass(frozen=True, slots=True, eq=False)
class FitResult:
    """A fitted mixture of K components in d columns.

    `log_likelihood` is the total over the `n_rows` rows in nats, `log_certainty` is
    sum_i ln max_k r_ik. `history[0]` is the log-likelihood after the first M-step, `history[-1]`
    the final one. A fit that was stopped, or collapsed, among its starts knows `n_sampled` of the
    rows only, and its log-likelihoods are estimates. `regularization` is the share of the pooled
    variances that was added as asked for. `mended` are the components (0-based) that collapsed from
    every start and were kept from it by a floor under their covariances. `collapse` is the one
    whose collapse ended the fit (or, when it was stopped, its best run), else the first of
    `mended`, if any.
    `size` is the sum of the row weights, without weights `n_rows`. `guarded` are the rows onto
    which a component collapsed without the prior that was brought in for that. `starts` are the
    mixtures to which short runs from all starts led.
    Where cells may be `missing`,
    in rows that are scored too, densities are those of the cells that are there; `cells` (d,) is
    the weight of the rows that have each column, None where all have all.
    """

    model: str
    parameters: Parameters
    log_likelihood: float
    log_certainty: float
    n_parameters: int
    n_rows: int
    history: FloatArray
    ending: StopReason
    n_sampled: int
    size: float
    regularization: float = 0.0
    mended: tuple[int, ...] = ()
    collapse: Collapse | None = None
    guarded: IntArray | None = None
    starts: tuple[Parameters, ...] = field(default=(), repr=False)
    missing: bool = False
    cells: FloatArray | None = None

    @property
    def weights(self) -> FloatArray:
        """(K,)"""
        return self.parameters.weights

    @property
    def means(self) -> FloatArray:
        """(K, d)"""
        return self.parameters.means

    @property
    def covariances(self) -> FloatArray:
        """(K, d, d)"""
        return self.parameters.covariances

    @property
    def noise(self) -> Noise | None:
        """Weight and log density of the rows that belong to no component, where there may be some.

        With `weights` its weight adds to 1.
        """
        return self.parameters.noise

    @property
    def n_components(self) -> int:
        return len(self.parameters.weights)

    @property
    def n_iterations(self) -> int:
        """Those of `history`; more than `max_iter` where a run went on after a move."""
        return len(self.history)

    @property
    def converged(self) -> bool:
        return self.ending is StopReason.CONVERGED

    @property
    def stop_reason(self) -> str:
        """Why the fit ended; after a collapse also which component collapsed, and on which rows."""
        if self.guarded is not None:
            return f"{self.ending}, with a prior: without one {self._unguarded}"
        return f"{self.ending}: {self._collapsed}" if self.collapse else str(self.ending)

    @property
    def _unguarded(self) -> str:
        """What happened without the prior, as a clause."""
        assert self.guarded is not None
        onto = _onto(self.guarded)
        return f"a component collapsed{onto}" if onto else "a component lost all its rows"

    @property
    def _collapsed(self) -> str:
        """What collapsed or was kept from it, as a clause; empty when nothing did."""
        if self.collapse is None:
            return ""
        n = len(self.mended) - 1
        others = f", and {n} other component{'s' * (n > 1)} too" if n > 0 else ""
        return self.collapse.clause + others * self.collapse.kept

    @property
    def guard_message(self) -> str:
        """That a prior was brought in, and what happened without it; empty where none was."""
        if self.guarded is None:
            return ""
        return f"A prior keeps the components from collapsing: without it {self._unguarded}."

    @property
    def message(self) -> str:
        """What the user should know about how the fit went; empty when all went well."""
        sentences = [self.guard_message] if self.guarded is not None else []
        if self.collapse is not None:
            clause = self._collapsed
            if self.collapse.kept:
                clause += (
                    ": from every start it shrank there. Its size in the model is a lower limit, "
                    "not an estimate"
                )
            sentences.append(f"{clause[0].upper()}{clause[1:]}.")
        if self.ending is StopReason.MAX_ITERATIONS:
            sentences.append(f"The fit had not converged after {self.n_iterations} iterations.")
        if self.ending is StopReason.STOPPED:
            sentences.append(f"The fit was stopped after {self.n_iterations} iterations.")
        if self.n_sampled < self.n_rows:
            sentences.append(f"Its log-likelihood is estimated from {self.n_sampled:,} rows.")
        return " ".join(sentences)

    @property
    def bic(self) -> float:
        """-2 log_likelihood + n_parameters ln n; lower is better (Schwarz, 1978)."""
        return -2.0 * self.log_likelihood + self.n_parameters * math.log(self.size)

    @property
    def icl(self) -> float:
        """bic - 2 sum_i ln max_k r_ik; lower is better (Biernacki, Celeux and Govaert, 2000)."""
        return self.bic - 2.0 * self.log_certainty

    @property
    def aic(self) -> float:
        """-2 log_likelihood + 2 n_parameters; lower is better (Akaike, 1974)."""
        return -2.0 * self.log_likelihood + 2.0 * self.n_parameters

    def responsibilities(self, X: Source | npt.ArrayLike) -> FloatArray:
        """Probability of each component for each row of X (n, d): (n, K).

        With noise (n, K + 1), its own last.
        """
        return responsibilities(self.parameters, X, missing=self.missing)

    def labels(self, X: Source | npt.ArrayLike) -> npt.NDArray[np.int32]:
        """The likeliest component of each row, (n,); -1 for noise."""
        found = labels(self.parameters, X, missing=self.missing)
        found[found == self.n_components] = -1
        return found

    def log_density(self, X: Source | npt.ArrayLike) -> FloatArray:
        """Log density of the mixture at each row, (n,), nats."""
        return log_density(self.parameters, X, missing=self.missing)

    def score(
        self,
        X: Source | npt.ArrayLike,
        chunk_map: ChunkMap | None = None,
        groups: Sequence[int] | None = None,
    ) -> RowScores:
        """Label, probability, second choice, log density and distance of each row.

        With `groups` of components as in `gmmdesk.engine.density.score`.
        """
        return score(self.parameters, X, chunk_map, missing=self.missing, groups=groups)

    def simulate(self, n_rows: int, seed: int = 0) -> tuple[FloatArray, IntArray]:
        """Rows (n, d) drawn from the mixture, and the component of each, (n,); -1 for noise."""
        return simulate(self.parameters, n_rows, seed)

    def in_units(self, center: FloatArray, scale: FloatArray) -> FitResult:
        """The same for x = center + scale * z, where z (n, d) was fitted; both (d,).

        Log-likelihoods gain the Jacobian, so that criteria compare across scalings.
        """
        shift = log_jacobian(self.size, scale, self.cells)
        return replace(
            self,
            parameters=self.parameters.in_units(center, scale),
            log_likelihood=self.log_likelihood + shift,
            history=self.history + shift,
            starts=tuple(start.in_units(center, scale) for start in self.starts),
        )

    def reordered(self, order: Sequence[int] | IntArray) -> FitResult:
        """With component order[j] in place j; `order` is a permutation of 0..K-1."""
        places = list(order)
        return replace(
            self,
            parameters=self.parameters.reordered(order),
            mended=tuple(places.index(component) for component in self.mended),
            collapse=None
            if self.collapse is None
            else replace(self.collapse, component=places.index(self.collapse.component)),
        )

    def with_rows(self, rows: IntArray) -> FitResult:
        """The same where row i is rows[i], wherever it names rows."""
        collapse = self.collapse
        if collapse is not None:
            collapse = replace(collapse, rows=rows[collapse.rows])
        guarded = None if self.guarded is None else rows[self.guarded]
        return replace(self, collapse=collapse, guarded=guarded)


def log_jacobian(size: float, scale: FloatArray, cells: FloatArray | None = None) -> float:
    """What scaling so many rows by `scale` (d,) adds to their log-likelihood, nats.

    Where cells are missing, there are so many `cells` (d,) in each column.
    """
    logs = np.log(np.abs(scale))
    return -size * float(logs.sum()) if cells is None else -float(cells @ logs)
