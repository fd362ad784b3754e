"""What variational Bayes knows about the mixing weights: two kinds of posterior, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import scipy  # its modules load where they are used: that takes as long as many fits

from gmmdesk.engine.arrays import FloatArray


class WeightPosterior(Protocol):
    """The posterior of K mixing weights."""

    @classmethod
    def updated(cls, concentration: float, sizes: FloatArray) -> Self:
        """From the prior's `concentration` and the expected `sizes` (K,)."""

    @property
    def concentration(self) -> FloatArray:
        """Its parameters: (K,) of a Dirichlet distribution, (2, K) of a stick's pieces."""

    @property
    def means(self) -> FloatArray:
        """Expected weights (K,), which add to 1."""

    @property
    def expected_logarithms(self) -> FloatArray:
        """E[ln pi_k], (K,), nats."""

    @property
    def log_normalizer(self) -> float:
        """The logarithm of what makes its density integrate to 1, nats."""


@dataclass(frozen=True, slots=True, eq=False)
class Dirichlet:
    """pi ~ Dir(alpha), with alpha (K,) (Bishop, 2006, section 10.2)."""

    alpha: FloatArray

    @classmethod
    def updated(cls, concentration: float, sizes: FloatArray) -> Self:
        """Equation 10.58."""
        return cls(concentration + sizes)

    @property
    def concentration(self) -> FloatArray:
        return self.alpha

    @property
    def means(self) -> FloatArray:
        """Equation B.17."""
        return np.asarray(self.alpha / self.alpha.sum())

    @property
    def expected_logarithms(self) -> FloatArray:
        """Equation 10.66."""
        return np.asarray(
            scipy.special.digamma(self.alpha) - scipy.special.digamma(self.alpha.sum())
        )

    @property
    def log_normalizer(self) -> float:
        """Equation B.23."""
        return float(
            scipy.special.gammaln(self.alpha.sum()) - scipy.special.gammaln(self.alpha).sum()
        )


@dataclass(frozen=True, slots=True, eq=False)
class StickBreaking:
    """A Dirichlet process cut off after K pieces of a stick: pi_k = v_k prod_(l<k) (1 - v_l).

    v_k ~ Beta(taken_k, left_k), both (K,), the share of what is left that piece k takes (Blei and
    Jordan, 2006, section 3.2). As in scikit-learn the last share is not set to 1.
    """

    taken: FloatArray
    left: FloatArray

    @classmethod
    def updated(cls, concentration: float, sizes: FloatArray) -> Self:
        """Equations 18 and 19."""
        after = np.append(np.cumsum(sizes[:0:-1])[::-1], 0.0)
        return cls(1.0 + sizes, concentration + after)

    @property
    def concentration(self) -> FloatArray:
        return np.stack([self.taken, self.left])

    @property
    def means(self) -> FloatArray:
        total = self.taken + self.left
        pieces = self.taken / total
        pieces[1:] *= np.cumprod((self.left / total)[:-1])
        return np.asarray(pieces / pieces.sum())

    @property
    def expected_logarithms(self) -> FloatArray:
        """E[ln v_k] + sum_(l<k) E[ln(1 - v_l)] (below equation 22)."""
        total = scipy.special.digamma(self.taken + self.left)
        logarithms = scipy.special.digamma(self.taken) - total
        logarithms[1:] += np.cumsum((scipy.special.digamma(self.left) - total)[:-1])
        return np.asarray(logarithms)

    @property
    def log_normalizer(self) -> float:
        return -float(scipy.special.betaln(self.taken, self.left).sum())


WEIGHTS: dict[str, type[Dirichlet] | type[StickBreaking]] = {
    "dirichlet_process": StickBreaking,
    "dirichlet_distribution": Dirichlet,
}
