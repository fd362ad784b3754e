"""What a fit yields while it runs and returns when it ends: frozen values only."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.density import RowScores, log_density, responsibilities, score
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.source import Source
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

    `log_likelihood` is the total over the rows, in nats, of `parameters`; `gain` what the
    iteration added per row (nan for the first). While starts are tried on a sample of
    `n_sampled` of the `n_rows` rows, `log_likelihood` is an estimate from it.
    """

    restart: int
    n_restarts: int
    iteration: int
    log_likelihood: float
    gain: float
    parameters: Parameters
    n_rows: int
    n_sampled: int

    def in_units(self, center: FloatArray, scale: FloatArray) -> FitProgress:
        """The same for x = center + scale * z, where z (n, d) was fitted; both (d,)."""
        return replace(
            self,
            log_likelihood=self.log_likelihood + log_jacobian(self.n_rows, scale),
            parameters=self.parameters.in_units(center, scale),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Collapse:
    """A component (0-based) that shrank onto `rows` (indices of X, ascending) or lost them all."""

    component: int
    rows: IntArray

    @property
    def sentence(self) -> str:
        """Which component and which rows, both counted from 1."""
        if not len(self.rows):
            return f"Component {self.component + 1} lost all its rows."
        return f"Component {self.component + 1} collapsed{self._onto}."

    @property
    def mended(self) -> str:
        """The same for a component that was kept from it: a clause."""
        return f"component {self.component + 1} was kept from collapsing{self._onto}"

    @property
    def _onto(self) -> str:
        n = len(self.rows)
        if n == 0:
            return ""
        return f" onto {n:,} {'row' if n == 1 else 'rows'} ({row_numbers(self.rows)})"


@dataclass(frozen=True, slots=True, eq=False)
class FitResult:
    """A fitted mixture of K components in d columns.

    `log_likelihood` is the total over the `n_rows` rows in nats, `log_certainty` is
    sum_i ln max_k r_ik. `history[0]` is the log-likelihood after the first M-step, `history[-1]`
    the final one. A fit that was stopped among its starts knows `n_sampled` of the rows only, and
    its log-likelihood is an estimate. `regularization` is the share of the pooled variances that
    was added as asked for. `mended` are the components (0-based) that collapsed from every start
    and were kept from it by a floor under their covariances; `collapse` is the first of them, or
    the component whose collapse ended the fit.
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
    regularization: float = 0.0
    mended: tuple[int, ...] = ()
    collapse: Collapse | None = None

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
    def n_components(self) -> int:
        return len(self.parameters.weights)

    @property
    def n_iterations(self) -> int:
        return len(self.history)

    @property
    def converged(self) -> bool:
        return self.ending is StopReason.CONVERGED

    @property
    def stop_reason(self) -> str:
        """Why the fit ended; after a collapse also which component collapsed, and on which rows."""
        if self.collapse is None:
            return str(self.ending)
        if self.ending is StopReason.COLLAPSED:
            return f"{self.ending}: {self.collapse.sentence}"
        return f"{self.ending}: {self.collapse.mended}{self._others}"

    @property
    def _others(self) -> str:
        """The other mended components than the one that is told with its rows."""
        n = len(self.mended) - 1
        return f", and {n} other component{'s' * (n > 1)} too" if n > 0 else ""

    @property
    def message(self) -> str:
        """What the user should know about how the fit went; empty when all went well."""
        sentences = []
        if self.collapse is not None and self.ending is StopReason.COLLAPSED:
            sentences.append(self.collapse.sentence)
        elif self.collapse is not None:
            clause = f"{self.collapse.mended}{self._others}"
            sentences.append(
                f"{clause[0].upper()}{clause[1:]}: from every start it shrank there. Its size in "
                "the model is a lower limit, not an estimate."
            )
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
        return -2.0 * self.log_likelihood + self.n_parameters * math.log(self.n_rows)

    @property
    def icl(self) -> float:
        """bic - 2 sum_i ln max_k r_ik; lower is better (Biernacki, Celeux and Govaert, 2000)."""
        return self.bic - 2.0 * self.log_certainty

    @property
    def aic(self) -> float:
        """-2 log_likelihood + 2 n_parameters; lower is better (Akaike, 1974)."""
        return -2.0 * self.log_likelihood + 2.0 * self.n_parameters

    def responsibilities(self, X: Source | npt.ArrayLike) -> FloatArray:
        """Probability of each component for each row of X (n, d): (n, K)."""
        return responsibilities(self.parameters, X)

    def labels(self, X: Source | npt.ArrayLike) -> npt.NDArray[np.int32]:
        """The likeliest component of each row, (n,)."""
        return self.score(X).label

    def log_density(self, X: Source | npt.ArrayLike) -> FloatArray:
        """Log density of the mixture at each row, (n,), nats."""
        return log_density(self.parameters, X)

    def score(self, X: Source | npt.ArrayLike, chunk_map: ChunkMap | None = None) -> RowScores:
        """Label, probability, second choice, log density and distance of each row."""
        return score(self.parameters, X, chunk_map)

    def in_units(self, center: FloatArray, scale: FloatArray) -> FitResult:
        """The same for x = center + scale * z, where z (n, d) was fitted; both (d,).

        Log-likelihoods gain the Jacobian, so that criteria compare across scalings.
        """
        shift = log_jacobian(self.n_rows, scale)
        return replace(
            self,
            parameters=self.parameters.in_units(center, scale),
            log_likelihood=self.log_likelihood + shift,
            history=self.history + shift,
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


def log_jacobian(n_rows: int, scale: FloatArray) -> float:
    """What scaling n rows by `scale` (d,) adds to their log-likelihood, nats."""
    return -n_rows * float(np.log(np.abs(scale)).sum())
